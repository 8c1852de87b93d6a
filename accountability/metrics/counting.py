"""请求计数: by the name of the address, method and class of the answer; never by address, user or parameter."""

import time

from django.contrib.auth.signals import user_login_failed
from prometheus_client import Counter, Histogram

METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
requests = Counter(
    "four_requests",
    "Answered requests by url name, method and status class.",
    ["name", "method", "status"],
    registry=None,
)
latency = Histogram(
    "four_request_seconds", "Seconds until an answer was ready.", ["name"], buckets=SECONDS, registry=None
)  # fmt: skip
login_failures = Counter("four_login_failures", "Log-ins that were refused.", registry=None)
COUNTED = (requests, latency, login_failures)


def counted(get_response):
    """The outermost middleware: what any other answers by itself is counted too."""

    def middleware(request):
        began = time.perf_counter()
        response = get_response(request)
        name = _name(request)
        method = request.method if request.method in METHODS else "OTHER"
        requests.labels(name, method, f"{response.status_code // 100}xx").inc()
        latency.labels(name).observe(time.perf_counter() - began)
        return response

    return middleware


def _name(request) -> str:
    """Of the address that was found; all that lead nowhere, and those without a name, share one."""
    match = getattr(request, "resolver_match", None)
    return (match.view_name if match else "") or "none"


def listen() -> None:
    user_login_failed.connect(_failed, dispatch_uid="metrics_login_failed")


def _failed(**_) -> None:
    login_failures.inc()
