"""三（三）1: four documents, four meetings, three reports, the letters with every unit."""

import pytest

from accountability.models import Duty
from tests import acts, cast

pytestmark = pytest.mark.django_db


def test_every_leader_signs_three_documents(people):
    for code in ("integrity-pledge", "responsibility-plan", "project-letter"):
        assert Duty.objects.of_year(cast.YEAR).filter(obligation__code=code).count() == 22


@pytest.mark.parametrize("kind", ["analysis-meeting", "plan-meeting", "progress-meeting", "appraisal-meeting"])
def test_each_of_the_four_meetings_counts(login, people, kind):
    duty = acts.duty_of(cast.organisation("学校党委"), kind)
    assert acts.post_meeting(login("office"), duty, kind).status_code == 302
    assert acts.state(duty) == "fulfilled"


def test_a_member_files_his_pledge(login, people):
    duty = Duty.objects.get(obligation__code="integrity-pledge", work_year=cast.YEAR, owner__title="分管财务副校长")
    assert acts.post_record(login("member"), duty, "integrity-pledge").status_code == 302
    assert acts.state(duty) == "fulfilled"


def test_the_secretarys_report_belongs_to_the_working_year_and_falls_in_the_next(people):
    duty = Duty.objects.get(obligation__code="secretary-report", work_year=cast.YEAR)
    assert (duty.work_year_id, duty.due_on.year) == (2026, 2027)


def test_every_unit_has_its_letter(people):
    letters = Duty.objects.of_year(cast.YEAR).filter(obligation__code="responsibility-letter")
    assert letters.count() == 37  # of 38: one unit has nobody to sign
