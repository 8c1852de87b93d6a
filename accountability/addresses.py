"""来源地址: from where a request comes; the one reading of it for lockout, sessions, audit and rate limits.

Whoever calls may write any X-Forwarded-For he likes; only what our own proxies added to its end is believed.
"""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The caller's IP, as text; empty where there is none (a unix socket, a request made by a test)."""
    direct = _as_address(request.META.get("REMOTE_ADDR") or "")
    proxies = settings.TRUSTED_PROXIES
    if proxies < 1:
        return direct
    told = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    return (_as_address(told[-proxies]) if len(told) >= proxies else "") or direct


def address_or_none(request: HttpRequest) -> str | None:
    """For columns that hold an address or nothing."""
    return client_address(request) or None


def _as_address(text: str) -> str:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)
