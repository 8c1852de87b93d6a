"""统一身份认证登录: what both ways share: never to another site, refusals on the login page in Chinese."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accountability.services import audit
from accountability.single_sign_on import KIND, Refused


def refusals_at_the_door(view: Callable) -> Callable:
    """Whoever is refused finds himself before the login page, with the reason."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("login")

    return guarded


def signed_in(request: HttpRequest, way: str) -> None:
    audit.record(KIND, by=request.user, way=way)
