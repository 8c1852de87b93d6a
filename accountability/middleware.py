from django.core.exceptions import RequestDataTooBig, ValidationError
from django.shortcuts import render

from accountability.views import errors


def health_asks_nobody(get_response):
    """/healthz answers also when the database that knows the sessions is down: it takes no session."""

    def middleware(request):
        if request.path == "/healthz":
            request.COOKIES.clear()
        return get_response(request)

    return middleware


class clear_refusals:
    """A refused write answers with a clear Chinese sentence and status 4xx, never with a crash."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if isinstance(exception, RequestDataTooBig):
            return errors.bad_request(request, exception)
        if isinstance(exception, ValidationError):
            return render(request, "refusal_page.html", {"messages_": exception.messages}, status=400)
        return None
