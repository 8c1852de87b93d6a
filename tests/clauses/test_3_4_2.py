"""三（四）2: units and key departments check their risk points every year; cross-department areas are inspected."""

import pytest

from accountability.models import Duty, Notice
from inspections.models import RiskChange, RiskPoint, Round, UnitCheck
from tests import acts, cast
from tests.inspections.risk_points import SENT, sent

pytestmark = pytest.mark.django_db
CHECK = "/risks/check/"


def test_key_departments_and_colleges_owe_the_check(people):
    owed = Duty.objects.of_year(cast.YEAR).filter(obligation__code="key-unit-risk-check")
    assert set(owed.values_list("organisation__key_area", flat=True)) == {
        "物资采购", "基础建设", "后勤保障", "科研经费", "财务管理", "招生录用", "评聘评审",
    }  # fmt: skip


def test_a_department_drafts_its_check(login, people):
    duty = acts.duty_of(cast.organisation("财务处"), "risk-self-check")
    assert acts.post_record(login("department"), duty, "risk-self-check").status_code == 302
    assert duty.evidence.get().record.state == "submitted"


def draft_and_confirm(login) -> RiskPoint:
    """As 联络员 and 书记: a point is drafted, graded by the rule, confirmed by another."""
    unit = cast.organisation(cast.OURS)
    client = login("liaison")
    bad = client.post("/risks/new/", SENT | {"organisation": unit.pk, "measures": ""})
    assert bad.status_code == 400
    assert "报销审核不严" in bad.content.decode(), "nothing typed is lost"
    three = SENT | {"organisation": unit.pk, "factors": ["discretion", "unchecked", "entrusted"]}
    page = client.post("/risks/new/", three, follow=True).content.decode()
    assert "按规则定为二级" in page
    point = RiskPoint.objects.get()
    assert (point.state, point.level) == ("proposed", 2)
    assert client.post(f"/risks/{point.pk}/act/", {"act": "confirm"}).status_code == 403
    assert "报销审核不严" in login("unit_secretary").get("/risks/?view=waiting").content.decode()
    assert login("unit_secretary").post(f"/risks/{point.pk}/act/", {"act": "confirm"}).status_code == 302
    point.refresh_from_db()
    assert point.state == "in_use"
    return point


def test_from_a_risk_point_to_the_fulfilled_duty(login, people):
    unit = cast.organisation(cast.OURS)
    point = draft_and_confirm(login)
    duty = acts.duty_of(unit, "risk-self-check")
    before = Duty.objects.count()
    opened = {"due_on": "2026-11-28", "guidance": "对照权力事项逐点自查，问题要有整改打算。"}
    assert login("office").post(f"{CHECK}open/", opened).status_code == 403
    assert login("discipline").post(f"{CHECK}open/", opened).status_code == 302
    assert Duty.objects.count() == before, "the campaign adds no second duty"
    assert Notice.objects.filter(recipient=people["liaison"], title__contains="自查自纠已部署").exists()

    # The plain way no longer counts, and says where to go.
    sheet = f"{CHECK}units/{unit.pk}/?year=2026"
    liaison = login("liaison")
    assert sheet in liaison.get(f"/ledger/{duty.pk}/").content.decode()
    assert sheet in liaison.get(f"/records/new/?duty={duty.pk}&act=risk-self-check").url
    assert acts.post_record(liaison, duty, "risk-self-check").url == sheet
    assert not duty.evidence.exists()

    # A draft, a problem without words, then the whole.
    problem = {"has_problem": "yes", "carried_out": "partly"}
    assert liaison.post(sheet, sent([point], **problem)).status_code == 302
    refused = liaison.post(sheet, sent([point], 1, "hand_in", **problem))
    assert refused.status_code == 400
    assert "存在问题的，请写明问题" in refused.content.decode()
    words = problem | {"problem": "两笔报销附件不全。", "plan": "十二月底前补齐附件。"}
    assert liaison.post(sheet, sent([point], 1, "hand_in", **words)).status_code == 302
    assert acts.state(duty) == "open", "it waits for the secretary"
    record = UnitCheck.objects.get().record
    assert "两笔报销附件不全" in record.content

    # Returned: the answers are open again; mended: fulfilled.
    decide = f"/records/{record.pk}/decide/"
    login("unit_secretary").post(decide, {"transition": "return", "reason": "请写明责任人和时限。"})
    assert "请写明责任人和时限" in login("liaison").get(sheet).content.decode()
    words["plan"] = "会计教研室主任负责，十二月底前补齐附件。"
    turn = UnitCheck.objects.get().turn
    assert login("liaison").post(sheet, sent([point], turn, "hand_in", **words)).status_code == 302
    assert login("unit_secretary").post(decide, {"transition": "accept"}).status_code == 302
    assert acts.state(duty) == "fulfilled"
    assert duty.evidence.get().record == record


def test_changes_since_last_year_are_counted_and_open_their_rows(login, people):
    point = draft_and_confirm(login)
    five = SENT | {
        "factors": ["discretion", "unchecked", "entrusted", "no-rule", "undisclosed"],
        "reason": "审计指出复核环节缺失",
    }
    login("liaison").post(f"/risks/{point.pk}/edit/", five)
    change = RiskChange.objects.get(state="asked")
    login("unit_secretary").post(f"/risks/{point.pk}/changes/{change.pk}/", {"act": "confirm"})
    login("discipline").post(f"{CHECK}open/", {"due_on": "2026-11-28", "guidance": "对照权力事项逐点自查。"})
    client = login("discipline")
    figures = client.get(f"{CHECK}?year=2026").context["figures"]
    for name, value in {"new": 1, "level": 1, "retired": 0, "measures": 0}.items():
        figure = figures.total_changes()[name]
        assert figure.value == value
        assert client.get(figure.url).context["pager"].total == value
    assert "等级 二级 → 一级" in client.get("/risks/changes/?year=2026").content.decode()
    assert "等级 二级 → 一级" in client.get(f"/risks/{point.pk}/").content.decode()


def test_a_special_inspection_of_several_departments_is_registered(login, people):
    """专项巡察 of an area that crosses departments: 物资采购."""
    units = [cast.organisation(name) for name in ("招投标办公室", "国有资产管理处", "财务处")]
    data = {
        "name": "物资采购专项巡察",
        "kind": "special",
        "key_area": "物资采购",
        "scope": "采购需求、招标、验收、付款全流程。",
        "units": [unit.pk for unit in units],
        "starts_on": "2026-11-24",
        "ends_on": "2026-12-18",
    }
    assert login("department").post("/inspections/new/", data).status_code == 403
    assert login("discipline").post("/inspections/new/", data).status_code == 302
    row = Round.objects.get()
    assert (row.kind, row.key_area) == ("special", "物资采购")
    assert {link.organisation.name for link in row.units.all()} == {unit.name for unit in units}
    page = login("department").get(f"/inspections/{row.pk}/").content.decode()
    assert "专项巡察" in page, "a department inspected sees the round it is in"
