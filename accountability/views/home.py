"""首页: what do I owe, what is late, what waits for me."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Min, Q, QuerySet
from django.db.models.functions import ExtractMonth
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accountability import access
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
    owed = Duty.objects.visible_to(user).owed_by(user).of_year(year).owed()
    counts = owed.aggregate(total=Count("pk"), done=Count("pk", filter=Q(state=Duty.State.FULFILLED)))
    shown = owed.with_light(today).for_list().order_by("due_on", "id")
    waiting = Record.objects.visible_to(user).waiting_for(user).for_list().order_by("entered_at")
    returned = Record.objects.filter(entered_by=user, state=Record.State.RETURNED).for_list()
    submitted = Record.objects.filter(entered_by=user, state=Record.State.SUBMITTED).for_list().order_by("entered_at")
    documents = waiting_for(user).order_by("submitted_at", "pk")
    mine = LedgerFilter(year=year, mine=True)
    sees_school = access.may_see_whole_school(user)
    return {
        "today": today,
        "year": year,
        "counts": counts,
        "late": Panel.of(shown.late(today), mine.but(states=(Light.LATE,))),
        "soon": Panel.of(shown.soon(today), mine.but(states=(Light.SOON,))),
        "mine_url": mine.url,
        "waiting": list(waiting[:ROWS]),
        "waiting_count": waiting.count(),
        "returned": list(returned[:ROWS]),
        "returned_count": returned.count(),
        "submitted": list(submitted[:ROWS]),
        "submitted_count": submitted.count(),
        "documents": list(documents.for_list()[:ROWS]),
        "documents_count": documents.count(),
        **_lists(user),
        "handovers": list(HandOver.objects.waiting_for(user).for_list()),
        "notices": list(
            Notice.objects.visible_to(user).order_by(F("read_at").asc(nulls_first=True), "-created_at")[:4]
        ),
        "months": _months(owed, mine, today),
        "next_year": owed.filter(due_on__year__gt=year).count(),
        "portfolio": _portfolio(user, year, today),
        "sees_school": sees_school,
        "lagging": _lagging(year, today) if sees_school else [],
        "title": _title(user),
    }


def _lists(user) -> dict:
    """三张清单 that wait for this person: to judge, to claim, to comment on."""
    rows = [
        ListRow(row, words, address(row))
        for found, words in (
            (problems_waiting(user), "待研判"),
            (responsibilities_waiting(user), "待认领"),
            (projects_waiting(user), "待点评"),
        )
        for row in found[:ROWS]
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

    @classmethod
    def of(cls, duties: QuerySet, chosen: LedgerFilter) -> "Panel":
        return cls(duties.count(), list(duties[:ROWS]), chosen.url)

    @property
    def longest(self) -> Duty | None:
        return self.rows[0] if self.rows else None


def _title(user) -> str:
    post = access.posts_held(user)[0]
    if post.organisation.kind in (Organisation.Kind.SCHOOL, Organisation.Kind.COMMISSION):
        return post.title
    return post.organisation.party_name


def _months(owed: QuerySet, mine: LedgerFilter, today: date) -> list[dict]:
    """全年安排: done / due per month of the due day, with the month's light."""
    rows = {
        row["month"]: row
        for row in owed.filter(due_on__year=mine.year)
        .order_by()
        .annotate(month=ExtractMonth("due_on"))
        .values("month")
        .annotate(
            due=Count("pk"),
            done=Count("pk", filter=Q(state=Duty.State.FULFILLED)),
            late=Count("pk", filter=Q(state=Duty.State.OPEN, due_on__lt=today)),
        )
    }
    return [_month(number, rows.get(number), mine, today) for number in range(1, 13)]


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
