"""考核异议: raised against one item while it is published, answered by somebody who did not score it (四（四）)."""

from collections.abc import Iterable
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone

from accountability.locking import lock_and_read
from accountability.models import ActKind, Clause, Notice, Organisation, Person, Post
from accountability.models.history import save_as
from accountability.own_pages import Occasion, OwnPage, recorded_elsewhere
from accountability.services import attachments
from accountability.services.duties import assign, ways_of
from accountability.services.notices import notify
from accountability.services.records import counting_rule, file_proof
from accountability.services.workdays import after_workdays
from inspections.services.places import heads_of
from supervision.assessment.access import approves, is_assessed_in, may_confirm, prepares, sees_restricted
from supervision.models import Assessment, AssessmentSheet, Objection, ScoreLine
from supervision.services.assessments import CLAUSE, locked, people_of
from supervision.services.schemes import commission

ACT = "objection-answer"
WORDS_AT_LEAST = 10
S = Objection.State


def _where_to_answer(occasion: Occasion) -> str:
    row = Objection.objects.filter(duty=occasion.duty).first() if occasion.duty else None
    return reverse("objection", args=[row.pk]) if row else reverse("objections")


def _answer_told_by(record) -> str:
    row = Objection.objects.filter(duty__evidence__record=record).first()
    return reverse("objection", args=[row.pk]) if row else ""


recorded_elsewhere(ACT, OwnPage("看考核异议", _where_to_answer, _answer_told_by))


@ways_of
def ways_to_answer(duty) -> list[str]:
    return [ACT] if Objection.objects.filter(duty=duty).exists() else []


@counting_rule
def refusal_of_other_acts(record, duty) -> str:
    if record.act.code == ACT or not Objection.objects.filter(duty=duty).exists():
        return ""
    return "这项责任以答复考核异议的方式完成。"


# ── 提出 ─────────────────────────────────────────────────────────────────────────────────────


def refusal_to_object(line: ScoreLine, user: Person) -> str:
    """Why ``user`` cannot object to this item now; empty when he can."""
    assessment = line.sheet.assessment
    if not may_confirm(user, line.sheet):
        return "异议由被考核的本人或本单位党组织书记提出。"
    if assessment.state != Assessment.State.PUBLISHED:
        return "公示期间才能提出异议。"
    if timezone.localdate() > assessment.objections_until:
        return f"提出异议的期限已于 {assessment.objections_until} 届满。"
    if line.human_points is None:
        return "这个项目没有得分，不能提出异议。"
    if line.objections.filter(state=S.ASKED).exists():
        return "这一项已有待答复的异议。"
    return ""


@transaction.atomic
def raise_objection(line: ScoreLine, *, by: Person, words: str, files: Iterable[UploadedFile] = ()) -> Objection:
    """提出异议: the commission owes an answer as a duty."""
    assessment = locked(line.sheet.assessment)
    rows = ScoreLine.objects.select_related("item", "sheet__organisation")
    line = lock_and_read(rows, line.pk)
    line.sheet.assessment = assessment
    if refusal := refusal_to_object(line, by):
        raise (ValidationError if may_confirm(by, line.sheet) else PermissionDenied)(refusal)
    if len(words.strip()) < WORDS_AT_LEAST:
        raise ValidationError({"words": f"请写明异议和理由，至少 {WORDS_AT_LEAST} 个字。"})
    objection = Objection(
        line=line,
        words=words.strip(),
        raised_by=by,
        raised_at=timezone.now(),
        reviewer_id=line.reviewed_by_id,
        points_before=line.final_points,
    )
    objection.full_clean(exclude=("duty",))
    examined = attachments.examine_all(files, by=by)
    objection.duty = _owed(objection, assessment, by=by)
    save_as(objection, by=by, reason="提出异议")
    attachments.keep_papers(objection, examined, by=by)
    people = [one for one in commission() if one.pk not in (by.pk, line.reviewed_by_id)]
    if line.is_restricted:
        people = [one for one in people if sees_restricted(one, line.sheet)]
    notify(
        people,
        kind=Notice.Kind.TO_CONFIRM,
        title=f"考核异议待答复：{line.sheet.name} · {line.item}",
        body=objection.words[:300],
        url=reverse("objection", args=[objection.pk]),
    )
    return objection


def _owed(objection: Objection, assessment: Assessment, *, by: Person):
    """答复 as a duty of the commission; what the objection says stays on its own page."""
    year = assessment.scheme.work_year
    owner: Post | None = None
    office = Organisation.objects.get(kind=Organisation.Kind.COMMISSION)
    if not year.is_closed:
        owner = heads_of([office.pk]).get(office.pk)
    if owner is None:
        return None
    return assign(
        title=f"答复考核异议：{objection.line.sheet.name}"[:120],
        organisation=office,
        owner=owner,
        work_year=year.year,
        due_on=after_workdays(timezone.localdate(), assessment.scheme.answer_days),
        by=by,
        clause=Clause.objects.filter(regulation=year.regulation_id, key=CLAUSE).first(),
        requirement="由评议人以外的同志答复，写明维持或调整的理由。",
    )


# ── 答复 ─────────────────────────────────────────────────────────────────────────────────────


def refusal_to_answer(objection: Objection, user: Person) -> str:
    """Why ``user`` cannot answer; empty when he can."""
    sheet = objection.line.sheet
    if objection.state != S.ASKED:
        return f"这件异议已{'维持原分' if objection.state == S.KEPT else '调整'}。"
    if not (prepares(user) or approves(user)):
        return "异议由纪委或党委书记答复。"
    if is_assessed_in(user, sheet) or user.pk == objection.raised_by_id:
        return "本人和本单位的异议由其他同志答复。"
    if user.pk == objection.reviewer_id:
        return "评议这一项的同志不能答复对它的异议，请纪委其他同志或党委书记答复。"
    return ""


@transaction.atomic
def answer(objection: Objection, *, by: Person, words: str, points: Decimal | None = None) -> Objection:
    """答复: kept, or adjusted to ``points``. Two at once have one winner."""
    locked(objection.line.sheet.assessment)
    rows = Objection.objects.select_related(
        "line__item", "line__sheet__assessment__scheme__work_year", "line__sheet__organisation", "duty__work_year"
    )
    objection = lock_and_read(rows, objection.pk)
    if refusal := refusal_to_answer(objection, by):
        raise (PermissionDenied if objection.state == S.ASKED else ValidationError)(refusal)
    _check_answer(objection, words, points)
    objection.state = S.KEPT if points is None else S.ADJUSTED
    objection.answer, objection.points_after = words.strip(), points
    objection.answered_by, objection.answered_at = by, timezone.now()
    objection.full_clean(exclude=("duty",))
    save_as(objection, by=by, reason=f"答复异议：{objection.get_state_display()}")
    if points is not None:
        _adjust(objection, by=by)
    _count_for_duty(objection, by=by)
    _tell_assessed(objection, by=by)
    return objection


def _check_answer(objection: Objection, words: str, points: Decimal | None) -> None:
    errors = {}
    if len(words.strip()) < WORDS_AT_LEAST:
        errors["words"] = f"请写明答复和理由，至少 {WORDS_AT_LEAST} 个字。"
    most = objection.line.item.points
    if points is not None and not 0 <= points <= most:
        errors["points"] = f"须在 0 至 {most.normalize():f} 分之间。"
    elif points == objection.points_before:
        errors["points"] = "与原得分相同；不调整的请选「维持原分」。"
    if errors:
        raise ValidationError(errors)


def _adjust(objection: Objection, *, by: Person) -> None:
    """Only the final score changes: the system's and the reviewer's stay as they were given."""
    line = objection.line
    line.final_points = objection.points_after
    save_as(line, by=by, reason="异议成立，调整得分")
    sheet = AssessmentSheet.objects.select_for_update(of=("self",)).get(pk=line.sheet_id)
    sheet.final_total = sheet.lines.aggregate(sum=Sum("final_points"))["sum"] or Decimal(0)
    save_as(sheet, by=by, reason=f"异议成立，「{line.item}」调整为 {objection.points_after} 分")


def _count_for_duty(objection: Objection, *, by: Person) -> None:
    duty = objection.duty
    if duty is None or not duty.is_open or duty.work_year.is_closed:
        return
    file_proof(
        by=by,
        organisation=Organisation.objects.get(kind=Organisation.Kind.COMMISSION),
        act=ActKind.objects.get(code=ACT),
        work_year=duty.work_year_id,
        title=duty.title,
        content="已书面答复，见考核异议。",
        duties=[duty],
    )


def _tell_assessed(objection: Objection, *, by: Person) -> None:
    sheet = objection.line.sheet
    people = [objection.raised_by, *people_of([sheet])[sheet.pk]]
    if objection.line.is_restricted:
        people = [person for person in people if sees_restricted(person, sheet)]
    notify(
        [person for person in people if person != by],
        kind=Notice.Kind.SUPERVISION,
        title=f"考核异议已答复（{objection.get_state_display()}）：{objection.line.item}",
        body=objection.answer[:300],
        url=reverse("objection", args=[objection.pk]),
    )
