"""责任事项: lights, moved days, waived duties, numbers that agree."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accountability.ledger import STATES, LedgerFilter
from accountability.models import Duty, Light, WorkYear
from accountability.services import duties
from accountability.services.opening import open_year
from accountability.templatetags.duties import light_words
from tests import acts, cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def duty(people):
    return acts.duty_of(cast.organisation(cast.OURS), "duty-report")


def light_on(duty: Duty, day: date) -> tuple[str, str]:
    lit = Duty.objects.with_light(day).get(pk=duty.pk)
    return lit.light, light_words(lit, day)


def test_the_light_follows_the_day(duty):
    due = duty.due_on
    assert light_on(duty, due - timedelta(days=31)) == (Light.IDLE, "未到")
    assert light_on(duty, due - timedelta(days=30)) == (Light.SOON, "剩 30 天")
    assert light_on(duty, due) == (Light.SOON, "今日到期")
    assert light_on(duty, due + timedelta(days=1)) == (Light.LATE, "超 1 天")


def test_done_late_says_so(people, duty):
    duties.move_due_day(duty, to=date(2026, 11, 10), by=people["office"], reason="提前报送")
    record = acts.record(people["unit_secretary"], duty.organisation, "duty-report", on=date(2026, 11, 20))
    assert record.state == "accepted"
    assert light_on(duty, cast.TODAY) == (Light.DONE, "逾期完成")


def test_querysets_and_light_agree_on_every_day(people):
    for day in (date(2026, 1, 1), cast.TODAY, date(2026, 12, 31), date(2027, 2, 1)):
        lit = Duty.objects.with_light(day)
        for light, rows in (
            (Light.LATE, Duty.objects.late(day)),
            (Light.SOON, Duty.objects.soon(day)),
            (Light.DONE, Duty.objects.fulfilled()),
        ):
            assert set(lit.filter(light=light).values_list("pk")) == set(rows.values_list("pk")), (day, light)


def test_a_moved_day_stays_moved_when_the_year_is_opened_again(people, duty):
    scheduled = duty.scheduled_on
    duties.move_due_day(duty, to=date(2026, 12, 28), by=people["office"], reason="与考核同步")
    assert open_year(cast.YEAR, by=people["office"]).duties == []
    duty.refresh_from_db()
    assert (duty.due_on, duty.scheduled_on, duty.was_moved) == (date(2026, 12, 28), scheduled, True)
    assert duty.history.first().history_change_reason == "调整到期日：与考核同步"


@pytest.mark.parametrize("who", ["unit_secretary", "discipline", "secretary", "liaison"])
def test_only_the_office_moves_days(people, duty, who):
    with pytest.raises(PermissionDenied):
        duties.move_due_day(duty, to=date(2026, 12, 28), by=people[who], reason="想晚一点交")


def test_moving_wants_a_reason_and_a_sane_day(people, duty):
    with pytest.raises(ValidationError, match="至少 4 个字"):
        duties.move_due_day(duty, to=date(2026, 12, 28), by=people["office"], reason="改")
    with pytest.raises(ValidationError, match="到期日须在"):
        duties.move_due_day(duty, to=date(2029, 1, 1), by=people["office"], reason="推迟三年")


def test_a_waived_duty_is_kept_but_not_counted(people, duty):
    before = Duty.objects.owed().count()
    duties.waive(duty, by=people["office"], reason="单位已合并")
    duty.refresh_from_db()
    assert duty.state == Duty.State.WAIVED
    assert Duty.objects.owed().count() == before - 1
    chosen = LedgerFilter(year=cast.YEAR, states=("waived",))
    assert list(chosen.rows(Duty.objects.all(), on=cast.TODAY)) == [duty]
    with pytest.raises(ValidationError, match="不再要求"):
        duties.move_due_day(duty, to=date(2026, 12, 28), by=people["office"], reason="再来一次")


def test_nothing_moves_in_a_closed_year(people, duty):
    WorkYear.objects.update(closed_on=date(2026, 11, 1))
    with pytest.raises(ValidationError, match="封存"):
        duties.waive(duty, by=people["office"], reason="单位已合并")


@pytest.mark.parametrize(
    "change",
    [
        {"state": "fulfilled", "fulfilled_on": None},
        {"state": "open", "fulfilled_on": date(2026, 1, 1)},
        {"due_on": date(1999, 1, 1)},
    ],
)
def test_the_database_holds_what_it_can(duty, change):
    with pytest.raises(IntegrityError), transaction.atomic():
        Duty.objects.filter(pk=duty.pk).update(**change)


def test_the_database_refuses_the_same_duty_twice(duty):
    duty.pk, duty.number = None, "2026-9999"
    with pytest.raises(IntegrityError), transaction.atomic():
        duty.save(force_insert=True)


class TestLedgerFilter:
    def test_an_address_survives_the_round_trip(self):
        from django.http import QueryDict

        chosen = LedgerFilter(
            year=2026, q="责任书", states=("late", "soon"), subject="unit", level="unit", kind="college",
            organisation=3, obligation=4, occurrence=2, clause="3.3.1", owner=5, month=11, mine=True,
        )  # fmt: skip
        assert LedgerFilter.read(QueryDict(chosen.url.partition("?")[2])) == chosen

    @pytest.mark.parametrize(
        "query",
        ["year=99999", "organisation=abc", "organisation=" + "9" * 40, "state=nonsense", "month=13", "subject=x",
         "clause=%00", "page=-3", "occurrence=1e9", "q=%00%27"],
    )  # fmt: skip
    def test_nonsense_in_an_address_is_dropped(self, login, query):
        assert login("office").get(f"/ledger/?{query}").status_code == 200

    def test_every_state_filter_means_the_light(self, people):
        lit = Duty.objects.owed().with_light(cast.TODAY)
        for light in Light:
            rows = LedgerFilter(states=(light,)).rows(Duty.objects.all(), on=cast.TODAY)
            assert set(rows.values_list("pk")) == set(lit.filter(light=light).values_list("pk"))

    def test_every_state_has_a_name_and_runs(self, people):
        for state in STATES:
            LedgerFilter(states=(state,)).rows(Duty.objects.all(), on=cast.TODAY).count()


@pytest.mark.parametrize("title", ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "普通事项"])
def test_nothing_in_the_export_acts_as_a_formula(login, duty, title):
    from io import BytesIO

    from openpyxl import load_workbook

    Duty.objects.filter(pk=duty.pk).update(title=title)
    answer = login("office").get(f"/ledger/export/?q={duty.number}")
    sheet = load_workbook(BytesIO(answer.content)).active
    cell = sheet["B2"]
    assert (cell.value, cell.data_type) == (title, "s")
    assert sheet.max_row == 2
