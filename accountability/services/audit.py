"""审计: write an event of what was done, tried or refused (GB/T 22239-2019 8.1.4.3; 网络安全法第二十一条).

    register("login", "登录")                  # once, beside the code that records it
    record("login", by=person)                 # in the transaction of what it tells of
    record("login", username="x", result=FAILED, reason="密码不正确")

Person, address and request id come from the act under way (``accountability.acting``) when they are not given.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connections, models, router, transaction
from django.utils import timezone

from accountability import acting
from accountability.auditing import seals
from accountability.models import AuditEvent, Person
from accountability.services import sealing

DONE, FAILED, REFUSED = AuditEvent.Result.DONE, AuditEvent.Result.FAILED, AuditEvent.Result.REFUSED
labels: dict[str, str] = {}


def register(kind: str, label: str) -> str:
    """登记事件类型 with its Chinese name; apps above register their own. A kind twice is a mistake of ours."""
    if labels.get(kind, label) != label:
        raise RuntimeError(f"audit kind {kind} is registered as {labels[kind]} already")
    labels[kind] = label
    return kind


@dataclass(frozen=True)
class Subject:
    """对象 that is known by kind and number alone: of a page read, of rows written in bulk."""

    model: type[models.Model]
    pk: int | str


def record(
    kind: str,
    *,
    by: Person | None = None,
    row: models.Model | Subject | None = None,
    result: str = DONE,
    username: str = "",
    **detail: str | int | bool,
) -> AuditEvent:
    """记一条 audit event. ``detail`` must hold no content: words of ours, numbers, codes."""
    if kind not in labels:
        raise RuntimeError(f"audit kind {kind} is not registered")
    act = acting.current()
    person = by or (act.person if act else None)
    event = AuditEvent(
        at=timezone.now(),
        kind=kind,
        result=result,
        person_id=person.pk if person else None,
        username=_clean(username or (person.username if person else ""))[:60],
        address=act.address if act else "",
        request_id=act.request_id if act else "",
        detail={name: _clean(value) for name, value in detail.items()},
    )
    if row is not None:
        meta = (row.model if isinstance(row, Subject) else row)._meta
        event.row_model, event.row_id = meta.label_lower, str(row.pk)
        event.row_words = f"{meta.verbose_name} {row.pk}"[:200]
    event.stamp = seals.stamp_of(seals.values_of(event))
    event.save(force_insert=True)
    _after(act)
    return event


def _clean(value):
    """PostgreSQL holds no NUL."""
    return value.replace("\x00", "") if isinstance(value, str) else value


def _after(act: acting.Act | None) -> None:
    """Once per transaction: remember that it is told of, and have it sealed when it is committed."""
    if act:
        act.told = True
    if act is None or not is_told(act):
        pending = connections[router.db_for_write(AuditEvent)].run_on_commit
        place, due = len(pending), _due(act)
        transaction.on_commit(due, robust=True)
        if act:
            act.told_at = (place, due)


def _due(act: acting.Act | None) -> Callable[[], None]:
    """After the commit: sealed at once where nobody acts, else when the act ends."""

    def seal() -> None:
        if act:
            act.is_unsealed = True
        else:
            sealing.seal_soon()

    return seal


def is_told(act: acting.Act) -> bool:
    """Whether the transaction under way holds an event of this act: what was rolled back is forgotten with its savepoint."""
    if act.told_at is None:
        return False
    place, due = act.told_at
    pending = connections[router.db_for_write(AuditEvent)].run_on_commit
    return place < len(pending) and pending[place][1] is due
