"""登录失败处理: a few wrong passwords lock an account's name, some more the address they came from (8.1.4.1 b).

django-axes counts and decides. Here is what it lacks: attempts on one name one after another, so that forty at once are
not all looked at; a limit of its own for addresses, behind which a whole campus may sit; and a success that forgives
only its own name, lest an attacker with an account of his own forgive himself between two guesses.
"""

from zlib import crc32

from axes.backends import AxesBackend
from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Sum
from django.shortcuts import render
from django.utils import timezone

from accountability.addresses import client_address
from accountability.models import Person
from accountability.services import lockouts

TURN = 0x10C  # the first half of the key of our advisory locks


class Gate(AxesBackend):
    """The first of the backends: it lets nobody in, it only refuses."""

    def authenticate(self, request, username=None, password=None, **kwargs):
        if request is None:
            return  # a command or a shell: nobody guesses there
        wait_for_turn(username or "")
        try:
            super().authenticate(request, username=username, password=password, **kwargs)
        except PermissionDenied:
            request.is_locked_out = True
            raise
        if not settings.SUPERUSERS_MAY_SIGN_IN and _is_superuser(username):
            make_password(password)  # it takes as long as looking at it would
            raise PermissionDenied("no superuser signs in in production")
        return


def _is_superuser(username: str | None) -> bool:
    return Person.objects.filter(username=username, is_superuser=True).exists()


def wait_for_turn(username: str) -> None:
    """Attempts on one name wait for one another until each has been counted; SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [TURN, crc32(username.encode()) - 2**31])


class Handler(AxesDatabaseHandler):
    def get_failures(self, request, credentials=None) -> int:
        """The higher of both counts, the address's as if its limit were the name's."""
        by_name, by_address = (
            attempts.aggregate(count=Sum("failures_since_start"))["count"] or 0
            for attempts in self.get_user_attempts(request, credentials)
        )
        return max(by_name, by_address - (settings.LOGIN_FAILURES_PER_ADDRESS - settings.LOGIN_FAILURES))

    def reset_user_attempts(self, request, credentials=None) -> int:
        return AccessAttempt.objects.filter(username=get_client_username(request, credentials)).delete()[0]


def answer(request, response, credentials):
    """登录锁定: the same page for a name nobody bears, for an account, and for an address."""
    now = timezone.now()
    until = lockouts.until(get_client_username(request, credentials), client_address(request), now)
    page = render(request, "registration/locked_page.html", {"until": until}, status=429)
    page["Retry-After"] = str(max(1, int((until - now).total_seconds())))
    return page
