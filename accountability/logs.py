"""运行日志: one JSON object a line, by which a call can be followed and nobody's words can be read (docs/security.md).

It tells kinds, numbers and places in the code. What somebody typed, is called or looked for is in the database, under its scope; so
is who did what (审计). Hence: no query string, no body, no path (it can hold the code of a calendar), no value in an exception.
"""

import json
import logging
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path

from accountability import acting

ROOT = Path(__file__).resolve().parent.parent
OURS = ("accountability", "meetings", "inspections", "supervision", "config")
# What they say is about machines: a connection, a disk, a setting. Others quote the value they stumbled over.
MAY_SPEAK = ("OperationalError", "InterfaceError", "ImproperlyConfigured", "ConnectionError", "TimeoutError", "OSError")
requests = logging.getLogger("accountability.requests")


def tell_requests(get_response):
    """One line for each answer, static files apart. The monitor's question is told only when the answer is bad."""

    def middleware(request):
        began = time.perf_counter()
        response = get_response(request)
        match = request.resolver_match
        name = match.view_name if match else "unknown"
        if name != "healthz" or response.status_code >= 500:
            person = getattr(request, "_cached_user", None)  # read already, or nobody asked who it is
            requests.info(
                "request",
                extra={
                    "method": request.method,
                    "url": name,
                    "status": response.status_code,
                    "milliseconds": round((time.perf_counter() - began) * 1000),
                    "person": getattr(person, "pk", None),
                },
            )
        return response

    return middleware


class JsonLines(logging.Formatter):
    """日志行. Loggers of ours are trusted with what they say; of others' lines the pattern is kept and what filled it is not."""

    FACTS = ("method", "url", "status", "milliseconds", "person")

    def format(self, record: logging.LogRecord) -> str:
        act = acting.current()
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _words(record),
        }
        if act:
            line |= {"request_id": act.request_id, "source": act.source, "person": getattr(act.person, "pk", None)}
        line |= {name: getattr(record, name) for name in self.FACTS if hasattr(record, name)}
        line |= _of_call(record) | _of_task(record)
        if record.exc_info and record.exc_info[1]:
            line["exception"] = told(record.exc_info[1])
        return json.dumps({name: value for name, value in line.items() if value not in (None, "")}, ensure_ascii=False)


def _words(record: logging.LogRecord) -> str:
    if record.name.split(".")[0] in OURS:
        return record.getMessage()
    if record.name.startswith("django.security"):
        return "refused"  # its pattern quotes the caller; the logger's name says what it was
    return str(record.msg).strip()


def _of_call(record: logging.LogRecord) -> dict:
    """Django's own lines bear the request and the status."""
    call, status = getattr(record, "request", None), getattr(record, "status_code", None)
    match = getattr(call, "resolver_match", None)
    return ({"url": match.view_name} if match else {}) | ({"status": status} if status else {})


def _of_task(record: logging.LogRecord) -> dict:
    """Celery's lines bear the name and the id of the task, and its arguments, which are left out."""
    data = getattr(record, "data", None)
    return {"task": data.get("name"), "task_id": data.get("id")} if isinstance(data, dict) else {}


def told(error: BaseException) -> list[dict]:
    """The chain of exceptions, cause last: its class and where it came by, without values and local variables."""
    chain, seen = [], set()
    while error and id(error) not in seen:
        seen.add(id(error))
        kinds = {kind.__name__ for kind in type(error).__mro__}
        one = {"class": f"{type(error).__module__}.{type(error).__qualname__}"}
        if kinds & set(MAY_SPEAK):
            one["words"] = str(error)[:500]
        one["frames"] = [_place(frame) for frame in traceback.extract_tb(error.__traceback__)]
        chain.append(one)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return chain


def _place(frame: traceback.FrameSummary) -> str:
    path = Path(frame.filename)
    short = path.relative_to(ROOT) if path.is_relative_to(ROOT) else Path(*path.parts[-3:])
    return f"{short}:{frame.lineno} {frame.name}"
