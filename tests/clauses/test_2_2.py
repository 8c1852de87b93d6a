"""二（二）: the commission records its own supervision work and edits nobody else's; the four forms are a register of
decisions made elsewhere, known to whom the secretary named, told to the committee in numbers that point at nobody."""

import pytest

from supervision.indicators import FIGURES
from supervision.models import FormEntry
from tests import acts, cast
from tests.supervision import talks as made

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
