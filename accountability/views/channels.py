"""渠道与投递: for the system administrator, who reads no business content: recipient, channel, kind, error, attempts."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability import access
from accountability.models import Channel, Delivery, Organisation
from accountability.services import channels, deliveries
from accountability.unclassified import UnclassifiedForm
from accountability.views.listing import Listing
from accountability.views.menus import Option

VIEWS = {"dead": "无法投递", "waiting": "等待中", "sent": "已发", "all": "全部"}


class RobotForm(UnclassifiedForm):
    """机器人."""

    kind = forms.ChoiceField(
        label="类型", choices=[each for each in Channel.Kind.choices if each[0] != Channel.Kind.MAIL]
    )
    name = forms.CharField(
        label="名称", max_length=40, help_text="如“财务处工作群”。", error_messages={"required": "请填写名称。"}
    )
    organisation = forms.ModelChoiceField(
        label="所属单位",
        queryset=Organisation.objects.active().exclude(kind=Organisation.Kind.BRANCH).order_by("path"),
        empty_label="请选择",
        error_messages={"required": "请选择所属单位。"},
        help_text="群里只收到这个单位的数字和链接；选学校纪委，则是全校的数字。",
    )
    secret_name = forms.CharField(
        label="密钥变量",
        max_length=32,
        validators=Channel._meta.get_field("secret_name").validators,
        help_text="如 FINANCE：机器人地址写在服务器环境变量 ROBOT_FINANCE 中，钉钉加签密钥写在 ROBOT_FINANCE_SIGN 中，系统不保存、不显示。",
        error_messages={"required": "请填写密钥变量。"},
    )


def _only_administrator(request) -> None:
    if not access.may_operate(request.user):
        raise PermissionDenied("渠道和投递由系统管理员管理。")


def _the_one(request, model: type[Model], pk: int) -> Model:
    """Through the door: to anybody else there is no such thing."""
    if not access.may_operate(request.user):
        raise Http404("没有这个页面。")
    return get_object_or_404(model, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def channel_list(request):
    """渠道: the state of each, and a new robot."""
    _only_administrator(request)
    form = RobotForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        channel = channels.register(by=request.user, **form.cleaned_data)
        messages.success(request, f"已登记“{channel.name}”。设置好环境变量并重启后，请试发一次。")
        return redirect("channels")
    rows = channels.standings()
    template = "channels/_channels.html" if request.htmx else "channels/channel_list_page.html"
    return render(request, template, {"form": form, "rows": rows, "is_testing": _is_testing(rows)})


def _is_testing(rows: list[channels.Standing]) -> bool:
    return any(row.test and row.test.state in Delivery.UNFINISHED for row in rows)


@require_POST
def channel_test(request, pk: int):
    """试发."""
    channel = _the_one(request, Channel, pk)
    deliveries.test(channel, by=request.user)
    messages.success(request, f"已交后台向“{channel.name}”试发，结果显示在下表。")
    return redirect("channels")


@require_POST
def channel_switch(request, pk: int):
    """启用、停用."""
    channel = _the_one(request, Channel, pk)
    is_active = request.POST.get("to") == "on"
    channel = channels.change(
        channel, by=request.user, is_active=is_active, reason="启用渠道" if is_active else "停用渠道"
    )
    messages.success(request, f"“{channel.name}”已{'启用' if is_active else '停用'}。")
    return redirect("channels")


@require_safe
def delivery_list(request):
    """投递: the dead first, for they wait for somebody."""
    _only_administrator(request)
    view = request.GET.get("view") if request.GET.get("view") in VIEWS else "dead"
    every, listing = Delivery.objects.all(), Listing(request, view)
    rows = {
        "dead": every.dead(),
        "waiting": every.unfinished(),
        "sent": every.filter(state=Delivery.State.SENT),
        "all": every,
    }
    counts = listing.counts({key: rows[key].all for key in ("dead", "waiting")})
    context = {
        "pager": listing.pager(lambda: rows[view].order_by("-pk"), Delivery.objects.for_list),
        "tabs": [Option(label, f"?view={key}", key == view, counts.get(key)) for key, label in VIEWS.items()],
        "view": view,
    }
    return render(request, "channels/delivery_list_page.html", context)


@require_POST
def delivery_retry(request, pk: int):
    """重发."""
    deliveries.retry(_the_one(request, Delivery, pk), by=request.user)
    messages.success(request, "已重新排队，发送结果见“全部”。")
    return redirect("deliveries")


@require_POST
def delivery_retry_all(request):
    """全部重发."""
    _only_administrator(request)
    messages.success(request, f"{deliveries.retry_all(by=request.user)} 次投递已重新排队。")
    return redirect("deliveries")
