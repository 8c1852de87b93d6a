"""A worker process to be measured: it does what is queued by ``jobs.run``, off the database that DATABASE_URL names.

    python -m bench.report_worker order YEAR    the office orders the reports of all units; prints the batch
    python -m bench.report_worker work BATCH    warm as a worker that lives on, prints ready, waits for a line, works until
                                                the batch is packed
    python -m bench.report_worker school YEAR   makes the school's report and prints both papers

Each prints at the end the most memory the process ever held, in MB, and how many seconds of a processor it took to work.
"""

import os
import re
import sys
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import transaction  # noqa: E402

import accountability.tasks  # noqa: E402, F401
import supervision.tasks  # noqa: E402, F401  (a worker has them all)
from accountability.models import DocumentKind, Job, Organisation, Person, Post, Role, Tenure  # noqa: E402
from accountability.services import jobs, papers  # noqa: E402
from supervision.models import ReportBatch, ReportBatchItem  # noqa: E402
from supervision.services import report_batches, report_papers, reports  # noqa: E402

settings.DEBUG = False  # the log of queries would grow with them
began_at = [0.0]
KINDS = (report_batches.ITEM, report_batches.ARCHIVE)


def office() -> Person:
    post = Post.objects.filter(role=Role.OFFICE, tenures__ended_on=None).first()
    return Tenure.objects.filter(post=post, ended_on=None).first().person


def order(year: int) -> None:
    batch = report_batches.order(report_batches.kind_of("unit"), year, by=office())
    begun = sum(
        reports.standing(batch.kind, item.organisation, None, year) is not None for item in batch.items.for_list()
    )
    print(batch.pk, batch.items.count(), begun, flush=True)


def warm(batch: int) -> None:
    """The typesetter is loaded and has its fonts; what was made for that is not kept."""
    item = ReportBatchItem.objects.for_list().filter(batch=batch).first()
    year = item.batch.work_year_id
    with transaction.atomic():
        document = reports.make_now(item.batch.kind, item.organisation, None, year, by=office()).document
        papers.render(document, document.versions.get())
        transaction.set_rollback(True)


def work(batch: int) -> None:
    warm(batch)
    print("ready", flush=True)
    sys.stdin.readline()
    began_at[0] = time.process_time()
    while not ReportBatch.objects.filter(pk=batch).exclude(finished_at=None).exists():
        job = Job.objects.filter(state=Job.State.QUEUED, kind__in=KINDS).order_by("pk").values_list("pk", flat=True)
        if first := job.first():
            jobs.run(first)
        else:
            time.sleep(0.02)


def school(year: int) -> None:
    kind = DocumentKind.objects.select_related("act").get(act__code="written-report")
    by, place = office(), Organisation.objects.get(kind=Organisation.Kind.SCHOOL)
    job, _ = jobs.queue(reports.BEGIN, reports.key_of(kind, place, None, year), by=by)
    jobs.run(job.pk)
    report = reports.standing(kind, place, None, year)
    jobs.run(jobs.queue(report_papers.PREVIEW, str(report.pk), by=by)[0].pk)
    report.refresh_from_db()
    paper = papers.render(report.document, report.document.versions.get())
    print(report.preview_pages, paper.pages, flush=True)


def most_memory() -> int:
    """In MB; unlike ``ru_maxrss`` it knows nothing of the process that started this one."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) // 1024


if __name__ == "__main__":
    {"order": order, "work": work, "school": school}[sys.argv[1]](int(sys.argv[2]))
    print(most_memory(), time.process_time() - began_at[0], flush=True)
