"""提醒函、督办函: the list, one paper with what became of its duties, receipt, PDF (三（三）3, 四（三）)."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accountability import access
from accountability.confidential import told_of
from accountability.models import Duty, Person
from accountability.views.downloads import PDF, download
from accountability.views.listing import Listing
from accountability.views.menus import Option
from supervision.models import ReminderPaper, ReminderPaperLine
from supervision.reminders import chain  # noqa: F401  (it registers what a duty's page tells)
from supervision.rooms import room, tabs_for
from supervision.services import reminder_papers as verbs

VIEWS = {"": "全部", "mine": "待我签收", "unread": "未签收", "open": "仍有未完成"}


def finds_papers(user: Person) -> bool:
    if access.may_manage_duties(user) or access.may_supervise(user):
        return True
    told_of(user)  # beforehand, or the statement could not be kept
    return access.sees_any(user, lambda: ReminderPaper.objects.visible_to(user), "reminder papers")


room(
    110,
    "提醒函、督办函",
    "reminder_papers",
    "逾期责任按规则发出的函：签收、办结、抄送",
    icon="letter",
    may=finds_papers,
    waiting=lambda user: ReminderPaper.objects.visible_to(user).waiting_for(user).count(),
)


@require_safe
def paper_list(request):
    user = request.user
    view = request.GET.get("view") if request.GET.get("view") in VIEWS else ""
    listing = Listing(request, view, told_of(user))
    counts = listing.counts({key or "all": partial(_narrowed, key, user) for key in VIEWS})
    context = {
        "pager": listing.pager(
            lambda: _narrowed(view, user).for_list(), ReminderPaper.objects.for_list, count=counts[view or "all"]
        ),
        "tabs": [Option(label, f"?view={key}", key == view, counts[key or "all"]) for key, label in VIEWS.items()],
        "rooms": tabs_for(user, "reminder_papers"),
        "view": view,
        "may_see_rules": access.may_see_drafts(user),
    }
    return render(request, "supervision/reminders/paper_list_page.html", context)


def _narrowed(view: str, user: Person) -> QuerySet:
    visible = ReminderPaper.objects.visible_to(user)
    if view == "mine":
        return visible.waiting_for(user)
    if view == "unread":
        return visible.unread()
    open_lines = ReminderPaperLine.objects.filter(paper=OuterRef("pk"), duty__state=Duty.State.OPEN)
    return visible.filter(Exists(open_lines)) if view == "open" else visible


def _through_the_door(request, pk: int) -> ReminderPaper:
    return get_object_or_404(ReminderPaper.objects.visible_to(request.user).for_list(), pk=pk)


@require_safe
def paper(request, pk: int):
    return _page(request, _through_the_door(request, pk))


def _page(request, row: ReminderPaper, *, refusals=(), status: int = 200):
    today = timezone.localdate()
    lines = list(row.lines.all())
    duties = Duty.objects.with_light(today).in_bulk([line.duty_id for line in lines])
    for line in lines:
        line.paper, line.duty = row, duties[line.duty_id]
    context = {
        "paper": row,
        "lines": lines,
        "may_read": row.read_at is None and verbs.may_acknowledge(request.user, row),
        "may_typeset": access.may_manage_duties(request.user),
        "rooms": tabs_for(request.user, "reminder_papers"),
        "refusals": list(refusals),
        "today": today,
    }
    return render(request, "supervision/reminders/paper_page.html", context, status=status)


@require_POST
def paper_read(request, pk: int):
    """已阅签收."""
    row = _through_the_door(request, pk)
    try:
        verbs.acknowledge(row, by=request.user)
    except ValidationError as error:
        return _page(request, row, refusals=error.messages, status=400)
    messages.success(request, "已签收，请抓紧办理所列责任。")
    return redirect("reminder_paper", pk=row.pk)


@require_safe
def paper_pdf(request, pk: int):
    row = _through_the_door(request, pk)
    return download(verbs.pdf_of(row), PDF, f"{row}.pdf")


@require_POST
def paper_typeset(request, pk: int):
    """重新排版."""
    row = _through_the_door(request, pk)
    verbs.order_again(row, by=request.user)
    messages.success(request, "已交付排版，请稍候刷新。")
    return redirect("reminder_paper", pk=row.pk)
