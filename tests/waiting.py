"""One waits for a lock while another changes what is joined to the locked row. Only PostgreSQL lets others read meanwhile."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import QuerySet

needs_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="on SQLite a writer waits before he reads"
)


def told_after(held: QuerySet, change: Callable, verb: Callable):
    """``verb`` waits for the rows of ``held``; ``change`` is committed before he gets them; his result, or his refusal."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            list(held.select_for_update().values_list("pk"))
            waiting = pool.submit(_refusal_or, verb)
            _until_he_waits()
            change()
        return waiting.result(timeout=30)


def _refusal_or(verb: Callable):
    try:
        with transaction.atomic():
            return verb()
    except (ValidationError, PermissionDenied) as refusal:
        return refusal
    finally:
        connection.close()


def _until_he_waits() -> None:
    waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    until = time.monotonic() + 20
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(waits)
            if cursor.fetchone():
                return
            time.sleep(0.02)
    raise AssertionError("Nobody waited for the lock.")
