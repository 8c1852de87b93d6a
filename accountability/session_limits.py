"""会话期限: who did nothing for half an hour, or was signed in for twelve hours, is out, and is told why.

A page that asks by itself is no sign of life. Where a person is out, what he typed is handed back to him.
"""

from datetime import UTC, datetime

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from accountability.models import LoginSession
from accountability.passwords import why_change
from accountability.services import sessions

ENDED = "ended"  # the cookie that remembers why, until somebody signs in again
# The elements that ask every few seconds (hx-trigger="every …"), by their id; tests/test_sessions holds the list.
POLLING = {
    "bell", "state", "import-state", "look", "channels", "reports", "report-progress", "batch", "batches", "setting",
}  # fmt: skip
# What may be reached before a password is changed that must be.
BEFORE_CHANGE = {"password_change", "logout", "login", "healthz", "favicon"}
STOP_POLLING = 286  # htmx: takes the answer and asks no more
WORDS = {
    LoginSession.End.IDLE: "长时间未操作，已退出登录。",
    LoginSession.End.ABSOLUTE: f"登录已满 {settings.SESSION_HOURS} 小时，请重新登录。",
    LoginSession.End.ELSEWHERE: "这次登录已在其他设备上被结束。",
    LoginSession.End.CHANGED: "密码已修改，请用新密码登录。",
    LoginSession.End.SUSPENDED: "账号已停用，请联系系统管理员。",
}


def why_ended(request) -> str:
    """The words for the page of login: why one is out; empty for who only just came."""
    return WORDS.get(request.ended_for or request.COOKIES.get(ENDED, ""), "")


class SessionLimits:
    """Between authentication and the required login, so that all below see nobody once a session is over."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.ended_for = ""
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            self._look(request)
        response = self.get_response(request)
        if request.ended_for:
            self._remember(response, request.ended_for)
        elif ENDED in request.COOKIES and request.user.is_authenticated:
            response.delete_cookie(ENDED, samesite="Lax")
        return response

    def _look(self, request) -> None:
        """Out of time, not allowed at all, or seen once more."""
        if request.user.is_superuser and not settings.SUPERUSERS_MAY_SIGN_IN:
            logout(request)
            return
        now = timezone.now()
        began, seen = (_moment(request.session.get(name), now) for name in ("began", "seen"))
        if why := sessions.why_out_of_time(began, seen, now):
            sessions.close(request.session.session_key, why)
            request.session.flush()
            request.user, request.ended_for = AnonymousUser(), why
        elif "seen" not in request.session or (_is_due(seen, now) and not is_poll(request)):
            request.session.setdefault("began", int(now.timestamp()))
            request.session["seen"] = int(now.timestamp())
            sessions.see(request.session.session_key, now)

    def _remember(self, response, why: str) -> None:
        response.set_cookie(
            ENDED, why, max_age=3600, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )

    def process_view(self, request, view, args, kwargs):
        """After the check of the form's token: whatever is handed back was sent by a page of ours."""
        if request.user.is_authenticated:
            return self._ask_for_a_new_password(request)
        if getattr(view, "login_required", True):
            request.ended_for = request.ended_for or self._why_over(request)
            if request.ended_for:
                return self._tell(request)
        return None

    def _ask_for_a_new_password(self, request):
        if getattr(request, "is_half_signed_in", False):
            return None  # 二次验证 comes first
        if not why_change(request.user) or request.resolver_match.url_name in BEFORE_CHANGE:
            return None
        address = reverse("password_change")
        return HttpResponse(headers={"HX-Redirect": address}) if request.htmx else redirect(address)

    def _why_over(self, request) -> str:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        why = sessions.why_over(key) if key else request.COOKIES.get(ENDED, "")
        return why if why in WORDS else ""

    def _tell(self, request):
        """A poll is told on the page where it stands, a form gets back what was typed; all others go to the door."""
        words = WORDS[request.ended_for]
        if is_poll(request):
            context = {"words": words, "door": _door(request.htmx.current_url_abs_path)}
            answer = render(request, "registration/_ended.html", context, status=STOP_POLLING)
            answer["HX-Retarget"], answer["HX-Reswap"] = "#ended", "innerHTML"
            return answer
        if request.htmx:
            return HttpResponse(headers={"HX-Redirect": _door(request.htmx.current_url_abs_path)})
        if request.method == "POST" and "X-Autosave" not in request.headers:
            return render(request, "registration/ended_page.html", _typed(request) | {"words": words}, status=401)
        return None


def _typed(request) -> dict:
    """What a form held, to be sent again; never a password. Files cannot be handed back, so such a form is for copying."""
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken" and "password" not in name
        for value in values
    ]
    return {
        "fields": fields,
        "texts": [value for _, value in fields if len(value) > 3 and not value.isdigit()],
        "has_files": bool(request.FILES),
        "has_password": any("password" in name for name in request.POST),
        "address": request.get_full_path(),
        "door": _door(reverse("home")),
    }


def is_poll(request) -> bool:
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Trigger") in POLLING


def _is_due(seen: datetime, now: datetime) -> bool:
    return (now - seen).total_seconds() >= settings.SESSION_SEEN_SECONDS


def _moment(stamp: int | None, now: datetime) -> datetime:
    return now if stamp is None else datetime.fromtimestamp(stamp, UTC)


def _door(path: str | None) -> str:
    return f"{reverse('login')}?{urlencode({'next': path or reverse('home')})}"
