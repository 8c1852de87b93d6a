"""In full size: 10,000 reminders, the worker killed twenty times, beat five times. Run with ``-s``; it prints figures."""

from collections.abc import Iterator

import pytest

from tests.worker.crowd import Crowd, survive
from tests.worker.lane import SERVICES, lanes
from tests.worker.test_deliveries_survive import assert_once

KILLS, BEAT_KILLS = 20, 5


class Multitude(Crowd):
    size = 10_000


@pytest.fixture(params=SERVICES)
def multitude(request, tmp_path) -> Iterator[Multitude]:
    yield from lanes(Multitude, request.param, tmp_path)


@pytest.mark.worker
def test_ten_thousand(multitude, request):
    figures = survive(multitude, worker_kills=KILLS, beat_kills=BEAT_KILLS)
    mails = multitude.sink.total
    print(f"\n{request.node.name}: {multitude.size} reminders, {KILLS} + {BEAT_KILLS} kills, {mails} mails: {figures}")
    assert_once(multitude, figures, KILLS)
