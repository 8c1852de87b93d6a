"""整改时限 as people write it: a day, the end of a month or quarter, 长期坚持, 立行立改."""

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

LONG_TERM = re.compile(r"长期|常态化|持续|常抓|经常性")
IMMEDIATE = re.compile(r"立行立改|立整立改|立查立改|立即|即知即改|即行即改|边查边改|立改|即改")
STATES = re.compile(r"(已|基本|未)?(完成|整改|办结|销号)(到位)?")
CLOCK = re.compile(r"(?<=\d)[T ]?\d{1,2}:\d{2}(:\d{2})?(\.\d+)?$")
ANOTHER = re.compile(r"\d{4}\s*[年./-]|\d{1,2}月")
TWO_DIGITS = re.compile(r"^\d{2}[年./-]\d{1,2}")
CHINESE = str.maketrans("〇零○一二三四五六七八九", "000123456789")
EXCEL_EPOCH = date(1899, 12, 30)
SERIAL = range(36_526, 73_415)  # 2000 to 2100, as Excel counts days
TAIL = r"(?:日|号)?(?:之前|以前|前|底|末|内|止|完成|整改|到位|左右|\s)*"
YEAR = r"(?P<year>\d{4})年?"
FORMS = (
    ("day", re.compile(rf"^{YEAR}[-./年]?(?P<month>\d{{1,2}})[-./月](?P<day>\d{{1,2}}){TAIL}$")),
    ("day", re.compile(r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})$")),
    ("third", re.compile(rf"^{YEAR}[-./]?(?P<month>\d{{1,2}})月?(?P<third>[上中下])旬{TAIL}$")),
    ("month", re.compile(rf"^{YEAR}[-./年]?(?P<month>\d{{1,2}})月?(?:份)?(?:底|末|月底|月末)?{TAIL}$")),
    ("quarter", re.compile(rf"^{YEAR}第?(?P<quarter>[1-4])季度(?:底|末)?{TAIL}$")),
    ("half", re.compile(rf"^{YEAR}(?P<half>上|下)半年(?:底|末)?{TAIL}$")),
    ("year", re.compile(rf"^{YEAR}(?:年?底|年?末|年?内|年度内|全年)?{TAIL}$")),
)
REMEDY = "请写成 2026年6月底前、2026.9.30、长期坚持 或 立行立改。"
NO_YEAR = re.compile(r"^(?:[今明本]年|第?[一二三四1-4]季度|\d{1,2}月|[年月季]?[底末内]|[上下]半年|年中|学期)")


class OutOfRange(ValueError):
    """A day no rectification can be due on."""


@dataclass(frozen=True)
class Term:
    """时限: a day, or none when the measure is kept up or was to be done at once."""

    day: date | None = None
    is_long_term: bool = False
    is_immediate: bool = False


@lru_cache(maxsize=4096)  # a ledger says the same few days over and over
def read_day(text: str) -> Term:
    """Raises ValueError in Chinese, reason and remedy, for what cannot be read. Empty text is an empty Term."""
    plain = "".join(CLOCK.sub("", unicodedata.normalize("NFKC", text).strip()).split())
    if not plain:
        return Term()
    if STATES.fullmatch(plain):
        raise ValueError(f"这是完成情况，不是时限，{REMEDY}")
    is_long_term, is_immediate = bool(LONG_TERM.search(plain)), bool(IMMEDIATE.search(plain))
    if not any(sign.isdigit() for sign in plain.translate(CHINESE)):
        if is_long_term or is_immediate:
            return Term(None, is_long_term, is_immediate and not is_long_term)
        raise ValueError(_why_no_day(plain))
    part = _last_of_range(_without_words(plain))
    return Term(_day(part), is_long_term, False)


def _without_words(plain: str) -> str:
    """2026年9月底前完成，并长期坚持 → 2026年9月底前."""
    for sign in "，,;；。()（）并且后":
        head, found, rest = plain.partition(sign)
        if found and re.search(r"\d{4}|[〇零一二三四五六七八九]{4}", head):
            if ANOTHER.search(_digits(rest)):
                raise ValueError("写了不止一个日期，请只写最后的完成时限，或把措施分成几行。")
            plain = head
    return re.sub(
        r"(长期坚持|常态化坚持|长期|持续推进|持续坚持|持续|立行立改|常态化|推进|坚持|完成|前完成)$", "", plain
    )


def _last_of_range(plain: str) -> str:
    """2026年3月至9月, 2026.3-2026.9: the end, with the year of the start where it has none."""
    parts = re.split(r"至|到|—+|–|~|(?<=[月日号\d])-(?=\d{4}[年./])|(?<=[月日])-(?=\d{1,2}月)", plain)
    parts = [part for part in parts if part]
    if len(parts) < 2:
        return plain
    last = parts[-1]
    if not re.match(r"^(\d{4}|[〇零○一二三四五六七八九]{4})", last) and (
        year := re.match(r"^(\d{4}|[〇零○一二三四五六七八九]{4})年?", parts[0])
    ):
        last = f"{year[1]}年{last}"
    return last


def _digits(plain: str) -> str:
    """二〇二六年十二月三十日 → 2026年12月30日."""

    def number(found: re.Match) -> str:
        words = found[0]
        if "十" not in words:
            return words.translate(CHINESE)
        tens, _, ones = words.partition("十")
        return str((int(tens.translate(CHINESE)) if tens else 1) * 10 + (int(ones.translate(CHINESE)) if ones else 0))

    return re.sub(r"[〇零○一二三四五六七八九十]+", number, plain)


def _day(plain: str) -> date:
    text = _digits(plain)
    if text.isdecimal() and len(text) < 10 and int(text) in SERIAL:
        return EXCEL_EPOCH + timedelta(days=int(text))
    for form, pattern in FORMS:
        if found := pattern.match(text):
            try:
                return _checked(_day_of(form, found))
            except OutOfRange:
                raise ValueError(f"「{plain}」不在 2000 年至 2100 年之间，{REMEDY}") from None
            except (ValueError, KeyError):
                if form == "day" or form == "month":
                    raise ValueError(f"「{plain}」不是存在的日期，{REMEDY}") from None
    raise ValueError(_why_no_day(plain))


def _why_no_day(plain: str) -> str:
    if TWO_DIGITS.match(plain):
        return f"年份只有两位，请写成四位，例如 20{plain}。"
    if NO_YEAR.match(plain) or NO_YEAR.match(_digits(plain)):
        return "没有写年份，请补上年份，例如 2026年底前。"
    return f"看不出是哪一天，{REMEDY}"


def _checked(day: date) -> date:
    if not 2000 <= day.year <= 2100:
        raise OutOfRange
    return day


def _month_end(year: int, month: int) -> date:
    if not 1 <= month <= 12:
        raise ValueError("month")
    return date(year, month, monthrange(year, month)[1])


def _day_of(form: str, found: re.Match) -> date:
    year = int(found["year"])
    if form == "day":
        return date(year, int(found["month"]), int(found["day"]))
    if form == "third":
        month = int(found["month"])
        return (
            _month_end(year, month)
            if found["third"] == "下"
            else date(year, month, {"上": 10, "中": 20}[found["third"]])
        )
    if form == "month":
        return _month_end(year, int(found["month"]))
    if form == "quarter":
        return _month_end(year, int(found["quarter"]) * 3)
    return _month_end(year, 6 if form == "half" and found["half"] == "上" else 12)
