"""依赖审计: a known weakness stops the build unless it is accepted, with a reason and a day; a network that is away does not."""

import importlib.util
import re
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TODAY = date(2026, 11, 29)


@pytest.fixture(scope="module")
def audit():
    import sys

    spec = importlib.util.spec_from_file_location("ci_audit", ROOT / ".ci/audit.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["ci_audit"] = module
    spec.loader.exec_module(module)
    return module


def report(*vulns) -> dict:
    sound = {"name": "asgiref", "version": "3.13.0", "vulns": []}
    return {"dependencies": [sound, {"name": "django", "version": "5.2.1", "vulns": list(vulns)}]}


WEAK = {"id": "PYSEC-2026-7", "aliases": ["CVE-2026-1234"], "fix_versions": ["5.2.20"]}


def test_a_sound_lock_passes(audit):
    said, failed = audit.verdict(report(), {}, TODAY)
    assert not failed and said == ["2 of 2 locked packages audited"]


def test_a_known_weakness_fails_and_says_what_mends_it(audit):
    said, failed = audit.verdict(report(WEAK), {}, TODAY)
    assert failed and "django 5.2.1" in said[-1] and "CVE-2026-1234" in said[-1] and "5.2.20" in said[-1]


@pytest.mark.parametrize(("until", "fails"), [("2026-11-29", False), ("2026-11-28", True)])
def test_it_may_be_accepted_by_either_name_until_a_day(audit, until, fails):
    accepted = audit.accepted_in(f"# a remark\n\nCVE-2026-1234 {until} not reached: we take no such file\n")
    said, failed = audit.verdict(report(WEAK), accepted, TODAY)
    assert failed is fails
    assert fails or "not reached" in said[-1]


@pytest.mark.parametrize("line", ["CVE-1", "CVE-1 2026-11-29", "CVE-1 tomorrow because", "CVE-1 because 2026-11-29"])
def test_nothing_is_accepted_without_a_day_and_a_reason(audit, line):
    with pytest.raises(ValueError):
        audit.accepted_in(line)


def test_where_nobody_can_be_asked_it_says_so(audit):
    nobody = {"dependencies": [{"name": "django", "skip_reason": "not found"}]}
    said, failed = audit.verdict(nobody, {}, TODAY)
    assert not failed and "nothing was audited" in said[0]


def test_what_is_accepted_today_can_be_read_and_the_build_asks(audit):
    audit.accepted_in((ROOT / ".ci/accepted-weaknesses.txt").read_text(encoding="utf-8"))
    assert re.search(r'^stage "[^"]+" \.venv/bin/python \.ci/audit\.py$', (ROOT / ".ci/run").read_text(), re.MULTILINE)
