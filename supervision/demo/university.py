"""演示大学: lay the foundation, live 2025 and close it, live 2026 up to today; one transaction, or nothing."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from django.db import transaction

import accountability
from accountability.models import Organisation, Person, Record, WorkYear
from accountability.models.history import save_as
from accountability.services.attachments import attach
from accountability.services.grants import sync_grants
from accountability.services.opening import open_year
from accountability.services.organisations import import_organisation
from accountability.services.regulations import load_regulation
from supervision.demo import diary, files, scenes
from supervision.demo.clock import moment, standing_at
from supervision.demo.deeds import Deed, write
from supervision.demo.staff import appoint
from supervision.demo.years import Year
from supervision.services.reminders import sweep

DATA = Path(accountability.__file__).parent / "data"
FOUNDED_ON = date(2024, 12, 16)
PAST, PRESENT = diary.YEARS
# Every how many-th record of a unit brings a file; the school's meetings all do.
FILE_EVERY = 60


def is_founded() -> bool:
    return Organisation.objects.exists()


@transaction.atomic
def found(on: date) -> None:
    """装入演示数据, as the ledger would stand on the morning of ``on``."""
    with standing_at(moment(FOUNDED_ON)):
        _lay_foundation()
    _open(PAST)
    _live(PAST, until=diary.CLOSED_ON[PAST] - timedelta(days=1), left_open=set())
    _open(PRESENT)
    _close(PAST)
    yesterday = on - timedelta(days=1)
    scenes.play(yesterday)
    _live(PRESENT, until=yesterday, left_open=scenes.LEFT_OPEN)
    sync_grants(on)
    sweep(on)


def _lay_foundation() -> None:
    system = Person.objects.system()
    for name in ("regulation-2019.yaml", "regulation-2021.yaml"):
        load_regulation(DATA / name, by=system)
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


def _live(year: int, *, until: date, left_open: set[tuple[str, str]]) -> None:
    deeds = Year(year, until, left_open).deeds()
    records = write(deeds)
    _enclose(list(zip(deeds, records, strict=True)))


# ── 附件 ─────────────────────────────────────────────────────────────────────────────────────


def _enclose(told: Sequence[tuple[Deed, Record]]) -> None:
    """Minutes and sign-in sheets for the school's meetings, and here and there a document of a unit."""
    for position, (deed, record) in enumerate(told):
        is_school_meeting = deed.meeting and deed.organisation.kind == Organisation.Kind.SCHOOL
        if not is_school_meeting and position % FILE_EVERY:
            continue
        with standing_at(deed.entered_at):
            attach(record, _document(deed), by=deed.entered_by)
            if is_school_meeting and deed.duties:
                attach(record, _sign_in_sheet(deed), by=deed.entered_by)
            elif not deed.meeting:
                attach(record, files.png("签字页扫描件.png", seed=position), by=deed.entered_by)


def _document(deed: Deed):
    kind = "会议纪要" if deed.meeting else "正文"
    paragraphs = [deed.title, "", f"日期：{deed.happened_on}", *_lines(deed.content)]
    if deed.meeting:
        paragraphs += ["", f"主持：{deed.meeting['chaired_by']}", *deed.meeting["resolutions"].splitlines()]
    return files.pdf(f"{kind}.pdf", paragraphs)


def _lines(text: str, width: int = 30) -> list[str]:
    return [text[start : start + width] for start in range(0, len(text), width)]


def _sign_in_sheet(deed: Deed):
    meeting = deed.meeting
    return files.xlsx(
        "到会情况.xlsx",
        [
            ("项目", "内容"),
            ("会议", deed.title),
            ("日期", deed.happened_on.isoformat()),
            ("地点", meeting["place"]),
            ("应到人数", meeting["expected_count"]),
            ("实到人数", meeting["present_count"]),
        ],
    )
