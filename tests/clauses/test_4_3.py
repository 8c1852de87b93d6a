"""四（三）: late entry is shown, never blocked; reports from below are owed and counted."""

import pytest

from tests import acts, cast

pytestmark = pytest.mark.django_db


def test_a_record_long_after_the_event_is_marked(login, people):
    duty = acts.duty_of(cast.organisation(cast.OURS), "half-year-report")
    answer = acts.post_record(login("unit_secretary"), duty, "half-year-report", happened_on="2026-07-08")
    assert answer.status_code == 302
    assert acts.state(duty) == "fulfilled"
    assert "补录 · 迟 138 天" in login("discipline").get(f"/ledger/{duty.pk}/").content.decode()
    late = login("discipline").get("/records/?view=late").context["pager"]
    assert late.total == 1


def test_the_four_questions_have_a_formula_and_rows(login):
    client = login("discipline")
    page = client.get("/supervision/")
    asked = [one["answer"].question for one in page.context["questions"]]
    assert [question.label for question in asked] == ["分解明确", "项目落实", "履行协同", "追究严格"]
    for one in page.context["questions"]:
        question = one["answer"].question
        assert question.formula in page.content.decode()
        for chosen, value in ((question.whole, one["answer"].whole), (question.lacking, one["answer"].lacking)):
            assert client.get(chosen.url).context["pager"].total == value
