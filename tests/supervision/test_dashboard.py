"""监督看板: every figure equals the rows its link opens, in a fixed number of queries."""

import re
from datetime import date

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from accountability.ledger import LedgerFilter
from accountability.models import Duty, Light
from supervision.board.chart import trend_chart
from supervision.board.dashboard import board_for
from tests import acts, cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def lived(people):
    """Some duties done on time, late, early; some waived."""
    office, ours = people["office"], cast.organisation(cast.OURS)
    school = cast.organisation("学校党委")
    acts.record(office, school, "opening-meeting", on=date(2026, 2, 27))
    acts.record(office, school, "problem-list", on=date(2026, 5, 8))
    for act in ("responsibility-letter", "task-list", "duty-report"):
        acts.record(people["unit_secretary"], ours, act, on=date(2026, 4, 20))
    acts.record(office, school, "committee-meeting", on=date(2026, 5, 8))
    return board_for(people["discipline"], cast.YEAR, cast.TODAY)


def rows_behind(url: str) -> int:
    chosen = LedgerFilter.read(QueryDict(url.partition("?")[2]))
    return chosen.rows(Duty.objects.all(), on=cast.TODAY).count()


def test_subjects_equal_their_rows(lived):
    for band in lived.bands():
        assert band.lights.total == rows_behind(band.url)
        assert band.lights.done == rows_behind(band.done_url)
        for link in band.links:
            assert int(link.words.split()[-1]) == rows_behind(link.url), link


def test_obligations_equal_their_rows(lived):
    seen = 0
    for band in lived.bands():
        for line in band.obligations:
            if line["cell"]:
                assert line["total"] == rows_behind(line["url"])
                assert line["done"] == rows_behind(line["done_url"])
                seen += line["total"]
    assert seen == Duty.objects.of_year(cast.YEAR).owed().count()


def test_n_has_a_count_that_opens_its_records(lived, login):
    committee = next(band for band in lived.bands() if band.subject == "committee")
    line = next(each for each in committee.obligations if each["obligation"].code == "committee-meetings")
    assert (line["count"], line["cell"]) == (1, None)
    assert login("discipline").get(line["url"]).context["pager"].total == 1


def test_matrix_cells_equal_their_rows(lived):
    matrix = lived.matrix()
    lines = [line for group in matrix["groups"] for line in group["lines"]]
    assert len(lines) == 38
    ours = next(line for line in lines if line["unit"].name == cast.OURS)
    assert ours["late"] == rows_behind(ours["late_url"])
    for cell in filter(None, ours["cells"]):
        done, total = map(int, re.match(r"(\d+)/(\d+)", cell.title).groups())
        assert total == rows_behind(cell.url)
        assert done == rows_behind(cell.url + "&state=done")
    assert "done" in {cell.light for cell in ours["cells"] if cell}
    vacant = next(line for line in lines if line["unit"].name == cast.VACANT)
    assert not any(vacant["cells"])


def test_the_worst_light_wins_a_cell(people):
    ours = cast.organisation(cast.OURS)
    acts.record(people["unit_secretary"], ours, "unit-special-meeting", on=date(2026, 6, 12))
    first, second = Duty.objects.filter(organisation=ours, obligation__code="unit-special-meetings").order_by(
        "occurrence"
    )
    assert (first.state, second.state) == ("fulfilled", "open")
    matrix = board_for(people["discipline"], cast.YEAR, cast.TODAY).matrix()
    line = next(each for group in matrix["groups"] for each in group["lines"] if each["unit"] == ours)
    column = [each.code for each in matrix["columns"]].index("unit-special-meetings")
    assert line["cells"][column].light == Light.SOON
    assert line["cells"][column].title == "1/2 完成"


def test_only_units_that_are_late(lived, login):
    page = login("discipline").get("/supervision/?late=1")
    lines = [line for group in page.context["matrix"]["groups"] for line in group["lines"]]
    assert lines
    assert all(line["late"] for line in lines)


def test_the_trend_ends_at_todays_figures(lived, people):
    months = lived.trend()
    duties = Duty.objects.of_year(cast.YEAR).owed()
    assert months[10]["done"] == duties.filter(fulfilled_on__lte=cast.TODAY).count()
    assert months[11]["due"] == duties.filter(due_on__year=cast.YEAR).count()
    assert months[10]["late"] == duties.late(cast.TODAY).count()
    assert months[11]["done"] is None
    june = date(2026, 6, 30)
    assert months[5]["late"] == sum(
        duty.due_on < june and (duty.fulfilled_on is None or duty.fulfilled_on > june) for duty in duties
    )


def test_the_chart_draws_an_empty_year():
    months = [{"month": month, "due": 0, "done": 0, "late": 0, "before": None} for month in range(1, 13)]
    assert trend_chart(months).due_path.startswith("M44.0 224.0")


@pytest.mark.parametrize("who", ["discipline", "secretary", "office"])
def test_the_page_costs_the_same_for_more_rows(login, people, who):
    client = login(who)
    client.get("/supervision/")
    with CaptureQueriesContext(connection) as few:
        client.get("/supervision/")
    acts.record(people["office"], cast.organisation("学校党委"), "problem-list")
    Duty.objects.filter(subject="unit").update(due_on=date(2026, 5, 6))
    with CaptureQueriesContext(connection) as many:
        client.get("/supervision/")
    assert len(many) == len(few) <= 20 + 2, "twenty, and the savepoint of the test's own transaction"


def test_a_counted_record_turns_the_cell_green(login, people):
    school = cast.organisation("学校党委")
    acts.record(people["office"], school, "problem-list", on=date(2026, 3, 20))
    page = login("discipline").get("/supervision/").content.decode()
    duty = acts.duty_of(school, "problem-list")
    line = page[page.index(f"obligation={duty.obligation_id}") :]
    assert "light--done" in line[: line.index("</tr>")]
