"""提示的材料: the places a hint points at, each with its words, its address and who may see it (四（三）)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accountability.models import Attachment, Document, DocumentVersion, Duty, Organisation, Person, Record
from inspections.models import Measure, ProgressLine, ProgressReport, RiskAnswer, UnitCheck
from inspections.services.risk_checks import address_of
from meetings.models import Meeting


@dataclass(frozen=True)
class Source:
    """材料种类. ``rows(user)`` comes scoped to the reader; ``words`` is the text that was compared, if any."""

    label: str
    rows: Callable[[Person], QuerySet]
    title: Callable
    organisation: Callable[..., Organisation]
    entered: Callable[..., date]
    url: Callable[..., str]
    words: Callable[..., str] = lambda row: ""


@dataclass(frozen=True)
class Place:
    """One place of a hint as its reader may see it; ``words`` and ``url`` are empty when he may not."""

    label: str
    title: str = ""
    organisation: str = ""
    entered: date | None = None
    url: str = ""
    words: str = ""
    row: object = None

    @property
    def is_seen(self) -> bool:
        return self.row is not None


def record_words(record: Record) -> str:
    return record.content


def meeting_words(meeting: Meeting) -> str:
    return "\n".join(part for part in (meeting.minutes, meeting.resolutions) if part.strip())


def document_words(document: Document) -> str:
    """The latest version, as it went up."""
    version = DocumentVersion.objects.filter(document=document, number=document.latest).first()
    return version.text if version else ""


def report_words(report: ProgressReport) -> str:
    """月报: what was said; of a measure that is done nothing new is expected."""
    lines = ProgressLine.objects.filter(report=report).exclude(completion=Measure.Completion.DONE)
    return "\n".join(filter(str.strip, [report.note, *lines.order_by("pk").values_list("progress", flat=True)]))


def check_words(check: UnitCheck) -> str:
    """自查: what was written besides ticking."""
    answers = RiskAnswer.objects.filter(unit_check=check).order_by("pk")
    rows = answers.values_list("problem", "plan", "change_words")
    return "\n".join(part for row in rows for part in row if part.strip())


def _checks(user: Person) -> QuerySet:
    within = Organisation.objects.reach_of(user)
    return UnitCheck.objects.filter(organisation__in=within).select_related("organisation", "campaign", "record")


SOURCES: dict[str, Source] = {
    "record": Source(
        "履责记录",
        lambda user: Record.objects.visible_to(user).for_list(),
        lambda row: row.title,
        lambda row: row.organisation,
        lambda row: row.entered_on,
        lambda row: reverse("record", args=[row.pk]),
        record_words,
    ),
    "meeting": Source(
        "会议记录",
        lambda user: Meeting.objects.visible_to(user).for_list(),
        lambda row: row.title,
        lambda row: row.organisation,
        lambda row: row.record.entered_on if row.record_id else row.day,
        lambda row: reverse("meeting", args=[row.pk]),
        meeting_words,
    ),
    "document": Source(
        "文件",
        lambda user: Document.objects.visible_to(user).for_list(),
        lambda row: row.title,
        lambda row: row.organisation,
        lambda row: timezone.localdate(row.submitted_at or row.created_at),
        lambda row: reverse("document", args=[row.pk]),
        document_words,
    ),
    "report": Source(
        "整改进展月报",
        lambda user: ProgressReport.objects.visible_to(user).select_related("round", "organisation", "record"),
        str,
        lambda row: row.organisation,
        lambda row: row.record.entered_on if row.record_id else row.month,
        lambda row: reverse("progress_report", args=[row.pk]),
        report_words,
    ),
    "check": Source(
        "自查答卷",
        _checks,
        lambda row: f"{row.campaign}",
        lambda row: row.organisation,
        lambda row: timezone.localdate(row.saved_at),
        lambda row: address_of(row.organisation_id, row.campaign.work_year_id),
        check_words,
    ),
    "photo": Source(
        "照片",
        lambda user: Attachment.objects.visible_to(user).select_related("record__organisation__parent", "record__act"),
        lambda row: f"{row.name}（{row.record.title}）",
        lambda row: row.record.organisation,
        lambda row: timezone.localdate(row.uploaded_at),
        lambda row: reverse("record", args=[row.record_id]),
    ),
    "duty": Source(
        "责任事项",
        lambda user: Duty.objects.visible_to(user).for_list(),
        lambda row: row.title,
        lambda row: row.organisation,
        lambda row: row.scheduled_on,
        lambda row: reverse("duty", args=[row.pk]),
    ),
}


def place_of(kind: str, pk: int | None, user: Person) -> Place | None:
    """What ``user`` may see of this place; nothing when the hint has no such place."""
    if kind not in SOURCES or pk is None:
        return None
    source = SOURCES[kind]
    row = source.rows(user).filter(pk=pk).first()
    if row is None:
        return Place(source.label)
    return Place(
        source.label,
        source.title(row),
        source.organisation(row).full_name,
        source.entered(row),
        source.url(row),
        source.words(row),
        row,
    )
