"""通知: what a person has been told; reading marks nothing, only a press of the button does."""

from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accountability.models import Notice
from accountability.services.notices import mark_read
from accountability.views.listing import Listing

VIEWS = {"all": "全部", "unread": "未读"}


@require_safe
def notice_list(request):
    view = _view(request)
    listing = Listing(request, view)

    def unread() -> QuerySet:
        return Notice.objects.visible_to(request.user).unread()

    def rows() -> QuerySet:
        """Not by ``read_at`` itself: where NULL sorts differs between databases."""
        mine = unread() if view == "unread" else Notice.objects.visible_to(request.user)
        return mine.annotate(is_read=Q(read_at__isnull=False)).order_by("is_read", "-created_at", "-pk")

    context = {
        "pager": listing.pager(rows, lambda: Notice.objects.select_related("rule", "copy_of__recipient")),
        "views": [{"key": key, "label": label, "current": key == view} for key, label in VIEWS.items()],
        "view": view,
        "unread": listing.counts({"unread": unread})["unread"],
    }
    return render(request, "notices/notice_list_page.html", context)


@require_safe
def unread(request):
    """未读数, asked every half minute by the bell of each open page: one query, and 204 while it is what the page shows."""
    if not request.htmx:
        return redirect("notices")
    count = Notice.objects.visible_to(request.user).unread().count()
    if request.GET.get("shown") == str(count):
        return HttpResponse(status=204)
    return HttpResponse(render_to_string("components/_bell.html", {"unread": count}))


@require_POST
def read_all(request):
    """全部标为已读."""
    count = mark_read(Notice.objects.visible_to(request.user))
    messages.success(request, f"已将 {count} 条通知标为已读。")
    return _back(request)


@require_POST
def read_one(request, pk: int):
    """标为已读."""
    mine = Notice.objects.visible_to(request.user)
    notice = get_object_or_404(mine, pk=pk)
    mark_read(mine.filter(pk=notice.pk))
    return _back(request)


def _view(request) -> str:
    return request.GET.get("view") if request.GET.get("view") in VIEWS else "all"


def _back(request):
    """To the list as it was: the same view, the same page."""
    kept = {name: request.GET[name] for name in ("view", "page") if name in request.GET}
    return HttpResponseRedirect(reverse("notices") + ("?" + urlencode(kept) if kept else ""))
