"""一（一）: four subjects in one ledger; every duty names subject, owner, who helps and who supervises."""

import pytest

from accountability.models import Duty
from tests import cast

pytestmark = pytest.mark.django_db


def test_one_ledger_over_all_subjects(login):
    page = login("office").get("/ledger/")
    assert page.context["pager"].total == Duty.objects.of_year(cast.YEAR).count()
    subjects = set(Duty.objects.of_year(cast.YEAR).values_list("subject", flat=True))
    assert subjects == {"committee", "discipline", "secretary", "member", "unit"}


def test_a_duty_names_everybody_it_concerns(login):
    duty = Duty.objects.filter(helpers__isnull=False, obligation__code="warning-meetings").first()
    page = login("office").get(f"/ledger/{duty.pk}/").content.decode()
    for words in (duty.get_subject_display(), duty.owner.full_title, duty.supervisor.name, duty.helpers.first().name):
        assert words in page
