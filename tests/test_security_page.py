"""docs/security.md: every requirement of ASVS 5.0.0 up to level 2 and every item of 8.1.4 is told once, with tests that exist."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
# Requirements of levels 1 and 2 by section, as counted in the standard's own list: in each section they come first.
ASVS = {
    1: (2, 9, 11, 3, 2), 2: (3, 3, 4, 1), 3: (0, 2, 4, 6, 5, 0, 2), 4: (3, 1, 2, 4), 5: (1, 3, 2, 3),
    6: (3, 12, 4, 4, 5, 3, 0, 4), 7: (3, 4, 2, 5, 2, 2), 8: (2, 3, 1, 1), 9: (3, 4), 10: (2, 2, 4, 11, 5, 2, 3),
    11: (2, 3, 3, 4, 1, 1), 12: (3, 2, 4), 13: (1, 5, 2, 5), 14: (2, 4, 3), 15: (3, 3, 7), 16: (1, 5, 4, 3, 3), 17: (1, 4, 2),
}  # fmt: skip
CLAUSES = {
    1: "abcd", 2: "abcdefg", 3: "abcd", 4: "abcdef", 5: "", 6: "", 7: "ab", 8: "ab", 9: "abc", 10: "ab", 11: "ab",
}  # fmt: skip


def rows(title: str) -> list[list[str]]:
    part = PAGE.split(f"## {title}")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def numbers(cell: str) -> list[str]:
    """``1.2.1–1.2.3, 1.2.5`` one by one."""
    found = []
    for part in cell.split(","):
        first, _, last = part.strip().partition("–")
        section, number = first.rsplit(".", 1)
        end = last.rsplit(".", 1) if last else (section, number)
        assert end[0] == section, part
        found += [f"{section}.{each}" for each in range(int(number), int(end[1]) + 1)]
    return found


def test_every_requirement_of_asvs_is_told_once():
    told = Counter(number for row in rows("OWASP ASVS 5.0.0, levels 1 and 2") for number in numbers(row[0]))
    asked = {
        f"{chapter}.{section}.{number}"
        for chapter, counts in ASVS.items()
        for section, count in enumerate(counts, 1)
        for number in range(1, count + 1)
    }
    assert len(asked) == 253
    assert set(told) == asked and set(told.values()) == {1}


def test_every_item_of_the_national_standard_is_told_once():
    told = Counter(row[0] for row in rows("等保 2.0 level 3"))
    asked = {f"8.1.4.{clause} {item}".strip() for clause, items in CLAUSES.items() for item in (items or [""])}
    assert set(told) == asked and set(told.values()) == {1}


def test_every_row_names_a_test_or_says_why_there_is_none():
    reasons = ("n/a", "not met", "not tested", "who runs it", "below")
    for title in ("等保 2.0 level 3", "OWASP ASVS 5.0.0, levels 1 and 2"):
        for row in rows(title):
            assert row[3] or any(reason in row[2] for reason in reasons), row[0]


def test_every_test_it_names_exists():
    named = {name.removeprefix("tests/") for name in re.findall(r"`([\w/]*test_\w+\.py)`", PAGE)}
    assert len(named) > 40
    assert {name for name in named if not (ROOT / "tests" / name).exists()} == set()
