"""编号: the numbers Word shows beside a list but does not write into its paragraphs."""

import re

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DIGITS = "零一二三四五六七八九"
PLACE = re.compile("%([1-9])")


def chinese(number: int) -> str:
    """1 一, 10 十, 21 二十一, 105 一百零五; beyond 999 in figures."""
    if not 0 < number < 1000:
        return str(number)
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    told = f"{DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        told += ("" if tens == 1 and not hundreds else DIGITS[tens]) + "十"
    elif hundreds and ones:
        told += "零"
    return told + (DIGITS[ones] if ones else "")


class Numbering:
    """The lists of a file, counting on with every paragraph that asks."""

    def __init__(self, tree):
        abstract = {each.get(f"{W}abstractNumId"): _levels(each) for each in tree.iter(f"{W}abstractNum")}
        self.lists = {
            each.get(f"{W}numId"): abstract.get(each.find(f"{W}abstractNumId").get(f"{W}val"), {})
            for each in tree.iter(f"{W}num")
            if each.find(f"{W}abstractNumId") is not None
        }
        self.counts: dict[str, dict[int, int]] = {}

    def marker(self, number: str, level: str) -> str:
        """The number of the next paragraph of this list; empty for a bullet and for no list."""
        at = int(level) if level.isdecimal() else 0
        levels = self.lists.get(number, {})
        if at not in levels:
            return ""
        counts = self.counts.setdefault(number, {})
        counts[at] = counts.get(at, levels[at][2] - 1) + 1
        for deeper in [each for each in counts if each > at]:
            del counts[deeper]
        if levels[at][0] == "bullet":
            return ""
        return PLACE.sub(lambda found: _written(counts, levels, int(found.group(1)) - 1), levels[at][1])


def _levels(abstract) -> dict[int, tuple[str, str, int]]:
    """By depth: the kind of figures, the pattern such as （%1）, the first number."""
    found = {}
    for level in abstract.iter(f"{W}lvl"):
        kind, pattern, first = (_value(level, name) for name in ("numFmt", "lvlText", "start"))
        found[int(level.get(f"{W}ilvl", "0"))] = (kind, pattern, int(first) if first.isdecimal() else 1)
    return found


def _value(element, name: str) -> str:
    found = element.find(f"{W}{name}")
    return "" if found is None else found.get(f"{W}val", "")


def _written(counts: dict[int, int], levels: dict, at: int) -> str:
    number = counts.get(at, 1)
    kind = levels.get(at, ("decimal",))[0]
    if kind.startswith(("chinese", "japanese", "taiwanese", "ideograph")):
        return chinese(number)
    if kind in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (number - 1) % 26)
        return letter.upper() if kind == "upperLetter" else letter
    return str(number)
