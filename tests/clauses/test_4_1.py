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


def test_the_page_of_measures_lists_units_without_first(login, people):
    acts.record(people["unit_secretary"], cast.organisation(cast.OURS), "implementing-measures")
    rows = login("discipline").get("/lists/measures/").context["rows"]
    assert [row.name for row in rows if row.has_measures] == [cast.OURS]
    assert rows[-1].name == cast.OURS


def test_a_unit_drafts_its_own_measures_here(login, people):
    page = login("unit_secretary").get("/lists/measures/").content.decode()
    assert "/documents/new/" in page
    assert "本单位实施办法" in login("unit_secretary").get("/documents/new/").content.decode()
