"""记录筛选: the one reading of the filters of records; list, search and every figure that counts records use it."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse

from accountability.models import Organisation, Record

VIEWS = {"all": "全部", "waiting": "待我审核", "mine": "我录入的", "returned": "被退回", "late": "补录"}


@dataclass(frozen=True)
class Span:
    """一年、一月、一日, as an address writes it: 2026, 2026-03, 2026-03-04."""

    text: str
    first: date
    last: date

    @classmethod
    def read(cls, text: str) -> "Span | None":
        """Nothing for what is no day, month or year between 2000 and 2101."""
        try:
            first = date.fromisoformat({4: f"{text}-01-01", 7: f"{text}-01"}.get(len(text), text))
        except ValueError:
            return None
        if len(text) not in (4, 7, 10) or not 2000 <= first.year <= 2101:
            return None
        following = {
            4: date(first.year + 1, 1, 1),
            7: (first + timedelta(days=31)).replace(day=1),
            10: first + timedelta(days=1),
        }
        return cls(text, first, following[len(text)] - timedelta(days=1))

    @property
    def words(self) -> str:
        if len(self.text) == 4:
            return f"{self.first.year}年"
        return f"{self.first.year}年{self.first.month}月" + (f"{self.first.day}日" if len(self.text) == 10 else "")


@dataclass(frozen=True)
class RecordFilter:
    """筛选条件. Unknown or malformed values in an address are dropped, never an error."""

    year: int
    view: str = "all"
    q: str = ""
    acts: tuple[str, ...] = ()  # 计入的, of one of these acts
    way: str = ""  # of this act, counted or not
    # 单位 and all below it.
    unit: int | None = None
    # 录入于 a year, a month or a day.
    entered: Span | None = None

    @classmethod
    def read(cls, params, year: int) -> "RecordFilter":
        unit = params.get("unit", "")
        return cls(
            year=year,
            view=params.get("view") if params.get("view") in VIEWS else "all",
            q=params.get("q", "").replace("\x00", "").strip()[:60],
            acts=tuple(code.replace("\x00", "")[:40] for code in params.getlist("act") if code),
            way=params.get("way", "").replace("\x00", "")[:40],
            unit=int(unit) if unit.isascii() and unit.isdigit() and len(unit) < 10 else None,
            entered=Span.read(params.get("entered", "")),
        )

    def but(self, **changes) -> "RecordFilter":
        return replace(self, **changes)

    def items(self) -> list[tuple[str, str]]:
        pairs = [("year", str(self.year)), ("view", "" if self.view == "all" else self.view), ("q", self.q)]
        pairs += [("act", code) for code in self.acts]
        pairs += [
            ("way", self.way),
            ("unit", str(self.unit or "")),
            ("entered", self.entered.text if self.entered else ""),
        ]
        return [(name, value) for name, value in pairs if value]

    @property
    def url(self) -> str:
        return f"{reverse('records')}?{urlencode(self.items())}"

    @property
    def narrows(self) -> bool:
        return len(self.items()) > 1

    def rows(self, records: QuerySet, *, user) -> QuerySet:
        """The records that meet every condition; ``records`` comes scoped."""
        records = self._of_view(records.filter(work_year=self.year), user)
        if self.acts:
            records = records.accepted().filter(act__code__in=self.acts)
        if self.way:
            records = records.filter(act__code=self.way)
        if self.unit:
            records = records.filter(organisation__in=and_below(self.unit))
        if self.entered:
            records = records.filter(entered_on__gte=self.entered.first, entered_on__lte=self.entered.last)
        if self.q:
            records = records.filter(
                Q(title__icontains=self.q) | Q(content__icontains=self.q) | Q(organisation__name__icontains=self.q)
            )
        return records

    def _of_view(self, records: QuerySet, user) -> QuerySet:
        return {
            "all": lambda: records,
            "waiting": lambda: records.waiting_for(user),
            "mine": lambda: records.filter(entered_by=user),
            "returned": lambda: records.filter(entered_by=user, state=Record.State.RETURNED),
            "late": lambda: records.standing().entered_late(),
        }[self.view]()


def and_below(unit: int) -> QuerySet:
    """单位及下级: ids of the organisation and everything below it."""
    organisation = Organisation.objects.filter(pk=unit).first()
    rows = Organisation.objects.below(organisation) if organisation else Organisation.objects.none()
    return rows.values("pk")
