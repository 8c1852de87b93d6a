"""自查自纠: a campaign, answers point by point, handing in and coming back, every figure equal to its rows (三（四）2)."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accountability.models import ActKind, Duty, Record
from accountability.services.records import decide, file_record, revise
from inspections.check_figures import CheckFigures
from inspections.models import RiskAnswer, RiskPoint, UnitCheck
from inspections.risk_map import RiskMap
from inspections.services import risk_checks, risks
from inspections.services.risk_checks import Typed
from tests import acts, cast
from tests.inspections.risk_points import (
    BAD,
    FINE,
    campaign_by,
    point_of,
    points_of,
    refusal,
    sent,
)

pytestmark = pytest.mark.django_db


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


def test_the_day_of_the_campaign_is_late_the_day_after(people):
    campaign = campaign_by(people["discipline"])
    figures = CheckFigures(people["discipline"], campaign)
    assert not figures.is_late(campaign.due_on)
    assert figures.is_late(campaign.due_on + timedelta(days=1))


# ── 数字 ─────────────────────────────────────────────────────────────────────────────────────


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
