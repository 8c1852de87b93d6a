"""巡察工作规划: register a term, put units and key areas into its years, take one out with a reason (三（四）1)."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accountability.models import Organisation, Person
from accountability.models.history import save_as
from inspections.models import PlannedInspection, Term
from inspections.services.rounds import only_managers

YEARS_AT_MOST = 6
REASON_AT_LEAST = 4


@transaction.atomic
def plan_term(*, by: Person, name: str, starts_on: date, ends_on: date) -> Term:
    """登记届次. Terms follow one another: two at once would leave a unit inspected in neither."""
    only_managers(by)
    if ends_on.year - starts_on.year > YEARS_AT_MOST:
        raise ValidationError({"ends_on": f"一届一般为五年，最长不超过 {YEARS_AT_MOST} 年，请检查日期。"})
    if other := Term.objects.filter(starts_on__lte=ends_on, ends_on__gte=starts_on).first():
        raise ValidationError({"starts_on": f"与「{other.name}」（{other.starts_on} 至 {other.ends_on}）重叠。"})
    row = Term(name=name, starts_on=starts_on, ends_on=ends_on, created_by=by, created_at=timezone.now())
    row.full_clean()
    save_as(row, by=by, reason="登记届次")
    return row


@transaction.atomic
def plan_inspections(
    term: Term,
    *,
    by: Person,
    year: int,
    kind: str,
    organisations: Iterable[Organisation] = (),
    key_areas: Iterable[str] = (),
) -> list[PlannedInspection]:
    """列入规划: these units and key areas in one year of the term."""
    only_managers(by)
    term = Term.objects.select_for_update().get(pk=term.pk)
    if year not in term.years:
        raise ValidationError({"year": f"{year} 年不在这一届之内。"})
    places = [{"organisation": one} for one in organisations] + [{"key_area": area} for area in key_areas]
    if not places:
        raise ValidationError({"organisations": "请至少选择一个单位或重点领域。"})
    planned = []
    for place in places:
        row = PlannedInspection(term=term, year=year, kind=kind, planned_by=by, planned_at=timezone.now(), **place)
        if term.planned.standing().filter(year=year, **place).exists():
            raise ValidationError({"organisations": f"{row.subject}已列入 {year} 年的规划。"})
        row.full_clean()
        save_as(row, by=by, reason=f"列入{term.name} {year} 年规划")
        planned.append(row)
    return planned


@transaction.atomic
def withdraw_planned(row: PlannedInspection, *, by: Person, reason: str) -> PlannedInspection:
    """调出规划: the row stays with the day and the reason."""
    only_managers(by)
    row = PlannedInspection.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if row.withdrawn_on:
        raise ValidationError(f"{row.subject}已于 {row.withdrawn_on} 调出规划。")
    if len(reason.strip()) < REASON_AT_LEAST:
        raise ValidationError({"reason": f"请写明调出原因，至少 {REASON_AT_LEAST} 个字。"})
    row.withdrawn_on = timezone.localdate()
    save_as(row, by=by, reason=f"调出规划：{reason.strip()}"[:100])
    return row
