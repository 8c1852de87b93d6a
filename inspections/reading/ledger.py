"""整改台账 as offices lay it out: undo the merges, read each row; every doubt is a complaint by cell, and whatever is
left unread is named in a note. Knows no Django: it runs in the child that read the file.

What stands in merged or blank cells below a problem is the problem's; a row is one measure.
"""

import re
from collections import defaultdict
from functools import lru_cache

from inspections.reading.book import Book, Complaint, MeasureRow, ProblemRow, rows_of
from inspections.reading.days import Term, read_day
from inspections.reading.heads import Head, find_head
from inspections.reading.names import (
    COMPLETION_OF,
    COUNTED,
    IMPLEMENTATIONS,
    KINDS,
    LABEL,
    LIMITS,
    LONG_TEXTS,
    NAMES,
    NO,
    NOTE,
    NOTHING,
    PROBLEM_FIELDS,
    REQUIRED,
    YES,
    Refused,
    tidy,
    words,
)  # fmt: skip

__all__ = ["Book", "Complaint", "MeasureRow", "ProblemRow", "read_ledger", "rows_of"]
SHOWN_AT_MOST = 60
OVERLAPS_AT_MOST = 1000
OVERLAPPING = "这个工作簿的合并单元格相互重叠，不是 Excel 或 WPS 存出来的文件；请把台账复制到新的工作簿再导入。"
FOOTER = re.compile(
    r"^(?:填表人|填报人|制表人?|审核人?|审批人?|签字|签名|盖章|联系人|联系电话|填表说明|填报说明|说明|备注|注|合计|总计|共计|小计"
    r"|填报单位|填报日期|填表日期|报送日期|日期|单位|单位负责人|主要负责人|党组织书记)\s*(?:[:：（(0-9]|$)|^共.{1,12}[个条项]"
)
SEPARATOR = re.compile(r"[、，,;；/]+")
ITEMS = re.compile(r"(?m)^\s*[（(]?(?:\d{1,2}|[一二三四五六七八九十])[)）.、．](?!\d)")
SERIAL = re.compile(r"(?:问题|第)?\s*[（(]?(\d{1,6})[)）]?[.、号]?")
CHINESE_SERIAL = re.compile(r"[（(]?([一二三四五六七八九])?(十)?([一二三四五六七八九])?[)）]?[.、]?")
OF_MEASURE = ("leader", "lead", "helpers", "owner", "term", "progress", "kinds")


def read_ledger(seen: dict) -> Book:
    """Every visible sheet that has the header of a ledger; the others are named in a note."""
    book, heads = Book(), 0
    for sheet in seen["sheets"]:
        head = None if not sheet["rows"] else find_head(sheet)
        if head is None or sheet["hidden"]:
            book.skipped_sheets.append(sheet["name"])
            if head is not None:
                book.notes.append(
                    Complaint(sheet["name"], 1, "工作表", "", "是隐藏的工作表，没有读取；要导入请先取消隐藏。")
                )
            elif sheet["rows"] and not sheet["hidden"]:
                book.notes.append(Complaint(sheet["name"], 1, "工作表", "", "没有整改台账的表头，没有读取。"))
        else:
            heads += 1
            _Sheet(sheet, head, book).read()
    if not heads:
        known = "、".join(LABEL[key] for key in REQUIRED)
        where = "；隐藏的工作表不读取" if any(sheet["hidden"] for sheet in seen["sheets"]) else ""
        reason = f"没有找到整改台账的表头；表头至少要有 {known}{where}。"
        book.complaints.append(Complaint("工作簿", 1, "表头", "", reason))
    elif not book.problems and not book.complaints:
        book.complaints.append(Complaint("工作簿", 1, "整改措施", "", "表头下面没有一行数据，请填写后再导入。"))
    return book


class _Sheet:
    """One sheet of a ledger, read row by row."""

    def __init__(self, sheet: dict, head: Head, book: Book) -> None:
        self.name, self.head, self.book = sheet["name"], head, book
        self.titles = {
            tidy(cell)
            for number, cells in sheet["rows"]
            if number < head.first_row
            for cell in cells
            if isinstance(cell, str) and cell
        }
        self.rows = [(number, cells) for number, cells in sheet["rows"] if number > head.last_row]
        self.by_number = dict(self.rows)
        in_head = (cells for number, cells in sheet["rows"] if head.first_row <= number <= head.last_row)
        self.head_texts = {cell for cells in in_head for cell in cells if isinstance(cell, str) and cell}
        self.wide: dict[int, int] = {}  # row → how many columns its widest merged cell spans
        self.anchors = self._anchors(sheet["merges"])
        self.told = frozenset(head.columns)
        text = head.columns.get("text")
        self.merges_problems = any(text in anchors for anchors in self.anchors.values())
        self.of_problem = {head.columns[key] for key in PROBLEM_FIELDS if key in head.columns}
        self.known: dict[tuple[str, str], str] = {}  # (field, what stands in the cell) → its text
        self.hidden_rows = sheet.get("hidden_rows", 0)
        self.problem: ProblemRow | None = None
        self.own: list[ProblemRow] = []
        self.by_serial: dict[tuple[str, int], ProblemRow] = {}
        self.banner = ""
        self.complained: set[int] = set()  # rows of problems whose missing measure was complained of

    def _anchors(self, merges: list) -> dict[int, dict[int, int]]:
        """Row → column → the row whose cell fills it; only columns we read, only downwards, the first of overlapping ones."""
        wanted, last = set(self.head.columns.values()), self.rows[-1][0] if self.rows else 0
        anchors: dict[int, dict[int, int]] = defaultdict(dict)
        overlaps = 0
        for top, left, bottom, right in merges:
            if bottom == top:
                self.wide[top] = max(self.wide.get(top, 0), right - left + 1)
            elif left - 1 in wanted and top > self.head.last_row:
                for row in range(top + 1, min(bottom, last) + 1):
                    overlaps += anchors[row].setdefault(left - 1, top) != top
                if overlaps > OVERLAPS_AT_MOST:
                    raise Refused(OVERLAPPING)
        return dict(anchors)

    def complain(self, row: int, key: str, value: str, reason: str) -> None:
        label = self.head.labels.get(key, LABEL[key])
        self.book.complaints.append(Complaint(self.name, row, label, value[:SHOWN_AT_MOST], reason))

    def note(self, row: int, column: str, value: str, reason: str) -> None:
        self.book.notes.append(Complaint(self.name, row, column, value[:SHOWN_AT_MOST], reason))

    def read(self) -> None:
        if not self._is_whole():
            return
        self._tell_what_is_not_read()
        for number, cells in self.rows:
            if not self._is_no_data(number, cells):
                self._row(number, cells)
        for problem in self.own:
            problem.is_bare = not problem.measures and problem.row not in self.complained

    def _is_whole(self) -> bool:
        missing = [key for key in REQUIRED if key not in self.head.columns]
        for key in missing:
            known = "、".join(NAMES[key][:4])
            self.complain(self.head.last_row, key, "", f"表头没有「{LABEL[key]}」这一列（也可叫{known}），请补上。")
        return not missing

    def _tell_what_is_not_read(self) -> None:
        line = self.head.last_row
        for _, label in sorted(self.head.ignored.items()):
            self.note(line, label, "", "系统没有对应的栏目，这一列没有读取。")
        if self.head.problem_from:
            self.note(line, self.head.problem_from, "", "表中没有“具体问题”一列，按具体问题读取。")
        if self.hidden_rows:
            self.note(line, "行", "", f"有 {self.hidden_rows} 行被隐藏或筛选掉，也一并读取了。")

    def _is_no_data(self, number: int, cells: list) -> bool:
        """Headers of printed pages, banners over a group of problems, totals and signatures below the table."""
        filled = [cell for cell in cells if cell != ""]
        first = tidy(filled[0]) if filled and isinstance(filled[0], str) else ""
        if len(filled) >= 3 and self._is_head_again(filled):
            return True
        if not first or self._text_at(number, cells, "measure"):
            return not filled
        if first in self.titles and len(filled) <= 2:
            return True
        if FOOTER.match(first) and len(filled) <= 6:
            self.note(number, "整行", first, "不是数据，没有读取。")
            return True
        if len(filled) == 1 and (self.wide.get(number, 0) >= 4 or (COUNTED.match(first) and self._is_left(cells))):
            self.banner = COUNTED.sub("", first)[: LIMITS["category"]]
            self.note(
                number,
                "整行",
                first,
                "按以下各问题的问题类别读取。" if self._needs_category() else "是分组标题，没有读取。",
            )
            return True
        return False

    def _is_head_again(self, filled: list) -> bool:
        """A header repeated at the top of a printed page."""
        others = 0
        for cell in filled:
            others += not (isinstance(cell, str) and cell in self.head_texts)
            if others > 0.3 * len(filled):
                return False
        return True

    def _needs_category(self) -> bool:
        return "category" not in self.head.columns

    def _is_left(self, cells: list) -> bool:
        return cells[0] != "" and self.head.columns.get("text") != 0

    def _text_at(self, number: int, cells: list, key: str) -> str:
        column = self.head.columns.get(key)
        if self._anchor(number, column) is not None:
            return "merged"
        value = cells[column] if column is not None and column < len(cells) else ""
        return value if isinstance(value, str) else "other"

    def _at(self, cells: list, key: str):
        column = self.head.columns.get(key)
        return cells[column] if column is not None and column < len(cells) else ""

    def _anchor(self, number: int, column: int | None) -> int | None:
        anchors = self.anchors.get(number)
        return None if anchors is None else anchors.get(column)

    def _cell(self, number: int, cells: list, key: str) -> tuple[str, bool]:
        """The text of a field and whether it is of this row's own; what is no text is complained of once."""
        column = self.head.columns.get(key)
        if column is None:
            return "", False
        anchors = self.anchors.get(number)
        anchor = None if anchors is None else anchors.get(column)
        if anchor is not None:
            cells = self.by_number.get(anchor, ())
        value = cells[column] if column < len(cells) else ""
        if value == "":
            return "", anchor is None
        if isinstance(value, dict):
            value = self._of_dict(number, key, value, is_own=anchor is None)
        text = self.known.get((key, value))
        if text is None:
            text = self._of_text(number, key, value, is_own=anchor is None)
        return text, anchor is None

    def _of_text(self, number: int, key: str, value: str, *, is_own: bool) -> str:
        """Tidy and no longer than it may be; what was too long is read anew each time, as each such cell is told of."""
        text = words(value) if key in LONG_TEXTS else self._of_line(key, value)
        limit = LIMITS.get(key)
        if limit and len(text) > limit:
            if is_own:
                self.complain(number, key, text, f"有 {len(text)} 个字，超过 {limit} 个字的上限，请精简。")
            return text[:limit]
        self.known[key, value] = text
        return text

    def _of_line(self, key: str, value: str) -> str:
        """Names of units keep their line breaks: one may stand within a name as well as between two."""
        if key in ("lead", "helpers") and ("\n" in value or "\r" in value):
            return "\n".join(line for line in (tidy(line) for line in words(value).split("\n")) if line)
        return tidy(value)

    def _of_dict(self, number: int, key: str, value: dict, *, is_own: bool) -> str:
        if "formula" in value:
            if is_own and key != "serial":
                shown = "=" + value["formula"].removeprefix("=")
                self.complain(number, key, shown, "这里是公式，请粘贴为数值或文字。")
            return ""
        if "error" in value:
            if is_own and key != "serial":
                self.complain(number, key, value["error"], f"这里是错误值 {value['error']}，请改成文字或日期。")
            return ""
        if "number" in value:
            return self._of_number(number, key, value["number"], is_own=is_own)
        return value.get("month", value["day"]) if key != "serial" else ""

    def _of_number(self, number: int, key: str, shown: str, *, is_own: bool) -> str:
        """2026.1, as a number, is January or October: Excel has dropped the nought."""
        if key != "term" or not re.fullmatch(r"20\d\d\.1", shown):
            return shown
        if is_own:
            year = shown[:4]
            self.complain(number, key, shown, f"分不清是 1 月还是 10 月，请写成 {year}年1月 或 {year}年10月。")
        return ""

    def _is_spoilt(self, number: int, cells: list, key: str) -> bool:
        """A cell that was complained of when it was read, so that it is not called empty as well."""
        column = self.head.columns.get(key)
        anchor = self._anchor(number, column)
        value = self._at(self.by_number.get(anchor, ()) if anchor is not None else cells, key)
        return isinstance(value, dict)

    def _row(self, number: int, cells: list) -> None:
        if self.problem is None or not self.of_problem <= self.anchors.get(number, {}).keys():
            told = {key: self._cell(number, cells, key) for key in PROBLEM_FIELDS}
            if any(text and own for text, own in told.values()) or self.problem is None:
                self._begin(number, {key: text for key, (text, _) in told.items()}, own_text=told["text"][1])
        text, own = self._cell(number, cells, "measure")
        if text and own:
            if len(ITEMS.findall(text)) > 1:
                self.note(
                    number, LABEL["measure"], text, "一格里有几条措施，按一条登记；要分别办理、分别销号，请一条一行。"
                )
            self.problem.measures.append(self._measure(number, cells, text))
            return
        rest = [key for key in OF_MEASURE if self._is_own(number, cells, key)]
        is_spoilt = own and self._is_spoilt(number, cells, "measure")
        if is_spoilt or rest:
            self.complained.add(self.problem.row)
        if rest and not is_spoilt:
            reason = (
                "没有填写整改措施。"
                if own
                else "整改措施与上一行合并，这一行的其他内容无处可放；请拆分单元格，一条措施一行。"
            )
            self.complain(number, "measure", "", reason)
        if own and (rest or is_spoilt):
            self._measure(number, cells, "")  # for what else is wrong in this row

    def _is_own(self, number: int, cells: list, key: str) -> bool:
        column = self.head.columns.get(key)
        return self._at(cells, key) != "" and self._anchor(number, column) is None

    def _begin(self, number: int, told: dict[str, str], *, own_text: bool) -> None:
        """A new problem, unless the row only repeats the one above (files without merged cells)."""
        serial, known = self._serial(told["serial"]), self.problem
        if known is not None and self._repeats(told["text"], serial, own_text=own_text):
            self._add_symptoms(told)
            return
        if not told["text"] and not self._is_spoilt(number, self.by_number[number], "text"):
            self.complain(number, "text", "", "没有填写具体问题。")
        group = self.banner or (told["category"] or (known.category if known else "") if self.banner == "" else "")
        self._check_serial(number, serial, group)
        self.problem = ProblemRow(
            sheet=self.name,
            row=number,
            serial=serial,
            category=self._category(told["category"]),
            sub_category=_something(told["sub_category"]),
            text=told["text"],
            symptoms=told["symptoms"],
            implementation=self._implementation(number, told["implementation"]),
            is_focus=self._yes(number, "focus", told["focus"]),
            goal=told["goal"],
            group=group,
            told=self.told | ({"category"} if self.banner else set()),
        )
        self.book.problems.append(self.problem)
        self.own.append(self.problem)
        if serial is not None:
            self.by_serial.setdefault((group, serial), self.problem)

    def _category(self, told: str) -> str:
        if told:
            return _something(told)
        if self._needs_category():
            return self.banner
        return self.problem.category if self.problem else ""

    def _check_serial(self, number: int, serial: int | None, group: str) -> None:
        """Numbers may begin anew in every category and on every sheet, and repeat nowhere else."""
        if serial is not None and (first := self.by_serial.get((group, serial))):
            reason = f"序号 {serial} 已用于第 {first.row} 行的另一个问题，请改成不重复的序号。"
            self.complain(number, "serial", str(serial), reason)

    def _repeats(self, text: str, serial: int | None, *, own_text: bool) -> bool:
        """The same words are the same problem, whatever runs in the first column; no words, only under its number.

        Where a sheet merges its problems, a cell of its own is a problem of its own.
        """
        if not text:
            return serial in (None, self.problem.serial)
        if text != self.problem.text:
            return False
        return not (self.merges_problems and own_text and serial not in (None, self.problem.serial))

    def _add_symptoms(self, told: dict[str, str]) -> None:
        """Several symptoms of one problem, one below the other."""
        known, more = self.problem, told["symptoms"]
        if more and more not in known.symptoms.split("\n") and more != known.symptoms:
            known.symptoms = f"{known.symptoms}\n{more}" if known.symptoms else more

    def _serial(self, text: str) -> int | None:
        """1, (1), ①, 一、 and 问题1 are numbers; 1.1 and 1-2 are not, and the problem goes by its words."""
        if found := SERIAL.fullmatch(text):
            return int(found[1]) or None
        if text and (found := CHINESE_SERIAL.fullmatch(text)) and any(found.groups()):
            digits = "一二三四五六七八九"
            tens, ten, ones = found.groups()
            if ten is None:
                return digits.index(tens or ones) + 1 if not (tens and ones) else None
            return (digits.index(tens) + 1 if tens else 1) * 10 + (digits.index(ones) + 1 if ones else 0)
        return None

    def _yes(self, number: int, key: str, text: str) -> bool:
        plain = text if text in YES or text in NO else NOTE.sub("", text).strip().upper()
        if plain in YES or plain in NO:
            return plain in YES
        self.complain(number, key, text, "请填“是”或“否”。")
        return False

    def _implementation(self, number: int, text: str) -> str:
        plain = re.sub(r"[\s“”、，,]|方面$", "", text)
        if not plain or plain in NOTHING:
            return ""
        if plain == "其他":
            return "other"
        full = {re.sub(r"[、，,]", "", forms[0]): key for key, forms in IMPLEMENTATIONS.items()}
        if plain in full:
            return full[plain]
        found = {key for key, forms in IMPLEMENTATIONS.items() for form in forms if form in plain}
        if len(found) == 1:
            return found.pop()
        known = "；".join(forms[0] for forms in IMPLEMENTATIONS.values())
        self.complain(number, "implementation", text, f"不在“四落实”之内，请填：{known}；其他。")
        return ""

    def _measure(self, number: int, cells: list, text: str) -> MeasureRow:
        told = {
            key: self._cell(number, cells, key)[0]
            for key in (*OF_MEASURE, "kept_up", "in_period", "completion", "remark")
        }
        units = _units(told["lead"])
        if not units and not self._is_spoilt(number, cells, "lead"):
            self.complain(number, "lead", "", "没有填写牵头单位。")
        helpers = [unit for unit in _units(told["helpers"]) if unit.upper() not in NO]
        term = self._term(number, cells, told["term"])
        kept_up = self._yes(number, "kept_up", told["kept_up"])
        return MeasureRow(
            sheet=self.name,
            row=number,
            text=text,
            kinds=self._kinds(number, told["kinds"]),
            leader=_something(told["leader"]),
            lead=units[0] if units else "",
            helpers=tuple(dict.fromkeys([*units[1:], *helpers])),
            owner=_something(told["owner"]),
            term=term,
            is_kept_up=kept_up if told["kept_up"] else term.is_long_term,
            in_period=self._yes(number, "in_period", told["in_period"]) if told["in_period"] else None,
            progress=told["progress"],
            completion=self._completion(number, told["completion"]),
            remark=told["remark"],
        )

    def _term(self, number: int, cells: list, text: str) -> Term:
        if not text:
            if not self._is_spoilt(number, cells, "term"):
                self.complain(number, "term", "", "没有填写整改时限。")
            return Term()
        try:
            return read_day(text)
        except ValueError as error:
            self.complain(number, "term", text, str(error))
            return Term()

    def _kinds(self, number: int, text: str) -> tuple[str, ...]:
        if not text:
            return ()
        if text in KINDS:
            return (text,)
        named = [one for one in re.split(r"[、，,;；/\s]+", text) if one and one.upper() not in NO]
        for one in named:
            if one not in KINDS:
                self.complain(number, "kinds", one, f"「{one}」不是措施类型，请填：{'、'.join(KINDS)}。")
        return tuple(kind for kind in KINDS if kind in named)

    def _completion(self, number: int, text: str) -> str:
        if text in COMPLETION_OF:
            return COMPLETION_OF[text]
        plain = re.sub(r"[\s。，,]", "", text)
        state = COMPLETION_OF.get(plain) or COMPLETION_OF.get(NOTE.sub("", plain))
        if state is None and (plain.upper() in YES or plain.upper() in NO):
            state = "done" if plain.upper() in YES else "undone"
        if state is None:
            self.complain(number, "completion", text, "请填 已完成、基本完成 或 未完成。")
            return "undone"
        return state


def _something(text: str) -> str:
    """A dash in a cell says that there is nothing to say."""
    return "" if text in NOTHING else text


@lru_cache(maxsize=4096)
def _units(text: str) -> tuple[str, ...]:
    parts = (one.strip() for one in SEPARATOR.split(text))
    return tuple(one for one in parts if one and one not in NOTHING)
