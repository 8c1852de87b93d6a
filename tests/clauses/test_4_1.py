"""四（一）: each college files its own measures; those without are found by one filter."""

import pytest

from tests import acts, cast

pytestmark = pytest.mark.django_db


def test_a_college_files_its_measures(login, people):
    duty = acts.duty_of(cast.organisation(cast.OURS), "implementing-measures")
    assert acts.post_record(login("unit_secretary"), duty, "implementing-measures").status_code == 302
    assert acts.state(duty) == "fulfilled"


def test_units_without_are_listed(login, people):
    duty = acts.duty_of(cast.organisation(cast.OURS), "implementing-measures")
    acts.post_record(login("unit_secretary"), duty, "implementing-measures")
    page = login("discipline").get(f"/ledger/?year=2026&obligation={duty.obligation_id}&state=late")
    missing = {each.organisation.name for each in page.context["pager"].page}
    assert cast.OURS not in missing
    assert cast.THEIRS in missing
