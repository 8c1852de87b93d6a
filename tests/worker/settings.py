"""Settings of the worker processes under test: the product's own, at an hour of our choosing, with a slow mail server.

WORKER_CLOCK  the moment at which the process believes to start; its clock ticks on from there
MAIL_FOLDER   where tests.worker.slow.Mailbox leaves the mails
"""

import os
from datetime import datetime

import time_machine

from tests.unmigrated import *  # noqa: F403

time_machine.travel(datetime.fromisoformat(os.environ["WORKER_CLOCK"]), tick=True).start()

EMAIL_BACKEND = "tests.worker.slow.Mailbox"
MAIL_FOLDER = os.environ["MAIL_FOLDER"]
CELERY_IMPORTS = ["tests.worker.slow"]
