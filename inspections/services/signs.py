"""苗头性问题: enter, settle, take up again (三（四）3). A sign tells what was noticed, never whom or by whose report."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accountability.models import Notice, Organisation, Person, WorkYear
from accountability.models.history import save_as
from accountability.services.notices import notify, people_with
from accountability.services.records import open_work_year
from inspections.models import Sign, Visit
from inspections.models.topics import WRITTEN_AT_LEAST
from inspections.research_access import leads_research, units_to_note
from inspections.research_flow import SIGN_TRANSITIONS


@transaction.atomic
def enter_sign(
    *,
    by: Person,
    organisation: Organisation,
    source: str,
    category: str,
    noticed_on: date,
    text: str,
    work_year: int,
    visit: Visit | None = None,
) -> Sign:
    """录入苗头; the commission is told, the unit is not."""
    if not units_to_note(by).filter(pk=organisation.pk).exists():
        raise PermissionDenied("苗头由纪委、党办、校领导（分管联系单位）和监督合力部门录入，不录入本单位的。")
    errors = {}
    if noticed_on > timezone.localdate():
        errors["noticed_on"] = "发现日期不能晚于今天。"
    if len(text.strip()) < WRITTEN_AT_LEAST:
        errors["text"] = f"请写明苗头的表现，至少 {WRITTEN_AT_LEAST} 个字。"
    if source == Sign.Source.PETITION and not leads_research(by):
        errors["source"] = "信访举报由纪委归口，只由纪委录入类别。"
    if visit and not visit.units.filter(organisation=organisation).exists():
        errors["organisation"] = "这次调研没有走访该单位。"
    if errors:
        raise ValidationError(errors)
    sign = Sign(
        organisation=organisation,
        source=Sign.Source.VISIT if visit else source,
        category=category,
        noticed_on=noticed_on,
        text=text.strip(),
        visit=visit,
        work_year=_year(work_year),
        entered_by=by,
        entered_at=timezone.now(),
    )
    sign.full_clean()
    save_as(sign, by=by, reason="录入苗头性问题")
    _tell_commission(sign, by=by)
    return sign


def _year(work_year: int) -> WorkYear:
    return open_work_year(work_year)


def _tell_commission(sign: Sign, *, by: Person) -> None:
    school = Organisation.objects.get(kind=Organisation.Kind.SCHOOL)
    people = people_with("supervise", school)
    shown = Sign.objects.filter(pk=sign.pk)
    notify(
        [person for person in people if person != by and shown.visible_to(person).exists()],
        kind=Notice.Kind.RESEARCH,
        title=f"新录入苗头：{sign.organisation.name} · {sign.get_category_display()}",
        url=reverse("sign", args=[sign.pk]),
    )


@transaction.atomic
def perform(sign: Sign, name: str, *, by: Person, reason: str = "") -> Sign:
    """了结、重新跟踪."""
    transition = SIGN_TRANSITIONS[name]
    sign = Sign.objects.select_for_update(of=("self",)).get(pk=sign.pk)
    reason = transition.checked(sign, by=by, reason=reason)
    if name == "settle" and sign.topics.filter(is_current=True).exists():
        raise ValidationError("该苗头正在专题调研中，专题结题后再了结，或先移出专题。")
    sign.state = transition.target
    if name == "settle":
        sign.outcome, sign.settled_by, sign.settled_on = reason, by, timezone.localdate()
    else:
        sign.settled_by = sign.settled_on = None
    sign.full_clean()
    save_as(sign, by=by, reason=f"{transition.label}：{reason}")
    return sign
