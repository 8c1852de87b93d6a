"""登录与退出, and attempts that failed, by whatever door: Django tells of all of them (GB/T 22239-2019 8.1.4.1)."""

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from accountability import acting
from accountability.services import audit

LOGIN = audit.register("login", "登录")
LOGOUT = audit.register("logout", "退出登录")


def listen() -> None:
    user_logged_in.connect(_logged_in, dispatch_uid="audit_logged_in")
    user_logged_out.connect(_logged_out, dispatch_uid="audit_logged_out")
    user_login_failed.connect(_failed, dispatch_uid="audit_login_failed")


def _logged_in(user, **_) -> None:
    if acting.current():
        audit.record(LOGIN, by=user)


def _logged_out(user, **_) -> None:
    if user is not None and acting.current():
        audit.record(LOGOUT, by=user)


def _failed(credentials: dict, **_) -> None:
    """No reason is told that the visitor was not told: name or password."""
    if acting.current():
        audit.record(LOGIN, username=str(credentials.get("username") or ""), result=audit.FAILED)
