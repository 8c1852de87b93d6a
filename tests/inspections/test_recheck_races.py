"""Two at the same moment record, draw, make or approve: one wins, the other is told (三（四）1)."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from inspections.models import ProgressNotice, Recheck, RecheckItem
from inspections.services import progress_notices, rechecks
from tests import cast
from tests.accountability.test_races import at_once, winners
from tests.inspections.rounds import fed_back, finding_of, inspection_officer
from tests.inspections.test_progress_notices import draft
from tests.inspections.test_rechecks import closed, record

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_who_record_the_same_item_have_one_winner(people):
    row = fed_back(people["discipline"])
    closed(finding_of(row), people, verified_by=people["office"])
    item = rechecks.draw_recheck(by=people["discipline"], size=1, round=row).items.get()
    hands = [people["discipline"], inspection_officer()]
    results = at_once(lambda number: record(item, hands[number], ("real", "false")[number]))
    assert len(winners(results)) == 1
    item.refresh_from_db()
    assert (item.result, item.checked_by) == (winners(results)[0].result, winners(results)[0].checked_by)
    assert RecheckItem.history.filter(id=item.pk).exclude(result="").count() == 1


def test_two_draws_at_once_take_nothing_twice(people):
    row = fed_back(people["discipline"])
    for _ in range(2):
        closed(finding_of(row), people)
    results = at_once(lambda number: rechecks.draw_recheck(by=people["discipline"], size=2, round=row))
    assert len(winners(results)) == 1
    assert Recheck.objects.count() == 1
    assert RecheckItem.objects.count() == 2


def test_recording_and_concluding_at_once_leave_no_result_after_the_end(people):
    row = fed_back(people["discipline"])
    closed(finding_of(row), people)
    recheck = rechecks.draw_recheck(by=people["discipline"], size=1, round=row)
    item, reason = recheck.items.get(), "所在校区封闭施工，下月补查。"
    deeds = [
        lambda: record(item, people["discipline"]),
        lambda: rechecks.conclude(recheck, by=inspection_officer(), reason=reason),
    ]
    at_once(lambda number: deeds[number]())
    recheck.refresh_from_db()
    item.refresh_from_db()
    assert recheck.state == Recheck.State.CONCLUDED
    assert bool(item.result) != bool(recheck.unchecked_reason)


def test_two_who_make_the_same_notice_have_one(people):
    row = fed_back(people["discipline"])
    finding_of(row)
    results = at_once(
        lambda number: progress_notices.make(row, by=people["discipline"], scope="public", as_of=cast.TODAY)
    )
    assert len(winners(results)) == 1
    assert ProgressNotice.objects.count() == 1


def test_two_approvals_at_once_are_one(people):
    row = fed_back(people["discipline"])
    finding_of(row)
    notice = progress_notices.perform(draft(row, people), "propose", by=people["discipline"])

    def decide(number: int):
        try:
            return progress_notices.perform(notice, "approve", by=inspection_officer())
        except PermissionDenied as refusal:
            raise ValidationError(str(refusal)) from refusal

    results = at_once(decide)
    assert len(winners(results)) == 1
    assert ProgressNotice.history.filter(id=notice.pk, state="approved").count() == 1
