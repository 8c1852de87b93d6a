"""整改台账: what a file would add and change, then all of it or nothing; and the same layout written out (三（四）1).

A row of the file is one measure. Problems are matched by their number, measures by their words, then by their place.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from accountability.models import Organisation, Person
from accountability.models.history import save_as
from accountability.services.attachments import check_upload
from accountability.services.safekeeping import intact_bytes
from accountability.unclassified import refuse_marks
from inspections.models import Finding, LedgerImport, Measure, Round, UnitAlias
from inspections.reading.ledger import Book, Complaint, MeasureRow, ProblemRow, read_content
from inspections.services.duties import BATCH, add_helpers, follow, open_duties
from inspections.services.places import Places
from inspections.services.progress_duties import keep
from inspections.services.rounds import only_managers

State = LedgerImport.State
FINDING_FIELDS = ("category", "sub_category", "text", "symptoms", "implementation", "is_focus", "goal")
MEASURE_FIELDS = (
    "text", "kinds", "leader_words", "leader_id", "lead_id", "helper_words", "owner_words", "owner_id", "term", "due_on",
    "is_kept_up", "in_period", "progress", "completion", "remark",
)  # fmt: skip
UPDATED = tuple(name.removesuffix("_id") for name in MEASURE_FIELDS)


@dataclass
class Planned:
    """One measure as the file has it, beside the row it would change."""

    row: MeasureRow
    measure: Measure
    is_new: bool
    changes: dict[str, tuple] = field(default_factory=dict)
    helpers: list[Organisation] = field(default_factory=list)


@dataclass
class PlannedFinding:
    row: ProblemRow
    finding: Finding
    is_new: bool
    changes: dict[str, tuple] = field(default_factory=dict)
    measures: list[Planned] = field(default_factory=list)


@dataclass
class Plan:
    """导入计划: ``complaints`` stop it; ``notes`` do not."""

    complaints: list[Complaint] = field(default_factory=list)
    notes: list[Complaint] = field(default_factory=list)
    unknown_units: dict[str, int] = field(default_factory=dict)
    findings: list[PlannedFinding] = field(default_factory=list)

    @property
    def rows(self) -> Iterator[Planned]:
        return (one for finding in self.findings for one in finding.measures)

    def counts(self) -> dict[str, int]:
        """Rows of the file: one is a measure; a changed problem counts with the row its own cells stand in."""
        created = updated = 0
        for finding in self.findings:
            for number, one in enumerate(finding.measures):
                own = bool(finding.changes) and number == 0
                created += one.is_new
                updated += not one.is_new and bool(one.changes or own)
        total = sum(len(finding.measures) for finding in self.findings)
        return {
            "problems": len(self.findings),
            "measures": total,
            "created": created,
            "updated": updated,
            "unchanged": total - created - updated,
        }

    @property
    def fingerprint(self) -> str:
        told = [
            (finding.finding.pk, sorted(finding.changes.items()), one.measure.pk, sorted(one.changes.items()))
            for finding in self.findings
            for one in finding.measures
        ]
        return hashlib.sha256(repr(told).encode()).hexdigest()


class Planner:
    """From what was read to what would be written; nothing is written here."""

    def __init__(self, row: Round, book: Book) -> None:
        self.round, self.book, self.plan = row, book, Plan(complaints=list(book.complaints))
        self.places = Places()
        latest: dict[int, Finding] = {}
        for finding in row.findings.order_by("turn").select_related("round"):
            latest[finding.serial] = finding
        self.latest = latest
        self.by_text = {finding.text: finding for finding in latest.values()}
        self.measures: dict[int, list[Measure]] = {}
        known = Measure.objects.filter(finding__in=[one.pk for one in latest.values()] or [0])
        for measure in known.select_related("duty", "lead").order_by("rank"):
            self.measures.setdefault(measure.finding_id, []).append(measure)
        serials = [problem.serial for problem in book.problems]
        self.by_serial = None not in serials and len(set(serials)) == len(serials)
        self.last = max(latest, default=0)

    def make(self) -> Plan:
        if self.round.feedback_on is None or self.round.stage != Round.Stage.RECTIFYING:
            raise ValidationError(f"「{self.round.name}」还没有登记反馈日期或已经结束，不能导入整改台账。")
        for problem in self.book.problems:
            self.plan.findings.append(self._finding(problem))
        return self.plan

    def _complain(self, row, column: str, value: str, reason: str) -> None:
        self.plan.complaints.append(Complaint(row.sheet, row.row, column, value, reason))

    def _finding(self, problem: ProblemRow) -> PlannedFinding:
        found = self.latest.get(problem.serial) if self.by_serial else self.by_text.get(problem.text)
        values = {name: getattr(problem, name) for name in FINDING_FIELDS}
        if found is None:
            if self.by_serial:
                serial = problem.serial
            else:
                self.last += 1
                serial = self.last
            finding = Finding(round=self.round, serial=serial, state=Finding.State.WORKING, **values)
            planned = PlannedFinding(problem, finding, is_new=True)
        else:
            planned = PlannedFinding(problem, found, is_new=False, changes=_differences(found, values))
        self._measures(planned)
        is_changed = planned.changes or any(one.is_new or one.changes for one in planned.measures)
        if not planned.is_new and is_changed and found.state not in Finding.CHANGEABLE:
            state = found.get_state_display()
            words = f"问题 {found.number} 当前是「{state}」，台账不能再改动它；请保持原样，或先退回再导入。"
            self._complain(problem, "具体问题", problem.text[:40], words)
        return planned

    def _measures(self, planned: PlannedFinding) -> None:
        left = list(self.measures.get(planned.finding.pk, ())) if planned.finding.pk else []
        rows = planned.row.measures
        matched: dict[int, Measure] = {}
        for number, row in enumerate(rows):  # the same words first, wherever they stand now
            if same := next((one for one in left if one.text == row.text), None):
                matched[number] = same
                left.remove(same)
        rank = max((one.rank for one in self.measures.get(planned.finding.pk, ())), default=0)
        for number in range(len(rows)):
            if number not in matched and left and len(rows) <= len(matched) + len(left):
                matched[number] = left.pop(0)
        for number, row in enumerate(rows):
            values, helpers = self._values(row)
            if values is None:
                continue
            if number in matched:
                measure = matched[number]
                values = _kept(measure, row, values)
                one = Planned(row, measure, False, _differences(measure, values), helpers)
            else:
                rank += 1
                measure = Measure(rank=rank, **values)
                # Known already: ten thousand rows must not ask for them one by one.
                measure.lead, measure.owner = self.places.units[row.lead], self.places.by_pk[values["owner_id"]]
                one = Planned(row, measure, True, {"text": (None, row.text)}, helpers)
            planned.measures.append(one)

    def _values(self, row: MeasureRow) -> tuple[dict | None, list[Organisation]]:
        lead = self._unit(row, "牵头单位", row.lead)
        helpers = [unit for name in row.helpers if (unit := self._unit(row, "配合单位", name))]
        owner = self.places.owner(lead, row.owner) if lead else None
        if lead and owner is None:
            self._complain(row, "牵头单位", row.lead, "该单位没有设置岗位，无人可以承担，请先在“组织与岗位”中设置。")
        leader = self.places.leader(row.leader)
        if row.leader and leader is None:
            note = "没有这个校领导职务，按原文保留，不关联岗位。"
            self.plan.notes.append(Complaint(row.sheet, row.row, "责任领导", row.leader, note))
        if lead is None or owner is None:
            return None, helpers
        term = (
            Measure.Term.DAY
            if row.term.day
            else (Measure.Term.IMMEDIATE if row.term.is_immediate else Measure.Term.LONG)
        )
        within = row.term.day is not None and row.term.day <= self.round.rectify_by
        return {
            "text": row.text,
            "kinds": "、".join(row.kinds),
            "leader_words": row.leader,
            "leader_id": leader.pk if leader else None,
            "lead_id": lead.pk,
            "helper_words": "、".join(row.helpers),
            "owner_words": row.owner,
            "owner_id": owner.pk,
            "term": term,
            "due_on": row.term.day,
            "is_kept_up": row.is_kept_up,
            "in_period": within if row.in_period is None else row.in_period,
            "progress": row.progress,
            "completion": row.completion,
            "remark": row.remark,
        }, helpers

    def _unit(self, row: MeasureRow, column: str, name: str) -> Organisation | None:
        if not name:
            return None
        unit = self.places.units.get(name)
        if unit is None:
            self.plan.unknown_units[name] = self.plan.unknown_units.get(name, 0) + 1
            self._complain(row, column, name, f"系统里没有「{name}」这个单位，请在页面上为它选定单位，或改成全称。")
        return unit


def _kept(measure: Measure, row: MeasureRow, values: dict) -> dict:
    """What the file does not say stays: a column it does not have, an owner another post has taken over."""
    if row.in_period is None:
        values["in_period"] = measure.in_period
    if measure.owner_words == row.owner and measure.lead_id == values["lead_id"]:
        values["owner_id"] = measure.owner_id
    return values


def _differences(row, values: dict) -> dict[str, tuple]:
    return {name: (getattr(row, name), new) for name, new in values.items() if getattr(row, name) != new}


def plan_ledger(row: Round, content: bytes) -> Plan:
    return Planner(row, read_content(content)).make()


@transaction.atomic
def receive(row: Round, file: UploadedFile, *, by: Person) -> tuple[LedgerImport, Plan]:
    """上传: the file is kept and planned. It can be confirmed once nothing in it is wrong."""
    only_managers(by)
    if not file.name.lower().endswith(".xlsx"):
        raise ValidationError(f"「{file.name}」不是 .xlsx 文件，请在 Excel 或 WPS 中另存为 .xlsx 后上传。")
    name = check_upload(file).name
    file.seek(0)
    content = file.read()
    plan = plan_ledger(row, content)
    kept = LedgerImport(
        round=row, name=name, sha256=hashlib.sha256(content).hexdigest(), uploaded_by=by, uploaded_at=timezone.now(),
        fingerprint=plan.fingerprint, **plan.counts(),
    )  # fmt: skip
    kept.file.save("ledger.xlsx", ContentFile(content), save=False)
    save_as(kept, by=by, reason="上传整改台账")
    return kept, plan


def plan_of(kept: LedgerImport) -> Plan:
    return plan_ledger(kept.round, intact_bytes(kept.file, kept.sha256, "保存的台账文件"))


@transaction.atomic
def map_units(kept: LedgerImport, chosen: dict[str, Organisation], *, by: Person) -> Plan:
    """选定单位: what the ledger calls a unit is known from now on; the plan is made anew."""
    only_managers(by)
    kept = _waiting(kept)
    for name, organisation in chosen.items():
        save_as(UnitAlias(name=name[:60], organisation=organisation, chosen_by=by), by=by, reason="导入台账时选定")
    plan = plan_of(kept)
    for name, value in plan.counts().items():
        setattr(kept, name, value)
    kept.fingerprint = plan.fingerprint
    save_as(kept, by=by, reason="选定单位后重新预览")
    return plan


def _waiting(kept: LedgerImport) -> LedgerImport:
    kept = LedgerImport.objects.select_for_update(of=("self",)).select_related("round").get(pk=kept.pk)
    if kept.state != State.WAITING:
        raise ValidationError(f"这份台账{kept.get_state_display()}，不能再办理。")
    return kept


@transaction.atomic
def confirm(kept: LedgerImport, *, by: Person) -> LedgerImport:
    """确定导入: planned again under the lock; refused when what stands has changed since the preview."""
    only_managers(by)
    kept = _waiting(kept)
    plan = plan_of(kept)
    if plan.complaints:
        raise ValidationError("台账里还有需要修改之处，没有写入任何一行。")
    if plan.fingerprint != kept.fingerprint:
        raise ValidationError("预览之后系统里的台账有了变化，结果会与预览不同，因此没有写入。请重新上传、重新预览。")
    write(kept.round, plan, by=by, reason=f"导入台账：{kept.name}")
    kept.state, kept.decided_at = State.DONE, timezone.now()
    save_as(kept, by=by, reason="导入台账")
    return kept


@transaction.atomic
def drop(kept: LedgerImport, *, by: Person) -> LedgerImport:
    only_managers(by)
    kept = _waiting(kept)
    kept.state, kept.decided_at = State.DROPPED, timezone.now()
    save_as(kept, by=by, reason="放弃导入")
    return kept


@transaction.atomic
def write(row: Round, plan: Plan, *, by: Person, reason: str) -> None:
    """写入: findings, measures, their duties and who helps, in bulk with their history; all or nothing."""
    row = Round.objects.select_for_update(of=("self",)).get(pk=row.pk)
    try:
        with transaction.atomic():
            _write_findings(plan, by=by, reason=reason)
            _write_measures(row, plan, by=by, reason=reason)
            keep(row, by=by, on=timezone.localdate(), reason=reason)
    except IntegrityError as error:
        raise ValidationError("导入时与他人的修改冲突，没有写入任何一行。请重新上传、重新预览。") from error


def _write_findings(plan: Plan, *, by: Person, reason: str) -> None:
    now = timezone.now()
    fresh, changed = [], []
    for one in plan.findings:
        finding = one.finding
        due_on = max(
            (each.row.term.day for each in one.measures if each.row.term.day), default=finding.round.rectify_by
        )
        if one.is_new:
            finding.organisation_id = one.measures[0].measure.lead_id
            finding.entered_by, finding.entered_at, finding.due_on = by, now, due_on
            fresh.append(finding)
        elif one.changes or finding.due_on != due_on:
            for name, (_, new) in one.changes.items():
                setattr(finding, name, new)
            finding.due_on = due_on
            changed.append(finding)
        refuse_marks(finding, "")
    settings = {"batch_size": BATCH, "default_user": by, "default_change_reason": reason}
    bulk_create_with_history(fresh, Finding, **settings)
    bulk_update_with_history(changed, Finding, [*FINDING_FIELDS, "due_on"], **settings)
    by_serial = {(finding.serial, finding.turn): finding for finding in Finding.objects.filter(round=_round_of(plan))}
    for one in plan.findings:
        one.finding = by_serial[one.finding.serial, one.finding.turn]


def _round_of(plan: Plan):
    return plan.findings[0].finding.round_id if plan.findings else None


def _write_measures(row: Round, plan: Plan, *, by: Person, reason: str) -> None:
    settings = {"batch_size": BATCH, "default_user": by, "default_change_reason": reason}
    fresh, changed, helped = [], [], []
    for finding in plan.findings:
        for one in finding.measures:
            measure = one.measure
            measure.named_helpers = one.helpers
            refuse_marks(measure, "")
            if one.is_new:
                measure.finding = finding.finding
                fresh.append(measure)
            elif one.changes:
                for name, (_, new) in one.changes.items():
                    setattr(measure, name, new)
                changed.append(measure)
                if "helper_words" in one.changes:
                    helped.append(measure)
    open_duties(fresh, row, by=by, reason=reason)
    bulk_create_with_history(fresh, Measure, **settings)
    bulk_update_with_history(changed, Measure, UPDATED, **settings)
    follow(changed, row, by=by, reason=reason)
    _name_helpers(fresh, helped, by=by, reason=reason)


def _name_helpers(fresh: Iterable[Measure], helped: Iterable[Measure], *, by: Person, reason: str) -> None:
    """配合单位, of measures and of their duties; who no longer helps with an open duty is taken off it."""
    through = Measure.helpers.through
    pks = dict(Measure.objects.filter(duty__in=[one.duty_id for one in fresh]).values_list("duty", "pk"))
    for measure in fresh:
        measure.pk = measure.pk or pks[measure.duty_id]
    for measure in helped:
        measure.helpers.clear()
        for cooperation in measure.duty.cooperations.all() if measure.duty else ():
            cooperation._history_user, cooperation._change_reason = by, reason
            cooperation.delete()
    rows = [
        through(measure_id=measure.pk, organisation_id=unit.pk)
        for measure in (*fresh, *helped)
        for unit in dict.fromkeys(measure.named_helpers)
    ]
    through.objects.bulk_create(rows, batch_size=BATCH)
    add_helpers([*fresh, *helped], by=by, reason=reason)
