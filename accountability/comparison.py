"""版本比较: two versions clause by clause and obligation by obligation, matched by key and code (五)."""

from dataclasses import dataclass, field
from enum import StrEnum

from accountability.models import Clause, Obligation, Occurrence, Regulation


class Kind(StrEnum):
    ADDED, ENDED, CHANGED, SAME = "added", "ended", "changed", "same"

    @property
    def label(self) -> str:
        return {"added": "新增", "ended": "终止", "changed": "变更", "same": "未变"}[self.value]

    @property
    def light(self) -> str:
        return {"added": "done", "ended": "late", "changed": "soon", "same": "idle"}[self.value]


@dataclass(frozen=True)
class FieldChange:
    """One field, before → after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class ObligationChange:
    kind: Kind
    before: Obligation | None
    after: Obligation | None
    fields: list[FieldChange]

    @property
    def title(self) -> str:
        return (self.after or self.before).title

    @property
    def facts(self) -> list[FieldChange]:
        """What an added or ended obligation says, for there is nothing to set beside it."""
        one = self.after or self.before
        return [FieldChange(label, "", tell(one)) for label, tell in OBLIGATION_FIELDS.items() if tell(one)]


@dataclass(frozen=True)
class ClauseChange:
    """One clause with what it asks for; it counts as changed also when only an obligation of it did."""

    kind: Kind
    before: Clause | None
    after: Clause | None
    fields: list[FieldChange]
    obligations: list[ObligationChange] = field(default_factory=list)

    @property
    def clause(self) -> Clause:
        return self.after or self.before

    @property
    def stirred(self) -> list[ObligationChange]:
        return [each for each in self.obligations if each.kind != Kind.SAME]

    @property
    def same(self) -> list[ObligationChange]:
        return [each for each in self.obligations if each.kind == Kind.SAME]


@dataclass(frozen=True)
class Comparison:
    """版本比较."""

    before: Regulation | None
    after: Regulation
    clauses: list[ClauseChange]

    @property
    def stirred(self) -> list[ClauseChange]:
        return [each for each in self.clauses if each.kind != Kind.SAME]

    @property
    def same(self) -> list[ClauseChange]:
        return [each for each in self.clauses if each.kind == Kind.SAME]

    @property
    def before_is_bare(self) -> bool:
        """The former version was kept with its name and period alone."""
        return all(each.before is None for each in self.clauses)

    @property
    def figures(self) -> list[dict]:
        """Clauses and obligations by kind of change; clauses by their own wording alone."""
        obligations = [each for clause in self.clauses for each in clause.obligations]
        return [
            {
                "kind": kind,
                "clauses": sum(_own_kind(each) == kind for each in self.clauses),
                "obligations": sum(each.kind == kind for each in obligations),
            }
            for kind in Kind
        ]


def _own_kind(change: ClauseChange) -> Kind:
    return Kind.SAME if change.kind == Kind.CHANGED and not change.fields else change.kind


def day_words(occurrence: Occurrence) -> str:
    """3 月 10 日, 次年 1 月 31 日, with the occurrence's own name."""
    year = "次年 " if occurrence.is_next_year else ""
    label = f"（{occurrence.label}）" if occurrence.label else ""
    return f"{year}{occurrence.month} 月 {occurrence.day} 日{label}"


def times_words(obligation: Obligation) -> str:
    if obligation.is_open_ended:
        return "不设次数（N）"
    days = [day_words(one) for one in obligation.occurrences.all()]
    return f"{len(days)} 次：{'，'.join(days)}" if days else "未填"


def acts_words(obligation: Obligation) -> str:
    return "、".join(act.name for act in obligation.acts.all())


CLAUSE_FIELDS = {
    "条款号": lambda clause: clause.number,
    "要点": lambda clause: clause.summary,
    "其他支撑": lambda clause: clause.support,
}
OBLIGATION_FIELDS = {
    "责任要求": lambda one: one.title,
    "简称": lambda one: one.short_title,
    "条款": lambda one: one.clause.number,
    "责任主体": lambda one: one.get_subject_display(),
    "承担者": lambda one: one.get_bearer_display(),
    "责任人角色": lambda one: one.get_owner_role_display(),
    "履责方式": acts_words,
    "完成条件": lambda one: one.requirement,
    "协同单位": lambda one: "、".join(one.helper_names),
    "次数与日期": times_words,
}


def compare(before: Regulation | None, after: Regulation) -> Comparison:
    """Six queries, however long the two are."""
    old_clauses, new_clauses = _clauses(before), _clauses(after)
    old = {one.code: one for clause in old_clauses.values() for one in clause.obligations.all()}
    new = {one.code: one for clause in new_clauses.values() for one in clause.obligations.all()}
    changes = [_clause_change(old_clauses.get(key), clause, old, new) for key, clause in new_clauses.items()]
    changes += [_clause_change(clause, None, old, new) for key, clause in old_clauses.items() if key not in new_clauses]
    return Comparison(before, after, changes)


def _clauses(regulation: Regulation | None) -> dict[str, Clause]:
    if regulation is None:
        return {}
    rows = regulation.clauses.order_by("rank", "pk").prefetch_related("obligations__acts", "obligations__occurrences")
    clauses = {clause.key: clause for clause in rows}
    for clause in clauses.values():
        for one in clause.obligations.all():
            one.clause = clause
    return clauses


def _clause_change(before: Clause | None, after: Clause | None, old: dict, new: dict) -> ClauseChange:
    """An obligation moved to another clause is told where it stands now."""
    rows = [_obligation_change(old.get(one.code), one) for one in (after.obligations.all() if after else ())]
    rows += [
        _obligation_change(one, None) for one in (before.obligations.all() if before else ()) if one.code not in new
    ]
    fields = _differences(before, after, CLAUSE_FIELDS)
    kind = _kind(before, after, bool(fields) or any(each.kind != Kind.SAME for each in rows))
    return ClauseChange(kind, before, after, fields, rows)


def _obligation_change(before: Obligation | None, after: Obligation | None) -> ObligationChange:
    fields = _differences(before, after, OBLIGATION_FIELDS)
    return ObligationChange(_kind(before, after, bool(fields)), before, after, fields)


def _kind(before, after, differs: bool) -> Kind:
    if before is None:
        return Kind.ADDED
    if after is None:
        return Kind.ENDED
    return Kind.CHANGED if differs else Kind.SAME


def _differences(before, after, fields: dict) -> list[FieldChange]:
    if before is None or after is None:
        return []
    told = [FieldChange(label, tell(before), tell(after)) for label, tell in fields.items()]
    return [change for change in told if change.before != change.after]
