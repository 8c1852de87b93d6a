"""三（四）2: units and key departments check their risk points every year."""

import pytest

from accountability.models import Duty
from tests import acts, cast

pytestmark = pytest.mark.django_db


def test_key_departments_and_colleges_owe_the_check(people):
    owed = Duty.objects.of_year(cast.YEAR).filter(obligation__code="key-unit-risk-check")
    assert set(owed.values_list("organisation__key_area", flat=True)) == {
        "物资采购", "基础建设", "后勤保障", "科研经费", "财务管理", "招生录用", "评聘评审",
    }  # fmt: skip


def test_a_department_drafts_its_check(login, people):
    duty = acts.duty_of(cast.organisation("财务处"), "risk-self-check")
    assert acts.post_record(login("department"), duty, "risk-self-check").status_code == 302
    assert duty.evidence.get().record.state == "submitted"
