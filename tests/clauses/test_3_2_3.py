"""三（二）3: the joint supervision meetings are duties with the departments that help."""

import pytest

from tests import acts, cast

pytestmark = pytest.mark.django_db


def test_the_joint_meeting_names_its_departments(people):
    duty = acts.duty_of(cast.organisation("学校纪委"), "joint-supervision-meeting")
    helpers = set(duty.helpers.values_list("name", flat=True))
    assert {"组织部", "财务处", "审计处"} <= helpers


def test_a_department_sees_what_it_helps_with(login, people):
    duty = acts.duty_of(cast.organisation("学校纪委"), "joint-supervision-meeting")
    assert login("department").get(f"/ledger/{duty.pk}/").status_code == 200
    assert login("liaison").get(f"/ledger/{duty.pk}/").status_code == 404
