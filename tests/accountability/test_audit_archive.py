"""归档: what is old goes into a signed file, the chain goes on; nothing else can leave, and no file can be changed unseen."""

import gzip
import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.utils import InternalError
from django.utils import timezone

from accountability.auditing import anchor, triggers
from accountability.models import AuditArchive, AuditEvent, AuditSeal
from accountability.services import audit, audit_archive, audit_check, sealing
from tests.accountability.audit_chains import chain_of, past_the_triggers, undone

pytestmark = pytest.mark.django_db
ARCHIVE, REMOVED = audit_check.ARCHIVE, audit_check.REMOVED


@pytest.fixture
def archived(people, clock) -> list[AuditArchive]:
    """Twelve events a year ago in files of five, and three of today."""
    chain_of(people, 12)
    clock.shift(timedelta(days=370))
    chain_of(people, 3)
    original, audit_archive.IN_ONE = audit_archive.IN_ONE, 5
    made = audit_archive.archive_old(timezone.now(), by=people["auditor"])
    audit_archive.IN_ONE = original
    sealing.seal_everything()
    return made


def faults() -> set[str]:
    return {fault.what for fault in audit_check.check().faults}


def test_the_chain_goes_on_over_the_archive(archived):
    found = audit_check.check()
    assert found.is_sound, found.faults
    assert found.archived == sum(one.count for one in archived) >= 12
    assert archived[0].first_seq == 1 and AuditSeal.objects.order_by("seq").first().seq == archived[-1].last_seq + 1
    assert not AuditEvent.objects.filter(at__lt=timezone.now() - timedelta(days=365)).exists()
    assert AuditEvent.objects.filter(kind="audit_archived").count() == len(archived)
    assert audit_check.check(with_archives=False).is_sound


def test_what_is_young_stays(people):
    chain_of(people, 5)
    assert audit_archive.archive_old(timezone.now(), by=people["auditor"]) == []
    out = StringIO()
    call_command("archive_audit", stdout=out)
    assert "没有超过 365 天的审计日志" in out.getvalue()


def test_a_file_holds_every_field_of_what_it_replaces(people, clock):
    chain = chain_of(people, 3)
    words = {seal.event_id: (seal.event.kind, seal.event.username, seal.event.row_words) for seal in chain}
    clock.shift(timedelta(days=370))
    chain_of(people, 1)
    audit_archive.archive_old(timezone.now(), by=people["auditor"])
    kept = {}
    for archive in AuditArchive.objects.all():
        with gzip.open(audit_archive.folder() / archive.name, "rt") as lines:
            for line in lines:
                _, _, _, values = json.loads(line)
                kept[values[0]] = (values[2], values[5], values[9])
    assert words.items() <= kept.items()


def test_a_file_gone_or_changed_is_named(archived):
    path = audit_archive.folder() / archived[0].name
    genuine = path.read_bytes()
    path.unlink()
    (fault,) = [each for each in audit_check.check().faults if "缺失" in each.words]
    assert fault.what == ARCHIVE and archived[0].name in fault.words
    lines = gzip.decompress(genuine).decode().replace("login", "logout", 1)
    path.write_bytes(gzip.compress(lines.encode()))
    assert ARCHIVE in faults()
    path.write_bytes(genuine)
    assert faults() == set()


def test_a_forged_archive_lets_rows_go_and_is_named(archived, people):
    with undone():
        last = AuditSeal.objects.order_by("-seq").first()
        forged = AuditArchive(
            name="audit-forged.jsonl.gz", first_seq=archived[-1].last_seq + 1, last_seq=last.seq - 1, made_by=people["auditor"],
            previous="0" * 64, last_hash=last.previous, from_at=timezone.now(), until_at=timezone.now(),
            sha256="0" * 64, signature="0" * 64, made_at=timezone.now(),
        )  # fmt: skip
        audit_archive._replace(forged, by=people["auditor"])
        assert ARCHIVE in faults()
    assert faults() == set()


def test_an_archive_struck_from_the_register_is_named(archived):
    with undone(), past_the_triggers() as cursor:
        cursor.execute(f"DELETE FROM {triggers.ARCHIVES} WHERE id = %s", [archived[0].pk])
        assert {ARCHIVE, REMOVED} & faults()


@pytest.mark.parametrize("verb", ["UPDATE {} SET last_seq = 999999", "DELETE FROM {}"])
def test_the_register_of_archives_is_not_changed(archived, verb):
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(verb.format(triggers.ARCHIVES))


def test_a_broken_chain_is_not_archived(people, clock):
    chain = chain_of(people, 6)
    clock.shift(timedelta(days=370))
    chain_of(people, 1)
    with undone():
        with past_the_triggers() as cursor:
            cursor.execute(f"UPDATE {triggers.EVENTS} SET username = 'x' WHERE id = %s", [chain[2].event_id])
        with pytest.raises(ValidationError, match=f"第 {chain[2].seq} 条已不完整"):
            audit_archive.archive_old(timezone.now(), by=people["auditor"])
        assert not AuditArchive.objects.exists()
        with pytest.raises(CommandError, match="verify_audit"):
            call_command("archive_audit")


# ── commands ─────────────────────────────────────────────────────────────────────────────────


def test_verify_says_that_all_is_well_and_leaves_an_event(people):
    chain_of(people, 4)
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert "审计链完整" in out.getvalue()
    told = AuditEvent.objects.filter(kind="audit_verified").get()
    assert (told.result, told.detail["faults"], told.username) == ("done", 0, "system")


def test_verify_names_what_is_wrong_in_words_and_as_json_and_ends_with_1(people):
    chain = chain_of(people, 4)
    with undone():
        with past_the_triggers() as cursor:
            cursor.execute(f"UPDATE {triggers.EVENTS} SET username = 'x' WHERE id = %s", [chain[1].event_id])
        for flag in ("--no-color", "--json"):
            out = StringIO()
            with pytest.raises(CommandError) as refused:
                call_command("verify_audit", flag, stdout=out)
            assert refused.value.returncode == 1
            assert f"第 {chain[1].seq} 条（事件 {chain[1].event_id}）" in out.getvalue()
        data = json.loads(out.getvalue())
        assert data["is_sound"] is False and data["faults"][0]["seq"] == chain[1].seq


def test_after_a_restore_the_anchor_begins_anew_and_says_why(people):
    chain = chain_of(people, 6)
    with undone():
        with past_the_triggers() as cursor:
            cursor.execute(f"DELETE FROM {triggers.SEALS} WHERE seq > %s", [chain[2].seq])
            later = [seal.event_id for seal in chain[3:]]
            cursor.execute(f"DELETE FROM {triggers.EVENTS} WHERE id IN (%s, %s, %s)", later)
        assert audit_check.TRUNCATED in faults()
        with pytest.raises(CommandError):
            call_command("anchor_audit", "--reason", " ")
        call_command("anchor_audit", "--reason", "从备份恢复", stdout=StringIO())
        assert faults() == set()
        told = AuditEvent.objects.get(kind="audit_anchored")
        assert told.detail == {"reason": "从备份恢复", "before": chain[-1].seq}
        assert list(anchor.folder().glob("anchor.before-*"))


def test_the_anchor_never_goes_back(people):
    chain = chain_of(people, 4)
    assert not anchor.advance(chain[1].seq, chain[1].hash, lambda seq: None)
    assert anchor.current().seq == chain[-1].seq


def test_less_than_six_months_are_refused():
    import os
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        env={**os.environ, "DEBUG": "1", "AUDIT_KEEP_DAYS": "179"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0 and "AUDIT_KEEP_DAYS" in done.stderr
    assert audit.labels["audit_archived"] == "归档审计日志"
