"""专项检查: a checklist in several units, answered with words and papers, concluded into one record (二（二）, 三（二）1)."""

import io
from datetime import date

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from accountability.models import Notice, Person
from supervision.models import CheckAnswer, CheckPaper, CheckUnit, FoundProblem, SpecialCheck
from supervision.records.checklists import checklists
from supervision.services import found_problems
from supervision.services.oversight import ACT_OF
from tests import acts, cast
from tests.supervision import watching
from tests.supervision.watching import ITEMS, answered, check, concluded, unit_of
from tests.test_house import queries

pytestmark = pytest.mark.django_db


def form(**fields) -> dict:
    return {
        "name": "落实中央八项规定精神专项检查",
        "kind": "special",
        "source": "discipline",
        "starts_on": "2026-11-16",
        "ends_on": "2026-11-27",
        "plan": "抽查两个单位的接待、差旅和津贴。",
        "items": "公务接待\n差旅\n\n津贴补贴",
        "units": [cast.organisation(cast.OURS).pk, cast.organisation(cast.THEIRS).pk],
    } | fields


def test_its_whole_life(login, people):
    """Planned from a sample, changed, begun, answered with a paper, a problem told, concluded; the unit reads its own."""
    client = login("discipline")
    assert "公务接待" in client.get("/oversight/records/checks/new/?list=conduct").content.decode()
    made = client.post("/oversight/records/checks/new/", form(team=[people["department"].pk]))
    row = SpecialCheck.objects.get()
    assert made["Location"] == f"/oversight/records/checks/{row.pk}/"
    here = f"/oversight/records/checks/{row.pk}/"
    changed = form(items="公务接待\n津贴补贴", team=[people["department"].pk])
    assert client.post(f"{here}edit/", changed).status_code == 302
    assert list(row.items.values_list("rank", "text")) == [(1, "公务接待"), (2, "津贴补贴")]
    assert login("department").get(here).status_code == 404, "not begun"
    client = login("discipline")
    assert client.post(f"{here}act/", {"act": "begin"}).status_code == 302
    assert client.post(f"{here}edit/", form()).status_code == 400
    assert Notice.objects.filter(recipient=people["unit_secretary"], title__startswith="专项检查：").exists()

    unit = unit_of(row)
    address = f"/oversight/records/checks/units/{unit.pk}/"
    first, second = row.items.all()
    client = login("department")  # named to the team
    sent = {f"answer_{first.pk}": "yes", f"answer_{second.pk}": "no", f"words_{second.pk}": ""}
    refused = client.post(address, sent)
    assert refused.status_code == 400 and "请写明情况" in refused.content.decode()
    assert not CheckAnswer.objects.exists()
    assert client.post(address, sent | {f"words_{second.pk}": "发放表没有领导签字。"}).status_code == 302
    paper = {"item": second.pk, "files": [SimpleUploadedFile("发放表.pdf", acts.PDF)]}
    assert client.post(f"{address}papers/", paper).status_code == 302
    told = {"category": "money", "text": "津贴发放表没有领导签字，依据不足。"}
    assert client.post(f"{address}problem/", told).status_code == 302
    assert "发放表.pdf" in client.get(address).content.decode()
    assert login("unit_secretary").get(address).status_code == 404, "not while it runs"

    client = login("discipline")
    finish = {"findings": "个别津贴发放依据不足。", "feedback": "请对照结果整改。"}
    refused = client.post(f"{here}conclude/", finish)
    assert refused.status_code == 400 and "还有 2 项没有结果" in refused.content.decode()
    finish |= {"reason": "另一单位因搬迁改期检查，另行安排。"}
    assert client.post(f"{here}conclude/", finish | {"findings": ""}).status_code == 400
    assert client.post(f"{here}conclude/", finish).status_code == 302
    row.refresh_from_db()
    assert row.oversight.record.act.code == ACT_OF["special"]
    assert row.oversight.record.content.startswith(
        "对 2 个单位逐项检查 2 项内容，符合 1 项、不符合 1 项、不适用 0 项。"
    )
    assert FoundProblem.objects.get().oversight == row.oversight

    page = login("unit_secretary").get(address).content.decode()
    assert "发放表没有领导签字" in page
    assert (
        login("unit_secretary").get(f"/oversight/records/checks/papers/{CheckPaper.objects.get().pk}/").status_code
        == 200
    )
    theirs = unit_of(row, cast.THEIRS)
    assert login("unit_secretary").get(f"/oversight/records/checks/units/{theirs.pk}/").status_code == 404
    assert [one.pk for one in login("unit_secretary").get(here).context["units"]] == [unit.pk]
    for who in ("department", "other_liaison"):
        code = login(who).get(address).status_code
        assert code == 404, who


def test_the_four_questions_fulfil_the_duty(people):
    duty = acts.duty_of(watching.body(), "mechanism-inspection")
    row = concluded(check(people["discipline"]), people["discipline"])
    assert acts.state(duty) == "fulfilled"
    assert duty.evidence.get().record == row.oversight.record


def test_samples_are_data(people):
    assert {"mechanism", "risk", "top", "conduct"} <= set(checklists())
    assert all(one.items and one.kind in ACT_OF for one in checklists().values())


def test_who_works_on_it(login, people):
    row = check(people["discipline"], team=[people["department"]])
    unit = unit_of(row)
    assert SpecialCheck.objects.visible_to(people["department"]).get() == row
    for who in ("office", "secretary", "unit_secretary", "liaison", "inspector", "sysadmin", "outsider"):
        assert login(who).get(f"/oversight/records/checks/{row.pk}/").status_code == 404, who
        assert login(who).get(f"/oversight/records/checks/units/{unit.pk}/").status_code == 404, who
        assert login(who).get(f"/oversight/records/checks/{row.pk}/file/").status_code == 404, who
    for who in ("office", "department", "member"):
        with pytest.raises(PermissionDenied):
            check(people[who])
        assert login(who).get("/oversight/records/checks/new/").status_code == 403
    assert (
        login("department")
        .post(f"/oversight/records/checks/{row.pk}/act/", {"act": "drop", "reason": "不想检查了，撤销它。"})
        .status_code
        == 403
    )


def test_nobody_checks_his_own_unit(people):
    row = check(people["discipline"], "财务处", cast.OURS, team=[people["department"]])
    with pytest.raises(PermissionDenied, match="回避"):
        answered(unit_of(row, "财务处"), people["department"], "yes")
    with pytest.raises(PermissionDenied, match="回避"):
        found_problems.note_problem(
            unit_of(row, "财务处"), by=people["department"], category="money", text="自己单位的问题由别人来列。"
        )
    answered(unit_of(row), people["department"], "yes")


def test_what_is_asked_of_a_plan(people):
    for facts, words in (
        ({"items": ()}, "至少写一项"),
        ({"items": ("一样", "一样")}, "重复"),
        ({"items": [f"第 {number} 项" for number in range(61)]}, "最多 60 项"),
        ({"items": ("长" * 301,)}, "超过 300 个字"),
        ({"plan": "短"}, "至少 10 个字"),
        ({"ends_on": date(2026, 1, 1)}, "不能早于"),
        ({"source": "petition"}, "请选择监督来源"),
    ):
        with pytest.raises(ValidationError, match=words):
            check(people["discipline"], **facts)
    assert not SpecialCheck.objects.exists()


def test_answers_may_change_until_it_is_concluded(people):
    row = check(people["discipline"])
    unit = unit_of(row)
    answered(unit, people["discipline"], "no")
    answered(unit, people["discipline"], "yes")
    one = CheckAnswer.objects.get()
    assert one.answer == "yes" and one.history.count() == 2
    answered(unit, people["discipline"], "yes")
    assert one.history.count() == 2, "what did not change is left alone"
    concluded(row, people["discipline"])
    with pytest.raises(ValidationError, match="检查中才能登记"):
        answered(unit_of(row), people["discipline"], "no")
    with pytest.raises(IntegrityError), transaction.atomic():
        CheckAnswer.objects.filter(pk=one.pk).update(answer="no", words="")


def test_dropped_with_a_reason(login, people):
    row = check(people["discipline"])
    act = f"/oversight/records/checks/{row.pk}/act/"
    client = login("discipline")
    assert client.post(act, {"act": "drop", "reason": "短"}).status_code == 400
    assert client.post(act, {"act": "drop", "reason": "与巡察重复，并入巡察一起进行。"}).status_code == 302
    for name in ("begin", "drop", "nonsense", ""):
        assert client.post(act, {"act": name, "reason": "已经撤销的不能再办理。"}).status_code == 400
    assert client.post(f"/oversight/records/checks/{row.pk}/conclude/", {}).status_code == 400


def test_odd_input_is_refused_at_its_field(login, people):
    client = login("discipline")
    for odd in ({"units": ["x"]}, {"team": ["x"]}, {"team": [99999999]}, {"starts_on": "x"}, {"items": " \n "}):
        answer = client.post("/oversight/records/checks/new/", form(**odd))
        assert answer.status_code == 400, odd
    unit = unit_of(check(people["discipline"]))
    item = unit.special_check.items.first()
    address = f"/oversight/records/checks/units/{unit.pk}/"
    assert client.post(address, {f"answer_{item.pk}": "perhaps"}).status_code == 400
    assert client.post(address, {f"answer_{item.pk}": "no", f"words_{item.pk}": "机密★1年"}).status_code == 400
    assert client.post(f"{address}papers/", {"item": "99999999999999999999"}).status_code == 400
    assert (
        client.post(
            f"{address}papers/", {"item": item.pk, "files": [SimpleUploadedFile("甲.pdf", acts.PDF)]}
        ).status_code
        == 400
    )


def test_the_sheet_has_a_line_per_unit_and_item(login, people):
    row = concluded(check(people["discipline"]), people["discipline"])
    for who, units in (("discipline", 2), ("liaison", 1)):
        sheet = openpyxl.load_workbook(io.BytesIO(login(who).get(f"/oversight/records/checks/{row.pk}/file/").content))
        assert len(list(sheet.active.iter_rows())) == 1 + units * len(ITEMS)


def test_the_list_costs_the_same_at_one_and_at_many(login, people):
    client = login("discipline")
    check(people["discipline"], name="第 0 次检查")
    few = queries(client, "/oversight/records/checks/")
    for number in range(1, 6):
        check(people["discipline"], name=f"第 {number} 次检查")
    assert queries(client, "/oversight/records/checks/") == few
    assert CheckUnit.objects.count() == 12
    assert Person.objects.exists()
