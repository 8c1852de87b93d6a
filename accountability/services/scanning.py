"""补查毒: files that were kept while no scanner answered, or before there was one."""

import logging
from collections.abc import Iterator

from django.apps import apps
from django.db import models, transaction

from accountability import antivirus
from accountability.models import KeptFile, Person
from accountability.models.history import save_as
from accountability.services.safekeeping import NotIntact, open_sound

VirusScan = KeptFile.VirusScan
security = logging.getLogger("accountability.security")


def scan_missed(*, by: Person, before_there_was_one: bool = False) -> dict[str, int]:
    """Scan every file still marked 未查毒 (and those kept before a scanner was set up); how many came out how.

    Stops at the first question the scanner does not answer: the rest waits for the next time.
    """
    waiting = [VirusScan.MISSED, VirusScan.OFF] if before_there_was_one else [VirusScan.MISSED]
    counts = {VirusScan.CLEAN: 0, VirusScan.INFECTED: 0, VirusScan.MISSED: 0}
    for kept in (kept for rows in _kept(waiting) for kept in rows):
        verdict = _verdict(kept)
        if verdict in (antivirus.Verdict.UNAVAILABLE, antivirus.Verdict.OFF):
            break
        if verdict is not None:
            result = VirusScan.of(verdict)
            _settle(kept, result, by=by)
            counts[result] += 1
    counts[VirusScan.MISSED] = sum(rows.count() for rows in _kept(waiting))
    return counts


def _kept(waiting: list[str]) -> Iterator[models.QuerySet]:
    """What waits for a scan, of every kind of file that is kept."""
    for model in apps.get_models():
        if issubclass(model, KeptFile):
            yield model.objects.filter(virus_scan__in=waiting).exclude(file="")


def _verdict(kept: KeptFile) -> antivirus.Verdict | None:
    """None for a file the disk has lost: its page says so, a scan cannot help."""
    try:
        with open_sound(kept) as file:
            return antivirus.scan(file)
    except NotIntact:
        return None


@transaction.atomic
def _settle(kept: KeptFile, result: str, *, by: Person) -> None:
    """Read again under the lock: the scan took its time, and the row may have gone on meanwhile."""
    kept = type(kept).objects.select_for_update().get(pk=kept.pk)
    kept.virus_scan = result
    save_as(kept, by=by, reason="补查毒")
    if result == VirusScan.INFECTED:
        security.warning("kept file is infected: %s %s, sha256 %s", kept._meta.model_name, kept.pk, kept.sha256)
