"""The pages of reports cost the same for few rows and for many."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.services import jobs
from supervision.services import reports
from tests import acts, cast
from tests.supervision.test_reports import made

pytestmark = pytest.mark.django_db
UNITS = ("法学院", "财务处", "党委办公室", "人事处", "审计处")


def queries(client, path: str) -> int:
    client.get(path)  # warm: content types and the like
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def test_the_list_of_reports(people, login):
    made(people["unit_secretary"], "duty-report", cast.organisation(cast.OURS))
    client = login("office")
    few = queries(client, "/reports/?view=unit")
    assert client.get("/reports/?view=unit").context["begun"] == 1
    for unit in UNITS:
        made(people["office"], "duty-report", cast.organisation(unit))
    assert client.get("/reports/?view=unit").context["begun"] == 6
    assert queries(client, "/reports/?view=unit") == few


def test_a_report_and_its_figure(people, login):
    ours = cast.organisation(cast.OURS)
    acts.record(people["unit_secretary"], ours, "responsibility-letter", on=date(2026, 5, 20))
    report = made(people["unit_secretary"], "duty-report", ours)
    client = login("unit_secretary")
    figure = f"/reports/{report.pk}/figures/{_most(report)}/"
    few = queries(client, f"/reports/{report.pk}/"), queries(client, figure)
    for day in range(1, 29):
        acts.record(people["unit_secretary"], ours, "unit-special-meeting", on=date(2026, 4, day))
    job = reports.order_refresh(report, by=people["unit_secretary"])
    jobs.run(job.pk)
    assert (queries(client, f"/reports/{report.pk}/"), queries(client, figure)) == few


def _most(report) -> str:
    """The figure with the most rows."""
    figures = reports.latest_figures(report).figures["figures"].values()
    return max((each for each in figures if each["model"] != "rate"), key=lambda each: each["value"])["code"]
