"""监督文书的答复与评价: drafted and confirmed by the unit through its records, evaluated by the commission (三（二）1).

An answer counts for the duty from the day the unit gave it; found wanting it counts no longer, and the duty is open again
until a new day.
"""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from accountability import access, statements
from accountability.confidential import knows
from accountability.document_workflow import holders
from accountability.locking import lock_and_read
from accountability.models import ActKind, Duty, Evidence, Person, Record
from accountability.models.history import save_as
from accountability.own_pages import Occasion, OwnPage, recorded_elsewhere
from accountability.services.duties import ways_of
from accountability.services.notices import people_with
from accountability.services.records import after_decision, counting_rule, file_record, held_by_decision, settle
from supervision.letters.workflow import works_on
from supervision.models import Letter, LetterAnswer, LetterMatter
from supervision.services import letter_notices as tell
from supervision.services.letters import QUIET_TITLE, mark_read

ACT = "letter-answer"
ANSWER_AT_LEAST = WORDS_AT_LEAST = 10
SITTINGS = 20
S, Grade = LetterMatter.State, LetterAnswer.Grade


# ── what the lower apps ask ──────────────────────────────────────────────────────────────────


def _where_to_answer(occasion: Occasion) -> str:
    matter = LetterMatter.objects.filter(duty=occasion.duty).first() if occasion.duty else None
    return reverse("letter_answer", args=[matter.pk]) if matter else reverse("letters")


def _told_by(record: Record) -> str:
    answer = LetterAnswer.objects.filter(record=record).select_related("matter").first()
    return reverse("letter", args=[answer.matter.letter_id]) if answer else ""


recorded_elsewhere(ACT, OwnPage("看监督文书", _where_to_answer, _told_by))


@ways_of
def ways_to_answer(duty: Duty) -> list[str]:
    return [ACT] if LetterMatter.objects.filter(duty=duty).exists() else []


@counting_rule
def refusal_of_other_acts(record: Record, duty: Duty) -> str:
    """A matter is done by answering it."""
    if record.act.code == ACT or not LetterMatter.objects.filter(duty=duty).exists():
        return ""
    return "这项责任以答复监督文书的方式完成。"


def _known_matters(user):
    known = Letter.objects.confidential().visible_to(user).filter(issued_at__isnull=False)
    return LetterMatter.objects.filter(letter__in=known.values("pk"), duty__isnull=False)


def _known(user) -> list[tuple[int, int | None]]:
    """(duty, record of an answer or none) of each, read once per request's user object."""
    if not hasattr(user, "_known_letters"):
        shaped_by = ("known letters", access.standing_of(user), timezone.localdate())
        user._known_letters = statements.rows(
            shaped_by, lambda: _known_matters(user).order_by().values_list("duty", "answers__record")
        )
    return user._known_letters


@knows("duty")
def known_duties(user):
    return {duty for duty, _ in _known(user)}


@knows("record")
def known_records(user):
    return {record for _, record in _known(user) if record}


# ── 答复 ─────────────────────────────────────────────────────────────────────────────────────


def may_answer(user: Person, matter: LetterMatter) -> bool:
    if matter.duty is None:
        return False
    if matter.duty.bearer_post_id:
        return matter.duty.bearer_post_id in access.posts_of(user)
    return access.may(user, "keep_record", matter.unit)


def who_answers(matter: LetterMatter) -> str:
    post = matter.duty.bearer_post if matter.duty else None
    return post.full_title if post else matter.unit.name


def _locked(matter: LetterMatter) -> LetterMatter:
    """The letter first, so that revoking and answering wait for each other."""
    letter = lock_and_read(Letter.objects.select_related("recipient", "head", "person"), matter.letter_id)
    related = ("duty__organisation", "duty__owner", "duty__bearer_post__organisation__parent")
    matter = lock_and_read(LetterMatter.objects.select_related(*related), matter.pk)
    matter.letter = letter
    return matter


def refusal_to_answer(matter: LetterMatter) -> str:
    """Why nobody can answer now; empty when the unit can."""
    if matter.letter.state != Letter.State.ISSUED:
        return f"文书当前是「{matter.letter.get_state_display()}」，不能答复。"
    if matter.is_waived:
        return "这一项已不再要求答复。"
    if matter.state not in LetterMatter.TO_WRITE:
        return f"这一项当前是「{matter.get_state_display()}」，不能再写。"
    return ""


@transaction.atomic
def answer(matter: LetterMatter, *, by: Person, text: str, files: Iterable[UploadedFile] = ()) -> LetterMatter:
    """答复: the liaison's waits for his secretary, the secretary's goes to the commission at once."""
    matter = _locked(matter)
    if not may_answer(by, matter):
        raise PermissionDenied(f"这一项由{who_answers(matter)}答复。" if matter.duty else "文书还没有发出。")
    if refusal := refusal_to_answer(matter):
        raise ValidationError(refusal)
    if len(text.strip()) < ANSWER_AT_LEAST:
        raise ValidationError({"text": f"请写明整改措施和落实情况，至少 {ANSWER_AT_LEAST} 个字。"})
    record = _record(matter, by=by, text=text.strip(), files=files)
    row = LetterAnswer(matter=matter, record=record, answered_by=by, answered_on=record.happened_on)
    row.full_clean()
    save_as(row, by=by, reason="起草答复")
    matter.state = S.DRAFTED
    save_as(matter, by=by, reason="起草答复")
    return _came_in(matter, by=by) if record.state == Record.State.ACCEPTED else matter


def _record(matter: LetterMatter, *, by: Person, text: str, files: Iterable[UploadedFile]) -> Record:
    today, letter, post = timezone.localdate(), matter.letter, matter.duty.bearer_post
    title = QUIET_TITLE if letter.is_confidential else f"答复{letter.number}第{matter.rank}项：{letter.subject}"
    return file_record(
        by=by,
        organisation=matter.unit,
        post=post,
        act=ActKind.objects.get(code=ACT),
        work_year=matter.duty.work_year_id,
        title=title[:120],
        happened_on=today,
        content=text,
        sitting=_next_sitting(matter, today),
        duties=[matter.duty],
        files=files,
        confirmer=None if post else _confirmer(matter),
        is_confidential=letter.is_confidential,
    )


def _confirmer(matter: LetterMatter) -> Person | None:
    """A department has no party secretary who confirms: the head of it does."""
    if people_with("confirm_record", matter.unit):
        return None
    heads = holders(matter.duty.owner, timezone.localdate()) or holders(matter.letter.head, timezone.localdate())
    if not heads:
        raise ValidationError(f"{matter.letter.head.full_title}暂无人任职，答复无人审核；请先报党委办公室明确负责人。")
    return heads[0]


def _next_sitting(matter: LetterMatter, on: date) -> int:
    same = Record.objects.standing().filter(
        organisation=matter.unit, post=matter.duty.bearer_post, act__code=ACT, happened_on=on
    )
    number = (same.aggregate(last=Max("sitting"))["last"] or 0) + 1
    if number > SITTINGS:
        raise ValidationError(f"今天已答复 {SITTINGS} 项，请改日再答复。")
    return number


def _came_in(matter: LetterMatter, *, by: Person) -> LetterMatter:
    """The unit has spoken: the commission is asked to evaluate."""
    matter.state = S.ANSWERED
    save_as(matter, by=by, reason="单位答复")
    if matter.letter.read_at is None:
        mark_read(matter.letter, by=by, reason="答复时视为签收")
    tell.of_answer(matter, by=by)
    return matter


def _answer_by(record: Record) -> LetterAnswer | None:
    if record.act.code != ACT:
        return None
    return LetterAnswer.objects.filter(record=record).select_related("matter").first()


@held_by_decision
def hold_matter(record: Record) -> None:
    if row := _answer_by(record):
        _locked(row.matter)


@after_decision
def follow_record(record: Record, by: Person) -> None:
    """审核通过 sends the answer on; an answer that was withdrawn is none."""
    row = _answer_by(record)
    if row is None:
        return
    matter = _locked(row.matter)
    if record.state == Record.State.ACCEPTED and matter.state == S.DRAFTED:
        row.answered_on = record.happened_on
        save_as(row, by=by, reason="单位审核通过")
        _came_in(matter, by=by)
    elif record.state == Record.State.WITHDRAWN and matter.state not in LetterMatter.TO_WRITE:
        matter.state = S.SENT_BACK if matter.turns else S.WAITING
        save_as(matter, by=by, reason="答复作废，重新待答复")
        tell.of_withdrawal(matter, by=by)


# ── 评价 ─────────────────────────────────────────────────────────────────────────────────────


def refusal_to_evaluate(matter: LetterMatter, user: Person) -> str:
    """Why ``user`` cannot evaluate now; empty when he can. The last answer is read from ``answers``."""
    if matter.state != S.ANSWERED:
        return f"这一项当前是「{matter.get_state_display()}」，不能评价。"
    if not works_on(user, matter.letter):
        return "答复由纪委评价。"
    last = matter.answer
    if last and user.pk in (last.answered_by_id, last.record.entered_by_id, last.record.decided_by_id):
        return "答复人不能评价自己的答复，请纪委其他同志评价。"
    if tell.belongs_to(user, matter):
        return f"您在{matter.unit.name}任职，应当回避，请纪委其他同志评价。"
    return ""


@transaction.atomic
def evaluate(
    matter: LetterMatter, *, by: Person, grade: str, words: str = "", due_on: date | None = None
) -> LetterMatter:
    """评价. Two at once have one winner; 不满意 counts no longer and asks again by a new day."""
    matter = _locked(matter)
    if refusal := refusal_to_evaluate(matter, by):
        raise (ValidationError if matter.state != S.ANSWERED else PermissionDenied)(refusal)
    words = words.strip()
    _check(grade, words, due_on)
    row = matter.answer
    row.grade, row.words, row.evaluated_by, row.evaluated_on = grade, words, by, timezone.localdate()
    row.full_clean()
    save_as(row, by=by, reason=f"评价{row.get_grade_display()}{f'：{words}' if words else ''}")
    if grade == Grade.POOR:
        _ask_again(matter, by=by, due_on=due_on)
    else:
        matter.state = S.SETTLED
    save_as(matter, by=by, reason=f"评价{row.get_grade_display()}{f'：{words}' if words else ''}")
    tell.of_evaluation(matter, row.get_grade_display(), words, by=by)
    return matter


def _check(grade: str, words: str, due_on: date | None) -> None:
    errors = {}
    today = timezone.localdate()
    if grade not in Grade.values:
        errors["grade"] = "请选择评价。"
    if grade == Grade.POOR:
        if len(words) < WORDS_AT_LEAST:
            errors["words"] = f"不满意的，请写明所缺事项，至少 {WORDS_AT_LEAST} 个字。"
        if due_on is None:
            errors["due_on"] = "不满意的，请填写新的答复期限。"
        elif not today < due_on <= date(today.year + 1, 12, 31):
            errors["due_on"] = f"新的期限须晚于今天，不晚于 {today.year + 1} 年底。"
    if errors:
        raise ValidationError(errors)


def _ask_again(matter: LetterMatter, *, by: Person, due_on: date) -> None:
    """The unit's record stays as it is and counts for nothing; the duty waits for another answer by the new day."""
    matter.state, matter.turns = S.SENT_BACK, matter.turns + 1
    duty = Duty.objects.select_for_update().get(pk=matter.duty_id)
    for evidence in Evidence.objects.filter(duty=duty):
        evidence._history_user, evidence._change_reason = by, "答复评价不满意，不再计入"
        evidence.delete()
    settle(duty, by=by)
    if duty.due_on != due_on:
        duty.due_on = due_on
        save_as(duty, by=by, reason=f"答复评价不满意，期限改为 {due_on}")
    matter.duty = duty
