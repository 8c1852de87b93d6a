"""交接: when a post changes hands, what is still open passes with a sheet that both sign (三（三）2).

Duties hang on the post, so nothing has to be moved; the sheet says what passed, and who answered for what is read
from the tenures: what was done is his who held the post on that day, what is open is his who holds it now.
"""

import hashlib
import json
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accountability import access
from accountability import document_workflow as flow
from accountability.locking import lock_and_read
from accountability.models import Document, Duty, HandOver, HandOverLine, Notice, Person, Post, Tenure
from accountability.models.history import save_as
from accountability.services.notices import notify

REASON_AT_LEAST = 4


@transaction.atomic
def make(post: Post, *, giver: Person, taker: Person, on: date, by: Person) -> HandOver:
    """生成交接清单, once per change; both are told. Whoever enters the same newcomer this very moment gets the same sheet."""
    Post.objects.select_for_update().get(pk=post.pk)
    sheet = HandOver.objects.filter(post=post, taker=taker, on=on).first()
    if sheet:
        return sheet
    sheet = HandOver(post=post, giver=giver, taker=taker, on=on, made_at=timezone.now())
    save_as(sheet, by=by, reason="生成交接清单")
    _draw_lines(sheet, by=by)
    notify(
        [giver, taker],
        kind=Notice.Kind.TO_SIGN,
        title=f"待签字：{post.full_title}交接清单",
        body=f"{giver} 移交，{taker} 接收，{on} 交接，共 {sheet.lines.count()} 项",
        url=reverse("handover", args=[sheet.pk]),
    )
    return sheet


def follow(tenure: Tenure, *, by: Person) -> HandOver | None:
    """A newcomer after somebody else takes over with a sheet, by whatever door he was entered (名册、管理后台)."""
    before = Tenure.objects.filter(post=tenure.post, ended_on__lt=tenure.started_on).exclude(person=tenure.person)
    former = before.order_by("-ended_on", "is_acting").select_related("person").first()
    stands = tenure.ended_on is None or tenure.ended_on >= timezone.localdate()
    if former is None or not stands or not tenure.post.duties.open().exists():
        return None
    return make(tenure.post, giver=former.person, taker=tenure.person, on=tenure.started_on, by=by)


def _draw_lines(sheet: HandOver, *, by: Person) -> None:
    today = timezone.localdate()
    for duty in sheet.post.duties.open().order_by("due_on", "id"):
        late = duty.due_on < min(today, sheet.on)
        line = HandOverLine(
            handover=sheet,
            duty=duty,
            title=f"{duty.number} {duty.title}",
            due_on=duty.due_on,
            state="已逾期" if late else "履责中",
            is_late=late,
        )
        save_as(line, by=by, reason="列入交接")
    for document in _unfinished(sheet.post):
        line = HandOverLine(handover=sheet, document=document, title=document.title, state=document.get_state_display())
        save_as(line, by=by, reason="列入交接")


def _unfinished(post: Post):
    done = (Document.State.SIGNED, Document.State.WITHDRAWN)
    own = Document.objects.exclude(state__in=done).filter(post=post)
    headed = Document.objects.none()
    if flow.head_of(post.organisation) == post:
        headed = Document.objects.exclude(state__in=done).filter(organisation=post.organisation, post=None)
    return (own | headed).order_by("id")


def locked(sheet: HandOver) -> HandOver:
    return lock_and_read(HandOver.objects.for_list(), sheet.pk)


@transaction.atomic
def redraw(sheet: HandOver, *, by: Person) -> HandOver:
    """按最新台账重列: before anybody has signed, for a change that was prepared ahead. Notes stay with their lines."""
    sheet = _unsigned(locked(sheet), by=by)
    notes = {line.duty_id or f"d{line.document_id}": line.note for line in sheet.lines.all()}
    for line in sheet.lines.all():
        line._history_user, line._change_reason = by, "重列"
        line.delete()
    _draw_lines(sheet, by=by)
    for line in sheet.lines.all():
        if note := notes.get(line.duty_id or f"d{line.document_id}"):
            line.note = note
            save_as(line, by=by, reason="移交说明")
    return sheet


def _unsigned(sheet: HandOver, *, by: Person) -> HandOver:
    if by.pk not in (sheet.giver_id, sheet.taker_id) and not access.may_manage_duties(by):
        raise PermissionDenied("只有移交人、接收人和党委办公室可以办理这份清单。")
    if sheet.closed_at:
        raise ValidationError("这份清单已代为结束。")
    if sheet.is_frozen:
        raise ValidationError("已有一方签字，清单已经冻结，不能再改。")
    return sheet


@transaction.atomic
def write_notes(sheet: HandOver, *, by: Person, notes: dict[int, str]) -> None:
    """移交说明: what the successor should know of each line, by the one who leaves, before either has signed."""
    sheet = _unsigned(locked(sheet), by=by)
    if by.pk != sheet.giver_id:
        raise PermissionDenied("移交说明由移交人填写。")
    for line in sheet.lines.all():
        note = " ".join(notes.get(line.pk, line.note).split())
        if len(note) > 200:
            raise ValidationError(f"「{line.title}」的移交说明有 {len(note)} 个字，请控制在 200 个字以内。")
        if note != line.note:
            line.note = note
            save_as(line, by=by, reason="移交说明")


@transaction.atomic
def sign(sheet: HandOver, *, by: Person, password: str, sha256: str) -> HandOver:
    """签字 by one of the two, with his password entered again, under the lines whose hash is ``sha256``: those he has read.

    Raises PermissionDenied for anybody else, ValidationError when it is signed already, was drawn anew or noted upon
    since he read it, or when the password is wrong.
    """
    sheet = locked(sheet)
    side = {sheet.giver_id: "giver", sheet.taker_id: "taker"}.get(by.pk)
    if side is None:
        raise PermissionDenied("只有移交人和接收人本人可以签字。")
    if sheet.closed_at:
        raise ValidationError(f"这份清单已由 {sheet.closed_by} 代为结束。")
    if signed_at := getattr(sheet, f"{side}_signed_at"):
        raise ValidationError(f"您已于 {timezone.localtime(signed_at):%Y-%m-%d %H:%M} 签字。")
    content = content_sha256(sheet)
    if sheet.sha256 and sheet.sha256 != content:
        raise ValidationError("清单内容与对方签字时的校验值不符，请联系党委办公室。")
    if sha256 != content:
        raise ValidationError("清单在您阅读之后有了变动，请重新打开、核对后再签字。")
    if not by.check_password(password):
        raise ValidationError({"password": "密码不对，请输入您本人的登录密码。"})
    sheet.sha256 = sha256
    setattr(sheet, f"{side}_signed_at", timezone.now())
    save_as(sheet, by=by, reason="移交人签字" if side == "giver" else "接收人签字")
    if sheet.is_signed:
        _tell_office(sheet)
    return sheet


@transaction.atomic
def close(sheet: HandOver, *, by: Person, reason: str) -> HandOver:
    """代为结束: when one of the two cannot sign any more; who closed it and why is shown in his place."""
    sheet = locked(sheet)
    if not access.may_manage_duties(by):
        raise PermissionDenied("只有党委办公室可以代为结束。")
    if sheet.closed_at or sheet.is_signed:
        raise ValidationError(f"这份清单{sheet.state_words}，不需要再结束。")
    reason = reason.strip()
    if len(reason) < REASON_AT_LEAST:
        raise ValidationError({"reason": f"请写明为什么不能由本人签字，至少 {REASON_AT_LEAST} 个字。"})
    sheet.closed_at, sheet.closed_by, sheet.closed_reason = timezone.now(), by, reason[:200]
    sheet.sha256 = sheet.sha256 or content_sha256(sheet)
    save_as(sheet, by=by, reason=f"代为结束：{reason}")
    return sheet


def content_sha256(sheet: HandOver) -> str:
    """校验值 of what is signed: whose, to whom, which day, every line with its note."""
    lines = [
        [line.title, str(line.due_on or ""), line.state, line.note] for line in sheet.lines.order_by("due_on", "id")
    ]
    content = [sheet.post.full_title, sheet.giver.username, sheet.taker.username, str(sheet.on), lines]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def _tell_office(sheet: HandOver) -> None:
    posts = Post.objects.filter(role="office", abolished_on=None)
    office = [person for post in posts for person in flow.holders(post, timezone.localdate())]
    url = reverse("handover", args=[sheet.pk])
    notify(
        office, kind=Notice.Kind.ACCEPTED, title=f"{sheet}双方已签字", body=f"{sheet.giver} → {sheet.taker}", url=url
    )


# ── who answers ──────────────────────────────────────────────────────────────────────────────


def answering(duty: Duty, on: date) -> list[Tenure]:
    """时任责任人: who held the post on the day the duty was done or, while it is open, who holds it on ``on``."""
    day = duty.fulfilled_on or on
    return list(
        Tenure.objects.in_office(day).filter(post=duty.owner_id).select_related("person").order_by("is_acting", "id")
    )


def fell_due_under(duty: Duty, on: date) -> list[Person]:
    """An open duty that fell due before the post changed hands: named, so that lateness is not laid on the successor."""
    if not duty.is_open or duty.due_on >= on:
        return []
    then = {tenure.person for tenure in Tenure.objects.in_office(duty.due_on).filter(post=duty.owner_id)}
    return sorted(then - {tenure.person for tenure in answering(duty, on)}, key=lambda person: person.pk)
