"""专项检查: plan, begin, answer item by item, conclude into the commission's record (二（二）, 三（二）1)."""

from collections.abc import Iterable, Sequence

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accountability import access
from accountability.locking import lock_and_read
from accountability.models import Notice, Organisation, Person
from accountability.models.history import save_as
from accountability.services import attachments
from accountability.services.notices import notify, people_with
from accountability.services.records import open_work_year
from inspections.research_access import own_units
from supervision.models import (
    CheckAnswer,
    CheckItem,
    CheckMember,
    CheckUnit,
    FoundProblem,
    Source,
    SpecialCheck,
)
from supervision.records.check_workflow import TRANSITIONS
from supervision.services.oversight import record_oversight

ITEMS_AT_MOST = 60
WORDS_AT_LEAST = 4
PLAN_AT_LEAST = 10
S = SpecialCheck.State
COMMISSION = "专项检查由纪委组织。"


def _only_commission(by: Person) -> None:
    if not access.may_supervise(by):
        raise PermissionDenied(COMMISSION)


def _locked(check: SpecialCheck) -> SpecialCheck:
    return SpecialCheck.objects.select_for_update(of=("self",)).get(pk=check.pk)


# ── 立项 ─────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def plan_check(
    *,
    by: Person,
    work_year: int,
    items: Sequence[str],
    units: Sequence[Organisation],
    team: Sequence[Person] = (),
    **facts,
) -> SpecialCheck:
    """立项: name, kind, source, plan and days; the checklist, the units and who helps to check."""
    _only_commission(by)
    row = SpecialCheck(work_year=open_work_year(work_year), planned_by=by, planned_at=timezone.now(), **facts)
    _write(row, items, units, team, by=by, reason="立项")
    return row


@transaction.atomic
def change_check(
    check: SpecialCheck,
    *,
    by: Person,
    items: Sequence[str],
    units: Sequence[Organisation],
    team: Sequence[Person] = (),
    **facts,
) -> SpecialCheck:
    """修改 before it begins: afterwards answers would no longer fit their questions."""
    _only_commission(by)
    row = _locked(check)
    if row.state != S.PLANNED:
        raise ValidationError(f"专项检查当前是「{row.get_state_display()}」，只有筹备中的可以修改。")
    for name, value in facts.items():
        setattr(row, name, value)
    _write(row, items, units, team, by=by, reason="修改方案")
    return row


def _write(row: SpecialCheck, items, units, team, *, by: Person, reason: str) -> None:
    items = [" ".join(text.split()) for text in items if text.strip()]
    _check(row, items, units, team)
    row.full_clean()
    save_as(row, by=by, reason=reason)
    _set_items(row, items, by=by)
    units, team = list(units), list(team)
    _keep(row.units.all(), "organisation", units, lambda one: CheckUnit(special_check=row, organisation=one), by=by)
    _keep(row.team.all(), "person", team, lambda one: CheckMember(special_check=row, person=one), by=by)


def _set_items(row: SpecialCheck, items: list[str], *, by: Person) -> None:
    """The whole checklist anew where a line changed; nothing was answered yet."""
    standing = list(row.items.all())
    if [item.text for item in standing] == items:
        return
    for item in standing:
        _take_away(item, by=by)
    for rank, text in enumerate(items, 1):
        save_as(CheckItem(special_check=row, rank=rank, text=text), by=by, reason="列入检查内容")


def _keep(rows, name: str, wanted: list, make, *, by: Person) -> None:
    """Add what is missing, take away what is no longer wanted; what stays stays the same row."""
    standing = {getattr(row, name): row for row in rows}
    for value, row in standing.items():
        if value not in wanted:
            _take_away(row, by=by)
    for value in wanted:
        if value not in standing:
            save_as(make(value), by=by, reason="列入专项检查")


def _take_away(row, *, by: Person) -> None:
    row._history_user, row._change_reason = by, "立项阶段删去"
    row.delete()


def _check(row: SpecialCheck, items: list[str], units, team) -> None:
    errors = {}
    if not items:
        errors["items"] = "请至少写一项检查内容，一行一项。"
    elif len(items) > ITEMS_AT_MOST:
        errors["items"] = f"最多 {ITEMS_AT_MOST} 项，现在有 {len(items)} 项。"
    elif len(set(items)) < len(items):
        errors["items"] = "有重复的检查内容，请删去重复的一行。"
    elif long := next((text for text in items if len(text) > 300), ""):
        errors["items"] = f"「{long[:20]}…」超过 300 个字，请改短。"
    if not units:
        errors["units"] = "请选择受检单位。"
    if len(row.plan.strip()) < PLAN_AT_LEAST:
        errors["plan"] = f"请写明检查方案，至少 {PLAN_AT_LEAST} 个字。"
    if row.ends_on < row.starts_on:
        errors["ends_on"] = f"不能早于 {row.starts_on}。"
    if row.source not in Source.values or row.source == Source.PETITION:
        errors["source"] = "请选择监督来源。"
    if errors:
        raise ValidationError(errors)


@transaction.atomic
def perform(check: SpecialCheck, name: str, *, by: Person, reason: str = "") -> SpecialCheck:
    """开始检查、撤销. Two at once have one winner."""
    transition = TRANSITIONS[name]
    row = _locked(check)
    reason = transition.checked(row, by=by, reason=reason)
    row.state = transition.target
    row.full_clean()
    save_as(row, by=by, reason=f"{transition.label}：{reason}" if reason else transition.label)
    if name == "begin":
        _tell_begun(row, by=by)
    return row


def _tell_begun(row: SpecialCheck, *, by: Person) -> None:
    """The units learn that they will be checked and when, not what was found; the team learns where to work."""
    for unit in row.units.select_related("organisation"):
        notify(
            [person for person in people_with("confirm_record", unit.organisation) if person != by],
            kind=Notice.Kind.SUPERVISION,
            title=f"专项检查：{row.name}",
            body=f"{row.starts_on} 至 {row.ends_on}，请做好准备。",
        )
    notify(
        [member.person for member in row.team.select_related("person") if member.person != by],
        kind=Notice.Kind.SUPERVISION,
        title=f"请参加专项检查：{row.name}",
        body=f"{row.starts_on} 至 {row.ends_on}",
        url=reverse("special_check", args=[row.pk]),
    )


# ── 检查 ─────────────────────────────────────────────────────────────────────────────────────


def refusal_to_answer(unit: CheckUnit, user: Person) -> str:
    """Why ``user`` cannot write down results in this unit now; empty when he can."""
    check = unit.special_check
    if check.state != S.RUNNING:
        return f"专项检查当前是「{check.get_state_display()}」，检查中才能登记。"
    if not SpecialCheck.objects.worked_by(user).filter(pk=check.pk).exists():
        return "检查结果由纪委和检查组成员登记。"
    if unit.organisation_id in own_units(user):
        return f"您在{unit.organisation.name}任职，应当回避。"
    return ""


def running(unit: CheckUnit, *, by: Person) -> CheckUnit:
    """The unit of a check that runs, both locked, for who may write down results in it."""
    check = _locked(unit.special_check)
    unit = lock_and_read(CheckUnit.objects.select_related("organisation"), unit.pk)
    unit.special_check = check
    if refusal := refusal_to_answer(unit, by):
        if check.state != S.RUNNING:
            raise ValidationError(refusal)
        raise PermissionDenied(refusal)
    return unit


@transaction.atomic
def answer(unit: CheckUnit, *, by: Person, answers: dict[int, tuple[str, str]]) -> int:
    """登记结果 of several items at once; what did not change is left alone. Returns how many were written."""
    unit = running(unit, by=by)
    items = {item.pk: item for item in CheckItem.objects.filter(special_check=unit.special_check)}
    standing = {one.item_id: one for one in unit.answers.all()}
    errors, changed = {}, []
    for pk, (value, words) in answers.items():
        if pk not in items or not value:
            continue
        words = words.strip()
        if value not in CheckAnswer.Answer.values:
            errors[f"answer_{pk}"] = "请选择结果。"
        elif value != CheckAnswer.Answer.YES and len(words) < WORDS_AT_LEAST:
            errors[f"words_{pk}"] = f"不符合、不适用的，请写明情况，至少 {WORDS_AT_LEAST} 个字。"
        row = standing.get(pk) or CheckAnswer(unit=unit, item=items[pk])
        if (row.answer, row.words) != (value, words):
            row.answer, row.words, row.answered_by, row.answered_at = value, words, by, timezone.now()
            changed.append(row)
    if errors:
        raise ValidationError(errors)
    for row in changed:
        row.full_clean()
        save_as(row, by=by, reason=f"登记结果：{row.get_answer_display()}")
    return len(changed)


@transaction.atomic
def add_papers(unit: CheckUnit, *, by: Person, item: CheckItem, files: Iterable[UploadedFile]) -> None:
    """上传检查材料 of an item that has its result."""
    unit = running(unit, by=by)
    row = unit.answers.filter(item=item).first()
    if row is None:
        raise ValidationError({"item": "这一项还没有登记结果，请先登记。"})
    files = list(files)
    if not files:
        raise ValidationError({"files": "请选择文件。"})
    attachments.keep_papers(row, attachments.examine_all(files, by=by), by=by)


# ── 办结 ─────────────────────────────────────────────────────────────────────────────────────


def unanswered(check: SpecialCheck) -> int:
    """未查的项: items times units, less what has a result."""
    asked = check.items.count() * check.units.count()
    return asked - CheckAnswer.objects.filter(unit__special_check=check).count()


@transaction.atomic
def conclude(
    check: SpecialCheck, *, by: Person, findings: str = "", feedback: str = "", reason: str = ""
) -> SpecialCheck:
    """办结: a record of the commission that counts for its duties; the units read their own lines from now on."""
    transition = TRANSITIONS["conclude"]
    row = _locked(check)
    transition.checked(row, by=by, reason="")
    left = unanswered(row)
    if left and len(reason.strip()) < PLAN_AT_LEAST:
        raise ValidationError({"reason": f"还有 {left} 项没有结果，请写明原因，至少 {PLAN_AT_LEAST} 个字。"})
    problems = FoundProblem.objects.filter(unit__special_check=row)
    if not findings.strip() and (count := problems.count()):
        raise ValidationError({"findings": f"检查中列出了 {count} 个问题，请写明发现的问题。"})
    oversight = record_oversight(
        by=by,
        body=Organisation.objects.get(kind=Organisation.Kind.COMMISSION),
        kind=row.kind,
        source=row.source,
        units=[unit.organisation for unit in row.units.select_related("organisation")],
        work_year=row.work_year_id,
        happened_on=timezone.localdate(),
        did=summary(row),
        title=row.name,
        findings=findings,
        feedback=feedback or "检查已办结，本单位各项结果可在系统中查看。",
    )
    row.state, row.oversight, row.concluded_by, row.concluded_on = S.CONCLUDED, oversight, by, timezone.localdate()
    row.unchecked_reason = reason.strip() if left else ""
    row.full_clean()
    save_as(row, by=by, reason="办结" + (f"，{left} 项未查：{row.unchecked_reason}" if left else ""))
    for problem in problems:
        problem.oversight = oversight
        save_as(problem, by=by, reason="检查办结，列入监督记录")
    return row


def summary(row: SpecialCheck) -> str:
    """监督情况 of a check, counted from its answers."""
    answers = CheckAnswer.objects.filter(unit__special_check=row)
    told = {value: answers.filter(answer=value).count() for value in CheckAnswer.Answer.values}
    counts = f"符合 {told['yes']} 项、不符合 {told['no']} 项、不适用 {told['na']} 项"
    head = f"对 {row.units.count()} 个单位逐项检查 {row.items.count()} 项内容，{counts}。"
    return f"{head}\n{row.plan}"
