"""廉政风险点: grading, services by exit, constraints (三（四）2)."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accountability.models import Notice
from inspections.models import CheckCampaign, LevelRule, RiskAnswer, RiskFactor, RiskPoint, UnitCheck
from inspections.services import risk_checks, risk_rules, risks
from tests import cast
from tests.inspections.risk_points import CONTENT, FINE, FIVE, THREE, campaign_by, point_of, points_of, refusal

pytestmark = pytest.mark.django_db


# ── 定级 ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("factors", "level"),
    [
        ("discretion", 3),
        ("discretion,unchecked", 3),
        (THREE, 2),
        (f"{THREE},no-rule", 2),
        (FIVE, 1),
        ("resources", 1),
        ("discretion,major-decision", 1),
    ],
)
def test_the_level_follows_the_rule(people, factors, level):
    assert point_of(people["unit_secretary"], factors=factors).level == level


def test_without_a_kind_or_with_an_unknown_one_there_is_no_level(people, ours):
    assert "请选择风险情形" in refusal(point_of, people["unit_secretary"], factors="")
    assert "没有这种风险情形" in refusal(point_of, people["unit_secretary"], factors="nothing")


def test_without_a_rule_nothing_is_graded(people):
    LevelRule.objects.all().delete()
    assert "还没有设定风险定级规则" in refusal(point_of, people["unit_secretary"])


def test_a_changed_rule_grades_points_anew_and_files_it(people, client, login):
    mild, other = points_of(people["unit_secretary"], 2, factors=THREE)
    risks.retire(other, by=people["unit_secretary"], reason="权力事项取消")
    liaison = people["liaison"]
    risks.adjust(mild, by=liaison, reason="补充复核环节", **(CONTENT | {"factors": THREE, "text": "改后"}))
    admin = login("sysadmin")
    rule = LevelRule.objects.get(level=1)
    data = {"level": 1, "least": 3, "owner_titles": "", "names_leader": "on"}
    refused = admin.post(f"/admin/inspections/levelrule/{rule.pk}/change/", data)
    assert "个数须多于" in refused.content.decode()
    second = LevelRule.objects.get(level=2)
    admin.post(f"/admin/inspections/levelrule/{second.pk}/change/", {"level": 2, "least": 2, "owner_titles": "副书记"})
    admin.post(f"/admin/inspections/levelrule/{rule.pk}/change/", data)
    mild.refresh_from_db()
    other.refresh_from_db()
    assert (mild.level, other.level) == (1, 2), "what has been retired stays as it was"
    filed = mild.changes.get(kind="rule")
    assert (filed.level_before, filed.level, filed.reason) == (2, 1, "定级规则调整")
    asked = mild.changes.get(state="asked")
    assert (asked.level_before, asked.level) == (1, 1)
    assert Notice.objects.filter(recipient=people["unit_secretary"], title__startswith="定级规则调整").exists()


def test_a_kind_dropped_in_the_admin_no_longer_counts(people, login):
    point = point_of(people["unit_secretary"], factors=THREE)
    factor = RiskFactor.objects.get(code="entrusted")
    data = {"name": factor.name, "lifts_to": "", "is_dropped": "on", "rank": factor.rank}
    assert login("sysadmin").post(f"/admin/inspections/riskfactor/{factor.pk}/change/", data).status_code == 302
    point.refresh_from_db()
    assert point.level == 3
    assert login("discipline").get("/admin/inspections/riskfactor/").status_code == 302


def test_loading_the_rules_again_changes_nothing(people):
    assert risk_rules.load_risk_rules(by=people["office"]) == 0


def test_the_owner_follows_the_level(people, ours):
    from accountability.models import Post, Role

    deputy = Post.objects.create(organisation=ours, title="副院长", role=Role.DEPARTMENT, rank=9)
    first, second, third = (
        point_of(people["unit_secretary"], text=text, factors=factors)
        for text, factors in (("一", "resources"), ("二", THREE), ("三", "discretion"))
    )
    assert first.owner.role == Role.UNIT_SECRETARY
    assert second.owner == deputy
    assert third.owner.role == Role.UNIT_SECRETARY, "no head of an office here: the secretary answers"


# ── 填报、确认、变更、退出 ────────────────────────────────────────────────────────────────────


def test_the_secretarys_own_is_in_use_at_once_and_filed(people):
    point = point_of(people["unit_secretary"])
    assert (point.state, point.in_use_from, point.confirmed_by) == ("in_use", cast.TODAY, None)
    assert point.changes.get().kind == "new"


def test_others_do_not_draft(people, ours):
    for who in ("office", "discipline", "secretary", "member", "branch", "department", "other_liaison", "inspector"):
        with pytest.raises(PermissionDenied):
            point_of(people[who], ours)


def test_numbers_go_on_across_units(people):
    theirs = cast.organisation(cast.THEIRS)
    numbers = [point_of(people["unit_secretary"]).number, point_of(people["other_secretary"], theirs).number]
    assert numbers == ["FX0001", "FX0002"]


def test_the_same_point_twice_is_refused(people):
    point_of(people["unit_secretary"])
    assert "已有相同的风险点" in refusal(point_of, people["liaison"])


def test_returned_mended_confirmed(people):
    point = point_of(people["liaison"])
    with pytest.raises(PermissionDenied):
        risks.decide(point, "confirm", by=people["liaison"])
    assert "至少 4 个字" in refusal(risks.decide, point, "return", by=people["unit_secretary"], reason="改")
    point = risks.decide(point, "return", by=people["unit_secretary"], reason="表现形式写具体。")
    assert "不能确认启用" in refusal(risks.decide, point, "confirm", by=people["unit_secretary"])
    point = risks.rewrite(point, by=people["liaison"], **(CONTENT | {"manifestation": "三类单据附件不全。"}))
    assert (point.state, point.opinion) == ("proposed", "")
    point = risks.decide(point, "confirm", by=people["unit_secretary"])
    assert (point.state, point.confirmed_by) == ("in_use", people["unit_secretary"])
    assert point.changes.get().decided_by == people["unit_secretary"]
    assert "不能这样修改" in refusal(risks.rewrite, point, by=people["liaison"], **CONTENT)


def test_withdrawn_with_a_reason_frees_the_words(people):
    point = risks.decide(point_of(people["liaison"]), "withdraw", by=people["liaison"], reason="与另一项重复")
    assert point.state == "withdrawn"
    assert point_of(people["liaison"]).number == "FX0002"


def test_a_change_waits_takes_effect_and_stays_on_record(people):
    point = point_of(people["unit_secretary"])
    content = CONTENT | {"factors": THREE, "measures": "三人复核。"}
    assert "变更原因" in refusal(risks.adjust, point, by=people["liaison"], reason="改", **content)
    assert "与原来相同" in refusal(risks.adjust, point, by=people["liaison"], reason="没有改动", **CONTENT)
    change = risks.adjust(point, by=people["liaison"], reason="审计指出问题", **content)
    again = risks.adjust(point, by=people["liaison"], reason="审计再次指出", **content)
    assert again.pk == change.pk, "asked again it is the same change"
    point.refresh_from_db()
    assert point.level == 3, "not before the secretary agreed"
    assert "请先同意或不同意" in refusal(risks.retire, point, by=people["unit_secretary"], reason="权力取消了")
    with pytest.raises(PermissionDenied):
        risks.decide_change(change, "confirm", by=people["liaison"])
    risks.decide_change(change, "refuse", by=people["unit_secretary"], reason="依据不足，不调整。")
    change = risks.adjust(point, by=people["liaison"], reason="补充了依据", **content)
    change = risks.decide_change(change, "confirm", by=people["unit_secretary"])
    point.refresh_from_db()
    assert (point.level, point.measures) == (2, "三人复核。")
    assert change.words == "等级 三级 → 二级，防控措施调整"
    assert "不能同意变更" in refusal(risks.decide_change, change, "confirm", by=people["unit_secretary"])


def test_a_change_into_another_point_is_refused(people):
    points_of(people["unit_secretary"], 1)
    point = point_of(people["unit_secretary"])
    same = CONTENT | {"text": "风险点0"}
    assert "已有相同" in refusal(risks.adjust, point, by=people["unit_secretary"], reason="改个名称", **same)


def test_retired_with_a_reason_never_deleted(people, login):
    point = point_of(people["unit_secretary"])
    client = login("liaison")
    short = client.post(f"/risks/{point.pk}/retire/", {"reason": "没"})
    assert short.status_code == 400
    assert "退出原因，至少 4 个字" in short.content.decode()
    client.post(f"/risks/{point.pk}/retire/", {"reason": "该项权力已上收"})
    risks.decide_change(point.changes.get(state="asked"), "confirm", by=people["unit_secretary"])
    point.refresh_from_db()
    assert (point.state, point.retired_on, point.retired_why) == ("retired", cast.TODAY, "该项权力已上收")
    assert login("liaison").get(f"/risks/{point.pk}/edit/").status_code == 403
    assert "不能变更" in refusal(risks.retire, point, by=people["unit_secretary"], reason="再退出一次")


# ── 约束 ─────────────────────────────────────────────────────────────────────────────────────

BROKEN_POINTS = {
    "risk_point_four_eyes": lambda row: setattr(row, "confirmed_by_id", row.entered_by_id),
    "risk_point_in_use_from_a_day": lambda row: setattr(row, "in_use_from", None),
    "risk_point_retired_with_reason": lambda row: setattr(row, "state", "retired"),
    "risk_point_level_known": lambda row: setattr(row, "level", 4),
}
BROKEN_CHANGES = {
    "risk_change_four_eyes": lambda row: setattr(row, "decided_by_id", row.asked_by_id),
    "risk_change_effective_from_a_day": lambda row: setattr(row, "effective_on", None),
    "risk_change_of_a_level": lambda row: setattr(row, "level_before", 2),
}


def breaks(row, name: str, spoil) -> None:
    spoil(row)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        row.save()


@pytest.mark.parametrize("name", BROKEN_POINTS)
def test_what_a_point_must_not_be(people, name):
    breaks(point_of(people["unit_secretary"]), name, BROKEN_POINTS[name])


@pytest.mark.parametrize("name", BROKEN_CHANGES)
def test_what_a_change_must_not_be(people, name):
    breaks(point_of(people["unit_secretary"]).changes.get(), name, BROKEN_CHANGES[name])


def copied(row, **changes):
    row.pk = row.id = None
    row._state.adding = True
    for name, value in changes.items():
        setattr(row, name, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_what_stands_once(people, ours):
    points = points_of(people["unit_secretary"], 1)
    copied(RiskPoint.objects.get(), serial=99)
    copied(RiskPoint.objects.get(), text="别的")
    campaign = campaign_by(people["discipline"])
    risk_checks.save_answers(campaign, ours, by=people["liaison"], answers={points[0].pk: FINE}, turn=0)
    copied(CheckCampaign.objects.get())
    copied(UnitCheck.objects.get())
    copied(RiskAnswer.objects.get())
    change = risks.retire(points[0], by=people["liaison"], reason="权力取消了")
    copied(change)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("risk_answer_whole", {"carried_out": ""}),
        ("risk_answer_problem_in_words", {"has_problem": True, "problem": "", "plan": ""}),
        ("risk_answer_change_in_words", {"needs_change": True, "change_words": ""}),
    ],
)
def test_what_a_handed_in_answer_must_not_be(people, ours, name, typed):
    points = points_of(people["unit_secretary"], 1)
    campaign = campaign_by(people["discipline"])
    risk_checks.hand_in(campaign, ours, by=people["liaison"], answers={points[0].pk: FINE}, turn=0)
    breaks(RiskAnswer.objects.get(), name, lambda row: [setattr(row, *pair) for pair in typed.items()])


def test_level_rules_take_at_least_one_kind(people):
    breaks(LevelRule.objects.get(level=3), "level_rule_at_least_one", lambda row: setattr(row, "least", 0))
