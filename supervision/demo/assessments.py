"""年度考核和问责处理的演示: 2025 assessed, objected to and frozen; 2026 opened with self-assessments under way; two measures
recorded, one on an organisation, one on a leader (四（四）, 三（二）2)."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from accountability.models import Duty, Organisation, Person, Role, Tenure
from supervision.demo import files
from supervision.demo.accounts import OUR_COLLEGE
from supervision.demo.clock import moment, standing_at
from supervision.demo.people import commission_head, person_of
from supervision.models import (
    AccountabilityKind,
    AccountabilityMeasure,
    AssessedKind,
    Assessment,
    AssessmentSheet,
    Objection,
    Scheme,
)
from supervision.services import accountability_measures, assessments, objections, schemes, self_assessments
from supervision.services.self_assessments import Typed

PAST, PRESENT = 2025, 2026
DRAFTED_ON = {PAST: date(2025, 11, 24), PRESENT: date(2026, 11, 9)}
OPENED_ON = {PAST: date(2025, 12, 26), PRESENT: date(2026, 11, 16)}
SELF_DUE = {PAST: date(2026, 1, 9), PRESENT: date(2026, 12, 25)}
REVIEWED_ON, OBJECTED_ON, ANSWERED_ON = date(2026, 1, 12), date(2026, 1, 15), date(2026, 1, 19)
PROPOSED_ON, APPROVED_ON = date(2026, 1, 22), date(2026, 1, 23)
# Who had not said a word when the year's self-assessment ended.
SILENT = ("图书馆党组织", "体育部党委")
OVERALL = (
    "全年按责任清单推进，重点抓了经费报销和设备采购两个环节；支部层面传导还不够均衡，明年把支部书记述责纳入月度例会。",
    "制度责任总体按期完成，专题会议议题结合巡察反馈问题；个别事项办理偏晚，已明确专人按月提醒。",
    "廉政风险点逐项自查，整改措施基本落实；举一反三不够，下一步把修订制度和培训结合起来。",
)
QUALITY = {  # 评议分 of the item people score, by chance of the unit's number
    0: (Decimal(9), "部署具体，整改有回访。"),
    1: (Decimal(7), "检查较多，问责运用偏少。"),
    2: (Decimal(4), "举一反三和建章立制还不够，支部传导偏弱。"),
}


def lay_past() -> None:
    """2025, lived while its year was open."""
    _open(PAST)
    with standing_at(moment(date(2026, 1, 8), 15)):
        for sheet in _sheets(PAST):
            if sheet.name not in SILENT:
                _assess(sheet)
    with standing_at(moment(REVIEWED_ON, 10)):
        for assessment in _of_year(PAST):
            _review(assessments.perform(assessment, "review", by=_officer()))
            assessments.perform(assessment, "publish", by=_officer(), objections_until=date(2026, 1, 20))
    with standing_at(moment(OBJECTED_ON, 11)):
        _object()
    with standing_at(moment(ANSWERED_ON, 9, 30)):
        objections.answer(
            _objection(),
            by=commission_head(),
            words="核对纪要和签到，会议如期召开，评议分予以调整。",
            points=Decimal(9),
        )
    with standing_at(moment(PROPOSED_ON, 9)):
        for assessment in _of_year(PAST):
            assessments.perform(assessment, "propose", by=_officer())
    with standing_at(moment(APPROVED_ON, 16)):
        for assessment in _of_year(PAST):
            assessments.perform(assessment, "approve", by=person_of("secretary"))


def lay(until: date) -> None:
    """Everything of 2026 whose day has come by ``until``."""
    scenes: list[tuple[date, Callable[[], object]]] = [
        (date(2026, 11, 12), _admonition),
        (date(2026, 11, 19), _circular),
    ]
    for day, scene in scenes:
        if day <= until:
            with standing_at(moment(day, 14, 20)):
                scene()
    if OPENED_ON[PRESENT] <= until:
        _open(PRESENT)
        _write_selves(until)


def _write_selves(until: date) -> None:
    """Half of them within the first week, the others until the last day; the silent never. Ours waits for its secretary."""
    sheets = [sheet for sheet in _sheets(PRESENT) if sheet.name not in SILENT]
    for position, sheet in enumerate(sheets):
        day = _day_of(position, len(sheets))
        ours = sheet.organisation is not None and sheet.organisation.name == OUR_COLLEGE
        if ours and until < SELF_DUE[PRESENT]:
            with standing_at(moment(min(until, date(2026, 11, 19)), 16)):
                _assess(sheet, by=person_of("liaison"), act="hand")
        elif day <= until:
            with standing_at(moment(day, 16)):
                _assess(sheet)


def _day_of(position: int, count: int) -> date:
    if position % 8 < 5:
        return OPENED_ON[PRESENT] + timedelta(days=2 + position % 3)
    rest = (SELF_DUE[PRESENT] - OPENED_ON[PRESENT]).days - 8
    return OPENED_ON[PRESENT] + timedelta(days=8 + position * rest // count)


# ── 方案、启动 ───────────────────────────────────────────────────────────────────────────────


def _open(year: int) -> None:
    last = {scheme.kind: scheme for scheme in Scheme.objects.filter(work_year=year - 1)}
    for kind in AssessedKind.values:
        with standing_at(moment(DRAFTED_ON[year], 9)):
            scheme = schemes.draft_scheme(by=_officer(), year=year, kind=kind, like=last.get(kind))
            schemes.perform(scheme, "propose", by=_officer())
        with standing_at(moment(DRAFTED_ON[year] + timedelta(days=1), 15)):
            scheme = schemes.perform(scheme, "approve", by=person_of("secretary"))
        with standing_at(moment(OPENED_ON[year], 9)):
            assessments.open_assessment(scheme, by=_officer(), self_due_on=SELF_DUE[year])


# ── 自评、评议、异议 ─────────────────────────────────────────────────────────────────────────


def _assess(sheet: AssessmentSheet, *, by: Person | None = None, act: str = "confirm") -> None:
    person = by or _answering(sheet)
    if person is None:
        return
    typed = {}
    for line in sheet.lines.select_related("item").filter(item__points__gt=0):
        if line.system_points is None:
            typed[line.pk] = Typed(line.item.points - 1, "有部署、有检查，整改还要再深一步。")
        else:
            words = "情况属实。" if line.system_points == line.item.points else "情况属实，已明确专人跟进。"
            typed[line.pk] = Typed(line.system_points, words)
    words = OVERALL[sheet.rank % len(OVERALL)]
    self_assessments.write_self(sheet, by=person, typed=typed, words=words, act=act)


def _answering(sheet: AssessmentSheet) -> Person | None:
    """The leader himself, or whoever is the unit's secretary that day; nobody where the post is vacant."""
    if sheet.person_id:
        return Person.objects.get(pk=sheet.person_id)
    held = Tenure.objects.in_office(timezone.localdate()).filter(post__organisation=sheet.organisation)
    tenure = held.filter(post__role=Role.UNIT_SECRETARY).select_related("person").first()
    return Person.objects.get(pk=tenure.person_id) if tenure else None


def _review(assessment: Assessment) -> None:
    officer, chief = _officer(), commission_head()
    for sheet in assessment.sheets.select_related("organisation", "person"):
        sheet.assessment = assessment
        by = chief if self_assessments.refusal_to_review(sheet, officer) else officer
        self_assessments.review(sheet, by=by, typed=_scores(sheet))


def _scores(sheet: AssessmentSheet) -> dict[int, Typed]:
    typed = {}
    for line in sheet.lines.select_related("item").filter(item__points__gt=0):
        points, words = line.system_points, ""
        if points is None:
            points, words = QUALITY[sheet.rank % 3]
            points += line.item.points - 10
        elif line.item.title == "专题会议" and sheet.organisation and sheet.organisation.name == OUR_COLLEGE:
            points, words = Decimal(8), "第二次专题会议的纪要内容偏于原则。"
        typed[line.pk] = Typed(points, words)
    return typed


def _object() -> None:
    line = AssessmentSheet.objects.get(assessment__scheme__work_year=PAST, organisation__name=OUR_COLLEGE).lines.get(
        item__title="专题会议"
    )
    paper = files.pdf(
        "第二次专题会议纪要.pdf", files.page("专题会议纪要", date(2025, 12, 5), "研究巡察整改和报销审核。")
    )
    words = "第二次专题会议研究了三项具体议题，决议均已落实，请按纪要重新评议。"
    objections.raise_objection(line, by=person_of("unit_secretary"), words=words, files=[paper])


def _objection() -> Objection:
    return Objection.objects.get(line__sheet__assessment__scheme__work_year=PAST)


# ── 问责处理 ─────────────────────────────────────────────────────────────────────────────────


def _circular() -> None:
    """The committee circulated the unit that never answered a requirement."""
    unit = Organisation.objects.get(name="工商管理学院")
    late = Duty.objects.of_year(PRESENT).late(date(2026, 11, 18)).filter(organisation=unit).order_by("due_on").first()
    _record(
        "circular-organisation",
        "江海委〔2026〕38号",
        organisation=unit,
        duty=late,
        reason="逾期未答复纪委提出的工作要求，经督促仍未落实。",
        requirements="一个月内补办，党委书记在中层干部会上作检查。",
        follow_up_on=date(2027, 1, 8),
    )


def _admonition() -> None:
    """A leader was admonished for a problem in his portfolio that he reported himself."""
    tenure = Tenure.objects.filter(post__title="分管后勤副校长", ended_on=None).select_related("person").get()
    _record(
        "admonition",
        "江海纪〔2026〕12号",
        person=tenure.person,
        liability=AccountabilityMeasure.Liability.IMPORTANT,
        reason="分管部门物资采购验收把关不严，负有重要领导责任，本人主动报告。",
        disclosure=AccountabilityMeasure.Disclosure.REPORTED,
        requirements="民主生活会上作检查，三个月内督促分管部门完成制度修订。",
    )


def _record(kind: str, number: str, **fields) -> None:
    decided_on = {"circular-organisation": date(2026, 11, 18), "admonition": date(2026, 11, 11)}[kind]
    paper = files.pdf("处理决定.pdf", files.page("处理决定", decided_on, fields["reason"]))
    accountability_measures.record_measure(
        by=commission_head(),
        kind=AccountabilityKind.objects.get(code=kind),
        decided_by_body="学校党委" if kind == "circular-organisation" else "学校纪委",
        decided_on=decided_on,
        document_number=number,
        files=[paper],
        **fields,
    )


# ── who ──────────────────────────────────────────────────────────────────────────────────────


def _officer() -> Person:
    return person_of("discipline")


def _of_year(year: int) -> Iterable[Assessment]:
    return list(Assessment.objects.of_year(year).select_related("scheme__work_year"))


def _sheets(year: int) -> list[AssessmentSheet]:
    rows = AssessmentSheet.objects.of_year(year).select_related("assessment__scheme__work_year", "organisation")
    return list(rows.order_by("rank", "assessment__scheme__kind"))
