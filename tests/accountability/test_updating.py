"""成批改写: what ``update_rows`` writes is what Django's own ``bulk_update`` writes, in few statements, and nothing else."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import DatabaseError, connection, models, transaction
from django.db.models import Value
from django.db.models.functions import Upper
from django.test.utils import CaptureQueriesContext

from accountability.models import Clause, Duty, Organisation, Tenure
from accountability.models.updating import update_rows
from supervision.models import Scheme, SchemeItem
from supervision.services import schemes
from tests import cast

pytestmark = pytest.mark.django_db
CHANGES = {
    "title": ("“引号”%s？", "'); DROP TABLE duty; --", "", "䶮"),
    "due_on": (date(2026, 2, 28), date(2026, 3, 1)),
    "state": (Duty.State.WAIVED, Duty.State.OPEN, Duty.State.FULFILLED),
    "clause": (None, 1, 2),
    "fulfilled_on": (None, date(2026, 12, 31)),
}


def changed(rows: list, name: str, values: tuple) -> list:
    field = rows[0]._meta.get_field(name)
    told = (
        [None if value is None else Clause.objects.all()[value].pk for value in values] if field.is_relation else values
    )
    for place, row in enumerate(rows):
        setattr(row, field.attname, told[place % len(told)])
    return rows


def kept() -> list[dict]:
    return list(Duty.objects.order_by("pk").values())


def test_the_values_are_those_of_django(people):
    Duty.objects.update(state=Duty.State.OPEN, fulfilled_on=None)
    rows, names = list(Duty.objects.order_by("pk")[:40]), list(CHANGES)
    for name in names:
        changed(rows, name, CHANGES[name])
    for row in rows:  # what the database asks of a duty that is done
        row.fulfilled_on = row.fulfilled_on or date(2026, 12, 31) if row.state == Duty.State.FULFILLED else None
    found = []
    for write in (lambda: models.QuerySet(Duty).bulk_update(rows, names), lambda: update_rows(rows, names)):
        with transaction.atomic():
            write()
            found.append(kept())
            transaction.set_rollback(True)
    assert found[0] == found[1]
    assert found[0] != kept()


def test_only_the_rows_and_fields_that_are_named(people):
    before = {row["id"]: row for row in kept()}
    rows = changed(list(Duty.objects.order_by("-pk")[:3]), "title", ("甲", "乙", "丙"))
    for row in rows:
        row.due_on = date(2020, 1, 1)
    update_rows(rows, ["title"])
    wanted = before | {row.pk: before[row.pk] | {"title": row.title} for row in rows}
    assert {row["id"]: row for row in kept()} == wanted


def test_numbers_with_decimals_and_lists_come_back(people):
    schemes.draft_scheme(by=people["discipline"], year=cast.YEAR, kind="unit")
    items = list(SchemeItem.objects.order_by("pk"))
    for place, item in enumerate(items):
        item.points = Decimal(place) / 4
        item.rule = {"indicator": "late", "steps": [{"below": 95, "deduct": place}]}
    update_rows(items, ["points", "rule"])
    assert [(one.points, one.rule) for one in SchemeItem.objects.order_by("pk")] == [
        (item.points, item.rule) for item in items
    ]
    scheme = Scheme.objects.get()
    scheme.grades = [{"name": "好", "least": 90}]
    update_rows([scheme], ["grades"])
    assert Scheme.objects.get().grades == [{"name": "好", "least": 90}]


def test_what_is_too_long_is_refused_not_cut_off(people):
    rows = changed(list(Duty.objects.all()[:2]), "number", ("甲" * 500, "乙"))
    if connection.vendor == "sqlite":  # knows no length, refuses by the constraint of the table or keeps all of it
        update_rows(rows, ["number"])
        assert len(Duty.objects.get(pk=rows[0].pk).number) == 500
        return
    with pytest.raises(DatabaseError):
        update_rows(rows, ["number"])


def test_what_the_database_computes_is_left_to_django(people):
    (row,) = Duty.objects.all()[:1]
    row.title = Upper(Value("abc"))
    update_rows([row], ["title"])
    assert Duty.objects.get(pk=row.pk).title == "ABC"


def test_many_rows_are_few_statements_each_row_found_by_its_key(people):
    rows = changed(list(Tenure.objects.all()), "is_acting", (True, False))
    with CaptureQueriesContext(connection) as captured:
        update_rows(rows, ["is_acting"])
    assert len([one for one in captured if one["sql"].startswith("UPDATE")]) == 1
    told = dict(Tenure.objects.values_list("pk", "is_acting"))
    assert told == {row.pk: row.is_acting for row in rows} and set(told.values()) == {True, False}


def test_nothing_is_written_of_nothing_and_an_unknown_field_is_named(people):
    with CaptureQueriesContext(connection) as captured:
        update_rows([], ["name"])
    assert len(captured) == 0
    with pytest.raises(FieldDoesNotExist):
        update_rows([Organisation.objects.first()], ["nosuch"])
