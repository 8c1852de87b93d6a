"""批量办理: make, send up, approve or print all documents of a kind at once, line by line, with progress (三（三）1).

Each line is a transaction of its own: what can be done is done, what cannot says why; run again, it goes on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accountability import access
from accountability.models import (
    Document,
    DocumentBatch,
    DocumentKind,
    Duty,
    Notice,
    Organisation,
    Person,
    Post,
    WorkYear,
)
from accountability.models.history import save_as
from accountability.services import documents, jobs, papers
from accountability.services.notices import notify

KIND = "document_batch"
Action, State = DocumentBatch.Action, Document.State


@dataclass(frozen=True)
class Owed:
    """应有的一份: for whom, and the document if it exists."""

    organisation: Organisation
    post: Post | None
    document: Document | None

    @property
    def whose(self) -> str:
        return self.post.full_title if self.post else self.organisation.full_name


def owed(kind: DocumentKind, year: int) -> list[Owed]:
    """Every document of the kind the year's ledger asks for."""
    duties = (
        Duty.objects.of_year(year)
        .owed()
        .filter(obligation__acts=kind.act)
        .select_related("organisation__parent", "bearer_post__organisation__parent")
        .order_by("organisation__rank", "organisation_id", "bearer_post__rank", "id")
    )
    documents = Document.objects.standing().of_year(year).filter(kind=kind).for_list()
    standing = {(row.organisation_id, row.post_id): row for row in documents}
    found = {(duty.organisation_id, duty.bearer_post_id): duty for duty in duties}
    return [Owed(duty.organisation, duty.bearer_post, standing.get(key)) for key, duty in found.items()]


def may_order(user: Person, action: str) -> bool:
    if action == Action.PASS:
        return access.may_manage_duties(user) or access.holds(user, "secretary")
    return access.may_manage_duties(user)


@transaction.atomic
def order(action: str, kind: DocumentKind, year: int, *, by: Person) -> DocumentBatch:
    """下达批量办理; joins the one under way for the same thing."""
    if not may_order(by, action):
        raise PermissionDenied("批量办理由党委办公室下达，批量审定由审定人下达。")
    work_year = WorkYear.objects.filter(year=year, closed_on=None).first()
    if work_year is None:
        raise ValidationError(f"{year} 工作年度未开启或已封存，不能批量办理。")
    job, is_new = jobs.queue(KIND, f"{action}-{kind.pk}-{year}", by=by)
    if not is_new and (under_way := DocumentBatch.objects.filter(job=job).first()):
        return under_way
    batch = DocumentBatch(
        action=action, kind=kind, work_year=work_year, job=job, requested_by=by, created_at=timezone.now()
    )
    save_as(batch, by=by, reason=batch.get_action_display())
    return batch


@jobs.runs(KIND, "文件批量办理")
def work(run: jobs.Run) -> None:
    """In the worker. A line done before a crash is found done and passed over."""
    batch = DocumentBatch.objects.select_related("kind__act", "requested_by").get(job=run.job)
    lines = owed(batch.kind, batch.work_year_id)
    results = []
    for position, line in enumerate(lines, 1):
        run.tell(int(90 * position / len(lines)), f"{position} / {len(lines)} {line.whose}")
        results.append(_attempt(batch, line))
    if batch.action == Action.PRINT:
        run.tell(95, "正在合并")
        _join(batch, [line.document for line in lines if _is_frozen(line.document)])
    _finish(batch, results)


def _attempt(batch: DocumentBatch, line: Owed) -> dict:
    verb: Callable[[DocumentBatch, Owed], tuple[Document | None, str]] = VERBS[batch.action]
    try:
        document, said = verb(batch, line)
        done = True
    except (ValidationError, PermissionDenied) as error:
        document, done = line.document, False
        said = "；".join(error.messages) if isinstance(error, ValidationError) else str(error)
    return {"whose": line.whose, "done": done, "said": said[:200], "document": document.pk if document else None}


def _make(batch: DocumentBatch, line: Owed) -> tuple[Document, str]:
    if line.document:
        return line.document, f"已有，{line.document.get_state_display()}"
    document = documents.make(
        by=batch.requested_by,
        kind=batch.kind,
        organisation=line.organisation,
        post=line.post,
        work_year=batch.work_year_id,
    )
    return document, "已制作"


def _submit(batch: DocumentBatch, line: Owed) -> tuple[Document, str]:
    document = _existing(line)
    if not document.may_change:
        return document, f"无须送审，{document.get_state_display()}"
    document = documents.perform(document, "submit", by=batch.requested_by)
    return _set_paper(document), "已送审" if document.state == State.IN_REVIEW else "已送签"


def _pass(batch: DocumentBatch, line: Owed) -> tuple[Document, str]:
    document = _existing(line)
    if document.state != State.IN_REVIEW:
        return document, f"无须审定，{document.get_state_display()}"
    document = documents.perform(document, "pass", by=batch.requested_by)
    return _set_paper(document), "已审定"


def _set_paper(document: Document) -> Document:
    if document.state == State.APPROVED:
        papers.freeze_now(document)
    return document


def _print(batch: DocumentBatch, line: Owed) -> tuple[Document, str]:
    document = _existing(line)
    if not _is_frozen(document):
        raise ValidationError(f"尚未排版，当前是「{document.get_state_display()}」。")
    return document, document.number_text


def _existing(line: Owed) -> Document:
    if line.document is None:
        raise ValidationError("还没有制作。")
    return line.document


VERBS = {Action.MAKE: _make, Action.SUBMIT: _submit, Action.PASS: _pass, Action.PRINT: _print}


def _is_frozen(document: Document | None) -> bool:
    return document is not None and document.state in (State.TO_SIGN, State.SIGNED)


def _join(batch: DocumentBatch, frozen: list[Document]) -> None:
    """合并打印: each paper begins on a right-hand page, so that both sides can be printed."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter()
    for document in sorted(frozen, key=lambda each: each.number):
        version = document.versions.get(number=document.latest)
        reader = PdfReader(BytesIO(papers.frozen_bytes(version)))
        for page in reader.pages:
            writer.add_page(page)
        if len(reader.pages) % 2:
            writer.add_blank_page()
    if not frozen:
        return
    content = BytesIO()
    writer.write(content)
    batch.pages = len(writer.pages)
    batch.file.save(f"{batch.pk}.pdf", ContentFile(content.getvalue()), save=False)


@transaction.atomic
def _finish(batch: DocumentBatch, results: list[dict]) -> None:
    batch.lines = results
    save_as(batch, by=batch.requested_by, reason="批量办理完成")
    notify(
        [batch.requested_by],
        kind=Notice.Kind.REPORT,
        title=f"{batch}已完成",
        body=f"{batch.done} 份办妥，{len(batch.refused)} 份未办。",
        url=f"{reverse('document_batches')}?kind={batch.kind.act.code}&year={batch.work_year_id}",
    )


def counts(lines: list[Owed]) -> list[tuple[str, int]]:
    """各状态份数, in the order of the work."""
    found = {"未制作": sum(line.document is None for line in lines)}
    for state in State:
        number = sum(line.document is not None and line.document.state == state for line in lines)
        if number:
            found[state.label] = number
    return [(label, number) for label, number in found.items() if number]
