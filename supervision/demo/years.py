"""一年: every duty of the year gets its deed, its late deed or none, as units, branches and leaders have the habit."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import NamedTuple

from accountability.models import ActKind, Bearer, Duty, Obligation, Organisation, Person, Post, Role, Tenure
from accountability.services.workdays import is_workday
from supervision.demo import diary, texts
from supervision.demo.accounts import ACCOUNTS
from supervision.demo.clock import moment
from supervision.demo.deeds import Deed
from supervision.demo.staff import RETIRED_UNIT, place_of

KEPT_BY_DIARY = (Bearer.SCHOOL, Bearer.COMMISSION, Bearer.SCHOOL_SECRETARY)
# An occurrence of several that the opening meeting proves along with its own duty (三（一）1).
PROVED_BY_OPENING = ("warning-meetings", 1)
# What these owe is left to the scenes, or is simply done in time: their homes must tell the same story each time.
NEVER_LATE = {account.place for account in ACCOUNTS} | {account.title for account in ACCOUNTS} | {RETIRED_UNIT}
SOON = timedelta(days=30)


class Staff:
    """在任: who held which post on a day."""

    def __init__(self) -> None:
        self.terms: dict[int, list[Tenure]] = {}
        for tenure in Tenure.objects.select_related("person"):
            self.terms.setdefault(tenure.post_id, []).append(tenure)
        self.posts = list(Post.objects.select_related("organisation__parent"))
        self.liaisons = {post.organisation_id: post for post in self.posts if post.role == Role.LIAISON}

    def holder(self, post: Post, on: date) -> Person:
        """The person in office on that day, or the last one who was."""
        terms = sorted(self.terms[post.pk], key=lambda term: term.started_on)
        return next((term for term in terms if term.ended_on is None or on <= term.ended_on), terms[-1]).person

    def in_role(self, *roles: str) -> list[Post]:
        return [post for post in self.posts if post.role in roles and post.pk in self.terms]

    def held(self, role: str, on: date) -> list[Post]:
        """Posts somebody still holds on that day."""
        return [
            post
            for post in self.in_role(role)
            if any(not one.ended_on or one.ended_on >= on for one in self.terms[post.pk])
        ]


class LeftOpen(NamedTuple):
    """未办: a duty the story must leave open; ``place`` is 单位, 单位/党支部 or a leader's 职务."""

    place: str
    obligation: str
    occurrence: int = 1


@dataclass(frozen=True)
class When:
    """何时: the day it happened, the moment it was entered, and why so late if it was."""

    happened_on: date
    entered_at: datetime
    late_reason: str = ""


class Year:
    """One working year, lived up to and including ``until``."""

    def __init__(self, year: int, until: date, left_open: Collection[LeftOpen]) -> None:
        self.year, self.until, self.left_open = year, until, left_open
        self.random = Random(year)  # noqa: S311 — a story, not a secret
        self.staff = Staff()
        duties = Duty.objects.of_year(year).select_related(
            "obligation", "organisation__parent", "owner__organisation", "bearer_post__organisation"
        )
        self.duties = list(duties.prefetch_related("obligation__acts").order_by("number"))
        self.never, self.late = self._stragglers()

    def deeds(self) -> list[Deed]:
        told = [*self._by_diary(), *self._by_habit(), *self._besides()]
        return sorted(told, key=lambda deed: deed.entered_at)

    # ── by diary ──────────────────────────────────────────────────────────────────────────────

    def _by_diary(self) -> Iterator[Deed]:
        """The school, the commission and the secretary: on the days of the diary."""
        by_key = {(duty.obligation.code, duty.occurrence): duty for duty in self.duties if _has_diary(duty)}
        for key, duty in by_key.items():
            held = self._held(*key)
            if held is None or key == PROVED_BY_OPENING:
                continue
            also = [by_key[PROVED_BY_OPENING]] if duty.obligation.code == "opening-meeting" else []
            yield self._deed(duty, self._entered(held), also)

    def _held(self, code: str, occurrence: int) -> date | None:
        days = diary.HELD[self.year].get(code, [])[occurrence - 1 : occurrence]
        return next((day for day in days if day <= self.until), None)

    # ── by habit ──────────────────────────────────────────────────────────────────────────────

    def _by_habit(self) -> Iterator[Deed]:
        for duty in self.duties:
            if _has_diary(duty) or not duty.is_open or duty.pk in self.never or self._is_left_open(duty):
                continue
            if duty.due_on <= self.until:
                yield self._deed(duty, self._late_day(duty) if duty.pk in self.late else self._day_in_time(duty))
            elif duty.due_on <= self.until + SOON and self._is_ahead(duty):
                yield self._deed(duty, self._entered(self._workday(self.until - self._days(2, 24))))

    def _stragglers(self) -> tuple[set[int], set[int]]:
        """Who never does it, and who does it late: a fixed share, spread over those who are free to."""
        due = [duty for duty in self.duties if duty.due_on <= self.until]
        free = [duty for duty in due if not _has_diary(duty) and not (_places(duty) & NEVER_LATE)]
        # What is still missing in a year under way has not been missing since spring.
        recent = [duty for duty in free if self.until - duty.due_on < timedelta(days=200)]
        never = self.random.sample(recent, round(len(due) * diary.NEVER_DONE[self.year]))
        others = [duty for duty in free if duty not in never]
        late = self.random.sample(others, round(len(due) * diary.DONE_LATE[self.year]))
        return {duty.pk for duty in never}, {duty.pk for duty in late}

    def _is_left_open(self, duty: Duty) -> bool:
        return any(LeftOpen(place, duty.obligation.code, duty.occurrence) in self.left_open for place in _places(duty))

    def _is_ahead(self, duty: Duty) -> bool:
        return self.random.random() < diary.DONE_AHEAD.get(duty.obligation.code, 0)

    def _day_in_time(self, duty: Duty) -> When:
        earliest = diary.OPENED_ON[self.year] + timedelta(days=12)
        day = max(duty.due_on - self._days(2, 28), earliest)
        is_last_word = RETIRED_UNIT in _places(duty)  # whoever retires leaves nothing to be entered afterwards
        return self._entered(self._workday(min(day, self.until)), promptly=is_last_word)

    def _late_day(self, duty: Duty) -> When:
        day = min(duty.due_on + self._days(2, 16), self.until)
        return self._entered(self._workday_after(day, duty.due_on))

    def _workday_after(self, day: date, floor: date) -> date:
        workday = self._workday(day)
        return workday if workday > floor else day

    def _workday(self, day: date) -> date:
        """That day, or the last working day before it."""
        while not _works(day):
            day -= timedelta(days=1)
        return day

    def _days(self, least: int, most: int) -> timedelta:
        return timedelta(days=self.random.randint(least, most))

    def _entered(self, happened_on: date, *, promptly: bool = False) -> When:
        """Mostly entered within days; now and then long after, with a reason (补录)."""
        is_late = self.random.random() < diary.ENTERED_LATE and not promptly
        day = min(happened_on + (self._days(9, 40) if is_late else self._days(0, 3)), self.until)
        entered_at = moment(
            max(self._workday(day), happened_on), self.random.randint(9, 15), self.random.randint(0, 59)
        )
        reason = self.random.choice(texts.LATE_REASONS) if is_late else ""
        return When(happened_on, entered_at, reason)

    # ── 不设次数 ──────────────────────────────────────────────────────────────────────────────

    def _besides(self) -> Iterator[Deed]:
        """N: what has no count and no shortfall, and so counts for no duty."""
        open_ended = Obligation.objects.governing(self.year).filter(is_open_ended=True)
        obligations = {one.code: one for one in open_ended.prefetch_related("acts")}
        for code, days in diary.BESIDES[self.year].items():
            for day in days:
                yield from self._beside(obligations[code], self._answering(obligations[code]), day)
        for month, number, topic in texts.TOPICS[self.year]:
            meeting = obligations["committee-meetings"]
            yield from self._beside(meeting, self._answering(meeting), date(self.year, month, number), topic=topic)
        for code, roles in (("member-reminder-talks", Role.MEMBER), ("unit-problem-reports", Role.UNIT_SECRETARY)):
            for post in self.random.sample(self.staff.held(roles, date(self.year, 12, 31)), 6):
                day = self._workday(date(self.year, 4, 10) + self._days(0, 180))
                yield from self._beside(obligations[code], post, day)

    def _answering(self, obligation: Obligation) -> Post:
        return min(self.staff.in_role(obligation.owner_role), key=lambda post: post.rank)

    def _beside(self, obligation: Obligation, post: Post, day: date, **facts) -> Iterator[Deed]:
        if day > self.until:
            return
        when = self._entered(day)
        personal = post.role in (Role.SECRETARY, Role.MEMBER)
        organisation = self._organisation_for(obligation, post)
        act = obligation.acts.all()[0]
        who = post.full_title if personal else organisation.name
        entered_by = self.staff.holder(post, when.entered_at.date())
        facts |= {"who": who, "year": self.year, "times": 1}
        yield Deed(
            act=act,
            organisation=organisation,
            post=post if personal else None,
            work_year=self.year,
            title=texts.title_of(obligation.code, "{who}：" + obligation.title, **facts),
            content=texts.body_of(obligation.code, self.random, **facts),
            happened_on=when.happened_on,
            entered_at=when.entered_at,
            entered_by=entered_by,
            late_reason=when.late_reason,
            meeting=self._meeting(act, organisation, when),
        )

    def _organisation_for(self, obligation: Obligation, post: Post) -> Organisation:
        kinds = {Bearer.SCHOOL: Organisation.Kind.SCHOOL, Bearer.COMMISSION: Organisation.Kind.COMMISSION}
        kind = kinds.get(Bearer(obligation.bearer))
        return Organisation.objects.get(kind=kind) if kind else post.organisation

    # ── one deed ──────────────────────────────────────────────────────────────────────────────

    def _deed(self, duty: Duty, when: When, also: Iterable[Duty] = ()) -> Deed:
        code = duty.obligation.code
        act = self.random.choice(list(duty.obligation.acts.all())) if code == "branch-warning-education" else _act(duty)
        entered_by, decided_by, decided_at = self._hands(duty, when)
        facts = {"who": _who(duty), "year": self.year, "times": duty.occurrence}
        fallback = f"{{who}}{self.year}年{duty.title}".replace("年年度", "年度")
        return Deed(
            act=act,
            organisation=duty.organisation,
            post=duty.bearer_post,
            work_year=self.year,
            title=texts.title_of(code, fallback, **facts),
            content=texts.body_of(code, self.random, **facts),
            happened_on=when.happened_on,
            entered_at=when.entered_at,
            entered_by=entered_by,
            late_reason=when.late_reason,
            decided_by=decided_by,
            decided_at=decided_at,
            duties=[duty, *also],
            meeting=self._meeting(act, duty.organisation, when),
        )

    def _hands(self, duty: Duty, when: When) -> tuple[Person, Person | None, datetime | None]:
        """Who enters and who confirms: in a unit mostly the liaison drafts and his secretary looks at it (四眼)."""
        responsible = self.staff.holder(duty.owner, when.entered_at.date())
        liaison = self.staff.liaisons.get(duty.organisation_id)
        if duty.bearer_post or liaison is None or self.random.random() < 0.35:
            return responsible, None, None
        decided_at = when.entered_at + timedelta(minutes=self.random.randint(35, 160))
        return self.staff.holder(liaison, when.entered_at.date()), responsible, decided_at

    def _meeting(self, act: ActKind, organisation: Organisation, when: When) -> dict:
        if act.category != ActKind.Category.MEETING:
            return {}
        expected, attendance = self._attendance(act, organisation)
        absent = self.random.randint(0, max(1, expected // 20))
        return {
            "place": self.random.choice(
                texts.SCHOOL_PLACES if act.code in texts.SCHOOL_MEETINGS else texts.UNIT_PLACES
            ),
            "chaired_by": self._chair(organisation, when.happened_on).name,
            "expected_count": expected,
            "present_count": expected - absent,
            "attendance": attendance,
            "absence": f"请假 {absent} 人，会后已补学。" if absent else "",
            "resolutions": texts.resolutions(self.random),
            "trigger": texts.TRIGGER if act.code == "committee-meeting" else "",
        }

    def _attendance(self, act: ActKind, organisation: Organisation) -> tuple[int, str]:
        if act.code in texts.SCHOOL_MEETINGS:
            return texts.SCHOOL_MEETINGS[act.code]
        if organisation.kind == Organisation.Kind.BRANCH:
            return self.random.randint(8, 26), "支部全体党员。"
        return self.random.randint(12, 48), "党组织班子成员、各党支部书记；联络员记录。"

    def _chair(self, organisation: Organisation, on: date) -> Person:
        roles = {
            Organisation.Kind.SCHOOL: Role.SECRETARY,
            Organisation.Kind.COMMISSION: Role.DISCIPLINE,
            Organisation.Kind.BRANCH: Role.BRANCH_SECRETARY,
        }
        role = roles.get(organisation.kind, Role.UNIT_SECRETARY)
        posts = [post for post in self.staff.in_role(role) if post.organisation_id == organisation.pk]
        return self.staff.holder(posts[0], on)


@cache
def _works(day: date) -> bool:
    return is_workday(day)


def _has_diary(duty: Duty) -> bool:
    return duty.obligation.bearer in KEPT_BY_DIARY


def _act(duty: Duty) -> ActKind:
    return duty.obligation.acts.all()[0]


def _places(duty: Duty) -> set[str]:
    """What a scene may call the bearer: the organisation, the unit above a branch, a leader's post."""
    if duty.bearer_post and duty.organisation.kind == Organisation.Kind.SCHOOL:
        return {duty.bearer_post.title}
    return {place_of(duty.organisation), place_of(duty.organisation).partition("/")[0]}


def _who(duty: Duty) -> str:
    if duty.obligation.bearer in KEPT_BY_DIARY:
        return ""
    return duty.bearer_post.full_title if duty.bearer_post else duty.organisation.full_name
