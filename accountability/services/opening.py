"""开启年度: from the regulation in force to the year's duties, each with its owner and its day (一（二）).

Opening is safe to repeat: a duty that exists is left as it is (moved, waived or done), a post filled
since the last run gets what it owes, and what cannot be opened is listed with its reason.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accountability.models import (
    UNIT_KINDS,
    ActKind,
    Bearer,
    Clause,
    Cooperation,
    Duty,
    FormerName,
    Obligation,
    Occurrence,
    Organisation,
    Person,
    Portfolio,
    Post,
    Regulation,
    Role,
    Subject,
    Tenure,
    WorkYear,
)
from accountability.models.history import create_with_history
from accountability.services.duties import last_serial
from accountability.services.workdays import is_estimated, roll

FIRST_YEAR, LAST_YEAR = 2000, 2100
BATCH = 200

VACANT = "岗位暂无人任职"
NO_POST = "没有设置责任人岗位"
NO_ORGANISATION = "没有符合条件的单位"
NOT_A_KEY_AREA = "未列入重点领域，不承担此项"
NO_PORTFOLIO = "没有分管部门和联系单位"

COLLEGES = (Organisation.Kind.COLLEGE, Organisation.Kind.AFFILIATE)
DEPARTMENTS = (Organisation.Kind.PARTY_OFFICE, Organisation.Kind.ADMIN_OFFICE)
# 承担者 that owe as an organisation: the kinds of organisation each stands for.
ORGANISATION_KINDS = {
    Bearer.SCHOOL: (Organisation.Kind.SCHOOL,),
    Bearer.COMMISSION: (Organisation.Kind.COMMISSION,),
    Bearer.EACH_UNIT: UNIT_KINDS,
    Bearer.EACH_COLLEGE: COLLEGES,
    Bearer.EACH_KEY_UNIT: DEPARTMENTS,
    Bearer.EACH_BRANCH: (Organisation.Kind.BRANCH,),
}
# 承担者 that owe in person: the roles of the posts each stands for.
POST_ROLES = {
    Bearer.SCHOOL_SECRETARY: (Role.SECRETARY,),
    Bearer.EACH_MEMBER: (Role.MEMBER,),
    Bearer.EACH_LEADER: (Role.SECRETARY, Role.MEMBER),
    Bearer.EACH_UNIT_SECRETARY: (Role.UNIT_SECRETARY,),
}


@dataclass(frozen=True)
class PlannedDuty:
    """拟生成的责任."""

    obligation: Obligation
    occurrence: Occurrence
    title: str
    organisation: Organisation
    bearer_post: Post | None
    owner: Post
    supervisor: Organisation
    helpers: tuple[Organisation, ...]
    due_on: date

    @property
    def key(self) -> tuple[int, int, int, int | None]:
        """What the database holds unique: once per obligation, occurrence and bearer."""
        post_id = self.bearer_post.pk if self.bearer_post else None
        return self.obligation.pk, self.occurrence.number, self.organisation.pk, post_id


@dataclass(frozen=True)
class Gap:
    """未覆盖: an obligation that found no bearer, and why (一（二）全覆盖)."""

    obligation: Obligation
    bearer: Organisation | Post | None
    reason: str

    @property
    def whom(self) -> str:
        if self.bearer is None:
            return self.obligation.get_bearer_display()
        if isinstance(self.bearer, Post):
            return self.bearer.full_title
        parent = f"{self.bearer.parent}" if self.bearer.kind == Organisation.Kind.BRANCH else ""
        return f"{parent}{self.bearer}"


@dataclass(frozen=True)
class GapRow:
    """One reason, and all it leaves uncovered: several bearers, or several obligations, or one of each."""

    whom: str
    titles: str
    reason: str
    count: int


@dataclass(frozen=True)
class SubjectRow:
    label: str
    count: int


@dataclass(frozen=True)
class ClauseRow:
    clause: Clause
    obligation: Obligation
    count: int
    first_due: date
    last_due: date


@dataclass(frozen=True)
class Opening:
    """年度预览: what opening the year makes, what is there already, and what stays uncovered."""

    year: int
    regulation: Regulation
    duties: list[PlannedDuty] = field(default_factory=list)
    existing: int = 0
    gaps: list[Gap] = field(default_factory=list)
    open_ended: list[Obligation] = field(default_factory=list)

    @cached_property
    def estimated_years(self) -> list[int]:
        """Calendar years among the due days whose 放假安排 is not yet published."""
        return [year for year in sorted({duty.due_on.year for duty in self.duties}) if is_estimated(year)]

    @property
    def is_estimated(self) -> bool:
        return bool(self.estimated_years)

    @property
    def verb(self) -> str:
        return f"{'补充' if self.existing else '开启'} {self.year} 年度"

    @property
    def question(self) -> str:
        return f"确定{self.verb}，生成 {len(self.duties)} 项责任？"

    def by_subject(self) -> list[SubjectRow]:
        counts = Counter(duty.obligation.subject for duty in self.duties)
        return [SubjectRow(subject.label, counts[subject]) for subject in Subject if counts[subject]]

    def by_gap(self) -> list[GapRow]:
        """Gaps told briefly: a vacant post once with all it would owe, one obligation once with all it passes by."""
        titles: dict[tuple[str, str], list[str]] = {}
        for gap in self.gaps:
            titles.setdefault((gap.reason, gap.whom), []).append(gap.obligation.title)
        bearers: dict[tuple[str, str], list[str]] = {}
        for (reason, whom), owed in titles.items():
            bearers.setdefault((reason, "、".join(owed)), []).append(whom)
        return [
            GapRow("、".join(whom), owed, reason, len(whom) * (owed.count("、") + 1))
            for (reason, owed), whom in bearers.items()
        ]

    def by_clause(self) -> list[ClauseRow]:
        """One row per obligation, in the order of the regulation."""
        days: dict[int, list[date]] = {}
        obligations: dict[int, Obligation] = {}
        for duty in self.duties:
            obligations[duty.obligation.pk] = duty.obligation
            days.setdefault(duty.obligation.pk, []).append(duty.due_on)
        rows = [
            ClauseRow(obligation.clause, obligation, len(days[pk]), min(days[pk]), max(days[pk]))
            for pk, obligation in obligations.items()
        ]
        return sorted(rows, key=lambda row: (row.clause.rank, row.obligation.rank))


def plan_year(year: int, on: date) -> Opening:
    """年度预览: everything ``open_year`` would make on that day; writes nothing."""
    _refuse_year(year)
    return Planner(year, on).plan()


@transaction.atomic
def open_year(year: int, *, by: Person, on: date | None = None) -> Opening:
    """开启年度: write the year, its duties and who helps, with history. Returns what this run made."""
    _refuse_year(year)
    lock_versions()
    _regulation_of(year)
    work_year = _locked_year(year, by=by)
    _refuse_year(year)  # it may have been closed while this run waited for the lock
    opening = Planner(year, on or timezone.localdate()).plan()
    write_duties(opening.duties, work_year, by=by, reason=f"开启 {year} 工作年度")
    return opening


def _refuse_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValidationError(f"工作年度须在 {FIRST_YEAR} 至 {LAST_YEAR} 之间。")
    if WorkYear.objects.filter(year=year, closed_on__isnull=False).exists():
        raise ValidationError(f"{year} 工作年度已封存，不能再开启。")


def _regulation_of(year: int) -> Regulation:
    """The version the year follows; an opened year keeps it, also when it came into force during the year."""
    if regulation := Regulation.objects.governing(year):
        return regulation
    raise ValidationError(f"{year} 年没有施行中的制度，请先装载制度。")


def lock_versions() -> dict[int, Regulation]:
    """Versions first, then years, then duties: a version put in force at this moment waits, or is waited for."""
    return {one.pk: one for one in Regulation.objects.select_for_update().order_by("pk")}


def _locked_year(year: int, *, by: Person) -> WorkYear:
    """Two openings at once must not number the same duties: the row of the year is the lock."""
    if not WorkYear.objects.filter(year=year).exists():
        work_year = WorkYear(
            year=year, opened_at=timezone.now(), opened_by=by, regulation=Regulation.objects.governing(year)
        )
        work_year._history_user, work_year._change_reason = by, f"开启 {year} 工作年度"
        try:
            with transaction.atomic():
                work_year.save(force_insert=True)
        except IntegrityError:
            pass  # opened by someone else this very moment; his run is waited for below
    return WorkYear.objects.select_for_update().get(year=year)


class Planner:
    """Reads organisations, posts, portfolios and duties once, then works in memory.

    ``regulation`` and ``since`` plan the year as another version would have it from that day on (五).
    """

    def __init__(self, year: int, on: date, regulation: Regulation | None = None, since: date | None = None) -> None:
        self.year, self.on = year, on
        self.regulation = regulation or _regulation_of(year)
        # Nothing is owed under a version by a day on which it was not yet in force.
        self.since = since or self.regulation.in_force_from
        standing = Q(abolished_on=None) | Q(abolished_on__gt=on)
        self.organisations = list(Organisation.objects.filter(standing).select_related("parent"))
        self.by_name = {one.name: one for one in self.organisations if one.kind != Organisation.Kind.BRANCH}
        self.by_name |= self._names_of_old()
        self.posts = list(
            Post.objects.filter(standing, organisation__in=self.organisations).select_related("organisation__parent")
        )
        self.filled = set(Tenure.objects.in_office(on).values_list("post_id", flat=True))
        self.with_portfolio = set(Portfolio.objects.in_force(on).values_list("post_id", flat=True))
        self.existing = set(
            Duty.objects.of_year(year)
            .filter(obligation__isnull=False)
            .values_list("obligation_id", "occurrence", "organisation_id", "bearer_post_id")
        )
        self.school = self._only(Organisation.Kind.SCHOOL)
        self.commission = self._only(Organisation.Kind.COMMISSION)
        self.gaps: list[Gap] = []
        self.due_days: dict[date, date] = {}

    def _names_of_old(self) -> dict[str, Organisation]:
        """曾用名 and the names of what was merged: the regulation goes on naming a department as it was called then."""
        standing = {one.pk: one for one in self.organisations}
        former = FormerName.objects.values_list("name", "organisation")
        merged = Organisation.objects.exclude(merged_into=None).values_list("name", "merged_into")
        return {name: standing[pk] for name, pk in (*former, *merged) if pk in standing and name not in self.by_name}

    def plan(self) -> Opening:
        obligations = list(
            Obligation.objects.filter(clause__regulation=self.regulation)
            .select_related("clause")
            .prefetch_related("occurrences", "acts")
        )
        counted = [one for one in obligations if not one.is_open_ended]
        wanted = [duty for obligation in counted for duty in self._duties_of(obligation) if duty.due_on >= self.since]
        return Opening(
            year=self.year,
            regulation=self.regulation,
            duties=[duty for duty in wanted if duty.key not in self.existing],
            existing=len(self.existing),
            gaps=self.gaps,
            open_ended=[one for one in obligations if one.is_open_ended],
        )

    def bearers_of(self, obligation: Obligation) -> dict[tuple[int, int | None], Post | None]:
        """(organisation, post that owes in person) → who answers; a vacant post is a bearer nobody answers for."""
        known, self.gaps = self.gaps, []
        bearers = {(unit.pk, post.pk if post else None): owner for unit, post, owner in self._bearers(obligation)}
        for gap in self.gaps:
            if gap.bearer and gap.reason in (VACANT, NO_POST):
                is_post = isinstance(gap.bearer, Post)
                key = (gap.bearer.organisation_id, gap.bearer.pk) if is_post else (gap.bearer.pk, None)
                bearers.setdefault(key, None)
        self.gaps = known
        return bearers

    def _only(self, kind: str) -> Organisation:
        found = [one for one in self.organisations if one.kind == kind]
        if not found:
            raise ValidationError(f"还没有{Organisation.Kind(kind).label}，请先导入组织。")
        return found[0]

    def _duties_of(self, obligation: Obligation) -> Iterator[PlannedDuty]:
        helpers = self._helpers(obligation)
        occurrences = list(obligation.occurrences.all())
        for organisation, bearer_post, owner in self._bearers(obligation):
            for occurrence in occurrences:
                yield PlannedDuty(
                    obligation=obligation,
                    occurrence=occurrence,
                    title=title_of(obligation, occurrence, len(occurrences)),
                    organisation=organisation,
                    bearer_post=bearer_post,
                    owner=owner,
                    supervisor=self.school if organisation == self.commission else self.commission,
                    helpers=tuple(helper for helper in helpers if helper != organisation),
                    due_on=self.due_on(occurrence),
                )

    def due_on(self, occurrence: Occurrence) -> date:
        day = occurrence.falls_on(self.year)
        if day not in self.due_days:
            self.due_days[day] = roll(day, within_year=True)
        return self.due_days[day]

    def _helpers(self, obligation: Obligation) -> list[Organisation]:
        for name in obligation.helper_names:
            if name not in self.by_name:
                self._miss(obligation, None, f"协同单位“{name}”不存在")
        return [self.by_name[name] for name in obligation.helper_names if name in self.by_name]

    def _miss(self, obligation: Obligation, bearer: Organisation | Post | None, reason: str) -> None:
        self.gaps.append(Gap(obligation, bearer, reason))

    def _bearers(self, obligation: Obligation) -> Iterator[tuple[Organisation, Post | None, Post]]:
        """Who owes it: (organisation, post that owes in person or None, post that answers)."""
        if obligation.bearer in POST_ROLES:
            yield from self._bearing_posts(obligation)
        else:
            yield from self._bearing_organisations(obligation)

    def _bearing_posts(self, obligation: Obligation) -> Iterator[tuple[Organisation, Post, Post]]:
        posts = [post for post in self.posts if post.role in POST_ROLES[Bearer(obligation.bearer)]]
        if not posts:
            self._miss(obligation, None, NO_POST)
        for post in posts:
            if _is_about_portfolio(obligation) and post.pk not in self.with_portfolio:
                self._miss(obligation, post, NO_PORTFOLIO)
            elif post.pk not in self.filled:
                self._miss(obligation, post, VACANT)
            else:
                yield post.organisation, post, post

    def _bearing_organisations(self, obligation: Obligation) -> Iterator[tuple[Organisation, None, Post]]:
        kinds = ORGANISATION_KINDS[Bearer(obligation.bearer)]
        organisations = [one for one in self.organisations if one.kind in kinds]
        if not organisations:
            self._miss(obligation, None, NO_ORGANISATION)
        for organisation in organisations:
            if obligation.bearer == Bearer.EACH_KEY_UNIT and not organisation.key_area:
                self._miss(obligation, organisation, NOT_A_KEY_AREA)
                continue
            posts = list(self._answering_posts(obligation, organisation))
            owner = next((post for post in posts if post.pk in self.filled), None)
            if owner is None:
                self._miss(obligation, organisation, VACANT if posts else NO_POST)
            else:
                yield organisation, None, owner

    def _answering_posts(self, obligation: Obligation, organisation: Organisation) -> Iterable[Post]:
        """Posts of the owner's role, by rank: the organisation's own, but for the school's two bodies anyone's."""
        is_whole_school = organisation in (self.school, self.commission)
        return (
            post
            for post in self.posts
            if post.role == obligation.owner_role and (is_whole_school or post.organisation_id == organisation.pk)
        )


def title_of(obligation: Obligation, occurrence: Occurrence, times: int) -> str:
    if occurrence.label:
        return occurrence.label
    return f"{obligation.title}（第 {occurrence.number} 次）" if times > 1 else obligation.title


def _is_about_portfolio(obligation: Obligation) -> bool:
    """A member's talks and hearings concern his 分管部门 and 联系单位 (二（四）, 三（三）3): without any, nobody to hear."""
    talks = all(act.category == ActKind.Category.TALK for act in obligation.acts.all())
    return obligation.bearer == Bearer.EACH_MEMBER and talks


def write_duties(plan: list[PlannedDuty], work_year: WorkYear, *, by: Person, reason: str) -> None:
    """Write what was planned, numbered on from the year's last, with who helps."""
    serial = last_serial(work_year.year)
    duties = [
        Duty(
            number=f"{work_year.year}-{serial + position:04d}",
            title=planned.title,
            subject=planned.obligation.subject,
            obligation=planned.obligation,
            clause=planned.obligation.clause,
            work_year=work_year,
            occurrence=planned.occurrence.number,
            organisation=planned.organisation,
            bearer_post=planned.bearer_post,
            owner=planned.owner,
            supervisor=planned.supervisor,
            requirement=planned.obligation.requirement,
            scheduled_on=planned.due_on,
            due_on=planned.due_on,
        )
        for position, planned in enumerate(plan, 1)
    ]
    create_with_history(duties, by=by, reason=reason, batch_size=BATCH)
    cooperations = [
        Cooperation(duty=duty, organisation=helper)
        for duty, planned in zip(duties, plan, strict=True)
        for helper in planned.helpers
    ]
    create_with_history(cooperations, by=by, reason=reason, batch_size=BATCH)
