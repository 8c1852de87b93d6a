"""到期提醒: who must hear of which duty today, and has not yet (一（二）, 四（一）).

The rule is "step reached and not yet sent", never "due in exactly 7 days": a missed day is caught up with
one reminder of the latest step, a second run adds none, a moved due day starts anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils import timezone

from accountability.models import Duty, Notice, Role

BATCH = 500  # reminders per transaction: what a crash can undo, and how long others wait


@dataclass(frozen=True)
class Forecast:
    """预演: what a sweep would write."""

    notices: int
    people: int


def sweep(on: date) -> int:
    """提醒: write every reminder reached on ``on`` and not yet written; returns how many are new."""
    made, after = 0, 0
    while duties := _waiting_duties(on, after):
        made += _remind_of(duties, on)
        after = duties[-1]
    return made


def forecast(on: date) -> Forecast:
    """What ``sweep`` would write now, without writing it."""
    recipients = [recipient for _, recipient, _ in _unsent(on)]
    return Forecast(len(recipients), len(set(recipients)))


def _waiting_duties(on: date, after: int) -> list[int]:
    """The next batch of duties somebody has not been told of."""
    rows = _unsent(on, Q(pk__gt=after)).order_by("pk")[:BATCH]
    return list(dict.fromkeys(duty for duty, _, _ in rows))


@transaction.atomic
def _remind_of(duty_ids: list[int], on: date) -> int:
    """Lock, look again, write: two sweeps at once wait here, and the second finds nothing left to say."""
    locked = Duty.objects.select_for_update(of=("self",)).select_related("organisation__parent", "clause")
    duties = {duty.pk: duty for duty in locked.filter(pk__in=duty_ids).order_by("pk")}
    now = timezone.now()
    rows = [
        _notice(duties[duty], recipient, step, on, now) for duty, recipient, step in _unsent(on, Q(pk__in=duty_ids))
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _unsent(on: date, among: Q | None = None) -> QuerySet:
    """(duty, recipient, step) still to be told: the people at the owner's post and the unit's liaisons, each once."""
    reached = _reached(on).filter(among or Q())
    owners = _told_to(reached, "owner__tenures", on)
    to_liaisons = Q(organisation__posts__role=Role.LIAISON)
    liaisons = _told_to(reached.ordinary(), "organisation__posts__tenures", on, to_liaisons)
    return owners.union(liaisons)  # UNION drops the second row of a person who stands on both sides


def _reached(on: date) -> QuerySet:
    """Open duties of open years with the latest step they have reached on ``on``."""
    steps = sorted(settings.REMINDER_STEPS)
    if not steps:
        return Duty.objects.none().annotate(step=Value(0))
    latest = Case(
        *(When(due_on__lte=on + timedelta(days=step), then=Value(step)) for step in steps),
        output_field=models.SmallIntegerField(),
    )
    duties = Duty.objects.open().filter(work_year__closed_on=None, due_on__lte=on + timedelta(days=steps[-1]))
    return duties.annotate(step=latest)


def _told_to(duties: QuerySet, tenures: str, on: date, posts: Q | None = None) -> QuerySet:
    in_office = Q(**{f"{tenures}__started_on__lte": on}) & (
        Q(**{f"{tenures}__ended_on": None}) | Q(**{f"{tenures}__ended_on__gte": on})
    )
    active = Q(**{f"{tenures}__person__is_active": True})
    # One filter() call: a second one would join the posts and tenures anew and ask about other rows.
    told = duties.filter((posts or Q()) & in_office & active).annotate(recipient=F(f"{tenures}__person"))
    already = Notice.objects.filter(
        kind=Notice.Kind.REMINDER,
        recipient=OuterRef("recipient"),
        duty=OuterRef("pk"),
        due_on=OuterRef("due_on"),
        step__lte=OuterRef("step"),
    )
    return told.filter(~Exists(already)).order_by().values_list("pk", "recipient", "step")


def _notice(duty: Duty, recipient: int, step: int, on: date, now) -> Notice:
    return Notice(
        recipient_id=recipient,
        kind=Notice.Kind.REMINDER,
        duty=duty,
        due_on=duty.due_on,
        step=step,
        title=f"{_how_long((duty.due_on - on).days)}：{duty.title}",
        body=" · ".join(_facts(duty)),
        url=reverse("duty", args=[duty.pk]),
        created_at=now,
    )


def _how_long(days: int) -> str:
    if days < 0:
        return "已逾期"
    return f"剩 {days} 天" if days else "今日到期"


def _facts(duty: Duty) -> Iterable[str]:
    yield duty.organisation.full_name
    yield f"到期日 {duty.due_on}"
    if duty.clause:
        yield f"条款 {duty.clause.number}"
