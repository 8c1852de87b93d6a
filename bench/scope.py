"""What it costs that everybody sees his own part of the tree, whether he sees just that, and what moving a part costs (P3).

    python -m bench.scope [--engine sqlite|postgresql] [--duties 1000000] [--rounds 7] [--users 200]

Within one process: on SQLite seconds of its processor, on PostgreSQL of the clock. Rounds are interleaved. What is moved is
put back, for nothing is committed.
"""

import argparse
import os
import platform
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import date

from bench.databases import ENGINES, served
from bench.measuring import spread

SEED = 7
SCOPED, MOVED = 1.5, 100
TENTH = "unit_secretary"


def clock() -> float:
    from django.db import connection

    return time.process_time() if connection.vendor == "sqlite" else time.perf_counter()


def timed(work: Callable[[], object]) -> float:
    began = clock()
    work()
    return (clock() - began) * 1000


# ── page and count ───────────────────────────────────────────────────────────────────────────


def page_and_count(rows) -> tuple[list, int]:
    """Fifty rows under two conditions, and how many there are."""
    rows = rows.of_year(2026).filter(state="fulfilled", due_on__gte=date(2026, 2, 1))
    return list(rows.select_related("organisation", "owner").order_by("due_on", "id")[:50]), rows.count()


def scoped() -> None:
    """The person is read anew, so that his grants and posts are."""
    from accountability.models import Duty, Person

    page_and_count(Duty.objects.visible_to(Person.objects.get(username=TENTH)))


def unscoped() -> None:
    from accountability.models import Duty, Person

    Person.objects.get(username=TENTH)
    page_and_count(Duty.objects.all())


# ── the oracle ───────────────────────────────────────────────────────────────────────────────


class Oracle:
    """Who sees which duties, by nothing but dictionaries: parents instead of paths, sets instead of subqueries."""

    def __init__(self) -> None:
        from guardian.models import UserObjectPermission

        from accountability.models import Cooperation, Duty, Organisation, Tenure

        self.parents = dict(Organisation.objects.values_list("pk", "parent"))
        self.by_place, self.by_owner, self.by_helper = defaultdict(set), defaultdict(set), defaultdict(set)
        self.confidential = set()
        for pk, place, owner, hidden in Duty.objects.values_list(
            "pk", "organisation", "owner", "is_confidential"
        ).iterator(20_000):
            self.by_place[place].add(pk)
            self.by_owner[owner].add(pk)
            if hidden:
                self.confidential.add(pk)
        for duty, place in Cooperation.objects.values_list("duty", "organisation"):
            self.by_helper[place].add(duty)
        self.roots, self.posts = defaultdict(set), defaultdict(set)
        grants = UserObjectPermission.objects.filter(permission__codename="view_ledger")
        for person, place in grants.values_list("user", "object_pk"):
            self.roots[person].add(int(place))
        for person, post in Tenure.objects.filter(ended_on=None).values_list("person", "post"):
            self.posts[person].add(post)

    def places_of(self, person: int) -> set[int]:
        return {place for place in self.parents if self._is_below(place, self.roots[person])}

    def _is_below(self, place: int | None, roots: set[int]) -> bool:
        while place is not None and place not in roots:
            place = self.parents[place]
        return place is not None

    def sees(self, person: int) -> set[int]:
        """No confidential duty was told of to anybody here."""
        seen = set().union(*(self.by_owner[post] for post in self.posts[person]))
        for place in self.places_of(person):
            seen |= self.by_place[place] | self.by_helper[place]
        return seen - self.confidential


def agreeing(users: int) -> tuple[int, int, int]:
    """How many see just what the oracle says; and of those how many see nothing, and how many everything ordinary."""
    from accountability.models import Duty, Person

    oracle = Oracle()
    ordinary = Duty.objects.ordinary().count()
    people = list(Person.objects.filter(is_active=True).order_by("pk"))
    right = nothing = everything = 0
    for person in random.Random(SEED).sample(people, min(users, len(people))):
        told = set(Duty.objects.visible_to(person).order_by().values_list("pk", flat=True))
        right += told == oracle.sees(person.pk)
        nothing += not told
        everything += len(told) == ordinary
    return right, nothing, everything


# ── moving ───────────────────────────────────────────────────────────────────────────────────


def moving(rounds: int) -> tuple[list[float], list[float], int]:
    """A college with its branches comes under another unit: our paths, and guardian's rows for one superior."""
    from django.db import transaction

    from accountability.models import Duty, Organisation, Person
    from accountability.models.history import save_as

    college = Person.objects.get(username=TENTH).tenures.get().post.organisation
    duties = Duty.objects.filter(organisation__in=Organisation.objects.below(college))
    other = Organisation.objects.exclude(pk=college.pk).filter(kind=Organisation.Kind.COLLEGE).first()
    system = Person.objects.system()

    def move() -> None:
        row = Organisation.objects.select_related("parent").get(pk=college.pk)
        row.parent = other
        save_as(row, by=system, reason="调整隶属关系")

    ours, theirs = [], []
    for _ in range(rounds):
        with transaction.atomic():
            ours.append(timed(move))
            transaction.set_rollback(True)
        with transaction.atomic():
            regrant = _guardian(duties)
            theirs.append(timed(regrant))
            transaction.set_rollback(True)
    return ours, theirs, duties.count()


def _guardian(duties) -> Callable[[], None]:
    """The best case: one superior loses a row per duty, another gets one, in two statements."""
    from django.contrib.auth.models import Permission
    from django.db import connection
    from guardian.models import UserObjectPermission

    from accountability.models import Person

    permission = Permission.objects.get(codename="view_duty")
    former, now = (Person.objects.get(username=name) for name in ("member", "secretary"))
    chosen, params = duties.order_by().values("pk").query.sql_with_params()
    table = UserObjectPermission._meta.db_table

    def grant(person: Person) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (user_id, permission_id, content_type_id, object_pk) SELECT %s, %s, %s, "
                f"CAST(one.id AS varchar(255)) FROM accountability_duty AS one WHERE one.id IN ({chosen})",
                [person.pk, permission.pk, permission.content_type_id, *params],
            )

    def regrant() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table} WHERE user_id = %s AND permission_id = %s", [former.pk, permission.pk])
        grant(now)

    grant(former)
    return regrant


# ── all of it ────────────────────────────────────────────────────────────────────────────────


def interleaved(rounds: int) -> list[tuple[float, float]]:
    scoped(), unscoped()
    measured = []
    for number in range(rounds):
        if number % 2:
            without, with_scope = timed(unscoped), timed(scoped)
        else:
            with_scope, without = timed(scoped), timed(unscoped)
        measured.append((with_scope, without))
    return measured


def told(wanted: argparse.Namespace) -> list[str]:
    import django

    measured = interleaved(wanted.rounds)
    ratios = [ours / floor for ours, floor in measured]
    right, nothing, everything = agreeing(wanted.users)
    ours, theirs, moved = moving(wanted.rounds)
    shares = [guardian / path for path, guardian in zip(ours, theirs, strict=True)]
    return [
        f"{date.today()}, {wanted.engine}, {wanted.duties:,} duties, Python {platform.python_version()}, Django "
        f"{django.get_version()}, {wanted.rounds} rounds, load {os.getloadavg()[0]:.1f}",
        "",
        "| what | figure | goal |",
        "|---|---|---|",
        f"| page and exact count of a tenth, ms | {spread([one for one, _ in measured], 1)} | |",
        f"| the same without scope, ms | {spread([one for _, one in measured], 1)} | |",
        f"| ratio | {spread(ratios)} | at most {SCOPED} |",
        f"| people who see just what the oracle says ({nothing} see nothing, {everything} all) | {right} of {wanted.users} | all |",
        f"| a part of {moved:,} duties comes under another unit, ms | {spread(ours)} | |",
        f"| guardian's DELETE and INSERT … SELECT of as many rows, ms | {spread(theirs, 0)} | |",
        f"| guardian ÷ ours | {statistics.median(shares):.0f} [{min(shares):.0f}–{max(shares):.0f}] | at least {MOVED} |",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    parser.add_argument("--duties", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--users", type=int, default=200)
    wanted = parser.parse_args()
    os.environ |= served(wanted.engine, wanted.duties)

    import django

    django.setup()
    print("\n".join(told(wanted)))


if __name__ == "__main__":
    main()
