"""二（二）: the commission records its own supervision work, and edits nobody else's."""

from io import BytesIO

import pypdf
import pytest

from accountability.models import Person, Record
from accountability.services import jobs
from supervision.models import Archive, ArchiveOpening, Opinion
from tests import acts, cast
from tests.supervision.archives import admitted, asker, head

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


# ── 建立和完善领导干部廉政档案 ───────────────────────────────────────────────────────────────


def as_(client, person: Person):
    client.force_login(Person.objects.get(pk=person.pk), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_archives_of_leading_cadres_are_kept_opened_for_a_purpose_and_updated_every_year(login, client, people):
    """One for every cadre; each opening stands in the register; the year's update fulfils the commission's duty."""
    admitted(people)
    login("discipline").post("/oversight/archives/establish/")
    assert {"secretary", "member", "unit_secretary", "department"} <= set(
        Archive.objects.values_list("person__username", flat=True)
    )
    for archive in Archive.objects.all():
        address = f"/oversight/archives/{archive.pk}/"
        client.post(f"{address}open/", {"purpose": "update", "words": "年度更新档案"})
        assert client.post(f"{address}update/", {"words": "没有变化"}).status_code == 302
    assert ArchiveOpening.objects.count() == Archive.objects.count()
    assert client.post("/oversight/archives/updates/").status_code == 302
    assert acts.state(acts.duty_of(cast.organisation("学校纪委"), "integrity-archive")) == "fulfilled"


def test_a_cadre_sees_neither_his_archive_nor_who_opened_it(login, people):
    admitted(people)
    login("discipline").post("/oversight/archives/establish/")
    archive = Archive.objects.get(person=people["member"])
    login("discipline").post(f"/oversight/archives/{archive.pk}/open/", {"purpose": "case", "words": "案件办理需要"})
    member = login("member")
    assert member.get(f"/oversight/archives/{archive.pk}/").status_code == 404
    assert member.get("/oversight/archives/openings/").status_code == 403


# ── 严把选人用人廉洁关 ───────────────────────────────────────────────────────────────────────


def test_an_appointment_passes_the_integrity_gate(login, client, people):
    """组织部 asks, the commission checks the archive, another approves, a numbered reply goes back."""
    admitted(people)
    unit = cast.organisation("组织部")
    sent = {"organisation": unit.pk, "purpose": "promotion", "words": "拟提任处级干部", "due_on": "2026-12-02"}
    assert as_(client, asker()).post("/oversight/opinions/new/", sent | {"names": "钱守正"}).status_code == 302
    opinion = Opinion.objects.get()
    cadre = opinion.cadres.get()
    commission = login("discipline")
    commission.post(f"/oversight/opinions/cadres/{cadre.pk}/open/")
    assert ArchiveOpening.objects.get().purpose == "appointment"
    said = {f"c{cadre.pk}-conclusion": "none", f"c{cadre.pk}-notes": "查阅档案未见影响任用的情形"}
    commission.post(f"/oversight/opinions/cadres/{cadre.pk}/conclude/", said)
    address = f"/oversight/opinions/{opinion.pk}/"
    commission.post(f"{address}act/", {"act": "propose"})
    assert commission.post(f"{address}act/", {"act": "approve"}).status_code == 403
    assert as_(client, head()).post(f"{address}act/", {"act": "approve"}).status_code == 302
    jobs.run(Opinion.objects.get().job_id)
    reply = as_(client, asker()).get(f"{address}pdf/").content
    told = "".join("".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(reply)).pages).split())
    assert "纪廉意〔2026〕1号" in told
    assert "钱守正" in told
    record = Record.objects.get(act__code="integrity-opinion")
    assert record.evidence.get().duty.state == "fulfilled"
    assert "钱守正" not in record.title + record.content
