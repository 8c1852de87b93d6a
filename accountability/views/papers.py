"""纸面: a document as PDF and Word, a Word file taken back, and the page that verifies a PDF."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability import document_workflow as flow
from accountability.document_forms import VerifyForm, WordForm
from accountability.filters import number_in
from accountability.frozen import frozen_by
from accountability.models import Document
from accountability.papers.docx_reading import read_docx
from accountability.services import documents as verbs
from accountability.services import papers, signing
from accountability.views.documents import through_the_door
from accountability.views.downloads import DOCX, disposition, download

DRAFT_AT_MOST = 20_000  # longer, and setting it would hold up a web process


def _version(request, pk: int):
    """The version asked for by ``?version=``, else the latest."""
    document = through_the_door(request, pk)
    number = number_in(request.GET, "version") or document.latest
    return document, get_object_or_404(document.versions, number=number)


@require_safe
def pdf(request, pk: int):
    """The frozen paper; a version not frozen is set on the spot and marked 草稿."""
    document, version = _version(request, pk)
    name = f"{version.title}{document.number_text}.pdf"
    if version.is_frozen:
        papers.frozen_bytes(version)
        response = FileResponse(version.pdf.open("rb"), filename=name, content_type=papers.PDF_TYPE)
    elif len(version.text) > DRAFT_AT_MOST:
        raise ValidationError(
            f"正文有 {len(version.text)} 个字，超过 {DRAFT_AT_MOST} 个字的草稿不即时排版；审核通过后由后台排版，现在可下载 Word 查看。"
        )
    else:
        paper = papers.render(document, version)
        response = HttpResponse(paper.content, content_type=papers.PDF_TYPE)
        name = f"{version.title}（草稿）.pdf"
    response["Content-Disposition"] = disposition(name)
    return response


@require_safe
def docx(request, pk: int):
    document, version = _version(request, pk)
    return download(papers.word_of(document, version), DOCX, f"{version.title} 第{version.number}版.docx")


@require_POST
def upload(request, pk: int):
    """上传 Word 文件 as the next version, then show what it changed."""
    document = through_the_door(request, pk)
    if refusal := flow.DOCUMENT_TRANSITIONS["submit"].refusal(document, request.user):
        raise ValidationError(refusal)
    form = WordForm(request.POST, request.FILES, by=request.user)
    if not form.is_valid():
        raise ValidationError([message for errors in form.errors.values() for message in errors])
    body = read_docx(form.cleaned_data["file"].read())
    version = verbs.take_upload(document, by=request.user, title=body.title, text=body.text)
    messages.success(request, f"已成为第 {version.number} 版，请核对与上一版的差异。")
    for warning in body.warnings:
        messages.warning(request, warning)
    return redirect("document_version", pk=document.pk, number=version.number)


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request):
    """核验: does this PDF match what was frozen and signed?"""
    document = _expected(request)
    form = VerifyForm(request.POST or None, request.FILES or None)
    verdict = None
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        if file.size > settings.ATTACHMENT_MAX_BYTES:
            form.add_error("file", "文件太大，不会是本系统生成的文件。")
        else:
            verdict = signing.verify(file.read(), document)
    context = {
        "form": form,
        "document": document,
        "verdict": verdict,
        "other": frozen_by(verdict.sha256, request.user) if verdict and not verdict.version else None,
        "code": request.GET.get("code", "")[:20],
        "code_is_unknown": bool(request.GET.get("code")) and document is None,
        "may_open": verdict is not None
        and verdict.version is not None
        and Document.objects.visible_to(request.user).filter(pk=verdict.version.document_id).exists(),
        "signatures": list(verdict.version.signatures.select_related("person")) if verdict and verdict.version else [],
    }
    return render(request, "documents/verify_page.html", context, status=400 if form.errors else 200)


def _expected(request) -> Document | None:
    """The document whose code is printed on the paper, if the reader may see it."""
    code = request.GET.get("code", "").strip().upper()[:20]
    if not code:
        return None
    return Document.objects.visible_to(request.user).for_list().filter(verify_code=code).first()
