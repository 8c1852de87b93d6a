"""Run inside a product: ``python -m tests.keeping.inside lay|write|write_on|seal|pages``; the last line is JSON."""

import hashlib
import json
import re
import sys
import time
from datetime import timedelta
from pathlib import Path

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.exceptions import ValidationError  # noqa: E402
from django.core.files.base import ContentFile  # noqa: E402
from django.db import Error, connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from accountability import backups  # noqa: E402
from accountability.auditing.outside import acting_outside  # noqa: E402
from accountability.models import Attachment, Notice, Organisation, Person, Record  # noqa: E402
from accountability.models.history import save_as  # noqa: E402
from accountability.services import audit, sealing  # noqa: E402
from tests import acts, cast, papers  # noqa: E402
from tests.foundation import lay as lay_foundation  # noqa: E402

PAGES = ("/ledger/", "/records/", "/notices/", "/organisations/", "/")
READERS = ("office", "secretary", "liaison")


def lay() -> dict:
    """The university of the tests with a few records and files, and a chain of audit with its anchor beside the database."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    lay_foundation()
    for number in range(3):
        write_one(number)
    for number in range(3):
        audit.record(backups.BACKUP, by=Person.objects.system(), number=number)
    sealing.seal_everything()
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


def write_on(first: str, last: str) -> dict:
    """Each number once, however long it takes: said when it is committed; a line for each time the database would not."""
    for number in range(int(first), int(last)):
        while not written(number):
            print("refused", flush=True)
            time.sleep(0.05)
        print(number, flush=True)
    return {}


def written(number: int) -> bool:
    """A record filed by a liaison, in one transaction with its history, its notice and its event.

    A commit that nobody answered for may have come true: whoever tries again is told that it is there.
    """
    with acting_outside("command:sync_grants"):
        try:
            acts.record(
                Person.objects.get(username="liaison"), Organisation.objects.get(name=cast.OURS), "unit-special-meeting",
                title=f"写入 {number}", on=cast.date(2026, 11, 10) - timedelta(days=number // 20), sitting=number % 20 + 1,
                credit=False, late_reason="测试",
            )  # fmt: skip
        except Error:
            connection.close()
            return False
        except ValidationError:
            assert Record.objects.filter(title=f"写入 {number}").exists()
    return True


def seal() -> dict:
    return {"sealed": sealing.seal_everything()}


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


if __name__ == "__main__":
    deeds = {"lay": lay, "write": write, "write_on": write_on, "seal": seal, "pages": pages}
    print(json.dumps(deeds[sys.argv[1]](*sys.argv[2:]), ensure_ascii=False, default=str))
