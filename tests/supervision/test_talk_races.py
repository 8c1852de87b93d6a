"""Two at the same moment order and decline, confirm and mend, enter two talks: one wins, numbers differ (二（三）)."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from supervision.models import FollowUp, Talk
from supervision.services import talk_reports, talks
from tests import cast
from tests.accountability.test_races import at_once, winners
from tests.supervision import talks as made

pytestmark = pytest.mark.django_db(transaction=True)


def allowed(deed):
    """A refusal by permission is a refusal like any other here."""
    try:
        return deed()
    except PermissionDenied as refusal:
        raise ValidationError(str(refusal)) from refusal


def test_a_proposal_is_ordered_or_declined(people):
    talk = made.arranged(made.admitted(people), people["unit_secretary"], leader=people["secretary"], due_on=None)
    secretary = people["secretary"]
    deeds = [
        lambda: talks.order(talk, by=secretary, talker=secretary, due_on=cast.TODAY),
        lambda: talks.decline(talk, by=secretary, reason="已另行谈心"),
    ]
    assert len(winners(at_once(lambda number: allowed(deeds[number])))) == 1
    assert Talk.objects.get().state in ("ordered", "declined")


def test_a_record_is_mended_or_confirmed_never_mended_after(people):
    talk = made.held(made.arranged(people["secretary"], people["unit_secretary"]), people["secretary"])
    deeds = [
        lambda: made.held(talk, people["secretary"], issues="改写后的问题表述。"),
        lambda: made.confirmed(talk, people["unit_secretary"]),
    ]
    at_once(lambda number: allowed(deeds[number]))
    rows = list(Talk.history.filter(id=talk.pk).order_by("history_id").values_list("state", flat=True))
    assert rows[-1] == "confirmed"


def test_a_report_is_judged_once(people):
    talk = made.in_full(people)
    made.reported(talk, people["unit_secretary"])
    deeds = [
        lambda: talk_reports.accept(talk, by=people["secretary"]),
        lambda: talk_reports.send_back(talk, by=people["secretary"], reason="没有写明抽查结果和今后的安排。"),
    ]
    assert len(winners(at_once(lambda number: allowed(deeds[number])))) == 1
    assert FollowUp.objects.get().state in ("accepted", "sent_back")


def test_two_talks_have_two_numbers(people):
    persons = [people["unit_secretary"], people["other_secretary"]]
    at_once(lambda number: made.arranged(people["secretary"], persons[number]))
    assert set(Talk.objects.values_list("number", flat=True)) == {"2026-1", "2026-2"}
