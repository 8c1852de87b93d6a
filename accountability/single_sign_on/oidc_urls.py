from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView
from requests import RequestException

from accountability.single_sign_on import failed
from accountability.single_sign_on.discovery import discovered
from accountability.single_sign_on.oidc import UNANSWERED
from accountability.single_sign_on.views import refusals_at_the_door, signed_in
from accountability.views.onward import is_ours


class Start(OIDCAuthenticationRequestView):
    """OIDC 登录: to the provider, with a state, a nonce and a challenge of this session."""

    def get_settings(self, attr, *args):
        if attr == "OIDC_OP_AUTHORIZATION_ENDPOINT":
            return discovered()["authorization_endpoint"]
        return OIDCAuthenticationRequestView.get_settings(attr, *args)


class Callback(OIDCAuthenticationCallbackView):
    """OIDC 回调: a state is used once; what does not fit is refused on the login page."""

    def login_failure(self) -> HttpResponse:
        raise failed("没有完成登录", "统一身份认证没有完成登录，请重新登录。")

    def login_success(self) -> HttpResponse:
        answer = super().login_success()
        signed_in(self.request, "OIDC")
        return answer

    @property
    def success_url(self) -> str:
        onward = self.request.session.pop("oidc_login_next", None) or ""
        return onward if is_ours(self.request, onward) else "/"


_start, _callback = Start.as_view(), Callback.as_view()


@login_not_required
@transaction.non_atomic_requests  # while another server is asked, no lock of ours stands
@refusals_at_the_door
def start(request: HttpRequest) -> HttpResponse:
    try:
        return _start(request)
    except (RequestException, ValueError, KeyError) as error:
        raise failed(f"认证服务器没有回答（{type(error).__name__}）", UNANSWERED) from error


@login_not_required
@transaction.non_atomic_requests  # while another server is asked, no lock of ours stands
@refusals_at_the_door
def callback(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("home")
    try:
        return _callback(request)
    except SuspiciousOperation as error:
        words = "登录请求已用过或不是在这个浏览器里发起的，请重新登录。"
        raise failed("状态参数不符", words) from error


urlpatterns = [
    path("", start, name="oidc_authentication_init"),
    path("callback/", callback, name="oidc_authentication_callback"),
]
