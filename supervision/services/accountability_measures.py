"""问责处理: record what another body decided, follow it up, note when it is lifted; nothing is decided here (三（二）2)."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import yaml
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accountability.locking import lock_and_read
from accountability.models import (
    ActKind,
    Clause,
    Duty,
    Notice,
    Organisation,
    Person,
    Post,
    Role,
    Tenure,
    WorkYear,
)
from accountability.models.history import save_as
from accountability.own_pages import Occasion, OwnPage, recorded_elsewhere
from accountability.services import attachments
from accountability.services.duties import assign, ways_of
from accountability.services.notices import notify
from accountability.services.numbers import next_number
from accountability.services.records import counting_rule, file_proof
from inspections.models import Finding
from inspections.services.places import heads_of
from supervision.access import admitted
from supervision.models import AccountabilityKind, AccountabilityMeasure, Purpose, Secret

DEFAULT = Path(__file__).parent.parent / "data" / "accountability-kinds.yaml"
ACT, FOLLOW_ACT, CLAUSE, SERIES = "accountability-action", "measure-follow-up", "3.2.2", "问责处理"
REASON_AT_LEAST, WORDS_AT_LEAST = 4, 10
RECORDERS = "问责处理由纪委中被授权知悉「问责处理」的同志登记。"
Target = AccountabilityKind.Target


def may_record(user: Person) -> bool:
    return admitted(user, Secret.MEASURE)


def _register(occasion: Occasion) -> str:
    return reverse("accountability_measures")


recorded_elsewhere(ACT, OwnPage("看问责处理", _register, lambda record: ""))
recorded_elsewhere(FOLLOW_ACT, OwnPage("看问责处理", _register, lambda record: ""))


@ways_of
def ways_to_follow(duty: Duty) -> list[str]:
    return [FOLLOW_ACT] if AccountabilityMeasure.objects.filter(duty_to_follow=duty).exists() else []


@counting_rule
def refusal_of_other_acts(record, duty: Duty) -> str:
    if record.act.code == FOLLOW_ACT or not AccountabilityMeasure.objects.filter(duty_to_follow=duty).exists():
        return ""
    return "这项责任以登记跟进情况的方式完成。"


# ── 问责方式 ─────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def load_kinds(path: Path = DEFAULT, *, by: Person) -> int:
    """装载问责方式. Returns how many rows were added or changed."""
    data, changed = yaml.safe_load(path.read_text(encoding="utf-8")) or {}, 0
    for target in Target.values:
        for rank, entry in enumerate(data.get(target) or [], 1):
            fields = {"target": target, "rank": rank, "bars": [], **entry}
            row = AccountabilityKind.objects.filter(code=entry.get("code")).first() or AccountabilityKind()
            if row.pk and all(getattr(row, name, None) == value for name, value in fields.items()):
                continue
            if set(fields["bars"]) - set(Purpose.values):
                raise ValidationError(f"问责方式 {entry.get('code')}：影响的名单只有 {'、'.join(Purpose.values)}。")
            for name, value in fields.items():
                setattr(row, name, value)
            row.full_clean()
            save_as(row, by=by, reason="装载问责方式")
            changed += 1
    return changed


# ── 登记 ─────────────────────────────────────────────────────────────────────────────────────


def influence_of(kind: AccountabilityKind, decided_on: date) -> tuple[date | None, date | None]:
    """影响期: from the day of the decision for the months of its kind, the last day being the one before."""
    if not kind.months:
        return None, None
    month = decided_on.month - 1 + kind.months
    year, month = decided_on.year + month // 12, month % 12 + 1
    same_day = date(year, month, min(decided_on.day, monthrange(year, month)[1]))
    return decided_on, same_day - timedelta(days=1)


def post_then(person: Person, on: date) -> Post | None:
    """时任岗位: the leading one of those he held that day."""
    held = Tenure.objects.in_office(on).filter(person=person).select_related("post").order_by("post__rank", "pk")
    leading = (Role.SECRETARY, Role.MEMBER, Role.UNIT_SECRETARY)
    return min((tenure.post for tenure in held), key=lambda post: post.role not in leading, default=None)


@transaction.atomic
def record_measure(
    *,
    by: Person,
    kind: AccountabilityKind,
    decided_by_body: str,
    decided_on: date,
    document_number: str,
    organisation: Organisation | None = None,
    person: Person | None = None,
    liability: str = "",
    duty: Duty | None = None,
    finding: Finding | None = None,
    reason: str = "",
    disclosure: str = AccountabilityMeasure.Disclosure.FOUND,
    requirements: str = "",
    follow_up_on: date | None = None,
    files: Iterable[UploadedFile] = (),
) -> AccountabilityMeasure:
    """登记 a decision with its paper. A day of follow-up becomes a duty of the commission that says nothing of whom."""
    if not may_record(by):
        raise PermissionDenied(RECORDERS)
    today, files = timezone.localdate(), list(files)
    year = _year_of(decided_on)
    row = AccountabilityMeasure(
        work_year=year,
        kind=kind,
        organisation=organisation,
        person=person,
        post=post_then(person, decided_on) if person else None,
        liability=liability if person else "",
        duty=duty,
        finding=finding,
        reason=reason.strip(),
        disclosure=disclosure,
        decided_by_body=decided_by_body.strip(),
        decided_on=decided_on,
        document_number=document_number.strip(),
        requirements=requirements.strip(),
        follow_up_on=follow_up_on,
        recorded_by=by,
        recorded_at=timezone.now(),
    )
    _check(row, by=by, files=files, today=today)
    row.influence_from, row.influence_until = influence_of(kind, decided_on)
    row.number = f"{year.year}-{next_number(SERIES, year.year)}"
    row.full_clean(exclude=("duty_to_follow",), validate_constraints=False)
    examined = attachments.examine_all(files, by=by)
    if follow_up_on:
        row.duty_to_follow = _owed(row, by=by)
    _save_once(row, by=by)
    attachments.keep_papers(row, examined, by=by)
    _count(row, ACT, f"登记问责处理 {row.number} 号", by=by)
    _tell(row, f"问责处理登记：{row.kind}", by=by)
    return row


def _year_of(decided_on: date) -> WorkYear:
    year = WorkYear.objects.filter(year=decided_on.year).first() or WorkYear.objects.order_by("-year").first()
    if year is None:
        raise ValidationError("没有开启的工作年度，请先由党委办公室开启年度。")
    return year


def _check(row: AccountabilityMeasure, *, by: Person, files: list, today: date) -> None:
    errors: dict[str, str] = {}
    if row.kind.target == Target.ORGANISATION and (row.organisation is None or row.person):
        errors["organisation"] = f"「{row.kind}」适用于组织，请选择组织，不选人员。"
    if row.kind.target == Target.PERSON and (row.person is None or row.organisation):
        errors["person"] = f"「{row.kind}」适用于个人，请选择人员，不选组织。"
    if row.person == by:
        errors["person"] = "不能登记对本人的问责处理，请由其他同志登记。"
    if row.duty is None and row.finding is None and len(row.reason) < WORDS_AT_LEAST:
        errors["reason"] = f"没有关联失责事项或巡察问题的，请写明问责事由，至少 {WORDS_AT_LEAST} 个字。"
    if not row.decided_by_body:
        errors["decided_by_body"] = "请填写作出决定的机关。"
    if not row.document_number:
        errors["document_number"] = "请填写决定文号。"
    if row.decided_on > today:
        errors["decided_on"] = "决定日期不能晚于今天；本系统只登记已经作出的决定。"
    if row.follow_up_on and not today < row.follow_up_on <= date(today.year + 2, 12, 31):
        errors["follow_up_on"] = f"跟进日期须晚于今天，不晚于 {today.year + 2} 年底。"
    if row.follow_up_on and len(row.requirements) < REASON_AT_LEAST:
        errors["requirements"] = "设了跟进日期的，请写明整改要求。"
    if not files:
        errors["files"] = "请上传处理决定。"
    if errors:
        raise ValidationError(errors)


def _save_once(row: AccountabilityMeasure, *, by: Person) -> None:
    try:
        with transaction.atomic():
            save_as(row, by=by, reason=f"登记问责处理：{row.kind}")
    except IntegrityError as error:
        raise ValidationError({"document_number": "这个文号对该对象的这种处理已登记，请核对。"}) from error


def _commission() -> Organisation:
    return Organisation.objects.get(kind=Organisation.Kind.COMMISSION)


def _owed(row: AccountabilityMeasure, *, by: Person) -> Duty | None:
    """跟进 as a duty: neutral words, since the ledger is read by more than may know of the measure."""
    office = _commission()
    owner = heads_of([office.pk]).get(office.pk)
    year = WorkYear.objects.filter(closed_on=None, year__lte=row.follow_up_on.year).order_by("-year").first()
    if owner is None or year is None:
        return None
    return assign(
        title=f"跟进监督事项 {row.number}",
        organisation=office,
        owner=owner,
        work_year=year.year,
        due_on=row.follow_up_on,
        by=by,
        clause=Clause.objects.filter(regulation=year.regulation_id, key=CLAUSE).first(),
        requirement="到期了解整改情况并登记。",
    )


def _count(row: AccountabilityMeasure, act: str, title: str, *, by: Person, duties=()) -> None:
    """The commission's own record that it pursued: a number, and neither whom nor why."""
    year = duties[0].work_year if duties else row.work_year
    if year.is_closed:
        return
    file_proof(
        by=by,
        organisation=_commission(),
        act=ActKind.objects.get(code=act),
        work_year=year.year,
        title=title,
        content="内容限定范围，见问责处理登记。",
        duties=duties,
    )


def _tell(row: AccountabilityMeasure, title: str, *, by: Person) -> None:
    """The secretary, and whom it concerns; nothing of it in the words."""
    from supervision.services.schemes import secretaries

    people = secretaries()
    if row.person_id:
        people.append(row.person)
    else:
        held = Tenure.objects.in_office(timezone.localdate()).filter(
            post__organisation=row.organisation_id, post__role=Role.UNIT_SECRETARY
        )
        people += Person.objects.filter(pk__in=held.values("person"), is_active=True)
    url = reverse("accountability_measure", args=[row.pk])
    notify([one for one in people if one != by], kind=Notice.Kind.SUPERVISION, title=title, url=url)


# ── 以后 ─────────────────────────────────────────────────────────────────────────────────────


def _locked(row: AccountabilityMeasure, *, by: Person) -> AccountabilityMeasure:
    if not may_record(by):
        raise PermissionDenied(RECORDERS)
    if row.person_id == by.pk:
        raise PermissionDenied("对本人的问责处理由其他同志办理。")
    related = ("kind", "organisation", "person", "work_year", "duty_to_follow__work_year")
    row = lock_and_read(AccountabilityMeasure.objects.select_related(*related), row.pk)
    if not row.is_standing:
        raise ValidationError("这项登记已撤销，不能再办理。")
    return row


@transaction.atomic
def follow_up(row: AccountabilityMeasure, *, by: Person, words: str, on: date) -> AccountabilityMeasure:
    """登记跟进情况: once; the duty to follow up is done with it."""
    row = _locked(row, by=by)
    if row.followed_on:
        raise ValidationError(f"已于 {row.followed_on} 登记跟进情况。")
    errors = {}
    if len(words.strip()) < WORDS_AT_LEAST:
        errors["words"] = f"请写明整改和跟进情况，至少 {WORDS_AT_LEAST} 个字。"
    if not row.decided_on <= on <= timezone.localdate():
        errors["on"] = f"跟进日期须在 {row.decided_on} 与今天之间。"
    if errors:
        raise ValidationError(errors)
    row.follow_up, row.followed_on, row.followed_by = words.strip(), on, by
    save_as(row, by=by, reason="登记跟进情况")
    if (duty := row.duty_to_follow) and duty.is_open:
        _count(row, FOLLOW_ACT, duty.title, by=by, duties=[duty])
    return row


@transaction.atomic
def change_influence(
    row: AccountabilityMeasure, *, by: Person, influence_from: date | None, influence_until: date | None, reason: str
) -> AccountabilityMeasure:
    """调整影响期, with a reason: what its kind says is a rule of thumb, the decision itself goes before."""
    row = _locked(row, by=by)
    errors = {}
    if len(reason.strip()) < REASON_AT_LEAST:
        errors["reason"] = f"请写明调整的依据，至少 {REASON_AT_LEAST} 个字。"
    if (influence_from is None) != (influence_until is None):
        errors["influence_until"] = "影响期的起止日期须成对填写。"
    elif influence_from and influence_until < influence_from:
        errors["influence_until"] = f"不能早于 {influence_from}。"
    if errors:
        raise ValidationError(errors)
    row.influence_from, row.influence_until = influence_from, influence_until
    row.influence_reason = reason.strip()
    save_as(row, by=by, reason=f"调整影响期：{reason.strip()}")
    return row


@transaction.atomic
def lift(row: AccountabilityMeasure, *, by: Person, on: date, reason: str) -> AccountabilityMeasure:
    """解除: by another decision made elsewhere."""
    row = _locked(row, by=by)
    errors = {}
    if row.lifted_on:
        raise ValidationError(f"已于 {row.lifted_on} 解除。")
    if len(reason.strip()) < REASON_AT_LEAST:
        errors["reason"] = f"请写明解除的依据，如文号，至少 {REASON_AT_LEAST} 个字。"
    if not row.decided_on <= on <= timezone.localdate():
        errors["on"] = f"解除日期须在 {row.decided_on} 与今天之间。"
    if errors:
        raise ValidationError(errors)
    row.lifted_on, row.lift_reason = on, reason.strip()
    save_as(row, by=by, reason=f"解除：{reason.strip()}")
    _tell(row, "问责处理解除", by=by)
    return row


@transaction.atomic
def withdraw(row: AccountabilityMeasure, *, by: Person, reason: str) -> AccountabilityMeasure:
    """撤销登记 entered in error: the row stays, with why; it counts for nothing."""
    row = _locked(row, by=by)
    if len(reason.strip()) < WORDS_AT_LEAST:
        raise ValidationError({"reason": f"请写明撤销登记的原因，至少 {WORDS_AT_LEAST} 个字。"})
    row.state, row.withdrawn_reason = AccountabilityMeasure.State.WITHDRAWN, reason.strip()
    save_as(row, by=by, reason=f"撤销登记：{reason.strip()}")
    if (duty := row.duty_to_follow) and duty.is_open and not duty.work_year.is_closed:
        duty.state = Duty.State.WAIVED
        save_as(duty, by=by, reason="不再要求：所跟进的监督事项登记有误")
    return row
