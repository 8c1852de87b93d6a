"""运行日志: a call can be followed by its number; what somebody typed, is called or looked for is in no line."""

import json
import logging
from io import StringIO

import pytest
from django.conf import settings as ours
from django.db import IntegrityError, OperationalError
from django.test import Client

from accountability import acting
from accountability.logs import JsonLines, told
from accountability.views import home

SECRETS = ("Geheim-Passwort-77", "关于王五的谈话", "叶清和", "liaison", "secret-calendar-code", "13800138000")


@pytest.fixture
def lines():
    """What the product writes with the formatter of production, as read by a machine."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    asked = logging.getLogger("accountability.requests")
    before = asked.level
    asked.setLevel(logging.INFO)
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    asked.setLevel(before)


@pytest.mark.django_db
def test_a_call_is_one_line_with_who_what_and_how_long(login, people, lines):
    login("liaison").get("/ledger/?q=关于王五的谈话")
    (line,) = [each for each in lines() if each["logger"] == "accountability.requests"]
    assert (line["method"], line["url"], line["status"]) == ("GET", "ledger", 200)
    assert line["person"] == people["liaison"].pk
    assert line["milliseconds"] >= 0 and line["time"].endswith("+00:00") and line["level"] == "INFO"


@pytest.mark.django_db
def test_no_secret_and_no_name_is_in_any_line(people, lines, settings, monkeypatch):
    settings.DEBUG = False
    client = Client(raise_request_exception=False)
    client.post("/login/", {"username": "liaison", "password": "Geheim-Passwort-77"})
    client.get("/calendar/secret-calendar-code.ics")
    client.get("/关于王五的谈话/?phone=13800138000")
    client.get("/login/", headers={"Host": "叶清和.example"})
    client.force_login(people["liaison"], backend="django.contrib.auth.backends.ModelBackend")
    client.post(
        "/records/new/", {"title": "关于王五的谈话", "content": "13800138000", "password": "Geheim-Passwort-77"}
    )
    client.get("/search/?q=关于王五的谈话")

    def crash(request, *args, **kwargs):
        password, text = "Geheim-Passwort-77", request.GET["q"]
        raise ValueError(f"{password} {text}")

    monkeypatch.setattr(home, "render", crash)
    assert client.get("/?q=关于王五的谈话").status_code == 500
    said = json.dumps(lines(), ensure_ascii=False)
    assert {each.get("status") for each in lines()} >= {200, 404, 400, 500}
    assert [secret for secret in SECRETS if secret in said.replace("accountability/", "")] == []


@pytest.mark.django_db
def test_a_crash_is_told_with_its_place_and_without_its_values(people, lines, settings, monkeypatch):
    settings.DEBUG = False

    def crash(request, *args, **kwargs):
        raise KeyError("关于王五的谈话")

    monkeypatch.setattr(home, "render", crash)
    client = Client(raise_request_exception=False)
    client.force_login(people["liaison"], backend="django.contrib.auth.backends.ModelBackend")
    client.get("/")
    (line,) = [each for each in lines() if "exception" in each]
    (error,) = line["exception"]
    assert error["class"] == "builtins.KeyError" and "words" not in error
    assert any(place.startswith("accountability/views/home.py:") for place in error["frames"])
    assert line["status"] == 500 and line["url"] == "home" and line["level"] == "ERROR"


def test_a_machine_that_failed_may_say_why_and_a_row_may_not():
    assert told(OperationalError("could not connect to server"))[0]["words"] == "could not connect to server"
    assert "words" not in told(IntegrityError("Key (name)=(张三) already exists."))[0]


def test_the_cause_is_told_too():
    try:
        try:
            int("张三")
        except ValueError as error:
            raise RuntimeError("x") from error
    except RuntimeError as error:
        assert [each["class"] for each in told(error)] == ["builtins.RuntimeError", "builtins.ValueError"]


def test_the_number_of_the_call_is_on_every_line_of_it():
    record = logging.LogRecord("accountability.x", logging.INFO, "x.py", 1, "job %s failed", (7,), None)
    with acting.acting(acting.Act(source="home", request_id="f00d")):
        line = json.loads(JsonLines().format(record))
    assert (line["request_id"], line["source"], line["message"]) == ("f00d", "home", "job 7 failed")


def test_a_line_of_a_worker_names_the_task_and_not_what_it_was_given():
    record = logging.LogRecord(
        "celery.app.trace", logging.ERROR, "x.py", 1, "Task %(name)s raised: %(exc)s", None, None
    )
    record.args, record.data = {"name": "a.b", "exc": "张三"}, {"name": "a.b", "id": "1-2", "args": "('张三',)"}
    line = json.loads(JsonLines().format(record))
    assert (line["task"], line["task_id"], line["message"]) == ("a.b", "1-2", "Task %(name)s raised: %(exc)s")
    assert "张三" not in json.dumps(line, ensure_ascii=False)


def test_a_line_break_makes_no_second_line():
    record = logging.LogRecord("accountability.x", logging.INFO, "x.py", 1, 'a\n{"level": "forged"}', None, None)
    assert "\n" not in JsonLines().format(record)


@pytest.mark.django_db
def test_the_monitor_is_told_of_only_when_things_are_bad(client, lines, monkeypatch):
    status = client.get("/healthz").status_code
    told_of = [each for each in lines() if each["logger"] == "accountability.requests"]
    assert len(told_of) == (1 if status >= 500 else 0)


def test_production_writes_lines_for_machines_and_mails_no_crash():
    import subprocess
    import sys

    script = (
        "import django, logging; django.setup(); root = logging.getLogger();"
        "print(type(root.handlers[0].formatter).__name__, logging.getLogger('django').handlers,"
        " logging.getLogger('accountability.requests').level, len(root.handlers))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ours.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
        env={
            "DEBUG": "0",
            "SECRET_KEY": "".join(map(chr, range(40, 120))),
            "DATA_DIR": str(ours.DATA_DIR),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        },
    )
    assert done.stdout.split() == ["JsonLines", "[]", "20", "1"]
