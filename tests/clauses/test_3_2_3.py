"""三（二）3: joint supervision: meetings with the departments that help, clues shared with named people, sources to report by."""

import pytest

from supervision.models import Clue, Source
from tests import acts, cast
from tests.supervision import watching

pytestmark = pytest.mark.django_db


def test_the_joint_meeting_names_its_departments(people):
    duty = acts.duty_of(cast.organisation("学校纪委"), "joint-supervision-meeting")
    helpers = set(duty.helpers.values_list("name", flat=True))
    assert {"组织部", "财务处", "审计处"} <= helpers


def test_a_department_sees_what_it_helps_with(login, people):
    duty = acts.duty_of(cast.organisation("学校纪委"), "joint-supervision-meeting")
    assert login("department").get(f"/ledger/{duty.pk}/").status_code == 200
    assert login("liaison").get(f"/ledger/{duty.pk}/").status_code == 404


def test_a_clue_goes_to_named_people_and_each_answer_is_tracked(login, people):
    """监督检查室 to 财务处 and 审计处; each answers for himself; nobody else of their departments sees it."""
    watching.admit_to_clues(people)
    fields = {
        "source": "petition",
        "category": "money",
        "words": watching.WORDS,
        "posts": [watching.post_in(unit).pk for unit in ("财务处", "审计处")],
        "asked": watching.ASKED,
        "due_on": "2026-12-18",
        "reason": "职责所在，需要核实",
    }
    made = login("discipline").post("/oversight/clues/new/", fields)
    assert made.status_code == 302
    clue = Clue.objects.get()
    mine = watching.item_of(clue)
    here = f"/oversight/clues/items/{mine.pk}/"
    client = login("department")
    assert client.get(made["Location"]).status_code == 404
    assert client.post(f"{here}act/", {"act": "read"}).status_code == 302
    assert client.post(f"{here}answer/", {"text": "劳务费办法已执行，抽查二十笔未见异常。"}).status_code == 302
    client = login("discipline")
    states = {item.post.organisation.name: item.state for item in client.get(made["Location"]).context["items"]}
    assert states == {"财务处": "answered", "审计处": "sent"}
    assert client.post(f"{here}act/", {"act": "adopt"}).status_code == 302
    for who in ("liaison", "office", "secretary", "other_secretary"):
        assert login(who).get(here).status_code == 404


def test_the_places_that_may_be_asked_are_those_of_the_clause(people):
    from supervision.services.clues import recipient_posts

    named = set(recipient_posts(people["discipline"]).values_list("organisation__name", flat=True))
    assert {"党委巡察办公室", "组织部", "教师工作部", "人事处", "财务处", "审计处", "招投标办公室"} <= named


def test_the_source_is_a_field_to_report_by(login, people):
    """党内、民主、审计、财会、群众、舆论监督."""
    labels = {source.label for source in Source}
    assert {"纪律监督", "巡察监督", "民主监督", "审计监督", "财会监督", "群众监督", "舆论监督"} <= labels
    for source in ("democratic", "audit", "finance", "public", "press"):
        watching.oversight(people["discipline"], source=source, title=f"一次{Source(source).label}")
    client = login("discipline")
    by_source = {one["label"]: one for one in client.get("/oversight/records/").context["by_source"]}
    for label in ("民主监督", "审计监督", "财会监督", "群众监督", "舆论监督"):
        assert by_source[label]["count"] == client.get(by_source[label]["url"]).context["pager"].total == 1
