"""风险防控 pages: who sees what through every door, odd addresses, bad input, queries (三（四）2)."""

import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.models import Organisation
from inspections.models import RiskAnswer, RiskPoint
from inspections.risk_map import RiskMap
from inspections.services import risk_checks
from inspections.services.risk_checks import Typed
from tests import cast
from tests.inspections.risk_points import FINE, SENT, campaign_by, point_of, points_of, sent

pytestmark = pytest.mark.django_db


# ── 谁能看 ───────────────────────────────────────────────────────────────────────────────────


def sheet_of(answer) -> list[tuple]:
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    return list(book.active.values)[1:]


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("office", {cast.OURS, cast.THEIRS}),
        ("discipline", {cast.OURS, cast.THEIRS}),
        ("secretary", {cast.OURS, cast.THEIRS}),
        ("member", {cast.OURS}),
        ("unit_secretary", {cast.OURS}),
        ("liaison", {cast.OURS}),
        ("branch", set()),
        ("department", set()),
        ("inspector", set()),
        ("sysadmin", set()),
        ("secadmin", set()),
        ("auditor", set()),
        ("outsider", set()),
    ],
)
def test_who_sees_what_through_every_door(login, people, many, who, sees):
    client = login(who)
    for path in ("/risks/?view=all", "/risks/check/answers/?year=2026", "/risks/changes/?year=2026"):
        rows = client.get(path).context["pager"].page.paginator.rows()
        units = {getattr(row, "point", row).organisation.name for row in rows}
        assert units == sees, path
    assert {row[1] for row in sheet_of(client.get("/risks/export/?view=all"))} == sees
    assert {row[1] for row in sheet_of(client.get("/risks/check/answers/export/?year=2026"))} == sees
    figures = client.get("/risks/check/?year=2026").context["figures"]
    handed_in = {line.organisation.name for line in figures.of_view("handed_in")} if figures else set()
    assert handed_in == sees
    for unit in (cast.OURS, cast.THEIRS):
        organisation, expected = cast.organisation(unit), 200 if unit in sees else 404
        point = RiskPoint.objects.filter(organisation=organisation).first()
        assert client.get(f"/risks/{point.pk}/").status_code == expected
        assert client.get(f"/risks/check/units/{organisation.pk}/?year=2026").status_code == expected


def test_a_draft_is_seen_by_the_unit_alone(login, people, ours):
    points = points_of(people["unit_secretary"], 1)
    campaign = campaign_by(people["discipline"])
    typed = Typed(has_problem=True, problem="尚未核实的情况")
    risk_checks.save_answers(campaign, ours, by=people["liaison"], answers={points[0].pk: typed}, turn=0)
    sheet = f"/risks/check/units/{ours.pk}/?year=2026"
    assert "尚未核实的情况" in login("unit_secretary").get(sheet).content.decode()
    for who in ("discipline", "office", "secretary", "member"):
        assert "尚未核实的情况" not in login(who).get(sheet).content.decode()
        assert login(who).post(sheet, sent(points, 1)).status_code == 403


def test_formulas_and_control_characters_are_harmless_in_excel(login, people):
    point_of(people["unit_secretary"], text="=HYPERLINK(1)", power_item="+1+1", manifestation="甲\x0b乙")
    answer = login("unit_secretary").get("/risks/export/")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    cells = {cell.value: cell.data_type for cell in sheet[2]}
    assert cells["=HYPERLINK(1)"] == "s"
    assert cells["+1+1"] == "s"
    assert "甲乙" in cells


# ── 页面 ─────────────────────────────────────────────────────────────────────────────────────

ODD = ("?view=\x00", "?unit=99999999999999999999", "?level=9&area=\x00&category=x", "?change=level&year=0", "?page=zz")


@pytest.mark.parametrize(
    "path", ["/risks/", "/risks/export/", "/risks/changes/", "/risks/check/", "/risks/check/answers/"]
)
def test_odd_addresses_are_no_errors(login, people, path):
    point_of(people["unit_secretary"])
    for odd in ODD:
        assert login("discipline").get(path + odd).status_code == 200, odd


def test_bad_input_is_answered_on_the_page(login, people, ours):
    points = points_of(people["unit_secretary"], 1)
    campaign_by(people["discipline"])
    liaison = login("liaison")
    for data in ({"due_on": "9999-99-99", "guidance": "\x00"}, {}):
        assert login("discipline").post("/risks/check/open/?year=2026", data).status_code == 400
    liaison = login("liaison")
    sheet = f"/risks/check/units/{ours.pk}/?year=2026"
    for data in (sent(points, has_problem="maybe"), sent(points, problem="甲" * 1001), {"turn": "甲"}, {}):
        assert liaison.post(sheet, data).status_code == 400
    marked = liaison.post(sheet, sent(points, problem="机密★一年", has_problem="yes"))
    assert marked.status_code == 400
    for data in ({}, SENT | {"factors": ["\x00"]}, SENT | {"organisation": "999999999"}):
        assert liaison.post("/risks/new/", data).status_code == 400
    assert liaison.post(f"/risks/{points[0].pk}/act/", {"act": "nothing"}).status_code == 400
    assert liaison.post(f"/risks/{points[0].pk}/act/", {"act": "confirm"}).status_code == 400
    assert login("discipline").get("/risks/new/").status_code in (200, 403)
    assert login("outsider").get("/risks/new/").status_code == 403


def test_a_unit_without_a_campaign_is_told(login, people, ours):
    page = login("liaison").get(f"/risks/check/units/{ours.pk}/?year=2026").content.decode()
    assert "还没有部署自查自纠" in page


def queries(client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def test_pages_cost_the_same_at_one_row_and_at_fifty(login, people, ours):
    campaign = campaign_by(people["discipline"])
    points_of(people["unit_secretary"], 1, factors="resources")
    client = login("liaison")
    sheet = f"/risks/check/units/{ours.pk}/?year=2026"
    pages = ["/risks/", "/risks/map/", "/risks/changes/?year=2026", sheet, "/risks/export/"]
    few = {path: queries(client, path) for path in pages}
    for number in range(49):
        point_of(people["unit_secretary"], text=f"另{number}", factors="resources")
    assert {path: queries(client, path) for path in pages} == few
    answers = {point.pk: FINE for point in risk_checks.points_of(ours)}
    risk_checks.hand_in(campaign, ours, by=people["unit_secretary"], answers=dict(list(answers.items())[:50]), turn=0)
    answered = ["/risks/check/answers/?year=2026", "/risks/check/?year=2026", sheet]
    many = {path: queries(client, path) for path in answered}
    RiskAnswer.objects.exclude(point=RiskPoint.objects.first()).delete()
    assert {path: queries(client, path) for path in answered} == many


def test_units_that_owe_nothing_may_keep_points_too(people, login):
    """教务处 has no duty to check, but may have risk points."""
    unit = Organisation.objects.get(name="教务处")
    head = unit.posts.get(role="unit_secretary").tenures.get().person
    point_of(head, unit)
    assert RiskMap(people["discipline"]).total.total.value == 1
    assert unit not in risk_checks.units_of(cast.YEAR)
