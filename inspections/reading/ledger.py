"""整改台账 as offices lay it out: find the header, undo the merges, read each row; every doubt is a complaint by cell.

A header may have one to three rows, its columns any order and many names. What stands in merged or blank cells
below a problem is the problem's; a row is one measure.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError

from accountability.confinement import ChildFailed, in_child
from inspections.reading.days import Term, read_day

HEAD_ROWS, HEAD_DEPTH = 25, 3
SHOWN_AT_MOST = 60

# 列 → what it is called, and the names offices give it. The first name is the one complaints use.
NAMES = {
    "serial": ("序号", "编号", "问题序号", "问题编号", "题号"),
    "category": ("问题类别", "类别", "问题类型", "问题分类", "问题大类", "方面", "反馈方面"),
    "sub_category": ("问题子类", "子类", "问题小类", "二级类别", "问题子类别"),
    "text": ("具体问题", "反馈问题", "问题", "问题内容", "巡察反馈问题", "巡视反馈问题", "反馈具体问题", "存在问题", "存在的问题", "问题表述", "问题描述", "反馈意见", "整改问题"),
    "symptoms": ("具体表现", "表现", "主要表现", "问题表现", "问题具体表现", "具体情形"),
    "implementation": ("对应四落实", "四落实", "对应四个落实", "四个落实", "对应四落"),
    "focus": ("是否重点关注", "重点关注", "是否重点问题", "重点问题", "是否重点"),
    "goal": ("整改目标", "目标", "整改落实目标", "预期目标", "整改要求"),
    "measure": ("整改措施", "措施", "具体措施", "整改举措", "具体整改措施", "措施内容"),
    "kinds": ("措施类型", "措施类别", "措施分类", "整改类型"),
    "leader": ("责任领导", "牵头领导", "牵头校领导", "责任校领导", "分管领导", "分管校领导", "牵头责任领导"),
    "lead": ("牵头单位", "责任单位", "牵头部门", "责任部门", "主责单位", "整改责任单位", "主责部门", "牵头责任单位", "承办单位"),
    "helpers": ("配合单位", "协同单位", "配合部门", "协助单位", "参与单位", "协办单位", "配合责任单位"),
    "owner": ("责任人", "具体责任人", "经办人", "单位责任人", "直接责任人", "联系人"),
    "term": ("整改时限", "完成时限", "时限", "完成时间", "整改期限", "整改完成时限", "预计完成时间", "计划完成时间", "整改完成时间", "完成期限"),
    "kept_up": ("是否常态化坚持", "常态化坚持", "是否长期坚持", "是否常态化"),
    "in_period": ("是否集中整改期完成", "集中整改期完成", "是否集中整改期内完成"),
    "progress": ("整改进展", "进展", "进展情况", "整改情况", "落实情况", "整改落实情况", "整改成效", "整改进展情况", "工作进展"),
    "completion": ("完成情况", "完成状态", "状态", "整改状态", "是否完成", "完成进度", "整改完成情况"),
    "remark": ("备注", "说明", "备注说明"),
}  # fmt: skip
FIELD_OF = {name: key for key, names in NAMES.items() for name in names}
LABEL = {key: names[0] for key, names in NAMES.items()}
REQUIRED = ("text", "measure", "lead", "term")
PROBLEM_FIELDS = ("serial", "category", "sub_category", "text", "symptoms", "implementation", "focus", "goal")
LIMITS = {
    "category": 200, "sub_category": 200, "text": 500, "symptoms": 5000, "goal": 1000, "measure": 2000, "leader": 200,
    "lead": 200, "helpers": 1000, "owner": 200, "progress": 5000, "remark": 200,
}  # fmt: skip
IMPLEMENTATIONS = {
    "theory": ("落实党的理论路线方针政策和党中央重大决策部署", "党的理论路线方针政策", "党中央重大决策部署"),
    "governance": ("落实全面从严治党战略部署", "全面从严治党"),
    "organisation": ("落实新时代党的组织路线", "组织路线"),
    "rectification": ("落实巡视等监督发现问题整改", "巡视", "巡察", "监督发现问题", "审计"),
}
KINDS = ("建章立制", "挽回损失", "追责问责", "举一反三", "专项整治", "重大措施")
YES, NO = {"是", "√", "✓", "✔", "Y", "YES", "有", "1", "TRUE"}, {"", "否", "×", "X", "✗", "✘", "N", "NO", "无", "0", "/", "-", "—", "FALSE"}  # fmt: skip
COMPLETIONS = {
    "done": ("已完成", "完成", "已整改", "整改完成", "已办结", "已销号", "整改到位", "已整改到位", "是", "100%"),
    "mostly": ("基本完成", "基本整改", "基本整改到位", "已基本完成"),
    "undone": ("", "未完成", "整改中", "推进中", "进行中", "正在推进", "正在整改", "持续推进", "持续整改", "长期坚持", "未整改", "未启动", "否", "正在进行"),
}  # fmt: skip
COMPLETION_OF = {word: state for state, words in COMPLETIONS.items() for word in words}
FOOTER = re.compile(
    r"^(填表人|填报人|制表人|审核人|签字|联系人|联系电话|说明|备注|注|合计|总计|共计|填报单位|填报日期|党组织书记)[：:（(]?"
)
SEPARATOR = re.compile(r"[、，,;；/\n\r]+")
NOTE = re.compile(r"[（(【\[].*?[）)】\]]")


@dataclass(frozen=True)
class Complaint:
    """问题单: which cell, what stood there, why it cannot be taken and what to write instead."""

    sheet: str
    row: int
    column: str
    value: str
    reason: str


@dataclass
class MeasureRow:
    sheet: str
    row: int
    text: str = ""
    kinds: tuple[str, ...] = ()
    leader: str = ""
    lead: str = ""
    helpers: tuple[str, ...] = ()
    owner: str = ""
    term: Term = Term()
    is_kept_up: bool = False
    in_period: bool | None = None
    progress: str = ""
    completion: str = "undone"
    remark: str = ""


@dataclass
class ProblemRow:
    sheet: str
    row: int
    serial: int | None = None
    category: str = ""
    sub_category: str = ""
    text: str = ""
    symptoms: str = ""
    implementation: str = ""
    is_focus: bool = False
    goal: str = ""
    measures: list[MeasureRow] = field(default_factory=list)


@dataclass
class Book:
    problems: list[ProblemRow] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    skipped_sheets: list[str] = field(default_factory=list)


def read_content(content: bytes) -> Book:
    """Read in a child process with limits; raises ValidationError in Chinese for what is no honest workbook."""
    try:
        seen = in_child("inspections.reading.cells.read_sheets", content, seconds=30, megabytes=768)
    except ChildFailed as error:
        raise ValidationError(
            "这个工作簿过于复杂，未能在限定的时间和内存内读完；请把台账复制到新的工作簿再导入。"
        ) from error
    if seen["refusal"]:
        raise ValidationError(seen["refusal"])
    return read_ledger(seen)


def read_ledger(seen: dict) -> Book:
    book = Book()
    for sheet in seen["sheets"]:
        if sheet["hidden"] or (head := _find_head(sheet)) is None:
            book.skipped_sheets.append(sheet["name"])
        else:
            _Sheet(sheet, head, book).read()
    if len(book.skipped_sheets) == len(seen["sheets"]):
        known = "、".join(LABEL[key] for key in REQUIRED)
        book.complaints.append(Complaint("工作簿", 1, "表头", "", f"没有找到整改台账的表头；表头至少要有 {known}。"))
    elif not book.problems and not book.complaints:
        book.complaints.append(Complaint("工作簿", 1, "整改措施", "", "表头下面没有一行数据，请填写后再导入。"))
    return book


def tidy(text: str) -> str:
    """One line: full-width digits and letters to plain ones, no blanks doubled."""
    return " ".join(unicodedata.normalize("NFKC", text).replace("\u3000", " ").split())


def words(text: str) -> str:
    """Text of several lines kept as it was typed, trimmed."""
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n"))


def _name(cell) -> str:
    """A header's name without blanks, notes in brackets, quotation marks and asterisks."""
    if not isinstance(cell, str):
        return ""
    plain = "".join(unicodedata.normalize("NFKC", cell).split())
    return re.sub(r"[“”\"'*＊:：]", "", NOTE.sub("", plain))


@dataclass(frozen=True)
class Head:
    """表头: where each field stands (column number from 0), and the first row of data."""

    columns: dict[str, int]
    labels: dict[str, str]
    last_row: int
    first_row: int


def _find_head(sheet: dict) -> Head | None:
    """The best of the first rows: where most names are known, alone or with the one or two rows below."""
    rows = {number: cells for number, cells in sheet["rows"] if number <= HEAD_ROWS + HEAD_DEPTH}
    best: Head | None = None
    for first in sorted(number for number in rows if number <= HEAD_ROWS):
        for depth in range(1, HEAD_DEPTH + 1):
            head = _read_head(sheet, rows, first, first + depth - 1)
            known = len(head.columns)
            if known >= 4 and "measure" in head.columns and (best is None or known > len(best.columns)):
                best = head
    return best


def _read_head(sheet: dict, rows: dict[int, list], first: int, last: int) -> Head:
    """The lowest name of each column counts; a group name only over a column that has no name of its own."""
    width = max((len(rows.get(number, ())) for number in range(first, last + 1)), default=0)
    across = {
        (row, column): left
        for top, left, _, right in sheet["merges"]
        if first <= top <= last and right > left
        for row in (top,)
        for column in range(left - 1, min(right, 60))
    }
    columns: dict[str, int] = {}
    labels: dict[str, str] = {}
    for column in range(max(width, max((key[1] + 1 for key in across), default=0))):
        for number in range(last, first - 1, -1):
            cells = rows.get(number, ())
            label = cells[column] if column < len(cells) else ""
            name = _name(label)
            if not name:
                continue
            key = FIELD_OF.get(name)
            is_group = (number, column) in across and number < last
            if key and not is_group and key not in columns:
                columns[key], labels[key] = column, tidy(label)
            break
    return Head(columns, labels, last, first)


class _Sheet:
    """One sheet of a ledger, read row by row."""

    def __init__(self, sheet: dict, head: Head, book: Book) -> None:
        self.name, self.head, self.book = sheet["name"], head, book
        self.rows = [(number, cells) for number, cells in sheet["rows"] if number > head.last_row]
        self.anchors = self._anchors(sheet["merges"])
        self.by_number = dict(self.rows)
        self.problem: ProblemRow | None = None
        self.by_serial: dict[int, ProblemRow] = {}
        self.measureless: set[int] = set()  # rows already complained of

    def _anchors(self, merges: list) -> dict[tuple[int, int], int]:
        """(row, column) → the row whose cell fills it; only columns we read, only downwards."""
        wanted = set(self.head.columns.values())
        anchors = {}
        for top, left, bottom, _ in merges:
            if bottom > top and left - 1 in wanted and bottom - top < 20_000:
                for row in range(top + 1, bottom + 1):
                    anchors[row, left - 1] = top
        return anchors

    def complain(self, row: int, key: str, value: str, reason: str) -> None:
        label = self.head.labels.get(key, LABEL[key])
        self.book.complaints.append(Complaint(self.name, row, label, value[:SHOWN_AT_MOST], reason))

    def read(self) -> None:
        missing = [key for key in REQUIRED if key not in self.head.columns]
        for key in missing:
            known = "、".join(NAMES[key][:4])
            self.complain(self.head.last_row, key, "", f"表头没有「{LABEL[key]}」这一列（也可叫{known}），请补上。")
        if missing:
            return
        for number, cells in self.rows:
            if not self._is_footer(cells) and not self._is_head_again(cells):
                self._row(number, cells)
        for problem in self.by_serial.values():
            if not problem.measures and problem.row not in self.measureless:
                self.complain(problem.row, "measure", "", "这个问题没有一条整改措施，请填写。")

    def _is_footer(self, cells: list) -> bool:
        filled = [cell for cell in cells if cell != ""]
        first = filled[0] if filled else ""
        measure = self._at(cells, "measure")
        return isinstance(first, str) and not measure and bool(FOOTER.match(first.strip())) and len(filled) <= 4

    def _is_head_again(self, cells: list) -> bool:
        names = [_name(cell) for cell in cells if cell != ""]
        return len(names) >= 3 and sum(name in FIELD_OF for name in names) >= 0.7 * len(names)

    def _at(self, cells: list, key: str):
        column = self.head.columns.get(key)
        return cells[column] if column is not None and column < len(cells) else ""

    def _cell(self, number: int, cells: list, key: str) -> tuple[str, bool]:
        """The text of a field and whether it is of this row's own; a formula is complained of."""
        column = self.head.columns.get(key)
        if column is None:
            return "", False
        anchor = self.anchors.get((number, column))
        if anchor is not None:
            cells = self.by_number.get(anchor, ())
        value = cells[column] if column < len(cells) else ""
        if isinstance(value, dict) and "formula" in value:
            if key != "serial" and anchor is None:
                self.complain(number, key, value["formula"], "这里是公式，请粘贴为数值或文字。")
            return "", False
        text = value["day"] if isinstance(value, dict) else value
        text = words(text) if key in LIMITS and key not in ("lead", "helpers", "leader", "owner") else tidy(text)
        limit = LIMITS.get(key)
        if limit and len(text) > limit and anchor is None:
            self.complain(number, key, text, f"有 {len(text)} 个字，超过 {limit} 个字的上限，请精简。")
            text = text[:limit]
        return text, anchor is None

    def _row(self, number: int, cells: list) -> None:
        told = {key: self._cell(number, cells, key) for key in PROBLEM_FIELDS}
        if any(text and own for text, own in told.values()) or self.problem is None:
            self._begin(number, {key: text for key, (text, _) in told.items()})
        text, own = self._cell(number, cells, "measure")
        rest = any(self._at(cells, key) != "" for key in ("lead", "term", "progress", "owner", "leader"))
        if self.problem is None:
            return
        if not text or not own:
            is_formula = self._is_formula(cells, "measure")  # complained of when it was read
            if is_formula or (own and rest):
                self.measureless.add(self.problem.row)
            if own and rest and not is_formula:
                self.complain(number, "measure", "", "没有填写整改措施。")
            return
        self.problem.measures.append(self._measure(number, cells, text))

    def _is_formula(self, cells: list, key: str) -> bool:
        value = self._at(cells, key)
        return isinstance(value, dict) and "formula" in value

    def _begin(self, number: int, told: dict[str, str]) -> None:
        """A new problem, unless the row only repeats the one above (files without merged cells)."""
        serial = self._serial(number, told["serial"])
        known = self.problem
        if known is not None and self._repeats(told["text"], serial):
            self._add_symptoms(told)
            return
        if not told["text"]:
            self.complain(number, "text", "", "没有填写具体问题。")
        if serial is not None and serial in self.by_serial:
            first = self.by_serial[serial]
            self.complain(
                number,
                "serial",
                str(serial),
                f"序号 {serial} 已用于第 {first.row} 行的另一个问题，请改成不重复的序号。",
            )
        problem = ProblemRow(
            sheet=self.name,
            row=number,
            serial=serial,
            category=told["category"] or (known.category if known else ""),
            sub_category=told["sub_category"],
            text=told["text"],
            symptoms=told["symptoms"],
            implementation=self._implementation(number, told["implementation"]),
            is_focus=self._yes(number, "focus", told["focus"]),
            goal=told["goal"],
        )
        self.book.problems.append(problem)
        self.problem = problem
        self.by_serial.setdefault(serial if serial is not None else -number, problem)

    def _repeats(self, text: str, serial: int | None) -> bool:
        """The same words are the same problem, whatever runs in the first column; no words, only under its number."""
        return text == self.problem.text if text else serial in (None, self.problem.serial)

    def _add_symptoms(self, told: dict[str, str]) -> None:
        """Several symptoms of one problem, one below the other."""
        known, more = self.problem, told["symptoms"]
        if more and more not in known.symptoms.split("\n") and more != known.symptoms:
            known.symptoms = f"{known.symptoms}\n{more}" if known.symptoms else more

    def _serial(self, number: int, text: str) -> int | None:
        if not text:
            return None
        found = re.fullmatch(r"(?:问题|第)?\s*(\d{1,6})[.、号]?", text)
        if found is None or int(found[1]) == 0:
            return None
        return int(found[1])

    def _yes(self, number: int, key: str, text: str) -> bool:
        plain = text.upper()
        if plain in YES or plain in NO:
            return plain in YES
        self.complain(number, key, text, "请填“是”或“否”。")
        return False

    def _implementation(self, number: int, text: str) -> str:
        plain = re.sub(r"[\s“”、，,]|方面$", "", text)
        if not plain:
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
        def told(key: str) -> str:
            return self._cell(number, cells, key)[0]

        units = [unit for unit in (tidy(one) for one in SEPARATOR.split(told("lead"))) if unit]
        if not units and not self._is_formula(cells, "lead"):
            self.complain(number, "lead", "", "没有填写牵头单位。")
        helpers = [unit for unit in (tidy(one) for one in SEPARATOR.split(told("helpers"))) if unit and unit not in NO]
        term = self._term(number, cells, told("term"))
        in_period = told("in_period")
        return MeasureRow(
            sheet=self.name,
            row=number,
            text=text,
            kinds=self._kinds(number, told("kinds")),
            leader=told("leader"),
            lead=units[0] if units else "",
            helpers=tuple(dict.fromkeys([*units[1:], *helpers])),
            owner=told("owner"),
            term=term,
            is_kept_up=self._yes(number, "kept_up", told("kept_up")) or term.is_long_term,
            in_period=self._yes(number, "in_period", in_period) if "in_period" in self.head.columns else None,
            progress=told("progress"),
            completion=self._completion(number, told("completion")),
            remark=told("remark"),
        )

    def _term(self, number: int, cells: list, text: str) -> Term:
        if not text:
            if not self._is_formula(cells, "term"):
                self.complain(number, "term", "", "没有填写整改时限。")
            return Term()
        try:
            return read_day(text)
        except ValueError as error:
            self.complain(number, "term", text, str(error))
            return Term()

    def _kinds(self, number: int, text: str) -> tuple[str, ...]:
        named = [
            one for one in (tidy(part) for part in re.split(r"[、，,;；/\s]+", text)) if one and one.upper() not in NO
        ]
        for one in named:
            if one not in KINDS:
                self.complain(number, "kinds", one, f"「{one}」不是措施类型，请填：{'、'.join(KINDS)}。")
        return tuple(kind for kind in KINDS if kind in named)

    def _completion(self, number: int, text: str) -> str:
        plain = re.sub(r"[\s。]", "", text)
        state = COMPLETION_OF.get(plain)
        if state is None:
            self.complain(number, "completion", text, "请填 已完成、基本完成 或 未完成。")
            return "undone"
        return state


def rows_of(book: Book) -> Iterator[MeasureRow]:
    return (measure for problem in book.problems for measure in problem.measures)
