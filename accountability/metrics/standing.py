"""现状: what the database knows at the moment one asks; every number is a count or an age."""

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.db.models import Count, Exists, Min, OuterRef
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from accountability.backups import BACKUP, engines
from accountability.models import AuditEvent, Delivery, Heartbeat, Job

log = logging.getLogger(__name__)
NEAR_THE_END = 20_000  # events looked at for a missing seal; the night's verification looks at all


class Standing:
    """A collector. A database that does not answer is a number too, not an error."""

    def collect(self) -> Iterator[Metric]:
        try:
            found = list(self._all(timezone.now()))
        except DatabaseError as error:
            log.warning("metrics without the database: %s", error)
            found = []
        yield GaugeMetricFamily("four_database_up", "1 while the database answers.", value=1 if found else 0)
        yield from found

    def _all(self, now: datetime) -> Iterator[Metric]:
        yield _by("four_jobs", "Jobs by state.", "state", _states(Job))
        yield _by("four_deliveries", "Deliveries by state.", "state", _states(Delivery))
        oldest_job = Job.objects.filter(state=Job.State.QUEUED).aggregate(at=Min("created_at"))["at"]
        yield _age(
            "four_job_oldest_queued_seconds", "Age of the job that waits longest; 0 when none waits.", oldest_job, now
        )
        oldest = Delivery.objects.unfinished().aggregate(at=Min("created_at"))["at"]
        yield _age(
            "four_delivery_oldest_seconds", "Age of the oldest unfinished delivery; 0 when there is none.", oldest, now
        )
        beats = [
            (name, max(0.0, (now - at).total_seconds()))
            for name, at in Heartbeat.objects.values_list("name", "beat_at")
        ]
        yield _by("four_heartbeat_age_seconds", "Seconds since a process was heard of.", "process", beats)
        sessions = Session.objects.filter(expire_date__gt=now).count()
        yield GaugeMetricFamily("four_sessions", "Sessions that have not expired.", value=sessions)
        yield GaugeMetricFamily("four_database_bytes", "Size of the database.", value=engines.current().size())
        yield from self._backup(now)
        yield from self._audit()

    def _backup(self, now: datetime) -> Iterator[Metric]:
        """Nothing while there is none: an alarm asks for the absence."""
        last = AuditEvent.objects.filter(kind=BACKUP, result=AuditEvent.Result.DONE).order_by("-id").first()
        if last is None:
            return
        yield _age("four_backup_age_seconds", "Age of the last backup that was verified.", last.at, now)
        for name, words in (("size", "bytes"), ("missing", "missing_files")):
            yield GaugeMetricFamily(
                f"four_backup_{words}", f"Of the last backup: {words}.", value=last.detail.get(name, 0)
            )

    def _audit(self) -> Iterator[Metric]:
        """Events that no seal follows yet; nothing where there is no chain."""
        try:
            seal = apps.get_model("accountability", "AuditSeal")
        except LookupError:
            return
        last = seal.objects.order_by("-seq").values_list("event_id", flat=True).first() or 0
        near = AuditEvent.objects.filter(pk__gt=last - NEAR_THE_END)
        unsealed = near.filter(~Exists(seal.objects.filter(event=OuterRef("pk")))).count()
        yield GaugeMetricFamily(
            "four_audit_unsealed", "Audit events without a seal, near the end of the chain.", value=unsealed
        )


def _states(model) -> list[tuple[str, int]]:
    """All states of the model, those that nothing is in included: a line that vanishes is no number."""
    counted = dict(model.objects.order_by().values_list("state").annotate(Count("pk")))
    return [(state, counted.get(state, 0)) for state in model.State.values]


def _by(name: str, words: str, label: str, rows: Iterable[tuple[str, float]]) -> Metric:
    metric = GaugeMetricFamily(name, words, labels=[label])
    for value, number in rows:
        metric.add_metric([value], number)
    return metric


def _age(name: str, words: str, since: datetime | None, now: datetime) -> Metric:
    age = max(timedelta(0), now - since) if since else timedelta(0)
    return GaugeMetricFamily(name, words, value=age.total_seconds())
