"""起草: a new version is copied from the one in force and edited row by row; only a draft may be edited (五)."""

from collections.abc import Sequence
from datetime import date
from uuid import uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction

from accountability import access
from accountability.models import ActKind, Bearer, Clause, Obligation, Occurrence, Person, Regulation, Role
from accountability.models.history import create_with_history, save_as
from accountability.services.opening import POST_ROLES

# 责任人: the roles that answer for duties; administrators and inspectors owe none.
OWNER_ROLES = [
    role for role in Role if role not in (Role.INSPECTOR, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
]
TIMES_AT_MOST = 24
NOT_A_DRAFT = "《{}》已有施行日期，不能修改；需要改动请起草新版本。"


def refuse_unless_draft(regulation: Regulation) -> None:
    """五: what is or was in force stays as it was published."""
    if not regulation.is_draft:
        raise ValidationError(NOT_A_DRAFT.format(regulation))


def _locked(regulation: Regulation, *, by: Person) -> Regulation:
    """The draft itself is the lock of all its rows, so that nothing changes while it is put in force."""
    if not access.may_manage_duties(by):
        raise PermissionDenied("制度由党委办公室起草。")
    found = Regulation.objects.select_for_update().filter(pk=regulation.pk).first()
    if found is None:
        raise ValidationError("这份草稿已被作废。")
    refuse_unless_draft(found)
    return found


# ── the draft as a whole ─────────────────────────────────────────────────────────────────────


@transaction.atomic
def draft_from(
    source: Regulation | None, *, by: Person, title: str, document_number: str = "", issued_on: date | None = None
) -> Regulation:
    """起草新版本: everything of ``source`` copied; keys and codes stay, so that both can be compared."""
    if not access.may_manage_duties(by):
        raise PermissionDenied("制度由党委办公室起草。")
    draft = Regulation(
        code=f"version-{uuid4().hex[:12]}", title=title, document_number=document_number, issued_on=issued_on
    )
    draft.full_clean()
    save_as(draft, by=by, reason=f"以《{source}》起草新版本" if source else "起草新制度")
    if source:
        _copy(source, draft, by=by)
    return draft


def _copy(source: Regulation, draft: Regulation, *, by: Person) -> None:
    reason = f"起草时抄自《{source}》"
    clauses = {clause.pk: _twin(clause, regulation=draft) for clause in source.clauses.all()}
    create_with_history(list(clauses.values()), by=by, reason=reason)
    known = Obligation.objects.filter(clause__regulation=source)
    obligations = {one.pk: _twin(one, clause=clauses[one.clause_id]) for one in known}
    create_with_history(list(obligations.values()), by=by, reason=reason)
    occurrences = Occurrence.objects.filter(obligation__in=known)
    create_with_history(
        [_twin(one, obligation=obligations[one.obligation_id]) for one in occurrences], by=by, reason=reason
    )
    acts = Obligation.acts.through
    acts.objects.bulk_create(
        acts(obligation=obligations[link.obligation_id], actkind_id=link.actkind_id)
        for link in acts.objects.filter(obligation__in=known).order_by("pk")
    )


def _twin(row: models.Model, **parent) -> models.Model:
    facts = {
        field.name: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key and field.name not in parent
    }
    return type(row)(**facts, **parent)


@transaction.atomic
def revise_draft(draft: Regulation, *, by: Person, title: str, document_number: str, issued_on: date | None) -> None:
    draft = _locked(draft, by=by)
    facts = {"title": title, "document_number": document_number, "issued_on": issued_on}
    _keep(draft, facts, by=by, reason="修改草稿名称与文号")


@transaction.atomic
def discard_draft(draft: Regulation, *, by: Person) -> None:
    """作废草稿: nothing was ever owed under it; what it said stays in its history."""
    draft = _locked(draft, by=by)
    for clause in draft.clauses.all():
        _remove_clause(clause, by=by, reason="作废草稿")
    _remove(draft, by=by, reason="作废草稿")


# ── clauses ──────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def add_clause(draft: Regulation, *, by: Person, after: Clause | None = None, **facts) -> Clause:
    """增加条款 behind ``after``, or in front of all."""
    draft = _locked(draft, by=by)
    clause = Clause(regulation=draft, **facts)
    _refuse_bad(clause)
    save_as(clause, by=by, reason="草稿增加条款")
    _place(clause, after, by=by)
    return clause


@transaction.atomic
def revise_clause(clause: Clause, *, by: Person, after: Clause | None = None, **facts) -> Clause:
    """修改条款, and put it behind ``after``, or in front of all."""
    draft = _locked(clause.regulation, by=by)
    clause = _still_there(draft.clauses.filter(pk=clause.pk).first(), "条款")
    _keep(clause, facts, by=by, reason="修改草稿条款")
    _place(clause, after, by=by)
    return clause


@transaction.atomic
def remove_clause(clause: Clause, *, by: Person) -> None:
    """从草稿删去条款, with all it asks for."""
    draft = _locked(clause.regulation, by=by)
    _remove_clause(_still_there(draft.clauses.filter(pk=clause.pk).first(), "条款"), by=by, reason="从草稿删去")


def _remove_clause(clause: Clause, *, by: Person, reason: str) -> None:
    for obligation in clause.obligations.all():
        _remove_obligation(obligation, by=by, reason=reason)
    _remove(clause, by=by, reason=reason)


def _place(clause: Clause, after: Clause | None, *, by: Person) -> None:
    """次序: clauses are numbered through, and their obligations after them."""
    if after is not None and after.regulation_id != clause.regulation_id:
        raise ValidationError({"after": "所选位置不在这份草稿里。"})
    others = [one for one in clause.regulation.clauses.order_by("rank", "pk") if one.pk != clause.pk]
    place = next((number for number, one in enumerate(others, 1) if after and one.pk == after.pk), 0)
    others.insert(place, clause)
    for rank, one in enumerate(others, 1):
        _keep(one, {"rank": rank}, by=by, reason="调整草稿次序", checked=False)
    _number_through(clause.regulation, by=by)


def _number_through(draft: Regulation, *, by: Person) -> None:
    rows = Obligation.objects.filter(clause__regulation=draft).order_by("clause__rank", "rank", "pk")
    for rank, one in enumerate(rows, 1):
        _keep(one, {"rank": rank}, by=by, reason="调整草稿次序", checked=False)


# ── obligations ──────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def add_obligation(
    clause: Clause, *, by: Person, acts: Sequence[ActKind], occurrences: Sequence[dict], **facts
) -> Obligation:
    """增加责任要求. Its code is given here and kept by every later version, so that they can be compared."""
    draft = _locked(clause.regulation, by=by)
    clause = _still_there(draft.clauses.filter(pk=clause.pk).first(), "条款")
    obligation = Obligation(code=f"o-{uuid4().hex[:12]}", rank=draft_size(draft) + 1)
    return _write_obligation(
        obligation, {"clause": clause} | facts, acts, occurrences, by=by, reason="草稿增加责任要求"
    )


@transaction.atomic
def revise_obligation(
    obligation: Obligation, *, by: Person, acts: Sequence[ActKind], occurrences: Sequence[dict], **facts
) -> Obligation:
    """修改责任要求, its ways of being done and its days; what did not change leaves no history."""
    draft = _locked(obligation.clause.regulation, by=by)
    found = _still_there(Obligation.objects.filter(pk=obligation.pk, clause__regulation=draft).first(), "责任要求")
    if "clause" in facts and facts["clause"].regulation_id != draft.pk:
        raise ValidationError({"clause": "所选条款不在这份草稿里。"})
    return _write_obligation(found, facts, acts, occurrences, by=by, reason="修改草稿责任要求")


@transaction.atomic
def remove_obligation(obligation: Obligation, *, by: Person) -> None:
    """从草稿删去责任要求."""
    draft = _locked(obligation.clause.regulation, by=by)
    found = Obligation.objects.filter(pk=obligation.pk, clause__regulation=draft).first()
    _remove_obligation(_still_there(found, "责任要求"), by=by, reason="从草稿删去")


def draft_size(draft: Regulation) -> int:
    return Obligation.objects.filter(clause__regulation=draft).count()


def _write_obligation(
    obligation: Obligation, facts: dict, acts: Sequence[ActKind], occurrences: Sequence[dict], *, by: Person, reason
) -> Obligation:
    is_open_ended = facts.get("is_open_ended", obligation.is_open_ended)
    if is_open_ended and occurrences:
        raise ValidationError({"is_open_ended": "不设次数（N）的责任要求没有应完成次，请清空各次或取消「不设次数」。"})
    if len(occurrences) > TIMES_AT_MOST:
        raise ValidationError(f"每年最多 {TIMES_AT_MOST} 次，现在填了 {len(occurrences)} 次。")
    known = set(obligation.acts.values_list("pk", flat=True)) if obligation.pk else set()
    wanted = {act.pk for act in acts}
    # The ways to do a duty keep no history of their own: the obligation's tells of it.
    _keep(obligation, facts, by=by, reason=reason, always=known != wanted)
    obligation.acts.set(wanted)
    _write_occurrences(obligation, occurrences, by=by)
    _number_through(obligation.clause.regulation, by=by)
    return obligation


def _write_occurrences(obligation: Obligation, occurrences: Sequence[dict], *, by: Person) -> None:
    """应完成次, numbered in the order given."""
    known = {one.number: one for one in obligation.occurrences.all()}
    for number, facts in enumerate(occurrences, 1):
        occurrence = known.pop(number, None) or Occurrence(obligation=obligation, number=number)
        _keep(occurrence, facts, by=by, reason="修改草稿应完成次")
    for occurrence in known.values():
        _remove(occurrence, by=by, reason="从草稿删去")


def _remove_obligation(obligation: Obligation, *, by: Person, reason: str) -> None:
    for occurrence in obligation.occurrences.all():
        _remove(occurrence, by=by, reason=reason)
    _remove(obligation, by=by, reason=reason)


# ── what is wrong with a draft ───────────────────────────────────────────────────────────────


def faults_of(draft: Regulation) -> list[str]:
    """不能施行的原因, each with the place to mend; empty when the draft may be put in force."""
    clauses = list(draft.clauses.prefetch_related("obligations__acts", "obligations__occurrences"))
    faults = [] if clauses else ["草稿没有条款。"]
    for clause in clauses:
        if not clause.number.strip():
            faults.append(f"编号 {clause.key} 的条款没有条款号。")
        if not clause.summary.strip():
            faults.append(f"条款 {clause.number} 没有要点。")
        for obligation in clause.obligations.all():
            faults += [f"{clause.number}「{obligation.title}」{fault}" for fault in _faults(obligation)]
    return faults


def _faults(obligation: Obligation) -> list[str]:
    faults = [] if list(obligation.acts.all()) else ["没有选履责方式。"]
    times = len(obligation.occurrences.all())
    if obligation.is_open_ended and times:
        faults.append("不设次数（N），却填了应完成次。")
    if not obligation.is_open_ended and not times:
        faults.append("没有填应完成次，也没有勾选不设次数（N）。")
    if refusal := owner_refusal(obligation.bearer, obligation.owner_role):
        faults.append(refusal)
    return faults


def owner_refusal(bearer: str, owner_role: str) -> str:
    """A duty owed in person is answered for by the very post that owes it."""
    roles = POST_ROLES.get(bearer)
    if roles is None or owner_role in roles:
        return ""
    words = "、".join(role.label for role in roles)
    return f"由{Bearer(bearer).label}本人承担，责任人角色应选{words}。"


# ── one row ──────────────────────────────────────────────────────────────────────────────────


def _still_there(row, what: str):
    if row is None:
        raise ValidationError(f"这条{what}已被他人从草稿删去。")
    return row


def _refuse_bad(row: models.Model) -> None:
    """Every rule of the model; a constraint of several fields is told in its own words."""
    row.full_clean()


def _keep(
    row: models.Model, facts: dict, *, by: Person, reason: str, always: bool = False, checked: bool = True
) -> None:
    """Save ``row`` when a fact differs, so that a form sent unchanged leaves no trace."""
    differs = always or row._state.adding or any(getattr(row, name) != value for name, value in facts.items())
    if not differs:
        return
    for name, value in facts.items():
        setattr(row, name, value)
    if checked:
        _refuse_bad(row)
    save_as(row, by=by, reason=reason)


def _remove(row: models.Model, *, by: Person, reason: str) -> None:
    row._history_user, row._change_reason = by, reason
    row.delete()
