"""接着去哪: the ``next`` of an address, followed only within this site."""

from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def safe_next(request: HttpRequest, default: str = "home") -> str:
    """``?next=`` when it stays here, else ``default``: an address from outside leads nobody away."""
    wanted = request.GET.get("next", "")
    if is_ours(request, wanted):
        return wanted
    return resolve_url(default)


def is_ours(request: HttpRequest, wanted: str) -> bool:
    is_path = wanted.startswith("/") and "\x00" not in wanted and len(wanted) < 2000
    return is_path and url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
