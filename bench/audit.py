"""``python -m bench.audit``: what the auditor's page and the chain cost at 1,000,000 events, on the database of DATABASE_URL.

DATABASE_URL=postgres:///audit_bench python -m bench.audit; without it, on a SQLite file of DATA_DIR. ``--rows 100000``.
``--pages``: rows made by the database itself, whose seals do not hold: the pages alone are measured.
"""

import argparse
import os
import random
import resource
import statistics
import time
from datetime import timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import RequestFactory  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from accountability.auditing import anchor, seals  # noqa: E402
from accountability.auditing.filter import AuditFilter, leaf_of  # noqa: E402
from accountability.models import AuditEvent, AuditSeal, Person  # noqa: E402
from accountability.services import audit_check, audit_state, sealing  # noqa: E402

KINDS = ["write"] * 14 + ["login"] * 3 + ["export"] * 2 + ["view"]
PAGES = {
    "newest page": "",
    "page in the middle": "before={middle}",
    "oldest page": "after={oldest}",
    "kind": "kind=export",
    "refused": "result=refused",
    "person": "who=user77",
    "kind and person": "kind=view&who=user77",
    "address": "address=10.0.7.7",
    "object": "model=accountability.duty&number=77",
    "request": "request={request}",
    "one month": "since={since}&until={until}",
    "one day and kind": "since={since}&until={since}&kind=login",
    "nothing found": "who=user77&kind=view&address=10.0.9.9",
}


def fill(rows: int) -> None:
    dice, now = random.Random(9), timezone.now()
    people = list(Person.objects.order_by("pk").values_list("pk", "username"))
    seq, previous = sealing.end_of_archives()
    start = (AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    for place in range(0, rows, 5000):
        events, chain = [], []
        for number in range(place, min(place + 5000, rows)):
            person, username = dice.choice(people)
            event = AuditEvent(
                pk=start + number, at=now - timedelta(seconds=(rows - number) * 30), kind=dice.choice(KINDS),
                result="refused" if number % 500 == 0 else "done", person_id=person, username=username,
                address=f"10.0.{dice.randint(0, 9)}.{dice.randint(1, 99)}", row_model="accountability.duty",
                row_id=str(dice.randint(1, 20_000)), row_words="责任事项", request_id=f"{dice.getrandbits(64):016x}",
                detail={"source": "record_decide"},
            )  # fmt: skip
            event.stamp = seals.stamp_of(seals.values_of(event))
            seq, before, previous = seq + 1, previous, seals.hash_of(previous, seals.values_of(event))
            events.append(event)
            chain.append(AuditSeal(event_id=event.pk, seq=seq, previous=before, hash=previous))
        with transaction.atomic():
            AuditEvent.objects.bulk_create(events)
            AuditSeal.objects.bulk_create(chain)
    anchor.advance(seq, previous, sealing._hash_at)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('accountability_auditevent', 'id'), %s)", [start + rows]
            )
        cursor.execute("ANALYZE")


def fill_quickly(rows: int) -> None:
    """The same spread of values, by the server."""
    kinds = "ARRAY[" + ", ".join(f"'{kind}'" for kind in KINDS) + "]"
    people = Person.objects.filter(username__startswith="user").order_by("pk")
    first, count = people.first().pk, people.count()
    if connection.vendor == "sqlite":
        _fill_sqlite(rows, first, count)
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accountability_auditevent (id, at, kind, result, person_id, username, address, row_model, row_id, "
            "row_words, request_id, detail, stamp) "
            f"SELECT n, now() - ({rows} - n) * interval '30 seconds', ({kinds})[1 + (random() * 19)::int], "
            "CASE WHEN n % 500 = 0 THEN 'refused' ELSE 'done' END, "
            f"{first} + p.who, 'user' || p.who, '10.0.' || (random() * 9)::int || '.' || (random() * 98)::int + 1, "
            "'accountability.duty', ((random() * 20000)::int)::text, '责任事项', substr(md5(n::text), 1, 16), "
            """'{"source": "record_decide"}', lpad(n::text, 44, '0') """
            f"FROM generate_series(1, {rows}) n CROSS JOIN LATERAL (SELECT (random() * {count - 1} + n * 0)::int AS who) p"
        )
        cursor.execute(
            "INSERT INTO accountability_auditseal (event_id, seq, previous, hash) "
            f"SELECT n, n, md5(n::text) || md5(n::text), md5((n + 1)::text) || md5((n + 1)::text) FROM generate_series(1, {rows}) n"
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('accountability_auditevent', 'id'), %s)", [rows + 1])
        cursor.execute("VACUUM ANALYZE accountability_auditevent")
        cursor.execute("VACUUM ANALYZE accountability_auditseal")


def _fill_sqlite(rows: int, first: int, count: int) -> None:
    numbers = f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {rows})"
    kinds = " ".join(f"WHEN {place} THEN '{kind}'" for place, kind in enumerate(KINDS))
    who = f"(n * 7919 % {count})"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accountability_auditevent (id, at, kind, result, person_id, username, address, row_model, row_id, "
            f"row_words, request_id, detail, stamp) {numbers} "
            f"SELECT n, strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', '-' || (({rows} - n) * 30) || ' seconds'), "
            f"CASE abs(random()) %% {len(KINDS)} {kinds} END, CASE WHEN n %% 500 = 0 THEN 'refused' ELSE 'done' END, "
            f"{first} + {who.replace('%', '%%')}, 'user' || {who.replace('%', '%%')}, "
            "'10.0.' || (abs(random()) %% 10) || '.' || (1 + abs(random()) %% 99), 'accountability.duty', "
            "CAST(1 + abs(random()) %% 20000 AS TEXT), '责任事项', lower(hex(randomblob(8))), "
            """'{"source": "record_decide"}', printf('%%044d', n) FROM s""",
            [],
        )
        cursor.execute(
            f"INSERT INTO accountability_auditseal (event_id, seq, previous, hash) {numbers} "
            "SELECT n, n, printf('%%064d', n), printf('%%064d', n + 1) FROM s",
            [],
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def page(query: str) -> None:
    """What the view reads for a page, without the templates, which cost the same for any fifty rows."""
    request = RequestFactory().get(f"/audit/?{query}")
    chosen = AuditFilter.read(request.GET)
    leaf_of(chosen, request.GET)
    chosen.count()
    audit_state.state(timezone.now())


def measured(query: str) -> tuple[int, float, float]:
    page(query)
    with CaptureQueriesContext(connection) as queries:
        page(query)
    times = []
    for _ in range(7):
        began = time.perf_counter()
        page(query)
        times.append((time.perf_counter() - began) * 1000)
    return len(queries), statistics.median(times), max(times)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--pages", action="store_true")
    chosen = parser.parse_args()
    rows = chosen.rows
    call_command("migrate", verbosity=0, run_syncdb=True)
    if not AuditEvent.objects.exists():
        Person.objects.bulk_create(Person(username=f"user{n}", name=f"用户{n}", password="!") for n in range(500))
        began = time.perf_counter()
        (fill_quickly if chosen.pages else fill)(rows)
        print(f"filled with {rows} events in {time.perf_counter() - began:.0f} s")
    events = AuditEvent.objects.order_by("at", "pk")
    count = events.count()
    oldest, middle = events[60], events[count // 2]
    words = {
        "oldest": f"{int(oldest.at.timestamp() * 1_000_000)}_{oldest.pk}",
        "middle": f"{int(middle.at.timestamp() * 1_000_000)}_{middle.pk}",
        "request": middle.request_id,
        "since": f"{middle.at:%Y-%m-%d}",
        "until": f"{middle.at + timedelta(days=30):%Y-%m-%d}",
    }
    print(f"{connection.vendor}, {count} events\n\n| page | queries | ms, median of 7 | most |\n|---|---|---|---|")
    for name, query in PAGES.items():
        asked, median, most = measured(query.format(**words))
        print(f"| {name} | {asked} | {median:.1f} | {most:.1f} |")
    if chosen.pages:
        return
    times = []
    for _ in range(30):
        audit_check.audit.record("login", username="bench")
        began = time.perf_counter()
        sealing.seal(back=sealing.SOON)
        times.append((time.perf_counter() - began) * 1000)
    print(f"\nseal of one event: {statistics.median(times):.1f} ms")
    for back, name in ((sealing.EACH_MINUTE, "each minute"), (None, "each night")):
        began = time.perf_counter()
        sealing.seal(back=back)
        print(f"look for unsealed events {name}: {(time.perf_counter() - began) * 1000:.0f} ms")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    processor = time.process_time()
    found = audit_check.check()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"verify: {found.events} links, sound: {found.is_sound}, {found.seconds:.1f} s, {time.process_time() - processor:.1f} s "
        f"of processor, {found.events / found.seconds:.0f} links a second; peak memory {before // 1024} → {after // 1024} MB"
    )


if __name__ == "__main__":
    main()
