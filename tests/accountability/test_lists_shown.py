"""三张清单, shown: broken chains, who sees which, what a reader narrows to, the way from the ledger (二（一）)."""

import io

import openpyxl
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.services import lists
from tests import acts, cast
from tests.accountability.list_rows import SPRING, breaks, fixed, named, planned, raised

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_papers")]


# ── broken chains ────────────────────────────────────────────────────────────────────────────


def test_each_break_stands_out(people, login):
    office = people["office"]
    with time_machine.travel(SPRING):
        fixed(people)
        assert breaks(office) == [lists.NO_RESPONSIBILITY]
        row = named(people)
    assert breaks(office) == [lists.NO_RESPONSIBILITY, lists.UNCLAIMED]
    lists.answer_offer(row, "claim", by=people["member"])
    assert lists.NO_PROJECT in breaks(office)
    fields = {"title": "甲", "goal": "乙", "measures": "丙"}
    project = lists.plan_project(by=people["member"], responsibility=row, milestones="", **fields)
    assert lists.NO_MILESTONE in breaks(office)
    lists.plan_project(
        by=people["member"], responsibility=row, project=project, milestones="2026-06-30 早该完成", **fields
    )
    assert breaks(office) == sorted([lists.NO_RESPONSIBILITY, lists.MILESTONE_LATE])  # late before it was started
    with time_machine.travel(SPRING):
        lists.advance(project, "start", by=people["member"])
    assert {lists.MILESTONE_LATE, lists.NO_HALF_YEAR} <= set(breaks(office))
    page = login("office").get("/lists/").content.decode()
    assert "里程碑逾期 1" in page
    page = login("office").get(f"/lists/?broken={lists.NO_RESPONSIBILITY}")
    assert [chain.problem.text for chain in page.context["chains"]] == ["采购验收不严"]


def test_a_whole_chain_is_not_broken(people):
    with time_machine.travel(SPRING):
        project = lists.advance(planned(people, "2026-12-10 完成"), "start", by=people["member"])
    lists.advance(project, "half_year", by=people["member"], words="上半年进展顺利，按计划推进。")
    assert breaks(people["office"]) == []


# ── who sees ─────────────────────────────────────────────────────────────────────────────────


def test_nobody_sees_the_chains_of_others(people, login):
    project = planned(people)
    for who in ("unit_secretary", "other_secretary", "outsider", "inspector"):
        assert lists.chains(people[who], cast.YEAR, cast.TODAY) == []
        assert login(who).get(f"/lists/projects/{project.pk}/").status_code == 404
    for who in ("office", "secretary", "discipline", "member", "department"):
        assert len(lists.chains(people[who], cast.YEAR, cast.TODAY)) == 1
    book = openpyxl.load_workbook(io.BytesIO(login("other_secretary").get("/lists/export/").content))
    assert book.active.max_row == 1


def test_the_page_costs_the_same_at_one_chain_and_at_twenty(people, login):
    client = login("office")
    planned(people)

    def queries() -> int:
        client.get("/lists/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/lists/")
        return len(captured)

    few = queries()
    for number in range(8):
        fixed(people, text=f"问题{number}")
        named(people, text=f"责任{number}")
    assert queries() == few


# ── who sees, and what he narrows to ─────────────────────────────────────────────────────────


def test_the_unit_that_raised_it_sees_what_came_of_it_and_others_do_not(people):
    unit = cast.organisation(cast.OURS)
    problem = fixed(people, by=people["liaison"], origin=unit)
    row = named(people, problem=problem)
    for who in ("liaison", "unit_secretary", "department", "member"):
        found = lists.chains(people[who], cast.YEAR, cast.TODAY)
        assert [[link.responsibility.pk for link in chain.links] for chain in found] == [[row.pk]], who
    # a second answer of the same problem, led by another: its unit sees the problem and its own part of it
    theirs = named(people, problem=problem, organisation=cast.organisation(cast.THEIRS))
    found = lists.chains(people["other_secretary"], cast.YEAR, cast.TODAY)
    assert [[link.responsibility.pk for link in chain.links] for chain in found] == [[theirs.pk]]
    assert lists.chains(people["outsider"], cast.YEAR, cast.TODAY) == []


def shown(client, address: str = "/lists/") -> list[str]:
    chains = client.get(address).context["chains"]
    return [chain.problem.text if chain.problem else chain.links[0].responsibility.text for chain in chains]


def test_the_page_narrows_and_the_workbook_follows(people, login):
    unit = cast.organisation(cast.OURS)
    with time_machine.travel(SPRING):
        fixed(people, text="甲问题")
        raised(people, by=people["liaison"], origin=unit, text="乙问题")
        named(people, text="丙责任")
    client = login("office")
    assert shown(client) == ["甲问题", "乙问题", "丙责任"]
    assert shown(client, "/lists/?broken=any") == ["甲问题", "丙责任"]
    assert shown(client, "/lists/?broken=unclaimed") == ["丙责任"]
    assert shown(client, f"/lists/?organisation={unit.pk}") == ["乙问题"]
    assert shown(client, f"/lists/?organisation={unit.pk}&broken=any") == []
    assert shown(client, "/lists/?q=丙") == ["丙责任"]
    assert shown(client, "/lists/?view=mine") == []
    assert shown(client, "/lists/?broken=nonsense&organisation=x&year=1") == ["甲问题", "乙问题", "丙责任"]
    assert shown(login("member"), "/lists/?view=mine") == ["甲问题", "乙问题", "丙责任"]
    page = login("office").get("/lists/")
    for count in page.context["counts"]:  # every count opens exactly its rows
        assert len(shown(client, count["url"])) == count["count"]
    for tab in page.context["tabs"]:
        assert len(shown(client, tab.url)) == tab.count
    book = openpyxl.load_workbook(io.BytesIO(client.get("/lists/export/?broken=unclaimed").content))
    assert [row[3].value for row in book.active.iter_rows(min_row=2)] == ["丙责任"]


def test_the_menu_of_units_names_none_he_does_not_see(people, login):
    raised(people)
    page = login("liaison").get("/lists/")
    assert [
        option.label for pick in page.context["picks"] for option in pick.options if option.label != "2026 年度"
    ] == ["不限"]


# ── the way from the ledger ──────────────────────────────────────────────────────────────────


def test_every_day_of_a_project_leads_back_to_it_and_can_be_done_from_the_ledger(people, login):
    with time_machine.travel(SPRING):
        project = lists.advance(planned(people), "start", by=people["member"])
    milestone = project.milestones.first()
    for duty in (milestone.duty, project.half_year_duty, project.result_duty):
        page = login("member").get(f"/ledger/{duty.pk}/").content.decode()
        assert f"/lists/projects/{project.pk}/" in page
    page = login("member").get(f"/ledger/{milestone.duty_id}/").content.decode()
    assert f"/records/new/?duty={milestone.duty_id}&amp;act=milestone" in page
    assert acts.post_record(login("member"), milestone.duty, "milestone").status_code == 302
    assert acts.state(milestone.duty) == "fulfilled"
    # the unit that leads helps, so its people see the day and are not offered to do it
    page = login("department").get(f"/ledger/{milestone.duty_id}/")
    assert page.status_code == 200
    assert "act=milestone" not in page.content.decode()
