"""三（四）3: every member visits the grass roots, and records it."""

import pytest

from accountability.models import Duty
from tests import acts, cast

pytestmark = pytest.mark.django_db


def test_a_member_records_his_visit(login, people):
    duty = Duty.objects.get(
        obligation__code="member-research-visits", work_year=cast.YEAR, owner__title="分管财务副校长"
    )
    assert acts.post_record(login("member"), duty, "research-visit").status_code == 302
    assert acts.state(duty) == "fulfilled"
