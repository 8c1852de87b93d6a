"""谈话与四种形态的知悉范围: role × own or other × every door; what is not one's own is not there (二（二）, decision 20)."""

from io import BytesIO

import pypdf
import pytest
from django.apps import apps
from django.contrib import admin
from openpyxl import load_workbook

from accountability.models import Duty, Notice, Person, Record
from supervision.models import FormEntry, Talk
from supervision.services import four_forms, talks
from tests import cast
from tests.inspections import research
from tests.supervision import talks as made

pytestmark = pytest.mark.django_db

# The talk is between 书记 and 会计学院党委书记, arranged by 书记. These are none of the three.
OTHERS = (
    "office", "discipline", "member", "liaison", "branch", "department", "inspector", "sysadmin", "secadmin", "auditor",
    "other_secretary", "other_liaison", "outsider",
)  # fmt: skip
SECRETS = (made.SECRET_WORDS, made.ISSUES, made.SAID, made.REQUIRED)
POSTS = ("order", "hold", "confirm", "track", "report", "act")
# Pages on which something of it might show, read by whoever may open them.
ELSEWHERE = (
    "/", "/notices/", "/oversight/", "/oversight/talks/", "/oversight/in-person/", "/oversight/in-person/entries/",
    "/records/", "/records/?q=谈话", "/ledger/?q=落实", "/supervision/", "/reports/", "/research/signs/",
)  # fmt: skip


def told(answer) -> str:
    return answer.content.decode() if answer.get("Content-Type", "").startswith("text/html") else ""


def sheet_of(answer) -> list:
    return [[cell.value for cell in row] for row in load_workbook(BytesIO(answer.content)).active.iter_rows(min_row=5)]


@pytest.fixture
def talk(people):
    return made.in_full(people)


@pytest.mark.parametrize("who", OTHERS)
def test_others_find_nothing_by_any_door(login, people, talk, who):
    client = login(who)
    path = f"/oversight/talks/{talk.pk}/"
    assert client.get(path).status_code == 404
    assert client.get(f"{path}pdf/").status_code == 404
    for name in POSTS:
        assert client.post(f"{path}{name}/", {"act": "conclude"}).status_code == 404, name
    listing = client.get("/oversight/talks/")
    assert listing.context["pager"].total == 0
    assert [figure["value"] for figure in listing.context["figures"]] == [0, 0, 0]
    assert list(listing.context["units"]) == []
    for query in (
        "q=沈若愚",
        "q=值班",
        f"q={talk.number}",
        "view=mine",
        "view=untracked",
        f"unit={talk.organisation_id}",
    ):
        assert client.get(f"/oversight/talks/?{query}").context["pager"].total == 0, query
    assert sheet_of(client.get("/oversight/talks/export/")) == []
    assert sheet_of(client.get("/oversight/talks/export/?q=沈若愚")) == []
    assert not Notice.objects.filter(recipient=people[who], url=path).exists()
    for address in ELSEWHERE:
        page = told(client.get(address))
        assert not [secret for secret in SECRETS if secret in page], address
        assert path not in page, address


@pytest.mark.parametrize("who", ["secretary", "unit_secretary"])
def test_the_parties_find_it_by_every_door(login, people, talk, who):
    client = login(who)
    path = f"/oversight/talks/{talk.pk}/"
    page = told(client.get(path))
    assert all(secret in page for secret in SECRETS)
    assert "本人确认已知晓" in page, "its history"
    assert client.get("/oversight/talks/?q=值班").context["pager"].total == 1
    assert [row[3] for row in sheet_of(client.get("/oversight/talks/export/"))] == ["沈若愚"]
    pdf = pypdf.PdfReader(BytesIO(client.get(f"{path}pdf/").content))
    assert "沈若愚" in pdf.pages[0].extract_text()


def test_the_admitted_of_the_commission_reads_and_another_of_it_does_not(login, people, talk):
    head = research.commission_head()
    assert not Talk.objects.visible_to(head).exists(), "the head of the commission is not admitted by his post"
    made.admitted(people)
    client = login("discipline")
    page = told(client.get(f"/oversight/talks/{talk.pk}/"))
    assert made.ISSUES in page
    for name in POSTS:
        status = client.post(
            f"/oversight/talks/{talk.pk}/{name}/", {"act": "conclude", "reason": "整改到位"}
        ).status_code
        assert status in (400, 403), f"{name}: who reads does not act"
    assert Talk.objects.get().state == "confirmed"


def test_admitted_to_another_kind_is_not_admitted_to_this(login, people, talk):
    made.admitted(people, "form")
    assert login("discipline").get(f"/oversight/talks/{talk.pk}/").status_code == 404


def test_an_admission_that_ended_shows_no_more(login, people, talk, clock):
    from supervision.models import Admission
    from supervision.services.admissions import end

    made.admitted(people)
    end(Admission.objects.get(), by=people["secretary"], reason="工作调整不再分管")
    assert login("discipline").get(f"/oversight/talks/{talk.pk}/").status_code == 404


def test_what_is_considered_about_oneself_is_not_shown(login, people):
    commission = made.admitted(people)
    other = made.arranged(commission, people["unit_secretary"], leader=people["secretary"], due_on=None)
    assert login("unit_secretary").get(f"/oversight/talks/{other.pk}/").status_code == 404
    talks.decline(other, by=people["secretary"], reason="已另行谈心")
    assert login("unit_secretary").get(f"/oversight/talks/{other.pk}/").status_code == 404
    about_him = made.arranged(people["secretary"], people["discipline"])
    Talk.objects.filter(pk=about_him.pk).update(state="proposed", ordered_at=None)
    assert login("discipline").get(f"/oversight/talks/{about_him.pk}/").status_code == 404, "the admitted neither"


def test_the_talked_to_person_does_not_read_who_proposed_it(login, people):
    commission = made.admitted(people)
    row = made.arranged(commission, people["unit_secretary"], leader=people["secretary"], due_on=None)
    talks.order(row, by=people["secretary"], talker=people["secretary"], due_on=cast.TODAY)
    page = told(login("unit_secretary").get(f"/oversight/talks/{row.pk}/"))
    assert "严正明" not in page
    assert "提请" not in page
    assert "严正明" in told(login("secretary").get(f"/oversight/talks/{row.pk}/"))


def test_no_talk_is_in_the_ledger_the_records_or_the_admin(people, talk):
    for model in apps.get_app_config("supervision").get_models():
        assert model._meta.model_name in ("formmeasure", "accountabilitykind") or not admin.site.is_registered(model), (
            model
        )
    assert not Duty.objects.filter(title__contains="谈话要求").exists()
    record = Record.objects.get(act__code="reminder-talk")
    assert not [name for name in ("沈若愚", "会计学院", "值班") if name in f"{record.title}{record.content}"]


def test_an_entry_in_person_about_a_talk_does_not_lead_others_to_it(login, people, talk):
    from supervision.services.in_person import record_in_person

    record = record_in_person(
        by=people["secretary"], act="personal-inquiry", happened_on=cast.TODAY, title="过问一项整改",
        words="要求限期整改。", about=talk, work_year=cast.YEAR,
    )  # fmt: skip
    assert f"/oversight/talks/{talk.pk}/" in told(login("secretary").get(f"/records/{record.pk}/"))
    for who in ("office", "discipline"):
        page = told(login(who).get(f"/records/{record.pk}/"))
        assert f"/oversight/talks/{talk.pk}/" not in page
        assert f"{talk.number} 号谈话" not in page


# ── 四种形态 ─────────────────────────────────────────────────────────────────────────────────

NOT_ADMITTED = (*OTHERS, "unit_secretary")
FORM_DOORS = ("/oversight/forms/entries/", "/oversight/forms/entries/export/", "/oversight/forms/entries/new/")


@pytest.fixture
def entry(people):
    return made.entry(made.admitted(people, "form"), people["unit_secretary"])


def forget(people) -> None:
    """The keeper is no longer admitted: what he entered stays, and he sees none of it."""
    from supervision.models import Admission
    from supervision.services.admissions import end

    end(Admission.objects.get(), by=people["secretary"], reason="工作调整不再分管")


@pytest.mark.parametrize("who", NOT_ADMITTED)
def test_who_is_not_admitted_finds_no_entry_and_no_count(login, people, entry, who):
    forget(people)
    client = login(who)
    for address in ("/oversight/forms/", *FORM_DOORS, "/oversight/forms/entries/?q=沈若愚"):
        assert client.get(address).status_code == 403, address
    path = f"/oversight/forms/entries/{entry.pk}/"
    for name in ("", "correct/"):
        assert client.get(f"{path}{name}").status_code == 404
    for name in ("correct/", "check/", "withdraw/"):
        assert client.post(f"{path}{name}", {"reason": "有误有误"}).status_code == 404, name
    assert "四种形态" not in told(client.get("/oversight/"))
    assert not FormEntry.objects.visible_to(Person.objects.get(pk=people[who].pk)).exists()
    for address in ELSEWHERE:
        assert entry.document_number not in told(client.get(address)), address


def test_the_secretary_is_told_numbers_and_finds_no_row(login, people, entry):
    client = login("secretary")
    page = told(client.get("/oversight/forms/"))
    assert "2026 年" in page
    for word in ("沈若愚", entry.document_number, "会计学院", "诫勉"):
        assert word not in page, word
    for address in FORM_DOORS:
        assert client.get(address).status_code == 403
    assert client.get(f"/oversight/forms/entries/{entry.pk}/").status_code == 404


def test_the_admitted_finds_it_by_every_door_but_not_his_own(login, people, entry):
    client = login("discipline")
    assert "沈若愚" in told(client.get(f"/oversight/forms/entries/{entry.pk}/"))
    assert client.get("/oversight/forms/entries/?q=沈若愚").context["pager"].total == 1
    assert [row[4] for row in sheet_of(client.get("/oversight/forms/entries/export/"))] == ["沈若愚"]
    assert "登记" in told(client.get(f"/oversight/forms/entries/{entry.pk}/"))
    own = made.entry(_another(people), people["discipline"])
    assert client.get(f"/oversight/forms/entries/{own.pk}/").status_code == 404
    assert client.get("/oversight/forms/entries/").context["pager"].total == 1
    assert client.get("/oversight/forms/").context["by_unit"].total.total.count == 1


def _another(people) -> Person:
    from supervision.services.admissions import admit

    head = research.commission_head()
    admit(by=people["secretary"], person=head, secret="form", reason="分管这项工作")
    return Person.objects.get(pk=head.pk)


def test_counts_never_betray(login, people):
    """一二件的单位不出现, nor can a nought be told from a one, nor the difference to the total point at a unit."""
    keeper = made.admitted(people, "form")
    for number in range(3):
        made.entry(keeper, unit=cast.OURS, person_name=f"甲{number}")
    for number in range(2):
        made.entry(keeper, unit=cast.THEIRS, person_name=f"乙{number}")
    client = login("secretary")
    page = client.get("/oversight/forms/")
    assert page.context["told"].units == [(cast.OURS, 3)]
    assert page.context["told"].others == 37
    assert cast.THEIRS not in told(page)
    assert "少于3" in told(page)
    assert page.context["told"].years == [(2026, [5, 0, 0, 0], 5)]
    for year in ("2025", "x", "99999", "%00"):
        assert client.get(f"/oversight/forms/?year={year}").status_code == 200


def test_withdrawn_entries_and_branches_count_where_they_should(people):
    from supervision.four_forms.figures import told_to_secretary

    keeper = made.admitted(people, "form")
    for number in range(3):
        made.entry(keeper, unit=f"{cast.OURS}/第一党支部", person_name=f"甲{number}")
    assert told_to_secretary(2026).units == [(cast.OURS, 3)]
    four_forms.withdraw(FormEntry.objects.first(), by=keeper, reason="登记有误")
    assert told_to_secretary(2026).units == []
