"""核对: the numbers of an edited text against the figures they carry the code of (四（三）).

``refreshed`` puts today's values in, ``contradictions`` says what no longer agrees, ``untraced`` what has no source.
"""

import re

from accountability.papers.blocks import Heading, parse
from accountability.papers.references import REFERENCE

MEASURES = "次项个条人份场件名家所篇起轮批组类处册例户%％"
NUMBER = re.compile(rf"(?<![\d.A-Za-z〔\-/])\d+(?:\.\d+)?\s*(?:[{MEASURES}]|百分点)")
DATES = re.compile(
    r"\d{4}\s*[年/\-.]\s*\d{1,2}\s*[月/\-.]?(?:\s*\d{1,2}\s*日?)?|\d{1,2}\s*月\s*\d{1,2}\s*日|\d{4}\s*年"
)
DOCUMENT_NUMBERS = re.compile(r"〔\d{4}〕\s*\d+\s*号|第\s*\d+\s*[次个条项期轮批届号]")


def refreshed(text: str, figures: dict) -> str:
    """Every reference of a known figure with its value of now; nothing else is touched."""
    known = figures["figures"]

    def renewed(found: re.Match) -> str:
        value, code = found.groups()
        return f"{known[code]['value'] if code in known else value}〔{code}〕"

    return REFERENCE.sub(renewed, text)


def contradictions(text: str, figures: dict) -> list[str]:
    """与数据不符之处, each once: a code nobody knows, a number that is not its figure's."""
    known = figures["figures"]
    told: dict[str, None] = {}
    for value, code in REFERENCE.findall(text):
        if code not in known:
            told[f"“{value}〔{code}〕”：本报告没有编号为 {code} 的数字。"] = None
        elif value != f"{known[code]['value']}":
            figure = known[code]
            told[f"“{value}〔{code}〕”：{figure['label']}应为 {figure['value']}{figure['unit']}。"] = None
    return list(told)


def untraced(text: str) -> list[str]:
    """没有出处的数字, with what they count: a hint for who edits, never a reason to refuse."""
    told: dict[str, None] = {}
    for block in parse(text):
        if isinstance(block, Heading):
            continue
        words = getattr(block, "text", "")
        bare = DOCUMENT_NUMBERS.sub("", DATES.sub("", REFERENCE.sub("〔〕", words)))
        told |= dict.fromkeys(found.group().replace(" ", "") for found in NUMBER.finditer(bare))
    return list(told)
