"""导入计划: what a file would add and change, what it does not speak of, and what is wrong. Nothing is written here."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.core.exceptions import ValidationError

from accountability.models import Organisation, Post
from accountability.models.insertion import new_row
from inspections.models import Finding, Measure, Round
from inspections.reading.ledger import Book, Complaint, MeasureRow, ProblemRow
from inspections.reading.names import tidy, words
from inspections.services.matching import Pairs, pair_measures
from inspections.services.places import Places, is_everybody

FINDING_FIELDS = ("category", "sub_category", "text", "symptoms", "implementation", "is_focus", "goal")
# Field of a measure → the column of the file that speaks of it; without that column what stands is left alone.
COLUMN_OF = {
    "kinds": "kinds", "leader_words": "leader", "leader_id": "leader", "owner_words": "owner", "progress": "progress",
    "completion": "completion", "remark": "remark",
}  # fmt: skip
ONE_LINE = frozenset(("leader_words", "owner_words", "helper_words"))
Term = Measure.Term


class Who(NamedTuple):
    """Of a measure: who leads, answers, is responsible and helps; the last in words and as units."""

    lead: Organisation | None
    owner: int | None
    leader: int | None
    helper_words: str
    helpers: list[Organisation]


@dataclass(slots=True)
class Planned:
    """One measure as the file has it, beside the row it would change; a new row is made when somebody asks for it."""

    row: MeasureRow
    known: Measure | None
    who: Who
    changes: dict[str, tuple] = field(default_factory=dict)
    rank: int = 0  # of a new one
    within: date | None = None
    made: Measure | None = None

    @property
    def is_new(self) -> bool:
        return self.known is None

    @property
    def helpers(self) -> list[Organisation]:
        return self.who.helpers

    @property
    def measure(self) -> Measure:
        if self.known is not None:
            return self.known
        if self.made is None:
            self.made = new_row(Measure, values_of(self.row, self.who, self.within) | {"rank": self.rank})
            self.made.lead = self.who.lead  # known already: ten thousand rows must not ask for it one by one
        return self.made

    @property
    def place(self) -> tuple[int | None, int]:
        """Its number, if it has one, and its lead unit."""
        return (self.known.pk, self.known.lead_id) if self.known else (None, self.who.lead.pk)


def values_of(row: MeasureRow, who: Who, rectify_by: date | None) -> dict:
    """What a measure would hold, by column."""
    term = Term.DAY if row.term.day else (Term.IMMEDIATE if row.term.is_immediate else Term.LONG)
    within = row.term.day is not None and row.term.day <= rectify_by
    return {
        "text": row.text,
        "kinds": "、".join(row.kinds),
        "leader_words": row.leader,
        "leader_id": who.leader,
        "lead_id": who.lead.pk,
        "helper_words": who.helper_words,
        "owner_words": row.owner,
        "owner_id": who.owner,
        "term": term,
        "due_on": row.term.day,
        "is_kept_up": row.is_kept_up,
        "in_period": within if row.in_period is None else row.in_period,
        "progress": row.progress,
        "completion": row.completion,
        "remark": row.remark,
    }


def told_by(row: ProblemRow) -> dict:
    """What a finding would hold, by column."""
    return {name: getattr(row, name) for name in FINDING_FIELDS}


@dataclass(slots=True)
class PlannedFinding:
    """One problem as the file has it, beside the finding it would change; a new one too is made when it is asked for."""

    row: ProblemRow
    round: Round
    known: Finding | None
    serial: int
    changes: dict[str, tuple] = field(default_factory=dict)
    measures: list[Planned] = field(default_factory=list)
    absent: list[Measure] = field(default_factory=list)
    made: Finding | None = None

    @property
    def is_new(self) -> bool:
        return self.known is None

    @property
    def finding(self) -> Finding:
        if self.known is not None:
            return self.known
        if self.made is None:
            more = {"serial": self.serial, "state": Finding.State.WORKING, "round_id": self.round.pk}
            self.made = new_row(Finding, told_by(self.row) | more)
            self.made.round = self.round
        return self.made

    @property
    def is_changed(self) -> bool:
        return self.is_new or bool(self.changes) or any(one.is_new or one.changes for one in self.measures)


@dataclass
class Plan:
    """``complaints`` stop it; ``notes`` do not. ``absent``: findings of the round the file does not speak of."""

    complaints: list[Complaint] = field(default_factory=list)
    notes: list[Complaint] = field(default_factory=list)
    unknown_units: dict[str, int] = field(default_factory=dict)
    proposals: dict[str, Organisation] = field(default_factory=dict)
    findings: list[PlannedFinding] = field(default_factory=list)
    absent: list[Finding] = field(default_factory=list)
    absent_of: dict[int, list[Measure]] = field(default_factory=dict)

    @property
    def rows(self) -> Iterator[Planned]:
        return (one for finding in self.findings for one in finding.measures)

    @property
    def absent_measures(self) -> list[tuple[Finding, Measure]]:
        """表中没有、系统中有: left as they are, and shown."""
        whole = [(finding, one) for finding in self.absent for one in self.absent_of.get(finding.pk, ())]
        return whole + [(finding.known, one) for finding in self.findings for one in finding.absent]

    def counts(self) -> dict[str, int]:
        """Rows of the file: one is a measure; a changed problem counts with the row its own cells stand in.

        A row that was complained of is none of created, updated and unchanged.
        """
        created = updated = known = 0
        for finding in self.findings:
            known += len(finding.measures)
            for number, one in enumerate(finding.measures):
                own = bool(finding.changes) and number == 0
                created += one.is_new
                updated += not one.is_new and bool(one.changes or own)
        return {
            "problems": len(self.findings),
            "measures": sum(len(finding.row.measures) for finding in self.findings),
            "created": created,
            "updated": updated,
            "unchanged": known - created - updated,
        }

    @property
    def fingerprint(self) -> str:
        """Of everything that would be written: new rows by their values, others by what changes."""
        told = hashlib.sha256()
        for finding in self.findings:
            if finding.is_changed:
                known = finding.known.pk if finding.known else None
                told.update(repr((known, finding.serial, list(finding.changes.items()))).encode())
                for one in finding.measures:
                    if one.is_new or one.changes:
                        told.update(repr((*one.place, list(one.changes.items()))).encode())
        return told.hexdigest()


class Planner:
    """From what was read to what would be written; nothing is written here."""

    def __init__(self, row: Round, book: Book) -> None:
        self.round, self.book = row, book
        self.plan = Plan(complaints=list(book.complaints), notes=list(book.notes))
        self.places = Places()
        self.whos: dict[tuple, Who] = {}
        latest: dict[int, Finding] = {}
        for finding in row.findings.order_by("turn").defer("lacking"):
            finding.round = row
            latest[finding.serial] = finding
        self.measures: dict[int, list[Measure]] = {}
        known = Measure.objects.filter(finding__round=row, finding__successor=None)
        for measure in known.select_related("duty", "lead__parent").order_by("rank"):
            self.measures.setdefault(measure.finding_id, []).append(measure)
        self.pairs = Pairs(book.problems, latest.values(), self.measures)
        self.taken = set(latest)
        self.last = max([*latest, *self.pairs.once], default=0)

    def make(self) -> Plan:
        if self.round.feedback_on is None or self.round.stage != Round.Stage.RECTIFYING:
            raise ValidationError(f"「{self.round.name}」还没有登记反馈日期或已经结束，不能导入整改台账。")
        for problem in self.book.problems:
            self.plan.findings.append(self._finding(problem))
        self.plan.absent, self.plan.absent_of = self.pairs.absent, self.measures
        return self.plan

    def _complain(self, row, column: str, value: str, reason: str) -> None:
        self.plan.complaints.append(Complaint(row.sheet, row.row, column, value, reason))

    def _note(self, row, column: str, value: str, reason: str) -> None:
        self.plan.notes.append(Complaint(row.sheet, row.row, column, value, reason))

    def _finding(self, problem: ProblemRow) -> PlannedFinding:
        found = self.pairs.of(problem)
        if found is None:
            planned = PlannedFinding(problem, self.round, None, self._serial(problem))
        else:
            told = {name: value for name, value in told_by(problem).items() if _column(name) in problem.told}
            planned = PlannedFinding(problem, self.round, found, found.serial, _differences(found, told))
            if problem.serial in self.pairs.once and problem.serial != found.serial:
                self._note(
                    problem, "序号", str(problem.serial), f"系统中的序号是 {found.serial}，按问题原文对应，序号不改。"
                )
        self._measures(planned)
        if problem.is_bare and not (found and not self.measures.get(found.pk)):
            self._complain(problem, "整改措施", "", "这个问题没有一条整改措施，请填写。")
        if not planned.is_new and planned.is_changed and found.state not in Finding.CHANGEABLE:
            state = found.get_state_display()
            reason = f"问题 {found.number} 当前是「{state}」，台账不能再改动它；请保持原样，或先退回再导入。"
            self._complain(problem, "具体问题", problem.text[:40], reason)
        return planned

    def _serial(self, problem: ProblemRow) -> int:
        """Its own number, unless another problem has it; then, and without one, the next."""
        serial = problem.serial
        if serial not in self.pairs.once or serial in self.taken:
            if serial in self.pairs.once:
                self._note(problem, "序号", str(serial), "这个序号在系统中是另一个问题，按新问题登记，序号顺延。")
            self.last += 1
            serial = self.last
        self.taken.add(serial)
        return serial

    def _measures(self, planned: PlannedFinding) -> None:
        known = self.measures.get(planned.known.pk, []) if planned.known else []
        rows = planned.row.measures
        found, planned.absent = pair_measures(rows, known)
        rank = max((one.rank for one in known), default=0)
        for place, row in enumerate(rows):
            measure = found.get(place)
            who = self._who(row, measure)
            if who.lead is None or who.owner is None:
                continue
            if measure is not None:
                values = _kept(measure, row, values_of(row, who, self.round.rectify_by), planned.row.told)
                one = Planned(row, measure, who, _differences(measure, values))
            else:
                rank += 1
                told = {"text": (None, row.text), "due_on": (None, row.term.day)}
                one = Planned(row, None, who, told, rank, self.round.rectify_by)
            planned.measures.append(one)

    def _who(self, row: MeasureRow, known: Measure | None) -> Who:
        """Found once for all new rows that say the same and of which nothing is to be told."""
        said = (row.lead, row.helpers, row.owner, row.leader)
        if known is None and said in self.whos:
            return self.whos[said]
        told = len(self.plan.complaints) + len(self.plan.notes)
        leads = self.places.named([row.lead]) if row.lead else []
        names = [*leads[1:], *self.places.named(row.helpers)]
        lead = self._lead(row, leads[0] if leads else "", known)
        helpers = [unit for name in names if (unit := self._helper(row, name, known))]
        owner = self._owner(row, lead, known)
        leader = self._leader(row)
        who = Who(lead, owner, leader.pk if leader else None, "、".join(dict.fromkeys(names)), helpers)
        if known is None and told == len(self.plan.complaints) + len(self.plan.notes):
            self.whos[said] = who
        return who

    def _lead(self, row: MeasureRow, name: str, known: Measure | None) -> Organisation | None:
        """A unit that was dissolved since is still the one its own measures name."""
        if known is not None and tidy(known.lead.name) == name:
            return known.lead
        return self._unit(row, "牵头单位", name)

    def _helper(self, row: MeasureRow, name: str, known: Measure | None) -> Organisation | None:
        unit = self.places.unit(name)
        if unit is not None:
            return unit
        if is_everybody(name):
            self._note(row, "配合单位", name, "不是某一个单位，按原文保留，不关联单位。")
        elif known is None or name not in known.helper_words.split("、"):
            self._unit(row, "配合单位", name)
        return None

    def _owner(self, row: MeasureRow, lead: Organisation | None, known: Measure | None) -> int | None:
        if lead is None:
            return None
        owner: Post | None = self.places.owner(lead, row.owner)
        if owner is not None:
            return owner.pk
        if known is not None and known.lead_id == lead.pk:
            return known.owner_id
        self._complain(row, "牵头单位", row.lead, "该单位没有设置岗位，无人可以承担，请先在“组织与岗位”中设置。")
        return None

    def _leader(self, row: MeasureRow) -> Post | None:
        leader = self.places.leader(row.leader)
        if row.leader and leader is None:
            self._note(row, "责任领导", row.leader, "没有这个校领导职务，按原文保留，不关联岗位。")
        return leader

    def _unit(self, row: MeasureRow, column: str, name: str) -> Organisation | None:
        if not name:
            return None
        unit = self.places.unit(name)
        if unit is None:
            self.plan.unknown_units[name] = self.plan.unknown_units.get(name, 0) + 1
            if name not in self.plan.proposals and (near := self.places.nearest(name)):
                self.plan.proposals[name] = near
            self._complain(row, column, name, f"系统里没有「{name}」这个单位，请在页面上为它选定单位，或改成全称。")
        return unit


def _column(name: str) -> str:
    return "focus" if name == "is_focus" else name


def _kept(measure: Measure, row: MeasureRow, values: dict, told: frozenset[str]) -> dict:
    """What the file does not say stays: a column it does not have, a post another has taken over."""
    values = {
        name: value for name, value in values.items() if COLUMN_OF.get(name, name) in told or name not in COLUMN_OF
    }
    if row.in_period is None:
        values["in_period"] = measure.in_period
    if "kept_up" not in told and not row.term.is_long_term:
        values["is_kept_up"] = measure.is_kept_up
    if "helpers" not in told and not values["helper_words"]:
        values["helper_words"] = measure.helper_words
    if ("owner" not in told or tidy(measure.owner_words) == row.owner) and measure.lead_id == values["lead_id"]:
        values["owner_id"] = measure.owner_id
    if tidy(measure.leader_words) == row.leader and "leader_id" in values:
        values["leader_id"] = measure.leader_id
    return values


def _differences(row, values: dict) -> dict[str, tuple]:
    """What would really change: how a text is spaced at its ends is no change."""
    changes = {}
    for name, new in values.items():
        old = getattr(row, name)
        if old != new and not (isinstance(old, str) and new == (tidy(old) if name in ONE_LINE else words(old))):
            changes[name] = (old, new)
    return changes
