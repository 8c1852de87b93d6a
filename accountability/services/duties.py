"""责任事项: move its day, waive it; who may, and why it was done, stay on record."""

from collections.abc import Callable
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accountability import access
from accountability.models import Clause, Duty, Organisation, Person, Post, Subject, WorkYear
from accountability.models.history import save_as

REASON_AT_LEAST = 4
SUBJECT_OF = {Organisation.Kind.SCHOOL: Subject.COMMITTEE, Organisation.Kind.COMMISSION: Subject.DISCIPLINE}


# Upper apps tell this one by registering: by which acts a duty of their own making is done.
_ways: list[Callable[[Duty], list[str]]] = []


def ways_of(find: Callable[[Duty], list[str]]):
    """以何种方式完成: register a function that names the acts of an ad hoc duty; an empty list when it is not its own."""
    _ways.append(find)
    return find


def own_ways(duty: Duty) -> list[str]:
    """Codes of the acts by which an ad hoc duty may be recorded as done."""
    return next((codes for find in _ways if (codes := find(duty))), [])


def last_serial(year: int) -> int:
    """The highest number given out this year, ad hoc duties included; as a number, since 10000 sorts before 9999."""
    numbers = Duty.objects.filter(number__startswith=f"{year}-").values_list("number", flat=True)
    return max((int(number.partition("-")[2]) for number in numbers), default=0)


@transaction.atomic
def assign(
    *,
    title: str,
    organisation: Organisation,
    owner: Post,
    work_year: int,
    due_on: date,
    by: Person,
    bearer_post: Post | None = None,
    subject: str = "",
    clause: Clause | None = None,
    requirement: str = "",
    is_confidential: bool = False,
) -> Duty:
    """交办: a duty of its own, owed by no obligation, such as an answer or a milestone (一（二）).

    The row of the year is the lock under which numbers are given.
    """
    year = WorkYear.objects.select_for_update().get(pk=work_year)
    if year.is_closed:
        raise ValidationError(f"{work_year} 工作年度已封存，不能再交办事项。")
    duty = Duty(
        number=f"{work_year}-{last_serial(work_year) + 1:04d}",
        title=title,
        subject=subject or SUBJECT_OF.get(organisation.kind, Subject.UNIT),
        clause=clause,
        work_year=year,
        organisation=organisation,
        bearer_post=bearer_post,
        owner=owner,
        supervisor=Organisation.objects.get(kind=Organisation.Kind.COMMISSION),
        requirement=requirement,
        scheduled_on=due_on,
        due_on=due_on,
        is_confidential=is_confidential,
    )
    duty.full_clean(exclude=("scheduled_on",))
    save_as(duty, by=by, reason="交办")
    return duty


def _locked(duty: Duty, *, by: Person, reason: str) -> Duty:
    if not access.may_manage_duties(by):
        raise PermissionDenied("只有党委办公室可以调整责任事项。")
    if len(reason.strip()) < REASON_AT_LEAST:
        raise ValidationError({"reason": f"请写明原因，至少 {REASON_AT_LEAST} 个字。"})
    duty = Duty.objects.select_for_update().select_related("work_year").get(pk=duty.pk)
    if duty.work_year.is_closed:
        raise ValidationError(f"{duty.work_year_id} 工作年度已封存，责任事项不能再调整。")
    if not duty.is_open:
        raise ValidationError(f"这项责任当前是「{duty.get_state_display()}」，不能调整。")
    return duty


@transaction.atomic
def move_due_day(duty: Duty, *, to: date, by: Person, reason: str) -> Duty:
    """调整到期日. ``scheduled_on`` stays, so that every move remains visible."""
    duty = _locked(duty, by=by, reason=reason)
    year = duty.work_year_id
    if not date(year, 1, 1) <= to <= date(year + 1, 12, 31):
        raise ValidationError({"due_on": f"到期日须在 {year}-01-01 至 {year + 1}-12-31 之间。"})
    if to == duty.due_on:
        raise ValidationError({"due_on": "新的到期日与原来相同。"})
    duty.due_on = to
    save_as(duty, by=by, reason=f"调整到期日：{reason.strip()}")
    return duty


@transaction.atomic
def waive(duty: Duty, *, by: Person, reason: str) -> Duty:
    """不再要求: the row stays, with who decided and why; it is no longer owed or counted."""
    duty = _locked(duty, by=by, reason=reason)
    duty.state = Duty.State.WAIVED
    save_as(duty, by=by, reason=f"不再要求：{reason.strip()}")
    return duty
