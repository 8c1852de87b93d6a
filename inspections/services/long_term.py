"""长期坚持复核: each review day is a duty of the unit; its account is confirmed there and verified by others (三（四）1)."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Min
from django.urls import reverse
from django.utils import timezone

from accountability import access
from accountability.locking import lock_and_read
from accountability.models import ActKind, Duty, Notice, Organisation, Person, Record, WorkYear
from accountability.models.history import save_as
from accountability.own_pages import Occasion, OwnPage, recorded_elsewhere
from accountability.services import records
from accountability.services.duties import assign, ways_of
from accountability.services.notices import notify, people_with
from accountability.services.records import after_decision, counting_rule, held_by_decision
from inspections.closing import REVIEW_TRANSITIONS
from inspections.models import Finding, LongTermReview
from inspections.services.duties import clause_of, year_of
from inspections.services.measures import DESCRIBED_AT_LEAST, next_sitting, tell_confirmers
from inspections.services.places import heads_of

ACT = "long-term-account"
State = LongTermReview.State
YEARS_AHEAD_AT_MOST = 3
REQUIREMENT = "报告坚持的情况和成效，经本单位党组织书记审核、巡察办或纪委核验后，继续长期坚持或销号。"


# ── what the lower app asks ──────────────────────────────────────────────────────────────────


@ways_of
def ways_to_account(duty: Duty) -> list[str]:
    return [ACT] if LongTermReview.objects.filter(duty=duty).exists() else []


def _where_to_account(occasion: Occasion) -> str:
    review = LongTermReview.objects.filter(duty=occasion.duty).first() if occasion.duty else None
    return reverse("long_term_review", args=[review.pk]) if review else reverse("inspections")


def _review_told_by(record: Record) -> str:
    review = LongTermReview.objects.filter(record=record).first()
    return reverse("long_term_review", args=[review.pk]) if review else ""


recorded_elsewhere(ACT, OwnPage("看这次复核", _where_to_account, _review_told_by, mends=True))


@counting_rule
def only_an_account_counts(record: Record, duty: Duty) -> str:
    review = LongTermReview.objects.filter(duty=duty).first()
    return "长期坚持情况须在「长期坚持复核」页报告。" if review and review.record_id != record.pk else ""


# ── days of review ───────────────────────────────────────────────────────────────────────────


def open_review(finding: Finding, *, by: Person, due_on: date) -> LongTermReview:
    """确定复核日: a duty of the unit that answers for the finding. The caller holds the finding's lock."""
    today = timezone.localdate()
    if due_on > date(today.year + YEARS_AHEAD_AT_MOST, 12, 31):
        raise ValidationError({"review_on": f"下次复核日期不能晚于 {today.year + YEARS_AHEAD_AT_MOST} 年底。"})
    years = list(WorkYear.objects.filter(closed_on=None).order_by("year"))
    if not years:
        raise ValidationError("没有开启的工作年度，复核不能列入责任台账；请先由党委办公室开启年度。")
    unit, year = finding.organisation, year_of(due_on, years)
    owner = heads_of([unit.pk]).get(unit.pk)
    if owner is None:
        raise ValidationError(f"{unit.name}没有设置责任人岗位，复核不能列入责任台账；请先由党委办公室设置岗位。")
    duty = assign(
        title=f"长期坚持情况报告：{finding.text}"[:120],
        organisation=unit,
        owner=owner,
        work_year=year.year,
        due_on=due_on,
        by=by,
        clause=clause_of(year),
        requirement=REQUIREMENT,
    )
    review = LongTermReview(
        finding=finding, number=finding.reviews.count() + 1, opened_on=today, duty=duty, state=State.OWED
    )
    save_as(review, by=by, reason=f"确定 {due_on} 复核")
    return review


def stop_review(finding: Finding, *, by: Person, reason: str) -> None:
    """不再复核: the finding has come back under a new number; what was owed of the old one no longer is."""
    review = LongTermReview.objects.select_for_update(of=("self",)).filter(finding=finding).under_way().first()
    if review is None:
        return
    review.state, review.opinion = State.STOPPED, reason[:500]
    review.decided_by, review.decided_on = by, timezone.localdate()
    save_as(review, by=by, reason="不再复核")
    duty = Duty.objects.select_for_update().get(pk=review.duty_id)
    if duty.is_open:
        duty.state = Duty.State.WAIVED
        save_as(duty, by=by, reason="问题反弹，已重新立账，不再要求复核报告")


# ── the unit gives account ───────────────────────────────────────────────────────────────────


def may_account(user: Person, review: LongTermReview) -> bool:
    return access.may(user, "keep_record", review.finding.organisation)


def refusal_to_account(review: LongTermReview, user: Person) -> str:
    """Why no account can be given now; empty when it can."""
    record = review.standing_record
    if review.state != State.OWED:
        return f"这次复核当前是「{review.get_state_display()}」，不能再报告。"
    if record is None:
        return ""
    if record.state == Record.State.RETURNED:
        if user.pk == record.entered_by_id or access.may(user, "confirm_record", review.finding.organisation):
            return ""
        return f"上次由{record.entered_by.name}报告，已退回，请{record.entered_by.name}修改后重新提交。"
    return f"{record.entered_by.name}已经报告，等本单位党组织书记审核。"


@transaction.atomic
def give_account(
    review: LongTermReview, *, by: Person, text: str, files: Iterable[UploadedFile] = ()
) -> LongTermReview:
    """报告长期坚持情况: filed for the unit; the secretary confirms a liaison's. Locks the record first, as a decision does."""
    list(Record.objects.select_for_update(of=("self",)).filter(long_term_review=review))
    review = _locked(review)
    if not may_account(by, review):
        raise PermissionDenied(f"长期坚持情况由{review.finding.organisation.name}的经办人员报告。")
    if refusal := refusal_to_account(review, by):
        raise ValidationError(refusal)
    if len(text.strip()) < DESCRIBED_AT_LEAST:
        raise ValidationError({"text": f"请写明坚持的情况和成效，至少 {DESCRIBED_AT_LEAST} 个字。"})
    _hand_in(review, text.strip(), list(files), by=by)
    if review.record.state == Record.State.ACCEPTED:
        _to_verify(review, by=by)
    return review


def _locked(review: LongTermReview) -> LongTermReview:
    related = ("finding__round", "finding__organisation", "duty", "record__entered_by")
    return lock_and_read(LongTermReview.objects.select_related(*related), review.pk)


def _hand_in(review: LongTermReview, text: str, files: list[UploadedFile], *, by: Person) -> None:
    record, unit, today = review.standing_record, review.finding.organisation, timezone.localdate()
    if record and record.entered_by_id == by.pk:
        review.record = records.revise(
            record, by=by, title=record.title, happened_on=record.happened_on, content=text, files=files
        )
        save_as(review, by=by, reason="按退回意见修改报告")
        return
    if record:
        records.decide(record, "withdraw", by=by, reason="退回后由书记重新报告")
    review.record = records.file_record(
        by=by,
        organisation=unit,
        act=ActKind.objects.get(code=ACT),
        work_year=review.duty.work_year_id,
        title=review.duty.title,
        happened_on=today,
        content=text,
        sitting=next_sitting(unit, ACT, today),
        files=files,
    )
    save_as(review, by=by, reason="报告长期坚持情况")
    records.credit(review.duty, by=by, record=review.record)


def _review_by(record: Record) -> LongTermReview | None:
    if record.act.code != ACT:
        return None
    return LongTermReview.objects.select_for_update(of=("self",)).filter(record=record).first()


@held_by_decision
def hold_review(record: Record) -> None:
    _review_by(record)


@after_decision
def follow_account(record: Record, by: Person) -> None:
    """Confirmed: it waits for the verifier. Withdrawn: it is owed again, unless somebody has already judged by it.

    A review that was stopped meanwhile stays so, whatever becomes of the account.
    """
    review = _review_by(record)
    if review is None:
        return
    review.record = record
    if record.state == Record.State.ACCEPTED and review.state == State.OWED:
        _to_verify(review, by=by)
    elif record.state == Record.State.WITHDRAWN and review.state == State.FILED:
        review.state, review.filed_by, review.confirmed_by = State.OWED, None, None
        save_as(review, by=by, reason="报告作废，须重新报告")
    elif record.state == Record.State.WITHDRAWN and review.state not in LongTermReview.UNDER_WAY:
        raise ValidationError("这份报告已经核验，不能作废。")


def _to_verify(review: LongTermReview, *, by: Person) -> None:
    record = review.record
    review.state = State.FILED
    review.filed_by, review.confirmed_by = record.entered_by, record.decided_by
    save_as(review, by=by, reason="单位审核通过，等核验" if record.decided_by else "书记本人报告，等核验")
    school = Organisation.objects.get(kind=Organisation.Kind.SCHOOL)
    verifiers = [
        person
        for person in people_with("manage_inspections", school)
        if person.pk not in (review.filed_by_id, review.confirmed_by_id)
    ]
    notify(
        verifiers,
        kind=Notice.Kind.INSPECTION,
        title=f"待核验长期坚持情况：{review.finding.text}"[:160],
        url=reverse("long_term_review", args=[review.pk]),
    )


# ── somebody else decides ────────────────────────────────────────────────────────────────────


@transaction.atomic
def decide(
    review: LongTermReview, name: str, *, by: Person, opinion: str = "", review_on: date | None = None
) -> LongTermReview:
    """核验: 继续长期坚持 or 退回补报 with the next day, or 销号 by three different people."""
    transition = REVIEW_TRANSITIONS[name]
    finding = lock_and_read(Finding.objects.select_related("organisation"), review.finding_id)
    review = _locked(review)
    review.finding = finding
    opinion = transition.checked(review, by=by, reason=opinion)
    today = timezone.localdate()
    if name != "close_kept" and (review_on is None or review_on <= today):
        raise ValidationError({"review_on": "请填写下次复核日期，须晚于今天。"})
    review.state, review.opinion = transition.target, opinion
    review.decided_by, review.decided_on = by, today
    if name == "close_kept":
        _close(finding, review, by=by, today=today)
    save_as(review, by=by, reason=f"{transition.label}：{opinion}" if opinion else transition.label)
    if name != "close_kept":
        open_review(finding, by=by, due_on=review_on)
        finding.review_on = review_on
        save_as(finding, by=by, reason=f"{transition.label}，{review_on} 复核")
    _tell(review, by=by)
    return review


def _close(finding: Finding, review: LongTermReview, *, by: Person, today: date) -> None:
    """销号 from 长期坚持. In time when it was set to be kept up in time: what was agreed to last is not late for lasting."""
    from inspections.services.closing import lacking_for_closing

    if finding.state != Finding.State.LONG_TERM:
        raise ValidationError(f"问题当前是「{finding.get_state_display()}」，不能由复核销号。")
    if review.confirmed_by_id is None:
        raise ValidationError(
            "这次由书记本人报告，没有第二人审核；销号须有填报、审核、核验三人，请退回后由经办人员报告。"
        )
    if lacking := lacking_for_closing(finding):
        raise ValidationError(lacking)
    kept_since = finding.reviews.aggregate(first=Min("opened_on"))["first"]
    finding.state = Finding.State.CLOSED
    finding.applied_by, finding.applied_on = review.filed_by, review.record.entered_on
    finding.reviewed_by = review.confirmed_by
    finding.reviewed_on = timezone.localdate(review.record.decided_at)
    finding.verified_by, finding.closed_on, finding.review_on = by, today, None
    finding.closed_in_time = finding.due_on is None or kept_since <= finding.due_on
    save_as(finding, by=by, reason="长期坚持复核后销号")


def _tell(review: LongTermReview, *, by: Person) -> None:
    """告知: who filed and who confirmed hear it; the secretary is asked again where an account was sent back."""
    if review.state == State.BACK:
        tell_confirmers(review.finding, title=f"退回补报长期坚持情况：{review.finding.text}", by=by)
    people = [person for person in (review.filed_by, review.confirmed_by) if person and person != by]
    kind = Notice.Kind.RETURNED if review.state == State.BACK else Notice.Kind.ACCEPTED
    notify(
        people,
        kind=kind,
        title=f"{review.get_state_display()}：{review.finding.text}"[:160],
        body=review.opinion[:300],
        url=reverse("long_term_review", args=[review.pk]),
    )


@transaction.atomic
def follow_years(*, by: Person) -> None:
    """归入工作年度: a review due in a year that was not open when its day was set belongs to that year once it is."""
    years = {year.year for year in WorkYear.objects.filter(closed_on=None)}
    duties = Duty.objects.select_for_update().filter(
        long_term_review__state=State.OWED, state=Duty.State.OPEN, due_on__year__in=years
    )
    for duty in duties:
        if duty.work_year_id != duty.due_on.year and not duty.evidence.exists():
            duty.work_year_id = duty.due_on.year
            save_as(duty, by=by, reason=f"归入 {duty.due_on.year} 工作年度")
