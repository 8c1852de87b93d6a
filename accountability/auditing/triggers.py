"""触发器: the database itself refuses to change or delete what is audited, whoever asks (GB/T 22239-2019 8.1.4.3 c).

Made after every migrate; made twice they are the same. Rows that a registered archive covers may be deleted, by nothing
but ``archive_audit``: that the archive is genuine is found by ``verify_audit``.
"""

from django.db import connections

from accountability.models import AuditArchive, AuditEvent, AuditSeal

EVENTS, SEALS, ARCHIVES = (model._meta.db_table for model in (AuditEvent, AuditSeal, AuditArchive))
REFUSED = "审计日志只能追加，不得修改或删除"
# What of a row to be deleted an archive must cover. Events go first, while their seals still say where they stand.
COVERED = {
    EVENTS: f"EXISTS (SELECT 1 FROM {SEALS} s JOIN {ARCHIVES} a ON s.seq BETWEEN a.first_seq AND a.last_seq WHERE s.event_id = OLD.id)",  # noqa: S608
    SEALS: f"EXISTS (SELECT 1 FROM {ARCHIVES} a WHERE OLD.seq BETWEEN a.first_seq AND a.last_seq)",  # noqa: S608
    ARCHIVES: "1 = 0",
}
# INSERT OR REPLACE deletes without asking a trigger on SQLite: there a number that is taken is refused before.
TAKEN = {
    EVENTS: f"EXISTS (SELECT 1 FROM {EVENTS} WHERE id = NEW.id OR stamp = NEW.stamp)",  # noqa: S608
    SEALS: f"EXISTS (SELECT 1 FROM {SEALS} WHERE id = NEW.id OR seq = NEW.seq OR event_id = NEW.event_id)",  # noqa: S608
    ARCHIVES: f"EXISTS (SELECT 1 FROM {ARCHIVES} WHERE id = NEW.id OR name = NEW.name OR first_seq = NEW.first_seq OR last_seq = NEW.last_seq)",  # noqa: S608
}


def make(using: str = "default") -> None:
    connection = connections[using]
    statements = _sqlite() if connection.vendor == "sqlite" else _postgresql()
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def drop(using: str = "default") -> None:
    """Only to empty a demonstration or a test: what is made again after the next migrate or flush."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for table in COVERED:
            for verb in ("update", "delete", "insert" if connection.vendor == "sqlite" else "truncate"):
                on = "" if connection.vendor == "sqlite" else f" ON {table}"
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{on}")


def are_in_place(using: str = "default") -> bool:
    connection = connections[using]
    wanted = {
        f"{table}_no_{verb}"
        for table in COVERED
        for verb in ("update", "delete", "insert" if connection.vendor == "sqlite" else "truncate")
    }
    ask = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')"
    )
    with connection.cursor() as cursor:
        cursor.execute(ask)
        return wanted <= {name for (name,) in cursor.fetchall()}


def _sqlite() -> list[str]:
    made = []
    for table, covered in COVERED.items():
        for verb, when in (("update", "1 = 1"), ("delete", f"NOT {covered}"), ("insert", TAKEN[table])):
            name = f"{table}_no_{verb}"
            made.append(f"DROP TRIGGER IF EXISTS {name}")
            made.append(
                f"CREATE TRIGGER {name} BEFORE {verb.upper()} ON {table} WHEN {when} "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
            )
    return made


def _postgresql() -> list[str]:
    refuse = (
        "CREATE OR REPLACE FUNCTION audit_refused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    made = [refuse]
    for table, covered in COVERED.items():
        made += [
            f"CREATE OR REPLACE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION audit_refused()",
            f"CREATE OR REPLACE FUNCTION {table}_covered() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {covered} THEN RETURN OLD; END IF; "
            f"RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
            f"CREATE OR REPLACE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_covered()",
            f"CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_refused()",
        ]
    return made
