"""廉政风险点 and the yearly self-check: services by exit, constraints, figures, scope (三（四）2)."""

import io
from datetime import date, timedelta
from random import Random

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accountability.models import ActKind, Duty, Notice, Organisation, Record
from accountability.services.records import decide, file_record, revise
from inspections.check_figures import CheckFigures
from inspections.models import CheckCampaign, LevelRule, RiskAnswer, RiskChange, RiskFactor, RiskPoint, UnitCheck
from inspections.risk_map import RiskMap
from inspections.services import risk_checks, risk_rules, risks
from inspections.services.risk_checks import Typed
from tests import acts, cast
from tests.inspections.risk_points import BAD, CONTENT, FINE, SENT, campaign_by, point_of, points_of, sent

pytestmark = pytest.mark.django_db
THREE = "discretion,unchecked,entrusted"
FIVE = "discretion,unchecked,entrusted,no-rule,undisclosed"


@pytest.fixture
def ours(people):
    return cast.organisation(cast.OURS)


def refusal(verb, *args, **kwargs) -> str:
    with pytest.raises(ValidationError) as caught, transaction.atomic():
        verb(*args, **kwargs)
    return "".join(caught.value.messages)


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


# ── 自查自纠 ─────────────────────────────────────────────────────────────────────────────────


def test_only_the_commission_opens_one_a_year_within_the_regulations_day(people):
    for who in ("office", "secretary", "unit_secretary", "sysadmin"):
        with pytest.raises(PermissionDenied):
            campaign_by(people[who])
    assert "完成期限须在今天至" in refusal(campaign_by, people["discipline"], due_on=date(2026, 12, 15))
    assert "完成期限须在今天至" in refusal(campaign_by, people["discipline"], due_on=date(2026, 11, 1))
    assert "尚未开启" in refusal(campaign_by, people["discipline"], year=2027, due_on=date(2027, 11, 30))
    campaign = campaign_by(people["discipline"])
    assert "已经部署" in refusal(campaign_by, people["discipline"])
    given = {"by": people["discipline"], "guidance": "改后的自查要求。"}
    changed = risk_checks.change_campaign(campaign, due_on=date(2026, 11, 27), **given)
    assert changed.due_on == date(2026, 11, 27)
    with pytest.raises(PermissionDenied):
        risk_checks.change_campaign(campaign, by=people["office"], due_on=date(2026, 11, 27), guidance="不行")


def test_it_takes_in_those_who_owe_the_check(people):
    owed = Duty.objects.of_year(cast.YEAR).filter(obligation__code__in=("unit-risk-check", "key-unit-risk-check"))
    assert set(risk_checks.units_of(cast.YEAR)) == {duty.organisation for duty in owed.select_related("organisation")}
    duty = acts.duty_of(cast.organisation(cast.OURS), "risk-self-check")
    duty.state = Duty.State.WAIVED
    duty.save()
    assert cast.organisation(cast.OURS) not in risk_checks.units_of(cast.YEAR)


def test_a_draft_keeps_everything_and_a_stale_page_overwrites_nothing(login, people, ours):
    points = points_of(people["unit_secretary"], 3)
    campaign_by(people["discipline"])
    sheet = f"/risks/check/units/{ours.pk}/?year=2026"
    half = {"has_problem": "yes", "problem": "写到一半", "carried_out": "", "needs_change": ""}
    assert login("liaison").post(sheet, sent(points, **half)).status_code == 302
    assert "写到一半" in login("liaison").get(sheet).content.decode()
    stale = login("unit_secretary").post(sheet, sent(points, 0, problem="书记所写", has_problem="yes"))
    assert stale.status_code == 400
    page = stale.content.decode()
    assert "刚保存过这份答卷" in page
    assert "书记所写" in page
    assert 'name="turn" value="1"' in page
    assert set(RiskAnswer.objects.values_list("problem", flat=True)) == {"写到一半"}
    assert (
        login("unit_secretary").post(sheet, sent(points, 1, problem="书记所写", has_problem="yes")).status_code == 302
    )
    assert set(RiskAnswer.objects.values_list("problem", flat=True)) == {"书记所写"}


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (Typed(), "请回答是否存在问题"),
        (Typed(has_problem=True, carried_out="yes", needs_change=False, plan="整改"), "请写明问题"),
        (Typed(has_problem=True, problem="两笔不全。", carried_out="yes", needs_change=False), "请写明整改打算"),
        (Typed(has_problem=False, carried_out="no", needs_change=False), "请写明整改打算"),
        (Typed(has_problem=False, carried_out="yes", needs_change=True), "请写明怎样调整"),
        (Typed(has_problem=False, carried_out="yes"), "请回答是否调整"),
        (Typed(has_problem=False, needs_change=False), "请回答防控措施是否落实"),
    ],
)
def test_what_is_lacking_is_said_and_nothing_is_handed_in(people, ours, typed, words):
    point = point_of(people["unit_secretary"])
    campaign = campaign_by(people["discipline"])
    given = {"by": people["liaison"], "answers": {point.pk: typed}, "turn": 0}
    assert words in refusal(risk_checks.hand_in, campaign, ours, **given)
    assert not Record.objects.filter(act__code="risk-self-check").exists()


def test_handing_in_files_one_record_that_fulfils_the_duty(people, ours):
    points = points_of(people["unit_secretary"], 2)
    campaign = campaign_by(people["discipline"])
    answers = {points[0].pk: FINE, points[1].pk: BAD}
    with pytest.raises(PermissionDenied):
        risk_checks.hand_in(campaign, ours, by=people["other_secretary"], answers=answers, turn=0)
    record = risk_checks.hand_in(campaign, ours, by=people["unit_secretary"], answers=answers, turn=0)
    assert record.state == "accepted", "the secretary's own word counts at once"
    assert "存在问题 1 个" in record.content
    assert acts.state(acts.duty_of(ours, "risk-self-check")) == "fulfilled"
    assert "不能再改" in refusal(
        risk_checks.save_answers, campaign, ours, by=people["liaison"], answers=answers, turn=1
    )


def test_a_point_that_came_since_the_page_was_opened_is_asked_for(people, ours):
    points = points_of(people["unit_secretary"], 1)
    campaign = campaign_by(people["discipline"])
    point_of(people["unit_secretary"], text="刚刚启用的")
    given = {"by": people["liaison"], "answers": {points[0].pk: FINE}, "turn": 0}
    assert "请回答是否存在问题" in refusal(risk_checks.hand_in, campaign, ours, **given)


def test_a_point_retired_since_the_draft_is_not_asked_any_more(people, ours):
    points = points_of(people["unit_secretary"], 2)
    campaign = campaign_by(people["discipline"])
    answers = {point.pk: FINE for point in points}
    risk_checks.save_answers(campaign, ours, by=people["liaison"], answers=answers, turn=0)
    risks.retire(points[0], by=people["unit_secretary"], reason="权力取消了")
    risk_checks.hand_in(campaign, ours, by=people["liaison"], answers=answers, turn=1)
    assert RiskAnswer.objects.get().point == points[1]


def test_a_returned_sheet_is_reopened_and_only_its_page_hands_it_in_again(login, people, ours):
    points = points_of(people["unit_secretary"], 1)
    campaign = campaign_by(people["discipline"])
    answers = {points[0].pk: FINE}
    record = risk_checks.hand_in(campaign, ours, by=people["liaison"], answers=answers, turn=0)
    decide(record, "return", by=people["unit_secretary"], reason="请再核对一遍")
    assert not RiskAnswer.objects.handed_in().exists()
    plain = {"title": "自查", "happened_on": "2026-11-20", "content": "没有问题。"}
    led = login("liaison").post(f"/records/{record.pk}/revise/", plain)
    assert led.url == f"/risks/check/units/{ours.pk}/?year={cast.YEAR}"
    assert "答卷没有逐点提交" in refusal(
        revise, record, by=people["liaison"], title="自查", happened_on=date(2026, 11, 20), content="没有问题。"
    )
    people["unit_secretary"].refresh_from_db()
    assert "由原提交人叶清和修改后重新提交" in refusal(
        risk_checks.hand_in, campaign, ours, by=people["unit_secretary"], answers=answers, turn=1
    )
    again = risk_checks.hand_in(campaign, ours, by=people["liaison"], answers=answers, turn=1)
    assert (again.pk, again.state) == (record.pk, "submitted")


def test_a_withdrawn_record_reopens_the_sheet_and_the_duty(people, ours):
    points = points_of(people["unit_secretary"], 1)
    campaign = campaign_by(people["discipline"])
    record = risk_checks.hand_in(campaign, ours, by=people["unit_secretary"], answers={points[0].pk: FINE}, turn=0)
    decide(record, "withdraw", by=people["unit_secretary"], reason="答错了单位")
    assert UnitCheck.objects.get().record is None
    assert acts.state(acts.duty_of(ours, "risk-self-check")) == "open"
    again = risk_checks.hand_in(campaign, ours, by=people["unit_secretary"], answers={points[0].pk: BAD}, turn=1)
    assert again.pk != record.pk
    assert acts.state(acts.duty_of(ours, "risk-self-check")) == "fulfilled"


def test_a_bare_record_counts_only_without_a_campaign_or_without_points(people, ours):
    theirs = cast.organisation(cast.THEIRS)
    points_of(people["unit_secretary"], 1)
    assert acts.record(people["liaison"], ours, "risk-self-check").evidence.exists(), "no campaign yet"
    campaign_by(people["discipline"])
    duty = acts.duty_of(ours, "risk-self-check")
    given = {
        "by": people["liaison"],
        "organisation": ours,
        "act": ActKind.objects.get(code="risk-self-check"),
        "work_year": cast.YEAR,
        "title": "自查",
        "happened_on": cast.TODAY,
    }
    assert "逐点作答" in refusal(file_record, duties=[duty], **given)
    assert acts.record(people["other_liaison"], theirs, "risk-self-check").evidence.exists(), "no points there"


def test_a_closed_year_takes_no_answers(login, people, ours):
    point_of(people["unit_secretary"])
    campaign = campaign_by(people["discipline"])
    campaign.work_year.closed_on = cast.TODAY
    campaign.work_year.save()
    assert "封存" in refusal(risk_checks.save_answers, campaign, ours, by=people["liaison"], answers={}, turn=0)
    sheet = f"/risks/check/units/{ours.pk}/?year=2026"
    assert "已封存" in login("liaison").get(sheet).content.decode()
    assert login("liaison").post(sheet, {}).status_code == 403


# ── 数字 ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def many(people):
    """Random points of two units in two years, answered in both; some new, retired, altered."""
    dice = Random(7)
    units = {"unit_secretary": cast.organisation(cast.OURS), "other_secretary": cast.organisation(cast.THEIRS)}
    areas = ["", "财务管理", "物资采购"]
    last_year = date(2025, 11, 20)
    points: dict[str, list[RiskPoint]] = {}
    for who, unit in units.items():
        points[who] = [
            point_of(
                people[who],
                unit,
                text=f"点{number}",
                key_area=dice.choice(areas),
                factors=dice.choice(["discretion", THREE, "resources"]),
            )
            for number in range(9)
        ]
    RiskChange.objects.filter(point__text__in=["点0", "点1", "点2", "点3"]).update(effective_on=last_year)
    _answered_last_year(people, units, points, dice)
    for who in units:
        risks.retire(points[who][0], by=people[who], reason="权力取消了")
        risks.adjust(points[who][1], by=people[who], reason="情况变化", **(CONTENT | {"text": "点1", "factors": FIVE}))
        point_of(people[who], units[who], text="后来新增")
    campaign = campaign_by(people["discipline"])
    for who, unit in units.items():
        answers = {point.pk: dice.choice([FINE, BAD]) for point in risk_checks.points_of(unit)}
        risk_checks.hand_in(campaign, unit, by=people[who], answers=answers, turn=0)
    return campaign


def _answered_last_year(people, units, points, dice) -> None:
    from accountability.models import WorkYear

    year = WorkYear.objects.get(year=cast.YEAR)
    WorkYear.objects.create(year=2025, regulation=year.regulation, opened_by=year.opened_by, opened_at=year.opened_at)
    now = timezone.now()
    campaign = CheckCampaign.objects.create(
        work_year_id=2025, due_on=date(2025, 11, 28), guidance="去年", opened_by=people["discipline"], opened_at=now
    )
    for who, unit in units.items():
        check = UnitCheck.objects.create(campaign=campaign, organisation=unit, saved_by=people[who], saved_at=now)
        for point in points[who]:
            typed = vars(dice.choice([FINE, BAD]))
            RiskAnswer.objects.create(unit_check=check, point=point, level=point.level, is_handed_in=True, **typed)


def total_of(client, url: str) -> int:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.context["pager"].total


@pytest.mark.parametrize("who", ["discipline", "unit_secretary", "member"])
def test_every_figure_equals_its_rows(login, people, many, who):
    client, user = login(who), people[who]
    seen = RiskMap(user)
    lines = [*seen.areas, *seen.units, seen.total]
    for line in lines:
        for cell in [*line.cells, line.total]:
            if cell.value:
                assert total_of(client, cell.url) == cell.value, (line.name, cell.url)
    assert seen.total.total.value == RiskPoint.objects.visible_to(user).in_use().count() > 0
    figures = CheckFigures(user, many)
    total = {**figures.total_answers(), **figures.total_changes()}
    for name, figure in total.items():
        assert total_of(client, figure.url) == figure.value, name
    assert total["answered"].value > total["problem"].value > 0
    for line in figures.lines:
        for name, figure in {**line.of_answers(), **line.of_changes(), "points": line.of_points()}.items():
            if figure.value:
                assert total_of(client, figure.url) == figure.value, (line.organisation.name, name)


def test_changes_are_what_was_done_to_the_points(people, many):
    line = next(line for line in CheckFigures(people["unit_secretary"], many).lines)
    assert line.changes == {"new": 6, "retired": 1, "level": int(line.changes["level"]), "measures": 0}
    differing = 0
    for answer in RiskAnswer.objects.of_year(2026).filter(unit_check__organisation=line.organisation):
        last = RiskAnswer.objects.of_year(2025).filter(point=answer.point).first()
        if last and (last.has_problem, last.carried_out) != (answer.has_problem, answer.carried_out):
            differing += 1
    assert line.counted["differs"] == differing


def test_zero_missing_and_without_are_flagged(login, people, ours):
    theirs = cast.organisation(cast.THEIRS)
    points = points_of(people["unit_secretary"], 2)
    point_of(people["other_secretary"], theirs)
    campaign = campaign_by(people["discipline"])
    risk_checks.hand_in(
        campaign, ours, by=people["unit_secretary"], answers={point.pk: FINE for point in points}, turn=0
    )
    figures = CheckFigures(people["discipline"], campaign)
    assert [line.organisation for line in figures.of_view("zero")] == [ours]
    assert [line.organisation for line in figures.of_view("missing")] == [theirs]
    assert len(figures.of_view("without")) == len(figures.lines) - 2
    page = login("discipline").get("/risks/check/?year=2026&view=zero").content.decode()
    assert "零问题" in page
    assert "未开始" not in page


def test_areas_without_a_point_are_flagged(people, login):
    point_of(people["unit_secretary"], key_area="财务管理")
    empty = {line.name for line in RiskMap(people["discipline"]).empty_areas}
    assert empty == {"物资采购", "基础建设", "后勤保障", "科研经费", "招生录用", "评聘评审"}
    assert "没有风险点的重点领域" in login("discipline").get("/risks/map/").content.decode()
    assert RiskMap(people["liaison"]).empty_areas == []


# ── 谁能看 ───────────────────────────────────────────────────────────────────────────────────


def sheet_of(answer) -> list[tuple]:
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    return list(book.active.values)[1:]


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("office", {cast.OURS, cast.THEIRS}),
        ("discipline", {cast.OURS, cast.THEIRS}),
        ("secretary", {cast.OURS, cast.THEIRS}),
        ("member", {cast.OURS}),
        ("unit_secretary", {cast.OURS}),
        ("liaison", {cast.OURS}),
        ("branch", set()),
        ("department", set()),
        ("inspector", set()),
        ("sysadmin", set()),
        ("secadmin", set()),
        ("auditor", set()),
        ("outsider", set()),
    ],
)
def test_who_sees_what_through_every_door(login, people, many, who, sees):
    client = login(who)
    for path in ("/risks/?view=all", "/risks/check/answers/?year=2026", "/risks/changes/?year=2026"):
        rows = client.get(path).context["pager"].page.paginator.rows()
        units = {getattr(row, "point", row).organisation.name for row in rows}
        assert units == sees, path
    assert {row[1] for row in sheet_of(client.get("/risks/export/?view=all"))} == sees
    assert {row[1] for row in sheet_of(client.get("/risks/check/answers/export/?year=2026"))} == sees
    figures = client.get("/risks/check/?year=2026").context["figures"]
    handed_in = {line.organisation.name for line in figures.of_view("handed_in")} if figures else set()
    assert handed_in == sees
    for unit in (cast.OURS, cast.THEIRS):
        organisation, expected = cast.organisation(unit), 200 if unit in sees else 404
        point = RiskPoint.objects.filter(organisation=organisation).first()
        assert client.get(f"/risks/{point.pk}/").status_code == expected
        assert client.get(f"/risks/check/units/{organisation.pk}/?year=2026").status_code == expected


def test_a_draft_is_seen_by_the_unit_alone(login, people, ours):
    points = points_of(people["unit_secretary"], 1)
    campaign = campaign_by(people["discipline"])
    typed = Typed(has_problem=True, problem="尚未核实的情况")
    risk_checks.save_answers(campaign, ours, by=people["liaison"], answers={points[0].pk: typed}, turn=0)
    sheet = f"/risks/check/units/{ours.pk}/?year=2026"
    assert "尚未核实的情况" in login("unit_secretary").get(sheet).content.decode()
    for who in ("discipline", "office", "secretary", "member"):
        assert "尚未核实的情况" not in login(who).get(sheet).content.decode()
        assert login(who).post(sheet, sent(points, 1)).status_code == 403


def test_formulas_and_control_characters_are_harmless_in_excel(login, people):
    point_of(people["unit_secretary"], text="=HYPERLINK(1)", power_item="+1+1", manifestation="甲\x0b乙")
    answer = login("unit_secretary").get("/risks/export/")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    cells = {cell.value: cell.data_type for cell in sheet[2]}
    assert cells["=HYPERLINK(1)"] == "s"
    assert cells["+1+1"] == "s"
    assert "甲乙" in cells


# ── 页面 ─────────────────────────────────────────────────────────────────────────────────────

ODD = ("?view=\x00", "?unit=99999999999999999999", "?level=9&area=\x00&category=x", "?change=level&year=0", "?page=zz")


@pytest.mark.parametrize(
    "path", ["/risks/", "/risks/export/", "/risks/changes/", "/risks/check/", "/risks/check/answers/"]
)
def test_odd_addresses_are_no_errors(login, people, path):
    point_of(people["unit_secretary"])
    for odd in ODD:
        assert login("discipline").get(path + odd).status_code == 200, odd


def test_bad_input_is_answered_on_the_page(login, people, ours):
    points = points_of(people["unit_secretary"], 1)
    campaign_by(people["discipline"])
    liaison = login("liaison")
    for data in ({"due_on": "9999-99-99", "guidance": "\x00"}, {}):
        assert login("discipline").post("/risks/check/open/?year=2026", data).status_code == 400
    liaison = login("liaison")
    sheet = f"/risks/check/units/{ours.pk}/?year=2026"
    for data in (sent(points, has_problem="maybe"), sent(points, problem="甲" * 1001), {"turn": "甲"}, {}):
        assert liaison.post(sheet, data).status_code == 400
    marked = liaison.post(sheet, sent(points, problem="机密★一年", has_problem="yes"))
    assert marked.status_code == 400
    for data in ({}, SENT | {"factors": ["\x00"]}, SENT | {"organisation": "999999999"}):
        assert liaison.post("/risks/new/", data).status_code == 400
    assert liaison.post(f"/risks/{points[0].pk}/act/", {"act": "nothing"}).status_code == 400
    assert liaison.post(f"/risks/{points[0].pk}/act/", {"act": "confirm"}).status_code == 400
    assert login("discipline").get("/risks/new/").status_code in (200, 403)
    assert login("outsider").get("/risks/new/").status_code == 403


def test_a_unit_without_a_campaign_is_told(login, people, ours):
    page = login("liaison").get(f"/risks/check/units/{ours.pk}/?year=2026").content.decode()
    assert "还没有部署自查自纠" in page


def queries(client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def test_pages_cost_the_same_at_one_row_and_at_fifty(login, people, ours):
    campaign = campaign_by(people["discipline"])
    points_of(people["unit_secretary"], 1, factors="resources")
    client = login("liaison")
    sheet = f"/risks/check/units/{ours.pk}/?year=2026"
    pages = ["/risks/", "/risks/map/", "/risks/changes/?year=2026", sheet, "/risks/export/"]
    few = {path: queries(client, path) for path in pages}
    for number in range(49):
        point_of(people["unit_secretary"], text=f"另{number}", factors="resources")
    assert {path: queries(client, path) for path in pages} == few
    answers = {point.pk: FINE for point in risk_checks.points_of(ours)}
    risk_checks.hand_in(campaign, ours, by=people["unit_secretary"], answers=dict(list(answers.items())[:50]), turn=0)
    answered = ["/risks/check/answers/?year=2026", "/risks/check/?year=2026", sheet]
    many = {path: queries(client, path) for path in answered}
    RiskAnswer.objects.exclude(point=RiskPoint.objects.first()).delete()
    assert {path: queries(client, path) for path in answered} == many


def test_the_day_of_the_campaign_is_late_the_day_after(people):
    campaign = campaign_by(people["discipline"])
    figures = CheckFigures(people["discipline"], campaign)
    assert not figures.is_late(campaign.due_on)
    assert figures.is_late(campaign.due_on + timedelta(days=1))


def test_units_that_owe_nothing_may_keep_points_too(people, login):
    """教务处 has no duty to check, but may have risk points."""
    unit = Organisation.objects.get(name="教务处")
    head = unit.posts.get(role="unit_secretary").tenures.get().person
    point_of(head, unit)
    assert RiskMap(people["discipline"]).total.total.value == 1
    assert unit not in risk_checks.units_of(cast.YEAR)
