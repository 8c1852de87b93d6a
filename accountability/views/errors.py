"""出错页: what a caller reads when something is refused or breaks: what happened, what to do, and a number to tell us, no more.

400, 500 and 503 use neither session nor database: one of them may be what broke.
"""

import sys

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from accountability import acting

AGAIN_AFTER = "30"  # seconds


def request_id() -> str:
    act = acting.current()
    return act.request_id if act else ""


def bad_request(request: HttpRequest, exception=None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return bare("413.html", 413)
    return bare("400.html", 400)


def forbidden(request: HttpRequest, exception=None) -> HttpResponse:
    """``exception`` says in our own words why, if it says anything."""
    words = str(exception) if exception and exception.args and isinstance(exception.args[0], str) else ""
    return render(request, "403.html", {"exception": words}, status=403)


def not_found(request: HttpRequest, exception=None) -> HttpResponse:
    return render(request, "404.html", status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)


def broken(request: HttpRequest) -> HttpResponse:
    """系统出错; or, when the database does not answer, 暂时不能使用: that passes by itself."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        answer = bare("503.html", 503)
        answer["Retry-After"] = AGAIN_AFTER
        return answer
    return bare("500.html", 500)


def bare(template: str, status: int) -> HttpResponse:
    context = {"request_id": request_id(), "shell": None, "messages": ()}
    return HttpResponse(render_to_string(template, context), status=status)
