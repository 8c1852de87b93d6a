"""监督文书: draft, send for signature, issue by another, withdraw, revoke, acknowledge (三（二）1).

The row of the letter is the lock. Signing is issuing: the number is given, each matter becomes a duty of the unit, the
paper is queued; what was written never changes again.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accountability import access
from accountability.locking import lock_and_read
from accountability.models import Clause, Duty, Organisation, Person, Portfolio, Post, Role, Tenure, WorkYear
from accountability.models.history import save_as
from accountability.papers.characters import missing_from
from accountability.services import jobs
from accountability.services.duties import assign
from accountability.services.numbers import next_number, worded
from inspections.models import Finding
from supervision.letters.text import sheet_of
from supervision.letters.workflow import TRANSITIONS, has_answers, works_on
from supervision.models import Letter, LetterMatter
from supervision.services import letter_notices as tell

S = Letter.State
COMMISSION_ONLY = "监督文书由纪委拟制。"
CLAUSE = "3.2.1"
FREEZE = "freeze_letter"
FULFILLED_WHEN = "按文书要求书面答复，附佐证材料，经本单位审核后由纪委评价。"
# 告知书的责任事项 says nothing of what it is about: those who hand over a post read its title too.
QUIET_TITLE = "办理监督事项并答复"
TEXT_AT_LEAST, ASKED_AT_LEAST = 10, 4
SOURCES = ("source_duty", "source_finding", "source_obligation")


def recipients() -> QuerySet:
    """收文单位: schools, departments and other units; not those in which the commission itself sits."""
    of_commission = Post.objects.filter(role=Role.DISCIPLINE).values("organisation")
    return Organisation.objects.active().units().exclude(pk__in=of_commission).order_by("rank", "pk")


def head_of(unit: Organisation) -> Post | None:
    """单位负责人: its party secretary, else the first post of its own."""
    posts = list(unit.posts.filter(abolished_on=None).order_by("rank", "pk"))
    return next((post for post in posts if post.role == Role.UNIT_SECRETARY), posts[0] if posts else None)


def signers_for(letter: Letter, by: Person) -> QuerySet:
    """可签发的人: another of the commission, or the secretary of the school; never one whose work it is."""
    today = timezone.localdate()
    held = Tenure.objects.in_office(today).filter(post__role__in=(Role.DISCIPLINE, Role.SECRETARY))
    hands = {by.pk, letter.drafted_by_id, letter.edited_by_id, letter.person_id} - {None}
    people = Person.objects.filter(is_active=True, pk__in=held.values("person"))
    return people.exclude(pk__in=hands).order_by("name", "pk")


# ── 拟稿 ─────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def draft(*, by: Person, recipient: Organisation, matters: Sequence[dict], escalates=None, **fields: Any) -> Letter:
    """拟稿: a letter to one unit, with at least one matter."""
    if not access.may_supervise(by):
        raise PermissionDenied(COMMISSION_ONLY)
    if not recipients().filter(pk=recipient.pk).exists():
        raise ValidationError({"recipient": f"不能向{recipient.name}发文书，请选择学院、部门等二级单位。"})
    head = head_of(recipient)
    if head is None:
        raise ValidationError({"recipient": f"{recipient.name}没有岗位，无人签收和答复。"})
    now = timezone.now()
    letter = Letter(recipient=recipient, head=head, drafted_by=by, drafted_at=now, edited_by=by, **fields)
    letter.work_year = _open_year(now.date())
    letter.escalates = _escalated(escalates, recipient, letter, by=by) if escalates else None
    _check(letter, matters, by=by)
    save_as(letter, by=by, reason="提级督办，拟稿" if escalates else "拟稿")
    _write_matters(letter, matters, by=by)
    return letter


def _open_year(on: date) -> WorkYear:
    """The open working year of the day, or the one nearest to it."""
    years = list(WorkYear.objects.filter(closed_on=None))
    if not years:
        raise ValidationError("没有开启的工作年度，文书事项不能列入责任台账；请先由党委办公室开启年度。")
    return min(years, key=lambda year: (abs(year.year - on.year), -year.year))


def _escalated(matter: LetterMatter, recipient: Organisation, letter: Letter, *, by: Person) -> LetterMatter:
    # The matter is the lock: two who escalate at once write one letter.
    matter = lock_and_read(LetterMatter.objects.select_related("letter", "duty"), matter.pk)
    if not Letter.objects.visible_to(by).filter(pk=matter.letter_id).exists():
        raise PermissionDenied("只能提级您可以查看的文书事项。")
    if refusal := refusal_to_escalate(matter, timezone.localdate()):
        raise ValidationError(refusal)
    if recipient.pk != matter.unit.pk:
        raise ValidationError({"recipient": f"提级督办仍发给{matter.unit.name}，抄送分管校领导或党委书记。"})
    if letter.kind != Letter.Kind.ORDER:
        raise ValidationError({"kind": "提级督办用督办单。"})
    if letter.copied_to is None:
        raise ValidationError({"copied_to": "提级督办须抄送分管、联系的校领导或党委书记。"})
    return matter


def refusal_to_escalate(matter: LetterMatter, on: date) -> str:
    """Why a matter cannot be escalated now; empty when it can."""
    if not matter.letter.is_issued or not matter.is_unanswered or matter.duty.due_on >= on:
        return "只有逾期未答复的事项才提级督办。"
    if matter.letter.is_confidential:
        return "告知书限定知悉范围，不提级督办；请由签发人当面督促。"
    if matter.escalations.exclude(state__in=(S.WITHDRAWN, S.REVOKED)).exists():
        return "这件事项已经提级督办，请打开那一份办理。"
    return ""


def copies_for(unit: Organisation) -> QuerySet:
    """可抄送的岗位: leaders in charge of the unit or in contact with it, and the secretary of the school."""
    led = Portfolio.objects.in_force(timezone.localdate()).filter(organisation=unit).values("post")
    posts = Post.objects.filter(Q(pk__in=led) | Q(role=Role.SECRETARY), abolished_on=None)
    return posts.select_related("organisation__parent").order_by("rank", "pk")


def people_of(unit: Organisation) -> QuerySet:
    """可被告知的人: who holds a post in the unit or below it."""
    held = Tenure.objects.in_office(timezone.localdate()).filter(post__organisation__path__startswith=unit.path)
    return Person.objects.filter(is_active=True, pk__in=held.values("person")).order_by("name", "pk")


def _check(letter: Letter, matters: Sequence[dict], *, by: Person) -> None:
    errors: dict[str, str] = {}
    letter.subject = letter.subject.strip()
    if len(letter.subject) < 4:
        errors["subject"] = "请写明事由，至少 4 个字。"
    if letter.responsible and letter.responsible.organisation_id != letter.recipient_id:
        errors["responsible"] = f"责任人须是{letter.recipient.name}的岗位。"
    if letter.copied_to and not copies_for(letter.recipient).filter(pk=letter.copied_to.pk).exists():
        errors["copied_to"] = "只抄送分管、联系这个单位的校领导或党委书记。"
    errors |= _check_person(letter, by)
    if not matters:
        errors["__all__"] = "至少写一项。"
    if errors:
        raise ValidationError(errors)
    for number, matter in enumerate(matters, 1):
        _check_matter(letter, number, matter, by=by)
    letter.full_clean(exclude=("escalates",))


def _check_person(letter: Letter, by: Person) -> dict[str, str]:
    if not letter.is_confidential:
        return {"person": "只有告知书写被告知人。"} if letter.person else {}
    if letter.copied_to:
        return {"copied_to": "告知书限定知悉范围，不抄送。"}
    if letter.person is None:
        return {"person": "请选择被告知人。"}
    if letter.person == by:
        return {"person": "不能给自己拟告知书。"}
    if not people_of(letter.recipient).filter(pk=letter.person.pk).exists():
        return {"person": f"{letter.person.name}不在{letter.recipient.name}任职。"}
    return {}


def _check_matter(letter: Letter, number: int, matter: dict, *, by: Person) -> None:
    today, last = timezone.localdate(), date(letter.work_year_id + 1, 12, 31)
    if len(matter["text"].strip()) < TEXT_AT_LEAST:
        raise ValidationError(f"第 {number} 项：请写明内容，至少 {TEXT_AT_LEAST} 个字。")
    if len(matter["asked"].strip()) < ASKED_AT_LEAST:
        raise ValidationError(f"第 {number} 项：请写明要求，至少 {ASKED_AT_LEAST} 个字。")
    if not today < matter["due_on"] <= last:
        raise ValidationError(f"第 {number} 项：答复期限须晚于今天，不晚于 {last.year} 年底。")
    if letter.is_confidential and any(matter.get(name) for name in SOURCES):
        raise ValidationError(f"第 {number} 项：告知书不关联台账，请从「拟监督文书」另拟。")
    _check_source(letter, number, matter, by=by)


def _check_source(letter: Letter, number: int, matter: dict, *, by: Person) -> None:
    duty, finding = matter.get("source_duty"), matter.get("source_finding")
    if duty and (
        not duty.organisation.path.startswith(letter.recipient.path)
        or not Duty.objects.visible_to(by).filter(pk=duty.pk).exists()
    ):
        raise ValidationError(f"第 {number} 项：责任事项 {duty.number} 不是{letter.recipient.name}的。")
    if finding and (
        not Finding.objects.visible_to(by).filter(pk=finding.pk).exists()
        or finding.organisation_id != letter.recipient_id
    ):
        raise ValidationError(f"第 {number} 项：问题 {finding.number} 不是{letter.recipient.name}的。")


def _write_matters(letter: Letter, matters: Sequence[dict], *, by: Person) -> None:
    """The rows of a draft, as they stand on the form; one that is left out keeps its history."""
    standing = list(letter.matters.order_by("rank"))
    for rank, values in enumerate(matters, 1):
        row = standing[rank - 1] if rank <= len(standing) else LetterMatter(letter=letter, rank=rank)
        for name in ("text", "basis", "asked"):
            setattr(row, name, values.get(name, "").strip())
        row.due_on = values["due_on"]
        for name in SOURCES:
            setattr(row, name, values.get(name))
        row.full_clean(exclude=("letter",))
        save_as(row, by=by, reason="写入事项" if row.pk is None else "修改事项")
    for row in standing[len(matters) :]:
        row._history_user, row._change_reason = by, "从草稿中删去"
        row.delete()


def locked(letter: Letter) -> Letter:
    related = ("recipient__parent", "head__organisation__parent", "person", "signer", "escalates__letter", "work_year")
    rows = Letter.objects.select_related(
        *related, "copied_to__organisation__parent", "responsible__organisation__parent"
    )
    return lock_and_read(rows, letter.pk)


@transaction.atomic
def edit(letter: Letter, *, by: Person, matters: Sequence[dict], **fields: Any) -> Letter:
    """修改 a draft; the unit stays, and so does what it escalates."""
    letter = locked(letter)
    if not works_on(by, letter):
        raise PermissionDenied(COMMISSION_ONLY)
    if letter.state != S.DRAFT:
        raise ValidationError(f"文书当前是「{letter.get_state_display()}」，不能再改；送审的可以先撤回送审。")
    for name, value in fields.items():
        setattr(letter, name, value)
    if letter.escalates_id and (letter.kind != Letter.Kind.ORDER or letter.copied_to is None):
        raise ValidationError({"copied_to": "提级督办用督办单，须抄送分管、联系的校领导或党委书记。"})
    letter.edited_by = by
    _check(letter, matters, by=by)
    save_as(letter, by=by, reason="修改")
    _write_matters(letter, matters, by=by)
    return letter


# ── 送审、签发、退回、作废、撤销 ──────────────────────────────────────────────────────────────


@transaction.atomic
def perform(letter: Letter, name: str, *, by: Person, reason: str = "", signer: Person | None = None) -> Letter:
    """办理. Raises ValidationError or PermissionDenied in Chinese and writes nothing then."""
    transition = TRANSITIONS[name]
    letter = locked(letter)
    reason = transition.checked(letter, by=by, reason=reason)
    _PREPARE[name](letter, by=by, reason=reason, signer=signer)
    letter.state = transition.target
    letter.full_clean(exclude=("escalates",))
    save_as(letter, by=by, reason=f"{transition.label}：{reason}" if reason else transition.label)
    if name == "sign":
        _open_duties(letter, by=by)
    tell.of_step(letter, name, by=by)
    return letter


def _propose(letter: Letter, *, by: Person, signer: Person | None, **_) -> None:
    if signer is None or not signers_for(letter, by).filter(pk=signer.pk).exists():
        raise ValidationError({"signer": "请选择签发人：纪委的另一人或党委书记，拟稿、修改、送审的人除外。"})
    _refuse_stale(letter)
    letter.signer, letter.proposed_by, letter.proposed_on = signer, by, timezone.localdate()
    letter.returned_reason = ""


def _refuse_stale(letter: Letter) -> None:
    """What cannot go out: days that have come, characters no font draws, a unit that is no more."""
    matters = list(letter.matters.order_by("rank"))
    today = timezone.localdate()
    if late := [f"第 {matter.rank} 项" for matter in matters if matter.due_on <= today]:
        raise ValidationError(f"{'、'.join(late)}的答复期限已到，请退回修改期限。")
    if missing := missing_from(sheet_of(letter, matters).words()):
        raise ValidationError(f"这些字没有可用的字形，印不出来：{'、'.join(missing[:10])}。请换用规范字。")
    if letter.recipient.abolished_on:
        raise ValidationError(f"{letter.recipient.name}已撤销，请作废后向承接的单位另拟。")
    if letter.work_year.is_closed:
        raise ValidationError(f"{letter.work_year_id} 工作年度已封存，请作废后另拟。")
    if letter.escalates_id and not letter.escalates.is_unanswered:
        raise ValidationError("所提级的事项已经答复，不必再提级督办，请作废。")


def _sign(letter: Letter, *, by: Person, **_) -> None:
    _refuse_stale(letter)
    letter.head = head_of(letter.recipient) or letter.head
    now = timezone.now()
    letter.issued_at, letter.issued_on = now, timezone.localdate(now)
    word = settings.NOTICE_LETTER_WORD if letter.is_confidential else settings.LETTER_WORD
    letter.number = worded(word, letter.issued_on.year, next_number(f"letters-{word}", letter.issued_on.year))
    letter.job, _ = jobs.queue(FREEZE, str(letter.pk), by=by)


def _back(letter: Letter, *, reason: str, **_) -> None:
    letter.signer = letter.proposed_by = letter.proposed_on = None
    letter.returned_reason = reason[:300]


def _close(letter: Letter, *, by: Person, reason: str, **_) -> None:
    letter.signer = letter.proposed_by = letter.proposed_on = None
    letter.closed_reason, letter.closed_by, letter.closed_on = reason[:300], by, timezone.localdate()


def _revoke(letter: Letter, *, by: Person, reason: str, **_) -> None:
    """撤销 while nothing is answered: its open duties are no longer asked."""
    if has_answers(letter):
        raise ValidationError("单位已经答复或正在审核答复，不能撤销；不合适的要求请在评价时说明。")
    letter.closed_reason, letter.closed_by, letter.closed_on = reason[:300], by, timezone.localdate()
    for duty in Duty.objects.select_for_update().filter(letter_matter__letter=letter).order_by("pk"):
        if duty.is_open:
            duty.state = Duty.State.WAIVED
            save_as(duty, by=by, reason="不再要求：文书已撤销")


_PREPARE = {
    "propose": _propose,
    "sign": _sign,
    "send_back": _back,
    "take_back": _back,
    "withdraw": _close,
    "revoke": _revoke,
}


def _open_duties(letter: Letter, *, by: Person) -> None:
    """每项一件责任: the unit owes the answer; that to a 告知书 its head owes in person."""
    clause = Clause.objects.filter(regulation=letter.work_year.regulation_id, key=CLAUSE).first()
    owner = letter.head if letter.is_confidential else letter.responsible or letter.head
    for matter in letter.matters.order_by("rank"):
        matter.duty = assign(
            title=QUIET_TITLE if letter.is_confidential else _duty_title(letter, matter),
            organisation=letter.recipient,
            owner=owner,
            bearer_post=letter.head if letter.is_confidential else None,
            work_year=letter.work_year_id,
            due_on=matter.due_on,
            by=by,
            clause=clause,
            requirement=FULFILLED_WHEN,
            is_confidential=letter.is_confidential,
        )
        save_as(matter, by=by, reason="文书发出，列入责任台账")


def _duty_title(letter: Letter, matter: LetterMatter) -> str:
    which = f"第{matter.rank}项" if letter.matters.count() > 1 else ""
    return f"答复{letter.kind_word}{letter.number}{which}：{letter.subject}"[:120]


# ── 签收 ─────────────────────────────────────────────────────────────────────────────────────


def may_acknowledge(user: Person, letter: Letter) -> bool:
    """签收: the head of the unit, or who confirms its records; of a 告知书 the head alone."""
    if letter.head_id in access.posts_of(user):
        return True
    return not letter.is_confidential and access.may(user, "confirm_record", letter.recipient)


@transaction.atomic
def acknowledge(letter: Letter, *, by: Person) -> Letter:
    """已阅签收, once."""
    letter = locked(letter)
    if not may_acknowledge(by, letter):
        raise PermissionDenied(f"这份文书由{letter.head.full_title}签收。")
    if letter.state != S.ISSUED:
        raise ValidationError(f"文书当前是「{letter.get_state_display()}」，不必签收。")
    if letter.read_at:
        raise ValidationError(f"{letter.read_by}已于 {timezone.localdate(letter.read_at)} 签收。")
    return mark_read(letter, by=by, reason="已阅签收")


def mark_read(letter: Letter, *, by: Person, reason: str) -> Letter:
    letter.read_by, letter.read_at = by, timezone.now()
    save_as(letter, by=by, reason=reason)
    return letter
