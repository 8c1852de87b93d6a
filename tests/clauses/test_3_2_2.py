"""三（二）2: 巡视巡察整改落实到位, 责任追究. What is late and unanswered shows to the commission, cannot be talked away, and
a decision to hold somebody to account is linked to the duty or finding that was failed."""

from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accountability.models import Duty
from inspections.services.measures import report_progress
from supervision.models import Letter
from tests.inspections.rounds import fed_back, finding_of, measures_of
from tests.supervision import letter_acts as deeds
from tests.supervision import watching

pytestmark = pytest.mark.django_db


def test_a_finding_late_without_answer_shows_to_the_commission(login, people, clock):
    """As 纪委, the day after: the finding, its measure's duty, the unit's missing report; each opens its rows."""
    finding = finding_of(fed_back(people["discipline"]))
    clock.move_to(datetime(2026, 12, 21, 1, 0, tzinfo=UTC))
    client = login("discipline")
    page = client.get(f"/inspections/{finding.round_id}/?view=late")
    assert [row.pk for row in page.context["pager"].page] == [finding.pk]
    assert "逾期未销号" in page.content.decode()
    units = client.get("/inspections/units/")
    line = units.context["lines"][0]
    assert (line.name, line.value("late"), line.rate) == ("会计学院", 1, "0.0%")
    missing = client.get(f"/inspections/{finding.round_id}/progress/?view=late")
    assert missing.context["pager"].total == 1, "the report of November was never given"
    measure = measures_of(finding)[0]
    assert Duty.objects.late(datetime(2026, 12, 21, tzinfo=UTC).date()).filter(pk=measure.duty_id).exists()


def test_words_do_not_make_it_done(login, people, clock):
    """As the unit: 基本完成 is said, and the finding stays late until it is proved and verified."""
    finding = finding_of(fed_back(people["discipline"]))
    clock.move_to(datetime(2026, 12, 21, 1, 0, tzinfo=UTC))
    report_progress(
        measures_of(finding)[0], by=people["liaison"], progress="各项工作已经基本完成。", is_mostly_done=True
    )
    page = login("discipline").get(f"/inspections/{finding.round_id}/?view=late")
    assert page.context["pager"].total == 1


def test_another_unit_does_not_read_it(login, people):
    finding = finding_of(fed_back(people["discipline"]))
    assert login("other_liaison").get(f"/inspections/findings/{finding.pk}/").status_code == 404


def test_a_late_finding_is_asked_about_in_a_letter_that_names_it(login, people, clock):
    """督办单 on a finding: both pages lead to each other."""
    finding = finding_of(fed_back(people["discipline"]))
    address = f"/oversight/letters/new/?finding={finding.pk}"
    client = login("discipline")
    assert address in client.get(f"/inspections/findings/{finding.pk}/").content.decode()
    text = client.get(address).context["rows"].forms[0].initial["text"]
    assert finding.number in text
    row = deeds.matter(text=text, source_finding=finding.pk)
    assert client.post(address, deeds.form_of(row)).status_code == 302
    letter = Letter.objects.get()
    assert f"/oversight/letters/{letter.pk}/" in client.get(f"/inspections/findings/{finding.pk}/").content.decode()
    assert f"/inspections/findings/{finding.pk}/" in client.get(f"/oversight/letters/{letter.pk}/").content.decode()


def test_a_measure_is_linked_to_the_finding_that_was_failed(login, people):
    """As 纪委, admitted: recorded from the finding, with its decision; the unit's secretary reads it, others do not."""
    from supervision.models import AccountabilityMeasure
    from tests import acts as deeds
    from tests.supervision.assessments import admitted_to_measures

    admitted_to_measures(people)
    finding = finding_of(fed_back(people["discipline"]))
    client = login("discipline")
    offer = client.get(f"/inspections/findings/{finding.pk}/").content.decode()
    assert f"/oversight/measures/new/?finding={finding.pk}" in offer
    form = client.get(f"/oversight/measures/new/?finding={finding.pk}").context["form"]
    kinds = {f"{kind}": kind.pk for kind in form.fields["kind"].queryset.filter(target="organisation")}
    sent = {name: form[name].value() or "" for name in form.fields if name != "files"} | {
        "kind": kinds["通报"],
        "decided_by_body": "学校纪委",
        "decided_on": "2026-11-18",
        "document_number": "江海纪〔2026〕21号",
        "files": SimpleUploadedFile("通报决定.pdf", deeds.PDF),
    }
    assert client.post("/oversight/measures/new/", sent).status_code == 302
    row = AccountabilityMeasure.objects.get()
    assert (row.finding, row.organisation.name) == (finding, "会计学院")
    assert finding.text in login("unit_secretary").get(f"/oversight/measures/{row.pk}/").content.decode()
    for who in ("liaison", "member", "other_secretary", "inspector"):
        assert login(who).get(f"/oversight/measures/{row.pk}/").status_code == 404


def test_a_failed_duty_without_an_answer_shows_to_the_commission(login, people):
    page = login("discipline").get("/ledger/?is=unpursued")
    assert page.context["pager"].total > 0
    assert all(duty.is_open for duty in page.context["pager"].page)


def test_supervision_that_the_unit_did_not_answer_is_shown(login, people, clock):
    """各类监督发现的问题: told to the unit, overdue, one click from the board."""
    found = watching.problem(watching.oversight(people["discipline"], source="audit"), people["discipline"])
    watching.asked(found, people["discipline"])
    clock.move_to(datetime(2026, 12, 21, 1, 0, tzinfo=UTC))
    client = login("discipline")
    gap = {gap.figure.name: gap for gap in client.get("/supervision/").context["gaps"]}["unanswered_problems"]
    assert gap.count == client.get(gap.url).context["pager"].total == 1
    assert client.get(f"{gap.url}&source=audit").context["pager"].total == 1
    assert login("other_secretary").get(gap.url).context["pager"].total == 0
