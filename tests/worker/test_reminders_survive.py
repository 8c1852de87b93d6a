"""提醒 survive their worker: real processes, killed in the middle, twice, and a day slept through.

Each person gets each reminder exactly once, one digest a day, one mail a day; whatever was lost with the
worker, the broker's messages included.
"""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.worker.lane import SERVICES, Lane, lanes, wait_until


@pytest.fixture(params=SERVICES)
def lane(request, tmp_path) -> Iterator[Lane]:
    yield from lanes(Lane, request.param, tmp_path)


@pytest.mark.worker
def test_each_reminder_and_each_mail_exactly_once(lane):
    first, second = lane.expected
    owed_first, owed_both = len(lane.expected[first]), sum(map(len, lane.expected.values()))
    people = len({recipient for recipient, *_ in lane.expected[first]})
    assert owed_first > 300
    assert people > 50

    lane.start_worker("2026-11-23T09:00+08:00")
    lane.dispatch()
    wait_until((lane.mails / "written").exists, "a sweep has written and not committed")
    lane.kill_worker()
    assert lane.count("notice") == 0, "killed too late to prove anything"
    assert not lane.deliveries()

    lane.start_worker("2026-11-23T09:01+08:00")
    lane.dispatch(2)
    wait_until(lambda: len(lane.deliveries()) > people / 10, "a tenth of the mails is sent")
    lane.kill_worker()
    assert lane.reminders() == sorted(lane.expected[first])
    assert lane.sent_of(first) < people, "killed too late to prove anything"

    # A quarter of an hour later: the dead worker's claims have run out, and Redis hands its messages out again.
    lane.start_worker("2026-11-23T09:20+08:00")
    lane.dispatch(2)
    wait_until(lambda: lane.all_sent(first), "every digest of the first day is sent")
    lane.kill_worker()
    assert lane.reminders() == sorted(lane.expected[first])
    assert lane.count("digest") == people

    lane.start_worker("2026-11-25T09:00+08:00")
    lane.dispatch(2)
    wait_until(lambda: lane.all_sent(second), "every digest of the third day is sent")
    lane.dispatch()
    wait_until(lambda: lane.count("notice") == owed_both, "the last reminder is written")

    assert lane.reminders() == sorted(lane.expected[first] + lane.expected[second])
    digests = lane.digests()
    assert {state for *_, state in digests} == {"sent"}
    named = Counter((str(day), recipient) for _, recipient, day, _ in digests)
    owed = {(day, recipient) for day, rows in lane.expected.items() for recipient, *_ in rows}
    assert named == Counter(owed)
    deliveries = lane.deliveries()
    assert len(list(lane.mails.glob("*.eml"))) == len(deliveries) == len(digests)
    # Mail repeats only where a worker died between sending and writing so: at most one per kill, for one sends at a time.
    assert sum(deliveries.values()) - len(deliveries) <= 1
