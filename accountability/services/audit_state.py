"""审计链的状态: when it was last verified and how that went, how far it is sealed, what is archived; and one event's seal."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from accountability.auditing import seals
from accountability.models import AuditArchive, AuditEvent, AuditSeal
from accountability.services.audit_check import VERIFIED
from accountability.services.sealing import unsealed

VERIFIED_WITHIN = timedelta(hours=36)
NEAR, SHOWN = 1000, 100  # how far before the end of the chain waiting events are looked for, and counted


@dataclass(frozen=True)
class State:
    """链的状态. ``waiting`` are events not sealed yet, seen near the end of the chain."""

    verified: AuditEvent | None
    is_verification_late: bool
    last: AuditSeal | None
    waiting: int
    archives: list[AuditArchive]

    @property
    def faults(self) -> int:
        return int(self.verified.detail.get("faults", 0)) if self.verified else 0

    @property
    def archived(self) -> int:
        return self.archives[-1].last_seq if self.archives else 0


def state(now: datetime) -> State:
    verified = AuditEvent.objects.filter(kind=VERIFIED).order_by("-at", "-id").first()
    last = AuditSeal.objects.select_related("event").order_by("-seq").first()
    return State(
        verified=verified,
        is_verification_late=_since(verified) < now - VERIFIED_WITHIN,
        last=last,
        waiting=unsealed(last, NEAR)[:SHOWN].count(),
        archives=list(AuditArchive.objects.order_by("first_seq")),
    )


def _since(verified: AuditEvent | None) -> datetime:
    """最近校验; on a new installation, whose first night is to come, its first event."""
    first = verified or AuditEvent.objects.order_by("at", "id").first()
    return first.at if first else timezone.now()


@dataclass(frozen=True)
class SealState:
    """封存状态 of one event: its own link, and whether the link before it is the one it names."""

    seal: AuditSeal | None
    is_stamped: bool
    holds: bool
    follows: bool


def seal_of(event: AuditEvent) -> SealState:
    values = seals.values_of(event)
    seal = getattr(event, "seal", None)
    if seal is None:
        return SealState(None, seals.is_stamped(values), holds=False, follows=False)
    before = (
        AuditSeal.objects.filter(seq=seal.seq - 1).values_list("hash", flat=True).first()
        or AuditArchive.objects.filter(last_seq=seal.seq - 1).values_list("last_hash", flat=True).first()
        or seals.START
    )
    holds = seals.hash_of(seal.previous, values) == seal.hash
    return SealState(seal, seals.is_stamped(values), holds=holds, follows=before == seal.previous)
