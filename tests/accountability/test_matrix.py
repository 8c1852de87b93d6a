"""四书四会三报告一览: what it shows, to whom, and at what cost (三（三）1)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.matrix import Matrix
from accountability.models import DocumentKind, Duty
from tests import acts, cast, letters

pytestmark = pytest.mark.django_db
Panel = DocumentKind.Panel


def tables(user) -> dict:
    return {table.panel: table for table in Matrix(user, cast.YEAR, cast.TODAY).tables()}


def row(table, label: str):
    return next(row for row in table.rows if row.label == label)


def cell(table, label: str, column: str):
    position = [column.label for column in table.columns].index(column)
    return row(table, label).cells[position][0]


def test_the_whole_school_is_on_one_page(people):
    found = tables(people["office"])
    assert len(found[Panel.LEADER].rows) == 22
    assert len(found[Panel.UNIT].rows) == 38
    labels = [column.label for column in found[Panel.SCHOOL].columns]
    assert labels[:4] == ["分析研究会", "计划审议会", "推进会", "总结评议会"]
    assert {"总结评议书", "书面报告"} <= set(labels)
    assert row(found[Panel.UNIT], cast.VACANT).sub == "没有责任人，未下达"


def test_a_cell_opens_what_it_is(people):
    table = tables(people["office"])[Panel.LEADER]
    assert cell(table, "分管财务副校长", "责任项目书").url.startswith("/ledger/")
    document = letters.project_letter(people, to="in_review")
    table = tables(people["office"])[Panel.LEADER]
    found = cell(table, "分管财务副校长", "责任项目书")
    assert (found.url, found.label) == (f"/documents/{document.pk}/", "审核中")
    assert found.light == "late"  # the day it was owed is past
    meeting = acts.duty_of(cast.organisation("学校党委"), "analysis-meeting")
    record = acts.record(people["office"], meeting.organisation, "analysis-meeting")
    found = cell(tables(people["office"])[Panel.SCHOOL], "学校党委", "分析研究会")
    assert (found.url, found.light) == (f"/records/{record.pk}/", "done")


def test_a_filed_paper_counts_as_one_that_was_signed_here(people):
    unit = cast.organisation(cast.OURS)
    acts.record(people["unit_secretary"], unit, "duty-report")
    found = cell(tables(people["office"])[Panel.UNIT], cast.OURS, "履责报告")
    assert (found.light, found.label) == ("done", "已归档")


def test_everybody_sees_his_own_reach_and_nothing_else(people):
    found = tables(people["unit_secretary"])
    assert [row.label for row in found[Panel.UNIT].rows] == [cast.OURS]
    assert set(found) == {Panel.UNIT}
    found = tables(people["member"])
    assert [row.label for row in found[Panel.LEADER].rows] == ["分管财务副校长"]
    assert cast.THEIRS not in [row.label for row in found[Panel.UNIT].rows]
    assert tables(people["outsider"]) == {}


def test_the_chain_is_walked_down_to_the_branches(login, people):
    unit = cast.organisation(cast.OURS)
    page = login("unit_secretary").get(f"/documents/?unit={unit.pk}")
    panels = [table.panel for table in page.context["tables"]]
    assert panels == [Panel.UNIT, Panel.BRANCH]
    assert "第一党支部" in page.content.decode()
    assert login("unit_secretary").get(f"/documents/?unit={cast.organisation(cast.THEIRS).pk}").status_code == 404


def test_counts_are_the_cells(people):
    table = tables(people["office"])[Panel.LEADER]
    late = Duty.objects.of_year(cast.YEAR).late(cast.TODAY).filter(obligation__code="project-letter").count()
    assert table.late >= late > 0
    assert table.owed == sum(len(cells) for row in table.rows for cells in row.cells)


@pytest.mark.parametrize("who", ["office", "secretary", "discipline"])
def test_38_units_and_22_leaders_in_at_most_12_queries(login, people, who):
    letters.project_letter(people, to="in_review")
    client = login(who)
    client.get("/documents/")
    with CaptureQueriesContext(connection) as captured:
        page = client.get("/documents/")
    assert page.status_code == 200
    assert sum(len(table.rows) for table in page.context["tables"]) == 61
    asked = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]  # the test's own transaction
    assert len(asked) <= 12, "\n".join(sql[:160] for sql in asked)
