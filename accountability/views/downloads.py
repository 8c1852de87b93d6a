"""下载: bytes as a file under its own name, Chinese or not."""

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accountability.models import KeptFile, KeptPaper, Person
from accountability.services.safekeeping import paper_bytes
from accountability.sheets import Table, workbook_of
from accountability.watermarks import mark_of

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def disposition(name: str) -> str:
    encoded = quote(name, safe="")
    return f"attachment; filename*=UTF-8''{encoded}"


def download(content: bytes, content_type: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=content_type, headers={"Content-Disposition": disposition(name)})


def sheet_response(name: str, *tables: Table, reader: Person | None = None) -> HttpResponse:
    """导出表格; of a confidential kind with its reader's mark."""
    mark = mark_of(reader) if reader else ""
    return download(workbook_of(*tables, mark=mark), XLSX, f"{name}.xlsx")


def marked_paper(content: bytes, name: str, *, reader: Person) -> HttpResponse:
    """下载 a confidential PDF that was set for this reader alone. Never for a paper that is verified by its hash."""
    from accountability.papers.watermark import marked  # it brings the typesetter along

    return download(marked(content, mark_of(reader)), PDF, name)


def kept_response(kept: KeptFile) -> HttpResponse:
    """A file somebody brought is a guest: it is saved, never shown."""
    return download(paper_bytes(kept), "application/octet-stream", kept.name)


@require_safe
def kept_paper(request: HttpRequest, pk: int, model: type[KeptPaper]) -> HttpResponse:
    """下载材料 of a kind, to whoever sees what it belongs to."""
    return kept_response(get_object_or_404(model.objects.visible_to(request.user).standing(), pk=pk))
