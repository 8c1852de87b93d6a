"""填报月报: one sitting for all measures a unit leads in a round; what was said is frozen, then stands in the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accountability import access
from accountability.locking import lock_and_read
from accountability.models import ActKind, Duty, Person, Record
from accountability.models.history import create_with_history, save_as, update_with_history
from accountability.own_pages import Occasion, OwnPage, recorded_elsewhere
from accountability.services import records
from accountability.services.duties import ways_of
from accountability.services.records import after_decision, counting_rule
from accountability.unclassified import refuse_marks
from inspections.models import Finding, Measure, ProgressLine, ProgressReport
from inspections.services.duties import BATCH
from inspections.services.measures import DESCRIBED_AT_LEAST, next_sitting
from inspections.services.progress_duties import OPEN_STATES

ACT = "rectification-progress"
Completion = Measure.Completion
CONTENT_AT_MOST = 19_000
LINE_AT_MOST = 400


@dataclass(frozen=True)
class Said:
    """What is said of one measure this month. 已完成 is not said but proved (``measures.complete``)."""

    progress: str
    is_mostly_done: bool = False

    @property
    def completion(self) -> str:
        return Completion.MOSTLY if self.is_mostly_done else Completion.UNDONE


# ── what the lower app asks ──────────────────────────────────────────────────────────────────


@ways_of
def ways_to_report(duty: Duty) -> list[str]:
    return [ACT] if ProgressReport.objects.filter(duty=duty).exists() else []


def _where_to_report(occasion: Occasion) -> str:
    report = ProgressReport.objects.filter(duty=occasion.duty).first() if occasion.duty else None
    return reverse("progress_report", args=[report.pk]) if report else reverse("inspections")


def _report_told_by(record: Record) -> str:
    report = ProgressReport.objects.filter(record=record).first()
    return reverse("progress_report", args=[report.pk]) if report else ""


recorded_elsewhere(ACT, OwnPage("看这期月报", _where_to_report, _report_told_by, mends=True))


@counting_rule
def only_a_report_counts(record: Record, duty: Duty) -> str:
    """A month's duty is done by its report, measure by measure, not by any record that names it."""
    report = ProgressReport.objects.filter(duty=duty).first()
    return "月报须在「整改进展月报」页逐条填报。" if report and report.record_id != record.pk else ""


# ── filing ───────────────────────────────────────────────────────────────────────────────────


def may_file(user: Person, report: ProgressReport) -> bool:
    return access.may(user, "keep_record", report.organisation)


def refusal_to_file(report: ProgressReport, user: Person) -> str:
    """Why this report cannot be filed now; empty when it can."""
    record, today = report.standing_record, timezone.localdate()
    if report.duty.state == Duty.State.WAIVED:
        return "这期月报已不再要求。"
    if today < report.month:
        return f"{report.month_words}的月报从 {report.month} 起填报。"
    if record is None:
        return ""
    if record.state == Record.State.RETURNED:
        if user.pk == record.entered_by_id or access.may(user, "confirm_record", report.organisation):
            return ""
        return f"上次由{record.entered_by.name}填报，已退回，请{record.entered_by.name}修改后重新提交。"
    return f"这期月报已由{record.entered_by.name}填报，当前是「{record.get_state_display()}」。"


def measures_of(report: ProgressReport) -> list[Measure]:
    """牵头措施 of problems not yet closed, in the ledger's order; the finished ones stand among them."""
    return list(
        Measure.objects.filter(
            finding__round=report.round_id,
            lead=report.organisation_id,
            finding__state__in=OPEN_STATES,
            duty__isnull=False,
        )
        .select_related("finding__round", "duty")
        .order_by("finding__serial", "finding__turn", "rank")
    )


def is_told(measure: Measure) -> bool:
    """Whether words are asked for: a finished measure has its proof, one under examination is not touched."""
    return measure.completion != Completion.DONE and measure.finding.state == Finding.State.WORKING


def former_lines(report: ProgressReport, measures: list[Measure]) -> dict[int, ProgressLine]:
    """上次月报: what the last confirmed report before this one said of each measure."""
    lines = ProgressLine.objects.filter(
        measure__in=[measure.pk for measure in measures],
        report__round=report.round_id,
        report__month__lt=report.month,
        report__record__state=Record.State.ACCEPTED,
    )
    return {line.measure_id: line for line in lines.select_related("report").order_by("report__month")}


@transaction.atomic
def file_report(report: ProgressReport, *, by: Person, said: Mapping[int, Said], note: str = "") -> ProgressReport:
    """填报: freeze what is said of each measure; it counts once the secretary has confirmed it, his own at once.

    The record is locked before the report, as a decision does.
    """
    list(Record.objects.select_for_update(of=("self",)).filter(progress_report=report))
    report = _locked(report)
    if not may_file(by, report):
        raise PermissionDenied(f"这期月报由{report.organisation.name}的经办人员填报。")
    if refusal := refusal_to_file(report, by):
        raise ValidationError(refusal)
    measures = measures_of(report)
    _check(measures, said)
    lines = _lines(report, measures, said)
    report.note = note.strip()
    _hand_in(report, lines, by=by)
    _keep_lines(report, lines, by=by)
    if report.record.state == Record.State.ACCEPTED:
        _enter_in_ledger(report, by=by)
    return report


def _locked(report: ProgressReport) -> ProgressReport:
    related = ("round", "organisation", "duty", "record__entered_by")
    return lock_and_read(ProgressReport.objects.select_related(*related), report.pk)


def _check(measures: list[Measure], said: Mapping[int, Said]) -> None:
    errors = {
        f"progress_{measure.pk}": f"请写明这条措施的进展，至少 {DESCRIBED_AT_LEAST} 个字。"
        for measure in measures
        if is_told(measure) and (measure.pk not in said or len(said[measure.pk].progress.strip()) < DESCRIBED_AT_LEAST)
    }
    if errors:
        raise ValidationError(errors)


def _lines(report: ProgressReport, measures: list[Measure], said: Mapping[int, Said]) -> list[ProgressLine]:
    known = {line.measure_id: line for line in report.lines.all()}
    formers = former_lines(report, measures)
    lines = []
    for measure in measures:
        told, former = is_told(measure), formers.get(measure.pk)
        line = known.get(measure.pk) or ProgressLine(report=report, measure=measure)
        if line.pk is None or told:  # the words before this report, also when it is handed in again
            line.former = former
            line.was_progress = former.progress if former else line.was_progress or measure.progress
            line.was_completion = former.completion if former else line.was_completion or measure.completion
        line.progress = said[measure.pk].progress.strip() if told else measure.progress
        line.completion = said[measure.pk].completion if told else measure.completion
        line.is_same = told and _words(line.progress) == _words(line.was_progress)
        line.full_clean(exclude=("report", "measure", "former"), validate_unique=False, validate_constraints=False)
        refuse_marks(line)
        lines.append(line)
    return lines


def _words(text: str) -> str:
    return "".join(text.split())


def _hand_in(report: ProgressReport, lines: list[ProgressLine], *, by: Person) -> None:
    """The report's record: mended by its author, or a new one."""
    record, content = report.standing_record, _content(report, lines)
    if record and record.entered_by_id == by.pk:
        report.record = records.revise(
            record, by=by, title=record.title, happened_on=record.happened_on, content=content
        )
        save_as(report, by=by, reason="按退回意见修改月报")
        return
    if record:
        records.decide(record, "withdraw", by=by, reason="退回后由书记重新填报")
    today = timezone.localdate()
    report.record = records.file_record(
        by=by,
        organisation=report.organisation,
        act=ActKind.objects.get(code=ACT),
        work_year=report.duty.work_year_id,
        title=report.duty.title,
        happened_on=today,
        content=content,
        sitting=next_sitting(report.organisation, ACT, today),
    )
    save_as(report, by=by, reason="填报整改进展月报")
    records.credit(report.duty, by=by, record=report.record)


def _content(report: ProgressReport, lines: list[ProgressLine]) -> str:
    """The report in words, for the record; the lines hold every word."""
    counts = [f"{label} {n} 条" for value, label in Completion.choices if (n := _count(lines, value))]
    same = sum(line.is_same for line in lines)
    head = f"牵头措施 {len(lines)} 条：{'，'.join(counts) or '无'}。" + (f"其中 {same} 条与此前相同。" if same else "")
    told = [
        f"{line.measure.finding.number} {line.measure.text[:60]}（{line.get_completion_display()}）："
        f"{line.progress[:LINE_AT_MOST]}"
        for line in lines
    ]
    return "\n".join([head, *([report.note] if report.note else []), *told])[:CONTENT_AT_MOST]


def _count(lines: list[ProgressLine], completion: str) -> int:
    return sum(line.completion == completion for line in lines)


def _keep_lines(report: ProgressReport, lines: list[ProgressLine], *, by: Person) -> None:
    reason = "填报整改进展月报"
    fields = ["progress", "completion", "former", "was_progress", "was_completion", "is_same"]
    fresh, known = [line for line in lines if line.pk is None], [line for line in lines if line.pk]
    create_with_history(fresh, by=by, reason=reason, batch_size=BATCH)
    update_with_history(known, fields, by=by, reason=reason)


@after_decision
def enter_when_confirmed(record: Record, by: Person) -> None:
    """审核通过: from now on the ledger says what the report says."""
    if record.act.code != ACT or record.state != Record.State.ACCEPTED:
        return
    if report := ProgressReport.objects.filter(record=record).first():
        _enter_in_ledger(report, by=by)


def _enter_in_ledger(report: ProgressReport, *, by: Person) -> None:
    """整改台账 takes the words over, but never over a proof handed in meanwhile or a problem under examination."""
    lines = {line.measure_id: line for line in report.lines.exclude(completion=Completion.DONE)}
    # The problems first: what is put under examination meanwhile is not written over.
    problems = Measure.objects.filter(pk__in=lines).values("finding")
    list(Finding.objects.select_for_update().filter(pk__in=problems).order_by("pk").values_list("pk"))
    measures = (
        Measure.objects.select_for_update(of=("self",))
        .filter(pk__in=lines, finding__state=Finding.State.WORKING)
        .exclude(completion=Completion.DONE)
        .order_by("pk")
    )
    changed = []
    for measure in measures:
        line = lines[measure.pk]
        if (measure.progress, measure.completion) != (line.progress, line.completion):
            measure.progress, measure.completion = line.progress, line.completion
            changed.append(measure)
    reason = f"{report.month_words}整改进展月报"
    update_with_history(changed, ["progress", "completion"], by=by, reason=reason)
