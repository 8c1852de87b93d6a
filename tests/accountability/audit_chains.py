"""Chains for tests: events with seals, and a hand that reaches past the triggers."""

from contextlib import contextmanager

from django.db import connection, transaction

from accountability.auditing import seals, triggers
from accountability.models import AuditEvent, AuditSeal
from accountability.services import audit, sealing

EVENTS, SEALS = triggers.EVENTS, triggers.SEALS


def chain_of(people, length: int) -> list[AuditSeal]:
    """``length`` sealed events at the end of whatever there was."""
    who = [people[name] for name in ("liaison", "office", "discipline")]
    for number in range(length):
        audit.record("login" if number % 3 else "logout", by=who[number % 3], row=who[0], count=number)
    sealing.seal_everything()
    return list(AuditSeal.objects.select_related("event").order_by("-seq")[:length])[::-1]


@contextmanager
def undone():
    """What is done inside is taken back."""

    class Back(Exception):
        pass

    try:
        with transaction.atomic():
            yield
            raise Back
    except Back:
        pass


@contextmanager
def past_the_triggers():
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
        else:
            triggers.drop()
        yield cursor
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = origin")
        else:
            triggers.make()


def put(cursor, table: str, values: dict) -> None:
    names = ", ".join(values)
    cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(values))})", list(values.values()))


def raw(cursor, pk: int) -> dict:
    """The bare row of an event."""
    cursor.execute(f"SELECT {', '.join(seals.FIELDS)} FROM {EVENTS} WHERE id = %s", [pk])
    return dict(zip(seals.FIELDS, cursor.fetchone(), strict=True))


def newest_number() -> int:
    return AuditEvent.objects.order_by("-pk").first().pk
