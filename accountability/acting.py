"""谁在操作: who acts now, from where and in what call; set by the middleware, by a worker's task and by a command.

Deep code that writes an audit event need not be handed the request. Outside any call (a shell, a test of a service)
there is no act, and nothing is told of it but what ``services.audit.record`` is given.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass
class Act:
    """操作. ``source`` is the address's name (``record_new``), a task's or a command's; ``address`` the caller's IP.

    ``told_at``: where in the transaction under way an event of it stands (``services.audit``); ``is_unsealed``: an event of it
    was committed; ``shown``: a confidential row that a page of it shows.
    """

    source: str
    request_id: str = field(default_factory=lambda: secrets.token_hex(8))
    person: object | None = None
    address: str = ""
    told: bool = False  # whether an event of it was written already
    told_at: tuple[int, Callable] | None = None
    is_unsealed: bool = False
    shown: object | None = None


_now: ContextVar[Act | None] = ContextVar("act", default=None)


def current() -> Act | None:
    return _now.get()


@contextmanager
def acting(act: Act) -> Iterator[Act]:
    token = _now.set(act)
    try:
        yield act
    finally:
        _now.reset(token)


def shows(row) -> None:
    """限定知悉的内容被查看: a page that shows a confidential row says so, and its reading is audited."""
    if act := _now.get():
        act.shown = row


# What is called when rows of tracked models were written past ``save``: the model, the first row's number, who.
on_bulk_write: list[Callable] = []


def wrote(model, pk, by) -> None:
    for listener in on_bulk_write:
        listener(model, pk, by)
