"""密钥与编码: secrets come from the environment alone; what must not be guessed cannot be."""

import math
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as ours

ROOT = Path(ours.BASE_DIR)
LONG = "".join(map(chr, range(40, 120)))


def settings_say(expression: str, **environment) -> subprocess.CompletedProcess:
    """What production's settings say of ``expression``, in a process of their own."""
    return subprocess.run(
        [sys.executable, "-c", f"from config import settings as s; print({expression})"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"DEBUG": "0", "DATA_DIR": os.environ["DATA_DIR"]} | environment,
    )


@pytest.mark.parametrize("key", ["", "short", "a" * 80, "ab" * 40])
def test_production_refuses_a_key_that_could_be_guessed(key):
    done = settings_say("1", SECRET_KEY=key)
    assert done.returncode and "SECRET_KEY" in done.stderr


def test_a_key_is_changed_without_signing_everybody_out():
    done = settings_say("s.SECRET_KEY_FALLBACKS", SECRET_KEY=LONG, SECRET_KEY_FALLBACKS="old,older")
    assert done.stdout.strip() == "['old', 'older']"


def test_production_has_no_host_and_no_debug_unless_told():
    assert settings_say("s.ALLOWED_HOSTS, s.DEBUG", SECRET_KEY=LONG).stdout.strip() == "[] False"
    assert settings_say("s.DEBUG", SECRET_KEY=LONG, DEBUG="0").stdout.strip() == "False"


def test_cookies_of_production_are_for_tls_this_host_and_no_script():
    names = "s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME"
    flags = "s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.CSRF_COOKIE_HTTPONLY"
    done = settings_say(f"{names}, {flags}, s.SESSION_COOKIE_SAMESITE", SECRET_KEY=LONG)
    assert done.stdout.strip() == "__Host-session __Host-csrf True True True True Lax"


def test_no_secret_stands_in_the_code():
    """A value given to a name that promises a secret; the development key is refused in production (above)."""
    given = re.compile(
        r"""(?i)\b\w*(secret_key|password|passwd|api_?key|private_key|access_token)\w*\s*[:=]\s*["'][^"'\s]{6,}["']"""
    )
    key = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|(?i:postgres|redis|amqp)://\w+:[^@\s$]{3,}@")
    found = []
    for path in _product():
        for line in path.read_text(encoding="utf-8").splitlines():
            if given.search(line) or key.search(line):
                found.append(f"{path.relative_to(ROOT)}: {line.strip()[:90]}")
    assert found == []


def _product():
    for app in ("accountability", "meetings", "inspections", "supervision", "config", "templates", "static"):
        for path in (ROOT / app).rglob("*"):
            if path.suffix in (".py", ".html", ".js", ".yaml", ".sh") and "migrations" not in path.parts:
                yield path
    yield from (ROOT / name for name in ("docker-compose.yml", "Dockerfile", "Makefile"))


@pytest.mark.django_db
def test_the_address_of_a_calendar_is_beyond_guessing_and_kept_as_a_hash(people):
    from accountability.services import feeds

    feed, code = feeds.open_feed(by=people["liaison"], label="手机")
    assert len(code) >= 43  # 32 random bytes: 256 bits
    assert code not in str(feed.__dict__) and len(feed.code_sha256) == 64


def test_a_check_in_code_is_short_and_dies_before_it_is_guessed():
    from meetings.services import check_in

    # 10 tries of a million, each code accepted for a minute: one in 100,000 for who is on the list and not in the room.
    assert check_in.WRONG_AT_MOST / 1_000_000 <= 1e-5 and check_in.SECONDS <= 30


def test_a_verify_code_opens_nothing_and_is_not_counted_up():
    from accountability.services.documents import new_code

    codes = {new_code() for _ in range(1000)}
    letters = {letter for code in codes for letter in code if letter.isalnum()}
    shortest = min(sum(letter.isalnum() for letter in code) for code in codes)
    assert len(codes) == 1000
    assert shortest * math.log2(len(letters)) >= 40
