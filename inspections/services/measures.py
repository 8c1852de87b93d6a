"""落实措施: report progress, complete with proof, ask for more time (三（四）1)."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from accountability import access
from accountability.locking import lock_and_read
from accountability.models import ActKind, Duty, Notice, Organisation, Person, Record
from accountability.models.history import save_as
from accountability.own_pages import Occasion, OwnPage, recorded_elsewhere
from accountability.services.duties import ways_of
from accountability.services.notices import notify, people_with
from accountability.services.records import after_decision, file_record, held_by_decision
from inspections.models import Extension, Finding, KindResult, Measure
from inspections.models.rounds import manages
from inspections.services.duties import due_day, follow
from inspections.services.progress_duties import keep

ACT = "rectification"
DESCRIBED_AT_LEAST = 10


@ways_of
def ways_to_rectify(duty: Duty) -> list[str]:
    return [ACT] if Measure.objects.filter(duty=duty).exists() else []


def _where_to_complete(occasion: Occasion) -> str:
    """Proof of a measure asks for a text of each kind, which the ordinary form does not know."""
    measure = Measure.objects.filter(duty=occasion.duty).first() if occasion.duty else None
    return reverse("measure", args=[measure.pk]) if measure else reverse("measures_listed")


def _measure_told_by(record: Record) -> str:
    measure = Measure.objects.filter(duty__evidence__record=record).first()
    return reverse("measure", args=[measure.pk]) if measure else ""


recorded_elsewhere(ACT, OwnPage("看这项措施", _where_to_complete, _measure_told_by))


def may_work_on(user: Person, measure: Measure) -> bool:
    """牵头单位 records what was done."""
    return access.may(user, "keep_record", measure.lead)


def _locked(measure: Measure, *, by: Person) -> Measure:
    finding = Finding.objects.select_for_update(of=("self",)).get(pk=measure.finding_id)
    measure = lock_and_read(Measure.objects.select_related("lead", "duty"), measure.pk)
    measure.finding = finding
    if not may_work_on(by, measure):
        raise PermissionDenied(f"这项措施由牵头单位{measure.lead.name}办理。")
    if finding.state != Finding.State.WORKING:
        raise ValidationError(f"问题当前是「{finding.get_state_display()}」，措施不能再改。")
    return measure


@transaction.atomic
def report_progress(measure: Measure, *, by: Person, progress: str, is_mostly_done: bool = False) -> Measure:
    """填报进展; 已完成 is not said here but proved (``complete``)."""
    measure = _locked(measure, by=by)
    if len(progress.strip()) < DESCRIBED_AT_LEAST:
        raise ValidationError({"progress": f"请写明进展，至少 {DESCRIBED_AT_LEAST} 个字。"})
    measure.progress = progress.strip()
    measure.completion = Measure.Completion.MOSTLY if is_mostly_done else Measure.Completion.UNDONE
    save_as(measure, by=by, reason="填报整改进展")
    return measure


@transaction.atomic
def complete(
    measure: Measure,
    *,
    by: Person,
    progress: str,
    happened_on: date,
    results: dict[str, str],
    files: Iterable[UploadedFile],
) -> Record:
    """完成措施: words, a text for every kind it is of, and at least one paper; filed as proof of its duty."""
    measure = _locked(measure, by=by)
    files = list(files)
    _check_complete(measure, progress, results, files)
    record = file_record(
        by=by,
        organisation=measure.lead,
        act=ActKind.objects.get(code=ACT),
        work_year=measure.duty.work_year_id,
        title=f"整改措施落实：{measure.text}"[:120],
        happened_on=happened_on,
        content=progress.strip(),
        sitting=next_sitting(measure.lead, ACT, happened_on),
        duties=[measure.duty],
        files=files,
    )
    for kind in measure.kind_list:
        result = measure.results.filter(kind=kind).first() or KindResult(measure=measure, kind=kind)
        result.text = results[kind].strip()
        result.full_clean()
        save_as(result, by=by, reason="填写分类成效")
    measure.progress, measure.completion = progress.strip(), Measure.Completion.DONE
    save_as(measure, by=by, reason="完成措施，提交佐证")
    return record


def _check_complete(measure: Measure, progress: str, results: dict[str, str], files: list) -> None:
    errors: dict[str, str] = {}
    if len(progress.strip()) < DESCRIBED_AT_LEAST:
        errors["progress"] = f"请写明完成内容，至少 {DESCRIBED_AT_LEAST} 个字。"
    for kind in measure.kind_list:
        if len(results.get(kind, "").strip()) < 4:
            errors[f"result_{kind}"] = f"这项措施属于「{kind}」，请写明{kind}的成效，至少 4 个字。"
    if not files and not has_proof(measure):
        errors["files"] = "请上传至少一份佐证材料。"
    if errors:
        raise ValidationError(errors)


def has_proof(measure: Measure) -> bool:
    """有佐证: an accepted record with at least one paper."""
    return (
        measure.duty is not None
        and measure.duty.evidence.filter(
            record__state=Record.State.ACCEPTED, record__attachments__isnull=False
        ).exists()
    )


def next_sitting(organisation: Organisation, act: str, on: date) -> int:
    """当日第几次: one unit may do the same for several measures, rounds or problems on one day."""
    same = Record.objects.standing().filter(organisation=organisation, post=None, act__code=act, happened_on=on)
    number = (same.aggregate(last=Max("sitting"))["last"] or 0) + 1
    if number > 20:
        raise ValidationError({"happened_on": f"{on} 已登记 20 次同类事项，请如实分日填写。"})
    return number


@held_by_decision
def hold_measures(record: Record) -> None:
    """The problem first, as whoever reports on a measure locks them."""
    if record.act.code != ACT:
        return
    proved = Measure.objects.filter(duty__evidence__record=record).order_by("pk")
    problems = Finding.objects.filter(pk__in=proved.order_by().values("finding")).order_by("pk")
    list(problems.select_for_update().values_list("pk"))
    list(
        Measure.objects.select_for_update()
        .filter(pk__in=list(proved.values_list("pk", flat=True)))
        .order_by("pk")
        .values_list("pk")
    )


@after_decision
def reopen_measure(record: Record, by: Person) -> None:
    """A proof that was returned or withdrawn proves nothing: the measure is no longer 已完成."""
    if record.act.code != ACT or record.state not in (Record.State.RETURNED, Record.State.WITHDRAWN):
        return
    for measure in Measure.objects.filter(duty__evidence__record=record, completion=Measure.Completion.DONE):
        if not has_proof(measure):
            measure.completion = Measure.Completion.MOSTLY
            save_as(measure, by=by, reason=f"佐证{record.get_state_display()}，改为基本完成")


@after_decision
def finish_measure(record: Record, by: Person) -> None:
    """A proof that was returned, mended and accepted proves what it said: the measure is 已完成 again."""
    if record.act.code != ACT or record.state != Record.State.ACCEPTED:
        return
    unfinished = Measure.objects.filter(duty__evidence__record=record).exclude(completion=Measure.Completion.DONE)
    for measure in unfinished:
        if set(measure.kind_list) <= set(measure.results.values_list("kind", flat=True)) and has_proof(measure):
            measure.completion = Measure.Completion.DONE
            save_as(measure, by=by, reason="补正后的佐证审核通过，恢复为已完成")


# ── 延期 ─────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def ask_extension(measure: Measure, *, by: Person, to: date, reason: str) -> Extension:
    """申请延期."""
    measure = _locked(measure, by=by)
    if measure.duty and not measure.duty.is_open:
        raise ValidationError("这项措施的责任已完成，不需要延期。")
    if len(reason.strip()) < DESCRIBED_AT_LEAST:
        raise ValidationError({"reason": f"请写明延期原因，至少 {DESCRIBED_AT_LEAST} 个字。"})
    if measure.due_on is None:
        raise ValidationError(f"「{measure.get_term_display()}」的措施没有时限，不能申请延期。")
    if measure.extensions.filter(state=Extension.State.ASKED).exists():
        raise ValidationError("这项措施已有一个待审批的延期申请。")
    if to <= measure.due_on or to > date(measure.due_on.year + 2, 12, 31):
        raise ValidationError({"to_on": f"延期后的日期须晚于原时限 {measure.due_on}，且不超过两年。"})
    row = Extension(
        measure=measure, from_on=measure.due_on, to_on=to, reason=reason.strip(), asked_by=by, asked_at=timezone.now()
    )
    row.full_clean()
    save_as(row, by=by, reason="申请延期")
    return row


@transaction.atomic
def decide_extension(row: Extension, *, by: Person, grants: bool, opinion: str = "") -> Extension:
    """审批延期: by 巡察办 or 纪委, never by who asked. ``scheduled_on`` of the duty stays: the move remains visible."""
    row = lock_and_read(Extension.objects.select_related("measure__finding__round"), row.pk)
    if not manages(by):
        raise PermissionDenied("延期由巡察办或纪委审批。")
    if row.asked_by_id == by.pk:
        raise PermissionDenied("申请人不能审批自己的延期申请。")
    if row.state != Extension.State.ASKED:
        raise ValidationError(f"这个延期申请{row.get_state_display()}，不能再审批。")
    if not grants and len(opinion.strip()) < DESCRIBED_AT_LEAST:
        raise ValidationError({"opinion": f"不同意延期的，请写明理由，至少 {DESCRIBED_AT_LEAST} 个字。"})
    row.state = Extension.State.GRANTED if grants else Extension.State.REFUSED
    row.decided_by, row.decided_at, row.opinion = by, timezone.now(), opinion.strip()[:300]
    save_as(row, by=by, reason=row.get_state_display())
    if grants:
        _extend(row, by=by)
    notify(
        [row.asked_by],
        kind=Notice.Kind.ACCEPTED if grants else Notice.Kind.RETURNED,
        title=f"延期申请{row.get_state_display()}：{row.measure.text}"[:160],
        body=row.opinion,
        url=reverse("finding", args=[row.measure.finding_id]),
    )
    return row


def _extend(row: Extension, *, by: Person) -> None:
    """The problem first, as whoever reports on a measure locks them."""
    finding = Finding.objects.select_for_update(of=("self",)).get(pk=row.measure.finding_id)
    measure = lock_and_read(Measure.objects.select_related("duty", "lead", "finding__round"), row.measure_id)
    reason = f"延期：{row.reason}"
    measure.due_on = row.to_on
    save_as(measure, by=by, reason=reason)
    follow([measure], measure.finding.round, by=by, reason=reason)
    if finding.due_on is None or finding.due_on < row.to_on:
        finding.due_on = row.to_on
        save_as(finding, by=by, reason=reason)
    keep(measure.finding.round, by=by, on=timezone.localdate(), reason=reason)


def day_of(measure: Measure) -> date:
    return due_day(measure, measure.finding.round)


def tell_confirmers(finding: Finding, *, title: str, by: Person) -> None:
    people = [person for person in people_with("confirm_record", finding.organisation) if person != by]
    notify(people, kind=Notice.Kind.TO_CONFIRM, title=title[:160], url=reverse("finding", args=[finding.pk]))
