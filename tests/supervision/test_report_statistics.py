"""统计表: a workbook with every table of a report, figure for figure (三（三）1, 四（三）)."""

from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from accountability.sheets import workbook_of
from supervision.report.statistics import LONGEST_NAME, SUMMARY, Names, tables_of
from supervision.report.values import code_of, words_of
from supervision.services import reports
from tests import cast
from tests.supervision.test_reports import lived, made  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def figure_set(lived):  # noqa: F811
    return reports.latest_figures(made(lived["secretary"]))


def rows_of(sheet) -> list[tuple]:
    """The rows below title, note and heads."""
    return list(sheet.iter_rows(min_row=4, values_only=True))


def test_every_figure_and_every_table_equals_what_is_frozen(figure_set):
    taken = figure_set.figures
    book = load_workbook(BytesIO(workbook_of(*tables_of(figure_set))))
    found = {row[0]: row[1:4] for row in rows_of(book[SUMMARY])}
    assert found == {
        code: (each["label"], each["value"], each["unit"] or None) for code, each in taken["figures"].items()
    }
    shown = {name: each for name, each in taken["exhibits"].items() if each["kind"] == "table"}
    assert len(book.sheetnames) == 1 + len(shown)
    assert len(shown) > 5
    for name, exhibit in shown.items():
        sheet = book[Names([]).of(name)]
        assert sheet["A1"].value == exhibit["title"]
        assert taken["taken_at"] in sheet["A2"].value
        grouped = any(group.get("name") for group in exhibit["groups"])
        rows = [row for group in exhibit["groups"] for row in group["rows"]]
        rows += [exhibit["sum"]] if exhibit["sum"] else []
        wanted = [[as_kept(cell, taken) for cell in row] for row in rows]
        assert [list(row[grouped:]) for row in rows_of(sheet)] == wanted, name


def as_kept(cell, taken: dict):
    code = code_of(cell)
    return taken["figures"][code]["value"] if code else words_of(cell, taken) or None


def test_numbers_are_numbers_and_rates_are_words(figure_set):
    values = [row[2] for table in tables_of(figure_set)[:1] for row in table.rows]
    assert {type(value) for value in values} == {int, str}
    assert all(value == "—" or value.endswith("%") for value in values if isinstance(value, str))


def test_a_rate_names_what_it_is_made_of(figure_set):
    rate = next(each for each in figure_set.figures["figures"].values() if each["model"] == "rate")
    row = next(row for row in tables_of(figure_set)[0].rows if row[0] == rate["code"])
    assert row[4] == f"{rate['formula']}（{rate['parts'][0]}、{rate['parts'][1]}）"


def test_a_figure_names_the_tables_it_stands_in(figure_set):
    taken = figure_set.figures
    name, exhibit = next((name, each) for name, each in taken["exhibits"].items() if each["kind"] == "table")
    code = next(code_of(cell) for group in exhibit["groups"] for row in group["rows"] for cell in row if code_of(cell))
    row = next(row for row in tables_of(figure_set)[0].rows if row[0] == code)
    assert exhibit["title"] in row[6]


def test_names_of_sheets_are_those_excel_allows():
    names = Names([SUMMARY])
    given = [names.of(name) for name in ("指标汇总", "A/B:C?", "a/b:c?", "长" * 40, "长" * 40, "'引号'", "[]")]
    assert given[0] == "指标汇总（2）"
    assert given[1:3] == ["A B C", "a b c（2）"]
    assert given[3] == "长" * LONGEST_NAME
    assert given[4] == "长" * (LONGEST_NAME - 3) + "（2）"
    assert given[5:] == ["引号", "表"]


def test_it_is_downloaded_by_whoever_sees_the_report(figure_set, login):
    address = reverse("report_statistics", args=[figure_set.report_id])
    answer = login("office").get(address)
    book = load_workbook(BytesIO(answer.content))
    assert book.sheetnames[0] == SUMMARY
    assert f"{cast.YEAR}" in book[SUMMARY]["A1"].value
    assert login("outsider").get(address).status_code == 404
