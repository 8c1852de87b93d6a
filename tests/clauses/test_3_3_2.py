"""三（三）2: units keep the same ledger; liaison drafts, secretary confirms; two special meetings a year."""

import pytest

from tests import acts, cast

pytestmark = pytest.mark.django_db


def test_the_special_meeting_is_drafted_and_confirmed(login, people):
    duty = acts.duty_of(cast.organisation(cast.OURS), "unit-special-meeting")
    answer = acts.post_meeting(login("liaison"), duty, "unit-special-meeting")
    assert answer.status_code == 302
    assert acts.state(duty) == "open"
    record = duty.evidence.get().record
    assert login("liaison").post(f"/records/{record.pk}/decide/", {"transition": "accept"}).status_code == 403
    assert login("unit_secretary").post(f"/records/{record.pk}/decide/", {"transition": "accept"}).status_code == 302
    assert acts.state(duty) == "fulfilled"


def test_a_branch_keeps_its_own(login, people):
    duty = acts.duty_of(cast.organisation(f"{cast.OURS}/第一党支部"), "branch-report")
    assert acts.post_record(login("branch"), duty, "branch-report").status_code == 302
    assert acts.state(duty) == "fulfilled"


def test_the_chain_is_on_the_duty_page(login, people):
    duty = acts.duty_of(cast.organisation(f"{cast.OURS}/第一党支部"), "branch-report")
    assert cast.OURS in login("unit_secretary").get(f"/ledger/{duty.pk}/").content.decode()
