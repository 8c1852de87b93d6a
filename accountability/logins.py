"""登录与退出: what follows each, by whatever door a person came; Django's signals are the one place all doors share."""

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from accountability.models import LoginSession
from accountability.services import audit, sessions

LOGIN = audit.register("login", "登录")
LOGOUT = audit.register("logout", "退出登录")
LOCKED = audit.register("login_locked", "登录锁定")


@receiver(user_logged_in, dispatch_uid="identity_login")
def signed_in(request, user, **_) -> None:
    sessions.begin(user, request)
    audit.record(LOGIN, by=user)


@receiver(user_logged_out, dispatch_uid="identity_logout")
def signed_out(request, user, **_) -> None:
    if user is not None and request.session.session_key:
        sessions.close(request.session.session_key, LoginSession.End.LOGOUT)
        audit.record(LOGOUT, by=user)


@receiver(user_login_failed, dispatch_uid="identity_login_failed")
def refused(credentials, request=None, **_) -> None:
    """A wrong password has failed; while a lock stands, none is looked at, and the attempt is refused."""
    if request is not None:
        looked_at = not getattr(request, "is_locked_out", False)
        audit.record(
            LOGIN,
            username=str(credentials.get("username") or ""),
            result=audit.FAILED if looked_at else audit.REFUSED,
            reason="用户名或密码不正确" if looked_at else "登录锁定中",
        )


@receiver(user_locked_out, dispatch_uid="identity_locked")
def locked(request, username, **_) -> None:
    """Told once, by the failure that brings the lock about."""
    if not getattr(request, "is_locked_out", False):
        audit.record(LOCKED, username=str(username or ""), result=audit.REFUSED)
