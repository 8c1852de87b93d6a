"""四问: 分解明确、项目落实、履行协同、追究严格 as indicators, each a fraction of two lists of the ledger (四（三）).

A question is two ``LedgerFilter``: what counts, and what of it is well. Its page shows the formula, both figures, what
is lacking, and how it stood at the end of each month, computed from the days that the rows keep.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from accountability.ledger import LedgerFilter
from accountability.models import Duty, Light, Post
from supervision.board.consequences import first_answers
from supervision.board.days import Days
from supervision.board.tally import Tally

DUE = (Light.DONE, Light.LATE)


@dataclass(frozen=True)
class Question:
    """一问. ``whole`` and ``well`` and ``lacking`` are filters: well and lacking part the whole."""

    name: str
    label: str
    formula: str
    whole: LedgerFilter
    well: LedgerFilter
    lacking: LedgerFilter
    lacking_words: str


@dataclass
class Answer:
    """The question on a day: two figures and what is lacking; ``months`` is the rate at each month's end so far."""

    question: Question
    whole: int
    well: int
    months: list[float | None] = field(default_factory=list)

    @property
    def lacking(self) -> int:
        return self.whole - self.well

    @property
    def rate(self) -> float | None:
        return 100 * self.well / self.whole if self.whole else None

    @property
    def words(self) -> str:
        return "—" if self.rate is None else f"{self.rate:.1f}%"

    @property
    def change(self) -> str:
        """较上月末."""
        before = self.months[-2] if len(self.months) > 1 else None
        if before is None or self.rate is None:
            return ""
        difference = round(self.rate, 1) - round(before, 1)
        if abs(difference) < 0.05:
            return "较上月末持平"
        return f"较上月末{'升' if difference > 0 else '降'} {abs(difference):.1f}"


def questions(year: int) -> list[Question]:
    every = LedgerFilter(year=year)
    days = settings.PURSUE_AFTER_DAYS
    return [
        Question(
            "clear", "分解明确", "责任人在任的责任 ÷ 全部责任；每项责任都有期限和监督单位，只会缺责任人",
            every, every.but(such=("held",)), every.but(such=("vacant",)), "缺责任人",
        ),
        Question(
            "carried_out", "项目落实", "按期完成的责任 ÷ 已到期或已完成的责任",
            every.but(states=DUE), every.but(states=("done_in_time",)), every.but(states=("done_late", Light.LATE)),
            "未按期",
        ),
        Question(
            "joint", "履行协同", "按期完成的协同事项 ÷ 已到期或已完成的协同事项；协同事项是有协同单位的责任和单位之间的答复",
            every.but(such=("joint",), states=DUE), every.but(such=("joint",), states=("done_in_time",)),
            every.but(such=("joint",), states=("done_late", Light.LATE)), "未按期",
        ),
        Question(
            "strict", "追究严格", f"已督办或问责的责任 ÷ 逾期满 {days} 日仍未完成的责任",
            every.but(such=("long-late",)), every.but(such=("pursued",)), every.but(such=("unpursued",)), "未追究",
        ),
    ]  # fmt: skip


def answered(told: Tally, duties: QuerySet, year: int, on: date) -> list[Answer]:
    """四问 over the duties their reader may see, from the tally of the year; posts and answers in few queries more."""
    owed, ends = duties.of_year(year).owed().order_by(), _ends(year, on)
    total, late = told.total("total"), [told.days.overdue_for(settings.PURSUE_AFTER_DAYS, end) for end in ends]
    figures = {
        "clear": (total, total - told.total("vacant"), _held_at(owed, total, ends)),
        "carried_out": (*_carried(told.days, on), [_rate(*_carried(told.days, end)) for end in ends]),
        "joint": (*_carried(told.joint, on), [_rate(*_carried(told.joint, end)) for end in ends]),
        "strict": (
            told.total("long_late"),
            told.total("long_late") - told.total("unpursued"),
            _pursued_at(owed, ends, late),
        ),
    }
    return [Answer(each, *figures[each.name]) for each in questions(year)]


def _ends(year: int, on: date) -> list[date]:
    """The last days of the months begun, the running one at today."""
    ends = [_month_end(year, month) for month in range(1, 13)]
    return [min(end, on) for end in ends if end.replace(day=1) <= on]


# ── as it stood ──────────────────────────────────────────────────────────────────────────────


def _rate(whole: int, well: int) -> float | None:
    return 100 * well / whole if whole else None


def _carried(days: Days, end: date) -> tuple[int, int]:
    """Due or done by ``end``; well is what was done by then and in time."""
    return days.done(end) + days.overdue(end), days.in_time(end)


def _held_at(owed: QuerySet, whole: int, ends: list[date]) -> list[float | None]:
    """Whether anybody held the post that answers at the end of a month; only duties of posts that stood empty are counted."""
    held: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    for post, started, ended in Post.objects.order_by().values_list("pk", "tenures__started_on", "tenures__ended_on"):
        held[post] += [(started, ended)] if started else []
    empty = [post for post, spans in held.items() if not all(_is_held(spans, end) for end in ends)]
    rows = owed.filter(owner__in=empty).values("owner")
    told = rows.annotate(**{f"open{at}": Count("pk", filter=_open_at(end)) for at, end in enumerate(ends)})
    vacant = [0] * len(ends)
    for row in told:
        for at, end in enumerate(ends):
            vacant[at] += 0 if _is_held(held[row["owner"]], end) else row[f"open{at}"]
    return [_rate(whole, whole - without) for without in vacant]


def _open_at(end: date) -> Q:
    return (Q(state=Duty.State.OPEN) | Q(fulfilled_on__gt=end)) & ~Q(state=Duty.State.WAIVED)


def _is_held(spans: list[tuple[date, date | None]], on: date) -> bool:
    return any(started <= on and (ended is None or ended >= on) for started, ended in spans)


def _pursued_at(owed: QuerySet, ends: list[date], late: list[int]) -> list[float | None]:
    """Of what was late by N days at the end of a month: what was answered by then."""
    well = [0] * len(ends)
    for answer in first_answers(owed):
        for at, end in enumerate(ends):
            is_late = answer.due_on <= end - timedelta(days=settings.PURSUE_AFTER_DAYS)
            is_open = answer.fulfilled_on is None or answer.fulfilled_on > end
            well[at] += is_late and is_open and answer.on <= end
    return [_rate(late[at], well[at]) for at in range(len(ends))]


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - date.resolution
