"""统计信息: SQLite's planner learns each night what PostgreSQL's learns by itself."""

import pytest
from django.conf import settings
from django.db import connection

from accountability import tasks
from accountability.services import table_statistics

pytestmark = pytest.mark.django_db


def test_each_night_and_on_sqlite_alone(people):
    tasks.gather_statistics()
    entry = settings.CELERY_BEAT_SCHEDULE["statistics"]
    assert entry["task"] == tasks.gather_statistics.name
    assert table_statistics.gather() is (connection.vendor == "sqlite")


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL gathers them by itself")
def test_what_was_gathered_is_what_the_tables_hold(people):
    table_statistics.gather()
    with connection.cursor() as cursor:
        cursor.execute("SELECT idx, stat FROM sqlite_stat1 WHERE tbl = 'accountability_duty'")
        told = dict(cursor.fetchall())
        cursor.execute("SELECT COUNT(*) FROM accountability_duty")
        (rows,) = cursor.fetchone()
        cursor.execute("SELECT stat FROM sqlite_stat1 WHERE tbl = 'inspections_visit'")
        assert cursor.fetchall() == [("0",)], "of a table nobody uses yet"
    assert rows > 100
    assert int(told["duty_by_day"].split()[0]) == rows


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL gathers them by itself")
def test_a_year_of_thousands_is_told_as_such_and_twice_does_no_harm():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE owed (year INTEGER)")
        cursor.execute("CREATE INDEX owed_by_year ON owed (year)")
        cursor.executemany("INSERT INTO owed VALUES (%s)", [(2026,)] * 6000)
        for _ in range(2):
            table_statistics.gather()
            cursor.execute("SELECT stat FROM sqlite_stat1 WHERE tbl = 'owed'")
            assert cursor.fetchall() == [("6000 6000",)]
