"""Run inside a product: ``python -m tests.keeping.inside lay|write|tables|pages|models|event``; the last line is JSON."""

import hashlib
import json
import re
import sys
import time
from pathlib import Path

import django

django.setup()

from django.apps import apps  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.files.base import ContentFile  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from accountability.beating import leave_heartbeat  # noqa: E402
from accountability.models import Attachment, Heartbeat, Job, Notice, Organisation, Person  # noqa: E402
from accountability.models.history import save_as  # noqa: E402
from tests import acts, cast, papers  # noqa: E402
from tests.foundation import lay as lay_foundation  # noqa: E402

PAGES = ("/ledger/", "/records/", "/notices/", "/organisations/", "/")
READERS = ("office", "secretary", "liaison")


def lay() -> dict:
    """The university of the tests with a few records and files, and an anchor beside the database."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    lay_foundation()
    for number in range(3):
        write_one(number)
    audit = Path(settings.DATA_DIR) / "audit"
    audit.mkdir(exist_ok=True)
    (audit / "anchor").write_text("0 0000\n", encoding="utf-8")
    return {}


def write_one(number: int) -> None:
    """One act with its file, as the product writes them: file first, row after, one transaction."""
    office = Person.objects.get(username="office")
    unit = Organisation.objects.get(name=cast.OURS)
    with transaction.atomic():
        content = papers.pdf(f"第 {number} 份材料")
        digest = hashlib.sha256(content).hexdigest()
        record = acts.record(
            Person.objects.get(username="liaison"), unit, "unit-special-meeting", title=f"第 {number} 次", sitting=number % 20 + 1,
            on=cast.date(2026, 11, 20 - number // 20), credit=False, late_reason="测试",
        )  # fmt: skip
        attachment = Attachment(
            record=record, name=f"{number}.pdf", content_type="application/pdf", size=len(content), sha256=digest,
            uploaded_at=timezone.now(), uploaded_by=office,
        )  # fmt: skip
        attachment.file.save(attachment.name, ContentFile(content), save=False)
        save_as(attachment, by=office, reason="测试")
        Notice.objects.create(recipient=office, kind="comment", title=f"第 {number} 条", created_at=timezone.now())


def write() -> dict:
    """Write until told to stop by the file ``stop``; each number is said once it is committed."""
    number, stop = 3, Path(settings.DATA_DIR).with_suffix(".stop")
    while not stop.exists() and number < 300:
        write_one(number)
        print(number, flush=True)
        number += 1
        time.sleep(0.01)
    return {"written": number}


def tables() -> dict:
    """Rows and digest of every table, by a way of our own: as JSON of the values Python gets."""
    found = {}
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{name}"')
            columns = [column.name if hasattr(column, "name") else column[0] for column in cursor.description]
            rows = [json.dumps(dict(zip(columns, row, strict=True)), default=str, sort_keys=True) for row in cursor]
            found[name] = [len(rows), hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()]
    return found


def models() -> list:
    return sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed})


def pages() -> dict:
    """Pages of the cast as their browsers get them, without the token of the moment; a file too."""
    found = {}
    for reader in READERS:
        client = Client(HTTP_HOST="127.0.0.1")
        client.force_login(Person.objects.get(username=reader), backend="django.contrib.auth.backends.ModelBackend")
        for path in PAGES:
            answer = client.get(path)
            html = answer.content.decode()
            html = re.sub(r'(name="csrfmiddlewaretoken" value=")\w+', r"\1", html)
            html = re.sub(r"(X-CSRFToken[^:]*:[^\w]*)\w{32,}", r"\1", html)
            found[f"{reader} {path}"] = [answer.status_code, html]
    attachment = Attachment.objects.order_by("pk").first()
    client.force_login(Person.objects.get(username="office"), backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(f"/attachments/{attachment.pk}/content/")
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    found["file"] = [answer.status_code, hashlib.sha256(body).hexdigest()]
    return found


def fit() -> dict:
    """Whether what was restored fits together: the acts are the first so many, and every file is what its row says."""
    numbers = sorted(
        int(title.split()[1])
        for title in Notice.objects.filter(title__startswith="第 ").values_list("title", flat=True)
    )
    unsound = []
    for attachment in Attachment.objects.all():
        try:
            with attachment.file.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != attachment.sha256:
                    unsound.append(attachment.file.name)
        except OSError:
            unsound.append(attachment.file.name)
    return {"acts": len(numbers), "whole": numbers == list(range(len(numbers))), "unsound": unsound,
            "files": Attachment.objects.count()}  # fmt: skip


def events() -> list:
    from accountability.models import AuditEvent

    rows = AuditEvent.objects.order_by("pk").select_related("person")
    return [[row.kind, row.result, row.person.username if row.person else "", row.detail] for row in rows]


def job() -> dict:
    """A new row after a restore: the counters of the database go on where they were."""
    person = Person.objects.get(username="office")
    return {
        "pk": Job.objects.create(kind="paper", key=str(time.time()), requested_by=person, created_at=timezone.now()).pk
    }


def beat() -> dict:
    leave_heartbeat("worker")
    return {}


def stand_still() -> dict:
    Heartbeat.objects.all().delete()
    return {}


def hold() -> dict:
    """Have the database open until killed, with nothing under way."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    print("open", flush=True)
    time.sleep(300)
    return {}


if __name__ == "__main__":
    deeds = {
        each.__name__: each for each in (beat, stand_still, hold, lay, write, tables, models, pages, fit, events, job)
    }
    print(json.dumps(deeds[sys.argv[1]](), ensure_ascii=False, default=str))
