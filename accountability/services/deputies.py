"""离岗与代理: pause one's mail for some days with a reason; a deputy gets a copy of what he may see himself."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accountability import subjects
from accountability.models import Absence, Notice, Person
from accountability.models.history import save_as

LONGEST_DAYS = 92  # a longer absence is a matter of posts, not of mail
REASON_AT_LEAST = 2


@transaction.atomic
def pause(*, by: Person, from_on: date, until_on: date, reason: str, deputy: Person | None = None) -> Absence:
    """暂停提醒: one's own, from today on at the earliest, one at a time."""
    Person.objects.select_for_update().get(pk=by.pk)
    today = timezone.localdate()
    if from_on < today:
        raise ValidationError("开始日期不能早于今天。")
    if until_on < from_on:
        raise ValidationError("结束日期不能早于开始日期。")
    if (until_on - from_on).days >= LONGEST_DAYS:
        raise ValidationError(f"一次最多暂停 {LONGEST_DAYS} 天；更长的离岗请由党委办公室调整任职。")
    if len(reason.strip()) < REASON_AT_LEAST:
        raise ValidationError("请写明原因。")
    if deputy is not None and (deputy.pk == by.pk or not deputy.is_active):
        raise ValidationError("代理人须是另一位在职人员。")
    if other := Absence.objects.filter(person=by, ended_at=None, from_on__lte=until_on, until_on__gte=from_on).first():
        raise ValidationError(f"与已登记的暂停（{other.from_on} 至 {other.until_on}）重叠。")
    row = Absence(
        person=by, from_on=from_on, until_on=until_on, reason=reason.strip(), deputy=deputy, created_at=timezone.now()
    )
    save_as(row, by=by, reason="登记暂停提醒")
    return row


@transaction.atomic
def resume(absence: Absence, *, by: Person) -> None:
    """提前结束: what waited comes with the next digest."""
    absence = Absence.objects.select_for_update().get(pk=absence.pk)
    if absence.person_id != by.pk:
        raise ValidationError("只能结束自己的暂停。")
    if absence.ended_at is not None or absence.until_on < timezone.localdate():
        raise ValidationError("这次暂停已经结束。")
    absence.ended_at = timezone.now()
    save_as(absence, by=by, reason="提前结束暂停提醒")


# ── copies ────────────────────────────────────────────────────────────────────────────────────


def copy_notices(on: date) -> int:
    """抄送代理人: what the absent have been told since their absence began, once; returns how many copies are new."""
    made = 0
    for absence in Absence.objects.on(on).exclude(deputy=None).select_related("person", "deputy"):
        copied = Notice.objects.filter(copy_of=OuterRef("pk"), recipient=absence.deputy)
        since = timezone.make_aware(datetime.combine(absence.from_on, time.min))
        rows = Notice.objects.filter(recipient=absence.person, copy_of=None, created_at__gte=since)
        made += len(_copies(list(rows.filter(~Exists(copied)).order_by("pk")), absence))
    return made


def copy_at_once(notices: Iterable[Notice]) -> list[Notice]:
    """What was told at once is copied at once, to deputies who are so today."""
    by_person = defaultdict(list)
    for notice in notices:
        by_person[notice.recipient_id].append(notice)
    standing = Absence.objects.on(timezone.localdate()).filter(person__in=by_person).exclude(deputy=None)
    return [
        copy
        for absence in standing.select_related("person", "deputy")
        for copy in _copies(by_person[absence.person_id], absence)
    ]


def _copies(notices: list[Notice], absence: Absence) -> list[Notice]:
    """A copy of each the deputy may see himself; a reminder he has of his own is not doubled (notice_reminder_once)."""
    if not notices or not absence.deputy.is_active:
        return []
    visible = subjects.visible_among(absence.deputy, notices)
    copies = [_copy(notice, absence.deputy) for notice in notices if notice.pk in visible]
    Notice.objects.bulk_create(copies, ignore_conflicts=True)
    made = Notice.objects.filter(recipient=absence.deputy, copy_of__in=[copy.copy_of_id for copy in copies])
    return list(made)


def _copy(notice: Notice, deputy: Person) -> Notice:
    kept = ("kind", "duty_id", "due_on", "step", "rule_id", "capacity", "title", "body", "url", "at_once", "created_at")
    return Notice(recipient=deputy, copy_of=notice, **{name: getattr(notice, name) for name in kept})
