"""日历订阅: one's subscriptions, and what a calendar program reads at such an address."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import parse_etags, quote_etag
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability.calendars import ICS, etag_of, ics, subscribed
from accountability.models import CalendarFeed, Organisation
from accountability.services import feeds
from accountability.unclassified import UnclassifiedForm


class FeedForm(UnclassifiedForm):
    """日历订阅."""

    whose = forms.ModelChoiceField(
        label="内容",
        queryset=Organisation.objects.none(),
        required=False,
        empty_label="我本人的责任和会议",
        help_text="选单位，则包含该单位及下级中您有权查看的责任到期日和会议。",
    )
    label = forms.CharField(
        label="用途",
        max_length=40,
        help_text="如“我的手机”，便于以后辨认。",
        error_messages={"required": "请填写用途。"},
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["whose"].queryset = Organisation.objects.visible_to(user).active().order_by("path")
        self.fields["whose"].label_from_instance = lambda organisation: organisation.full_name


@require_http_methods(["GET", "HEAD", "POST"])
def feed_list(request):
    """我的日历订阅. A new address is shown once, on the answer to the form that made it."""
    form = FeedForm(request.POST or None, user=request.user)
    address = ""
    if request.method == "POST" and form.is_valid():
        feed, code = feeds.open_feed(
            by=request.user, label=form.cleaned_data["label"], organisation=form.cleaned_data["whose"]
        )
        address = request.build_absolute_uri(reverse("calendar_feed", args=[code]))
        form = FeedForm(user=request.user)
    rows = CalendarFeed.objects.filter(person=request.user).select_related("organisation__parent")
    context = {
        "form": form,
        "address": address,
        "standing": rows.filter(revoked_at=None),
        "revoked": rows.exclude(revoked_at=None)[:10],
    }
    return render(request, "calendars/feed_list_page.html", context)


@require_POST
def feed_revoke(request, pk: int):
    feed = get_object_or_404(CalendarFeed, pk=pk, person=request.user)
    feeds.revoke(feed, by=request.user)
    messages.success(request, f"订阅“{feed.label}”已停用，原地址不能再读取。")
    return redirect("calendar_feeds")


@login_not_required
@require_safe
def feed(request, code: str):
    """订阅: no sign-in; an unknown or revoked address is 404. What it shows is asked anew each time."""
    found = feeds.feed_at(code)
    if found is None:
        raise Http404("没有这个订阅地址，可能已经停用。")
    entries = subscribed(found.person, found.organisation, timezone.localdate())
    whose = found.organisation.full_name if found.organisation else found.person.name
    name = f"{settings.UNIVERSITY_NAME}四责协同 · {whose}"
    etag = quote_etag(etag_of(entries, name))
    unchanged = etag in parse_etags(request.headers.get("If-None-Match", ""))
    answer = HttpResponseNotModified() if unchanged else HttpResponse(ics(entries, name), content_type=ICS)
    answer["ETag"], answer["Cache-Control"] = etag, "private, no-cache"
    return answer
