"""A process of an import to be measured, off the database that DATABASE_URL names; prints what it took as JSON.

    python -m bench.import_worker lay ROWS FILE   an empty database laid with the sample university and a round that was fed
                                                  back; a ledger of so many measures
    python -m bench.import_worker floor FILE      openpyxl reads the file, ``read_only``, and nothing else
    python -m bench.import_worker reading FILE    our child reads the file, nothing else
    python -m bench.import_worker command FILE    manage.py import_ledger --commit
    python -m bench.import_worker page FILE       upload, preview and confirm by the test client, off all middleware
    python -m bench.import_worker work FILE       what a worker makes of it: the job that waits
    python -m bench.import_worker export FILE     the ledger of the round written out again

Warm as a process that lives on: a small ledger goes the same way first, and is rolled back. Seconds are of the processor: this
process, its children, its backend on PostgreSQL.
"""

import json
import os
import re
import resource
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from io import BytesIO, StringIO
from pathlib import Path

import openpyxl

TICK = os.sysconf("SC_CLK_TCK")


def most_memory() -> int:
    """In MB; unlike ``ru_maxrss`` it knows nothing of the process that started this one."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) // 1024


def read_and_weigh(file) -> dict:
    """In the reading child: as the product reads; what it held at most."""
    from inspections.reading.child import read_book

    return {"rows": len(read_book(file)["book"]["problems"]), "memory": most_memory()}


def floor(content: bytes) -> None:
    for sheet in openpyxl.load_workbook(BytesIO(content), read_only=True):
        for _ in sheet.iter_rows(values_only=True):
            pass


def _processor(backend: int = 0) -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    used = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    if backend:
        told = Path(f"/proc/{backend}/stat").read_text().rpartition(") ")[2].split()
        used += (int(told[11]) + int(told[12])) / TICK
    return used


def measured(act: Callable, backend: int = 0) -> dict:
    before, of_database = _processor(backend), _processor(backend) - _processor()
    act()
    after = _processor(backend)
    return {"seconds": after - before, "database": after - _processor() - of_database, "memory": most_memory()}


def main() -> None:
    what, *arguments = sys.argv[1:]
    if what == "floor":
        content = Path(arguments[0]).read_bytes()
        print(json.dumps(measured(lambda: floor(content))))
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    import django

    django.setup()
    with redirect_stdout(StringIO()):
        told = Acts().do(what, *arguments)
    print(json.dumps(told))


class Acts:
    """What needs Django; the round, its ledger and who acts are found by name."""

    def do(self, what: str, *arguments: str) -> dict | None:
        from django.conf import settings

        settings.DEBUG = False  # the log of queries would grow with them
        return getattr(self, what)(*arguments)

    def lay(self, rows: str, file: str) -> dict:
        from django.core.management import call_command
        from django.db import connection

        from accountability.models import Person
        from tests.foundation import lay
        from tests.inspections.ledger_files import multiplied
        from tests.inspections.rounds import fed_back

        call_command("migrate", run_syncdb=True, verbosity=0)
        lay()
        fed_back(Person.objects.get(username="discipline"))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        Path(file).write_bytes(multiplied(int(rows)))
        return {}

    def reading(self, file: str) -> dict:
        from accountability.confinement import in_child
        from inspections.services.reading import MEGABYTES, SECONDS

        found = []
        content, limits = Path(file).read_bytes(), {"seconds": SECONDS, "megabytes": MEGABYTES}
        told = measured(lambda: found.append(in_child("bench.import_worker.read_and_weigh", content, **limits)))
        return told | {"memory": found[0]["memory"]}

    def command(self, file: str) -> dict:
        from django.core.management import call_command

        from inspections.models import Round

        number = Round.objects.get().number
        return self._warm_then(file, lambda path: call_command("import_ledger", path, "--round", number, "--commit"))

    def page(self, file: str) -> dict:
        return self._warm_then(file, self._upload)

    def _upload(self, path: Path) -> None:
        from django.core.files.uploadedfile import SimpleUploadedFile
        from django.test import Client

        from accountability.models import Person
        from inspections.models import LedgerImport, Round

        client = Client(SERVER_NAME="localhost")
        client.force_login(
            Person.objects.get(username="discipline"), backend="django.contrib.auth.backends.ModelBackend"
        )
        upload = {"file": SimpleUploadedFile("ledger.xlsx", path.read_bytes())}
        answer = client.post(f"/inspections/{Round.objects.get().pk}/import/", upload, follow=True)
        assert answer.status_code == 200, answer.status_code
        kept = LedgerImport.objects.latest("pk")
        answer = client.post(f"/inspections/imports/{kept.pk}/confirm/")
        assert answer.status_code == 302, answer.status_code

    def work(self, file: str) -> dict:
        """The job is there already: what warms is another, of the sample."""

        def warm_or_work(path: Path) -> None:
            if path != Path(file):
                self._upload(path)
            self._work_off()

        return self._warm_then(file, warm_or_work)

    def export(self, file: str) -> dict:
        from inspections.models import Round
        from inspections.services.export import write_workbook

        return measured(lambda: write_workbook(BytesIO(), Round.objects.get()))

    def _work_off(self) -> None:
        from accountability.models import Job
        from accountability.services import jobs

        job = Job.objects.filter(kind="ledger_import").latest("created_at", "pk")
        jobs.run(job.pk)
        job.refresh_from_db()
        assert job.state == Job.State.DONE, job.error

    def _warm_then(self, file: str, act: Callable[[Path], None]) -> dict:
        from django.db import connection, transaction

        from inspections.models import Measure
        from inspections.sample import SAMPLE

        with transaction.atomic():
            act(SAMPLE)
            transaction.set_rollback(True)
        backend = connection.connection.info.backend_pid if connection.vendor == "postgresql" else 0
        told = measured(lambda: act(Path(file)), backend)
        return told | {"measures": Measure.objects.count()}


if __name__ == "__main__":
    main()
