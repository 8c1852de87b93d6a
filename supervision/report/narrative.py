"""预写的话: plain sentences made of figures alone, each number with its code; people edit them (四（三）).

A sentence says what the figures carry and no more: no praise, no cause. What only a person can write is asked for in
the words 请在此写明…, which nobody can send up unwritten.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from supervision.report.ledger import Standing

NUMERALS = "一二三四五六七八九十"
AT_MOST = 6  # names in one sentence


def count(figure: dict, unit: str | None = None) -> str:
    """3〔F-05〕次."""
    return f"{figure['value']}〔{figure['code']}〕{figure['unit'] if unit is None else unit}"


def day_words(day: date) -> str:
    return f"{day.month}月{day.day}日"


def days_words(days: Sequence[date], year: int) -> str:
    """2月28日、6月20日; the year is named when it is not the working year."""
    return "、".join(day_words(day) if day.year == year else f"{day.year}年{day_words(day)}" for day in days)


def listed(names: Sequence[str], at_most: int = AT_MOST) -> str:
    """甲、乙、丙; with 等 after what is left out."""
    shown = "、".join(names[:at_most])
    return f"{shown}等" if len(names) > at_most else shown


def numbered(parts: Iterable[str]) -> str:
    """一是…；二是…。 or the only one by itself."""
    parts = [part.rstrip("。；") for part in parts]
    if len(parts) < 2:
        return f"{parts[0]}。" if parts else ""
    return "；".join(f"{ordinal(number)}是{part}" for number, part in enumerate(parts, 1)) + "。"


def ordinal(number: int) -> str:
    """一 to 九十九."""
    tens, ones = divmod(number, 10)
    if not tens:
        return NUMERALS[ones - 1]
    return f"{NUMERALS[tens - 1] if tens > 1 else ''}十{NUMERALS[ones - 1] if ones else ''}"


def standing_words(standing: Standing, opening: str = "列入责任事项", none: str = "没有列入台账的责任事项。") -> str:
    """A group of duties: nothing owed, nothing due, all done, or some late, each in its own words."""
    if not standing.value("owed"):
        return none
    opening = f"{opening}{count(standing['owed'])}，"
    if not standing.value("due"):
        return f"{opening}均未到期。"
    if standing.value("done") == standing.value("owed"):
        return f"{opening}{_all_done(standing)}。"
    parts = [_done_words(standing)]
    parts.append(f"逾期未完成{count(standing['late'])}" if standing.value("late") else "没有逾期未完成的事项")
    if "to_come" in standing.figures and standing.value("to_come"):
        parts.append(f"未到期{count(standing['to_come'])}")
    rate = f"在已完成和逾期未完成的事项中，完成的占{count(standing['rate'])}" if standing.value("late") else ""
    return f"{opening}{'，'.join(parts)}{f'。{rate}' if rate else ''}。"


def _all_done(standing: Standing) -> str:
    if not standing.value("done_late"):
        return f"已完成{count(standing['done'])}，均在期限内完成"
    if standing.value("done_late") == standing.value("done"):
        return f"已完成{count(standing['done'])}，完成时均已超过期限"
    return f"已完成{count(standing['done'])}，其中{_split(standing)}"


def _split(standing: Standing) -> str:
    late = f"逾期完成{count(standing['done_late'])}"
    return f"按期完成{count(standing['in_time'])}、{late}" if "in_time" in standing.figures else late


def _done_words(standing: Standing) -> str:
    if not standing.value("done"):
        return "尚无事项完成"
    if not standing.value("done_late"):
        return f"已完成{count(standing['done'])}，均在期限内完成"
    if standing.value("done_late") == standing.value("done"):
        return f"已完成{count(standing['done'])}，完成时均已超过期限"
    return f"已完成{count(standing['done'])}，其中{_split(standing)}"


def compared_words(now: dict, before: dict, what: str, last_year: int) -> str:
    """A rate beside last year's: higher, lower or the same, by its printed figures; nothing where either is a dash."""
    if "—" in (now["value"], before["value"]):
        return ""
    this, last = (float(figure["value"].rstrip("%")) for figure in (now, before))
    how = "与上年持平" if this == last else ("高于上年" if this > last else "低于上年")
    return f"{last_year}年{what}为{count(before)}，本年为{count(now)}，{how}。"


def prewritten(figures: dict) -> str:
    """预写的正文: headings in the order of the chapters, what was said of each, exhibits in their places."""
    lines = []
    for number, chapter in enumerate(figures["chapters"], 1):
        lines += [f"{ordinal(number)}、{chapter['title']}", *chapter["text"]]
    return "\n".join(lines)
