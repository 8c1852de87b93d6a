"""二（二）: the commission records its own supervision work and edits nobody else's; the four forms are a register of
decisions made elsewhere, known to whom the secretary named, told to the committee in numbers that point at nobody."""

from io import BytesIO

import pypdf
import pytest

from accountability.models import Person, Record
from accountability.services import jobs
from supervision.board.indicators import FIGURES
from supervision.models import Archive, ArchiveOpening, FormEntry, Opinion, Oversight
from tests import acts, cast
from tests.supervision import talks as made
from tests.supervision import watching
from tests.supervision.archives import admitted, asker, head

pytestmark = pytest.mark.django_db


def post_oversight(client, duty=None, **fields):
    """The commission records a supervision through the page its duty leads to."""
    data = {
        "body": watching.body().pk,
        "kind": "risk",
        "source": "discipline",
        "happened_on": "2026-11-18",
        "units": [cast.organisation(name).pk for name in ("财务处", "基建处")],
        "did": "逐项核对风险点和防控措施，抽查业务二十笔。",
        "findings": "基建处两个风险点没有责任人。",
        "feedback": "请明确责任人并补充防控措施。",
    } | fields
    return client.post(f"/oversight/records/new/{f'?duty={duty.pk}' if duty else ''}", data)


def test_the_commission_records_its_supervision(login, people):
    """廉政风险防控督查: recorded once, a fulfilled duty, fed back to the units, followed up."""
    duty = acts.duty_of(cast.organisation("学校纪委"), "risk-control-inspection")
    client = login("discipline")
    assert client.get(f"/records/new/?duty={duty.pk}&act=risk-control-inspection")["Location"].startswith(
        "/oversight/records/new/"
    )
    assert post_oversight(client, duty).status_code == 302
    assert acts.state(duty) == "fulfilled"
    row = Oversight.objects.get()
    step = {"happened_on": "2026-11-23", "words": "基建处已明确责任人，措施已补充。", "settles": "on"}
    assert client.post(f"/oversight/records/{row.pk}/step/", step).status_code == 302
    row.refresh_from_db()
    assert row.state == "settled"


@pytest.mark.parametrize("kind", ["political", "daily", "top", "key_area"])
def test_by_kind(login, people, kind):
    """政治监督、日常监督、一把手和班子、重点领域: each a kind one can list."""
    client = login("discipline")
    assert post_oversight(client, kind=kind).status_code == 302
    assert client.get(f"/oversight/records/?kind={kind}").context["pager"].total == 1
    assert client.get("/oversight/records/?kind=mechanism").context["pager"].total == 0


def test_it_evaluates_and_does_not_edit(login, people):
    """监督评价: beside the record of a unit, which stays as the unit wrote it."""
    record = acts.record(people["unit_secretary"], cast.organisation(cast.OURS), "duty-report")
    client = login("discipline")
    assert client.post(f"/records/{record.pk}/revise/", {"title": "改写"}).status_code == 403
    told = {"grade": "mend", "words": "请补充数据和责任人。"}
    assert client.post(f"/oversight/records/evaluate/{record.pk}/", told).status_code == 302
    assert "请补充数据和责任人" in login("unit_secretary").get(f"/records/{record.pk}/").content.decode()
    record.refresh_from_db()
    assert record.title == "一次履责"


def test_it_cannot_record_for_a_subject(login, people):
    duty = acts.duty_of(cast.organisation(cast.OURS), "duty-report")
    assert acts.post_record(login("discipline"), duty, "duty-report").status_code == 403
    assert acts.state(duty) == "open"


def test_the_four_forms_are_registered_counted_and_told_in_numbers(login, people):
    """As 纪委, admitted by the secretary: register what was decided, count it per form, unit and year, export it."""
    client = login("discipline")
    assert client.get("/oversight/forms/").status_code == 403, "a post in the commission alone opens nothing"
    admission = {"person": people["discipline"].pk, "secret": "form", "reason": "分管案件管理"}
    assert login("secretary").post("/oversight/admissions/", admission).status_code == 302
    client = login("discipline")
    entry = {
        "target": "person", "person": people["unit_secretary"].pk, "organisation": cast.organisation(cast.OURS).pk,
        "measure": made.measure("criticism").pk, "decided_by": "学校党委", "decided_on": "2026-10-09",
        "document_number": "江海经贸委〔2026〕18号",
    }  # fmt: skip
    assert client.post("/oversight/forms/entries/new/", entry).status_code == 302
    page = client.get("/oversight/forms/")
    assert "不作决定" in page.content.decode()
    cell = page.context["by_unit"].lines[0].cells[0]
    assert (page.context["by_unit"].lines[0].label, cell.count) == (cast.OURS, 1)
    assert client.get(cell.url).context["pager"].total == 1
    assert client.get("/oversight/forms/entries/export/")["Content-Type"].endswith("sheet")
    figure = FIGURES["four_forms_1"]
    assert client.get(figure.url(cast.YEAR)).context["pager"].total == 1
    told = login("secretary").get("/oversight/forms/")
    assert told.context["told"].years == [(2026, [1, 0, 0, 0], 1)]
    assert cast.OURS not in told.content.decode()
    for who in ("office", "unit_secretary", "member", "liaison", "sysadmin", "auditor"):
        assert login(who).get("/oversight/forms/").status_code == 403, who


def test_the_system_decides_nothing(login, people):
    """A measure needs the body and the document that decided it."""
    made.admitted(people, "form")
    entry = {
        "target": "person", "person": people["unit_secretary"].pk, "organisation": cast.organisation(cast.OURS).pk,
        "measure": made.measure("warning").pk, "decided_by": "", "decided_on": "2026-10-09", "document_number": "",
    }  # fmt: skip
    assert login("discipline").post("/oversight/forms/entries/new/", entry).status_code == 400
    assert not FormEntry.objects.exists()


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
