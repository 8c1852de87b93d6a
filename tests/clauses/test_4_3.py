"""四（三）: late entry is shown, never blocked; signs of formalism are looked at by a person; burdens are counted."""

from datetime import date, timedelta

import pytest

from accountability.models import Duty, Notice, ReminderRule
from accountability.services import jobs
from accountability.services.duties import assign
from supervision.board.indicators import FIGURES
from supervision.services import hints
from supervision.services.reminders import sweep
from tests import acts, cast
from tests.supervision import letter_acts as deeds
from tests.supervision.reports import kept

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


def test_a_copied_report_is_found_seen_side_by_side_and_judged_by_the_commission(login, people):
    """形式主义: two colleges, one report; the commission looks, hears both, writes down what it was; the units see nothing."""
    for who, unit, words in (
        ("other_secretary", cast.THEIRS, "copied-1-a"),
        ("unit_secretary", cast.OURS, "copied-1-b"),
    ):
        login(who)
        acts.record(people[who], cast.organisation(unit), "political-ecology-report", content=kept(words), credit=False)
    commission = login("discipline")
    assert commission.post("/oversight/hints/look/").status_code == 302
    jobs.run(hints.latest_look().pk)
    page = commission.get("/oversight/hints/")
    assert page.context["pager"].total == 1
    hint = page.context["pager"].page.object_list[0]
    seen = commission.get(f"/oversight/hints/{hint.pk}/")
    assert seen.context["parallels"].percent > 80
    assert "<mark>" in seen.content.decode()
    said = {"act": "confirm", "words": "找两院联络员核实，会计学院套用法学院文稿，已提醒重写。"}
    assert commission.post(f"/oversight/hints/{hint.pk}/act/", said).status_code == 302
    told = commission.get("/oversight/hints/?state=confirmed").content.decode()
    assert "已提醒重写" in told
    for who in ("unit_secretary", "liaison", "other_secretary"):
        assert login(who).get("/oversight/hints/").status_code == 403
        assert "形式主义提示" not in login(who).get("/oversight/").content.decode()


def test_two_honest_reports_on_the_same_subject_are_left_alone(people):
    for who, unit, words in (
        ("other_secretary", cast.THEIRS, "honest-1-a"),
        ("unit_secretary", cast.OURS, "honest-1-b"),
    ):
        acts.record(people[who], cast.organisation(unit), "political-ecology-report", content=kept(words), credit=False)
    assert hints.look(by=people["discipline"]) == []


def test_what_is_asked_of_units_is_counted_and_asked_once(login, people):
    """减负: the unit sees its own hours, the office sees where the same thing was asked twice."""
    ours = cast.organisation(cast.OURS)
    acts.record(people["liaison"], ours, "duty-report")
    for day in (1, 8):
        assign(
            title="报送师德专题教育情况",
            organisation=ours,
            owner=ours.posts.get(role="unit_secretary"),
            work_year=cast.YEAR,
            due_on=date(2026, 12, day),
            by=people["office"],
        )
    own = login("liaison").get("/oversight/burden/")
    assert [(row["line"].unit, row["line"].total.hours) for row in own.context["rows"]] == [(ours, "1.5")]
    pair = login("office").get("/oversight/burden/twice/").context["pairs"][0][0]
    assert (pair.organisation, "相隔 7 天" in pair.why) == (ours, True)


def test_the_office_sees_whom_a_rule_would_tell_before_it_is_switched_on(login, people):
    """定期检查、防止形式主义: a look first; then one notice a person and duty, however many steps were reached before."""
    Duty.objects.update(due_on=cast.TODAY - timedelta(days=60))
    rule = ReminderRule.objects.get(matter="regulation")
    client = login("office")
    assert client.post(f"/reminders/{rule.pk}/switch/", {"act": "off"}).status_code == 302
    forecast = client.get(f"/reminders/{rule.pk}/").context["forecast"]
    assert forecast["notices"] > 100
    assert not Notice.objects.filter(kind="reminder").exists()
    ReminderRule.objects.exclude(pk=rule.pk).update(is_active=False)
    assert client.post(f"/reminders/{rule.pk}/switch/", {"act": "on"}).status_code == 302
    assert sweep(cast.TODAY) == forecast["notices"]
    told = Notice.objects.filter(kind="reminder")
    assert told.count() == told.values("recipient", "duty").distinct().count()
    assert told.values("recipient").distinct().count() == forecast["people"]
