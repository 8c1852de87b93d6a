"""年度自查自纠: opened by the commission, answered point by point, handed in as one record that fulfils the duty (三（四）2).

The duty is the regulation's own; a campaign adds none. Where a unit has risk points, a bare record does not count.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max, QuerySet
from django.urls import reverse
from django.utils import timezone

from accountability import access
from accountability.locking import lock_and_read
from accountability.models import ActKind, Duty, Notice, Organisation, Person, Record, WorkYear
from accountability.models.history import save_as
from accountability.own_pages import Occasion, OwnPage, recorded_elsewhere
from accountability.services.notices import notify, people_with
from accountability.services.records import (
    after_decision,
    countable_duties,
    counting_rule,
    credit,
    file_record,
    open_work_year,
    revise,
)
from inspections.models import CheckCampaign, RiskAnswer, RiskPoint, UnitCheck

ACT = "risk-self-check"
SITTINGS_AT_MOST = 20
CONTENT_AT_MOST = 20_000


@dataclass(frozen=True)
class Typed:
    """What was typed for one point."""

    has_problem: bool | None = None
    problem: str = ""
    carried_out: str = ""
    needs_change: bool | None = None
    change_words: str = ""
    plan: str = ""


TYPED = tuple(field.name for field in fields(Typed))


def duties_of(year: int) -> QuerySet[Duty]:
    """自查责任 of the year, as the regulation opened them."""
    return Duty.objects.of_year(year).owed().filter(obligation__acts__code=ACT)


def units_of(year: int) -> QuerySet[Organisation]:
    """应自查单位: whoever owes the yearly self-check."""
    return Organisation.objects.filter(pk__in=duties_of(year).values("organisation"))


def latest_due_on(year: int) -> date | None:
    return duties_of(year).aggregate(last=Max("due_on"))["last"]


def campaign_of(year: int) -> CheckCampaign | None:
    return CheckCampaign.objects.filter(work_year=year).select_related("work_year", "opened_by").first()


def points_of(organisation: Organisation | int) -> QuerySet[RiskPoint]:
    """要作答的风险点: those in use today."""
    return RiskPoint.objects.in_use().filter(organisation=organisation).order_by("level", "serial")


def may_open(user: Person) -> bool:
    """纪委: whoever supervises the whole school."""
    return access.may_supervise(user)


def may_answer(user: Person, organisation: Organisation) -> bool:
    return access.may(user, "keep_record", organisation)


@transaction.atomic
def open_campaign(year: int, *, by: Person, due_on: date, guidance: str) -> CheckCampaign:
    """部署年度自查自纠. Every unit that owes the check is told; no duty is added."""
    if not may_open(by):
        raise PermissionDenied("年度自查自纠由纪委部署。")
    open_work_year(year)
    work_year = WorkYear.objects.select_for_update().get(year=year)
    if CheckCampaign.objects.filter(work_year=year).exists():
        raise ValidationError(f"{year} 年度自查自纠已经部署。")
    _check_day(year, due_on)
    campaign = CheckCampaign(
        work_year=work_year, due_on=due_on, guidance=guidance.strip(), opened_by=by, opened_at=timezone.now()
    )
    campaign.full_clean()
    save_as(campaign, by=by, reason="部署年度自查自纠")
    for unit in units_of(year).order_by("pk"):
        notify(
            people_with("keep_record", unit),
            kind=Notice.Kind.INSPECTION,
            title=f"{year} 年度廉政风险点自查自纠已部署，请于 {due_on} 前逐点作答",
            body=campaign.guidance,
            url=address_of(unit.pk, year),
        )
    return campaign


def _check_day(year: int, due_on: date) -> None:
    last = latest_due_on(year)
    if last is None:
        raise ValidationError(f"{year} 年度没有单位承担廉政风险点自查责任，请先由党委办公室开启年度。")
    if not timezone.localdate() <= due_on <= last:
        raise ValidationError({"due_on": f"完成期限须在今天至自查责任的最晚到期日 {last} 之间。"})


@transaction.atomic
def change_campaign(campaign: CheckCampaign, *, by: Person, due_on: date, guidance: str) -> CheckCampaign:
    """调整期限和要求; the duties keep their own days."""
    if not may_open(by):
        raise PermissionDenied("年度自查自纠由纪委部署。")
    open_work_year(campaign.work_year_id)
    campaign = CheckCampaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    if due_on != campaign.due_on:
        _check_day(campaign.work_year_id, due_on)
    campaign.due_on, campaign.guidance = due_on, guidance.strip()
    campaign.full_clean()
    save_as(campaign, by=by, reason="调整自查自纠的期限或要求")
    return campaign


def address_of(organisation_pk: int, year: int) -> str:
    return reverse("risk_check_unit", args=[organisation_pk]) + f"?year={year}"


# ── 作答 ─────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def save_answers(
    campaign: CheckCampaign, organisation: Organisation, *, by: Person, answers: Mapping[int, Typed], turn: int
) -> UnitCheck:
    """保存草稿, however little is answered; ``turn`` is the saving the page was opened after."""
    check = _locked_check(campaign, organisation, by=by)
    _refuse_stale(check, turn, by)
    standing = {answer.point_id: answer for answer in check.answers.all()} if check.pk else {}
    points = {point.pk: point for point in points_of(organisation)}
    check.turn, check.saved_by, check.saved_at = check.turn + 1, by, timezone.now()
    save_as(check, by=by, reason="保存自查答卷")
    for pk, typed in answers.items():
        if pk not in points:
            continue  # no longer in use since the page was opened
        answer = standing.get(pk) or RiskAnswer(unit_check=check, point=points[pk])
        if answer.pk and all(getattr(answer, name) == getattr(typed, name) for name in TYPED):
            continue
        for name in TYPED:
            setattr(answer, name, getattr(typed, name))
        answer.full_clean(exclude=("unit_check", "point"), validate_unique=False, validate_constraints=False)
        save_as(answer, by=by, reason="填写自查回答")
    return check


def _locked_check(campaign: CheckCampaign, organisation: Organisation, *, by: Person) -> UnitCheck:
    if not may_answer(by, organisation):
        raise PermissionDenied(f"自查答卷由{organisation.name}的经办人员填写。")
    open_work_year(campaign.work_year_id)
    # The record before the sheet, as a decision does.
    sheets = UnitCheck.objects.filter(campaign=campaign, organisation=organisation)
    list(Record.objects.select_for_update().filter(pk__in=sheets.values("record")).values_list("pk"))
    # The campaign's row is the lock under which a unit's first sheet is made, so that two first savings make one.
    CheckCampaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    found = sheets.first()
    if found is None:
        return UnitCheck(campaign=campaign, organisation=organisation)
    check = lock_and_read(UnitCheck.objects.select_related("record", "saved_by"), found.pk)
    if check.is_handed_in:
        raise ValidationError(f"答卷已提交，当前是「{check.record.get_state_display()}」，不能再改；退回后可以修改。")
    return check


def _refuse_stale(check: UnitCheck, turn: int, by: Person) -> None:
    if turn != check.turn:
        at = timezone.localtime(check.saved_at).strftime("%H:%M") if check.saved_at else ""
        who = f"{check.saved_by}在 {at} " if check.saved_by_id else ""
        raise ValidationError(
            f"{who}刚保存过这份答卷，您打开的页面不是最新的，没有保存。您填写的内容仍在下面，核对后再次保存即以您的为准。",
            code="stale",
        )


@transaction.atomic
def hand_in(
    campaign: CheckCampaign, organisation: Organisation, *, by: Person, answers: Mapping[int, Typed], turn: int
) -> Record:
    """提交答卷: every point answered, what is a problem in words; filed as the one record of the year's self-check."""
    check = save_answers(campaign, organisation, by=by, answers=answers, turn=turn)
    points = list(points_of(organisation))
    given = {answer.point_id: answer for answer in check.answers.all()}
    if lacking := lacking_of(points, given):
        raise ValidationError(lacking)
    for answer in given.values():
        if answer.point_id not in {point.pk for point in points}:
            _drop(answer, by=by)
    whole = [given[point.pk] for point in points]
    for point, answer in zip(points, whole, strict=True):
        answer.level, answer.is_handed_in = point.level, True
        save_as(answer, by=by, reason="提交自查回答")
    return _file(check, points, whole, by=by)


def _drop(answer: RiskAnswer, *, by: Person) -> None:
    answer._history_user, answer._change_reason = by, "风险点已退出，不再作答"
    answer.delete()


def lacking_of(points: list[RiskPoint], given: Mapping[int, RiskAnswer | Typed]) -> dict[str, str]:
    """What handing in still asks, by the field of the form."""
    if not points:
        return {"__all__": "本单位还没有在用的风险点，请先填报风险点；没有权力事项的单位，直接录入自查记录。"}
    lacking: dict[str, str] = {}
    for point in points:
        answer = given.get(point.pk) or Typed()
        asked = {
            "has_problem": ("请回答是否存在问题。", answer.has_problem is None),
            "problem": (
                "存在问题的，请写明问题，至少 4 个字。",
                answer.has_problem and len(answer.problem.strip()) < 4,
            ),
            "carried_out": ("请回答防控措施是否落实。", not answer.carried_out),
            "needs_change": ("请回答是否调整等级或措施。", answer.needs_change is None),
            "change_words": ("需要调整的，请写明怎样调整。", answer.needs_change and not answer.change_words.strip()),
            "plan": ("有问题或措施没有全部落实的，请写明整改打算。", _owes_plan(answer) and not answer.plan.strip()),
        }
        lacking |= {f"{name}_{point.pk}": words for name, (words, is_lacking) in asked.items() if is_lacking}
    return lacking


def _owes_plan(answer: RiskAnswer | Typed) -> bool:
    return bool(answer.has_problem) or answer.carried_out in (RiskAnswer.CarriedOut.PARTLY, RiskAnswer.CarriedOut.NO)


def _file(check: UnitCheck, points: list[RiskPoint], answers: list[RiskAnswer], *, by: Person) -> Record:
    year, organisation = check.campaign.work_year_id, check.organisation
    title = f"{organisation.name}{year}年廉政风险点自查自纠"[:120]
    content = _told(points, answers)
    if check.record and check.record.state == Record.State.RETURNED:
        return _file_again(check, title, content, by=by)
    today = timezone.localdate()
    act = ActKind.objects.get(code=ACT)
    record = file_record(
        by=by,
        organisation=organisation,
        act=act,
        work_year=year,
        title=title,
        happened_on=today,
        content=content,
        sitting=_next_sitting(organisation, today),
    )
    check.record = record
    save_as(check, by=by, reason="提交自查答卷")
    for duty in countable_duties(organisation, act, year):
        credit(duty, by=by, record=record)
    return record


def _file_again(check: UnitCheck, title: str, content: str, *, by: Person) -> Record:
    """A returned record is mended by its author, as everywhere."""
    if check.record.entered_by_id != by.pk:
        raise ValidationError(
            f"退回的答卷由原提交人{check.record.entered_by}修改后重新提交；草稿可以由您保存。"
            "原提交人不能办理的，请书记先作废原记录，再重新提交。"
        )
    record = revise(check.record, by=by, title=title, happened_on=timezone.localdate(), content=content)
    save_as(check, by=by, reason="修改后重新提交自查答卷")
    return record


def _next_sitting(organisation: Organisation, on: date) -> int:
    same = Record.objects.standing().filter(organisation=organisation, post=None, act__code=ACT, happened_on=on)
    number = (same.aggregate(last=Max("sitting"))["last"] or 0) + 1
    if number > SITTINGS_AT_MOST:
        raise ValidationError(f"{on} 已录入 {SITTINGS_AT_MOST} 次自查，请改日提交。")
    return number


def _told(points: list[RiskPoint], answers: list[RiskAnswer]) -> str:
    """What the record says: counts, then the problems one by one."""
    problems = [(point, answer) for point, answer in zip(points, answers, strict=True) if answer.has_problem]
    loose = sum(answer.carried_out != RiskAnswer.CarriedOut.YES for answer in answers)
    changes = sum(bool(answer.needs_change) for answer in answers)
    lines = [
        f"逐点自查风险点 {len(points)} 个：存在问题 {len(problems)} 个，防控措施未全部落实 {loose} 个，建议调整 {changes} 个。"
    ]
    lines += [
        f"{point.number} {point.text}：{answer.problem.strip()} 整改打算：{answer.plan.strip()}"
        for point, answer in problems
    ]
    text = "\n".join(lines)
    return text if len(text) <= CONTENT_AT_MOST else f"{text[: CONTENT_AT_MOST - 20]}……（其余见自查答卷）"


# ── what the lower app asks ───────────────────────────────────────────────────────────────────


def _where_to_answer(occasion: Occasion) -> str:
    """On the campaign's page, once there is a campaign and the unit has risk points."""
    unit, year = occasion.organisation_id, occasion.year
    if not CheckCampaign.objects.filter(work_year=year).exists():
        return ""
    answered = UnitCheck.objects.filter(campaign__work_year=year, organisation=unit).exists()
    return address_of(unit, year) if answered or points_of(unit).exists() else ""


def _sheet_of(record: Record) -> str:
    answered = UnitCheck.objects.filter(record=record).exists()
    return address_of(record.organisation_id, record.work_year_id) if answered else ""


recorded_elsewhere(ACT, OwnPage("看自查答卷", _where_to_answer, _sheet_of, mends=True))


@counting_rule
def refusal_of_bare_check(record: Record, duty: Duty) -> str:
    """Why a record of a self-check without answers does not count; a returned one is asked when it is handed in again."""
    if record.act.code != ACT or record.state == Record.State.RETURNED:
        return ""
    check = UnitCheck.objects.filter(record=record).first() if record.pk else None
    if check is not None:
        is_whole = check.answers.exists() and not check.answers.filter(is_handed_in=False).exists()
        return "" if is_whole else "答卷没有逐点提交，请在「年度自查自纠」中修改后提交。"
    if not CheckCampaign.objects.filter(work_year=record.work_year_id).exists():
        return ""
    count = points_of(record.organisation_id).count()
    return f"本单位有 {count} 个廉政风险点，请在「年度自查自纠」中逐点作答后提交。" if count else ""


@after_decision
def reopen_answers(record: Record, by: Person) -> None:
    """退回、作废: the answers may be changed again; a withdrawn record is let go of."""
    if record.act.code != ACT or record.state not in (Record.State.RETURNED, Record.State.WITHDRAWN):
        return
    check = UnitCheck.objects.select_for_update(of=("self",)).filter(record=record).first()
    if check is None:
        return
    for answer in check.answers.filter(is_handed_in=True):
        answer.is_handed_in = False
        save_as(answer, by=by, reason=f"记录{record.get_state_display()}，重新打开")
    if record.state == Record.State.WITHDRAWN:
        check.record = None
        save_as(check, by=by, reason="记录已作废，重新打开答卷")
