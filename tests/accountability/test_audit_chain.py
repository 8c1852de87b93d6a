"""Must show 4: a row changed, deleted, put in, moved or cut off is found and named; two hundred random trials of each."""

import random
import time
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import InternalError
from django.utils import timezone

from accountability.auditing import anchor, seals, triggers
from accountability.models import AuditEvent, AuditSeal
from accountability.services import audit, audit_check, sealing
from accountability.services.audit_check import check
from tests.accountability.audit_chains import (
    EVENTS,
    SEALS,
    chain_of,
    newest_number,
    past_the_triggers,
    put,
    raw,
    undone,
)

pytestmark = pytest.mark.django_db
TRIALS = 200
LENGTH = 12


@pytest.fixture
def chain(people) -> list[AuditSeal]:
    return chain_of(people, LENGTH)


def trials(seed: str):
    for number in range(TRIALS):
        yield random.Random(f"{seed} {number}")


def named(found: audit_check.Finding, what: str) -> set:
    return {(fault.seq, fault.event) for fault in found.faults if fault.what == what}


def test_a_chain_nobody_touched_is_sound(chain, people):
    found = check()
    assert (found.count, found.faults) == (0, [])
    assert found.last_seq == chain[-1].seq and found.events >= LENGTH
    audit.record("login", by=people["office"])
    assert check().is_sound and check().young == 1, "what was just written waits for its seal"
    sealing.seal_everything()
    assert check().is_sound and check().young == 0


def test_a_bare_moment_is_utc_wherever_the_process_thinks_it_is(chain, monkeypatch):
    """The product runs in Shanghai's time, these tests in the machine's."""
    try:
        for zone in ("Asia/Shanghai", "America/Lima", "UTC"):
            monkeypatch.setenv("TZ", zone)
            time.tzset()
            assert check().is_sound, zone
    finally:
        monkeypatch.undo()
        time.tzset()


CHANGES = {
    "at": lambda row, dice: timezone.now() + timedelta(microseconds=dice.randint(1, 999)),
    "kind": lambda row, dice: "logout" if row["kind"] == "login" else "login",
    "result": lambda row, dice: "refused",
    "person_id": lambda row, dice: None,
    "username": lambda row, dice: f"other{dice.randint(1, 9)}",
    "address": lambda row, dice: f"10.0.0.{dice.randint(1, 250)}",
    "row_model": lambda row, dice: "accountability.duty",
    "row_id": lambda row, dice: f"9{row['row_id']}",
    "row_words": lambda row, dice: "别的对象",
    "request_id": lambda row, dice: f"{dice.getrandbits(64):016x}",
    "detail": lambda row, dice: f'{{"count": {dice.randint(100, 999)}}}',
    "stamp": lambda row, dice: f"{dice.getrandbits(176):044x}",
}


def test_a_changed_row_is_found_and_named(chain):
    for dice in trials("change"):
        with undone():
            seal, column = dice.choice(chain), dice.choice(list(CHANGES))
            with past_the_triggers() as cursor:
                value = CHANGES[column](raw(cursor, seal.event_id), dice)
                if column == "at":
                    AuditEvent.objects.filter(pk=seal.event_id).update(at=value)
                else:
                    cursor.execute(f"UPDATE {EVENTS} SET {column} = %s WHERE id = %s", [value, seal.event_id])
            assert named(check(), audit_check.CHANGED) == {(seal.seq, seal.event_id)}, column
    assert check().is_sound


def test_a_deleted_row_is_found_and_named(chain):
    for dice in trials("delete"):
        with undone():
            seal, way = dice.choice(chain[:-1]), dice.choice(("event", "seal", "both"))
            with past_the_triggers() as cursor:
                if way != "event":
                    cursor.execute(f"DELETE FROM {SEALS} WHERE seq = %s", [seal.seq])
                if way != "seal":
                    cursor.execute(f"DELETE FROM {EVENTS} WHERE id = %s", [seal.event_id])
            found = check()
            assert {seq for seq, _ in named(found, audit_check.REMOVED)} == {seal.seq}, way
            with past_the_triggers() as cursor:  # SQLite looks at references when the savepoint ends
                cursor.execute(f"DELETE FROM {SEALS} WHERE seq = %s", [seal.seq])
    assert check().is_sound


def test_a_row_put_in_is_found_and_named(chain):
    for dice in trials("insert"):
        with undone():
            like, way = dice.choice(chain), dice.choice(("loose", "at the end", "in the middle"))
            number = newest_number() + dice.randint(1, 50)
            with past_the_triggers() as cursor:
                row = raw(cursor, like.event_id) | {"id": number, "stamp": f"{dice.getrandbits(176):044x}"}
                put(cursor, EVENTS, row)
                if way == "at the end":
                    last = chain[-1]
                    put(cursor, SEALS, _seal(number, last.seq + 1, last.hash, dice))
                if way == "in the middle":
                    later = f"UPDATE {SEALS} SET seq = seq %s WHERE seq > {like.seq}"
                    cursor.execute(later % "+ 1000000")
                    cursor.execute(f"UPDATE {SEALS} SET seq = seq - 999999 WHERE seq > 1000000")
                    put(cursor, SEALS, _seal(number, like.seq + 1, like.hash, dice))
            found = check()
            assert number in {fault.event for fault in found.faults}, way
            if way == "loose":
                assert named(found, audit_check.INSERTED) == {(None, number)}
                sealing.seal_everything()
                assert number in {fault.event for fault in check().faults}, "the sealer does not make it genuine"
    assert check().is_sound


def _seal(event: int, seq: int, previous: str, dice: random.Random) -> dict:
    return {"event_id": event, "seq": seq, "previous": previous, "hash": f"{dice.getrandbits(256):064x}"}


def test_a_copy_of_a_genuine_row_is_found(chain):
    """With its genuine stamp: only where somebody took the constraint away."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite cannot drop the constraint of a table")
    with undone():
        with past_the_triggers() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what is pending forbids to alter
            cursor.execute(f"ALTER TABLE {EVENTS} DROP CONSTRAINT {_unique_of(cursor)}")
            number = newest_number() + 1
            put(cursor, EVENTS, raw(cursor, chain[3].event_id) | {"id": number})
        assert number in {fault.event for fault in check().faults}


def _unique_of(cursor) -> str:
    found = connection.introspection.get_constraints(cursor, EVENTS)
    return next(name for name, facts in found.items() if facts["columns"] == ["stamp"] and facts["unique"])


def test_rows_that_were_moved_are_found_and_named(chain):
    for dice in trials("reorder"):
        with undone():
            one, two = sorted(dice.sample(chain, 2), key=lambda seal: seal.seq)
            way = dice.choice(("seals", "places", "contents"))
            with past_the_triggers() as cursor:
                if way == "seals":  # each seal names the other's event
                    _exchange(cursor, SEALS, "event_id", one.pk, two.pk, one.event_id, two.event_id)
                elif way == "places":  # each seal stands where the other stood
                    _exchange(cursor, SEALS, "seq", one.pk, two.pk, one.seq, two.seq)
                else:  # each event tells what the other told
                    _exchange_contents(cursor, one.event_id, two.event_id)
            found = {seq for seq, _ in named(check(), audit_check.REORDERED)}
            assert {one.seq, two.seq} <= found, (way, check().faults)
    assert check().is_sound


def _exchange(cursor, table: str, column: str, one: int, two: int, ones: int, twos: int) -> None:
    for pk, value in ((one, -1), (two, ones), (one, twos)):
        if value == -1:
            value = 10**9 if column == "seq" else newest_number() + 1
            if column == "event_id":
                put(cursor, EVENTS, raw(cursor, ones) | {"id": value, "stamp": "x" * 44})
        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE id = %s", [value, pk])
    if column == "event_id":
        cursor.execute(f"DELETE FROM {EVENTS} WHERE stamp = %s", ["x" * 44])


def _exchange_contents(cursor, one: int, two: int) -> None:
    first, second = raw(cursor, one), raw(cursor, two)
    cursor.execute(f"UPDATE {EVENTS} SET stamp = %s WHERE id = %s", ["x" * 44, one])
    for pk, row in ((two, first), (one, second)):
        columns = [name for name in seals.FIELDS if name != "id"]
        cursor.execute(
            f"UPDATE {EVENTS} SET {', '.join(f'{name} = %s' for name in columns)} WHERE id = %s",
            [*(row[name] for name in columns), pk],
        )


def test_an_end_cut_off_is_found_and_named(chain, people):
    for dice in trials("truncate"):
        with undone():
            cut = dice.randint(1, LENGTH - 1)
            gone = chain[-cut:]
            with past_the_triggers() as cursor:
                cursor.execute(f"DELETE FROM {SEALS} WHERE seq >= %s", [gone[0].seq])
                are_gone = dice.random() < 0.8
                if are_gone:
                    numbers = [seal.event_id for seal in gone]
                    cursor.execute(f"DELETE FROM {EVENTS} WHERE id IN ({', '.join(['%s'] * cut)})", numbers)
            found = check()
            assert {seq for seq, _ in named(found, audit_check.TRUNCATED)} == {gone[0].seq}
            if are_gone:  # the application goes on, and seals over the gap
                for _ in range(dice.randint(1, 2 * LENGTH)):
                    audit.record("login", by=people["office"])
                sealing.seal_everything()
                later = {fault.what for fault in check().faults}
                assert later & {audit_check.TRUNCATED, audit_check.ANCHOR}, "not forgotten when the chain grows past it"
    assert check().is_sound


def test_a_chain_computed_again_without_the_key_is_found(chain, settings):
    with undone():
        genuine, settings.AUDIT_KEY = settings.AUDIT_KEY, "another key"
        with past_the_triggers() as cursor:
            previous = chain[3].previous
            for seal in chain[3:]:
                event = AuditEvent.objects.get(pk=seal.event_id)
                event.username = "somebody"
                hash_ = seals.hash_of(previous, seals.values_of(event))
                cursor.execute(f"UPDATE {EVENTS} SET username = 'somebody' WHERE id = %s", [seal.event_id])
                cursor.execute(
                    f"UPDATE {SEALS} SET previous = %s, hash = %s WHERE seq = %s", [previous, hash_, seal.seq]
                )
                previous = hash_
        settings.AUDIT_KEY = genuine
        assert named(check(), audit_check.CHANGED) >= {(seal.seq, seal.event_id) for seal in chain[3:]}


def test_an_anchor_forged_or_gone_is_found(chain):
    path = anchor.folder() / "anchor"
    genuine = path.read_text()
    path.write_text(genuine.replace(str(chain[-1].seq), str(chain[-2].seq), 1))
    assert {fault.what for fault in check().faults} == {audit_check.ANCHOR}
    path.unlink()
    assert {fault.what for fault in check().faults} == {audit_check.ANCHOR}
    path.write_text(genuine)
    assert check().is_sound


def test_an_event_that_no_seal_followed_for_long_is_named(chain, people, clock):
    event = audit.record("login", by=people["office"])
    clock.shift(timedelta(minutes=11))
    assert named(check(), audit_check.UNSEALED) == {(None, event.pk)}


def test_triggers_that_are_gone_are_told_of(chain):
    with undone():
        triggers.drop()
        assert {fault.what for fault in check().faults} == {audit_check.UNGUARDED}


# ── the database refuses ─────────────────────────────────────────────────────────────────────

REFUSED = (IntegrityError, InternalError)
STATEMENTS = [
    f"UPDATE {EVENTS} SET username = 'other'",
    f"UPDATE {EVENTS} SET detail = '{{}}' WHERE id = (SELECT MAX(id) FROM {EVENTS})",
    f"DELETE FROM {EVENTS}",
    f"UPDATE {SEALS} SET seq = seq + 1000000",
    f"DELETE FROM {SEALS}",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_database_refuses_to_change_or_delete(chain, statement):
    before = check().events
    with pytest.raises(REFUSED), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert check().is_sound and check().events == before


def test_the_database_refuses_by_the_models_too(chain):
    event = AuditEvent.objects.get(pk=chain[0].event_id)
    event.username = "other"
    for change in (event.save, lambda: AuditEvent.objects.filter(pk=event.pk).update(username="other")):
        with pytest.raises(REFUSED), transaction.atomic():
            change()


@pytest.mark.skipif("sqlite" not in str(connection.vendor), reason="SQLite alone replaces rows")
def test_replacing_a_row_is_no_way_around(chain):
    for table, pk in ((EVENTS, chain[0].event_id), (SEALS, chain[0].pk)):
        with pytest.raises(REFUSED), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} WHERE id = %s", [pk])


@pytest.mark.skipif("postgresql" not in str(connection.vendor), reason="SQLite has no TRUNCATE")
def test_truncating_is_refused(chain):
    for table in (f"{EVENTS} CASCADE", SEALS):
        with pytest.raises(REFUSED), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what is pending forbids it anyway
            cursor.execute(f"TRUNCATE {table}")


def test_triggers_made_twice_are_the_same(chain):
    triggers.make()
    triggers.make()
    assert triggers.are_in_place()
