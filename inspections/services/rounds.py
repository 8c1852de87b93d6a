"""轮次: plan, begin, feed back, end; name a team with access to this round alone (三（四）1)."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accountability.models import Notice, Organisation, Person
from accountability.models.history import save_as
from accountability.services.notices import notify
from inspections.models import Round, RoundMember, RoundUnit
from inspections.models.rounds import manages

Stage = Round.Stage


def months_after(day: date, months: int) -> date:
    """The same day some months on; the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def rectified_by(kind: str, feedback_on: date) -> date:
    """集中整改截止日: 6 months after an outside inspection, 3 after every other, as the settings say."""
    external = kind == Round.Kind.EXTERNAL
    return months_after(feedback_on, settings.RECTIFY_MONTHS_EXTERNAL if external else settings.RECTIFY_MONTHS)


def only_managers(by: Person) -> None:
    if not manages(by):
        raise PermissionDenied("巡察轮次由巡察办或纪委办理。")


def _next_number(starts_on: date) -> str:
    numbers = Round.objects.filter(number__startswith=f"{starts_on.year}-").values_list("number", flat=True)
    return f"{starts_on.year}-{max((int(number.partition('-')[2]) for number in numbers), default=0) + 1}"


@transaction.atomic
def plan_round(*, by: Person, units: Iterable[Organisation] = (), **fields) -> Round:
    """登记轮次 with the units it inspects."""
    only_managers(by)
    row = Round(number=_next_number(fields["starts_on"]), created_by=by, created_at=timezone.now(), **fields)
    row.full_clean()
    save_as(row, by=by, reason="登记巡察轮次")
    for unit in units:
        save_as(RoundUnit(round=row, organisation=unit), by=by, reason="列为被巡察单位")
    return row


@transaction.atomic
def revise_round(row: Round, *, by: Person, reason: str, units: Iterable[Organisation], **fields) -> Round:
    """修改轮次: its facts and its units; a unit with findings stays, and nobody comes to inspect his own."""
    row = _locked(row, by=by, stages=(Stage.PLANNED, Stage.RUNNING, Stage.RECTIFYING), words="修改")
    for name, value in fields.items():
        setattr(row, name, value)
    row.full_clean()
    save_as(row, by=by, reason=f"修改轮次：{reason.strip()}"[:100])
    _set_units(row, list(units), by=by)
    return row


def _set_units(row: Round, units: list[Organisation], *, by: Person) -> None:
    links = {link.organisation_id: link for link in row.units.select_related("organisation")}
    wanted = {unit.pk: unit for unit in units}
    answering = set(row.findings.values_list("organisation", flat=True))
    for pk in links.keys() - wanted.keys():
        if pk in answering:
            raise ValidationError({"units": f"{links[pk].organisation.name}在本轮已有问题立账，不能移出。"})
        links[pk]._history_user, links[pk]._change_reason = by, "移出被巡察单位"
        links[pk].delete()
    for pk in wanted.keys() - links.keys():
        save_as(RoundUnit(round=row, organisation=wanted[pk]), by=by, reason="列为被巡察单位")
    for member in row.members.select_related("person"):
        if member.until_on >= timezone.localdate() and _is_inspected(member.person, row):
            raise ValidationError({"units": f"巡察组成员{member.person}在所选单位任职，应当回避，请先调整组员或单位。"})


def _locked(row: Round, *, by: Person, stages: tuple[str, ...], words: str) -> Round:
    only_managers(by)
    row = Round.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if row.stage not in stages:
        raise ValidationError(f"本轮当前是「{row.get_stage_display()}」，不能{words}。")
    return row


@transaction.atomic
def begin(row: Round, *, by: Person) -> Round:
    """进驻."""
    row = _locked(row, by=by, stages=(Stage.PLANNED,), words="进驻")
    row.stage = Stage.RUNNING
    save_as(row, by=by, reason="巡察组进驻")
    return row


@transaction.atomic
def feed_back(row: Round, *, by: Person, on: date, rectify_by: date | None = None) -> Round:
    """反馈: the clock of rectification starts."""
    row = _locked(row, by=by, stages=(Stage.PLANNED, Stage.RUNNING), words="登记反馈")
    if on > timezone.localdate():
        raise ValidationError({"feedback_on": "反馈日期不能晚于今天。"})
    if on < row.starts_on:
        raise ValidationError({"feedback_on": f"反馈日期不能早于进驻日期 {row.starts_on}。"})
    row.feedback_on, row.rectify_by = on, rectify_by or rectified_by(row.kind, on)
    row.stage = Stage.RECTIFYING
    row.full_clean()
    save_as(row, by=by, reason=f"反馈意见，集中整改至 {row.rectify_by}")
    return row


@transaction.atomic
def end_round(row: Round, *, by: Person) -> Round:
    """结束: nothing may be left unclosed; the team loses its access with this."""
    row = _locked(row, by=by, stages=(Stage.RECTIFYING,), words="结束")
    if left := row.findings.unclosed().count():
        raise ValidationError(f"还有 {left} 个问题未销号，不能结束本轮。")
    row.stage = Stage.ENDED
    save_as(row, by=by, reason="本轮结束")
    return row


@transaction.atomic
def name_member(row: Round, *, by: Person, person: Person, duty: str, from_on: date, until_on: date) -> RoundMember:
    """列入巡察组. Naming the same person again changes his days."""
    only_managers(by)
    row = Round.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if row.stage == Stage.ENDED:
        raise ValidationError("本轮已结束，不能再列入组员。")
    if _is_inspected(person, row):
        raise ValidationError({"person": f"{person} 在被巡察单位任职，应当回避。"})
    member = RoundMember.objects.filter(round=row, person=person).first() or RoundMember(round=row, person=person)
    is_new = member.pk is None
    member.duty, member.from_on, member.until_on = duty, from_on, until_on
    member.full_clean()
    save_as(member, by=by, reason="列入巡察组" if is_new else "调整巡察组成员")
    if is_new:
        notify(
            [person], kind=Notice.Kind.INSPECTION, title=f"您已列入巡察组：{row.name}", url=f"/inspections/{row.pk}/"
        )
    return member


def _is_inspected(person: Person, row: Round) -> bool:
    today = timezone.localdate()
    held = person.tenures.filter(started_on__lte=today).exclude(ended_on__lt=today)
    return held.filter(post__organisation__in=row.units.values("organisation")).exists()


@transaction.atomic
def dismiss_member(member: RoundMember, *, by: Person, reason: str) -> RoundMember:
    """调出巡察组: his access ends today; who was in the team stays on record."""
    only_managers(by)
    if len(reason.strip()) < 4:
        raise ValidationError({"reason": "请写明调出原因，至少 4 个字。"})
    yesterday = timezone.localdate().fromordinal(timezone.localdate().toordinal() - 1)
    member = RoundMember.objects.select_for_update(of=("self",)).get(pk=member.pk)
    member.until_on = max(yesterday, member.from_on) if member.from_on <= yesterday else member.from_on
    if member.until_on > yesterday:  # named today or later: he never had a day
        member.from_on = member.until_on = yesterday
    save_as(member, by=by, reason=f"调出巡察组：{reason.strip()}")
    return member
