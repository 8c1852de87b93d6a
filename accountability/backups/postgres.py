"""PostgreSQL: dumped by pg_dump from a snapshot that is read beside it; put back in one transaction.

The schema there was is renamed within that transaction, so it is there whole until somebody drops it.
"""

import hashlib
import os
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from django.db import connection, transaction
from django.db.backends.postgresql.client import DatabaseClient

from accountability.backups import PACKING_LEVEL, Refusal
from accountability.backups.manifest import Table
from accountability.backups.reading import all_tables, differences, quoted

IN_USE = "数据库正被使用：请先停止 web、worker、beat 全部进程，再恢复。"
SCHEMA = "public"
LOCK_SECONDS = 15


COLUMNS = f"""
    SELECT c.relname, a.attname, array_position(i.indkey::int2[], a.attnum) + 1,
           a.attcollation <> 0 OR a.atttypid = 'jsonb'::regtype
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    WHERE c.relnamespace = '{SCHEMA}'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
"""  # noqa: S608 - a name of ours


class _Digest:
    """A file that keeps nothing of what is written to it but its SHA-256 and its lines."""

    def __init__(self):
        self.digest, self.lines = hashlib.sha256(), 0

    def write(self, content: bytes) -> int:
        self.digest.update(content)
        self.lines += content.count(b"\n")
        return len(content)


class LiveReading:
    """The database as this connection's transaction sees it."""

    def values(self, sql: str) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def tables(self) -> list[str]:
        return sorted(name for (name,) in self.values(f"SELECT tablename FROM pg_tables WHERE schemaname = '{SCHEMA}'"))  # noqa: S608

    @cached_property
    def columns(self) -> dict[str, list["Column"]]:
        """Of every table by name, asked once: to ask of each table took longer than to read them all."""
        found = defaultdict(list)
        for table, *column in self.values(COLUMNS):
            found[table].append(Column(*column))
        return found

    def table(self, name: str) -> Table:
        """As COPY writes it, a line a row; texts as keys are put in order by their bytes, on every server alike."""
        columns = sorted(self.columns[name])
        keys = sorted((column for column in columns if column.key), key=lambda column: column.key) or columns
        order = ", ".join(f'{quoted(key.name)}::text COLLATE "C"' if key.is_text else quoted(key.name) for key in keys)
        said = ", ".join(quoted(column.name) for column in columns)
        sink = _Digest()
        with connection.cursor() as cursor:
            # Names are the database's own.
            cursor.copy_expert(f"COPY (SELECT {said} FROM {quoted(name)} ORDER BY {order}) TO STDOUT", sink)  # noqa: S608
        return Table(sink.lines, sink.digest.hexdigest())


class Column(NamedTuple):
    """``key`` is its place in the primary key, from 1, or nothing."""

    name: str
    key: int | None
    is_text: bool


class Engine:
    name, member = "postgresql", "database.pgdump"

    def refuse_unready(self) -> None:
        missing = [name for name in ("pg_dump", "pg_restore", "psql") if shutil.which(name) is None]
        if missing:
            raise Refusal(
                f"找不到 PostgreSQL 客户端程序 {'、'.join(missing)}。请安装不低于服务器版本的客户端"
                "（Debian：apt-get install postgresql-client），再执行本命令。"
            )

    def size(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return cursor.fetchone()[0]

    # ── 备份 ──────────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def copy(self, to: Path) -> Iterator[LiveReading]:
        """pg_dump and the reading share one snapshot; whoever writes meanwhile is neither seen nor held up."""
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                cursor.execute("SELECT pg_export_snapshot()")
                (snapshot,) = cursor.fetchone()
            options = [
                "--format=custom",
                f"--compress={PACKING_LEVEL}",
                "--no-owner",
                "--no-privileges",
                f"--schema={SCHEMA}",
                f"--file={to}",
            ]
            _run("pg_dump", [*options, f"--snapshot={snapshot}"], "导出数据库失败")
            yield LiveReading()

    # ── 恢复 ──────────────────────────────────────────────────────────────────────────────────

    def people(self) -> int:
        reading = LiveReading()
        known = "accountability_person" in reading.tables()
        return reading.values("SELECT count(*) FROM accountability_person")[0][0] if known else 0

    def refuse_while_used(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*), string_agg(DISTINCT coalesce(nullif(application_name, ''), '未命名'), '、') FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            others, names = cursor.fetchone()
        if others:
            raise Refusal(f"{IN_USE}（还有 {others} 个连接：{names}）")

    def stage(self, dump: Path) -> Path:
        """As statements, whole before the first is carried out: a pipe that broke would look like its end."""
        staged = dump.with_name("database.sql")
        _run("pg_restore", ["--no-owner", "--no-privileges", "--exit-on-error", f"--file={staged}", str(dump)],
             "备份中的数据库读不出来", database=False)  # fmt: skip
        return staged

    def discard(self, staged: Path) -> None:
        staged.unlink(missing_ok=True)

    def put_in_place(self, staged: Path, tables: dict[str, Table], stamp: str) -> str:
        """One transaction: the schema there is aside, the dump in its place; checked, and turned back if it is not what was backed up."""
        aside = f"before_restore_{re.sub('[^0-9]', '_', stamp)}"
        first = staged.with_name("first.sql")
        makes_schema = re.search(rf"^CREATE SCHEMA {SCHEMA};", _head(staged), re.MULTILINE)
        first.write_text(
            f"SET lock_timeout = '{LOCK_SECONDS}s';\nALTER SCHEMA {SCHEMA} RENAME TO {aside};\n"
            + ("" if makes_schema else f"CREATE SCHEMA {SCHEMA};\n"),
            encoding="utf-8",
        )
        connection.close()
        _run("psql", ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
                      "--output=/dev/null", f"--file={first}", f"--file={staged}"], "写入数据库失败，已全部撤回")  # fmt: skip
        if wrong := differences(tables, all_tables(LiveReading())):
            self._turn_back(aside)
            raise Refusal("恢复出的数据与清单不符，已换回原来的数据：" + "；".join(wrong[:5]))
        return self._kept(aside)

    def _turn_back(self, aside: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
            cursor.execute(f"ALTER SCHEMA {aside} RENAME TO {SCHEMA}")

    def _kept(self, aside: str) -> str:
        """A schema without tables says nothing and goes."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = %s", [aside])
            if not cursor.fetchone()[0]:
                cursor.execute(f"DROP SCHEMA {aside} CASCADE")
                return ""
        return f"数据库中的模式 {aside}（确认无误后：DROP SCHEMA {aside} CASCADE）"


def _head(script: Path) -> str:
    with script.open(encoding="utf-8", errors="replace") as file:
        return file.read(20_000)


def _run(program: str, options: list[str], failed: str, *, database: bool = True) -> None:
    """A program of PostgreSQL's client; its password goes by the environment, where no list of processes shows it."""
    arguments, environment = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    where = arguments[1:] if database else []
    done = subprocess.run(  # noqa: S603 - one of three programs, options of our own
        [shutil.which(program) or program, *options, *where],
        env=os.environ | (environment or {}) | {"LC_MESSAGES": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["无说明"])[-1]
        raise Refusal(f"{failed}（{program}：{said[:300]}）")
