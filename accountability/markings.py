"""密级标志: does a text carry the mark of a state secret where such a mark stands? Pure text, no Django: the child asks too.

A mark is 密级 with its star (机密★1年) anywhere but inside quotation marks, where somebody writes about marks; or the
bare word alone in its place: a line of its own at the top, 密级：机密, 【机密】, a file called 机密-方案. 保守秘密 and
机密文件管理办法 in running text are no marks. 工作秘密 and 内部 are no state secrets.
"""

import re
import unicodedata
from collections.abc import Iterable

TOP_LINES = 8
SIGN = "密"  # in every mark, and no other character is written for it
LEVEL = r"(?:绝密|机密|秘密)"
TERM = r"(?:长期|\d{1,3}(?:年|个月|月|天|日)?)"
STAR = "[★☆⭐✩✭✮✯]"
STARRED = re.compile(rf"(?<![“‘「『\"'《]){LEVEL}级?(?:{STAR}|\*{TERM})")
ALONE = re.compile(rf"[（(【\[〔]?(?:密级[:：]?)?{LEVEL}级?{TERM}?[）)】\]〕]?")
# 密级：机密, but not a form that leaves the choice open (密级：绝密□ 机密□ 秘密□).
LABELLED = re.compile(rf"密级[:：]{LEVEL}(?![□☐☑/、或])")
BRACKETED = re.compile(rf"[（(【\[〔]{LEVEL}级?{TERM}?[）)】\]〕]")
BEFORE_A_DASH = re.compile(rf"^{LEVEL}级?{TERM}?[-_—–]")


def is_marked(lines: Iterable[str], top: int = TOP_LINES) -> bool:
    """Whether a line bears a starred mark, or one of the ``top`` first lines is nothing but a mark."""
    at_top = 0
    for line in lines:
        if at_top >= top and SIGN not in line:  # a sheet may have a million texts
            continue
        close = _closed_up(line)
        if STARRED.search(close) or LABELLED.match(close) or (at_top < top and ALONE.fullmatch(close)):
            return True
        at_top += bool(close)
    return False


def is_marked_text(text: str) -> bool:
    """The same of something typed."""
    return SIGN in text and is_marked(text.splitlines())


def is_marked_name(name: str) -> bool:
    """The same of a file's name: 机密.pdf, 机密★1年-方案.docx, 方案（机密）.docx, 绝密-方案.docx."""
    close = _closed_up(name)
    stem = close.rpartition(".")[0] or close
    return bool(STARRED.search(close) or ALONE.fullmatch(stem) or BRACKETED.search(stem) or BEFORE_A_DASH.match(stem))


def _closed_up(line: str) -> str:
    """Without spaces (机 密 ★ 1 年) and unseen characters; full-width digits as ordinary ones."""
    text = unicodedata.normalize("NFKC", line)
    return "".join(char for char in text if not char.isspace() and unicodedata.category(char) not in ("Cf", "Cc"))
