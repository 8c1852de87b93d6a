"""重新验证: before what binds, decides, grants or opens something confidential, the person shows again that it is he.

Each app registers its addresses (``asks_again``); ``gates.ProofFirst`` asks when the last proof is older than
REAUTH_MINUTES. Signing in is a proof. What was posted is carried along by the page that asks, never kept on the server:
its form goes to the very address the first one went to, with the same fields and the proof beside them.
"""

import json
import time
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect, retarget

from accountability.models import Person
from accountability.services import audit, second_factor

PROVED_AT, FAILURES = "proved_at", "proofs_failed"
SECRET, FILES = "proof-secret", "proof-files"
KIND = audit.register("reauthentication", "重新验证")
SAFE = ("GET", "HEAD")


@dataclass(frozen=True)
class Door:
    """An address that asks again. ``acts``: only for these values of the field that names the act; empty for all."""

    reads: bool = False
    writes: bool = True
    is_file: bool = False
    acts: frozenset[str] = frozenset()

    def asks(self, request: HttpRequest) -> bool:
        if request.method in SAFE:
            return self.reads
        return self.writes and (not self.acts or bool(self.acts & set(_acts_in(request.POST))))


# 审批、确认、办结、销号: the names of transitions that decide. What sends on, returns or withdraws asks for nothing.
DECIDING = frozenset({
    "accept", "pass", "approve", "confirm", "sign", "issue", "publish", "fix", "grant", "refuse", "conclude", "close",
    "close_kept", "keep_up", "keep_on", "review", "settle", "adopt", "revoke", "confirm_correction",
})  # fmt: skip
ACT_FIELDS = ("act", "transition", "action", "verdict", "decision")
doors: dict[str, Door] = {}


def _acts_in(posted: QueryDict) -> list[str]:
    return [value for name in ACT_FIELDS for value in posted.getlist(name)]


def asks_again(*names: str, **door: object) -> None:
    """登记: addresses by name (``admin:…`` for those of the admin). Twice is a mistake of ours."""
    for name in names:
        if name in doors:
            raise RuntimeError(f"{name} asks for a proof already")
        doors[name] = Door(**door)


# ── the proof ────────────────────────────────────────────────────────────────────────────────


def mark(request: HttpRequest) -> None:
    """此刻已验证."""
    request.session[PROVED_AT] = int(time.time())
    request.session.pop(FAILURES, None)


def on_sign_in(sender, request: HttpRequest, user: Person, **_) -> None:
    """登录本身就是一次验证."""
    if request is not None and hasattr(request, "session"):
        mark(request)


def is_fresh(request: HttpRequest) -> bool:
    age = time.time() - request.session.get(PROVED_AT, 0)
    return 0 <= age < settings.REAUTH_MINUTES * 60


def prove(request: HttpRequest, secret: str) -> str:
    """验证 password or, where an authenticator is bound, a code. Returns why not; nothing when it is right.

    The password goes through ``authenticate``, so that whoever guesses here is locked out as at the door.
    """
    person = request.user
    refusal = second_factor.prove(person, secret) if person.second_factor_since else _refusal_of(request, secret)
    source = request.resolver_match.view_name if request.resolver_match else ""
    if refusal:
        request.session[FAILURES] = request.session.get(FAILURES, 0) + 1
        audit.record(KIND, by=person, result=audit.FAILED, address_name=source)
    else:
        mark(request)
        audit.record(KIND, by=person, address_name=source)
    return refusal


def _refusal_of(request: HttpRequest, password: str) -> str:
    """In a transaction, so that guesses wait for one another until each is counted."""
    with transaction.atomic():
        person = authenticate(request, username=request.user.get_username(), password=password)
    if person == request.user:
        return ""
    if getattr(request, "axes_locked_out", False):
        request.axes_locked_out = False  # told here, beside what was typed, and not on a page of its own
        return "密码输错次数过多，账号已暂时锁定，请稍后再试；急需办理请联系系统管理员解锁。"
    return "密码不对，请输入您本人的登录密码。"


def turned_out(request: HttpRequest) -> HttpResponse | None:
    """结束会话 after REAUTH_FAILURES wrong proofs in a row (8.1.4.1 b): whoever sits there may not be its owner."""
    if request.session.get(FAILURES, 0) < settings.REAUTH_FAILURES:
        return None
    logout(request)
    messages.error(request, f"连续 {settings.REAUTH_FAILURES} 次验证不通过，已退出登录。请重新登录后再办理。")
    address = reverse("login")
    return HttpResponseClientRedirect(address) if request.headers.get("HX-Request") else redirect(address)


def password_is_right(request: HttpRequest, form) -> bool:
    """The password a form asks for itself (签署、签字), counted like every other proof; a wrong one is the form's error."""
    refusal = _refusal_of(request, form.cleaned_data["password"])
    if refusal:
        audit.record(KIND, by=request.user, result=audit.FAILED, address_name=request.resolver_match.view_name)
        form.add_error("password", refusal)
    else:
        mark(request)
    return not refusal


# ── asking ───────────────────────────────────────────────────────────────────────────────────


def ask(request: HttpRequest) -> HttpResponse | None:
    """The page that asks, or nothing when the request may go on: then it is as it would have been without us."""
    if request.method in SAFE:
        return None if is_fresh(request) else _ask_on_its_own_page(request)
    refusal, secret = "", request.POST.get(SECRET)
    if not is_fresh(request):
        refusal = prove(request, secret) if secret else "请输入后再继续。" if secret is not None else ""
        if gone := turned_out(request):
            return gone
    may_go_on = is_fresh(request)
    missing = _files_missing(request) if may_go_on and FILES in request.POST else []
    if may_go_on and not missing:
        request.POST = _without_proof(request.POST)
        return None
    return _ask_with_what_was_posted(request, refusal, may_go_on)


def _ask_on_its_own_page(request: HttpRequest) -> HttpResponse:
    """A page or file is fetched again after the proof; a fragment of a page leads the whole window there."""
    address = reverse("reauthenticate") + "?" + urlencode({"next": request.get_full_path()})
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(address)
    return redirect(address)


def _ask_with_what_was_posted(request: HttpRequest, refusal: str, is_proved: bool) -> HttpResponse:
    context = {
        "address": request.get_full_path(),
        "carried": [(name, value) for name, values in _carried(request.POST).lists() for value in values],
        "files": _files_of(request),
        "files_json": json.dumps(_files_of(request), ensure_ascii=False),
        "refusal": refusal,
        "is_proved": is_proved,
        "asks_code": request.user.second_factor_since is not None,
        "has_password": request.user.has_usable_password(),
        "minutes": settings.REAUTH_MINUTES,
    }
    is_htmx = request.headers.get("HX-Request")
    response = render(request, "reauthentication/posted_page.html", context, status=200 if is_htmx else 403)
    response["Cache-Control"] = "private, no-store"
    return retarget(response, "body") if is_htmx else response


def _carried(posted: QueryDict) -> QueryDict:
    kept = _without_proof(posted).copy()
    kept.pop("csrfmiddlewaretoken", None)
    return kept


def _without_proof(posted: QueryDict) -> QueryDict:
    kept = posted.copy()
    for name in (SECRET, FILES):
        kept.pop(name, None)
    kept._mutable = False
    return kept


def _files_of(request: HttpRequest) -> dict[str, list[str]]:
    """Field → names of the files chosen for it: in this request, or in the one this page asked about before."""
    told = _files_told(request.POST.get(FILES, ""))
    return told or {name: [file.name for file in request.FILES.getlist(name)] for name in request.FILES}


def _files_told(said: str) -> dict[str, list[str]]:
    try:
        told = json.loads(said) if said else {}
    except (ValueError, RecursionError):
        return {}
    if not isinstance(told, dict):
        return {}
    return {name: [str(one) for one in names[:20]] for name, names in told.items() if isinstance(names, list) and names}


def _files_missing(request: HttpRequest) -> list[str]:
    """A form that had files is not sent on without them: nothing is written by halves."""
    told = _files_told(request.POST[FILES])
    return [name for name, names in told.items() if len(request.FILES.getlist(name)) < len(names)]
