"""签到: a code shown in the room that changes every half minute; who is on the list types it himself (三（一）1)."""

import hashlib
import hmac
import secrets
from datetime import date, datetime

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accountability.models import Person
from accountability.models.history import save_as
from meetings.models import Meeting, Participant
from meetings.services.planning import locked, may_keep

SECONDS = 30  # a code lives, and is accepted for as long again
WRONG_AT_MOST = 10  # then somebody at the door must enter him


def _code(meeting: Meeting, window: int) -> str:
    key = f"{settings.SECRET_KEY}meetings.check_in{meeting.check_in_nonce}".encode()
    digest = hmac.new(key, str(window).encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"


def code_now(meeting: Meeting, at: datetime) -> tuple[str, int]:
    """签到码 and the seconds it still lives."""
    window, gone = divmod(int(at.timestamp()), SECONDS)
    return _code(meeting, window), SECONDS - gone


@transaction.atomic
def open_check_in(meeting: Meeting, *, by: Person) -> Meeting:
    """开启签到, on the day."""
    meeting = locked(meeting)
    if not may_keep(by, meeting):
        raise PermissionDenied(f"只有{meeting.organisation.full_name}的会议记录人员可以开启签到。")
    if not meeting.is_to_come or meeting.day != timezone.localdate():
        raise ValidationError("签到在会议召开当天、提交纪要之前开启。")
    if not meeting.check_in_nonce:
        meeting.check_in_nonce = secrets.token_urlsafe(24)
        save_as(meeting, by=by, reason="开启签到")
    return meeting


def seat_of(user: Person, meeting: Meeting) -> Participant | None:
    return meeting.participants.filter(person=user).first()


def may_check_in(user: Person, meeting: Meeting, on: date) -> bool:
    """On the list, not yet there, on the day, and the door is open."""
    if not meeting.is_to_come or meeting.day != on or not meeting.check_in_nonce:
        return False
    return meeting.participants.filter(person=user, answer=Participant.Answer.EXPECTED).exists()


def check_in(meeting: Meeting, *, by: Person, code: str) -> Participant:
    """签到, once. A wrong code is counted while it is open, and the count stays though the attempt is refused."""
    with transaction.atomic():
        row = meeting.participants.select_for_update().filter(person=by).first()
        if row is None:
            raise PermissionDenied("您不在这次会议的名单中，请找会务人员登记。")
        if row.answer == Participant.Answer.PRESENT:
            return row
        refusal = _refusal(meeting, row, code)
        if not refusal:
            row.answer, row.reason, row.substitute = Participant.Answer.PRESENT, "", ""
            row.checked_in_at = timezone.now()
            save_as(row, by=by, reason="本人签到")
            return row
        if row.wrong_codes < WRONG_AT_MOST and code and _is_open(meeting):
            row.wrong_codes += 1
            save_as(row, by=by, reason="签到码不对")
    raise ValidationError({"code": refusal})


def _is_open(meeting: Meeting) -> bool:
    return bool(meeting.is_to_come and meeting.day == timezone.localdate() and meeting.check_in_nonce)


def _refusal(meeting: Meeting, row: Participant, code: str) -> str:
    if not _is_open(meeting):
        return "现在不能签到：签到在会议当天由会务人员开启。"
    if row.wrong_codes >= WRONG_AT_MOST:
        return f"签到码已输错 {WRONG_AT_MOST} 次，请找会务人员登记。"
    window = int(timezone.now().timestamp()) // SECONDS
    if any(constant_time_compare(code, _code(meeting, each)) for each in (window, window - 1)):
        return ""
    return "签到码不对或已过期，请看会场屏幕上现在的号码。"
