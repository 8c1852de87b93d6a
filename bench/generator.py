"""A university of 60 organisations and ten working years, for the benches: the same rows for the same seed, on either engine.

    DATABASE_URL=… python -m bench.generator [--duties 1000000]

60 organisations in a tree of three levels, 30 of the regulation's obligations, 600 people with posts; per million duties
100,000 findings with a measure each, 20,000 meetings and 200 notices a person (100 at least). Every row is written under the constraints
of its table. No history is written: no list reads it. Ask bench.databases for a database, not this module.
"""

import argparse
import csv
import io
import os
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.core.management.color import no_style  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import Model  # noqa: E402
from django.utils import timezone  # noqa: E402

from accountability.models import (  # noqa: E402
    ActKind,
    Cooperation,
    Duty,
    Evidence,
    Notice,
    Obligation,
    Organisation,
    Person,
    Post,
    Record,
    Regulation,
    Role,
    Subject,
    Tenure,
    WorkYear,
)
from accountability.services import table_statistics  # noqa: E402
from accountability.services.grants import sync_grants  # noqa: E402
from accountability.services.organisations import import_organisation  # noqa: E402
from inspections.models import Finding, Measure, Round, RoundUnit  # noqa: E402
from meetings.models import Meeting, Participant  # noqa: E402
from supervision.models import Admission, Secret  # noqa: E402
from tests import cast  # noqa: E402
from tests.foundation import DATA, lay_rules  # noqa: E402

SEED = 7
TODAY = date(2026, 11, 30)
YEARS = range(2017, 2027)
OBLIGATIONS, PEOPLE = 30, 600
ROUNDS_A_YEAR = 4
# Of the sample university: eight colleges of five branches each, ten offices; with school and commission 60.
COLLEGES = (
    "国际经贸学院", "金融管理学院", "法学院", "会计学院", "工商管理学院", "统计与信息学院", "外国语学院", "马克思主义学院",
)  # fmt: skip
OFFICES = (
    "党委办公室", "纪委办公室", "党委巡察办公室", "组织部", "教师工作部", "人事处", "财务处", "审计处", "招投标办公室", "图书馆",
)  # fmt: skip
BRANCHES = 5
SUBJECTS = {
    Organisation.Kind.SCHOOL: (Subject.COMMITTEE, Subject.SECRETARY, Subject.MEMBER),
    Organisation.Kind.COMMISSION: (Subject.DISCIPLINE,),
}
AT_ONCE = 20_000
S, R = Duty.State, Record.State


# ── writing ──────────────────────────────────────────────────────────────────────────────────


def load(model: type[Model], columns: str, rows: Iterable[tuple]) -> None:
    """By the quickest way that keeps every constraint: COPY, or one statement for many rows."""
    names = columns.split()
    rows = iter(rows)
    with transaction.atomic(), connection.cursor() as cursor:
        while some := list(islice(rows, AT_ONCE)):
            _copy(cursor, model._meta.db_table, names, some) if connection.vendor == "postgresql" else _insert(
                cursor, model._meta.db_table, names, some
            )
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(statement)


def _copy(cursor, table: str, names: list[str], rows: list[tuple]) -> None:
    lines = ("\t".join("\\N" if value is None else str(value) for value in row) for row in rows)
    cursor.copy_expert(f"COPY {table} ({', '.join(names)}) FROM STDIN", io.StringIO("\n".join(lines)))


def _insert(cursor, table: str, names: list[str], rows: list[tuple]) -> None:
    cursor.executemany(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})",
        [[value.isoformat() if isinstance(value, date) else value for value in row] for row in rows],
    )


def at(day: date, hour: int) -> str:
    """A moment as both engines read it."""
    return f"{day} {hour:02d}:00:00"


# ── the university ───────────────────────────────────────────────────────────────────────────


def lay_university() -> None:
    system = Person.objects.system()
    lay_rules(by=system)
    with TemporaryDirectory() as folder:
        organisations, leaders = Path(folder, "organisations.csv"), Path(folder, "leaders.csv")
        _write(organisations, _organisations())
        _write(leaders, _leaders())
        import_organisation(organisations, leaders, by=system, portfolios_from=date(2017, 1, 1))
    for part in cast.PARTS:
        cast.enter(part)
    _fill_posts()
    _admit()
    sync_grants(TODAY)
    open_years(Person.objects.get(username="office"))


def _table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def _organisations() -> list[dict[str, str]]:
    kept = [row for row in _table("organisations.csv") if row["单位"] in COLLEGES + OFFICES]
    return [row | {"党支部数": str(BRANCHES if row["单位"] in COLLEGES else 0)} for row in kept]


def _leaders() -> list[dict[str, str]]:
    def known(names: str) -> str:
        return "、".join(name for name in names.split("、") if name in COLLEGES + OFFICES)

    return [row | {column: known(row[column]) for column in ("分管部门", "联系单位")} for row in _table("leaders.csv")]


def _fill_posts() -> None:
    """600 people: one in each post the cast left, all others liaisons up and down the tree."""
    vacant = list(Post.objects.filter(tenures=None).order_by("pk"))
    below = Organisation.objects.exclude(kind__in=SUBJECTS).order_by("pk")
    missing = PEOPLE - Person.objects.count() - len(vacant)
    more = [
        Post(organisation=place, title=f"联络员（{number // 58 + 2}）", role=Role.LIAISON, rank=9)
        for number, place in zip(range(missing), cycle(below), strict=False)
    ]
    posts = vacant + Post.objects.bulk_create(more)
    people = Person.objects.bulk_create(
        Person(username=f"bench{number}", name=f"甲{number}", password="!") for number, _ in enumerate(posts)
    )
    Tenure.objects.bulk_create(
        Tenure(post=post, person=person, started_on=date(2017, 1, 1))
        for post, person in zip(posts, people, strict=True)
    )


def _admit() -> None:
    """知悉授权 of every kind to the one who works on what is confidential."""
    keeper, secretary = (Person.objects.get(username=name) for name in ("discipline", "secretary"))
    for secret in Secret:
        Admission.objects.create(
            person=keeper, secret=secret, from_on=date(2017, 1, 1), reason="分管这项工作",
            named_by=secretary, named_at=timezone.now(),
        )  # fmt: skip


def open_years(by: Person) -> None:
    regulation = Regulation.objects.in_force(TODAY).get()
    for year in YEARS:
        closed_on = None if year == YEARS[-1] else date(year + 1, 3, 31)
        WorkYear.objects.create(
            year=year, opened_at=timezone.now(), opened_by=by, closed_on=closed_on, regulation=regulation
        )


@dataclass(frozen=True)
class Place:
    """An organisation, and who answers and writes there."""

    pk: int
    name: str
    kind: str
    subjects: tuple[str, ...]
    posts: list[int]
    people: list[int]


@dataclass
class University:
    places: list[Place]
    obligations: list[tuple[Obligation, ActKind]]
    commission: int
    office: int
    manager: int
    dice: random.Random = field(default_factory=lambda: random.Random(SEED))

    @classmethod
    def read(cls) -> "University":
        return cls(
            places=[_place(one) for one in Organisation.objects.select_related("parent").order_by("pk")],
            obligations=_obligations(),
            commission=Organisation.objects.get(kind=Organisation.Kind.COMMISSION).pk,
            office=Person.objects.get(username="office").pk,
            manager=Person.objects.get(username="discipline").pk,
        )

    @property
    def units(self) -> list[Place]:
        """Who is inspected: colleges as often as their branches would make it, so that one of them is a tenth of all."""
        colleges = [place for place in self.places if place.kind == Organisation.Kind.COLLEGE]
        offices = [place for place in self.places if place.name in OFFICES]
        return colleges * (BRANCHES + 1) + offices


def _place(one: Organisation) -> Place:
    held = list(Tenure.objects.filter(post__organisation=one).order_by("post__rank", "pk"))
    held = [tenure for tenure in held if tenure.post.role not in (Role.INSPECTOR, Role.SYSTEM_ADMIN)] or held
    people = [tenure.person_id for tenure in held][:8]
    if len(people) < 2:
        people.append(Person.objects.get(username="discipline").pk)
    return Place(
        one.pk, one.full_name, one.kind, SUBJECTS.get(one.kind, (Subject.UNIT,)), [t.post_id for t in held][:8], people
    )


def _obligations() -> list[tuple[Obligation, ActKind]]:
    """Half of them done by meetings, in the order of the regulation."""
    chosen: dict[bool, list] = {True: [], False: []}
    governing = Obligation.objects.governing(YEARS[-1]).select_related("clause")
    for obligation in governing.prefetch_related("acts").order_by("clause__rank", "rank", "pk"):
        act = min(obligation.acts.all(), key=lambda act: (act.category != ActKind.Category.MEETING, act.pk))
        chosen[act.category == ActKind.Category.MEETING].append((obligation, act))
    meetings = chosen[True][: OBLIGATIONS // 2]
    return meetings + chosen[False][: OBLIGATIONS - len(meetings)]


# ── duties and what proves them ──────────────────────────────────────────────────────────────


@dataclass
class Proof:
    """A duty that something was handed in for."""

    duty: int
    place: Place
    year: int
    act: ActKind
    obligation: int
    day: date
    is_fulfilled: bool
    title: str


DUTY = (
    "id number title subject obligation_id clause_id work_year_id occurrence organisation_id bearer_post_id owner_id "
    "supervisor_id requirement scheduled_on due_on state fulfilled_on is_confidential"
)


def duties(here: University, count: int, proofs: list[Proof]) -> Iterator[tuple]:
    """Year by year, as they would come to be; of each year every organisation owes every obligation equally often."""
    a_year = count // len(YEARS)
    dice, places, obligations = here.dice, here.places, here.obligations
    for number in range(a_year * len(YEARS)):
        year, turn = YEARS[number // a_year], number % a_year
        place = places[turn % len(places)]
        obligation, act = obligations[turn // len(places) % len(obligations)]
        due_on = date(year, 1, 1) + timedelta(days=dice.randrange(365))
        state, day = _state(dice, due_on)
        title = f"{obligation.title}（第{turn // (len(places) * len(obligations)) + 1}次）"
        if day and (dice.random() < 0.1 or state == S.OPEN):
            proofs.append(Proof(number + 1, place, year, act, obligation.pk, day, state == S.FULFILLED, title))
        yield (
            number + 1, f"{year}-{turn + 1:06d}", title, dice.choice(place.subjects), obligation.pk, obligation.clause_id,
            year, turn // (len(places) * len(obligations)) + 1, place.pk, None, dice.choice(place.posts),
            here.commission, obligation.requirement, due_on, due_on + timedelta(days=14 * (dice.random() < 0.03)),
            state, day if state == S.FULFILLED else None, int(dice.random() < 0.001),
        )  # fmt: skip


def _state(dice: random.Random, due_on: date) -> tuple[str, date | None]:
    """Its state, and the day something was done for it, if anything was."""
    done_on = due_on + timedelta(days=dice.randrange(-25, 6))
    drawn = dice.random()
    if drawn < 0.02:
        return S.WAIVED, None
    if done_on <= TODAY and drawn < (0.98 if due_on.year < YEARS[-1] else 0.85):
        return S.FULFILLED, done_on
    is_handed_in = done_on <= TODAY and dice.random() < 0.2
    return S.OPEN, done_on if is_handed_in else None


COOPERATION = "id duty_id organisation_id"


def cooperations(here: University, count: int) -> Iterator[tuple]:
    """One duty in fifty has a unit that helps."""
    for number, duty in enumerate(range(1, count + 1, 50), 1):
        yield number, duty, here.dice.choice(here.places).pk


RECORD = (
    "id organisation_id post_id work_year_id act_id title content happened_on sitting late_reason entered_at entered_on "
    "entered_by_id state confirmer_id decided_by_id decided_at decision_reason is_confidential"
)
CONTENT = "传达学习上级精神，研究本单位落实全面从严治党主体责任的具体措施，明确责任人和完成时限。" * 4


def sittings(proofs: list[Proof]) -> list[tuple[Proof, int]]:
    """The n-th of its kind in an organisation on a day; a twenty-first has no place."""
    counted: Counter = Counter()
    found = []
    for proof in proofs:
        key = (proof.place.pk, proof.act.pk, proof.day)
        counted[key] += 1
        if counted[key] <= 20:
            found.append((proof, counted[key]))
    return found


def records(here: University, proved: list[tuple[Proof, int]]) -> Iterator[tuple]:
    dice = here.dice
    for number, (proof, sitting) in enumerate(proved, 1):
        writer, reader = dice.sample(proof.place.people, 2)
        state = R.ACCEPTED if proof.is_fulfilled else dice.choice((R.SUBMITTED, R.SUBMITTED, R.RETURNED, R.WITHDRAWN))
        entered_on = min(proof.day + timedelta(days=dice.choice((0, 0, 0, 1, 2, 12))), TODAY)
        decided = state in (R.ACCEPTED, R.RETURNED)
        yield (
            number, proof.place.pk, None, proof.year, proof.act.pk, proof.title, CONTENT, proof.day, sitting, "",
            at(entered_on, 3), entered_on, writer, state, None, reader if decided else None,
            at(entered_on, 8) if decided else None, "", 0,
        )  # fmt: skip


EVIDENCE = "id record_id duty_id obligation_id bearer_post_id"


def evidence(proved: list[tuple[Proof, int]]) -> Iterator[tuple]:
    for number, (proof, _) in enumerate(proved, 1):
        yield number, number, proof.duty, proof.obligation, None


# ── meetings ─────────────────────────────────────────────────────────────────────────────────

MEETING = (
    "id organisation_id act_id work_year_id title day starts_at ends_at place chair_id chaired_by trigger stage sequence "
    "change_reason record_id minutes resolutions expected_count present_count attendance absence revision saved_by_id "
    "saved_at check_in_nonce created_by_id created_at"
)


def meetings(here: University, proved: list[tuple[Proof, int]], count: int) -> list[tuple]:
    """One in fifty is still to come; the others are those the records tell of."""
    held = [(number, proof) for number, (proof, _) in enumerate(proved, 1) if _is_meeting(proof)]
    chosen = sorted(here.dice.sample(held, min(count - count // 50, len(held))))
    rows = [_meeting(here.dice, n, proof, proof.day, record) for n, (record, proof) in enumerate(chosen, 1)]
    coming = [proof for _, proof in held if proof.year == YEARS[-1]]
    for number in range(len(rows) + 1, count + 1):
        day = TODAY + timedelta(days=here.dice.randrange(-10, 30))
        rows.append(_meeting(here.dice, number, here.dice.choice(coming), day, None))
    return rows


def _is_meeting(proof: Proof) -> bool:
    return proof.act.category == ActKind.Category.MEETING


def _meeting(dice: random.Random, number: int, proof: Proof, day: date, record: int | None) -> tuple:
    chair, writer = dice.sample(proof.place.people, 2)
    stage = Meeting.Stage.FILED if record else dice.choice((Meeting.Stage.PLANNED, Meeting.Stage.CONVENED))
    present = dice.randrange(5, 20)
    return (
        number, proof.place.pk, proof.act.pk, proof.year, proof.title, day, "14:00:00", "16:00:00", "行政楼 301",
        chair, "主持人", "", stage, 0, "", record, CONTENT if record else "", "同意。" if record else "",
        present + 2, present if record else None, "", "", 1, writer, at(day, 9), "", writer, at(day - timedelta(days=9), 2),
    )  # fmt: skip


PARTICIPANT = "id meeting_id person_id name title seat answer reason substitute checked_in_at wrong_codes rank"


def participants(rows: list[tuple]) -> Iterator[tuple]:
    """Chair and recorder are on the list of each."""
    number = 0
    for row in rows:
        for rank, person in enumerate({row[9], row[23]}):
            number += 1
            answer = Participant.Answer.PRESENT if row[15] else Participant.Answer.EXPECTED
            yield number, row[0], person, f"参会人{person}", "", Participant.Seat.ATTENDS, answer, "", "", None, 0, rank


# ── inspections ──────────────────────────────────────────────────────────────────────────────


def open_rounds(here: University) -> list[Round]:
    rounds = Round.objects.bulk_create(
        Round(
            number=f"{year}-{turn + 1}", name=f"{year} 年第{'一二三四'[turn]}轮校内巡察", kind=Round.Kind.SCHOOL,
            starts_on=date(year, 1 + 2 * turn, 5), ends_on=date(year, 1 + 2 * turn, 25),
            feedback_on=date(year, 2 + 2 * turn, 10), rectify_by=date(year, 5 + 2 * turn, 10),
            stage=Round.Stage.RECTIFYING if year == YEARS[-1] else Round.Stage.ENDED,
            created_by_id=here.manager, created_at=timezone.now(),
        )
        for year in YEARS
        for turn in range(ROUNDS_A_YEAR)
    )  # fmt: skip
    inspected = {place.pk for place in here.units}
    RoundUnit.objects.bulk_create(RoundUnit(round=one, organisation_id=pk) for one in rounds for pk in inspected)
    return rounds


FINDING = (
    "id round_id serial turn predecessor_id organisation_id category sub_category text symptoms implementation is_focus "
    "goal due_on state entered_by_id entered_at approved_by_id approved_on applied_by_id applied_on reviewed_by_id "
    "reviewed_on verified_by_id closed_on closed_in_time review_on lacking"
)
F = Finding.State
CATEGORIES = ("党的领导", "党的建设", "全面从严治党", "选人用人", "意识形态")
RUNNING = (F.DRAFTING, F.PROPOSED, F.WORKING, F.WORKING, F.REVIEWING, F.VERIFYING, F.CLOSED, F.CLOSED)


def findings(here: University, rounds: list[Round], count: int) -> list[tuple]:
    units, each = here.units, count // len(rounds)
    return [
        _finding(here, place * each + serial, one, serial, here.dice.choice(units))
        for place, one in enumerate(rounds)
        for serial in range(1, each + 1)
    ]


def _finding(here: University, number: int, one: Round, serial: int, place: Place) -> tuple:
    dice = here.dice
    ended = F.LONG_TERM if dice.random() < 0.05 else F.CLOSED
    state = ended if one.stage == Round.Stage.ENDED else dice.choice(RUNNING)
    writer, reader = dice.sample(place.people, 2)
    applied = state in (F.REVIEWING, F.VERIFYING, F.CLOSED)
    reviewed = state in (F.VERIFYING, F.CLOSED)
    closed = state == F.CLOSED
    day = one.rectify_by - timedelta(days=dice.randrange(1, 60))
    verified = here.manager if closed or state == F.LONG_TERM else None
    if here.manager in (writer, reader):  # the discipline office does not verify its own
        verified = here.office if verified else None
    return (
        number, one.pk, serial, 1, None, place.pk, dice.choice(CATEGORIES), "", f"{place.name}落实责任不够到位，第{serial}项",
        "研究部署不够。", Finding.Implementation.GOVERNANCE, int(dice.random() < 0.1), "整改到位", one.rectify_by, state,
        here.manager, at(one.feedback_on, 2), None if state == F.DRAFTING else here.manager,
        None if state in (F.DRAFTING, F.PROPOSED) else one.feedback_on, writer if applied else None,
        day if applied else None, reader if reviewed else None, day if reviewed else None, verified,
        day if closed else None, 1 if closed else None, date(2027, 6, 30) if state == F.LONG_TERM else None, "",
    )  # fmt: skip


MEASURE = (
    "id finding_id rank text kinds leader_words leader_id lead_id helper_words owner_words owner_id term due_on is_kept_up "
    "in_period progress completion remark duty_id"
)


def measures(here: University, rows: list[tuple]) -> Iterator[tuple]:
    posts = {place.pk: place.posts for place in here.places}
    for row in rows:
        done = Measure.Completion.DONE if row[14] == F.CLOSED else Measure.Completion.UNDONE
        yield (
            row[0], row[0], 1, "召开专题会议研究，修订制度，按月检查落实情况。", "建章立制", "", None, row[5], "", "",
            here.dice.choice(posts[row[5]]), Measure.Term.DAY, row[13], 0, 0, "", done, "", None,
        )  # fmt: skip


# ── notices ──────────────────────────────────────────────────────────────────────────────────

NOTICE = "id recipient_id kind duty_id due_on step rule_id capacity title body url created_at read_at digest_id at_once copy_of_id"
KINDS = (Notice.Kind.TO_CONFIRM, Notice.Kind.RETURNED, Notice.Kind.ACCEPTED, Notice.Kind.MEETING)


def notices(here: University, each: int) -> Iterator[tuple]:
    """The last five of each person are unread."""
    people = Person.objects.exclude(username="system").order_by("pk").values_list("pk", flat=True)
    for number in range(each * len(people)):
        turn, place = divmod(number, len(people))
        day = TODAY - timedelta(days=(each - turn) * 7)
        read = at(day, 9) if turn < each - 5 else None
        kind = here.dice.choice(KINDS)
        yield (
            number + 1, people[place], kind, None, None, None, None, "", f"{Notice.Kind(kind).label}：专题会议记录", "",
            "/records/", at(day, 1), read, None, 0, None,
        )  # fmt: skip


# ── all of it ────────────────────────────────────────────────────────────────────────────────


def fill(count: int) -> None:
    lay_university()
    here = University.read()
    assert len(here.places) == 60, len(here.places)
    proofs: list[Proof] = []
    load(Duty, DUTY, duties(here, count, proofs))
    load(Cooperation, COOPERATION, cooperations(here, count))
    proved = sittings(proofs)
    load(Record, RECORD, records(here, proved))
    load(Evidence, EVIDENCE, evidence(proved))
    held = meetings(here, proved, count // 50)
    load(Meeting, MEETING, held)
    load(Participant, PARTICIPANT, participants(held))
    found = findings(here, open_rounds(here), count // 10)
    load(Finding, FINDING, found)
    load(Measure, MEASURE, measures(here, found))
    load(Notice, NOTICE, notices(here, max(count // 5000, 100)))
    if not table_statistics.gather():
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--duties", type=int, default=1_000_000)
    wanted = parser.parse_args()
    call_command("migrate", run_syncdb=True, verbosity=0)
    fill(wanted.duties)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


if __name__ == "__main__":
    main()
