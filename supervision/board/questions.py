"""四问: 分解明确、项目落实、履行协同、追究严格 as indicators, each a fraction of two lists of the ledger (四（三）).

A question is two ``LedgerFilter``: what counts, and what of it is well. Its page shows the formula, both figures, what
is lacking, and how it stood at the end of each month, computed from the days that the rows keep.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet

from accountability.ledger import CONDITIONS, LedgerFilter
from accountability.models import Duty, Light
from supervision.board.consequences import first_answers

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


def counted(year: int, on: date) -> dict[str, Count]:
    """What the questions count, today and at the end of each month; one grouped query answers it (``tally``)."""
    asked, ends = questions(year), _ends(year, on)
    return {
        **{f"{each.name}_whole": _counted(each.whole, on) for each in asked},
        **{f"{each.name}_well": _counted(each.well, on) for each in asked},
        **_in_time_at(ends),
        **_long_late_at(ends),
    }


def answered(told: dict[str, dict[str, int]], duties: QuerySet, year: int, on: date) -> list[Answer]:
    """四问 over the duties their reader may see, from the tally of the year; posts and answers in two queries more."""
    owed, ends = duties.of_year(year).owed().order_by(), _ends(year, on)
    total = {name: sum(row[name] for row in told.values()) for name in counted(year, on)}
    months = {
        "clear": _held_at(owed, ends),
        "carried_out": [_rate(total[f"all{at}_well"], total[f"all{at}"]) for at in range(len(ends))],
        "joint": [_rate(total[f"joint{at}_well"], total[f"joint{at}"]) for at in range(len(ends))],
        "strict": _pursued_at(owed, ends, [total[f"late{at}"] for at in range(len(ends))]),
    }
    return [
        Answer(each, total[f"{each.name}_whole"], total[f"{each.name}_well"], months[each.name])
        for each in questions(year)
    ]


def _ends(year: int, on: date) -> list[date]:
    """The last days of the months begun, the running one at today."""
    ends = [_month_end(year, month) for month in range(1, 13)]
    return [min(end, on) for end in ends if end.replace(day=1) <= on]


def _counted(chosen: LedgerFilter, on: date) -> Count:
    """Of the year's owed duties: those that meet the filter."""
    meaning = chosen.meaning(on)
    return Count("pk", filter=meaning) if meaning else Count("pk")


# ── as it stood ──────────────────────────────────────────────────────────────────────────────


def _rate(well: int, whole: int) -> float | None:
    return 100 * well / whole if whole else None


def _in_time_at(ends: list[date]) -> dict[str, Count]:
    """Due or done by the end of a month; well is what was done by then and in time."""
    counts = {}
    for at, end in enumerate(ends):
        done, joint = Q(fulfilled_on__lte=end), CONDITIONS["joint"].meaning(end)
        whole, well = done | Q(due_on__lt=end), done & Q(fulfilled_on__lte=F("due_on"))
        counts |= {f"all{at}": Count("pk", filter=whole), f"all{at}_well": Count("pk", filter=well)}
        counts |= {f"joint{at}": Count("pk", filter=joint & whole), f"joint{at}_well": Count("pk", filter=joint & well)}
    return counts


def _is_long_late_at(end: date) -> Q:
    return Q(due_on__lte=end - timedelta(days=settings.PURSUE_AFTER_DAYS)) & _open_at(end)


def _long_late_at(ends: list[date]) -> dict[str, Count]:
    """Late by N days at the end of a month."""
    return {f"late{at}": Count("pk", filter=_is_long_late_at(end)) for at, end in enumerate(ends)}


def _held_at(owed: QuerySet, ends: list[date]) -> list[float | None]:
    """By post: how many duties were open at the end of a month, and whether anybody held the post then."""
    spans = {"started": F("owner__tenures__started_on"), "ended": F("owner__tenures__ended_on")}
    rows = owed.values("owner", **spans).annotate(
        whole=Count("pk"), **{f"open{at}": Count("pk", filter=_open_at(end)) for at, end in enumerate(ends)}
    )
    held: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    posts: dict[int, dict] = {}
    for row in rows:  # one row a tenure, each with the same counts
        posts[row["owner"]] = row
        if row["started"]:
            held[row["owner"]].append((row["started"], row["ended"]))
    whole = sum(row["whole"] for row in posts.values())
    rates = []
    for at, end in enumerate(ends):
        vacant = sum(row[f"open{at}"] for row in posts.values() if not _is_held(held[row["owner"]], end))
        rates.append(_rate(whole - vacant, whole))
    return rates


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
    return [_rate(well[at], late[at]) for at in range(len(ends))]


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - date.resolution
