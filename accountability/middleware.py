from django.core.exceptions import RequestDataTooBig, ValidationError
from django.shortcuts import render


def health_asks_nobody(get_response):
    """/healthz and /metrics answer also when the database that knows the sessions is down: they take no session."""

    def middleware(request):
        if request.path in ("/healthz", "/metrics"):
            request.COOKIES.clear()
        return get_response(request)

    return middleware


def private_pages(get_response):
    """No shared machine keeps a page after log-out: signed-in answers are never stored."""

    def middleware(request):
        response = get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        return response

    return middleware


class clear_refusals:
    """A refused write answers with a clear Chinese sentence and status 4xx, never with a crash."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if isinstance(exception, RequestDataTooBig):
            return render(
                request, "refusal_page.html", {"messages_": ["提交的内容超过 2 兆，请精简文字后再提交。"]}, status=413
            )
        if isinstance(exception, ValidationError):
            return render(request, "refusal_page.html", {"messages_": exception.messages}, status=400)
        return None
