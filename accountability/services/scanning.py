"""补查毒: files that were kept while no scanner answered, or before there was one."""

import logging

from accountability import antivirus
from accountability.models import Attachment, Person
from accountability.models.history import save_as
from accountability.services.safekeeping import NotIntact, open_sound

VirusScan = Attachment.VirusScan
security = logging.getLogger("accountability.security")


def scan_missed(*, by: Person, before_there_was_one: bool = False) -> dict[str, int]:
    """Scan every file still marked 未查毒 (and those kept before a scanner was set up); how many came out how.

    Stops at the first question the scanner does not answer: the rest waits for the next time.
    """
    waiting = [VirusScan.MISSED, VirusScan.OFF] if before_there_was_one else [VirusScan.MISSED]
    counts = {VirusScan.CLEAN: 0, VirusScan.INFECTED: 0, VirusScan.MISSED: 0}
    for attachment in Attachment.objects.filter(virus_scan__in=waiting):
        verdict = _verdict(attachment)
        if verdict in (antivirus.Verdict.UNAVAILABLE, antivirus.Verdict.OFF):
            break
        if verdict is not None:
            _settle(attachment, VirusScan.of(verdict), by=by)
            counts[attachment.virus_scan] += 1
    counts[VirusScan.MISSED] = Attachment.objects.filter(virus_scan__in=waiting).count()
    return counts


def _verdict(attachment: Attachment) -> antivirus.Verdict | None:
    """None for a file the disk has lost: its page says so, a scan cannot help."""
    try:
        with open_sound(attachment) as file:
            return antivirus.scan(file)
    except NotIntact:
        return None


def _settle(attachment: Attachment, result: str, *, by: Person) -> None:
    attachment.virus_scan = result
    save_as(attachment, by=by, reason="补查毒")
    if result == VirusScan.INFECTED:
        security.warning("kept file is infected: attachment %s, sha256 %s", attachment.pk, attachment.sha256)
