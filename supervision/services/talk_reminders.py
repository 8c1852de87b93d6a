"""谈话的提醒: to the one whose turn it is, and to nobody else; a talk is no duty (decision 20).

The steps are those of the rule for talks: one reached and not yet told. The row of the talk is the lock under which it is asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accountability.locking import lock_and_read
from accountability.models import Matter, Notice, Person
from supervision.models import FollowUp, Talk
from supervision.services.reminder_rules import step_of

CONFIRM_WITHIN = timedelta(days=7)
TITLE = "监督工作：有一项安排{when}"


@dataclass(frozen=True)
class Turn:
    """Whose turn it is, and until when."""

    person: Person
    due_on: date


def turns(talk: Talk) -> Iterator[Turn]:
    """待谈话 the talker's, 待确认 and the report the talked-to person's."""
    if talk.state == Talk.State.ORDERED:
        yield Turn(talk.talker, talk.due_on)
    if talk.state == Talk.State.HELD:
        yield Turn(talk.person, talk.held_on + CONFIRM_WITHIN)
    elif talk.is_held and talk.report is not None and talk.report.state in FollowUp.OWED:
        yield Turn(talk.person, talk.report.due_on)


def sweep(on: date) -> int:
    """提醒: every step reached on ``on`` and not yet told; returns how many are new."""
    open_ones = Talk.objects.filter(state__in=(Talk.State.ORDERED, Talk.State.HELD))
    owed = Talk.objects.held().filter(follow_up__state__in=FollowUp.OWED)
    return sum(_remind(pk, on) for pk in (open_ones | owed).distinct().values_list("pk", flat=True))


@transaction.atomic
def _remind(pk: int, on: date) -> int:
    rows = Talk.objects.select_related("talker", "person", "follow_up")
    talk = lock_and_read(rows, pk)
    return sum(_tell(talk, turn, on) for turn in turns(talk) if turn.person.is_active)


def _tell(talk: Talk, turn: Turn, on: date) -> int:
    left = (turn.due_on - on).days
    step = step_of(Matter.TALK, turn.due_on, on)
    url = reverse("talk", args=[talk.pk])
    told = Notice.objects.filter(recipient=turn.person, url=url, due_on=turn.due_on, step__isnull=False)
    if step is None or told.filter(step__lte=step.step).exists():
        return 0
    when = "已过期限" if left < 0 else (f"剩 {left} 天" if left else "今日到期")
    Notice.objects.create(
        recipient=turn.person,
        kind=Notice.Kind.SUPERVISION,
        due_on=turn.due_on,
        step=step.step,
        rule_id=step.rule_id,
        title=TITLE.format(when=when),
        url=url,
        created_at=timezone.now(),
    )
    return 1
