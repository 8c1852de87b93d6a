"""自评与评议: the assessed scores himself, the commission scores beside; each saving counts a turn (四（四）)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone

from accountability.locking import lock_and_read
from accountability.models import ActKind, Notice, Organisation, Person
from accountability.models.history import save_as, update_with_history
from accountability.services.notices import notify, people_with
from accountability.services.records import file_proof
from supervision.assessment.access import is_assessed_in, may_confirm, may_draft, prepares, sees_restricted
from supervision.models import Assessment, AssessmentSheet, ScoreLine
from supervision.services.assessments import SELF_ACT, locked

WORDS_AT_LEAST = 2
OVERALL_AT_LEAST = 20
S = AssessmentSheet.SelfState
STALE = "这张考核表刚刚已由他人保存，您的内容没有写入；请复制后刷新页面再填。"


@dataclass(frozen=True)
class Typed:
    """一项 as it was typed; ``points`` None is not yet given."""

    points: Decimal | None
    words: str = ""


def _locked(sheet: AssessmentSheet, turn: int | None, *, by: Person) -> tuple[AssessmentSheet, list[ScoreLine]]:
    """With the items ``by`` may score: a restricted one is left to who may know what it counts."""
    assessment = locked(sheet.assessment)
    rows = AssessmentSheet.objects.select_related("organisation", "post", "person")
    sheet = lock_and_read(rows, sheet.pk)
    sheet.assessment = assessment
    if turn is not None and turn != sheet.turn:
        raise ValidationError(STALE)
    lines = sheet.lines.filter(item__points__gt=0).select_related("item").order_by("item__rank", "pk")
    return sheet, list(lines if sees_restricted(by, sheet) else lines.filter(is_restricted=False))


def _check(lines: list[ScoreLine], typed: Mapping[int, Typed]) -> dict[str, str]:
    errors = {}
    for line in lines:
        value = typed.get(line.pk)
        if value and value.points is not None and not 0 <= value.points <= line.item.points:
            errors[f"points_{line.pk}"] = f"须在 0 至 {line.item.points.normalize():f} 分之间。"
    return errors


# ── 自评 ─────────────────────────────────────────────────────────────────────────────────────


def refusal_to_draft(sheet: AssessmentSheet, user: Person) -> str:
    """Why ``user`` cannot write the self-assessment now; empty when he can."""
    if sheet.assessment.state != Assessment.State.OPEN:
        return f"考核当前是「{sheet.assessment.get_state_display()}」，不再自评。"
    if sheet.self_state == S.CONFIRMED:
        return "自评已经确认。"
    if not may_draft(user, sheet):
        return "自评由本人填写。" if sheet.person_id else "自评由本单位联络员起草、党组织书记确认。"
    if sheet.self_state == S.HANDED and not may_confirm(user, sheet):
        return "自评已送本单位党组织书记确认。"
    return ""


@transaction.atomic
def write_self(
    sheet: AssessmentSheet,
    *,
    by: Person,
    typed: Mapping[int, Typed],
    words: str,
    act: str = "save",
    turn: int | None = None,
) -> AssessmentSheet:
    """保存、提交 or 确认 of the self-assessment. A liaison hands in, his secretary confirms; a leader confirms his own."""
    sheet, lines = _locked(sheet, turn, by=by)
    if refusal := refusal_to_draft(sheet, by):
        raise (ValidationError if may_draft(by, sheet) else PermissionDenied)(refusal)
    if act == "confirm" and not may_confirm(by, sheet):
        raise PermissionDenied("自评由本单位党组织书记确认。")
    errors = _check(lines, typed)
    for line in lines:
        value = typed.get(line.pk, Typed(line.self_points, line.self_words))
        line.self_points, line.self_words = value.points, value.words.strip()[:500]
    if act in ("hand", "confirm"):
        errors |= _lacking_of_self(lines, words)
    if errors:
        raise ValidationError(errors)
    update_with_history(lines, ["self_points", "self_words"], by=by, reason="自评")
    sheet.self_words, sheet.turn, sheet.drafted_by, sheet.returned_reason = words.strip(), sheet.turn + 1, by, ""
    sheet.self_total = sheet.lines.aggregate(sum=Sum("self_points"))["sum"]
    sheet.self_state = {"hand": S.HANDED, "confirm": S.CONFIRMED}.get(act, S.DRAFT)
    if act == "confirm":
        sheet.confirmed_by, sheet.confirmed_at = by, timezone.now()
    sheet.full_clean(validate_unique=False)
    save_as(sheet, by=by, reason={"hand": "自评送书记确认", "confirm": "确认自评"}.get(act, "保存自评"))
    if act == "confirm":
        _count_for_duty(sheet, by=by)
    elif act == "hand":
        _ask_secretary(sheet, by=by)
    return sheet


def _lacking_of_self(lines: list[ScoreLine], words: str) -> dict[str, str]:
    errors = {}
    for line in lines:
        if line.self_points is None:
            errors[f"points_{line.pk}"] = "请填写自评分。"
        elif line.self_points != line.system_points and len(line.self_words) < WORDS_AT_LEAST:
            errors[f"words_{line.pk}"] = "与系统得分不同或由人工评分的项目，请写明情况。"
    if len(words.strip()) < OVERALL_AT_LEAST:
        errors["words"] = f"请写明总体情况，至少 {OVERALL_AT_LEAST} 个字。"
    return errors


def _count_for_duty(sheet: AssessmentSheet, *, by: Person) -> None:
    """The duty is done; the record says that it was done, never with what score."""
    if sheet.duty is None or not sheet.duty.is_open or sheet.duty.work_year.is_closed:
        return
    file_proof(
        by=by,
        organisation=sheet.organisation or Organisation.objects.get(kind=Organisation.Kind.SCHOOL),
        post=sheet.post,
        act=ActKind.objects.get(code=SELF_ACT),
        work_year=sheet.duty.work_year_id,
        title=f"{sheet.duty.work_year_id} 年度考核自评",
        content="已逐项自评，见考核表。",
        duties=[sheet.duty],
    )


def _ask_secretary(sheet: AssessmentSheet, *, by: Person) -> None:
    notify(
        [person for person in people_with("confirm_record", sheet.organisation) if person != by],
        kind=Notice.Kind.TO_CONFIRM,
        title=f"考核自评待确认：{sheet.name}",
        url=reverse("assessment_sheet", args=[sheet.pk]),
    )


@transaction.atomic
def send_back(sheet: AssessmentSheet, *, by: Person, reason: str) -> AssessmentSheet:
    """退回修改: the unit's secretary, to his liaison."""
    sheet, _ = _locked(sheet, None, by=by)
    if not may_confirm(by, sheet):
        raise PermissionDenied("自评由本单位党组织书记退回。")
    if sheet.self_state != S.HANDED:
        raise ValidationError(f"自评当前是「{sheet.get_self_state_display()}」，不能退回。")
    if len(reason.strip()) < 4:
        raise ValidationError({"reason": "请写明退回的原因，至少 4 个字。"})
    sheet.self_state, sheet.returned_reason = S.DRAFT, reason.strip()
    save_as(sheet, by=by, reason=f"自评退回修改：{reason.strip()}")
    notify(
        [sheet.drafted_by],
        kind=Notice.Kind.RETURNED,
        title=f"考核自评退回修改：{sheet.name}",
        body=sheet.returned_reason,
        url=reverse("assessment_sheet", args=[sheet.pk]),
    )
    return sheet


# ── 评议 ─────────────────────────────────────────────────────────────────────────────────────


def refusal_to_review(sheet: AssessmentSheet, user: Person) -> str:
    """Why ``user`` cannot score this sheet now; empty when he can."""
    if not prepares(user):
        return "评议由纪委进行。"
    if is_assessed_in(user, sheet):
        return "本人和本单位的考核表由纪委其他同志评议。"
    if sheet.assessment.state != Assessment.State.REVIEW:
        return f"考核当前是「{sheet.assessment.get_state_display()}」，{'转入评议后再评分' if sheet.assessment.state == 'open' else '不再评议'}。"
    return ""


@transaction.atomic
def review(
    sheet: AssessmentSheet, *, by: Person, typed: Mapping[int, Typed], turn: int | None = None
) -> AssessmentSheet:
    """评议: a human score beside the system's; where the two differ, in words. Neither overwrites the other."""
    sheet, lines = _locked(sheet, turn, by=by)
    if refusal := refusal_to_review(sheet, by):
        if prepares(by) and not is_assessed_in(by, sheet):
            raise ValidationError(refusal)
        raise PermissionDenied(refusal)
    errors = _check(lines, typed)
    changed = []
    for line in lines:
        value = typed.get(line.pk)
        if value is None or (value.points, value.words.strip()) == (line.human_points, line.human_words):
            continue
        if value.points is None:
            line.human_points = line.reviewed_by = line.reviewed_at = None
            line.human_words = value.words.strip()[:500]
        else:
            line.human_points, line.human_words = value.points, value.words.strip()[:500]
            line.reviewed_by, line.reviewed_at = by, timezone.now()
            if lacking := _lacking_of_review(line):
                errors[f"words_{line.pk}"] = lacking
        changed.append(line)
    if errors:
        raise ValidationError(errors)
    fields = ["human_points", "human_words", "reviewed_by", "reviewed_at"]
    update_with_history(changed, fields, by=by, reason="评议")
    sheet.human_total, sheet.turn = sheet.lines.aggregate(sum=Sum("human_points"))["sum"], sheet.turn + 1
    save_as(sheet, by=by, reason=f"评议 {len(changed)} 项")
    return sheet


def _lacking_of_review(line: ScoreLine) -> str:
    if len(line.human_words) >= WORDS_AT_LEAST:
        return ""
    if line.system_points is None and line.human_points < line.item.points:
        return "人工评分不是满分的，请写明理由。"
    return "与系统得分不同，请写明理由。" if line.differs else ""
