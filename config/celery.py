"""The Celery application: the same code on the embedded file broker and on Redis.

The broker only wakes workers. What must not be lost is a row: a Job, a Notice, a Digest.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("four_responsibilities")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
