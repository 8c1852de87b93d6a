"""统一身份认证: CAS and OpenID Connect as further doors; they say who somebody is, never what he may.

``cas`` and ``oidc`` are imported only when the address of a provider is set. Neither library is an installed app: we use
django_cas_ng's client and mozilla_django_oidc's flow, and none of their tables, their making or changing of accounts.
"""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode

from accountability.models import Person
from accountability.services import audit

KIND = audit.register("single_sign_on", "统一身份认证登录")


@dataclass(frozen=True)
class Provider:
    """认证入口. ``start`` is where its button leads; ``left_at`` where one signs out there, if it says so."""

    code: str
    backend: str
    url_name: str

    def start(self, onward: str) -> str:
        return reverse(self.url_name) + (f"?{urlencode({'next': onward})}" if onward else "")

    def left_at(self) -> str:
        if self.code == "cas":
            return f"{settings.CAS_SERVER_URL}logout"
        from accountability.single_sign_on.discovery import end_session_address

        return end_session_address()


CAS = Provider("cas", "accountability.single_sign_on.cas.CasBackend", "cas_sign_in")
OIDC = Provider("oidc", "accountability.single_sign_on.oidc.OidcBackend", "oidc_authentication_init")


def providers() -> list[Provider]:
    return [one for one, is_on in ((CAS, settings.CAS_SERVER_URL), (OIDC, settings.OIDC_ISSUER)) if is_on]


class Refused(Exception):
    """不能登录, in words for the person who tried. No PermissionDenied: ``authenticate`` would swallow it, words and all."""


def person_called(username: str) -> Person:
    """账号 of that user name: one that exists and is active. None is made here, none is changed.

    Raises Refused for all others; superusers sign in nowhere but at the machine.
    """
    person = Person.objects.filter(username=username.strip().lower()[:40]).first()
    if person is None:
        raise _refused(
            username, "系统中没有这个账号", f"统一身份认证的账号“{username[:40]}”在本系统中没有登记，请联系系统管理员。"
        )
    if not person.is_active:
        raise _refused(username, "账号已停用", "您在本系统的账号已停用，请联系系统管理员。")
    if person.is_superuser:
        raise _refused(username, "超级用户不能由统一身份认证登录", "这个账号不能通过统一身份认证登录。")
    return person


def _refused(username: str, reason: str, words: str) -> Refused:
    audit.record(KIND, username=username, result=audit.REFUSED, reason=reason)
    return Refused(words)


def failed(reason: str, words: str) -> Refused:
    """认证没有成功: a forged ticket, a provider that does not answer."""
    audit.record(KIND, result=audit.FAILED, reason=reason)
    return Refused(words)
