"""四（三）: late entry is shown, never blocked; reports from below are owed and counted."""

from datetime import timedelta

import pytest

from supervision.indicators import FIGURES
from tests import acts, cast
from tests.supervision import letter_acts as deeds

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


def test_what_was_asked_and_not_answered_is_a_figure_that_opens_its_rows(login, people, clock):
    """追究严格: letters issued, not acknowledged, late without an answer; each a list under an address."""
    letter = deeds.issued(people)
    clock.shift(timedelta(days=30))
    client = login("discipline")
    for name in ("letters_issued", "letters_unread", "letters_late"):
        page = client.get(FIGURES[name].url(cast.YEAR))
        assert [row.pk for row in page.context["pager"].page] == [letter.pk], name
    assert client.get(FIGURES["letters_poor"].url(cast.YEAR)).context["pager"].total == 0
