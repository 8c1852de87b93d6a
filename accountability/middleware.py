from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, ValidationError
from django.db import DataError
from django.http import QueryDict
from django.shortcuts import render

from accountability.views import errors

# What SQLite and PostgreSQL say of numbers and texts that no column holds.
BEYOND_ANY_COLUMN = (OverflowError, DataError)
# What psycopg says before it asks PostgreSQL; SQLite would store the character.
NUL = "cannot contain NUL"
# What Django says when it prepares such a value for a column.
NUMBER = "expected a number"


def health_asks_nobody(get_response):
    """/healthz and /metrics answer also when the database that knows the sessions is down: they take no session."""

    def middleware(request):
        if request.path in ("/healthz", "/metrics"):
            request.COOKIES.clear()
        return get_response(request)

    return middleware


class clear_refusals:
    """A refused write answers with a clear Chinese sentence and status 4xx, never with a crash."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        try:
            request.GET  # noqa: B018 - read here first
        except TooManyFieldsSent:
            request.GET = QueryDict()  # every page of ours asks it for its year, the refusal's too
            raise
        return self.get_response(request)

    def process_exception(self, request, exception):
        if isinstance(exception, RequestDataTooBig):
            return errors.bad_request(request, exception)
        if isinstance(exception, ValidationError):
            return render(request, "refusal_page.html", {"messages_": exception.messages}, status=400)
        if isinstance(exception, ValueError) and NUL in str(exception):
            words = ["地址或填写的内容中有看不见的控制字符，没有办理。请返回上一页，重新输入后再提交。"]
            return render(request, "refusal_page.html", {"messages_": words}, status=400)
        if _is_no_value(exception) and _is_of_admin(request):
            words = ["地址或表单中有不能识别的编号或数值，没有办理。请返回上一页，重新选择或填写后再试。"]
            return render(request, "refusal_page.html", {"messages_": words}, status=400)
        return None


def _is_no_value(exception: Exception) -> bool:
    """A number too large, or words where the admin looks a row up by its number: its choosers do so with what was refused."""
    return isinstance(exception, BEYOND_ANY_COLUMN) or (isinstance(exception, ValueError) and NUMBER in str(exception))


def _is_of_admin(request) -> bool:
    """The admin looks up what an address asks for without asking a form; our own pages do, and their slips are to be seen."""
    return request.resolver_match is not None and request.resolver_match.app_name == "admin"
