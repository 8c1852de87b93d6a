"""OpenID Connect: code flow with state, nonce and PKCE; issuer, audience and subject are checked besides the signature."""

from functools import cached_property

import jwt
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from requests import RequestException

from accountability.models import Person
from accountability.single_sign_on import failed, person_called
from accountability.single_sign_on.discovery import discovered

UNANSWERED = "统一身份认证暂时无法使用，请稍后再试，或使用本系统的用户名和密码登录。"
UNFIT = "统一身份认证返回的登录信息没有通过校验，请重新登录。"


class OidcBackend(OIDCAuthenticationBackend):
    """OIDC 认证. A backend is made for every request: the provider is asked for its addresses only at a login."""

    def __init__(self):
        ModelBackend.__init__(self)
        self.OIDC_RP_CLIENT_ID = settings.OIDC_RP_CLIENT_ID
        self.OIDC_RP_CLIENT_SECRET = settings.OIDC_RP_CLIENT_SECRET
        self.OIDC_RP_SIGN_ALGO = settings.OIDC_RP_SIGN_ALGO
        self.OIDC_RP_IDP_SIGN_KEY = None
        self.UserModel = Person

    @cached_property
    def OIDC_OP_TOKEN_ENDPOINT(self) -> str:
        return discovered()["token_endpoint"]

    @cached_property
    def OIDC_OP_USER_ENDPOINT(self) -> str:
        return discovered()["userinfo_endpoint"]

    @cached_property
    def OIDC_OP_JWKS_ENDPOINT(self) -> str:
        return discovered()["jwks_uri"]

    def authenticate(self, request: HttpRequest, **kwargs) -> Person | None:
        """Raises Refused with words for the login page, whatever the provider answers."""
        if request is None or "nonce" not in kwargs:
            return None
        try:
            return super().authenticate(request, **kwargs)
        except RequestException as error:
            raise failed(f"认证服务器没有回答（{type(error).__name__}）", UNANSWERED) from error
        except (SuspiciousOperation, jwt.PyJWTError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise failed(f"登录信息没有通过校验（{type(error).__name__}）", UNFIT) from error

    def verify_token(self, token: str, **kwargs) -> dict:
        claims = super().verify_token(token, **kwargs)
        audience = claims.get("aud")
        ours = settings.OIDC_RP_CLIENT_ID
        if claims.get("iss", "").rstrip("/") != settings.OIDC_ISSUER:
            raise SuspiciousOperation("the token is another issuer's")
        if ours not in (audience if isinstance(audience, list) else [audience]) or claims.get("azp", ours) != ours:
            raise SuspiciousOperation("the token is meant for another")
        if "exp" not in claims or not claims.get("sub"):
            raise SuspiciousOperation("the token has no end or no subject")
        return claims

    def get_or_create_user(self, access_token: str, id_token: str, payload: dict) -> Person:
        """The person of that user name; none is made. What the provider tells must be of whom it signed."""
        told = self.get_userinfo(access_token, id_token, payload)
        if told.get("sub") != payload["sub"]:
            raise failed("用户信息不是令牌所指的人", UNFIT)
        username = told.get(settings.OIDC_USERNAME_CLAIM) or payload.get(settings.OIDC_USERNAME_CLAIM)
        if not isinstance(username, str) or not username:
            raise failed("没有用户名", UNFIT)
        return person_called(username)
