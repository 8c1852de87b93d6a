"""Must show 4 on PostgreSQL: its server crashes, its files may not grow, its disk is full, during a thousand writes.

Two processes write records by the service, each in one transaction with its history, its notice and its event, and try
again until they are answered. Nothing acknowledged is lost, nothing is there by half or twice, the chain of audit is
whole, and when the trouble is over the product goes on by itself.
"""

import time
from collections.abc import Callable, Iterator

import pytest

from tests.keeping.cluster import BINARIES, Cluster, Disk
from tests.keeping.product import ON_POSTGRES, Product
from tests.keeping.test_backup import NO_CLIENT

pytestmark = [
    pytest.mark.worker,
    pytest.mark.skipif(not ON_POSTGRES, reason="SQLite has no server; tests/accountability/test_audit_outage.py fills its disk"),
    pytest.mark.skipif(NO_CLIENT or not BINARIES, reason="PostgreSQL's programs (initdb, pg_ctl, pg_dump, psql) are not installed"),
]  # fmt: skip
WRITES = 1000
TROUBLES = (300, 450, 600, 750)  # after so many are acknowledged
MEGABYTE = 1024 * 1024


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    cluster = Cluster()
    yield cluster
    cluster.remove()


class Writers:
    """Two processes; what they said is read from files, for a pipe that is full would stop them."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.logs = [product.folder / f"said-{number}" for number in (1, 2)]
        self.complaints = product.folder / "complaints"
        self.processes = [
            product.start("-m", "tests.keeping.inside", "write_on", f"{first}", f"{first + WRITES // 2}",
                          stdout=log.open("w"), stderr=self.complaints.open("a"))
            for first, log in zip((0, WRITES // 2), self.logs, strict=True)
        ]  # fmt: skip

    def said(self) -> list[str]:
        return [line for log in self.logs for line in log.read_text().splitlines()]

    def told(self) -> str:
        """For a test that fails: how far they came, and what went wrong."""
        lines = [line for line in self.complaints.read_text().splitlines() if " INFO " not in line]
        return "\n".join([f"{len(self.acknowledged)} acknowledged", *lines[-40:]])

    @property
    def acknowledged(self) -> list[int]:
        return [int(line) for line in self.said() if line.isdigit()]

    @property
    def refused(self) -> int:
        return self.said().count("refused")

    def until(self, holds: Callable[[], bool], meanwhile: Callable[[], None] = lambda: None) -> None:
        end = time.monotonic() + 120
        while not holds():
            assert time.monotonic() < end and any(each.poll() is None for each in self.processes), self.told()
            meanwhile()
            time.sleep(0.05)

    def until_done(self) -> None:
        for process in self.processes:
            assert process.wait(timeout=120) == 0, self.told()

    def end(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def written_through(laid, tmp_path) -> Iterator[Callable]:
    """Writes a thousand through the troubles given, on a server of one's own; returns the product and its writers."""
    begun: list[Writers] = []

    def write(cluster: Cluster, trouble: Callable[[Writers], None], prepare: str = "") -> tuple[Product, Writers]:
        product = Product(tmp_path / "data", like=laid, server=cluster.address)
        if prepare:
            product.execute(prepare)
        writers = Writers(product)
        begun.append(writers)
        for number in TROUBLES:
            writers.until(lambda number=number: len(writers.acknowledged) >= number)
            trouble(writers)
        writers.until_done()
        return product, writers

    yield write
    for writers in begun:
        writers.end()


def test_a_server_that_crashes_again_and_again_loses_nothing_acknowledged(cluster, written_through):
    cluster.make()

    def crash(writers: Writers) -> None:
        cluster.crash()
        before = writers.refused
        writers.until(lambda: writers.refused >= before + 2)
        cluster.start()

    product, writers = written_through(cluster, crash)
    assert cluster.log.count("automatic recovery in progress") == len(TROUBLES)
    assert_whole(product, writers)


def test_files_that_may_not_grow_lose_nothing_acknowledged(cluster, written_through):
    """Pages of events hold one each, so that theirs is the file that may not grow, when the record is written already."""
    cluster.make()

    def starve(writers: Writers) -> None:
        cluster.let_files_grow_to(MEGABYTE)
        before = writers.refused
        writers.until(lambda: writers.refused >= before + 20)
        cluster.let_files_grow_to("unlimited")

    wide = "ALTER TABLE accountability_auditevent SET (fillfactor = 10)"
    product, writers = written_through(cluster, starve, wide)
    assert "could not extend file" in cluster.log
    assert_whole(product, writers)


def test_a_full_disk_loses_nothing_acknowledged(cluster, written_through):
    """No room for anything, the WAL neither: the server gives up, and is started again when there is room."""
    disk = Disk(cluster.disk, megabytes=200)
    if not disk.is_mounted:
        pytest.skip("only who may mount has a small disk")
    try:
        cluster.make()

        def fill(writers: Writers) -> None:
            before = writers.refused
            writers.until(lambda: writers.refused >= before + 20, meanwhile=disk.fill)
            disk.empty()
            cluster.bring_back()

        product, writers = written_through(cluster, fill)
        assert "No space left on device" in cluster.log
        assert_whole(product, writers)
    finally:
        cluster.stop()
        disk.remove()


def assert_whole(product: Product, writers: Writers) -> None:
    """Each number once: acknowledged, as a record, its history, its notice and its event; every event sealed."""
    assert sorted(writers.acknowledged) == list(range(WRITES))
    records = dict(product.execute("SELECT id, title FROM accountability_record WHERE title LIKE '写入 %'"))
    assert sorted(int(title.split()[1]) for title in records.values()) == list(range(WRITES))
    history = product.execute("SELECT id FROM accountability_historicalrecord WHERE title LIKE '写入 %'")
    assert sorted(pk for (pk,) in history) == sorted(records)
    notices = product.execute("SELECT title FROM accountability_notice WHERE title LIKE '待审核：写入 %'")
    assert sorted(title.removeprefix("待审核：") for (title,) in notices) == sorted(records.values())
    events = product.execute("SELECT row_id FROM accountability_auditevent WHERE row_model = 'accountability.record'")
    assert sorted(int(pk) for (pk,) in events) == sorted(records)
    product.tell("seal")
    unsealed = "SELECT id FROM accountability_auditevent EXCEPT SELECT event_id FROM accountability_auditseal"
    assert product.execute(unsealed) == []
    assert "审计链完整" in product.manage("verify_audit")
