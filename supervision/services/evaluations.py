"""监督评价: a grade and words beside a subject's record, which stays as the subject wrote it (二（二）, 三（二）1)."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accountability import access
from accountability.locking import lock_and_read
from accountability.models import Notice, Organisation, Person, Record, Tenure
from accountability.models.history import save_as
from accountability.services.notices import notify, people_with
from inspections.research_access import own_units
from supervision.models import RecordEvaluation

Grade = RecordEvaluation.Grade
WORDS_AT_LEAST = {Grade.GOOD: 0, Grade.MEND: 4, Grade.BAD: 10}


def refusal_to_evaluate(record: Record, user: Person) -> str:
    """Why ``user`` cannot evaluate it; empty when he can."""
    if not access.may_supervise(user):
        return "监督评价由纪委作出。"
    if user.pk in (record.entered_by_id, record.decided_by_id):
        return "您录入或审核了这条记录，不能评价，请纪委其他同志评价。"
    if record.post_id in access.posts_of(user):
        return "这是您本人的履责记录，不能评价。"
    if record.organisation.kind == Organisation.Kind.COMMISSION:
        return "纪委自己的履责记录不由纪委评价。"
    if record.organisation.is_unit and record.organisation_id in own_units(user):
        return f"您在{record.organisation.name}任职，应当回避。"
    if record.state != Record.State.ACCEPTED:
        return f"记录当前是「{record.get_state_display()}」，计入之后才能评价。"
    return ""


@transaction.atomic
def evaluate(record: Record, *, by: Person, grade: str, words: str = "") -> RecordEvaluation:
    """评价; again, it corrects what he said before, which stays. Two at the same moment have one winner."""
    if not Record.objects.visible_to(by).filter(pk=record.pk).exists():
        raise PermissionDenied("您看不到这条记录。")
    # The record is the lock under which one evaluation of each stands; nothing is written to it.
    record = lock_and_read(Record.objects.select_related("organisation"), record.pk)
    if refusal := refusal_to_evaluate(record, by):
        raise PermissionDenied(refusal)
    words = words.strip()
    errors = {}
    if grade not in Grade.values:
        errors["grade"] = "请选择评价。"
    elif len(words) < WORDS_AT_LEAST[grade]:
        errors["words"] = f"{Grade(grade).label}的，请写明意见，至少 {WORDS_AT_LEAST[grade]} 个字。"
    before = record.evaluations.current().filter(evaluated_by=by).first()
    if not errors and before and (before.grade, before.words) == (grade, words):
        errors["grade"] = "与您现行的评价相同，没有改动。"
    if errors:
        raise ValidationError(errors)
    if before:
        before.is_current = False
        save_as(before, by=by, reason="更正评价，原评价保留")
    row = RecordEvaluation(record=record, grade=grade, words=words, evaluated_by=by, evaluated_at=timezone.now())
    row.entered_by_id, row.decided_by_id, row.supersedes = record.entered_by_id, record.decided_by_id, before
    row.full_clean()
    save_as(row, by=by, reason=f"{'更正评价' if before else '监督评价'}：{row.get_grade_display()}")
    _tell(row, by=by)
    return row


def _tell(row: RecordEvaluation, *, by: Person) -> None:
    notify(
        [person for person in _evaluated(row.record) if person != by and person.is_active],
        kind=Notice.Kind.SUPERVISION,
        title=f"监督评价（{row.get_grade_display()}）：{row.record.title}",
        body=row.words,
        url=reverse("record", args=[row.record_id]),
    )


def _evaluated(record: Record) -> list[Person]:
    """被评价人: who entered it, and whose post it is, or who confirms for the unit."""
    if not record.post_id:
        return [record.entered_by, *people_with("confirm_record", record.organisation)]
    held = Tenure.objects.in_office(timezone.localdate()).filter(post=record.post_id).select_related("person")
    return [record.entered_by, *(tenure.person for tenure in held)]
