"""台账筛选: the one reading of the ledger's filters; page, export, dashboard cell and report figure all use it.

A figure is a filter: what it counts is what the ledger shows under the same address.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse

from accountability.models import (
    UNIT_KINDS,
    ActKind,
    Duty,
    Evidence,
    Light,
    Obligation,
    Organisation,
    Record,
    Subject,
    Tenure,
)

# 状态筛选: the four lights, and states that are no light.
STATES = {
    Light.LATE: "已逾期",
    Light.SOON: "将到期",
    Light.DONE: "已完成",
    Light.IDLE: "未到",
    "reviewing": "待审核",
    "done_in_time": "按期完成",
    "done_late": "逾期完成",
    "waived": "不再要求",
}
LEVELS = {"school": "校级", "unit": "二级单位", "branch": "党支部"}


@cache
def _address() -> str:
    """A board names some two thousand pages of the ledger."""
    return reverse("ledger")


@dataclass(frozen=True)
class Condition:
    """附加条件: a named question asked of a duty on a day, such as 责任人空缺; ``?is=vacant`` lists who meets it."""

    name: str
    label: str
    meaning: Callable[[date], Q]


# By name. Upper apps add their own: the ledger need not know what a letter is to list the duties without one.
CONDITIONS: dict[str, Condition] = {}


def condition(name: str, label: str):
    """登记 a condition: the function gives its Q over Duty on a day."""

    def register(function: Callable[[date], Q]):
        CONDITIONS[name] = Condition(name, label, function)
        return function

    return register


@dataclass(frozen=True)
class LedgerFilter:
    """筛选条件. Unknown or malformed values in an address are dropped, never an error."""

    year: int | None = None
    q: str = ""
    states: tuple[str, ...] = ()
    subject: str = ""
    level: str = ""
    kind: str = ""
    organisation: int | None = None
    obligation: int | None = None
    clause: str = ""
    owner: int | None = None
    month: int | None = None
    mine: bool = False
    occurrence: int | None = None
    such: tuple[str, ...] = ()

    @classmethod
    def read(cls, params) -> "LedgerFilter":
        """Parse a QueryDict or a plain dict."""
        get = params.get
        states = params.getlist("state") if hasattr(params, "getlist") else params.get("state", ())
        states = (states,) if isinstance(states, str) else states
        such = params.getlist("is") if hasattr(params, "getlist") else params.get("is", ())
        such = (such,) if isinstance(such, str) else such
        return cls(
            year=_number(get("year"), 2000, 2100),
            q=(get("q") or "").replace("\x00", "").strip()[:60],
            states=tuple(state for state in dict.fromkeys(states) if state in STATES),
            subject=get("subject") if get("subject") in Subject else "",
            level=get("level") if get("level") in LEVELS else "",
            kind=get("kind") if get("kind") in Organisation.Kind else "",
            organisation=_number(get("organisation")),
            obligation=_number(get("obligation")),
            clause=(get("clause") or "").replace("\x00", "")[:12],
            owner=_number(get("owner")),
            month=_number(get("month"), 1, 12),
            mine=get("mine") in ("1", True),
            occurrence=_number(get("occurrence"), 1, 400),
            such=tuple(name for name in dict.fromkeys(such) if name in CONDITIONS),
        )

    def items(self) -> list[tuple[str, str]]:
        """As address parameters, in a fixed order."""
        pairs: list[tuple[str, str]] = []
        for name in (
            "year", "q", "subject", "level", "kind", "organisation", "obligation", "occurrence", "clause", "owner", "month",
        ):  # fmt: skip
            if value := getattr(self, name):
                pairs.append((name, str(value)))
        pairs += [("state", state) for state in self.states]
        pairs += [("is", name) for name in self.such]
        if self.mine:
            pairs.append(("mine", "1"))
        return pairs

    @property
    def url(self) -> str:
        """The ledger page that shows these rows."""
        query = urlencode(self.items())
        return _address() + (f"?{query}" if query else "")

    def but(self, **changes) -> "LedgerFilter":
        return replace(self, **changes)

    def without(self, name: str, value: str = "") -> "LedgerFilter":
        """Without one condition (of several states, without this one)."""
        if name == "state":
            return replace(self, states=tuple(state for state in self.states if state != value))
        if name == "is":
            return replace(self, such=tuple(one for one in self.such if one != value))
        empty = LedgerFilter()
        return replace(self, **{name: getattr(empty, name)})

    def rows(self, duties: QuerySet, *, on: date, user=None) -> QuerySet:
        """The duties that meet every condition. ``duties`` comes scoped: this only narrows."""
        if self.year:
            duties = duties.of_year(self.year)
        if "waived" not in self.states:
            duties = duties.owed()
        if self.states or self.such:
            duties = duties.filter(self.meaning(on))
        if self.subject:
            duties = duties.filter(subject=self.subject)
        if self.level:
            duties = duties.filter(organisation__kind__in=_kinds_of(self.level))
        if self.kind:
            duties = duties.filter(organisation__kind=self.kind)
        if self.organisation:
            duties = duties.filter(organisation=self.organisation)
        if self.obligation:
            duties = duties.filter(obligation=self.obligation)
        if self.occurrence:
            duties = duties.filter(occurrence=self.occurrence)
        if self.clause:
            duties = duties.filter(Q(clause__key=self.clause) | Q(clause__key__startswith=f"{self.clause}."))
        if self.owner:
            duties = duties.filter(owner=self.owner)
        if self.month:  # of the working year itself: what is due in the year after has no month here
            within = {"due_on__year": self.year} if self.year else {}
            duties = duties.filter(due_on__month=self.month, **within)
        if self.mine and user is not None:
            duties = duties.owed_by(user)
        if self.q:
            duties = duties.filter(self._search())
        return duties

    def meaning(self, on: date) -> Q:
        """What the chosen states (any of them) and conditions (all of them) mean on this day."""
        open_ = Q(state=Duty.State.OPEN)
        meaning = Q()
        soon_until = on + timedelta(days=settings.SOON_DAYS)
        for state in self.states:
            meaning |= {
                Light.DONE: Q(state=Duty.State.FULFILLED),
                Light.LATE: open_ & Q(due_on__lt=on),
                Light.SOON: open_ & Q(due_on__gte=on, due_on__lte=soon_until),
                Light.IDLE: open_ & Q(due_on__gt=soon_until),
                "reviewing": open_ & Exists(_submitted()),
                "done_in_time": Q(state=Duty.State.FULFILLED, fulfilled_on__lte=F("due_on")),
                "done_late": Q(state=Duty.State.FULFILLED, fulfilled_on__gt=F("due_on")),
                "waived": Q(state=Duty.State.WAIVED),
            }[state]
        for name in self.such:
            meaning &= CONDITIONS[name].meaning(on)
        return meaning

    def _search(self) -> Q:
        return (
            Q(number__icontains=self.q)
            | Q(title__icontains=self.q)
            | Q(organisation__name__icontains=self.q)
            | Q(owner__title__icontains=self.q)
            | Q(owner__in=Tenure.objects.filter(person__name__icontains=self.q).values("post"))
            | Q(clause__number__icontains=self.q)
            | Q(clause__summary__icontains=self.q)
        )


# ── conditions of this app ───────────────────────────────────────────────────────────────────


@condition("vacant", "责任人空缺")
def _vacant(on: date) -> Q:
    """Owed, and nobody in the post that answers for it."""
    held = Tenure.objects.in_office(on).values("post")  # few: looked up once, not for each duty
    return Q(state=Duty.State.OPEN) & ~Q(owner__in=held)


@condition("held", "责任人在任")
def _held(on: date) -> Q:
    return ~_vacant(on)


BOOKS = frozenset((ActKind.Category.DOCUMENT,))
MEETINGS_AND_REPORTS = frozenset((ActKind.Category.MEETING, ActKind.Category.REPORT))


@condition("books", "文书和清单类")
def _books(on: date) -> Q:
    return _of_category(BOOKS)


@condition("meetings-reports", "会议和报告类")
def _meetings_and_reports(on: date) -> Q:
    return _of_category(MEETINGS_AND_REPORTS)


def _of_category(categories: frozenset[str]) -> Q:
    """By the acts its obligation asks for; an obligation may ask for either of two."""
    acts = Obligation.acts.through.objects.filter(
        obligation=OuterRef("obligation"), actkind__category__in=sorted(categories)
    )
    return Exists(acts)


def _submitted() -> QuerySet:
    return Evidence.objects.filter(duty=OuterRef("pk"), record__state=Record.State.SUBMITTED)


def _kinds_of(level: str) -> tuple[str, ...]:
    return {
        "school": (Organisation.Kind.SCHOOL, Organisation.Kind.COMMISSION),
        "unit": UNIT_KINDS,
        "branch": (Organisation.Kind.BRANCH,),
    }[level]


def _number(text, least: int = 1, most: int = 2**31 - 1) -> int | None:
    """A whole number within bounds, or nothing: addresses are typed by hand."""
    try:
        number = int(str(text))
    except (TypeError, ValueError):
        return None
    return number if least <= number <= most else None
