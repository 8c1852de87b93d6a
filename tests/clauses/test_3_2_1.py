"""三（二）1: the commission works from a dashboard of the subjects, each figure opening its rows."""

import pytest

from supervision.models import Letter
from tests import acts, cast
from tests.supervision import letter_acts as deeds
from tests.supervision import watching

pytestmark = pytest.mark.django_db


def test_the_dashboard_is_the_commissions(login):
    assert login("discipline").get("/supervision/").status_code == 200


@pytest.mark.parametrize("who", ["unit_secretary", "liaison", "branch", "department", "inspector", "sysadmin"])
def test_and_not_everybodys(login, who):
    assert login(who).get("/supervision/").status_code == 403


def test_its_own_inspection_is_a_duty(login, people):
    duty = acts.duty_of(cast.organisation("学校纪委"), "mechanism-inspection")
    login("discipline")
    watching.concluded(watching.check(people["discipline"]), people["discipline"])
    assert acts.state(duty) == "fulfilled"


def test_the_four_questions_are_put_to_several_units(login, people):
    """专项检查 from the sample checklist, through the pages."""
    client = login("discipline")
    form = client.get("/oversight/records/checks/new/?list=mechanism").context["form"]
    fields = {name: form.initial[name] for name in ("name", "kind", "items")} | {
        "source": "discipline",
        "starts_on": "2026-11-16",
        "ends_on": "2026-11-27",
        "plan": "抽查两个单位，查台账、谈责任人。",
        "units": [cast.organisation(name).pk for name in (cast.OURS, cast.THEIRS)],
    }
    made = client.post("/oversight/records/checks/new/", fields)
    assert made.status_code == 302
    assert client.post(f"{made['Location']}act/", {"act": "begin"}).status_code == 302
    page = client.get(made["Location"])
    assert len(page.context["items"]) == 5 and len(page.context["units"]) == 2


def test_what_is_missing_is_listed_and_opens_its_rows(login):
    client = login("discipline")
    gaps = {gap.figure.name: gap for gap in client.get("/supervision/").context["gaps"]}
    assert gaps["no_letter"].count == client.get(gaps["no_letter"].url).context["pager"].total > 30
    assert gaps["unpursued"].count == client.get(gaps["unpursued"].url).context["pager"].total > 0


def test_from_a_red_cell_the_commission_asks_and_the_unit_answers(login, people):
    """督办单: as 纪委 from the ledger behind a cell, signed by the secretary, answered by the unit, evaluated."""
    duty = acts.duty_of(cast.organisation(cast.OURS), "risk-self-check")
    address = f"/oversight/letters/new/?organisation={duty.organisation_id}&obligation={duty.obligation_id}&year=2026"
    cell = f"/ledger/?organisation={duty.organisation_id}&obligation={duty.obligation_id}&year=2026"
    assert address.replace("&", "&amp;") in login("discipline").get(cell).content.decode()
    row = deeds.matter(source_duty=duty.pk)
    assert login("discipline").post(address, deeds.form_of(row)).status_code == 302
    letter = Letter.objects.get()
    proposed = {"act": "propose", "signer": people["secretary"].pk}
    assert login("discipline").post(f"/oversight/letters/{letter.pk}/act/", proposed).status_code == 302
    assert login("discipline").post(f"/oversight/letters/{letter.pk}/act/", {"act": "sign"}).status_code == 403
    assert login("secretary").post(f"/oversight/letters/{letter.pk}/act/", {"act": "sign"}).status_code == 302
    owed = deeds.duty_of(letter)
    assert f"/ledger/{owed.pk}/" in login("unit_secretary").get("/ledger/?q=督办单").content.decode()
    answer = {"text": deeds.ANSWER}
    matter = letter.matters.get().pk
    assert login("unit_secretary").post(f"/oversight/letters/matters/{matter}/answer/", answer).status_code == 302
    assert acts.state(owed) == "fulfilled"
    graded = {"grade": "good"}
    assert login("discipline").post(f"/oversight/letters/matters/{matter}/evaluate/", graded).status_code == 302
    assert list(Letter.objects.concluded()) == [letter]
