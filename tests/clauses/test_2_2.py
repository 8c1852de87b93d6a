"""二（二）: the commission records its own supervision work, and edits nobody else's."""

import pytest

from tests import acts, cast

pytestmark = pytest.mark.django_db


def test_the_commission_records_its_supervision(login, people):
    duty = acts.duty_of(cast.organisation("学校纪委"), "risk-control-inspection")
    answer = acts.post_record(login("discipline"), duty, "risk-control-inspection")
    assert answer.status_code == 302
    assert acts.state(duty) == "fulfilled"


def test_it_cannot_record_for_a_subject(login, people):
    duty = acts.duty_of(cast.organisation(cast.OURS), "duty-report")
    assert acts.post_record(login("discipline"), duty, "duty-report").status_code == 403
    assert acts.state(duty) == "open"
