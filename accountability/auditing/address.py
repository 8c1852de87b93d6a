"""来源地址: whose machine a request came from; a header is believed as far as our own proxies wrote it, and no further."""

from ipaddress import ip_address

from django.conf import settings


def address_of(request) -> str:
    """With ``TRUSTED_PROXIES`` = n, the n-th address from the end of X-Forwarded-For: what our outermost proxy saw."""
    seen = request.META.get("REMOTE_ADDR", "")
    if count := settings.TRUSTED_PROXIES:
        told = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        if len(told) >= count:
            seen = told[-count]
    try:
        return str(ip_address(seen))
    except ValueError:
        return ""
