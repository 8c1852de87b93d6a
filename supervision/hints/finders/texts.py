"""文字雷同: records, documents, minutes, monthly reports and self-checks held against one another (四（三）)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Prefetch
from django.utils import timezone

from accountability.models import Clause, Document, DocumentKind, DocumentVersion, Obligation, Organisation, Record
from accountability.papers.references import CODE
from accountability.services.prefill import own_words
from inspections.models import CheckCampaign, Measure, ProgressLine, ProgressReport, Requirement, UnitCheck
from inspections.models.checks import STANDING
from meetings.models import Meeting, RequiredItem
from supervision.hints.finders import Found, Scope, Tell, short
from supervision.hints.parallels import parallels
from supervision.hints.similarity import Bounds, Likeness, Text, compare
from supervision.hints.sources import meeting_words
from supervision.models import Hint
from supervision.report.narrative import prewritten

SCHOOL_KINDS = (Organisation.Kind.SCHOOL, Organisation.Kind.COMMISSION)


@dataclass(frozen=True)
class Piece:
    """一份材料 with what is needed to compare it and to tell of it."""

    kind: str
    pk: int
    title: str
    words: str
    organisation: Organisation
    work_year: int
    at: datetime
    author: int | None
    post: int | None = None

    @property
    def bearer(self) -> tuple[str, int]:
        """Whose it is: in a unit the unit's, at the school the post's where a post bears it."""
        if self.post and self.organisation.kind in SCHOOL_KINDS:
            return "post", self.post
        return "organisation", self.organisation.pk

    def as_text(self) -> Text:
        parent = self.organisation.parent if self.organisation.kind == Organisation.Kind.BRANCH else None
        names = (self.organisation.name, parent.name if parent else "")
        order = (self.work_year, self.at, self.kind, self.pk)
        return Text((self.kind, self.pk), self.bearer, order, self.words, names)

    def told(self) -> str:
        on = timezone.localtime(self.at)
        return f"{self.organisation.full_name}《{short(self.title)}》（{on:%Y-%m-%d}）"


def find(scope: Scope, tell: Tell) -> Iterator[Found]:
    pieces = {(piece.kind, piece.pk): piece for piece in _pieces(scope)}
    bounds = Bounds(settings.HINT_TEXT_PERCENT / 100, settings.HINT_TEXT_LEAST)
    texts = [piece.as_text() for piece in pieces.values()]

    def told(done: int, total: int) -> None:
        tell(5 + 60 * done // max(total, 1), f"正在比对文字（{done}／{total}）")

    for likeness in compare(texts, boilerplate=_boilerplate(), bounds=bounds, tell=told):
        later, earlier = pieces[likeness.later], pieces[likeness.earlier]
        if later.work_year in scope.years:
            yield _found(likeness, later, earlier)


def _found(likeness: Likeness, later: Piece, earlier: Piece) -> Found:
    kind = Hint.Kind.BETWEEN
    if likeness.is_same_bearer:
        kind = Hint.Kind.AGAIN if later.work_year == earlier.work_year else Hint.Kind.YEARS
    seen = parallels(later.words, earlier.words)
    return Found(
        kind,
        f"{later.kind}:{later.pk}|{earlier.kind}:{earlier.pk}",
        later.organisation.pk,
        later.work_year,
        f"{later.told()}约 {seen.percent}% 的文字见于{earlier.told()}。",
        (later.kind, later.pk),
        (earlier.kind, earlier.pk),
        earlier.organisation.pk if earlier.organisation.pk != later.organisation.pk else None,
        author=later.author,
    )


def _boilerplate() -> list[str]:
    """通用文字: what the system and the school put into people's mouths, and what an answer quotes from the question."""
    titles = list(Obligation.objects.values_list("title", flat=True).distinct())
    templates = DocumentKind.objects.values_list("template", flat=True)
    return [
        *(line for template in templates for line in own_words(template, ())),
        *own_words("", titles),
        *Clause.objects.values_list("summary", flat=True),
        *Obligation.objects.values_list("requirement", flat=True),
        *RequiredItem.objects.values_list("title", flat=True),
        *CheckCampaign.objects.values_list("guidance", flat=True),
        *Requirement.objects.values_list("text", flat=True),
    ]


# ── what there is to compare; each text once, wherever else it is kept ───────────────────────


def _pieces(scope: Scope) -> Iterator[Piece]:
    for gather in (_records, _meetings, _documents, _reports, _checks):
        yield from (piece for piece in gather(scope) if len(piece.words) >= settings.HINT_TEXT_LEAST)


def _filed(scope: Scope):
    """Records that speak: neither withdrawn nor sent back."""
    return Record.objects.filter(work_year__in=scope.against, state__in=STANDING)


def _records(scope: Scope) -> Iterator[Piece]:
    """Those that say something themselves: minutes, documents, reports and checks are read where they stand."""
    rows = _filed(scope).filter(meeting=None, document=None, progress_report=None, risk_check=None)
    for row in rows.exclude(content="").select_related("organisation__parent").iterator():
        yield Piece(
            "record",
            row.pk,
            row.title,
            row.content,
            row.organisation,
            row.work_year_id,
            row.entered_at,
            row.entered_by_id,
            row.post_id,
        )


def _meetings(scope: Scope) -> Iterator[Piece]:
    rows = Meeting.objects.filter(record__in=_filed(scope).values("pk")).select_related(
        "organisation__parent", "record"
    )
    for row in rows.iterator():
        yield Piece(
            "meeting",
            row.pk,
            row.title,
            meeting_words(row),
            row.organisation,
            row.work_year_id,
            row.record.entered_at,
            row.record.entered_by_id,
        )


def _documents(scope: Scope) -> Iterator[Piece]:
    """What went up for review or further; a draft is nobody's word yet."""
    unfinished = (Document.State.DRAFT, Document.State.RETURNED, Document.State.WITHDRAWN)
    documents = Document.objects.filter(work_year__in=scope.against).exclude(state__in=unfinished)
    versions = DocumentVersion.objects.filter(document__in=documents.values("pk")).select_related(
        "document__organisation__parent", "document__report"
    )
    for version in versions.iterator():
        row = version.document
        if version.number == row.latest:
            at, author = row.submitted_at or row.created_at, row.submitted_by_id or row.drafted_by_id
            words = _own_words_of(version)
            yield Piece(
                "document", row.pk, row.title, words, row.organisation, row.work_year_id, at, author, row.post_id
            )


def _own_words_of(version: DocumentVersion) -> str:
    """Of an annual report what people wrote: not the lines the system wrote from figures, which others have alike."""
    report = getattr(version.document, "report", None)
    if report is None:
        return version.text
    written = {line for each in report.figure_sets.all() for line in prewritten(each.figures).split("\n")}
    return "\n".join(line for line in version.text.split("\n") if line not in written and not CODE.search(line))


def _reports(scope: Scope) -> Iterator[Piece]:
    said = ProgressLine.objects.exclude(completion=Measure.Completion.DONE).order_by("pk")
    rows = ProgressReport.objects.filter(record__in=_filed(scope).values("pk"))
    rows = rows.select_related("organisation__parent", "record").prefetch_related(Prefetch("lines", said))
    for row in rows.iterator(chunk_size=500):
        words = "\n".join(filter(str.strip, [row.note, *(line.progress for line in row.lines.all())]))
        record = row.record
        yield Piece(
            "report",
            row.pk,
            f"{row.month_words}整改进展月报",
            words,
            row.organisation,
            record.work_year_id,
            record.entered_at,
            record.entered_by_id,
        )


def _checks(scope: Scope) -> Iterator[Piece]:
    rows = UnitCheck.objects.filter(record__in=_filed(scope).values("pk"))
    rows = rows.select_related("organisation__parent", "record", "campaign").prefetch_related("answers")
    for row in rows.iterator(chunk_size=500):
        said = [(answer.problem, answer.plan, answer.change_words) for answer in row.answers.all()]
        yield Piece(
            "check",
            row.pk,
            f"{row.campaign}",
            "\n".join(part for parts in said for part in parts if part.strip()),
            row.organisation,
            row.campaign.work_year_id,
            row.record.entered_at,
            row.record.entered_by_id,
        )
