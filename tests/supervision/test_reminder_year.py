"""A year day by day, and changed under way: what was told equals a calculation of its own, row by row.

The calculation below knows the rules that come with the product and the official calendar of 2026, and reads nothing of
the sweep's: it walks duty by duty in plain Python.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest

from accountability.models import Delivery, Duty, Notice, Portfolio, Post, Role, Tenure
from supervision.models import ReminderPaper
from supervision.services import reminder_papers
from supervision.services.reminders import sweep
from tests import cast
from tests.accountability.sending import morning as send_this_morning

FIRST, LAST = date(2026, 1, 12), date(2026, 12, 31)
ONE = timedelta(days=1)
BEFORE = (20, 10, 3, 0)
LATE = (-7, -14)
# 国务院办公厅关于2026年部分节假日安排的通知: days off on weekdays, and weekend days worked for them.
OFF = [
    (date(2026, 1, 1), date(2026, 1, 3)), (date(2026, 2, 15), date(2026, 2, 23)), (date(2026, 4, 4), date(2026, 4, 6)),
    (date(2026, 5, 1), date(2026, 5, 5)), (date(2026, 6, 19), date(2026, 6, 21)), (date(2026, 9, 25), date(2026, 9, 27)),
    (date(2026, 10, 1), date(2026, 10, 7)),
]  # fmt: skip
WORKED = {
    date(2026, 1, 4),
    date(2026, 2, 14),
    date(2026, 2, 28),
    date(2026, 5, 9),
    date(2026, 9, 20),
    date(2026, 10, 10),
}
SUCCESSION, MOVED_ON, WAIVED_ON, SHUFFLED = (
    date(2026, 5, 20), date(2026, 6, 10), date(2026, 6, 12), date(2026, 7, 2)
)  # fmt: skip


def is_off(day: date) -> bool:
    if day in WORKED:
        return False
    return day.weekday() >= 5 or any(first <= day <= last for first, last in OFF)


@dataclass
class Owed:
    """A duty as the calculation knows it."""

    pk: int
    due_on: date
    steps: tuple[int, ...]
    owner: int
    place: int
    unit: int | None
    done_on: date | None
    gone_on: date | None = None

    def is_open(self, day: date) -> bool:
        return not any(each and each <= day for each in (self.done_on, self.gone_on))


@dataclass
class Ledger:
    """What was told so far: the last step by person, duty and day; the last paper by duty and day."""

    told: set = field(default_factory=set)
    heard: dict = field(default_factory=dict)
    papers: set = field(default_factory=set)
    papered: dict = field(default_factory=dict)


class Staff:
    """Who holds which post on a day, read once for each day on which somebody changes."""

    def __init__(self, on: date):
        def current(row, *names) -> bool:
            return row["started_on"] <= on and (row["ended_on"] is None or row["ended_on"] >= on)

        tenures = [row for row in Tenure.objects.values(
            "post", "person", "started_on", "ended_on", "post__role", "post__organisation"
        ) if current(row)]  # fmt: skip
        self.of_post, self.liaisons, self.secretaries = (defaultdict(set) for _ in range(3))
        self.top = set()
        for row in tenures:
            self.of_post[row["post"]].add(row["person"])
            if row["post__role"] == Role.LIAISON:
                self.liaisons[row["post__organisation"]].add(row["person"])
            if row["post__role"] == Role.UNIT_SECRETARY:
                self.secretaries[row["post__organisation"]].add(row["person"])
            if row["post__role"] in (Role.SECRETARY, Role.DISCIPLINE):
                self.top.add(row["person"])
        self.leaders = defaultdict(set)
        for row in Portfolio.objects.values("post", "organisation", "started_on", "ended_on"):
            if current(row):
                self.leaders[row["organisation"]] |= self.of_post[row["post"]]

    def audience(self, duty: Owed, step: int) -> set[int]:
        people = set(self.of_post[duty.owner])
        if step > 0:
            people |= self.liaisons[duty.place]
        if step <= -7 and duty.unit:
            people |= self.leaders[duty.unit] | self.secretaries[duty.unit]
        if step <= -14:
            people |= self.top
        return people


def calculate(day: date, duties: list[Owed], staff: Staff, ledger: Ledger) -> None:
    """One morning, by hand."""
    if is_off(day):
        return
    letters = defaultdict(set)
    for duty in duties:
        left = (duty.due_on - day).days
        reached = [step for step in duty.steps if left <= step]
        if not reached or not duty.is_open(day):
            continue
        step, key = min(reached), (duty.pk, duty.due_on)
        for person in staff.audience(duty, step):
            if ledger.heard.get((person, *key), 999) > step:
                ledger.heard[person, *key] = step
                ledger.told.add((person, *key, step, day))
        if step in LATE and ledger.papered.get(key, 999) > step:
            ledger.papered[key] = step
            letters[step, duty.unit or f"post {duty.owner}"].add(duty.pk)
    for (step, to), pks in letters.items():
        ledger.papers.add((day, "remind" if step == -7 else "urge", to, frozenset(pks)))


def lay_out(chance: Random) -> list[Owed]:
    """Every duty of the year with a fate: three in five in time, one late, one never."""
    categories = defaultdict(set)
    for pk, category in Duty.objects.values_list("pk", "obligation__acts__category"):
        categories[pk].add(category)
    duties = []
    for duty in Duty.objects.select_related("organisation__parent").order_by("pk"):
        kinds = categories[duty.pk]
        is_form = "meeting" not in kinds and bool(kinds & {"report", "check"})
        fate = chance.random()
        done_on = None
        if fate < 0.8:
            late = chance.randint(1, 30) if fate >= 0.6 else -chance.randint(0, 25)
            done_on = max(FIRST, duty.due_on + timedelta(days=late))
        place = duty.organisation
        unit = place.parent_id if place.kind == "branch" else place.pk if place.is_unit else None
        steps = (15 if is_form else 20, *BEFORE[1:], *LATE)
        duties.append(Owed(duty.pk, duty.due_on, steps, duty.owner_id, place.pk, unit, done_on))
    return duties


def change(day: date, duties: list[Owed], people) -> bool:
    """What happens under way; whether somebody's post changed."""
    Duty.objects.filter(pk__in=[duty.pk for duty in duties if duty.done_on == day]).update(
        state="fulfilled", fulfilled_on=day
    )
    if day == MOVED_ON:
        for duty in [each for each in duties if each.due_on.month == 6 and each.is_open(day)][:12]:
            duty.due_on += timedelta(days=20)
            Duty.objects.filter(pk=duty.pk).update(due_on=duty.due_on)
    if day == WAIVED_ON:
        for duty in [each for each in duties if each.due_on.month == 6 and each.is_open(day)][:12]:
            duty.gone_on = day
            Duty.objects.filter(pk=duty.pk).update(state="waived")
    if day == SUCCESSION:
        post = Post.objects.get(organisation=cast.organisation(cast.OURS), role=Role.UNIT_SECRETARY)
        Tenure.objects.filter(post=post).update(ended_on=day - ONE)
        Tenure.objects.create(post=post, person=people["outsider"], started_on=day)
    if day == SHUFFLED:
        unit = cast.organisation(cast.OURS)
        Portfolio.objects.filter(organisation=unit).update(ended_on=day - ONE)
        other = Post.objects.get(title="分管人事副校长")
        Portfolio.objects.create(post=other, organisation=unit, kind="contact", started_on=day)
    return day in (FIRST, SUCCESSION, SHUFFLED)


@pytest.mark.django_db
def test_a_year_day_by_day_changed_under_way(people, clock, mailoutbox, monkeypatch):
    monkeypatch.setattr("accountability.services.jobs.queue", lambda *_, **__: (None, True))  # nothing is typeset here
    duties, ledger, mailed = lay_out(Random(7)), Ledger(), Counter()
    day = FIRST
    while day <= LAST:
        morning = datetime.combine(day, time(1, 0), tzinfo=UTC)  # 09:00 in Shanghai
        clock.move_to(morning)
        if change(day, duties, people):
            staff = Staff(day)
        calculate(day, duties, staff, ledger)
        sweep(day)
        reminder_papers.issue(day)
        send_this_morning()
        mailed.update((day, to) for mail in mailoutbox for to in mail.to)
        mailoutbox.clear()
        day += ONE

    rows = Notice.objects.filter(kind="reminder")
    told = {
        (notice.recipient_id, notice.duty_id, notice.due_on, notice.step, notice.created_on())
        for notice in rows.iterator()
    }
    assert told == ledger.told
    assert rows.count() == len(told) > 3000
    assert {step for _, _, _, step, _ in told} == {20, 15, 10, 3, 0, -7, -14}

    papers = {
        (paper.issued_on, paper.kind, paper.organisation_id if paper.is_to_unit else f"post {paper.post_id}",
         frozenset(line.duty_id for line in paper.lines.all()))
        for paper in ReminderPaper.objects.select_related("organisation").prefetch_related("lines")
    }  # fmt: skip
    assert papers == ledger.papers
    assert {kind for _, kind, *_ in papers} == {"remind", "urge"}

    assert not [row for row in told if is_off(row[-1])], "nothing on days off"
    secretary = people["secretary"].pk
    reached = {(duty, due_on) for person, duty, due_on, step, _ in told if (person, step) == (secretary, -14)}
    settled = LAST - timedelta(days=14)
    while is_off(settled + timedelta(days=14)):
        settled -= ONE
    for duty in duties:
        if duty.due_on <= settled and duty.is_open(LAST):
            assert (duty.pk, duty.due_on) in reached, duty.pk

    assert set(mailed.values()) == {1}, "one digest a person and day"
    assert not [day for day, _ in mailed if is_off(day)]
    assert set(Delivery.objects.values_list("state", flat=True)) <= {"sent", "dropped"}
    assert len(mailed) > 500
