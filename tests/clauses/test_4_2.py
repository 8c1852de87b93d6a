"""四（二）: 干部监督、信访举报、财务、审计 share what they have, told by source and number, never by content."""

import pytest

from supervision.models import Clue
from tests import acts, cast
from tests.supervision import watching

pytestmark = pytest.mark.django_db
SHARED = ("petition", "cadre", "finance", "audit")


def line(client, label: str):
    page = client.get("/oversight/clues/counts/")
    return next(one for one in page.context["lines"] if one.label == label)


def test_each_of_the_four_has_its_count_and_its_rows(login, people):
    by = watching.admit_to_clues(people)
    for source in SHARED:
        watching.sent(by, "财务处", source=source)
    client = login("discipline")
    for label in ("信访举报", "干部监督", "财会监督", "审计监督"):
        told = line(client, label)
        assert told.clues.words == told.shared.words == "1"
        assert client.get(told.clues.url).context["pager"].total == 1


def test_a_department_shares_what_it_found(login, people):
    """财务 hands in; the commission receives and asks 审计; each sees his part."""
    watching.admit_to_clues(people)
    client = login("department")
    post = people["department"].tenures.get().post_id
    fields = {"post": post, "source": "finance", "category": "money", "words": "报销中发现同一票据多次出现，建议了解。"}
    assert client.post("/oversight/clues/hand-in/", fields).status_code == 302
    clue = Clue.objects.get()
    client = login("discipline")
    assert client.post(f"/oversight/clues/{clue.pk}/act/", {"act": "receive"}).status_code == 302
    asked = {
        "post": watching.post_in("审计处").pk,
        "asked": "提供相关审计情况",
        "due_on": "2026-12-18",
        "reason": "需要审计核实",
    }
    assert client.post(f"/oversight/clues/{clue.pk}/forward/", asked).status_code == 302
    assert line(client, "财会监督").shared.words == "1"


def test_the_secretary_reads_numbers_and_no_content(login, people):
    by = watching.admit_to_clues(people)
    for number in range(3):
        watching.sent(by, "财务处", source="audit", words=f"第 {number} 件需要协助了解的情况。")
    client = login("secretary")
    page = client.get("/oversight/clues/counts/")
    assert (line(client, "审计监督").clues.words, line(client, "信访举报").clues.words) == ("3", "少于 3")
    assert "需要协助了解" not in page.content.decode() and "财务处" not in page.content.decode()
    for who in ("office", "member", "department", "unit_secretary", "liaison"):
        assert login(who).get("/oversight/clues/counts/").status_code == 403


def test_the_commission_reports_enforcement_to_the_committee(people):
    duty = acts.duty_of(cast.organisation("学校纪委"), "discipline-report")
    assert duty.clause.number.startswith(("三", "四"))
