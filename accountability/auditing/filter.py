"""审计日志筛选: the one reading of the list's conditions; pages by key, so that the last of a million rows costs as the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import ClassVar
from urllib.parse import urlencode

from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils import timezone

from accountability.filters import Filter
from accountability.models import AuditEvent, Person
from accountability.services import audit

PAGE_SIZE = 50
COUNTED = 10_000
ID_LENGTH = 18  # digits; a longer one is no number of a row


@dataclass(frozen=True)
class AuditFilter(Filter):
    ADDRESS: ClassVar[str] = "audit"
    EXPORT: ClassVar[str] = "audit_export"
    CHOICES: ClassVar[dict] = {"result": dict(AuditEvent.Result.choices), "kind": audit.labels}
    COLUMNS: ClassVar[dict] = {
        "kind": "kind", "result": "result", "address": "address", "request": "request_id",
        "model": "row_model", "number": "row_id",
    }  # fmt: skip

    since: date | None = None
    until: date | None = None
    kind: str = ""
    result: str = ""
    who: str = ""
    address: str = ""
    model: str = ""
    number: str = ""
    request: str = ""

    def rows(self) -> QuerySet[AuditEvent]:
        rows = self.narrowed(AuditEvent.objects.all())
        if self.since:
            rows = rows.filter(at__gte=_midnight(self.since))
        if self.until:
            rows = rows.filter(at__lt=_midnight(self.until + timedelta(days=1)))
        if self.who:
            rows = rows.filter(username__in=self._usernames)
        return rows.order_by("-at", "-id")

    @cached_property
    def _usernames(self) -> set[str]:
        """What was typed, and the names under which people so called have acted: today's and earlier ones."""
        people = Person.objects.filter(Q(username=self.who) | Q(name__icontains=self.who)).values("pk")[:200]
        known = Person.history.filter(id__in=list(people.values_list("pk", flat=True)))
        return {self.who, *known.values_list("username", flat=True).distinct()}

    def count(self) -> int:
        """Exact up to ``COUNTED``; beyond it one more, which says: more than that."""
        return self.rows()[: COUNTED + 1].count()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())


@dataclass(frozen=True)
class Leaf:
    """一页 by key: its rows, newest first, and the addresses of the pages on either side."""

    rows: Sequence[AuditEvent]
    newer_url: str
    older_url: str


def leaf_of(chosen: AuditFilter, params) -> Leaf:
    """``before`` or ``after`` name the row a page begins beyond; without them, or with one that is gone, the newest page."""
    rows = chosen.rows().select_related("person", "seal")
    before, after = _key(params.get("before", "")), _key(params.get("after", ""))
    if after:
        at, pk = after
        nearest = rows.filter(at__gte=at).filter(Q(at__gt=at) | Q(pk__gt=pk)).order_by("at", "id")[: PAGE_SIZE + 1]
        shown = list(nearest)
        is_more, shown = len(shown) > PAGE_SIZE, shown[:PAGE_SIZE][::-1]
        return Leaf(shown, _url(chosen, "after", shown[:1]) if is_more else "", _url(chosen, "before", shown[-1:]))
    if before:
        at, pk = before
        rows = rows.filter(at__lte=at).filter(Q(at__lt=at) | Q(pk__lt=pk))
    shown = list(rows[: PAGE_SIZE + 1])
    is_more, shown = len(shown) > PAGE_SIZE, shown[:PAGE_SIZE]
    return Leaf(
        shown,
        _url(chosen, "after", shown[:1]) if before else "",
        _url(chosen, "before", shown[-1:]) if is_more else "",
    )


def _key(text: str) -> tuple[datetime, int] | None:
    moment, _, number = text.partition("_")
    if not (moment.isascii() and moment.isdigit() and number.isascii() and number.isdigit()):
        return None
    if len(moment) > ID_LENGTH or len(number) > ID_LENGTH:
        return None
    try:
        at = datetime.fromtimestamp(0, tz=timezone.get_current_timezone()) + timedelta(microseconds=int(moment))
    except OverflowError:
        return None
    return at, int(number)


def _url(chosen: AuditFilter, word: str, rows: Sequence[AuditEvent]) -> str:
    if not rows:
        return ""
    moment = int(rows[0].at.timestamp() // 1) * 1_000_000 + rows[0].at.microsecond
    return f"?{urlencode([*chosen.items(), (word, f'{moment}_{rows[0].pk}')])}"


def models_offered() -> list[tuple[str, str]]:
    """对象类别: every kind of row of ours, by its Chinese name."""
    ours = ("accountability", "meetings", "inspections", "supervision")
    named = {
        model._meta.label_lower: model._meta.verbose_name
        for app in ours
        for model in apps.get_app_config(app).get_models()
        if not model.__name__.startswith("Historical")
    }
    return sorted(named.items(), key=lambda pair: str(pair[1]))
