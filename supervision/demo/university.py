"""演示大学: lay the foundation, live 2025 and close it, live 2026 up to today; one transaction, or nothing."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

import accountability
from accountability.models import Organisation, Person, Record, WorkYear
from accountability.models.history import save_as
from accountability.services.attachments import Examined, attach, extension_of, keep
from accountability.services.document_kinds import load_document_kinds
from accountability.services.grants import sync_grants
from accountability.services.opening import open_year
from accountability.services.organisations import import_organisation
from accountability.services.regulations import load_regulation
from inspections.services.risk_rules import load_risk_rules
from meetings.services.kinds import load_meeting_kinds
from supervision.demo import (
    admitted,
    archives,
    assessments,
    chains,
    clues,
    diary,
    files,
    formalism,
    gatherings,
    letters,
    mail,
    oversight,
    rectification,
    reminders,
    research,
    risks,
    scenes,
    supervision_letters,
    talks,
    texts,
)
from supervision.demo.clock import moment, standing_at
from supervision.demo.deeds import Deed, write
from supervision.demo.staff import appoint
from supervision.demo.years import LeftOpen, Year
from supervision.services.accountability_measures import load_kinds
from supervision.services.four_forms import load_form_measures
from supervision.services.reminder_rules import load_rules

DATA = Path(accountability.__file__).parent / "data"
FOUNDED_ON = date(2024, 12, 16)
PAST, PRESENT = diary.YEARS
# Every how many-th record brings a file, besides those of the school's meetings.
FILE_EVERY = 90


def is_founded() -> bool:
    return Organisation.objects.exists()


@transaction.atomic
def found(on: date) -> None:
    """装入演示数据, as the ledger would stand on the morning of ``on``."""
    live_the_past()
    live_on(on)


def live_the_past() -> None:
    """The year before: the same whatever day it is told on."""
    with standing_at(moment(FOUNDED_ON)):
        _lay_foundation()
    _open(PAST)
    admitted.lay()
    _live(PAST, until=diary.CLOSED_ON[PAST] - timedelta(days=1), left_open=())
    rectification.lay_past()
    assessments.lay_past()


def live_on(on: date) -> None:
    """The year under way, up to the morning of ``on``."""
    _open(PRESENT)
    _close(PAST)
    yesterday = on - timedelta(days=1)
    scenes.play(yesterday)
    _live(PRESENT, until=yesterday, left_open=scenes.LEFT_OPEN)
    chains.lay(yesterday)
    letters.lay(yesterday)
    gatherings.lay(yesterday)
    rectification.lay(yesterday)
    risks.lay(yesterday)
    research.lay(yesterday)
    supervision_letters.lay(yesterday)
    talks.lay(yesterday)
    assessments.lay(yesterday)
    formalism.lay(yesterday)
    archives.lay(yesterday)
    oversight.lay(yesterday)
    clues.lay(yesterday)
    sync_grants(on)
    reminders.lay(yesterday)
    mail.lay(yesterday)
    reminders.this_morning(on)


def _lay_foundation() -> None:
    system = Person.objects.system()
    for name in ("regulation-2019.yaml", "regulation-2021.yaml"):
        load_regulation(DATA / name, by=system)
    load_document_kinds(DATA / "documents.yaml", by=system)
    load_meeting_kinds(by=system)
    load_risk_rules(by=system)
    load_form_measures(by=system)
    load_kinds(by=system)
    load_rules(by=system)
    import_organisation(DATA / "organisations.csv", DATA / "leaders.csv", by=system)
    appoint(by=system)
    sync_grants()


def _office() -> Person:
    return Person.objects.get(username="office")


def _open(year: int) -> None:
    with standing_at(moment(diary.OPENED_ON[year])):
        sync_grants()
        open_year(year, by=_office())


def _close(year: int) -> None:
    with standing_at(moment(diary.CLOSED_ON[year], 16)):
        work_year = WorkYear.objects.get(year=year)
        work_year.closed_on = diary.CLOSED_ON[year]
        save_as(work_year, by=_office(), reason=f"封存 {year} 工作年度")


def _live(year: int, *, until: date, left_open: Collection[LeftOpen]) -> None:
    deeds = Year(year, until, left_open).deeds()
    records = write(deeds)
    _enclose(list(zip(deeds, records, strict=True)))


# ── 附件 ─────────────────────────────────────────────────────────────────────────────────────


def _enclose(told: Sequence[tuple[Deed, Record]]) -> None:
    """Minutes of the school's meetings, the sheet of who came to the large ones, and now and then a unit's document."""
    for position, (deed, record) in enumerate(told):
        enclosures = list(_enclosures(deed, position))
        with standing_at(deed.entered_at):
            for file in enclosures:
                _attach(record, file, by=deed.entered_by)


def _attach(record: Record, file: SimpleUploadedFile, *, by) -> None:
    """Pictures pass the check, which makes them small; papers of our own making need no child process each."""
    if file.name.endswith(".png"):
        attach(record, file, by=by)
    else:
        keep(record, file, Examined(file.name, extension_of(file.name)), by=by)


def _enclosures(deed: Deed, position: int) -> Iterator[SimpleUploadedFile]:
    if deed.meeting and deed.duties and deed.organisation.kind == Organisation.Kind.SCHOOL:
        yield _minutes(deed)
        if deed.meeting["expected_count"] == texts.SCHOOL_MEETINGS["warning-meeting"][0]:
            yield _sign_in_sheet(deed)
    elif not deed.meeting and position % FILE_EVERY == 0:
        yield files.pdf(f"{deed.title}.pdf", files.page(deed.title, deed.happened_on, deed.content))
        yield files.png("签字页扫描件.png", seed=deed.work_year * 10_000 + position)


def _minutes(deed: Deed) -> SimpleUploadedFile:
    more = "", f"主持：{deed.meeting['chaired_by']}", *deed.meeting["resolutions"].splitlines()
    return files.pdf("会议纪要.pdf", files.page(deed.title, deed.happened_on, deed.content, *more))


def _sign_in_sheet(deed: Deed) -> SimpleUploadedFile:
    rows = (
        ("项目", "内容"),
        ("会议", deed.title),
        ("日期", deed.happened_on.isoformat()),
        ("地点", deed.meeting["place"]),
        ("应到人数", deed.meeting["expected_count"]),
        ("实到人数", deed.meeting["present_count"]),
    )
    return files.xlsx("到会情况.xlsx", rows)
