"""审计: write an event of what was done, tried or refused (GB/T 22239-2019 8.1.4.3; 网络安全法第二十一条).

    kinds.register("login", "登录")            # once, beside the code that records it
    record("login", by=person)                 # in the transaction of what it tells of
    record("login", username="x", result=FAILED, reason="密码不正确")

Person, address and request id come from the act under way (``accountability.acting``) when they are not given.
"""

from django.db import models
from django.utils import timezone

from accountability import acting
from accountability.models import AuditEvent, Person

DONE, FAILED, REFUSED = AuditEvent.Result.DONE, AuditEvent.Result.FAILED, AuditEvent.Result.REFUSED
labels: dict[str, str] = {}


def register(kind: str, label: str) -> str:
    """登记事件类型 with its Chinese name; apps above register their own. A kind twice is a mistake of ours."""
    if labels.get(kind, label) != label:
        raise RuntimeError(f"audit kind {kind} is registered as {labels[kind]} already")
    labels[kind] = label
    return kind


def record(
    kind: str,
    *,
    by: Person | None = None,
    row: models.Model | None = None,
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
        person=person if person and person.pk else None,
        username=(username or (person.username if person else ""))[:60],
        address=act.address if act else "",
        request_id=act.request_id if act else "",
        detail=detail,
    )
    if row is not None:
        event.row_model, event.row_id = row._meta.label_lower, str(row.pk)
        event.row_words = f"{row._meta.verbose_name} {row.pk}"[:200]
    event.save(force_insert=True)
    if act:
        act.told = True
    return event
