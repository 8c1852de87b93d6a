"""批量生成 survives its workers: real processes, killed in the middle, and no report is lost or made twice."""

from collections.abc import Iterator

import pytest

from tests.worker.lane import SERVICES, Lane, lanes, wait_until

PATIENCE = 240  # a paper takes seconds, on a busy machine many


class Batch(Lane):
    """A lane in which the reports of six units are ordered."""

    def lay(self) -> None:
        self.manage("2026-11-23T09:00+08:00", "-m", "tests.worker.order_reports")

    def settled(self) -> int:
        return self.of("item", "state <> 'waiting'")

    def of(self, table: str, where: str = "1 = 1") -> int:
        return self.rows(f"SELECT count(*) FROM supervision_reportbatch{table} WHERE {where}")[0][0]


@pytest.fixture(params=SERVICES)
def lane(request, tmp_path) -> Iterator[Batch]:
    yield from lanes(Batch, request.param, tmp_path)


@pytest.mark.worker
def test_every_report_is_made_once_and_packed(lane):
    lane.start_worker("2026-11-23T09:01+08:00")
    lane.dispatch(task="accountability.tasks.resume_jobs")
    wait_until(lambda: lane.settled() >= 2, "two are settled", patience=PATIENCE)
    lane.kill_worker()
    assert lane.settled() < 6, "killed too late to prove anything"

    # A quarter of an hour later the dead worker's leases have run out.
    lane.start_worker("2026-11-23T09:20+08:00")
    lane.dispatch(task="accountability.tasks.resume_jobs")
    wait_until(lambda: lane.of("", "finished_at IS NOT NULL") == 1, "the batch is packed", patience=PATIENCE)
    assert lane.of("item", "state = 'done'") == 6
    assert lane.rows("SELECT count(*) FROM supervision_report") == [(6,)]
    told = lane.rows("SELECT recipient_id, url FROM accountability_notice WHERE kind = 'report'")
    assert len(told) == len(set(told))
