"""四（四）: the year ends with an assessment that says why, can be objected to and feeds appraisal; failure is pursued."""

from datetime import timedelta

import pytest

from accountability.models import Duty
from supervision.models import AssessmentSheet, Objection
from supervision.services import assessments
from tests import acts, cast
from tests.supervision.assessments import (
    WORDS,
    admitted_to_measures,
    approved,
    line_of,
    measure_on,
    opened,
    published,
    reviewed,
    sheet_of,
)

pytestmark = pytest.mark.django_db


def test_the_assessment_is_a_duty_of_the_committee(people):
    assert acts.duty_of(cast.organisation("学校党委"), "assessment").subject == "committee"


def test_the_secretary_finds_the_annual_report(login):
    assert login("secretary").get("/reports/").status_code == 200
    assert "年度报告" in login("secretary").get("/").content.decode()


@pytest.mark.parametrize("who", ["liaison", "unit_secretary", "member"])
def test_who_sees_part_of_the_school_finds_his_own_alone(login, who):
    rows = login(who).get("/reports/").context["rows"]
    assert 0 < len(rows) < 6


@pytest.mark.parametrize("who", ["branch", "outsider", "inspector", "sysadmin"])
def test_who_owes_no_report_is_told(login, who):
    assert login(who).get("/reports/").status_code == 403


def test_scores_by_rule_with_their_reasons(login, people):
    """As the unit's secretary: what was deducted, in a sentence, and each row behind it."""
    sheet = sheet_of(opened(people))
    page = login("unit_secretary").get(f"/oversight/assessment/sheets/{sheet.pk}/").content.decode()
    line = line_of(sheet, "责任文书签订")
    assert line.system_words in page
    rows = login("unit_secretary").get(f"/oversight/assessment/lines/{line.pk}/").context["rows"]
    late = (
        Duty.objects.of_year(cast.YEAR)
        .late(cast.TODAY)
        .filter(organisation__name=cast.OURS, obligation__acts__category="document")
    )
    assert {row.url for row in rows} == {f"/ledger/{duty.pk}/" for duty in late}


def test_the_unit_assesses_itself_and_it_is_a_duty_in_the_ledger(login, people):
    """As liaison, then as his secretary: handed in, confirmed, and the duty is done."""
    sheet = sheet_of(opened(people))
    path = f"/oversight/assessment/sheets/{sheet.pk}/self/"
    for who, act in (("liaison", "hand"), ("unit_secretary", "confirm")):
        client = login(who)
        form = client.get(path).context["form"]
        lines = {f"points_{line.pk}": line.system_points or line.item.points for line in form.lines}
        words = {f"words_{line.pk}": "已对照检查。" for line in form.lines}
        sent = lines | words | {"words": WORDS, "turn": form["turn"].value(), "act": act}
        assert client.post(path, sent).status_code == 302
    assert acts.state(sheet.duty) == "fulfilled"
    assert AssessmentSheet.objects.get(pk=sheet.pk).self_state == "confirmed"


def test_an_objection_is_heard_and_the_result_is_the_secretarys(login, people, clock):
    """As unit, as commission, as 党委书记: objected, answered by another, approved, and the year's duty is done."""
    assessment = published(people)
    line = line_of(sheet_of(assessment), "专题会议")
    login("unit_secretary").post(
        f"/oversight/assessment/lines/{line.pk}/object/", {"words": "第一次会议的纪要已在会前提交。"}
    )
    objection = Objection.objects.get()
    sent = {"decision": "adjust", "points": "10", "words": "纪要在期限之内，酌情调整。"}
    assert login("discipline").post(f"/oversight/assessment/objections/{objection.pk}/", sent).status_code == 403
    assert login("secretary").post(f"/oversight/assessment/objections/{objection.pk}/", sent).status_code == 302
    clock.shift(timedelta(days=8))
    path = f"/oversight/assessment/{assessment.pk}/act/"
    assert login("discipline").post(path, {"act": "propose"}).status_code == 302
    assert login("discipline").post(path, {"act": "approve"}).status_code == 403
    assert login("secretary").post(path, {"act": "approve"}).status_code == 302
    line.refresh_from_db()
    assert (line.system_points, line.human_points, line.final_points) == (5, 5, 10), (
        "the system's score stands beside it"
    )
    assert acts.state(acts.duty_of(cast.organisation("学校党委"), "assessment")) == "fulfilled"


def test_results_feed_appraisal_honours_and_appointments(login, people, clock):
    """As the office: the list for 评先评优 without those a measure bars from it."""
    measure_on(admitted_to_measures(people), organisation=cast.organisation(cast.OURS), kind="examination")
    assessment = reviewed(opened(people), people)
    assessments.perform(assessment, "publish", by=people["discipline"], objections_until=cast.TODAY + timedelta(days=3))
    clock.shift(timedelta(days=4))
    assessments.perform(assessment, "propose", by=people["discipline"])
    assessments.perform(assessment, "approve", by=people["secretary"])
    page = login("office").get("/oversight/assessment/results/?purpose=honours&barred=no")
    names = {result.sheet.name for result, _ in page.context["rows"]}
    assert f"{cast.OURS}党委" not in names
    barred = login("office").get("/oversight/assessment/results/?purpose=honours&barred=yes")
    assert f"{cast.OURS}党委" in {result.sheet.name for result, _ in barred.context["rows"]}


@pytest.mark.parametrize("kind", ["unit", "leader"])
def test_the_scheme_is_data_approved_by_another(login, people, kind):
    scheme = approved(people, kind)
    page = login("office").get(f"/oversight/assessment/schemes/{scheme.pk}/")
    assert page.status_code == 200
    assert (scheme.prepared_by, scheme.approved_by) == (people["discipline"], people["secretary"])


def test_failure_of_responsibility_is_pursued(login, people):
    """As 纪委: a duty long late that nothing was done about is listed, until a measure answers it."""
    client = login("discipline")
    before = client.get("/ledger/?is=unpursued").context["pager"]
    duty = before.page[0]
    measure_on(admitted_to_measures(people), organisation=duty.organisation, duty=duty)
    after = login("discipline").get("/ledger/?is=unpursued").context["pager"]
    assert after.total == before.total - 1
