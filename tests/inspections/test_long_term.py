"""长期坚持复核: each review day is a duty; the unit gives account, another decides; closing takes three (三（四）1)."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accountability.models import Duty, Notice, Record
from accountability.services.opening import open_year
from accountability.services.records import decide as decide_record
from inspections.models import Finding, LongTermReview
from inspections.services.closing import perform
from inspections.services.long_term import decide, give_account
from inspections.tasks import keep_rectification
from tests import acts, cast
from tests.inspections.rounds import fed_back, finding_of, inspection_officer
from tests.inspections.test_closing import verifying

pytestmark = pytest.mark.django_db
S, R = Finding.State, LongTermReview.State
WORDS = "每月抽查报销单据一次，未再发现同类问题。"
OPINION = "坚持情况属实，需要继续坚持。"
NEXT = date(2026, 12, 28)


@pytest.fixture
def review(people) -> LongTermReview:
    finding = verifying(people, finding_of(fed_back(people["discipline"])))
    perform(finding, "keep_up", by=people["discipline"], reason="需要长期坚持，每半年复核一次。", review_on=NEXT)
    return LongTermReview.objects.get()


def filed(people, review: LongTermReview) -> LongTermReview:
    given = give_account(review, by=people["liaison"], text=WORDS)
    decide_record(given.record, "accept", by=people["unit_secretary"])
    return LongTermReview.objects.get(pk=review.pk)


def test_a_review_day_is_a_duty_of_the_unit_under_the_commission(people, review):
    duty = review.duty
    assert (duty.organisation.name, duty.due_on, duty.supervisor.name) == (cast.OURS, NEXT, "学校纪委")
    assert (duty.clause.key, duty.owner.role) == ("3.4.1", "unit_secretary")
    assert (review.number, review.state, review.opened_on) == (1, R.OWED, cast.TODAY)


def test_the_account_waits_for_the_secretary_then_for_the_verifier(people, review):
    given = give_account(review, by=people["liaison"], text=WORDS)
    assert (given.state, given.record.state) == (R.OWED, Record.State.SUBMITTED)
    assert acts.state(review.duty) == Duty.State.OPEN
    with pytest.raises(ValidationError, match="等本单位党组织书记审核"):
        give_account(review, by=people["unit_secretary"], text=WORDS)
    review = filed_after(people, given)
    assert (review.state, review.filed_by, review.confirmed_by) == (
        R.FILED,
        people["liaison"],
        people["unit_secretary"],
    )
    assert acts.state(review.duty) == Duty.State.FULFILLED
    assert Notice.objects.filter(recipient=people["discipline"], title__startswith="待核验长期坚持").exists()


def filed_after(people, given: LongTermReview) -> LongTermReview:
    decide_record(given.record, "accept", by=people["unit_secretary"])
    return LongTermReview.objects.get(pk=given.pk)


def test_kept_up_again_with_the_next_day_as_a_new_duty(people, review):
    review = filed(people, review)
    with pytest.raises(ValidationError, match="至少 10 个字"):
        decide(review, "keep_on", by=people["discipline"], opinion="好", review_on=date(2027, 6, 1))
    with pytest.raises(ValidationError, match="下次复核日期"):
        decide(review, "keep_on", by=people["discipline"], opinion=OPINION)
    done = decide(review, "keep_on", by=people["discipline"], opinion=OPINION, review_on=date(2027, 6, 1))
    assert (done.state, done.decided_by, done.decided_on) == (R.KEPT, people["discipline"], cast.TODAY)
    finding = Finding.objects.get(pk=review.finding_id)
    assert (finding.state, finding.review_on) == (S.LONG_TERM, date(2027, 6, 1))
    following = finding.reviews.get(number=2)
    assert (following.state, following.duty.due_on) == (R.OWED, date(2027, 6, 1))


def test_sent_back_is_owed_again_by_its_day(people, review):
    review = filed(people, review)
    decide(
        review,
        "send_kept_back",
        by=inspection_officer(),
        opinion="没有说明抽查的结果和数据。",
        review_on=date(2026, 12, 10),
    )
    following = LongTermReview.objects.get(number=2)
    assert (following.state, following.duty.due_on, following.duty.state) == (R.OWED, date(2026, 12, 10), "open")
    assert acts.state(review.duty) == Duty.State.FULFILLED, "what was handed in stays handed in"
    assert Notice.objects.filter(recipient=people["liaison"], title__startswith="退回补报").exists()


def test_closed_by_three_different_people(people, review):
    review = filed(people, review)
    decide(review, "close_kept", by=inspection_officer())
    finding = Finding.objects.get(pk=review.finding_id)
    assert (finding.state, finding.closed_on, finding.closed_in_time) == (S.CLOSED, cast.TODAY, True)
    assert len({finding.applied_by_id, finding.reviewed_by_id, finding.verified_by_id}) == 3
    assert (finding.review_on, finding.reviews.under_way().count()) == (None, 0)


def test_in_time_is_measured_by_the_day_it_was_set_to_be_kept_up(people, review):
    finding = review.finding
    finding.due_on = date(2026, 11, 22)  # the day before it was set
    finding.save()
    decide(filed(people, review), "close_kept", by=inspection_officer())
    assert Finding.objects.get(pk=finding.pk).closed_in_time is False


def test_the_secretarys_own_account_cannot_close(people, review):
    given = give_account(review, by=people["unit_secretary"], text=WORDS)
    assert given.state == R.FILED
    with pytest.raises(ValidationError, match="三人"):
        decide(given, "close_kept", by=people["discipline"])
    assert decide(given, "keep_on", by=people["discipline"], opinion=OPINION, review_on=NEXT).state == R.KEPT


def test_neither_the_unit_nor_a_stranger_decides(people, review):
    review = filed(people, review)
    for who in ("liaison", "unit_secretary", "other_secretary", "office", "secretary"):
        with pytest.raises(PermissionDenied):
            decide(review, "keep_on", by=people[who], opinion=OPINION, review_on=NEXT)


def test_the_database_holds_the_four_eyes_and_one_under_way(people, review):
    review = filed(people, review)
    review.state, review.decided_on, review.opinion = R.KEPT, cast.TODAY, OPINION
    for who in ("liaison", "unit_secretary"):
        review.decided_by = people[who]
        with pytest.raises(IntegrityError), transaction.atomic():
            review.save()
    review.decided_by, review.record = people["discipline"], None
    with pytest.raises(IntegrityError), transaction.atomic():
        review.save()
    review = LongTermReview.objects.get(pk=review.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        LongTermReview.objects.create(
            finding=review.finding, number=2, opened_on=cast.TODAY, duty=review.finding.measures.first().duty
        )


def test_an_account_that_was_judged_is_not_withdrawn(people, review):
    review = filed(people, review)
    decide(review, "keep_on", by=people["discipline"], opinion=OPINION, review_on=date(2027, 6, 1))
    with pytest.raises(ValidationError, match="已经核验"):
        decide_record(review.record, "withdraw", by=people["liaison"], reason="内容有误重写")


def test_an_account_withdrawn_before_is_owed_again(people, review):
    review = filed(people, review)
    decide_record(review.record, "withdraw", by=people["liaison"], reason="内容有误重写")
    review = LongTermReview.objects.get(pk=review.pk)
    assert (review.state, acts.state(review.duty)) == (R.OWED, Duty.State.OPEN)
    assert filed(people, review).state == R.FILED


def test_returned_by_the_secretary_is_mended_by_its_author(people, review):
    given = give_account(review, by=people["liaison"], text=WORDS)
    decide_record(given.record, "return", by=people["unit_secretary"], reason="请补充数据")
    again = give_account(review, by=people["liaison"], text=f"{WORDS}共抽查六次。")
    assert (again.record, again.record.state) == (given.record, Record.State.SUBMITTED)


def test_a_rebound_ends_the_review(people, review):
    perform(review.finding, "rebound", by=people["discipline"], reason="又发现同类问题三起，需要重新整改。")
    review = LongTermReview.objects.get(pk=review.pk)
    assert (review.state, acts.state(review.duty)) == (R.STOPPED, Duty.State.WAIVED)


def test_an_account_accepted_after_a_rebound_wakes_no_review(people, review):
    given = give_account(review, by=people["liaison"], text=WORDS)
    perform(review.finding, "rebound", by=people["discipline"], reason="又发现同类问题三起，需要重新整改。")
    decide_record(given.record, "accept", by=people["unit_secretary"])
    assert LongTermReview.objects.get(pk=review.pk).state == R.STOPPED


def test_it_follows_into_the_year_it_is_due_in(people):
    finding = verifying(people, finding_of(fed_back(people["discipline"])))
    perform(
        finding, "keep_up", by=people["discipline"], reason="需要长期坚持，每年复核一次。", review_on=date(2027, 6, 1)
    )
    duty = LongTermReview.objects.get().duty
    assert duty.work_year_id == 2026, "2027 is not opened yet"
    open_year(2027, by=people["office"])
    keep_rectification()
    duty.refresh_from_db()
    assert (duty.work_year_id, duty.history.first().history_change_reason) == (2027, "归入 2027 工作年度")


def test_a_day_beyond_reason_is_refused(people):
    finding = verifying(people, finding_of(fed_back(people["discipline"])))
    with pytest.raises(ValidationError, match="2029 年底"):
        perform(
            finding,
            "keep_up",
            by=people["discipline"],
            reason="需要长期坚持，每年复核一次。",
            review_on=date(2100, 1, 1),
        )


def test_through_the_pages(login, people, review):
    address = f"/inspections/reviews/{review.pk}/"
    client = login("liaison")
    assert address in client.get("/inspections/").content.decode()
    assert address in client.get(f"/inspections/findings/{review.finding_id}/").content.decode()
    assert "办理长期坚持情况报告" in client.get(f"/ledger/{review.duty_id}/").content.decode()
    answer = client.post(address, {"act": "account", "text": "太短"})
    assert answer.status_code == 400
    assert "太短" in answer.content.decode()
    assert client.post(address, {"act": "account", "text": WORDS}).status_code == 302
    assert client.post(address, {"act": "nothing"}).status_code == 400
    review.refresh_from_db()
    assert "待您审核" in login("unit_secretary").get(address).content.decode()
    login("unit_secretary").post(f"/records/{review.record_id}/decide/", {"transition": "accept"})
    assert (
        login("liaison").post(address, {"act": "keep_on", "opinion": OPINION, "review_on": "2027-01-20"}).status_code
        == 403
    )
    judge = login("discipline")
    assert address in judge.get("/inspections/").content.decode()
    answer = judge.post(address, {"act": "keep_on", "opinion": OPINION, "review_on": "2026年"})
    assert answer.status_code == 400
    assert OPINION in answer.content.decode()
    judge.post(address, {"act": "keep_on", "opinion": OPINION, "review_on": "2027-01-20"})
    assert "继续长期坚持" in judge.get(f"/inspections/findings/{review.finding_id}/").content.decode()
    assert login("other_liaison").get(address).status_code == 404
