"""四（三）: late entry is shown, never blocked; reports from below are owed and counted."""

import pytest

from tests import acts, cast

pytestmark = pytest.mark.django_db


def test_a_record_long_after_the_event_is_marked(login, people):
    duty = acts.duty_of(cast.organisation(cast.OURS), "half-year-report")
    answer = acts.post_record(login("unit_secretary"), duty, "half-year-report", happened_on="2026-07-08")
    assert answer.status_code == 302
    assert acts.state(duty) == "fulfilled"
    assert "补录 · 迟 138 天" in login("discipline").get(f"/ledger/{duty.pk}/").content.decode()
    late = login("discipline").get("/records/?view=late").context["pager"]
    assert late.total == 1
