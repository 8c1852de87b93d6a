"""每日摘要: one mail per person and day with the notices he has not been mailed yet.

A row is claimed by one conditional update, so of several workers one sends it. Mail cannot be exactly once:
it is never lost, and repeats only when a worker dies between sending and writing so, then with the same Message-ID.
"""

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accountability.models import Digest, Duty, Notice, Person

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=10)
ATTEMPTS = 3
SMTP_SECONDS = 20
ROWS_PER_GROUP = 20  # the rest is one click away

NO_ADDRESS = "无邮箱，仅站内"
NOTHING_LEFT = "事项均已办结，未发邮件"
CARRIED_OVER = "当日未发出，并入之后的摘要"
NEVER_FINISHED = f"已尝试 {ATTEMPTS} 次仍未发出"


@dataclass(frozen=True)
class Group:
    """One heading of the mail with its first rows."""

    title: str
    tone: str
    notices: list[Notice]

    @property
    def shown(self) -> list[Notice]:
        return self.notices[:ROWS_PER_GROUP]

    @property
    def left_out(self) -> int:
        return len(self.notices) - len(self.shown)


def send_digests(on: date, now: datetime) -> int:
    """发送摘要: from ``DIGEST_HOUR`` on, mail everybody what he has not been mailed; returns the mails sent."""
    if timezone.localtime(now).hour < settings.DIGEST_HOUR:
        return 0
    _open_digests(on, now)
    _give_up(now)
    waiting = Digest.objects.filter(_claimable(now), day=on).order_by("pk").values_list("pk", flat=True)
    return sum(_deliver(pk, now) for pk in list(waiting))


def _open_digests(on: date, now: datetime) -> None:
    """One row per person with something to hear; the unique constraint makes it one per day."""
    undelivered = Q(digest=None) | Q(digest__in=_missed(on, now))
    recipients = Notice.objects.filter(undelivered).order_by().values_list("recipient", flat=True).distinct()
    rows = [Digest(recipient_id=recipient, day=on) for recipient in recipients]
    Digest.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def _missed(on: date, now: datetime) -> QuerySet:
    """Digests of earlier days that went to nobody: their notices join today's, so a day still brings one mail."""
    return Digest.objects.filter(Q(state=Digest.State.FAILED) | _stale(now) | Q(state=Digest.State.PENDING), day__lt=on)


def _stale(now: datetime) -> Q:
    return Q(state=Digest.State.SENDING, claimed_at__lt=now - LEASE)


def _claimable(now: datetime) -> Q:
    return Q(state=Digest.State.PENDING) | _stale(now)


def _give_up(now: datetime) -> None:
    """A digest whose worker died every time is not tried for ever."""
    Digest.objects.filter(_stale(now), attempts__gte=ATTEMPTS).update(state=Digest.State.FAILED, error=NEVER_FINISHED)


@transaction.atomic
def _claim(pk: int, now: datetime) -> Digest | None:
    """领取 with all that waits for this person, by one conditional update."""
    # The real time, not ``now``: late in a long run a lease would otherwise be born old.
    won = Digest.objects.filter(_claimable(now), pk=pk).update(
        state=Digest.State.SENDING, claimed_at=timezone.now(), attempts=F("attempts") + 1, error=""
    )
    if not won:
        return None
    digest = Digest.objects.select_related("recipient").get(pk=pk)
    missed = _missed(digest.day, now).filter(recipient=digest.recipient)
    waiting = Notice.objects.filter(Q(digest=None) | Q(digest__in=missed), recipient=digest.recipient)
    waiting.update(digest=digest)
    missed.exclude(state=Digest.State.FAILED).update(state=Digest.State.FAILED, error=CARRIED_OVER)
    return digest


def _deliver(pk: int, now: datetime) -> int:
    """Claim, send, write down what came of it. One bad address never stops the others."""
    digest = _claim(pk, now)
    if digest is None:
        return 0
    groups = _groups(digest)
    if silent := _why_silent(digest.recipient, groups):
        _mark_sent(digest, note=silent)
        return 0
    try:
        _mail(digest, groups).send()
    except Exception as error:  # whatever a mail server or an address may come up with
        log.warning("digest %s was not sent", digest.pk, exc_info=True)
        _mark_unsent(digest, error)
        return 0
    _mark_sent(digest)
    return 1


def _why_silent(recipient: Person, groups: list[Group]) -> str:
    if not recipient.email or not recipient.is_active:
        return NO_ADDRESS
    return "" if groups else NOTHING_LEFT


def _mine(digest: Digest) -> QuerySet:
    """The row while our claim on it stands."""
    return Digest.objects.filter(pk=digest.pk, state=Digest.State.SENDING, claimed_at=digest.claimed_at)


def _mark_sent(digest: Digest, note: str = "") -> None:
    _mine(digest).update(state=Digest.State.SENT, sent_at=timezone.now(), error=note)


def _mark_unsent(digest: Digest, error: Exception) -> None:
    state = Digest.State.FAILED if digest.attempts >= ATTEMPTS else Digest.State.PENDING
    _mine(digest).update(state=state, error=f"{type(error).__name__}: {error}"[:300])


# ── the mail ──────────────────────────────────────────────────────────────────────────────────


def _groups(digest: Digest) -> list[Group]:
    """已逾期、将到期、其他; what has been done or moved since is left out, and a duty is named once."""
    reminders: dict[int, Notice] = {}
    others = []
    for notice in digest.notices.select_related("duty").order_by("created_at", "pk"):
        if notice.kind != Notice.Kind.REMINDER:
            others.append(notice)
        elif notice.duty.state == Duty.State.OPEN and notice.duty.due_on == notice.due_on:
            reminders[notice.duty_id] = notice
    by_day = sorted(reminders.values(), key=lambda notice: (notice.due_on, notice.pk))
    late = [notice for notice in by_day if notice.due_on < digest.day]
    soon = [notice for notice in by_day if notice.due_on >= digest.day]
    groups = Group("已逾期", "late", late), Group("将到期", "soon", soon), Group("其他", "idle", others)
    return [group for group in groups if group.notices]


def _mail(digest: Digest, groups: list[Group]) -> EmailMultiAlternatives:
    site = settings.SITE_ADDRESS.rstrip("/")
    context = {
        "recipient": digest.recipient,
        "day": digest.day,
        "groups": groups,
        "site": site,
        "notices_url": site + reverse("notices"),
    }
    mail = EmailMultiAlternatives(
        subject=_subject(digest, groups),
        body=render_to_string("notices/digest_mail.txt", context),
        to=[digest.recipient.email],
        headers={"Message-ID": message_id(digest), "Auto-Submitted": "auto-generated"},
        connection=get_connection(timeout=SMTP_SECONDS),
    )
    mail.attach_alternative(render_to_string("notices/digest_mail.html", context), "text/html")
    return mail


def _subject(digest: Digest, groups: list[Group]) -> str:
    counts = "，".join(f"{group.title} {len(group.notices)} 项" for group in groups)
    return f"四责协同 {digest.day}：{counts}"


def message_id(digest: Digest) -> str:
    """Fixed per digest, so that a mail repeated after a crash is known for the same one."""
    host = urlsplit(settings.SITE_ADDRESS).hostname or "localhost"
    return f"<digest-{digest.pk}@{host.encode('idna').decode('ascii')}>"
