"""来源地址: from which address a call comes, behind as many proxies as we run and trust, and no more."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address of the caller. A caller writes into X-Forwarded-For what he likes; our own proxies write at its right end.

    TRUSTED_PROXIES is their number: 0 believes nobody but the connection itself.
    """
    told = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    proxies = settings.TRUSTED_PROXIES
    if proxies and len(told) >= proxies and told[-proxies]:
        return told[-proxies]
    return request.META.get("REMOTE_ADDR", "")
