"""CAS: a ticket is taken back to the server that gave it; what it says besides the user name is not read."""

from cas import CASError
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from django_cas_ng.utils import get_cas_client
from requests import RequestException

from accountability.models import Person
from accountability.single_sign_on import failed, person_called


class CasBackend(ModelBackend):
    """CAS 认证. Raises Refused with words for the login page; django_cas_ng's own would make or change accounts."""

    def authenticate(self, request: HttpRequest, ticket: str = "", service: str = "", **_) -> Person | None:
        if not ticket or not service:
            return None
        try:
            username, _attributes, _granting = get_cas_client(service_url=service, request=request).verify_ticket(
                ticket
            )
        except (CASError, RequestException, SyntaxError, LookupError, ValueError, AttributeError, TypeError) as error:
            # SyntaxError is what the parser of an answer raises that is no XML.
            raise failed(f"认证服务器没有回答（{type(error).__name__}）", UNANSWERED) from error
        if not username:
            raise failed("票据无效", "登录票据无效或已用过，请重新登录。")
        return person_called(username)


UNANSWERED = "统一身份认证暂时无法使用，请稍后再试，或使用本系统的用户名和密码登录。"
