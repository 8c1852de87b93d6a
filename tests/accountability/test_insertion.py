"""成批写入: what ``QuickRows`` writes is what Django's own ``bulk_create`` writes, in few statements."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Value
from django.db.models.functions import Upper
from django.test.utils import CaptureQueriesContext

from accountability.models import Cooperation, Duty, Organisation, WorkYear
from accountability.models.insertion import insert_rows, new_row
from tests import cast


def duties(prefix: str, count: int = 3, **fields) -> list[Duty]:
    like = Duty.objects.order_by("pk").first()
    kept = {
        field.attname: getattr(like, field.attname) for field in Duty._meta.concrete_fields if field.attname != "id"
    }
    return [
        Duty(**kept | {"number": f"{prefix}-{number}", "occurrence": 100 + number, "obligation_id": None} | fields)
        for number in range(count)
    ]


def told(prefix: str) -> list[dict]:
    rows = Duty.objects.filter(number__startswith=prefix).order_by("pk").values()
    return [{name: value for name, value in row.items() if name not in ("id", "number")} for row in rows]


@pytest.mark.parametrize(
    "fields",
    [{}, {"state": Duty.State.WAIVED}, {"due_on": date(2026, 2, 28), "clause_id": None}, {"title": "“引号”%s？"}],
)
def test_the_rows_are_those_of_django(people, fields):
    quick, slow = duties("Q", **fields), duties("S", **fields)
    with CaptureQueriesContext(connection) as captured:
        assert Duty.objects.bulk_create(quick) == quick
    assert len([one for one in captured if one["sql"].startswith("INSERT")]) == 1
    models.QuerySet(Duty).bulk_create(slow)
    assert told("Q") == told("S") and len(told("Q")) == 3
    assert [Duty.objects.get(pk=row.pk).number for row in quick] == [row.number for row in quick]
    assert not any(row._state.adding for row in quick)


def test_what_the_database_computes_is_left_to_django(people):
    rows = duties("Q", title=Upper(Value("abc")))
    Duty.objects.bulk_create(rows)
    assert {row["title"] for row in told("Q")} == {"ABC"}


def test_a_row_that_was_saved_after_it_was_pointed_to_is_pointed_to(people):
    (duty,) = duties("Q", 1)
    row = Cooperation(duty=duty, organisation=cast.organisation(cast.THEIRS))
    with pytest.raises(ValueError, match="unsaved related object"), transaction.atomic():
        Cooperation.objects.bulk_create([row])
    duty.save()
    Cooperation.objects.bulk_create([row])
    assert Cooperation.objects.get(pk=row.pk).duty == duty


def test_ignoring_conflicts_and_giving_numbers_are_still_possible(people):
    (duty,) = duties("Q", 1)
    Duty.objects.bulk_create([duty])
    unit = cast.organisation(cast.THEIRS)
    one = lambda: Cooperation(duty=duty, organisation=unit)  # noqa: E731
    Cooperation.objects.bulk_create([one()])
    Cooperation.objects.bulk_create([one()], ignore_conflicts=True)
    assert Cooperation.objects.filter(duty=duty).count() == 1
    given = Cooperation(pk=10**9, duty=duty, organisation=cast.organisation(cast.OURS))
    Cooperation.objects.bulk_create([given])
    assert Cooperation.objects.filter(pk=10**9).exists()


def test_all_of_it_or_nothing(people):
    rows = duties("Q", 2500)
    rows[-1].number = rows[0].number
    with pytest.raises(IntegrityError):
        Duty.objects.bulk_create(rows)


def test_many_rows_are_few_statements(people):
    with CaptureQueriesContext(connection) as captured:
        Duty.objects.bulk_create(duties("Q", 2500))
    assert len([one for one in captured if one["sql"].startswith("INSERT")]) <= 6
    assert Duty.objects.filter(number__startswith="Q").count() == 2500


def test_plain_values_come_back_with_their_numbers(people):
    year, units = WorkYear.objects.first(), list(Organisation.objects.order_by("pk")[:3])
    Duty.objects.bulk_create(duty := duties("Q", 1, work_year_id=year.pk))
    pks = insert_rows(Cooperation, ("duty_id", "organisation_id"), [(duty[0].pk, unit.pk) for unit in units])
    assert [Cooperation.objects.get(pk=pk).organisation for pk in pks] == units
    assert insert_rows(Cooperation, ("duty_id", "organisation_id"), []) == []


def test_a_new_row_is_what_the_model_makes_of_it(people):
    values = {"number": "Q", "title": "责任", "state": Duty.State.WAIVED, "due_on": date(2026, 5, 1)}
    plain = lambda row: {name: value for name, value in vars(row).items() if name != "_state"}  # noqa: E731
    assert plain(new_row(Duty, values)) == plain(Duty(**values))
    assert new_row(Duty, values)._state.adding
    with pytest.raises(IndexError):
        new_row(Duty, {"nosuch": 1})
