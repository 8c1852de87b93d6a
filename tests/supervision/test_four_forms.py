"""四种形态登记: its verbs, what the database holds, figures with their rows, its data (二（二）)."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.db.models import F

from accountability.models import Person, Record
from supervision.board.indicators import FIGURES
from supervision.models import FormEntry, FormMeasure
from supervision.services import four_forms
from supervision.services.admissions import admit
from tests import cast
from tests.inspections import research
from tests.supervision import talks as made
from tests.test_house import queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(people):
    return made.admitted(people, "form")


@pytest.fixture
def second(people):
    head = research.commission_head()
    admit(by=people["secretary"], person=head, secret="form", reason="分管这项工作")
    return Person.objects.get(pk=head.pk)


def test_only_the_admitted_enter(people):
    for who in ("discipline", "secretary", "office", "unit_secretary"):
        with pytest.raises(PermissionDenied):
            made.entry(people[who])


def test_an_entry_keeps_its_form_when_the_measure_moves(people, keeper):
    row = made.entry(keeper, code="warning")
    assert (row.form, row.year, row.target_name) == (2, 2026, "万俟青")
    FormMeasure.objects.filter(code="warning").update(form=1)
    row.refresh_from_db()
    assert row.form == 2


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"person_name": ""}, "person"),
        ({"target": "organisation"}, "target"),
        ({"decided_on": date(2026, 11, 24)}, "decided_on"),
        ({"decided_by": " "}, "__all__"),
        ({"document_number": ""}, "__all__"),
    ],
)
def test_what_an_entry_must_say(people, keeper, facts, field):
    with pytest.raises(ValidationError) as refused:
        made.entry(keeper, **facts)
    assert field in refused.value.message_dict or {"decided_by", "document_number"} & set(refused.value.message_dict)
    assert not FormEntry.objects.exists()


def test_not_of_oneself_and_not_twice(people, keeper):
    with pytest.raises(ValidationError, match="不能登记本人"):
        made.entry(keeper, people["discipline"])
    made.entry(keeper, people["member"], document_number="校纪〔2026〕7号")
    with pytest.raises(ValidationError, match="不重复登记"):
        made.entry(keeper, people["member"], document_number="校纪〔2026〕7号")
    with pytest.raises(ValidationError, match="已停用"):
        FormMeasure.objects.filter(code="warning").update(is_dropped=True)
        made.entry(keeper, code="warning")
    organisation = made.entry(keeper, target="organisation", person_name="", code="circulated-criticism")
    assert organisation.target_name == "会计学院党委"


def test_checked_by_another_and_anew_after_a_correction(people, keeper, second):
    row = made.entry(keeper)
    with pytest.raises(PermissionDenied, match="自己的登记"):
        four_forms.check(row, by=keeper)
    assert four_forms.check(row, by=second).checked_by == second
    with pytest.raises(ValidationError, match="已经复核"):
        four_forms.check(row, by=second)
    facts = {name: getattr(row, name) for name in four_forms.FACTS} | {"notes": "补登文号"}
    with pytest.raises(ValidationError, match="至少 4 个字"):
        four_forms.correct(row, by=second, reason="错", **facts)
    row = four_forms.correct(row, by=second, reason="补登备注", **facts)
    assert (row.checked_by, row.notes) == (None, "补登文号")
    with pytest.raises(PermissionDenied, match="更正的人"):
        four_forms.check(row, by=second)
    assert row.history.first().history_change_reason == "更正：补登备注"
    for broken in ({"checked_by": F("entered_by"), "checked_on": cast.TODAY}, {"form": 5}, {"person_name": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            FormEntry.objects.filter(pk=row.pk).update(**broken)


def test_an_entry_made_in_error_is_withdrawn_and_stays(people, keeper):
    row = four_forms.withdraw(made.entry(keeper), by=keeper, reason="重复登记")
    assert not FormEntry.objects.standing().exists()
    with pytest.raises(ValidationError, match="已经撤销"):
        four_forms.withdraw(row, by=keeper, reason="重复登记")


def test_it_makes_no_record_that_others_read(people, keeper):
    made.entry(keeper)
    assert not Record.objects.filter(act__code="four-forms").exists()


def test_the_act_of_the_regulation_leads_here(login, people):
    commission = cast.organisation("学校纪委")
    answer = login("discipline").get(f"/records/new/?bearer=organisation-{commission.pk}&act=four-forms")
    assert answer["Location"] == "/oversight/forms/entries/new/"


ENTRY = {
    "target": "person", "person_name": "万俟青", "decided_by": "学校纪委", "decided_on": "2026-10-09",
    "document_number": "校纪〔2026〕8号",
}  # fmt: skip


def test_the_pages(login, people, keeper, second):
    client = login("discipline")
    data = ENTRY | {"organisation": cast.organisation(cast.OURS).pk, "measure": made.measure().pk}
    assert "不作决定" in client.get("/oversight/forms/").content.decode()
    refused = client.post("/oversight/forms/entries/new/", data | {"person_name": ""})
    assert refused.status_code == 400
    assert "校纪〔2026〕8号" in refused.content.decode()
    path = client.post("/oversight/forms/entries/new/", data)["Location"]
    assert client.post(f"{path}check/").status_code == 403
    assert client.post(f"{path}correct/", data | {"notes": "补", "reason": "补"}).status_code == 400
    assert client.post(f"{path}correct/", data | {"notes": "补", "reason": "补登备注"}).status_code == 302
    assert client.post(f"{path}withdraw/", {"reason": ""}).status_code == 400
    client.force_login(second, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(f"{path}check/").status_code == 302
    assert FormEntry.objects.get().checked_by == second
    assert client.post(f"{path}withdraw/", {"reason": "登记有误"}).status_code == 302


@pytest.mark.parametrize("value", ["99999999", "x", "\x00", "-1", "9" * 30])
def test_odd_values(login, people, keeper, value):
    client = login("discipline")
    data = ENTRY | {"organisation": cast.organisation(cast.OURS).pk, "measure": made.measure().pk}
    for name in ("organisation", "measure", "person", "target"):
        assert client.post("/oversight/forms/entries/new/", data | {name: value}).status_code == 400, name
    query = {"unit": value, "year": value, "form": value, "measure": value, "state": value}
    assert client.get("/oversight/forms/entries/", query).status_code == 200


def test_each_figure_opens_its_rows(login, people, keeper):
    for code, unit in (
        ("admonition", cast.OURS),
        ("warning", cast.OURS),
        ("warning", cast.THEIRS),
        ("expulsion", "图书馆"),
    ):
        made.entry(keeper, unit=unit, code=code)
    made.entry(keeper, decided_on=date(2025, 5, 6))
    client = login("discipline")
    page = client.get("/oversight/forms/").context
    lines = [*page["by_unit"].lines, page["by_unit"].total, *page["by_year"].lines]
    cells = [cell for line in lines for cell in (*line.cells, line.total)] + [cell for *_, cell in page["by_measure"]]
    assert page["by_unit"].total.total.count == 4
    for cell in cells:
        assert client.get(cell.url).context["pager"].total == cell.count, cell
    for number, wanted in ((1, 1), (2, 2), (3, 1), (4, 0)):
        figure = FIGURES[f"four_forms_{number}"]
        assert figure.value(keeper, 2026, cast.TODAY) == wanted
        assert client.get(figure.url(2026)).context["pager"].total == wanted
        assert figure.may(keeper)
        assert not any(figure.may(people[who]) for who in ("secretary", "office", "unit_secretary", "sysadmin"))


def test_the_lists_cost_the_same_at_one_row_and_at_many(login, people, keeper):
    row = made.entry(keeper)
    client = login("discipline")
    paths = ("/oversight/forms/", "/oversight/forms/entries/", "/oversight/forms/entries/new/")
    few = [queries(client, path) for path in (*paths, f"/oversight/forms/entries/{row.pk}/")]
    secretary = queries(login("secretary"), "/oversight/forms/")
    for number in range(12):
        made.entry(
            keeper, unit=(cast.OURS, cast.THEIRS, "图书馆")[number % 3], code=("warning", "admonition")[number % 2]
        )
    client = login("discipline")
    assert [queries(client, path) for path in (*paths, f"/oversight/forms/entries/{row.pk}/")] == few
    assert queries(login("secretary"), "/oversight/forms/") == secretary


# ── 处置方式 ─────────────────────────────────────────────────────────────────────────────────


def test_the_measures_are_data(login, people, tmp_path):
    assert four_forms.load_form_measures(by=people["office"]) == 0
    first = FormMeasure.objects.filter(form=1).values_list("name", flat=True)
    assert {"谈话提醒", "批评教育", "责令检查", "诫勉"} <= set(first)
    file = tmp_path / "measures.yaml"
    file.write_text("measures:\n  - {code: criticism, form: 1, name: 批评帮助}\n", encoding="utf-8")
    call_command("load_form_measures", str(file))
    assert FormMeasure.objects.get(code="criticism").name == "批评帮助"
    for broken in ("measures:\n  - {code: a, form: 7, name: 甲}\n", "measures:\n  - {code: a, form: 1, nom: 甲}\n"):
        file.write_text(broken, encoding="utf-8")
        with pytest.raises(CommandError, match="没有装载"):
            call_command("load_form_measures", str(file))


def test_an_administrator_adds_a_measure(login, people):
    data = {"code": "education", "name": "诫勉谈话教育", "form": 1, "rank": 30}
    assert login("sysadmin").post("/admin/supervision/formmeasure/add/", data).status_code == 302
    assert FormMeasure.objects.filter(code="education").exists()


def test_days_of_decisions_give_the_year(people, keeper):
    assert made.entry(keeper, decided_on=cast.TODAY - timedelta(days=400)).year == 2025


def test_on_the_board_the_register_counts_and_who_may_not_know_reads_no_nought(login, people, keeper):
    made.entry(keeper)
    for who, told in (("discipline", 1), ("secretary", None), ("office", None)):
        page = login(who).get("/supervision/")
        band = next(each for each in page.context["subjects"] if each.subject == "discipline")
        line = next(each for each in band.obligations if each["obligation"].code == "four-forms")
        assert line["count"] == told, who
        assert ("限定知悉</span>" in page.content.decode()) is (told is None), who
