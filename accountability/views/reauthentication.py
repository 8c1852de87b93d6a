"""重新验证, on a page of its own: before a page is opened or a file taken (forms carry the question themselves)."""

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_http_methods

from accountability import reauthentication
from accountability.views.onward import safe_next


class PasswordForm(forms.Form):
    """登录密码."""

    secret = forms.CharField(
        label="登录密码",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
        error_messages={"required": "请输入您本人的登录密码。"},
    )


class ProofForm(forms.Form):
    """动态码, where an authenticator is bound."""

    secret = forms.CharField(
        label="动态码",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}),
        help_text="验证器当前显示的 6 位数字，或一个没有用过的恢复码。",
        error_messages={"required": "请输入动态码。"},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def reauthenticate(request: HttpRequest) -> HttpResponse:
    onward = safe_next(request)
    form = (ProofForm if request.user.second_factor_since else PasswordForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        refusal = reauthentication.prove(request, form.cleaned_data["secret"])
        if not refusal:
            return _go_on(request, onward)
        if gone := reauthentication.turned_out(request):
            return gone
        form.add_error("secret", refusal)
    context = {
        "form": form,
        "minutes": settings.REAUTH_MINUTES,
        "has_password": request.user.has_usable_password() or request.user.second_factor_since,
    }
    return render(request, "reauthentication/asked_page.html", context, status=400 if form.errors else 200)


def _go_on(request: HttpRequest, onward: str) -> HttpResponse:
    """A file is taken from a link: a browser that is led to one stays on the page before it, which would ask again."""
    try:
        door = reauthentication.doors.get(resolve(onward.partition("?")[0]).view_name)
    except Resolver404:
        door = None
    if door and door.is_file:
        return render(request, "reauthentication/file_page.html", {"onward": onward})
    return redirect(onward)
