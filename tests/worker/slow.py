"""Makes a worker slow enough to be killed in the middle: a sweep that waits before it commits, a slow mail server."""

import re
import time
from pathlib import Path

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.db.backends.signals import connection_created

PAUSE = 0.03
SWEEP_PAUSE = 2.0
WRITTEN = "written"  # lies in the mail folder as soon as a sweep has written its rows, and not yet committed them


def drag(execute, sql, params, many, context):
    done = execute(sql, params, many, context)
    if sql.startswith('INSERT INTO "accountability_notice"'):
        (Path(settings.MAIL_FOLDER) / WRITTEN).touch()
        time.sleep(SWEEP_PAUSE)
    return done


def slow_down(connection, **_) -> None:
    connection.execute_wrappers.append(drag)


connection_created.connect(slow_down, dispatch_uid="slow")


class Mailbox(BaseEmailBackend):
    """One file per Message-ID, as a mail server that drops repeats; ``sent.log`` has a line per delivery."""

    def send_messages(self, messages) -> int:
        for message in messages:
            time.sleep(PAUSE)
            self._keep(message.message())
        return len(messages)

    def _keep(self, mail) -> None:
        folder = Path(settings.MAIL_FOLDER)
        name = re.sub(r"[^\w.@-]", "", mail["Message-ID"])
        (folder / f"{name}.eml").write_bytes(mail.as_bytes())
        with (folder / "sent.log").open("a", encoding="utf-8") as log:
            log.write(f"{name}\n")
