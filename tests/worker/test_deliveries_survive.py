"""投递 survives worker and beat: killed in the middle, two beats at once; proven by the mail server's own count.

Nothing lost, no row doubled, at most one mail repeated per kill. In full size (10,000 reminders, twenty kills of the
worker, five of beat): ``pytest tests/worker/measure_deliveries.py -s``.
"""

from collections.abc import Iterator

import pytest

from tests.worker.crowd import Crowd, survive
from tests.worker.lane import SERVICES, lanes

KILLS, BEAT_KILLS = 3, 2


@pytest.fixture(params=SERVICES)
def crowd(request, tmp_path) -> Iterator[Crowd]:
    yield from lanes(Crowd, request.param, tmp_path)


def assert_once(crowd: Crowd, figures: dict, kills: int) -> None:
    addresses = {f"crowd{number}@jhjm.example" for number in range(crowd.size)}
    assert figures["in_the_middle"] == kills, "killed too late to prove anything"
    assert addresses <= set(crowd.sink.by_recipient), "lost"
    assert crowd.count("notice", "kind = 'reminder' AND digest_id IS NULL") == 0, "told nobody"
    assert crowd.count("digest") == crowd.count("delivery") == len(crowd.sink.by_id)
    assert crowd.rows("SELECT recipient_id FROM accountability_digest GROUP BY recipient_id HAVING count(*) > 1") == []
    crowds = "recipient_id IN (SELECT id FROM accountability_person WHERE username LIKE 'crowd%%')".replace("%%", "%")
    assert crowd.count("notice", crowds) == crowd.size
    assert max(crowd.sink.by_id.values()) <= 2
    assert figures["repeated"] <= kills


@pytest.mark.worker
def test_every_reminder_arrives_once(crowd):
    figures = survive(crowd, worker_kills=KILLS, beat_kills=BEAT_KILLS)
    assert_once(crowd, figures, KILLS)
