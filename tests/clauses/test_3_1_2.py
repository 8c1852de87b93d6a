"""三（一）2: two special meetings of the standing committee a year."""

import pytest

from accountability.models import Duty
from tests import acts, cast

pytestmark = pytest.mark.django_db


def test_two_are_owed_and_one_is_held(login, people):
    owed = Duty.objects.of_year(cast.YEAR).filter(obligation__code="standing-committee-meetings").order_by("occurrence")
    assert owed.count() == 2
    assert acts.post_meeting(login("office"), owed[0], "standing-committee-meeting").status_code == 302
    assert [duty.state for duty in owed.all()] == ["fulfilled", "open"]
