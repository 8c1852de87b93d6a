"""下载: bytes as a file under its own name, Chinese or not."""

from urllib.parse import quote

from django.http import HttpResponse

from accountability.sheets import Table, workbook_of

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def disposition(name: str) -> str:
    encoded = quote(name, safe="")
    return f"attachment; filename*=UTF-8''{encoded}"


def download(content: bytes, content_type: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=content_type, headers={"Content-Disposition": disposition(name)})


def sheet_response(name: str, *tables: Table) -> HttpResponse:
    """导出表格."""
    return download(workbook_of(*tables), XLSX, f"{name}.xlsx")
