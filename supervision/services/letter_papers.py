"""监督文书的纸面: the PDF frozen in the worker after signing, the draft set on the spot, the Word twin (三（二）1)."""

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction

from accountability.models import Person
from accountability.models.history import save_as
from accountability.papers.sheet import Sheet, render_docx, render_pdf
from accountability.services import jobs
from accountability.services.safekeeping import intact_bytes
from supervision.letters.text import composed, sheet_of
from supervision.letters.workflow import works_on
from supervision.models import Letter
from supervision.services.letters import FREEZE, locked

if TYPE_CHECKING:
    from accountability.papers.printing import Paper

DRAFT_AT_MOST = 12_000  # characters, 25 pages: longer would hold up a web process


def _sheet(letter: Letter) -> Sheet:
    return sheet_of(letter, list(letter.matters.order_by("rank")))


@jobs.runs(FREEZE, "监督文书排版")
def freeze(run: jobs.Run) -> None:
    """排版 in the worker. Safe to repeat: what is frozen stays."""
    posts = (f"{post}__organisation__parent" for post in ("head", "copied_to", "responsible"))
    related = ("recipient__parent", "person", *posts)
    letter = Letter.objects.select_related(*related, "escalates__letter").get(pk=int(run.job.key))
    if letter.pdf or letter.issued_at is None:
        return
    run.tell(30, "正在排版")
    paper = render_pdf(_sheet(letter))
    run.tell(95, "正在保存")
    _keep(letter, paper, by=run.job.requested_by)


@transaction.atomic
def _keep(letter: Letter, paper: "Paper", *, by: Person) -> None:
    letter = locked(letter)
    if letter.pdf:
        return  # another worker was quicker
    letter.pdf_sha256, letter.pages = paper.sha256, paper.pages
    letter.pdf.save(f"{letter.pk}.pdf", ContentFile(paper.content), save=False)
    save_as(letter, by=by, reason=f"PDF {paper.pages} 页已冻结")


@transaction.atomic
def order_again(letter: Letter, *, by: Person) -> Letter:
    """重新排版, when the job failed."""
    letter = locked(letter)
    if not works_on(by, letter):
        raise PermissionDenied("由纪委办理。")
    if letter.pdf or letter.issued_at is None:
        raise ValidationError("PDF 已冻结，不必重新排版。")
    letter.job, _ = jobs.queue(FREEZE, str(letter.pk), by=by)
    save_as(letter, by=by, reason="重新排版")
    return letter


def pdf_of(letter: Letter) -> bytes:
    """The frozen paper; of a draft the draft, never kept."""
    if letter.pdf:
        return intact_bytes(letter.pdf, letter.pdf_sha256, "文书的 PDF")
    if letter.issued_at:
        raise ValidationError("正在排版，请稍候刷新；现在可以下载 Word。")
    if len(composed(letter, list(letter.matters.order_by("rank")))) > DRAFT_AT_MOST:
        raise ValidationError(f"正文超过 {DRAFT_AT_MOST} 个字的草稿不即时排版，可下载 Word 查看。")
    return render_pdf(_sheet(letter)).content


def word_of(letter: Letter) -> bytes:
    return render_docx(_sheet(letter))
