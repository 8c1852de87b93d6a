"""监督发现的问题: noted in one unit; told to it as a requirement with an answer by a day (三（二）2).

A problem becomes a sign (苗头) and the sign a requirement, so that there is one way in which units owe answers.
"""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accountability.locking import lock_and_read
from accountability.models import Organisation, Person, Record
from accountability.models.history import save_as
from inspections.models import Sign
from inspections.research_access import leads_research
from inspections.services.requirements import require
from inspections.services.signs import enter_sign
from supervision.models import CheckUnit, FoundProblem, Oversight, Source
from supervision.services import oversight as oversights
from supervision.services.checks import running

WORDS_AT_LEAST = 10
# 监督来源 as a sign names it.
SIGN_SOURCES = {
    Source.INSPECTION: Sign.Source.INSPECTION,
    Source.AUDIT: Sign.Source.AUDIT,
    Source.FINANCE: Sign.Source.FINANCE,
    Source.DEMOCRATIC: Sign.Source.DEMOCRATIC,
    Source.PUBLIC: Sign.Source.PUBLIC,
    Source.PRESS: Sign.Source.PRESS,
}


@transaction.atomic
def note_problem(
    origin: Oversight | CheckUnit, *, by: Person, category: str, text: str, organisation: Organisation | None = None
) -> FoundProblem:
    """列出问题 of a supervision already recorded, or of a check that runs."""
    row = FoundProblem(category=category, text=text.strip(), noted_by=by, noted_at=timezone.now())
    if isinstance(origin, Oversight):
        _of_oversight(row, origin, organisation, by=by)
    else:
        _of_check(row, origin, by=by)
    if len(row.text) < WORDS_AT_LEAST:
        raise ValidationError({"text": f"请写明问题，至少 {WORDS_AT_LEAST} 个字。"})
    row.full_clean()
    save_as(row, by=by, reason="列出发现的问题")
    return row


def _of_oversight(row: FoundProblem, origin: Oversight, organisation: Organisation | None, *, by: Person) -> None:
    origin = lock_and_read(Oversight.objects.select_related("record__organisation"), origin.pk)
    if not oversights.may_follow(by, origin):
        raise PermissionDenied(f"问题由{origin.record.organisation.name}列出。")
    if refusal := oversights.refusal_to_follow(origin, by):
        raise ValidationError(refusal)
    if organisation is None or not origin.units.filter(organisation=organisation).exists():
        raise ValidationError({"organisation": "请从被监督单位中选择。"})
    row.oversight, row.organisation, row.noted_on = origin, organisation, origin.record.happened_on


def _of_check(row: FoundProblem, unit: CheckUnit, *, by: Person) -> None:
    unit = running(unit, by=by)
    row.unit, row.organisation, row.noted_on = unit, unit.organisation, timezone.localdate()


def refusal_to_ask(row: FoundProblem, user: Person) -> str:
    """Why ``user`` cannot ask the unit for an answer now; empty when he can."""
    if row.requirement_id:
        return "已向单位提出要求。"
    if not leads_research(user):
        return "整改要求由纪委向单位提出。"
    if row.oversight and row.oversight.record.state != Record.State.ACCEPTED:
        return "这条监督记录还没有审核通过或已作废，不能据此提出要求。"
    return ""


@transaction.atomic
def ask(row: FoundProblem, *, by: Person, title: str, text: str, due_on: date) -> FoundProblem:
    """提出整改要求: a duty of the unit, answered with papers and accepted by the commission. Two at once have one winner."""
    row = FoundProblem.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if refusal := refusal_to_ask(row, by):
        if row.requirement_id:
            raise ValidationError(refusal)
        raise PermissionDenied(refusal)
    year = row.oversight.record.work_year_id if row.oversight else row.unit.special_check.work_year_id
    sign = enter_sign(
        by=by,
        organisation=row.organisation,
        source=SIGN_SOURCES.get(row.source_of_supervision, Sign.Source.DAILY),
        category=row.category,
        noticed_on=row.noted_on,
        text=row.text,
        work_year=year,
    )
    row.requirement = require(sign, by=by, units=[row.organisation], title=title, text=text, due_on=due_on)
    row.full_clean()
    save_as(row, by=by, reason=f"告知单位，{due_on} 前答复")
    return row
