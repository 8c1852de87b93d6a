"""Settings of the worker and beat processes among a crowd: a real mail server on a port, a beat that hurries, a clock.

WORKER_CLOCK  the moment at which the process believes to start; its clock ticks on from there
SMTP_PORT     where the test's own mail server listens
"""

import os
from datetime import datetime

import time_machine

from tests.unmigrated import *  # noqa: F403

time_machine.travel(datetime.fromisoformat(os.environ["WORKER_CLOCK"]), tick=True).start()

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT = "127.0.0.1", int(os.environ["SMTP_PORT"])
DELIVERY_LEASE_SECONDS = 6
CELERY_BEAT_SCHEDULE = {
    "deliver": {"task": "accountability.tasks.deliver_due", "schedule": 1.0},
    "remind": {"task": "supervision.tasks.remind", "schedule": 3.0},
}
