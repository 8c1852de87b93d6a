"""子进程: whatever a parser does there, the caller gets an answer or a refusal, in time."""

import os
import subprocess
import sys
import time

import pytest
from django.conf import settings

from accountability.confinement import ChildFailed, ChildTookTooLong, in_child

HERE = "tests.accountability.parsers"


def test_an_answer_comes_back():
    assert in_child(f"{HERE}.measure", b"abc", factor=2) == {"bytes": 6}


def test_an_open_file_is_read_from_its_beginning(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"abcdef")
    with path.open("rb") as file:
        file.read(3)
        assert in_child(f"{HERE}.measure", file, factor=1) == {"bytes": 6}
        assert file.read() == b"abcdef"


@pytest.mark.parametrize("name", ["crash", "die", "eat_memory", "say_nonsense", "nobody_wrote_this"])
def test_every_way_to_fail_is_one_exception(name):
    with pytest.raises(ChildFailed):
        in_child(f"{HERE}.{name}", b"", megabytes=256)


@pytest.mark.parametrize("name", ["spin", "sleep"])
def test_time_is_up(name):
    started = time.perf_counter()
    with pytest.raises(ChildTookTooLong):
        in_child(f"{HERE}.{name}", b"", seconds=1)
    assert time.perf_counter() - started < 10


def test_a_child_knows_no_secret_and_writes_nothing(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "known-to-the-parent")
    seen = in_child(f"{HERE}.look_around", b"")
    assert "SECRET_KEY" not in seen["environment"]
    assert seen["wrote"] is False
    assert seen["forked"] is (os.getuid() == 0)  # a limit that binds everybody but root
    assert "django" not in seen["modules"]


def test_what_checks_files_knows_no_django():
    modules = in_child(f"{HERE}.modules_of_the_check", b"")
    assert {"pypdf", "PIL", "accountability.contents.zips"} <= set(modules)
    assert not [name for name in modules if name.split(".")[0] == "django"]


def test_the_parent_imports_no_parser():
    """No web process parses a user's file itself. A process of its own: other tests here look into the parsers."""
    script = (
        "import sys, django; django.setup(); import config.urls, accountability.services.attachments;"
        "print([name for name in sys.modules if name.startswith('accountability.contents.')])"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "DEBUG": "1"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        cwd=settings.BASE_DIR,
    )
    assert done.stdout.splitlines()[-1] == "[]"
