"""年度考核: open, count, review, publish, propose, approve; the assessment's row is the lock of every step (四（四）)."""

import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from hashlib import sha256

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone

from accountability.locking import lock_and_read
from accountability.models import ActKind, Clause, Notice, Organisation, Person, Post, Role, Subject, Tenure, WorkYear
from accountability.models.history import create_with_history, save_as, update_with_history
from accountability.own_pages import Occasion, OwnPage, recorded_elsewhere, with_query
from accountability.services.duties import assign, ways_of
from accountability.services.notices import notify
from accountability.services.records import counting_rule, file_proof, open_work_year
from accountability.services.workdays import after_workdays
from inspections.services.places import heads_of
from supervision.assessment.access import prepares
from supervision.assessment.indicators import INDICATORS, Facts
from supervision.assessment.rules import score
from supervision.assessment.workflow import TRANSITIONS
from supervision.models import AssessedKind, Assessment, AssessmentSheet, Objection, Scheme, ScoreLine
from supervision.services.schemes import commission, secretaries

ACT, SELF_ACT, CLAUSE = "assessment", "self-assessment", "4.4"
A = Assessment.State
ORGANISERS = "年度考核由纪委组织。"


def _sheet_address(occasion: Occasion) -> str:
    sheet = AssessmentSheet.objects.filter(duty=occasion.duty).first() if occasion.duty else None
    return reverse("assessment_sheet", args=[sheet.pk]) if sheet else reverse("assessments")


def _sheet_told_by(record) -> str:
    sheet = AssessmentSheet.objects.filter(duty__evidence__record=record).first()
    return reverse("assessment_sheet", args=[sheet.pk]) if sheet else ""


recorded_elsewhere(SELF_ACT, OwnPage("看考核表", _sheet_address, _sheet_told_by))
recorded_elsewhere(
    ACT, OwnPage("看年度考核", lambda occasion: with_query("assessments", year=occasion.year), lambda record: "")
)


@ways_of
def ways_to_assess_oneself(duty) -> list[str]:
    return [SELF_ACT] if AssessmentSheet.objects.filter(duty=duty).exists() else []


@counting_rule
def refusal_of_other_acts(record, duty) -> str:
    """A duty to assess oneself is done by the sheet."""
    if record.act.code == SELF_ACT or not AssessmentSheet.objects.filter(duty=duty).exists():
        return ""
    return "这项责任以填报考核表的方式完成。"


# ── 启动 ─────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def open_assessment(scheme: Scheme, *, by: Person, self_due_on: date) -> Assessment:
    """启动: a sheet and a duty for each who is assessed, and the first scores; the scheme changes no more."""
    if not prepares(by):
        raise PermissionDenied(ORGANISERS)
    scheme = Scheme.objects.select_for_update(of=("self",)).get(pk=scheme.pk)
    if scheme.state != Scheme.State.APPROVED:
        raise ValidationError(f"方案当前是「{scheme.get_state_display()}」，党委书记审定后才能启动考核。")
    today = timezone.localdate()
    if not today < self_due_on <= date(scheme.work_year_id + 1, 12, 31):
        raise ValidationError({"self_due_on": f"自评期限须晚于今天，不晚于 {scheme.work_year_id + 1} 年底。"})
    year = open_work_year(scheme.work_year_id)
    assessment = Assessment(
        scheme=scheme,
        self_due_on=self_due_on,
        opened_by=by,
        opened_at=timezone.now(),
        counted_on=today,
        counted_at=timezone.now(),
        counted_by=by,
        inputs_sha256="0" * 64,
    )
    assessment.full_clean()
    scheme.state = Scheme.State.IN_USE
    save_as(scheme, by=by, reason="方案启用")
    save_as(assessment, by=by, reason=f"启动考核，自评期限 {self_due_on}")
    sheets = _sheets_of(assessment, today)
    create_with_history(sheets, by=by, reason="列入考核")
    items = list(scheme.items.filter(is_dropped=False))
    lines = [
        ScoreLine(sheet=sheet, item=item, is_restricted=_is_restricted(item)) for sheet in sheets for item in items
    ]
    create_with_history(lines, by=by, reason="列入考核")
    _ask_all(sheets, year, self_due_on, by=by)
    return _count(assessment, by=by, on=today, reason="启动时计分")


def _is_restricted(item) -> bool:
    return bool(item.rule) and INDICATORS[item.rule["indicator"]].is_restricted


def _sheets_of(assessment: Assessment, on: date) -> list[AssessmentSheet]:
    """考核对象 of the day: every unit at work, or every holder of a leader's post."""
    if assessment.scheme.kind == AssessedKind.UNIT:
        units = Organisation.objects.active().units().order_by("rank", "pk")
        return [
            AssessmentSheet(assessment=assessment, organisation=unit, name=unit.party_name, rank=rank)
            for rank, unit in enumerate(units, 1)
        ]
    tenures = Tenure.objects.in_office(on).filter(post__role__in=(Role.SECRETARY, Role.MEMBER))
    tenures = tenures.select_related("post__organisation", "person").order_by("-post__role", "post__rank", "started_on")
    holders = {tenure.post_id: tenure for tenure in tenures}  # of two holders at once the later one
    return [
        AssessmentSheet(
            assessment=assessment,
            post=tenure.post,
            person=tenure.person,
            name=f"{tenure.post.full_title} {tenure.person.name}",
            rank=rank,
        )
        for rank, tenure in enumerate(holders.values(), 1)
    ]


def _ask_all(sheets: list[AssessmentSheet], year: WorkYear, due_on: date, *, by: Person) -> None:
    """自评 owed as a duty, with a notice to who drafts it."""
    heads = heads_of([sheet.organisation_id for sheet in sheets if sheet.organisation_id])
    clause = Clause.objects.filter(regulation=year.regulation_id, key=CLAUSE).first()
    school = Organisation.objects.get(kind=Organisation.Kind.SCHOOL)
    people = people_of(sheets)
    for sheet in sheets:
        owner: Post | None = sheet.post or heads.get(sheet.organisation_id)
        if owner is None:
            continue  # a unit without any post: nobody could be asked, and the sheet shows as unsaid
        sheet.duty = assign(
            title=f"{year.year} 年度考核自评",
            organisation=sheet.organisation or school,
            owner=owner,
            bearer_post=sheet.post,
            subject=_subject_of(sheet.post),
            work_year=year.year,
            due_on=due_on,
            by=by,
            clause=clause,
            requirement="逐项自评，写明情况和自评分；单位由党组织书记确认。",
        )
        notify(
            people[sheet.pk],
            kind=Notice.Kind.SUPERVISION,
            title=f"{sheet.assessment}启动，{due_on} 前完成自评",
            body=sheet.assessment.scheme.title,
            url=reverse("assessment_sheet", args=[sheet.pk]),
        )
    update_with_history(sheets, ["duty"], by=by, reason="自评列入责任台账")


def people_of(sheets: Iterable[AssessmentSheet]) -> dict[int, list[Person]]:
    """被考核的人, by sheet: the leader himself; the unit's secretary and liaison of today, who alone see its sheet."""
    sheets = list(sheets)
    held = Tenure.objects.in_office(timezone.localdate()).filter(
        post__organisation__in=[sheet.organisation_id for sheet in sheets if sheet.organisation_id],
        post__role__in=(Role.UNIT_SECRETARY, Role.LIAISON),
        person__is_active=True,
    )
    of_unit: dict[int, list[Person]] = {}
    for tenure in held.select_related("post", "person").order_by("post__rank", "pk"):
        of_unit.setdefault(tenure.post.organisation_id, []).append(tenure.person)
    return {sheet.pk: [sheet.person] if sheet.person_id else of_unit.get(sheet.organisation_id, []) for sheet in sheets}


def _subject_of(post: Post | None) -> str:
    if post is None:
        return ""
    return Subject.SECRETARY if post.role == Role.SECRETARY else Subject.MEMBER


# ── 计分 ─────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def recount(assessment: Assessment, *, by: Person, on: date | None = None) -> Assessment:
    """重新计分, on request and while it is open; own and human scores stay as they are."""
    if not prepares(by):
        raise PermissionDenied(ORGANISERS)
    assessment = locked(assessment)
    if assessment.state not in (A.OPEN, A.REVIEW):
        raise ValidationError(f"考核当前是「{assessment.get_state_display()}」，系统得分不再变动。")
    if ScoreLine.objects.filter(sheet__assessment=assessment, human_points__isnull=False).exists():
        raise ValidationError("评议已经开始，系统得分不再变动；评议分与系统得分不同的，在评议说明中写明。")
    return _count(assessment, by=by, on=on or timezone.localdate(), reason="重新计分")


def scored(assessment: Assessment, lines: Iterable[ScoreLine], *, on: date) -> tuple[dict, str]:
    """系统得分 of every line, and the hash of all they were counted from. Writes nothing; the same data give the same."""
    lines = list(lines)
    kind, year = assessment.scheme.kind, assessment.scheme.work_year_id
    keys = {line.sheet_id: line.sheet.organisation_id or line.sheet.post_id for line in lines}
    facts = Facts(kind, keys.values(), year=year, on=on)
    found = {
        line.pk: score(
            line.item.points,
            line.item.rule,
            lambda name, chosen, key=keys[line.sheet_id]: facts.rows(key, name, chosen),
        )
        for line in lines
    }
    told = [
        [
            keys[line.sheet_id],
            line.item_id,
            line.item.rule,
            str(line.item.points),
            [row.kept() for row in found[line.pk].rows],
        ]
        for line in sorted(lines, key=lambda one: (keys[one.sheet_id], one.item_id))
    ]
    return found, sha256(_canonical({"kind": kind, "year": year, "on": f"{on}", "lines": told})).hexdigest()


def _canonical(data) -> bytes:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str).encode()


def _count(assessment: Assessment, *, by: Person, on: date, reason: str) -> Assessment:
    lines = list(ScoreLine.objects.filter(sheet__assessment=assessment).select_related("item", "sheet"))
    found, inputs = scored(assessment, lines, on=on)
    totals: dict[int, Decimal] = {}
    for line in lines:
        result = found[line.pk]
        line.system_points, line.system_words = result.points, result.words[:500]
        line.rows, line.veto_grade = [row.kept() for row in result.rows], result.grade
        totals[line.sheet_id] = totals.get(line.sheet_id, Decimal(0)) + (result.points or 0)
    fields = ["system_points", "system_words", "rows", "veto_grade"]
    update_with_history(lines, fields, by=by, reason=reason)
    sheets = list(assessment.sheets.all())
    for sheet in sheets:
        sheet.system_total = totals.get(sheet.pk, Decimal(0))
    update_with_history(sheets, ["system_total"], by=by, reason=reason)
    assessment.counted_on, assessment.counted_at, assessment.counted_by = on, timezone.now(), by
    assessment.inputs_sha256 = inputs
    save_as(assessment, by=by, reason=f"{reason}，数据截至 {on}，依据校验值 {inputs[:12]}")
    return assessment


# ── 评议、公示、审定 ─────────────────────────────────────────────────────────────────────────


def locked(assessment: Assessment) -> Assessment:
    rows = Assessment.objects.select_related("scheme__work_year")
    return lock_and_read(rows, assessment.pk)


@transaction.atomic
def perform(
    assessment: Assessment, name: str, *, by: Person, reason: str = "", objections_until: date | None = None
) -> Assessment:
    """办理. Raises ValidationError or PermissionDenied in Chinese and writes nothing then."""
    transition = TRANSITIONS[name]
    assessment = locked(assessment)
    reason = transition.checked(assessment, by=by, reason=reason)
    if name == "publish":
        _publish(assessment, objections_until, by=by)
    elif name == "propose":
        _propose(assessment, by=by)
    elif name == "approve":
        _approve(assessment, by=by)
    elif name == "send_back":
        assessment.returned_reason = reason[:500]
        assessment.proposed_by = assessment.proposed_on = None
    assessment.state = transition.target
    if name == "approve":
        assessment.sha256 = fingerprint(assessment)
    assessment.full_clean(exclude=("scheme",))
    save_as(assessment, by=by, reason=f"{transition.label}：{reason}" if reason else transition.label)
    if name == "approve":
        _record(assessment, by=by)
    _tell(assessment, name, by=by)
    return assessment


def lacking_for_publication(assessment: Assessment) -> int:
    """未评议的项目: every item of every sheet is scored by people before anything is told."""
    return scoring_lines(assessment).filter(human_points=None).count()


def scoring_lines(assessment: Assessment):
    """逐项得分 but vetoes, which have no points."""
    return ScoreLine.objects.filter(sheet__assessment=assessment, item__points__gt=0)


def _publish(assessment: Assessment, until: date | None, *, by: Person) -> None:
    if missing := lacking_for_publication(assessment):
        known = scoring_lines(assessment).filter(human_points=None, is_restricted=True).count()
        more = f"其中 {known} 项限定范围，由纪委中被授权知悉「问责处理」的同志评议。" if known else ""
        raise ValidationError(f"还有 {missing} 项没有评议分，全部评议之后才能公示。{more}")
    today = timezone.localdate()
    until = until or after_workdays(today, assessment.scheme.objection_days)
    if not today < until <= date(today.year + 1, 12, 31):
        raise ValidationError({"objections_until": f"异议截止日须晚于今天，不晚于 {today.year + 1} 年底。"})
    lines = list(scoring_lines(assessment))
    for line in lines:
        line.final_points = line.human_points
    update_with_history(lines, ["final_points"], by=by, reason="公示")
    sheets = list(assessment.sheets.annotate(sum=Sum("lines__human_points")))
    for sheet in sheets:
        sheet.human_total = sheet.final_total = sheet.sum or Decimal(0)
    update_with_history(sheets, ["human_total", "final_total"], by=by, reason="公示")
    assessment.published_at, assessment.objections_until = timezone.now(), until


def _propose(assessment: Assessment, *, by: Person) -> None:
    if (today := timezone.localdate()) <= assessment.objections_until:
        raise ValidationError(f"公示到 {assessment.objections_until} 为止，期满之后才能提请审定。")
    if waiting := Objection.objects.open().filter(line__sheet__assessment=assessment).count():
        raise ValidationError(f"还有 {waiting} 件异议没有答复，答复之后才能提请审定。")
    assessment.proposed_by, assessment.proposed_on, assessment.returned_reason = by, today, ""


def _approve(assessment: Assessment, *, by: Person) -> None:
    """等次 by thresholds and vetoes; nobody's own grade by himself: the secretary's is the higher committee's to give."""
    sheets = list(assessment.sheets.prefetch_related("lines"))
    for sheet in sheets:
        sheet.grade, sheet.is_vetoed = grade_of(assessment.scheme, sheet)
        sheet.graded_by = by
        if sheet.person_id == by.pk:
            sheet.grade, sheet.graded_by = "", None
    fields = ["grade", "is_vetoed", "graded_by"]
    update_with_history(sheets, fields, by=by, reason="审定等次")
    assessment.approved_by, assessment.approved_on = by, timezone.localdate()


def grade_of(scheme: Scheme, sheet: AssessmentSheet) -> tuple[str, bool]:
    """等次, and whether a veto lowered it. ``sheet.lines`` come prefetched."""
    names = [grade["name"] for grade in scheme.grades]
    reached = scheme.grade_of(sheet.final_total or Decimal(0))
    capped = [names.index(line.veto_grade) for line in sheet.lines.all() if line.veto_grade in names]
    worst = max([names.index(reached), *capped]) if reached in names else max(capped, default=0)
    return names[worst], names[worst] != reached


def fingerprint(assessment: Assessment) -> str:
    """结果校验值: over every score of every sheet as it stands now, so that a later change of any shows."""
    sheets = assessment.sheets.order_by("pk").values_list(
        "pk", "name", "system_total", "self_total", "human_total", "final_total", "grade", "is_vetoed"
    )
    lines = ScoreLine.objects.filter(sheet__assessment=assessment).order_by("pk").values_list(
        "pk", "item__title", "item__points", "system_points", "system_words", "rows", "self_points", "self_words",
        "human_points", "human_words", "final_points", "veto_grade",
    )  # fmt: skip
    told = {
        "scheme": assessment.scheme_id,
        "counted_on": f"{assessment.counted_on}",
        "inputs": assessment.inputs_sha256,
        "sheets": [[_plain(value) for value in row] for row in sheets],
        "lines": [[_plain(value) for value in row] for row in lines],
    }
    return sha256(_canonical(told)).hexdigest()


def _plain(value):
    return f"{value:.2f}" if isinstance(value, Decimal) else value


def _record(assessment: Assessment, *, by: Person) -> None:
    """四（四）'s own duty is done once the year's last assessment is approved."""
    year = assessment.scheme.work_year
    running = Assessment.objects.of_year(year.year).exclude(state=A.FROZEN)
    if running.exists() or year.is_closed:
        return
    results = Assessment.objects.of_year(year.year).count()
    file_proof(
        by=by,
        organisation=Organisation.objects.get(kind=Organisation.Kind.SCHOOL),
        act=ActKind.objects.get(code=ACT),
        work_year=year.year,
        title=f"{year.year} 年度四责协同落实情况考核结果审定",
        content=f"考核结果已审定并冻结，共 {results} 类对象，见年度考核。",
    )


def _tell(assessment: Assessment, name: str, *, by: Person) -> None:
    url = reverse("assessment", args=[assessment.pk])
    kinds = Notice.Kind
    if name == "propose":
        notify(secretaries(), kind=kinds.TO_CONFIRM, title=f"考核结果待审定：{assessment}", url=url)
    elif name == "send_back":
        people = [one for one in commission() if one != by]
        notify(
            people, kind=kinds.RETURNED, title=f"考核结果退回：{assessment}", body=assessment.returned_reason, url=url
        )
    elif name in ("publish", "approve"):
        words = f"公示，{assessment.objections_until} 前可提出异议" if name == "publish" else "结果已审定"
        sheets = list(assessment.sheets.select_related("person"))
        people = people_of(sheets)
        for sheet in sheets:
            notify(
                people[sheet.pk],
                kind=kinds.SUPERVISION,
                title=f"{assessment}{words}",
                url=reverse("assessment_sheet", args=[sheet.pk]),
            )
