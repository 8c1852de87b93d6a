"""冻结: in a worker, set the approved version as paper, keep it under its hash, and ask for the signatures (三（三）1)."""

import gzip
import hashlib

from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accountability import additions
from accountability import document_workflow as flow
from accountability.models import Document, DocumentKind, DocumentVersion, Notice, Signature
from accountability.models.history import save_as
from accountability.papers.blocks import parse
from accountability.papers.sheet import Sheet, Signer, render_docx, render_pdf
from accountability.services import documents, jobs
from accountability.services.safekeeping import intact_bytes

PDF_TYPE = "application/pdf"


def sheet_of(document: Document, version: DocumentVersion) -> Sheet:
    """What is printed: the version's text in the form of its kind, with its number and who is to sign."""
    kind = document.kind
    not_yet = (Document.State.DRAFT, Document.State.RETURNED, Document.State.IN_REVIEW)
    is_draft = document.number is None or document.state in not_yet
    signers = tuple(_signer(document, capacity) for capacity in kind.capacities)
    sheet = Sheet(
        form=kind.form,
        issuer=document.organisation.formal_name,
        number=document.number_text,
        title=version.title,
        addressee=document.get_addressee_display() if document.addressee else "",
        signed_by_line=signers[0].name if kind.form == DocumentKind.Form.PLAIN else "",
        blocks=tuple(parse(version.text)),
        signers=signers if kind.form == DocumentKind.Form.PLEDGE else (),
        copies_to="一式两份：学校党委和单位各一份" if len(signers) > 1 else "",
        dated_on=timezone.localdate(version.edited_at) if is_draft else timezone.localdate(),
        is_draft=is_draft,
        verify_code=document.verify_code,
        verify_address=reverse("verify"),
    )
    complete = additions.of(document).sheet
    return complete(sheet, document, version) if complete else sheet


def _signer(document: Document, capacity: str) -> Signer:
    post = flow.signing_post(document, capacity)
    people = flow.holders(post, timezone.localdate())
    side = {Signature.Capacity.LEADER: "学校党委", Signature.Capacity.HEAD: document.organisation.party_name}
    parties = {Signature.Capacity.LEADER: "签订方", Signature.Capacity.HEAD: "责任方"}
    both = len(document.kind.capacities) > 1
    return Signer(
        label=parties[capacity] if both else Signature.Capacity(capacity).label,
        name=people[0].name if people else "",
        post_title=post.full_title if post else "",
        organisation=side.get(capacity, "") if both else "",
    )


def render(document: Document, version: DocumentVersion):
    """The paper of a version, now: for a look at a draft and for freezing."""
    return render_pdf(sheet_of(document, version))


@jobs.runs(documents.FREEZE, "文件冻结")
def freeze(run: jobs.Run) -> None:
    """排版冻结. Safe to repeat: a version that has its paper keeps it."""
    document = Document.objects.for_list().get(pk=int(run.job.key))
    if document.state != Document.State.APPROVED:
        return
    run.tell(30, "正在排版")
    freeze_now(document)


def freeze_now(document: Document) -> None:
    version = document.versions.get(number=document.latest)
    paper = None if version.is_frozen else render(document, version)
    _settle(document, version, paper)


@transaction.atomic
def _settle(document: Document, version: DocumentVersion, paper) -> None:
    document = documents.locked(document)
    if document.state != Document.State.APPROVED or document.latest != version.number:
        return  # another worker was quicker, or it was taken back meanwhile
    by = document.submitted_by
    if paper is not None and paper.missing:
        missing = "、".join(paper.missing[:10])
        reason = f"这些字没有可用的字形，印不出来：{missing}。请换用规范字后重新送审。"
        document.state, document.returned_reason = Document.State.RETURNED, reason
        save_as(document, by=by, reason="排版未成")
        documents.tell(
            documents.authors(document), None, Notice.Kind.RETURNED, f"已退回：{document.title}", reason, document
        )
        return
    if paper is not None:
        _keep_paper(version, paper, by)
        if follow := additions.of(document).frozen:
            follow(document, version, by)
    document.state = Document.State.TO_SIGN
    save_as(document, by=by, reason="排版冻结，送签")
    documents.ask_signers(document)


def _keep_paper(version: DocumentVersion, paper, by) -> None:
    version.pdf_sha256, version.pages, version.size = paper.sha256, paper.pages, len(paper.content)
    version.frozen_at = timezone.now()
    version.pdf.save("paper.pdf", ContentFile(paper.content), save=False)
    version.print_source.save("paper.source", ContentFile(packed(paper.source)), save=False)
    save_as(version, by=by, reason="冻结为 PDF")


def packed(source: str) -> bytes:
    """What was set, compressed without a date, so that the same source is the same file."""
    return gzip.compress(source.encode(), mtime=0)


def reproduced(version: DocumentVersion) -> bytes:
    """重印: the paper set once more from what was set then; the same bytes as long as fonts and typesetter are the same."""
    from accountability.papers.printing import reprint

    with version.print_source.open("rb") as stream:
        return reprint(gzip.decompress(stream.read()).decode()).content


def frozen_bytes(version: DocumentVersion) -> bytes:
    """The frozen paper, refused when the file on the disk is no longer what was frozen."""
    return intact_bytes(version.pdf, version.pdf_sha256, "冻结的 PDF 文件")


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def word_of(document: Document, version: DocumentVersion) -> bytes:
    """The version as a .docx that Word and WPS open."""
    exhibits = additions.of(document).exhibits
    return render_docx(sheet_of(document, version), exhibits(document, version) if exhibits else None)
