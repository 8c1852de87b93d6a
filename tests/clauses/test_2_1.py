"""二（一）: the three school lists are duties of the committee, kept by its office."""

import pytest

from tests import acts, cast

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["problem-list", "responsibility-list", "project-list"])
def test_each_list_is_owed_and_filed(login, people, kind):
    duty = acts.duty_of(cast.organisation("学校党委"), kind)
    answer = acts.post_record(login("office"), duty, kind)
    assert answer.status_code == 302
    assert acts.state(duty) == "fulfilled"
