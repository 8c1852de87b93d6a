"""三（四）1: 巡视整改长期抓，校内巡察全覆盖，对账销号，整改到位。"""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accountability.models import Duty
from inspections.models import Finding, LedgerImport, Measure, ProgressReport, Round
from tests.importing import confirmed
from tests.inspections.rounds import SAMPLE, fed_back, finding_of, measures_of
from tests.inspections.test_closing import verifying

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
    confirmed(client, f"/inspections/imports/{kept.pk}/")
    assert Finding.objects.count() == 32
    assert Duty.objects.filter(measure__isnull=False).count() == 115
    unit = login("unit_secretary")
    seen = unit.get(f"/inspections/{row.pk}/").context["pager"].total
    assert 0 < seen < 32, "a unit sees what it answers for or helps with, and no more"
    ledger = unit.get("/ledger/?q=整改").content.decode()
    assert "责任台账" in ledger


def test_what_was_closed_is_looked_at_again_and_progress_is_published(login, people):
    """As 纪委: draw by a seed, find a closing false, re-open it; publish the progress of the round."""
    from tests import cast
    from tests.inspections.rounds import fed_back, finding_of
    from tests.inspections.test_rechecks import closed

    row = fed_back(people["discipline"])
    old = closed(finding_of(row), people)
    client = login("discipline")
    client.post("/inspections/rechecks/new/", {"round": row.pk, "size": 1, "seed": "会上报出的 6171"})
    item = old.rechecks.get()
    told = {
        "result": "false",
        "words": "现场没有看到印发的办法和签收单。",
        "checked_on": f"{cast.TODAY}",
        "place": "二楼",
    }
    client.post(f"/inspections/rechecks/items/{item.pk}/record/", told)
    client.post(f"/inspections/rechecks/items/{item.pk}/reopen/", {"reason": "现场没有看到印发的办法，重新整改。"})
    assert Finding.objects.get(predecessor=old).state == Finding.State.DRAFTING
    assert "100.0%" in client.get("/inspections/rechecks/").content.decode()
    client.post("/inspections/notices/new/", {"round": row.pk, "scope": "public", "as_of": f"{cast.TODAY}"})
    assert "完成状态：正在整改" in client.get(f"/inspections/notices/{row.progress_notices.get().pk}/").content.decode()
    owed = login("discipline").get(f"/inspections/{row.pk}/progress/").context["lines"]
    leads = Measure.objects.filter(finding__round=row).values("lead").distinct()
    assert len(owed) == leads.count(), "whoever leads a measure owes a report of the month it was told"


def test_a_unit_reports_all_its_measures_in_one_sitting_and_its_secretary_confirms(login, people):
    """As 联络员 of 会计学院: one form for the month; as its secretary: confirm; as 纪委: the month shows as done."""
    finding = finding_of(fed_back(people["discipline"]), measures=3)
    report = ProgressReport.objects.get(round=finding.round, month=date(2026, 11, 1))
    typed = {}
    for measure in measures_of(finding):
        typed |= {f"progress_{measure.pk}": "办法初稿完成，正在征求意见。", f"completion_{measure.pk}": "mostly"}
    login("liaison").post(f"/inspections/progress/{report.pk}/", typed)
    report.refresh_from_db()
    login("unit_secretary").post(f"/records/{report.record_id}/decide/", {"transition": "accept"})
    page = login("discipline").get(f"/inspections/{finding.round_id}/progress/").content.decode()
    assert "已报" in page
    assert {measure.completion for measure in measures_of(finding)} == {"mostly"}


def test_what_is_kept_up_gives_account_on_its_day(login, people):
    """As 纪委: keep up, and the day is a duty of the unit in everybody's ledger."""
    finding = verifying(people, finding_of(fed_back(people["discipline"])))
    told = {"act": "keep_up", "reason": "需要长期坚持，每年复核一次。", "review_on": "2026-12-28"}
    login("discipline").post(f"/inspections/findings/{finding.pk}/act/", told)
    assert "长期坚持情况报告" in login("unit_secretary").get("/ledger/?q=长期坚持").content.decode()
