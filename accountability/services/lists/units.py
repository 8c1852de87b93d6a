"""二级单位清单: the lists a unit writes and its secretary confirms; its tasks become duties (二（一）, 三（三）2)."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accountability import access
from accountability import document_workflow as flow
from accountability.locking import lock_and_read
from accountability.models import (
    ActKind,
    Duty,
    Organisation,
    Person,
    UnitItem,
    UnitList,
    WorkYear,
)
from accountability.models.history import save_as
from accountability.services.duties import assign
from accountability.services.lists.common import locked, open_year
from accountability.services.records import countable_duties, file_proof, may_file

UNIT_ACTS = {
    UnitItem.Kind.RESPONSIBILITY: "responsibility-list",
    UnitItem.Kind.TASK: "task-list",
    UnitItem.Kind.RULE: "rule-list",
}


def unit_list_of(organisation: Organisation, year: int) -> UnitList | None:
    return UnitList.objects.filter(organisation=organisation, work_year=year).first()


@transaction.atomic
def write_unit_list(
    organisation: Organisation, year: int, *, by: Person, entries: dict[str, list[tuple[str, str, date | None]]]
) -> UnitList:
    """填写单位清单: per list (text, who, day) in order, of a rule (name, number, day in force); before it is confirmed."""
    if not may_file(by, organisation):
        raise PermissionDenied("清单由本单位联络员或党组织书记填写。")
    work_year = open_year(year)
    for _, __, day in entries.get(UnitItem.Kind.TASK, ()):
        if day and not date(year, 1, 1) <= day <= date(year + 1, 3, 31):
            raise ValidationError({"task": f"日期 {day} 不在 {year} 工作年度内，任务须在 {year + 1}-03-31 前完成。"})
    row = _list_to_write(organisation, work_year, by=by)
    owed = {}  # a task of a list that was opened again keeps the duty it became
    for old in row.items.select_related("duty"):
        if old.duty and old.duty.state != Duty.State.WAIVED:
            owed[old.text] = old.duty
        old._history_user, old._change_reason = by, "修改清单"
        old.delete()
    for kind, lines in entries.items():
        for rank, (text, words, due_on) in enumerate(lines, 1):
            said = {"number": words} if kind == UnitItem.Kind.RULE else {"owner_words": words}
            duty = owed.pop(text, None) if kind == UnitItem.Kind.TASK else None
            item = UnitItem(unit_list=row, kind=kind, rank=rank, text=text, due_on=due_on, duty=duty, **said)
            item.full_clean()
            save_as(item, by=by, reason="修改清单")
    return row


@transaction.atomic
def confirm_unit_list(row: UnitList, *, by: Person) -> UnitList:
    """确认 by the unit's secretary: counts for the three lists the unit owes; tasks with a day become duties."""
    row = lock_and_read(UnitList.objects.select_related("organisation__parent"), row.pk)
    if not access.may(by, "confirm_record", row.organisation):
        raise PermissionDenied("清单由本单位党组织书记确认。")
    if row.is_confirmed:
        raise ValidationError(f"清单已由{row.confirmed_by}确认。")
    open_year(row.work_year_id)
    items = list(row.items.all())
    missing = [label for kind, label in UnitItem.Kind.choices if not any(item.kind == kind for item in items)]
    if missing:
        raise ValidationError(f"{'、'.join(missing)}还是空的，三张清单都填好后再确认。")
    row.state, row.confirmed_by, row.confirmed_at = UnitList.State.CONFIRMED, by, timezone.now()
    save_as(row, by=by, reason="确认清单")
    for kind, code in UNIT_ACTS.items():
        _prove_unit_list(row, code, [item for item in items if item.kind == kind], by=by)
    tasks = [item for item in items if item.kind == UnitItem.Kind.TASK]
    _drop_tasks(row, {item.duty_id for item in tasks if item.due_on}, by=by)
    for item in tasks:
        if item.duty_id and item.due_on:
            _move_task(item, by=by)
    _assign_tasks(row, [item for item in tasks if item.due_on and item.duty_id is None], by=by)
    return row


def _list_to_write(organisation: Organisation, work_year: WorkYear, *, by: Person) -> UnitList:
    """The unit's list, locked; made by whoever writes the first line."""
    row = unit_list_of(organisation, work_year.pk)
    if row is None:
        row = UnitList(organisation=organisation, work_year=work_year)
        try:
            with transaction.atomic():
                save_as(row, by=by, reason="建立清单")
        except IntegrityError as error:  # the same list begun by somebody else this very moment
            raise ValidationError("本单位清单刚刚已由他人建立，请刷新后在其上修改。") from error
        return row
    row = locked(row)
    if row.is_confirmed:
        raise ValidationError("清单已确认，不能再改；确需修改请由书记重新打开。")
    save_as(row, by=by, reason="修改清单")
    return row


def _prove_unit_list(row: UnitList, code: str, items: list[UnitItem], *, by: Person) -> None:
    act = ActKind.objects.get(code=code)
    if countable_duties(row.organisation, act, row.work_year_id):
        file_proof(
            by=by,
            organisation=row.organisation,
            act=act,
            work_year=row.work_year_id,
            title=f"{row.organisation.full_name}{row.work_year_id}年度{act.name}",
            content="\n".join(f"{item.rank}. {item.text}" for item in items),
        )


def _drop_tasks(row: UnitList, kept: set[int | None], *, by: Person) -> None:
    """Tasks taken off a list that was opened again are no longer owed."""
    ever = UnitItem.history.filter(unit_list_id=row.pk, duty_id__isnull=False).values("duty_id")
    for duty in Duty.objects.select_for_update().open().filter(pk__in=ever).exclude(pk__in=kept - {None}):
        _refuse_late(duty)
        duty.state = Duty.State.WAIVED
        save_as(duty, by=by, reason="不再要求：任务已从任务清单中删去")


def _move_task(item: UnitItem, *, by: Person) -> None:
    duty = Duty.objects.select_for_update().get(pk=item.duty_id)
    if duty.is_open and duty.due_on != item.due_on:
        _refuse_late(duty)
        duty.due_on = item.due_on
        save_as(duty, by=by, reason="调整到期日：任务清单修改了完成日期")


def _refuse_late(duty: Duty) -> None:
    """A unit cannot write itself out of what is late already."""
    if duty.due_on < timezone.localdate():
        raise ValidationError(f"任务“{duty.title}”已经逾期，不能从清单中删去或改期，请党委办公室在台账中办理。")


def _assign_tasks(row: UnitList, items: list[UnitItem], *, by: Person) -> None:
    """有日期的任务 become duties: the secretary answers, the list says who does it."""
    head = flow.head_of(row.organisation)
    for item in items if head else ():
        item.duty = assign(
            title=item.text[:120],
            organisation=row.organisation,
            owner=head,
            work_year=row.work_year_id,
            due_on=item.due_on,
            by=by,
            requirement=f"任务清单；责任人：{item.owner_words}" if item.owner_words else "任务清单",
        )
        save_as(item, by=by, reason="任务列入台账")


@transaction.atomic
def reopen_unit_list(row: UnitList, *, by: Person, reason: str) -> UnitList:
    """重新打开 with a reason; refused once the 责任书 that holds the lists is signed."""
    row = lock_and_read(UnitList.objects.select_related("organisation"), row.pk)
    if not access.may(by, "confirm_record", row.organisation):
        raise PermissionDenied("清单由本单位党组织书记重新打开。")
    if not row.is_confirmed:
        raise ValidationError("清单尚未确认，可以直接修改。")
    if letter_is_signed(row):
        raise ValidationError("责任书已经签署，清单随之冻结；确需修改请先修订责任书。")
    reason = reason.strip()
    if len(reason) < 4:
        raise ValidationError({"reason": "请写明重新打开的原因，至少 4 个字。"})
    row.state, row.confirmed_by, row.confirmed_at = UnitList.State.DRAFT, None, None
    save_as(row, by=by, reason=f"重新打开：{reason}")
    return row


def letter_is_signed(row: UnitList) -> bool:
    letters = row.organisation.documents.filter(work_year=row.work_year_id, kind__signing="leader,head")
    return letters.filter(state="signed").exists()


def three_lists(organisation: Organisation, year: int) -> dict[str, list[UnitItem]]:
    """三张清单的条目, for the 责任书; empty lists when the unit has none."""
    found: dict[str, list[UnitItem]] = {kind: [] for kind in UnitItem.Kind.values}
    items = UnitItem.objects.filter(unit_list__organisation=organisation, unit_list__work_year=year)
    for item in items.select_related("unit_list", "duty"):
        found[item.kind].append(item)
    return found
