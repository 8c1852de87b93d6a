"""三（四）1: 巡视整改长期抓，校内巡察全覆盖，对账销号，整改到位。"""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accountability.models import Duty
from inspections.models import Finding, LedgerImport, Round
from tests.inspections.rounds import SAMPLE

pytestmark = pytest.mark.django_db


def test_the_commission_opens_a_round_and_its_ledger_becomes_duties(login):
    """As 纪委: register the round, feed back, import the office's ledger; 会计学院 finds its own part of it."""
    client = login("discipline")
    client.post(
        "/inspections/new/",
        {"name": "2026年巡视", "kind": "external", "starts_on": "2026-03-02", "ends_on": "2026-04-30"},
    )
    row = Round.objects.get()
    client.post(f"/inspections/{row.pk}/act/", {"act": "feed_back", "feedback_on": "2026-05-15"})
    file = SimpleUploadedFile("整改台账.xlsx", SAMPLE.read_bytes())
    page = client.post(f"/inspections/{row.pk}/import/", {"file": file}, follow=True).content.decode()
    assert "32 个" in page
    assert "115 条" in page
    kept = LedgerImport.objects.get()
    client.post(f"/inspections/imports/{kept.pk}/confirm/")
    assert Finding.objects.count() == 32
    assert Duty.objects.filter(measure__isnull=False).count() == 115
    unit = login("unit_secretary")
    seen = unit.get(f"/inspections/{row.pk}/").context["pager"].total
    assert 0 < seen < 32, "a unit sees what it answers for or helps with, and no more"
    ledger = unit.get("/ledger/?q=整改").content.decode()
    assert "责任台账" in ledger
