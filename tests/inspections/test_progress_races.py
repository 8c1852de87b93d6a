"""Two at the same moment: a month is owed once, a report counts once, one verifier decides (三（四）1)."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accountability.models import Duty, Person, Record
from accountability.services.records import decide as decide_record
from inspections.models import Finding, LongTermReview, Measure, ProgressReport
from inspections.services import progress_duties
from inspections.services.closing import perform
from inspections.services.long_term import decide, give_account
from inspections.services.progress import file_report
from tests import cast
from tests.accountability.test_races import at_once, winners
from tests.inspections.rounds import fed_back, finding_of, inspection_officer
from tests.inspections.test_closing import verifying
from tests.inspections.test_long_term import NEXT, OPINION, filed
from tests.inspections.test_progress_reports import report_of, said
from tests.waiting import needs_postgresql, told_after

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_generator_by_four_at_once_asks_once(people, settings):
    settings.PROGRESS_REPORTS_AFTER_PERIOD = False
    row = finding_of(fed_back(people["discipline"])).round
    settings.PROGRESS_REPORTS_AFTER_PERIOD = True
    assert not row.progress_reports.exists()
    results = at_once(
        lambda _: progress_duties.keep(row, by=people["discipline"], on=cast.TODAY, reason="按月列入"), count=4
    )
    assert not [each for each in results if isinstance(each, Exception)]
    assert [report.month.month for report in row.progress_reports.order_by("month")] == [11, 12]
    assert Duty.objects.filter(progress_report__round=row).count() == 2
    assert len(set(Duty.objects.values_list("number", flat=True))) == Duty.objects.count()


def test_two_file_the_same_month(people):
    finding = finding_of(fed_back(people["discipline"]))
    report, by = report_of(finding), (people["liaison"], people["unit_secretary"])
    results = at_once(lambda number: file_report(report, by=by[number], said=said(finding)))
    assert len(winners(results)) == 1
    assert Record.objects.filter(act__code="rectification-progress").count() == 1


def test_confirmed_and_returned_at_once_has_one_outcome(people):
    finding = finding_of(fed_back(people["discipline"]))
    record = file_report(report_of(finding), by=people["liaison"], said=said(finding)).record
    deeds = ("accept", "return")
    results = at_once(
        lambda number: decide_record(record, deeds[number], by=people["unit_secretary"], reason="请补充措施")
    )
    assert len(winners(results)) == 1
    record.refresh_from_db()
    words = Measure.objects.get(finding=finding).progress
    assert bool(words) == (record.state == Record.State.ACCEPTED)


def test_closing_while_the_month_is_confirmed_leaves_no_half(people):
    finding = verifying(people, finding_of(fed_back(people["discipline"])))
    record = file_report(report_of(finding), by=people["liaison"], said={}).record
    deeds = (
        lambda: perform(finding, "close", by=inspection_officer()),
        lambda: decide_record(record, "accept", by=people["unit_secretary"]),
    )
    results = at_once(lambda number: deeds[number]())
    assert len(winners(results)) == 2
    report = ProgressReport.objects.select_related("duty").get(pk=report_of(finding).pk)
    assert report.duty.state == Duty.State.FULFILLED


def test_two_give_the_same_account(people):
    finding = verifying(people, finding_of(fed_back(people["discipline"])))
    perform(finding, "keep_up", by=people["discipline"], reason="需要长期坚持，每年复核一次。", review_on=NEXT)
    review, by = LongTermReview.objects.get(), (people["liaison"], people["unit_secretary"])
    results = at_once(lambda number: give_account(review, by=by[number], text="每月抽查一次，未再发现同类问题。"))
    assert len(winners(results)) == 1
    assert Record.objects.filter(act__code="long-term-account").count() == 1


def test_two_verifiers_of_one_account(people):
    finding = verifying(people, finding_of(fed_back(people["discipline"])))
    perform(finding, "keep_up", by=people["discipline"], reason="需要长期坚持，每年复核一次。", review_on=NEXT)
    review = filed(people, LongTermReview.objects.get())
    verifiers = (people["discipline"], inspection_officer())

    def judge(number: int):
        try:
            if number:
                return decide(review, "close_kept", by=verifiers[number])
            return decide(review, "keep_on", by=verifiers[number], opinion=OPINION, review_on=date(2027, 6, 1))
        except PermissionDenied as refusal:
            raise ValidationError(str(refusal)) from refusal

    assert len(winners(at_once(judge))) == 1
    assert LongTermReview.objects.filter(finding=finding).exclude(decided_by=None).count() == 1


@needs_postgresql
def test_a_month_confirmed_while_the_problem_goes_to_examination_writes_nothing_over(people):
    finding, secretary = finding_of(fed_back(people["discipline"])), people["unit_secretary"]
    record = file_report(report_of(finding), by=people["liaison"], said=said(finding)).record
    row = Finding.objects.filter(pk=finding.pk)
    told_after(
        row,
        lambda: row.update(state=Finding.State.REVIEWING),
        lambda: decide_record(record, "accept", by=Person.objects.get(pk=secretary.pk)),
    )
    assert Record.objects.get(pk=record.pk).state == Record.State.ACCEPTED
    assert not Measure.objects.get(finding=finding).progress
