"""施行: what a draft put in force on a day does to the duties of the open years; one plan, shown and then done (五).

The rules, in full in docs/decisions/0007: an obligation continues when the new version has its code. Of a year the day
falls in or before, an open duty due on or after the day follows the new version: it is changed, or waived where its
obligation ended. What was due before the day, done or waived stays as it was; where its obligation continues it counts
for the new one, so that a year's number stays one number. What only the new version asks for is added from the day on.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from hashlib import sha256

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accountability import access
from accountability.comparison import FieldChange, Kind, acts_words
from accountability.models import (
    Cooperation,
    Duty,
    Evidence,
    Notice,
    Obligation,
    Occurrence,
    Organisation,
    Person,
    Post,
    Regulation,
    Role,
    Subject,
    Tenure,
    WorkYear,
)
from accountability.models.history import create_with_history, save_as, update_with_history
from accountability.services.drafts import faults_of
from accountability.services.duties import REASON_AT_LEAST
from accountability.services.notices import notify, people_with
from accountability.services.opening import (
    Gap,
    GapRow,
    Opening,
    PlannedDuty,
    Planner,
    lock_versions,
    title_of,
    write_duties,
)

BATCH = 200


@dataclass(frozen=True)
class DutyChange:
    """变更: a duty as it will be, and what of it differs."""

    duty: Duty
    obligation: Obligation
    fields: list[FieldChange]
    facts: dict
    helpers_added: tuple[Organisation, ...] = ()
    helpers_removed: tuple[Organisation, ...] = ()


@dataclass(frozen=True)
class YearEffect:
    """One open year: what is added, ended, changed, carried on and left to the former version."""

    year: int
    added: list[PlannedDuty] = field(default_factory=list)
    ended: list[Duty] = field(default_factory=list)
    changed: list[DutyChange] = field(default_factory=list)
    # 沿用: the obligation continues; (duty, obligation of the new version). Nothing of it changes but this link.
    carried: list[tuple[Duty, Obligation]] = field(default_factory=list)
    # 仍按原版: due before the day under an obligation that ends, and not done.
    left: list[Duty] = field(default_factory=list)
    # 未覆盖: what the new version asks of nobody, beside what the former one asked of nobody.
    gaps: list[Gap] = field(default_factory=list)


@dataclass(frozen=True)
class EffectRow:
    """One obligation of one year: how many duties of how many bearers."""

    year: int
    kind: Kind
    obligation: Obligation
    count: int
    bearers: int
    first_due: date
    last_due: date


@dataclass(frozen=True)
class Effect:
    """施行预览."""

    draft: Regulation
    former: Regulation | None
    on: date
    years: list[YearEffect]

    def count(self, kind: Kind) -> int:
        return sum(len(_members(each, kind)) for each in self.years)

    @property
    def announcement(self) -> str:
        return f"将新增 {self.count(Kind.ADDED)} 项责任、终止 {self.count(Kind.ENDED)} 项、变更 {self.count(Kind.CHANGED)} 项"

    def gap_rows(self) -> list[GapRow]:
        """Told as the preview of a year tells them (一（二）)."""
        return [row for each in self.years for row in Opening(each.year, self.draft, gaps=each.gaps).by_gap()]

    @property
    def carried(self) -> int:
        return sum(len(each.carried) for each in self.years)

    @property
    def left(self) -> int:
        return sum(len(each.left) for each in self.years)

    def rows(self, kind: Kind) -> list[EffectRow]:
        """By obligation, in the order of the version that says it."""
        return [row for each in self.years for row in _rows(each, kind)]

    @cached_property
    def fingerprint(self) -> str:
        """The plan in one word: what was announced is what is done, or nothing is."""
        lines = [f"{self.draft.pk} {self.on}"]
        for each in self.years:
            lines += [f"+{one.key} {one.title} {one.due_on} {one.owner.pk}" for one in each.added]
            lines += [f"-{duty.pk}" for duty in each.ended]
            lines += [f"~{one.duty.pk} {one.fields}" for one in each.changed]
            lines += [f"={duty.pk}" for duty, _ in each.carried]
            lines += [f"<{duty.pk}" for duty in each.left]
        return sha256("\n".join(lines).encode()).hexdigest()[:24]


def _members(effect: YearEffect, kind: Kind) -> list:
    return {Kind.ADDED: effect.added, Kind.ENDED: effect.ended, Kind.CHANGED: effect.changed}[kind]


def _facts_of(member) -> tuple[Obligation, int, int | None, date]:
    """(obligation, organisation, post, due day) of a planned, a changed or an existing duty."""
    if isinstance(member, PlannedDuty):
        post = member.bearer_post.pk if member.bearer_post else None
        return member.obligation, member.organisation.pk, post, member.due_on
    duty = member.duty if isinstance(member, DutyChange) else member
    obligation = member.obligation if isinstance(member, DutyChange) else duty.obligation
    return obligation, duty.organisation_id, duty.bearer_post_id, duty.due_on


def _rows(effect: YearEffect, kind: Kind) -> Iterator[EffectRow]:
    groups: dict[str, list] = {}
    for facts in map(_facts_of, _members(effect, kind)):
        groups.setdefault(facts[0].code, []).append(facts)
    for rows in sorted(groups.values(), key=lambda rows: rows[0][0].rank):
        days = [row[3] for row in rows]
        bearers = len({row[1:3] for row in rows})
        yield EffectRow(effect.year, kind, rows[0][0], len(rows), bearers, min(days), max(days))


# ── the plan ─────────────────────────────────────────────────────────────────────────────────


def refusal_to_enact(draft: Regulation, on: date) -> str:
    """Why this draft cannot be put in force on that day; empty when it can."""
    if not draft.is_draft:
        return f"《{draft}》已定于 {draft.in_force_from} 施行，不能重复施行。"
    former = draft.former()
    if former and on <= former.in_force_from:
        return f"施行日期须晚于《{former}》的施行日期 {former.in_force_from}。"
    if former and former.repealed_on and on < former.repealed_on:
        return f"《{former}》到 {former.repealed_on} 才废止，施行日期不能早于这一天。"
    year, today = on.year, timezone.localdate()
    if on != date(year, 1, 1) and year >= today.year and not WorkYear.objects.filter(year=year).exists():
        return f"{year} 工作年度尚未开启。请先开启该年度，再定年中施行；或者自 {year}-01-01 起施行。"
    return ""


def plan_enactment(draft: Regulation, on: date, today: date | None = None) -> Effect:
    """施行预览: everything ``enact`` would do to the open years; writes nothing."""
    if refusal := refusal_to_enact(draft, on):
        raise ValidationError({"on": refusal})
    years = WorkYear.objects.filter(year__gte=on.year, closed_on=None).order_by("year").values_list("year", flat=True)
    effects = [_YearPlan(year, draft, on, today or timezone.localdate()).effect() for year in years]
    return Effect(draft, draft.former(), on, effects)


class _YearPlan:
    """The difference of two plans of the same planner: the year as it stands, and as the draft would have it."""

    def __init__(self, year: int, draft: Regulation, on: date, today: date) -> None:
        self.year, self.on = year, on
        self.planner = Planner(year, today, draft, since=on)
        self.opening = self.planner.plan()
        rows = Obligation.objects.filter(clause__regulation=draft).select_related("clause")
        self.new = {one.code: one for one in rows.prefetch_related("occurrences", "acts")}
        self.wanted = {_key(one): one for one in self.opening.duties}
        self._bearing: dict[str, dict] = {}
        self.duties = list(
            Duty.objects.of_year(year)
            .filter(obligation__isnull=False)
            .select_related("obligation__clause", "clause", "organisation__parent", "owner__organisation__parent")
            .prefetch_related("obligation__occurrences", "obligation__acts", "cooperations__organisation")
            .order_by("pk")
        )

    def effect(self) -> YearEffect:
        standing = Planner(self.year, self.planner.on).plan()
        known = {(gap.obligation.code, gap.whom, gap.reason) for gap in standing.gaps}
        gaps = [gap for gap in self.opening.gaps if (gap.obligation.code, gap.whom, gap.reason) not in known]
        effect = YearEffect(self.year, added=self._added(standing), gaps=gaps)
        for duty in self.duties:
            self._place(duty, effect)
        return effect

    def _added(self, standing: Opening) -> list[PlannedDuty]:
        """Wanted by the new version, not there, and not merely missed when the year was opened."""
        there = {(one.obligation.code, one.occurrence, one.organisation_id, one.bearer_post_id) for one in self.duties}
        missed = {_key(one) for one in standing.duties}
        return [one for key, one in self.wanted.items() if key not in there | missed]

    def _place(self, duty: Duty, effect: YearEffect) -> None:
        new = self._continued_by(duty)
        follows = duty.is_open and duty.due_on >= self.on
        if new is None or self._occurrence(new, duty) is None:
            if follows:
                effect.ended.append(duty)
            elif duty.is_open:
                effect.left.append(duty)
            elif new is not None and duty.is_fulfilled:
                effect.carried.append((duty, new))
        elif follows and (change := self._change(duty, new)).fields:
            effect.changed.append(change)
        else:
            effect.carried.append((duty, new))

    def _continued_by(self, duty: Duty) -> Obligation | None:
        """The obligation of the same code, if it is counted and still falls to this bearer."""
        new = self.new.get(duty.obligation.code)
        if new is None or new.is_open_ended:
            return None
        if new.bearer == duty.obligation.bearer:
            return new
        return new if (duty.organisation_id, duty.bearer_post_id) in self._bearers(new) else None

    def _bearers(self, obligation: Obligation) -> dict[tuple[int, int | None], Post | None]:
        if obligation.code not in self._bearing:
            self._bearing[obligation.code] = self.planner.bearers_of(obligation)
        return self._bearing[obligation.code]

    def _occurrence(self, obligation: Obligation, duty: Duty) -> Occurrence | None:
        return next((one for one in obligation.occurrences.all() if one.number == duty.occurrence), None)

    def _change(self, duty: Duty, new: Obligation) -> DutyChange:
        """What of the duty the new version says otherwise. What the office settled for this one duty stays."""
        old, facts, fields = duty.obligation, {}, []

        def differ(name: str, label: str, before, after, words=str) -> None:
            facts[name] = after
            fields.append(FieldChange(label, words(before), words(after)))

        if old.clause.key != new.clause.key:
            fields.append(FieldChange("条款", old.clause.number, new.clause.number))
        if self._title(old, duty) != (title := self._title(new, duty)):
            differ("title", "责任事项", duty.title, title)
        if old.requirement != new.requirement:
            differ("requirement", "完成条件", duty.requirement, new.requirement)
        if old.subject != new.subject:
            differ("subject", "责任主体", duty.subject, new.subject, _subject)
        if (day := self._day(duty, new)) != duty.due_on:
            differ("due_on", "到期日", duty.due_on, day)
        if (owner := self._owner(duty, new)) != duty.owner:
            differ("owner", "责任人", duty.owner, owner, _full_title)
        if acts_words(old) != acts_words(new):
            fields.append(FieldChange("履责方式", acts_words(old), acts_words(new)))
        added, removed = self._helpers(duty, new)
        if added or removed:
            names = [one.organisation.name for one in duty.cooperations.all()]
            kept = [name for name in names if name not in {one.name for one in removed}]
            after = [*kept, *(one.name for one in added)]
            fields.append(FieldChange("协同单位", "、".join(names), "、".join(after)))
        return DutyChange(duty, new, fields, facts, added, removed)

    def _title(self, obligation: Obligation, duty: Duty) -> str:
        occurrence = self._occurrence(obligation, duty)
        return title_of(obligation, occurrence, len(obligation.occurrences.all())) if occurrence else ""

    def _day(self, duty: Duty, new: Obligation) -> date:
        """A day moved by hand stays; so does one whose new day would lie before the version is in force."""
        before, after = self._occurrence(duty.obligation, duty), self._occurrence(new, duty)
        same = before and before.falls_on(self.year) == after.falls_on(self.year)
        if duty.was_moved or same or (day := self.planner.due_on(after)) < self.on:
            return duty.due_on
        return day

    def _owner(self, duty: Duty, new: Obligation) -> Post:
        if new.owner_role == duty.obligation.owner_role and new.bearer == duty.obligation.bearer:
            return duty.owner
        return self._bearers(new).get((duty.organisation_id, duty.bearer_post_id)) or duty.owner

    def _helpers(self, duty: Duty, new: Obligation) -> tuple[tuple[Organisation, ...], tuple[Organisation, ...]]:
        """(added, removed): by the difference of the two versions, so that a helper found by hand stays."""
        before, after = set(duty.obligation.helper_names), set(new.helper_names)
        helping = {one.organisation_id: one.organisation for one in duty.cooperations.all()}
        added = [self.planner.by_name[name] for name in new.helper_names if name in self.planner.by_name]
        added = [one for one in added if one.name not in before and one.pk not in helping]
        removed = [one for one in helping.values() if one.name in before - after]
        return tuple(one for one in added if one.pk != duty.organisation_id), tuple(removed)


def _subject(value: str) -> str:
    return Subject(value).label


def _full_title(post: Post) -> str:
    return post.full_title


def _key(planned: PlannedDuty) -> tuple[str, int, int, int | None]:
    post = planned.bearer_post.pk if planned.bearer_post else None
    return planned.obligation.code, planned.occurrence.number, planned.organisation.pk, post


# ── doing it ─────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def enact(draft: Regulation, *, on: date, by: Person, reason: str, announced: str = "") -> Effect:
    """施行: repeal the former version on that day and bring the open years in step.

    ``announced`` is the fingerprint of the preview that was read; a plan that came out otherwise is refused.
    """
    if not access.may_manage_duties(by):
        raise PermissionDenied("新版本由党委办公室办理施行。")
    if len(reason.strip()) < REASON_AT_LEAST:
        raise ValidationError({"reason": f"请写明依据，至少 {REASON_AT_LEAST} 个字。"})
    draft = _locked(draft, on)
    if faults := faults_of(draft):
        raise ValidationError(faults)
    effect = plan_enactment(draft, on)
    if announced and announced != effect.fingerprint:
        raise ValidationError("预览之后台账或草稿有了变化，请核对下面的新预览，再确定施行。")
    _switch(effect, by=by, reason=reason.strip())
    for year in effect.years:
        _apply(effect, year, by=by)
    _tell(effect, by=by)
    return effect


def _locked(draft: Regulation, on: date) -> Regulation:
    """Versions, years, duties, in this order: whoever settles or opens at this moment waits or is waited for."""
    versions = lock_versions()
    if draft.pk not in versions:
        raise ValidationError("这份草稿已被作废。")
    years = list(WorkYear.objects.select_for_update().filter(year__gte=on.year).order_by("year"))
    list(Duty.objects.select_for_update().filter(work_year__in=years).order_by("pk").values_list("pk"))
    return versions[draft.pk]


def _switch(effect: Effect, *, by: Person, reason: str) -> None:
    draft, former = effect.draft, effect.former
    if former and former.repealed_on is None:
        former.repealed_on = effect.on
        save_as(former, by=by, reason=f"《{draft}》自 {effect.on} 起施行，本版同日废止：{reason}")
    draft.in_force_from = effect.on
    save_as(draft, by=by, reason=f"自 {effect.on} 起施行，{effect.announcement}：{reason}")
    for year in WorkYear.objects.filter(pk__in=[each.year for each in effect.years]):
        year.regulation = draft
        save_as(year, by=by, reason=f"《{draft}》自 {effect.on} 起施行")


def _apply(effect: Effect, year: YearEffect, *, by: Person) -> None:
    since = f"《{effect.draft}》自 {effect.on} 起施行"
    _waive(year.ended, by=by, reason=f"不再要求：{since}，原责任要求终止")
    _change(year.changed, by=by, reason=f"{since}，按新版变更")
    _carry(year.carried, effect.on, by=by, reason=f"{since}，责任要求沿用")
    moved = [(one.duty, one.obligation) for one in year.changed] + year.carried
    _move_evidence(moved, by=by, reason=f"{since}，责任要求沿用")
    work_year = WorkYear.objects.get(pk=year.year)
    write_duties(year.added, work_year, by=by, reason=f"{since}，新增责任")


def _waive(duties: list[Duty], *, by: Person, reason: str) -> None:
    for duty in duties:
        duty.state = Duty.State.WAIVED
    update_with_history(duties, ["state"], by=by, reason=reason)


def _change(changes: list[DutyChange], *, by: Person, reason: str) -> None:
    for change in changes:
        duty = change.duty
        duty.obligation, duty.clause = change.obligation, change.obligation.clause
        for name, value in change.facts.items():
            setattr(duty, name, value)
    fields = ["obligation", "clause", "title", "requirement", "subject", "due_on", "owner"]
    update_with_history([change.duty for change in changes], fields, by=by, reason=reason)
    _change_helpers(changes, by=by, reason=reason)


def _change_helpers(changes: list[DutyChange], *, by: Person, reason: str) -> None:
    for change in changes:
        for one in change.duty.cooperations.all():  # read with the plan
            if one.organisation in change.helpers_removed:
                one._history_user, one._change_reason = by, reason
                one.delete()
    helping = [Cooperation(duty=one.duty, organisation=unit) for one in changes for unit in one.helpers_added]
    create_with_history(helping, by=by, reason=reason, batch_size=BATCH)


def _carry(carried: list[tuple[Duty, Obligation]], on: date, *, by: Person, reason: str) -> None:
    """The count goes on under the new obligation; the clause cited stays that under which it was owed."""
    for duty, obligation in carried:
        duty.obligation = obligation
        if duty.is_open and duty.due_on >= on:
            duty.clause = obligation.clause
    update_with_history([duty for duty, _ in carried], ["obligation", "clause"], by=by, reason=reason)


def _move_evidence(moved: list[tuple[Duty, Obligation]], *, by: Person, reason: str) -> None:
    """One record never counts twice for one obligation, also across two versions (三（一）1)."""
    new = {duty.pk: obligation for duty, obligation in moved}
    evidence = list(Evidence.objects.filter(duty__in=new).order_by("pk"))
    for proof in evidence:
        proof.obligation = new[proof.duty_id]
    update_with_history(evidence, ["obligation"], by=by, reason=reason)


def _tell(effect: Effect, *, by: Person) -> None:
    """通知书记和纪委."""
    today = timezone.localdate()
    secretaries = Tenure.objects.in_office(today).filter(post__role=Role.SECRETARY, person__is_active=True)
    people = [tenure.person for tenure in secretaries.select_related("person")]
    school = Organisation.objects.filter(kind=Organisation.Kind.SCHOOL).first()
    people += people_with("supervise", school) if school else []
    notify(
        [person for person in people if person.pk != by.pk],
        kind=Notice.Kind.REGULATION,
        title=f"《{effect.draft}》自 {effect.on} 起施行",
        body=f"{effect.announcement}。{by} 办理。",
        url=reverse("version", args=[effect.draft.pk]),
    )


def counts_by_year(effect: Effect) -> list[dict]:
    """各年度: what happens to each open year, in words a page can set in a line."""
    return [
        {
            "year": each.year,
            "added": len(each.added),
            "ended": len(each.ended),
            "changed": len(each.changed),
            "carried": len(each.carried),
            "left": len(each.left),
            "already_due": sum(one.due_on < timezone.localdate() for one in each.added),
        }
        for each in effect.years
    ]
