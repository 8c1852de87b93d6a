"""首页: what do I owe, what is late, what waits for me."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Min, Q, QuerySet
from django.db.models.functions import ExtractMonth, ExtractYear
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accountability import access, confidential
from accountability.counting import counts_again
from accountability.document_workflow import waiting_for
from accountability.ledger import LedgerFilter
from accountability.list_workflow import problems_waiting, projects_waiting, responsibilities_waiting
from accountability.models import Duty, HandOver, Light, Notice, Organisation, Record, Role
from accountability.services.lists import address
from accountability.years import year_in_view

ROWS = 6
LAGGING = 5
ADMINISTRATORS = {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN}


@require_safe
def home(request):
    """One page, cut to the roles the user holds."""
    roles = access.roles_of(request.user)
    if not roles - ADMINISTRATORS - {Role.INSPECTOR}:
        handovers = HandOver.objects.waiting_for(request.user).for_list()
        context = {"sentence": _idle_sentence(request.user, roles), "handovers": list(handovers)}
        return render(request, "home/home_idle_page.html", context)
    return render(request, "home/home_page.html", _context(request))


def _idle_sentence(user, roles: set[str]) -> str:
    if roles & ADMINISTRATORS:
        return "您的岗位负责系统运行，不查看业务内容。请从管理后台办理。"
    if Role.INSPECTOR in roles:
        return "目前没有指派给您的巡察轮次。巡察组成员只在所在轮次期间看到该轮次的内容。"
    return "您目前没有在任岗位，因此没有待办事项。如有疑问，请联系党委办公室。"


def _context(request) -> dict:
    user, today, year = request.user, timezone.localdate(), year_in_view(request)
    mine = LedgerFilter(year=year, mine=True)
    waits = Waits(user, year, today)
    sees_school = access.may_see_whole_school(user)
    months, counts, next_year = _months(_owed(user, year), mine, today)
    return {
        "today": today,
        "year": year,
        "counts": counts,
        "late": waits.panel("late", mine.but(states=(Light.LATE,))),
        "soon": waits.panel("soon", mine.but(states=(Light.SOON,))),
        "mine_url": mine.url,
        "waiting": waits.rows("waiting"),
        "waiting_count": waits.counts["waiting"],
        "returned": waits.rows("returned"),
        "returned_count": waits.counts["returned"],
        "submitted": waits.rows("submitted"),
        "submitted_count": waits.counts["submitted"],
        "documents": waits.rows("documents"),
        "documents_count": waits.counts["documents"],
        **waits.lists(),
        "handovers": waits.rows("handovers", at_most=None),
        "notices": list(
            Notice.objects.visible_to(user).order_by(F("read_at").asc(nulls_first=True), "-created_at")[:4]
        ),
        "months": months,
        "next_year": next_year,
        "portfolio": _portfolio(user, year, today),
        "sees_school": sees_school,
        "lagging": _lagging(year, today) if sees_school else [],
        "title": _title(user),
    }


def _owed(user, year: int) -> QuerySet:
    return Duty.objects.visible_to(user).owed_by(user).of_year(year).owed()


class Waits:
    """What waits for this person: every count in one query, rows only of what there is."""

    IN_LISTS = {"problems": "待研判", "responsibilities": "待认领", "projects": "待点评"}

    def __init__(self, user, year: int, today: date):
        self.user, self.year, self.today = user, year, today
        key = ("home", access.standing_of(user), confidential.told_of(user), year, today)
        self.counts = counts_again(key, self._found())

    def _found(self) -> dict[str, Callable[[], QuerySet]]:
        user, today = self.user, self.today
        mine = Record.objects.filter(entered_by=user)
        return {
            "late": lambda: _owed(user, self.year).late(today),
            "soon": lambda: _owed(user, self.year).soon(today),
            "waiting": lambda: Record.objects.visible_to(user).waiting_for(user).order_by("entered_at"),
            "returned": lambda: mine.filter(state=Record.State.RETURNED),
            "submitted": lambda: mine.filter(state=Record.State.SUBMITTED).order_by("entered_at"),
            "documents": lambda: waiting_for(user).order_by("submitted_at", "pk"),
            "handovers": lambda: HandOver.objects.waiting_for(user),
            "problems": lambda: problems_waiting(user),
            "responsibilities": lambda: responsibilities_waiting(user),
            "projects": lambda: projects_waiting(user),
        }

    def rows(self, name: str, *, at_most: int | None = ROWS) -> list:
        return list(self._found()[name]().for_list()[:at_most]) if self.counts[name] else []

    def panel(self, name: str, chosen: LedgerFilter) -> "Panel":
        if not self.counts[name]:
            return Panel(0, [], chosen.url)
        duties = self._found()[name]().with_light(self.today).for_list().order_by("due_on", "id")
        return Panel(self.counts[name], list(duties[:ROWS]), chosen.url)

    def lists(self) -> dict:
        """三张清单 that wait for this person: to judge, to claim, to comment on."""
        rows = [
            ListRow(row, words, address(row))
            for name, words in self.IN_LISTS.items()
            if self.counts[name]
            for row in self._found()[name]()[:ROWS]
        ]
        return {"list_rows": rows, "list_count": len(rows)}


@dataclass(frozen=True)
class ListRow:
    """One line of 待我办理 from the three lists."""

    row: object
    words: str
    url: str


@dataclass(frozen=True)
class Panel:
    """A figure and its first rows; the rest is one click away."""

    count: int
    rows: list[Duty]
    url: str

    @property
    def longest(self) -> Duty | None:
        return self.rows[0] if self.rows else None


def _title(user) -> str:
    post = access.posts_held(user)[0]
    if post.organisation.kind in (Organisation.Kind.SCHOOL, Organisation.Kind.COMMISSION):
        return post.title
    return post.organisation.party_name


def _months(owed: QuerySet, mine: LedgerFilter, today: date) -> tuple[list[dict], dict[str, int], int]:
    """全年安排: done / due per month of the due day, with the month's light; all of the year's duties, and what falls due later."""
    rows = {
        (row["due_in"], row["month"]): row
        for row in owed.order_by()
        .annotate(due_in=ExtractYear("due_on"), month=ExtractMonth("due_on"))
        .values("due_in", "month")
        .annotate(
            due=Count("pk"),
            done=Count("pk", filter=Q(state=Duty.State.FULFILLED)),
            late=Count("pk", filter=Q(state=Duty.State.OPEN, due_on__lt=today)),
        )
    }
    counts = {"total": sum(row["due"] for row in rows.values()), "done": sum(row["done"] for row in rows.values())}
    next_year = sum(row["due"] for (due_in, _), row in rows.items() if due_in > mine.year)
    months = [_month(number, rows.get((mine.year, number)), mine, today) for number in range(1, 13)]
    return months, counts, next_year


def _month(number: int, row: dict | None, mine: LedgerFilter, today: date) -> dict:
    row = row or {"due": 0, "done": 0, "late": 0}
    left = row["due"] - row["done"]
    if row["late"]:
        light, words = Light.LATE, f"欠 {row['late']}"
    elif not row["due"]:
        light, words = Light.IDLE, "无"
    elif not left:
        light, words = Light.DONE, "完成"
    elif (mine.year, number) <= (today.year, today.month):
        light, words = Light.SOON, f"待 {left}"
    else:
        light, words = Light.IDLE, "未到"
    return {
        **row,
        "number": number,
        "light": light,
        "words": words,
        "url": mine.but(month=number).url,
        "current": (mine.year, number) == (today.year, today.month),
    }


def _portfolio(user, year: int, today: date) -> list[dict]:
    """分管部门与联系单位: how the units in a leader's portfolio stand, the latest first (二（四）)."""
    posts = [post.pk for post in access.posts_held(user) if post.role == Role.MEMBER]
    if not posts:
        return []
    units = Organisation.objects.filter(in_portfolio_of__post__in=posts).distinct()
    return _standing(units, year, today)


def _lagging(year: int, today: date) -> list[dict]:
    """落后单位: the units with most overdue duties, for those who see the whole school (二（三）)."""
    return _standing(Organisation.objects.units().active(), year, today, only_late=True)[:LAGGING]


def _standing(units: QuerySet, year: int, today: date, *, only_late: bool = False) -> list[dict]:
    """How units stand this year, the latest first, each with the address of its rows."""
    of_year = Q(duties__work_year=year, duties__is_confidential=False)
    open_, done = of_year & Q(duties__state=Duty.State.OPEN), of_year & Q(duties__state=Duty.State.FULFILLED)
    overdue = open_ & Q(duties__due_on__lt=today)
    units = units.annotate(
        late=Count("duties", filter=overdue, distinct=True),
        longest=Min("duties__due_on", filter=overdue),
        left=Count("duties", filter=open_ & Q(duties__due_on__gte=today), distinct=True),
        done=Count("duties", filter=done, distinct=True),
    ).order_by("-late", "longest", "rank")
    if only_late:
        units = units.filter(late__gt=0)
    return [{"unit": unit, "url": LedgerFilter(year=year, organisation=unit.pk).url} for unit in units]
