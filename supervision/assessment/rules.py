"""计分规则: a small language, stored as data; from rows to points and a sentence, nothing else read or written (四（四）).

    {"indicator": I, "deduct": 2, "each": 1, "at_most": 10, "weigh": {"reported": 0.5}}   按项扣分
    {"indicator": I, "of": J, "steps": [{"below": 95, "deduct": 2}, {"below": 90, "deduct": 4}]}   按比率扣分
    {"indicator": I, "add": 1, "each": 1}                                                 按项加分
    {"indicator": I, "of": J, "add": 3, "when": "none"}                                   没有才加分
    {"indicator": I, "at_least": 1, "grade": "差"}                                        一票否决
    {}                                                                                    人工评分

Each may have ``filter``, which the indicator reads. Points never leave 0 … the item's points.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from django.core.exceptions import ValidationError

FORMS = {
    "each": "按项扣分",
    "rate": "按比率扣分",
    "bonus": "按项加分",
    "clean": "没有才加分",
    "veto": "一票否决",
    "human": "人工评分",
}
KEYS = {
    "each": {"deduct", "each", "at_most", "weigh"},
    "rate": {"of", "steps"},
    "bonus": {"add", "each"},
    "clean": {"add", "of", "when"},
    "veto": {"at_least", "grade"},
}
BONUSES = ("bonus", "clean")
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Row:
    """依据: one row that was counted, with what a reader needs when the thing itself has changed since."""

    kind: str
    pk: int
    label: str
    on: str = ""
    tag: str = ""
    tag_words: str = ""

    def kept(self) -> dict:
        return {"kind": self.kind, "pk": self.pk, "label": self.label, "on": self.on, "tag": self.tag}


@dataclass(frozen=True)
class Scored:
    """得分: points (None where people score), the sentence, the rows; the grade of a veto that holds."""

    points: Decimal | None
    words: str
    rows: tuple[Row, ...] = ()
    grade: str = ""


Read = Callable[[str, dict], Sequence[Row]]


def form_of(rule: dict) -> str:
    if not rule:
        return "human"
    if "grade" in rule:
        return "veto"
    if "steps" in rule:
        return "rate"
    if "add" in rule:
        return "clean" if "when" in rule else "bonus"
    return "each"


def number(value) -> Decimal:
    try:
        found = Decimal(str(value))
    except InvalidOperation as error:
        raise ValidationError(f"「{value}」不是数字。") from error
    if not found.is_finite():
        raise ValidationError(f"「{value}」不是数字。")
    return found


def plain(value: Decimal) -> str:
    """2, 2.5, 12.25: no zeros nobody asked for."""
    text = f"{value.quantize(CENT, ROUND_HALF_UP):f}"
    return text.rstrip("0").rstrip(".")


# ── scoring ──────────────────────────────────────────────────────────────────────────────────


def score(points: Decimal, rule: dict, read: Read) -> Scored:
    """计分 of one item for one assessed. ``read(indicator, filter)`` gives his rows; the rest is arithmetic."""
    form = form_of(rule)
    if form == "human":
        return Scored(None, "由评议人评分")
    rows = tuple(read(rule["indicator"], rule.get("filter", {})))
    return {"each": _each, "rate": _rate, "bonus": _bonus, "clean": _clean, "veto": _veto}[form](
        points, rule, rows, read
    )


def _each(full: Decimal, rule: dict, rows: tuple[Row, ...], read: Read) -> Scored:
    label = _label(rule)
    if not rows:
        return Scored(full, f"没有{label}，不扣分")
    count, counted = _weighed(rule, rows)
    per, times, reckoned = _times(rule, count)
    lost = number(rule["deduct"]) * times
    words = f"{label} {len(rows)} 项{counted}{reckoned} × {plain(number(rule['deduct']))} 分" + per
    most = min(full, number(rule.get("at_most", full)))
    lost_words = f"，扣 {plain(min(lost, most))} 分"
    if lost > most:
        words += f"，应扣 {plain(lost)} 分，至多扣 {plain(most)} 分"
    return Scored(_cents(full - min(lost, most)), words + lost_words, rows)


def _weighed(rule: dict, rows: tuple[Row, ...]) -> tuple[Decimal, str]:
    """折合: rows of some tags count for more or less than one."""
    weights = {tag: number(weight) for tag, weight in rule.get("weigh", {}).items()}
    if not weights:
        return Decimal(len(rows)), ""
    count = sum((weights.get(row.tag, Decimal(1)) for row in rows), Decimal(0))
    tags = Counter((row.tag, row.tag_words) for row in rows)
    told = [f"{words} {n} 项各计 {plain(weights[tag])}" for (tag, words), n in sorted(tags.items()) if tag in weights]
    return count, f"（{'，'.join(told)}），折合 {plain(count)} 项" if told else ""


def _times(rule: dict, count: Decimal) -> tuple[str, Decimal, str]:
    each = int(rule.get("each", 1))
    if each == 1:
        return "", count, ""
    times = Decimal(int(count) // each)
    return f"（每满 {each} 项）", times, f"，计 {plain(times)} 次"


def _rate(full: Decimal, rule: dict, rows: tuple[Row, ...], read: Read) -> Scored:
    whole = tuple(read(rule["of"], rule.get("filter", {})))
    if not whole:
        return Scored(full, f"没有{_label(rule, 'of')}，不扣分")
    have = {(row.kind, row.pk) for row in rows}
    lacking = tuple(row for row in whole if (row.kind, row.pk) not in have)
    met = len(whole) - len(lacking)
    share = Decimal(met * 100) / Decimal(len(whole))
    words = f"{_label(rule)} {met} ÷ {_label(rule, 'of')} {len(whole)} = {plain(share)}%"
    steps = [step for step in rule["steps"] if share < number(step["below"])]
    if not steps:
        return Scored(full, f"{words}，不扣分", lacking)
    step = max(steps, key=lambda one: number(one["deduct"]))
    lost = min(full, number(step["deduct"]))
    return Scored(_cents(full - lost), f"{words}，低于 {plain(number(step['below']))}%，扣 {plain(lost)} 分", lacking)


def _bonus(full: Decimal, rule: dict, rows: tuple[Row, ...], read: Read) -> Scored:
    label = _label(rule)
    if not rows:
        return Scored(Decimal(0), f"没有{label}，不加分")
    per, times, reckoned = _times(rule, Decimal(len(rows)))
    gained = number(rule["add"]) * times
    words = f"{label} {len(rows)} 项{reckoned} × {plain(number(rule['add']))} 分{per}"
    if gained > full:
        words += f"，应加 {plain(gained)} 分，至多加 {plain(full)} 分"
    return Scored(_cents(min(full, gained)), f"{words}，加 {plain(min(full, gained))} 分", rows)


def _clean(full: Decimal, rule: dict, rows: tuple[Row, ...], read: Read) -> Scored:
    whole = tuple(read(rule["of"], rule.get("filter", {})))
    if not whole:
        return Scored(Decimal(0), f"没有{_label(rule, 'of')}，不加分")
    if rows:
        return Scored(Decimal(0), f"有{_label(rule)} {len(rows)} 项，不加分", rows)
    gained = min(full, number(rule["add"]))
    return Scored(
        _cents(gained), f"{_label(rule, 'of')} {len(whole)} 项，没有{_label(rule)}，加 {plain(gained)} 分", whole
    )


def _veto(full: Decimal, rule: dict, rows: tuple[Row, ...], read: Read) -> Scored:
    holds = len(rows) >= int(rule["at_least"])
    words = f"{_label(rule)} {len(rows)} 项，" + (f"等次不高于「{rule['grade']}」" if holds else "不否决")
    return Scored(Decimal(0), words, rows, rule["grade"] if holds else "")


def _cents(value: Decimal) -> Decimal:
    return max(Decimal(0), value).quantize(CENT, ROUND_HALF_UP)


def _label(rule: dict, key: str = "indicator") -> str:
    from supervision.assessment.indicators import INDICATORS, filter_words

    label = INDICATORS[rule[key]].label
    return label if key == "of" else filter_words(rule.get("filter", {})) + label


# ── the rule in words, and its check ─────────────────────────────────────────────────────────


def words_of(rule: dict) -> str:
    """规则 in a sentence, for whoever is assessed by it."""
    form = form_of(rule)
    if form == "human":
        return "人工评分"
    label = _label(rule)
    if form == "rate":
        steps = sorted(rule["steps"], key=lambda step: -number(step["below"]))
        told = [f"低于 {plain(number(step['below']))}% 扣 {plain(number(step['deduct']))} 分" for step in steps]
        return f"{label} ÷ {_label(rule, 'of')}，" + "，".join(told)
    if form == "veto":
        return f"{label}达到 {rule['at_least']} 项的，等次不高于「{rule['grade']}」"
    each = int(rule.get("each", 1))
    per = "每项" if each == 1 else f"每满 {each} 项"
    if form == "each":
        most = f"，至多扣 {plain(number(rule['at_most']))} 分" if "at_most" in rule else ""
        return f"{label}{per}扣 {plain(number(rule['deduct']))} 分{most}{_weigh_words(rule)}"
    if form == "clean":
        return f"有{_label(rule, 'of')}而没有{label}的，加 {plain(number(rule['add']))} 分"
    return f"{label}{per}加 {plain(number(rule['add']))} 分"


def _weigh_words(rule: dict) -> str:
    from supervision.models import AccountabilityMeasure

    names = dict(AccountabilityMeasure.Disclosure.choices)
    told = [f"{names.get(tag, tag)}按 {plain(number(weight))} 项计" for tag, weight in rule.get("weigh", {}).items()]
    return f"（{'，'.join(told)}）" if told else ""


def check_rule(rule: dict, kind: str, grades: Sequence[str] = ()) -> None:
    """校验: a rule that could not be counted is refused before it is kept. Raises ValidationError in Chinese."""
    from supervision.assessment.indicators import INDICATORS, check_filter

    if not isinstance(rule, dict):
        raise ValidationError("计分规则应是一组字段。")
    form = form_of(rule)
    if form == "human":
        return
    for key in ("indicator", *(("of",) if form in ("rate", "clean") else ())):
        indicator = INDICATORS.get(rule.get(key)) if isinstance(rule.get(key), str) else None
        if indicator is None:
            raise ValidationError(f"没有「{rule.get(key) or '空'}」这个指标，请从列表中选择。")
        if kind not in indicator.kinds:
            raise ValidationError(f"「{indicator.label}」不能用于这类考核对象。")
        if indicator.is_restricted and form not in ("each", "bonus", "veto"):
            raise ValidationError(f"「{indicator.label}」只能按项扣分、加分或用于一票否决。")
        check_filter(indicator, rule.get("filter", {}), kind)
    if unknown := set(rule) - KEYS[form] - {"indicator", "filter"}:
        raise ValidationError(f"规则中有不认识的字段 {'、'.join(sorted(map(str, unknown)))}。")
    _check_numbers(rule, form)
    if form == "veto" and grades and rule["grade"] not in grades:
        raise ValidationError(f"没有「{rule['grade']}」这个等次，请从 {'、'.join(grades)} 中选择。")


def _check_numbers(rule: dict, form: str) -> None:
    positive = {"each": ["deduct"], "bonus": ["add"], "clean": ["add"]}.get(form, [])
    for name in [*positive, *(["at_most"] if "at_most" in rule else [])]:
        if name not in rule or not 0 < number(rule[name]) <= 100:
            raise ValidationError("每项扣分、加分和至多扣分须大于 0，不超过 100。")
    for name in ("each", "at_least"):
        if name in rule and (
            isinstance(rule[name], bool) or not isinstance(rule[name], int) or not 1 <= rule[name] <= 999
        ):
            raise ValidationError("项数须是 1 至 999 的整数。")
    if form == "veto" and "at_least" not in rule:
        raise ValidationError("一票否决须写明达到几项。")
    if form == "clean" and rule["when"] != "none":
        raise ValidationError("没有才加分的规则写作 when: none。")
    if form == "rate":
        _check_steps(rule["steps"])
    for weight in rule.get("weigh", {}).values():
        if not 0 <= number(weight) <= 10:
            raise ValidationError("折合的倍数须在 0 至 10 之间。")


def _check_steps(steps) -> None:
    if not isinstance(steps, list) or not steps:
        raise ValidationError("按比率扣分须至少有一档。")
    for step in steps:
        if not isinstance(step, dict) or set(step) != {"below", "deduct"}:
            raise ValidationError("每一档写明低于百分之几、扣几分。")
        if not 0 < number(step["below"]) <= 100 or not 0 < number(step["deduct"]) <= 100:
            raise ValidationError("比率和扣分须大于 0，不超过 100。")
