"""台账附加条件 of the supervisors: what the four questions count, as conditions of the ledger (四（三））."""

from datetime import date, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from accountability.ledger import condition
from accountability.models import Duty, Obligation
from inspections.models import Reply
from supervision.board.consequences import pursued
from supervision.models import LetterMatter


@condition("joint", "协同事项")
def joint(on: date) -> Q:
    """有协同单位, or an answer that one organisation owes another."""
    helped = Q(pk__in=Duty.helpers.through.objects.values("duty"))  # few: looked up once, not for each duty
    asked = Q(pk__in=Reply.objects.order_by().values("duty"))
    told = Q(pk__in=LetterMatter.objects.filter(duty__isnull=False).order_by().values("duty"), is_confidential=False)
    return helped | asked | told


def long_late(on: date) -> Q:
    """逾期满 N 日."""
    return Q(state=Duty.State.OPEN, due_on__lte=on - timedelta(days=settings.PURSUE_AFTER_DAYS))


def is_long_late(duty: Duty, on: date) -> bool:
    return duty.is_open and duty.due_on <= on - timedelta(days=settings.PURSUE_AFTER_DAYS)


@condition("long-late", f"逾期满 {settings.PURSUE_AFTER_DAYS} 日")
def _long_late(on: date) -> Q:
    return long_late(on)


@condition("pursued", f"逾期满 {settings.PURSUE_AFTER_DAYS} 日，已督办或问责")
def _pursued(on: date) -> Q:
    return long_late(on) & pursued()


@condition("unpursued", f"逾期满 {settings.PURSUE_AFTER_DAYS} 日，未督办未问责")
def _unpursued(on: date) -> Q:
    return long_late(on) & ~pursued()


# ── 缺失 ─────────────────────────────────────────────────────────────────────────────────────


def _owed(act: str) -> Q:
    """Open, and asked for by an obligation that this act fulfils."""
    asked = Obligation.acts.through.objects.filter(obligation=OuterRef("obligation"), actkind__code=act)
    return Q(state=Duty.State.OPEN) & Exists(asked)


@condition("no-letter", "未签责任书")
def _no_letter(on: date) -> Q:
    return _owed("responsibility-letter")


@condition("no-rules", "未制定本单位实施办法")
def _no_rules(on: date) -> Q:
    return _owed("implementing-measures")


@condition("no-hearing", "到期未听取汇报")
def _no_hearing(on: date) -> Q:
    return _owed("hearing") & Q(due_on__lt=on)


@condition("no-answer", "逾期未答复")
def _no_answer(on: date) -> Q:
    """An answer that one organisation owes another."""
    return Q(state=Duty.State.OPEN, due_on__lt=on, reply__isnull=False)
