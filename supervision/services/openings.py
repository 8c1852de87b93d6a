"""查阅: open an archive for a purpose, ask to open one, decide; declare who must keep apart (二（二）)."""

from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accountability.locking import lock_and_read
from accountability.models import Notice, Person
from accountability.models.history import save_as
from accountability.services.notices import notify
from supervision.archives.access import (
    APART,
    KEEPERS,
    approvers,
    decides_requests,
    is_keeper,
    keepers,
    keeps_apart,
    may_ask_to_open,
)
from supervision.archives.workflow import REQUEST_TRANSITIONS
from supervision.models import Archive, ArchiveOpening, Kinship, OpeningPurpose, OpeningRequest, OpinionCadre

WORDS_AT_LEAST = 4
REOPEN = "查阅时间已到或尚未写明目的，请在档案页面重新写明查阅目的。"


# ── 打开 ─────────────────────────────────────────────────────────────────────────────────────


def live_opening(archive: Archive, user: Person) -> ArchiveOpening | None:
    """The opening under which ``user`` may look now; none means that the purpose is asked (again)."""
    rows = ArchiveOpening.objects.live(user).filter(archive=archive).select_related("cadre__opinion")
    return rows.order_by("-valid_until").first()


def only_while_open(archive: Archive, *, by: Person) -> ArchiveOpening:
    if opening := live_opening(archive, by):
        return opening
    raise ValidationError(REOPEN)


@transaction.atomic
def open_archive(
    archive: Archive, *, by: Person, purpose: str, words: str, cadre: OpinionCadre | None = None
) -> ArchiveOpening:
    """查阅: logged before anything is shown, valid for some minutes. Own and relatives' archives are never opened."""
    archive = lock_and_read(Archive.objects.select_related("person"), archive.pk)
    if keeps_apart(by, [archive.person_id]):
        raise PermissionDenied(APART)
    request = None
    if not is_keeper(by):
        granted = OpeningRequest.objects.granted(timezone.localdate()).filter(asked_by=by, archive=archive)
        if (request := granted.order_by("-until_on").first()) is None:
            raise PermissionDenied("查阅这份档案须先申请，经党委书记或管档的同志批准。")
        purpose = request.purpose
    errors = {}
    if purpose not in OpeningPurpose.values:
        errors["purpose"] = "请选择查阅目的。"
    if len(words.strip()) < WORDS_AT_LEAST:
        errors["words"] = f"请写明查阅事由，至少 {WORDS_AT_LEAST} 个字。"
    if errors:
        raise ValidationError(errors)
    now = timezone.now()
    opening = ArchiveOpening(
        archive=archive,
        person=archive.person,
        opened_by=by,
        opened_at=now,
        valid_until=now + timedelta(minutes=settings.ARCHIVE_OPEN_MINUTES),
        purpose=purpose,
        words=words.strip()[:200],
        request=request,
        cadre=cadre,
    )
    opening.full_clean()
    save_as(opening, by=by, reason="查阅登记")
    return opening


# ── 申请 ─────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def ask(archive: Archive, *, by: Person, purpose: str, words: str) -> OpeningRequest:
    """申请查阅 by somebody who is not admitted."""
    if is_keeper(by):
        raise ValidationError("您已获得知悉授权，直接打开档案并写明目的即可。")
    if not may_ask_to_open(by):
        raise PermissionDenied("查阅廉政档案由职能部门、党委办公室或校领导申请。")
    if keeps_apart(by, [archive.person_id]):
        raise PermissionDenied(APART)
    if len(words.strip()) < WORDS_AT_LEAST:
        raise ValidationError({"words": f"请写明查阅事由，至少 {WORDS_AT_LEAST} 个字。"})
    row = OpeningRequest(
        archive=archive,
        person_id=archive.person_id,
        purpose=purpose,
        words=words.strip(),
        asked_by=by,
        asked_at=timezone.now(),
    )
    row.full_clean()
    try:
        with transaction.atomic():
            save_as(row, by=by, reason="申请查阅")
    except IntegrityError as error:
        raise ValidationError("您对这份档案已有一件待批准的申请。") from error
    people = {one.pk: one for one in [*keepers(but=[row.person_id]), *_secretaries(row)]}
    notify(
        [one for one in people.values() if one != by],
        kind=Notice.Kind.TO_CONFIRM,
        title="一件廉政档案查阅申请待批准",
        url=reverse("opening_request", args=[row.pk]),
    )
    return row


def _secretaries(row: OpeningRequest) -> list[Person]:
    return [one for one in approvers(but=[row.person_id]) if decides_requests(one)]


@transaction.atomic
def decide(
    request: OpeningRequest, name: str, *, by: Person, reason: str = "", until_on: date | None = None
) -> OpeningRequest:
    """批准 until a day、不予批准、撤回."""
    transition = REQUEST_TRANSITIONS[name]
    rows = OpeningRequest.objects.select_related("asked_by", "archive")
    request = lock_and_read(rows, request.pk)
    reason = transition.checked(request, by=by, reason=reason)
    request.state = transition.target
    if name == "grant":
        request.until_on = _checked_day(until_on)
        if keeps_apart(request.asked_by, [request.person_id]):
            raise ValidationError("申请人与这位干部有回避关系，不能批准。")
    if name != "withdraw":
        request.decided_by, request.decided_at, request.opinion = by, timezone.now(), reason[:200]
    request.full_clean()
    save_as(request, by=by, reason=f"{transition.label}：{reason}" if reason else transition.label)
    if name != "withdraw":
        notify(
            [request.asked_by],
            kind=Notice.Kind.ACCEPTED if name == "grant" else Notice.Kind.RETURNED,
            title=f"廉政档案查阅申请{'已批准' if name == 'grant' else '未批准'}",
            body=request.opinion,
            url=reverse("opening_request", args=[request.pk]),
        )
    return request


def _checked_day(until_on: date | None) -> date:
    today, most = timezone.localdate(), settings.ARCHIVE_GRANT_DAYS
    if until_on is None:
        raise ValidationError({"until_on": "请填写可查阅的截止日期。"})
    if not today <= until_on <= today + timedelta(days=most):
        raise ValidationError({"until_on": f"截止日期从今天起，最长 {most} 天。"})
    return until_on


# ── 回避关系 ─────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def declare(*, by: Person, person: Person, relative: Person, kind: str) -> Kinship:
    """登记回避关系: from this moment neither finds the other's archive."""
    if not is_keeper(by):
        raise PermissionDenied(KEEPERS)
    if person.pk == relative.pk:
        raise ValidationError({"relative": "请选择两个不同的人。"})
    first, second = sorted((person, relative), key=lambda one: one.pk)
    if Kinship.objects.standing().filter(person=first, relative=second).exists():
        raise ValidationError({"relative": "这两位同志的回避关系已登记。"})
    row = Kinship(person=first, relative=second, kind=kind, declared_by=by, declared_on=timezone.localdate())
    row.full_clean()
    save_as(row, by=by, reason="登记回避关系")
    return row


@transaction.atomic
def end_kinship(row: Kinship, *, by: Person, reason: str) -> Kinship:
    """解除 what was declared wrongly or is over, by somebody outside the relation."""
    if not is_keeper(by):
        raise PermissionDenied(KEEPERS)
    row = Kinship.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if row.ended_on:
        raise ValidationError("这项回避关系已解除。")
    if by.pk in (row.person_id, row.relative_id):
        raise PermissionDenied("涉及本人的回避关系，由其他同志解除。")
    if len(reason.strip()) < WORDS_AT_LEAST:
        raise ValidationError({"reason": f"请写明解除原因，至少 {WORDS_AT_LEAST} 个字。"})
    row.ended_by, row.ended_on, row.ended_reason = by, timezone.localdate(), reason.strip()[:200]
    row.full_clean()
    save_as(row, by=by, reason=f"解除回避关系：{reason.strip()}")
    return row
