"""发现文档 of the OpenID provider: its addresses, read when they are first needed and kept for ten minutes."""

import time

import requests
from django.conf import settings

KEPT_SECONDS = 600
_read: dict[str, tuple[float, dict]] = {}


def discovered() -> dict:
    """Raises requests.RequestException or ValueError when the provider does not answer or names another issuer."""
    address = f"{settings.OIDC_ISSUER}/.well-known/openid-configuration"
    at, document = _read.get(address, (0.0, {}))
    if not document or time.monotonic() - at > KEPT_SECONDS:
        answer = requests.get(address, timeout=settings.OIDC_TIMEOUT)
        answer.raise_for_status()
        document = answer.json()
        if not isinstance(document, dict) or str(document.get("issuer", "")).rstrip("/") != settings.OIDC_ISSUER:
            raise ValueError("the discovery document names another issuer")
        _read[address] = (time.monotonic(), document)
    return document


def end_session_address() -> str:
    """Where one signs out there, as far as it is known already: no login page waits for another server."""
    _, document = _read.get(f"{settings.OIDC_ISSUER}/.well-known/openid-configuration", (0.0, {}))
    address = str(document.get("end_session_endpoint", ""))
    return address if address.startswith(("https://", "http://")) else ""
