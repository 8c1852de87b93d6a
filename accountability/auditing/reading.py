"""阅读与拒绝: what is told of an answer once it is made: files handed out, confidential pages read, writes refused."""

import logging

from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from accountability.acting import Act
from accountability.auditing import sources
from accountability.services import audit

log = logging.getLogger(__name__)
VIEW = audit.register("view", "查看限定知悉内容")
EXPORT = audit.register("export", "导出、下载文件")
REFUSED = audit.register("refused", "请求被拒绝")
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
FILES = {
    "application/pdf": "PDF",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
    "application/zip": "ZIP",
    "application/octet-stream": "文件",
}


def answered(request: HttpRequest, response: HttpResponse, act: Act) -> HttpResponse:
    """What is read is given only when it was told of; a refusal stands in any case."""
    status = response.status_code
    if status == 403 or (status in (400, 404, 409, 413, 422, 429) and request.method not in SAFE):
        try:
            _record(REFUSED, request, act, result=audit.REFUSED, status=status, method=request.method)
        except Error:
            log.exception("audit: a refusal could not be recorded")
        return response
    if status in (200, 206) and request.method != "HEAD" and (kind := kind_of(request, response, act)):
        try:
            _record(kind, request, act, **_form_of(response))
        except Error:
            log.exception("audit: what was asked for is refused, for its reading could not be recorded")
            return HttpResponse(render_to_string("audit/untold.html"), status=503)  # asks no database
    return response


def kind_of(request: HttpRequest, response: HttpResponse, act: Act) -> str:
    if not act.source or act.source in sources.untold:
        return ""
    if _media_type(response) in FILES or response.get("Content-Disposition", "").startswith("attachment"):
        return EXPORT
    if act.source in sources.handed_out:
        return EXPORT
    is_read = request.method == "GET" and (act.shown is not None or act.source in sources.viewed)
    return VIEW if is_read else ""


def _record(kind: str, request: HttpRequest, act: Act, **detail) -> None:
    audit.record(kind, row=act.shown or _subject(request, act), source=act.source, **detail)


def _subject(request: HttpRequest, act: Act) -> audit.Subject | None:
    """By the number in the address, whether there is such a row or not."""
    match = request.resolver_match
    number = (match.kwargs.get("pk") or match.kwargs.get("object_id")) if match else None
    model = sources.model_of(act.source) if number else None
    return audit.Subject(model, str(number)[:40]) if model else None


def _form_of(response: HttpResponse) -> dict:
    form = {"form": FILES[_media_type(response)]} if _media_type(response) in FILES else {}
    return form if response.streaming else {**form, "bytes": len(response.content)}


def _media_type(response: HttpResponse) -> str:
    return response.get("Content-Type", "").partition(";")[0].strip()
