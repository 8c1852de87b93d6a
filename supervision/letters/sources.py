"""文书的由来: what a duty, a finding, an obligation or an overdue matter says in the first matter of a letter (三（二）1, 三（二）2).

What is written here is a proposal on a form: the commission changes it as it likes; the link to the thing is kept.
"""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import QuerySet
from django.http import Http404

from accountability.filters import number_in, whole_number
from accountability.ledger import LedgerFilter
from accountability.models import Duty, Obligation, Organisation, Person
from inspections.models import Finding
from supervision.models import Letter, LetterMatter
from supervision.services.letters import recipients

DUTIES_AT_MOST = 5


@dataclass
class Source:
    """由来: to whom, in what words, with which first matters."""

    recipient: Organisation | None = None
    subject: str = ""
    matters: list[dict] = field(default_factory=list)
    words: str = ""
    escalates: LetterMatter | None = None


def unit_above(organisation: Organisation) -> Organisation | None:
    """收文单位 of a branch is its unit; the school and the commission receive no letter."""
    unit = organisation if organisation.is_unit else organisation.parent
    return recipients().filter(pk=unit.pk).first() if unit else None


def read(params, user: Person, on: date) -> Source:
    """The address of a new letter; things one may not see are not found."""
    if "escalates" in params:
        return _of_matter(_seen(LetterMatter.objects.filter(letter__in=Letter.objects.visible_to(user).values("pk"))
                                .select_related("letter", "duty__organisation"), params["escalates"]))  # fmt: skip
    if "duty" in params:
        duties = Duty.objects.visible_to(user).select_related("organisation__parent", "obligation", "clause")
        return _of_duties([_seen(duties, params["duty"])], on)
    if "finding" in params:
        return _of_finding(_seen(Finding.objects.visible_to(user).select_related("round", "organisation__parent"),
                                 params["finding"]), on)  # fmt: skip
    if "organisation" in params:
        seen = Organisation.objects.visible_to(user).select_related("parent")
        return _of_organisation(_seen(seen, params["organisation"]), params, user, on)
    return Source()


def _seen(rows: QuerySet, key: str):
    found = rows.filter(pk=whole_number(key)).first()
    if found is None:
        raise Http404
    return found


def _of_duties(duties: list[Duty], on: date) -> Source:
    first = duties[0]
    if first.is_confidential:
        raise Http404
    matters = [_matter_of_duty(duty, on) for duty in duties[:DUTIES_AT_MOST]]
    name = first.organisation.full_name
    state = "逾期未完成" if first.is_open and first.due_on < on else "落实情况"
    subject = f"{name}“{first.obligation.short_title if first.obligation else first.title[:40]}”{state}"
    words = f"来自责任事项 {'、'.join(duty.number for duty in duties[:DUTIES_AT_MOST])}"
    return Source(unit_above(first.organisation), subject[:80], matters, words)


def _matter_of_duty(duty: Duty, on: date) -> dict:
    when = f"应于{duty.due_on}前完成"
    if duty.is_open and duty.due_on < on:
        state = f"{when}，截至{on}逾期 {(on - duty.due_on).days} 天，台账中没有计入的履责记录"
    elif duty.is_open:
        state = f"{when}，截至{on}尚未完成"
    else:
        state = f"{when}，台账状态为「{duty.get_state_display()}」"
    return {
        "text": f"{duty.organisation.full_name}“{duty.title}”（责任事项 {duty.number}）{state}。",
        "basis": _basis(duty.clause),
        "asked": "说明未按期完成的原因和责任人，限期补办，并提出防止再次逾期的措施。",
        "source_duty": duty,
        "source_obligation": duty.obligation,
    }


def _basis(clause) -> str:
    return f"“四责协同”实施办法{clause.number}：{clause.summary}"[:300] if clause else ""


def _of_finding(finding: Finding, on: date) -> Source:
    late = finding.due_on is not None and finding.due_on < on
    due = f"整改期限 {finding.due_on}，" if finding.due_on else ""
    state = f"截至{on}逾期 {(on - finding.due_on).days} 天未销号" if late else f"目前「{finding.get_state_display()}」"
    matter = {
        "text": f"{finding.round.name}反馈问题 {finding.number}“{finding.text}”，{due}{state}。"[:2000],
        "basis": "",
        "asked": "说明整改进展和未完成的原因，明确责任人和完成时限，提交佐证材料。",
        "source_finding": finding,
    }
    subject = f"{finding.organisation.name}巡察问题 {finding.number} 整改{'逾期' if late else ''}"
    return Source(unit_above(finding.organisation), subject[:80], [matter], f"来自巡察问题 {finding.number}")


def _of_organisation(organisation: Organisation, params, user: Person, on: date) -> Source:
    """A cell of the dashboard is an organisation, an obligation and a year: what is late in it, else what is open."""
    obligation = Obligation.objects.filter(pk=number_in(params, "obligation")).select_related("clause").first()
    if obligation is None:
        return Source(unit_above(organisation))
    chosen = LedgerFilter.read(
        {"organisation": organisation.pk, "obligation": obligation.pk, "year": params.get("year")}
    )
    rows = chosen.rows(Duty.objects.visible_to(user).open(), on=on).order_by("due_on", "pk")
    duties = list(rows.select_related("organisation__parent", "obligation", "clause"))
    late = [duty for duty in duties if duty.due_on < on]
    if late or duties:
        return _of_duties(late or duties[:1], on)
    matter = {
        "text": f"{organisation.full_name}“{obligation.title}”落实情况。",
        "basis": _basis(obligation.clause),
        "asked": "说明落实情况，提出改进措施。",
        "source_obligation": obligation,
    }
    subject = f"{organisation.full_name}“{obligation.short_title}”落实情况"
    return Source(unit_above(organisation), subject[:80], [matter], f"来自责任要求「{obligation.title}」")


def _of_matter(matter: LetterMatter) -> Source:
    letter = matter.letter
    if matter.duty is None or letter.is_confidential:
        raise Http404
    first = {
        "text": f"{letter.number}《{letter.title}》第{matter.rank}项应于{matter.duty.due_on}前答复，至今未答复。"
        f"原要求：{matter.asked}"[:2000],
        "basis": f"{letter.number}"[:300],
        "asked": "立即答复原文书所列事项，说明逾期原因和责任人。",
        "source_duty": matter.duty,
    }
    subject = f"{letter.number}逾期未答复"
    return Source(matter.unit, subject, [first], f"提级督办 {letter.number}第{matter.rank}项", matter)
