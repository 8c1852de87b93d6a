"""A crowd with one reminder each, and what it takes to deliver them while processes are killed.

``python -m tests.worker.crowd 10000`` lays it, in the environment of a lane.
"""

import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import date, datetime, timedelta
from email import message_from_bytes
from itertools import count

from aiosmtpd.controller import Controller

from tests.worker.lane import CELERY, ROOT, Lane, wait_until

MORNING = datetime.fromisoformat("2026-11-23T09:00+08:00")
DUE_ON = date(2026, 11, 30)
LONGEST = 1800  # seconds for the whole, on a busy machine


class Sink:
    """A mail server that takes everything and counts, by recipient and by Message-ID."""

    def __init__(self):
        self.by_recipient, self.by_id = Counter(), Counter()
        self.lock = threading.Lock()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.content)
        with self.lock:
            self.by_recipient.update(envelope.rcpt_tos)
            self.by_id[mail["Message-ID"]] += 1
        return "250 OK"

    @property
    def total(self) -> int:
        return sum(self.by_id.values())

    def close(self) -> None:
        self.controller.stop()


class Crowd(Lane):
    """A lane with a crowd in it, a sink for its mail, and two beats."""

    settings = "tests.worker.crowd_settings"
    size = 300

    def __init__(self, *where):
        self.sink = Sink()
        self.began = time.monotonic()
        self.numbers = count(1)
        self.beats: list[subprocess.Popen] = []
        super().__init__(*where)

    def lay(self) -> None:
        self.manage(MORNING.isoformat(), "-m", "tests.worker.crowd", str(self.size))

    def environment(self, clock: str) -> dict[str, str]:
        return super().environment(clock) | {"SMTP_PORT": str(self.sink.port)}

    def now(self) -> str:
        """Its processes' clocks go on from one to the next."""
        return (MORNING + timedelta(seconds=time.monotonic() - self.began)).isoformat()

    def start_beat(self) -> None:
        schedule = str(self.folder / f"beat-{next(self.numbers)}")
        command = [
            CELERY,
            "--quiet",
            "-A",
            "config",
            "beat",
            "--loglevel=WARNING",
            f"--schedule={schedule}",
            "--pidfile=",
        ]
        self.beats.append(subprocess.Popen(command, cwd=ROOT, env=self.environment(self.now()), start_new_session=True))

    def kill_beat(self) -> None:
        beat = self.beats.pop(0)
        beat.kill()
        beat.wait()

    def unfinished(self) -> int:
        return self.count("delivery", "state NOT IN ('sent', 'dropped')")

    def close(self) -> None:
        while self.beats:
            self.kill_beat()
        super().close()
        self.sink.close()


def survive(lane: Crowd, *, worker_kills: int, beat_kills: int) -> dict:
    """Deliver everything while worker and beat are killed in the middle; figures of what happened."""
    began, killed = time.monotonic(), 0
    lane.start_worker(lane.now())
    for _ in range(2):
        lane.start_beat()
    step = lane.size // (worker_kills + 2)
    for number in range(1, worker_kills + 1):
        goal = number * step
        wait_until(lambda: lane.sink.total >= goal, f"{goal} mails are out", patience=LONGEST)  # noqa: B023
        lane.kill_worker()
        killed += lane.unfinished() > 0
        if number <= beat_kills:
            lane.kill_beat()
            lane.start_beat()
        lane.start_worker(lane.now())
    wait_until(lambda: not lane.unfinished() and lane.sink.total >= lane.size, "all is out", patience=LONGEST)
    time.sleep(5)  # beats go on: a double would come now
    repeated = lane.sink.total - len(lane.sink.by_id)
    return {"seconds": round(time.monotonic() - began), "in_the_middle": killed, "repeated": repeated}


def lay(size: int) -> None:
    """The sample university, and ``size`` people with an address and a reminder of one duty each."""
    import django

    django.setup()
    from django.utils import timezone

    from accountability.models import Duty, Notice, Person, ReminderRule
    from tests.foundation import lay as lay_foundation

    lay_foundation()
    duty = Duty.objects.order_by("pk").first()
    Duty.objects.exclude(pk=duty.pk).update(state="waived")
    Duty.objects.filter(pk=duty.pk).update(due_on=DUE_ON, state="open")
    people = [
        Person(username=f"crowd{number}", name=f"众{number}", password="!", email=f"crowd{number}@jhjm.example")
        for number in range(size)
    ]
    Person.objects.bulk_create(people, batch_size=500)
    now, rule = timezone.now(), ReminderRule.objects.first()
    Notice.objects.bulk_create(
        (
            Notice(
                recipient=person, kind="reminder", rule=rule, capacity="owner", duty=duty, due_on=DUE_ON, step=10, title=f"剩 7 天：{duty.title}",
                url=f"/ledger/{duty.pk}/", created_at=now,
            )
            for person in people
        ),
        batch_size=500,
    )  # fmt: skip


if __name__ == "__main__":
    lay(int(sys.argv[1]))
