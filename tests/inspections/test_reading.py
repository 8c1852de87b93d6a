"""读台账: other layouts say the same, hostile files are refused in words and at once (三（四）1)."""

import io
import time
import zipfile
from datetime import date

import openpyxl
import pytest
from django.core.exceptions import ValidationError

from inspections.reading.days import read_day
from inspections.reading.ledger import Book, rows_of
from inspections.services.reading import read_content
from tests.inspections.rounds import SAMPLE

HEADS = ["序号", "问题类别", "具体问题", "具体表现", "整改措施", "措施类型", "牵头单位", "配合单位", "责任人", "整改时限", "完成情况"]  # fmt: skip
ONE = [1, "财务管理方面", "报销审核不严", "抽查发现三笔", "修订办法", "建章立制", "财务处", "审计处", "处长", "2026年6月底前", "已完成"]  # fmt: skip
TWO = [2, "财务管理方面", "招标不规范", "两项未公开", "公开招标信息", "专项整治", "招投标办公室", "", "主任", "立行立改", "未完成"]  # fmt: skip


def workbook(*rows, sheets=(), merges=()) -> bytes:
    book = openpyxl.Workbook()
    for name, lines in [("台账", rows), *sheets]:
        sheet = book.active if name == "台账" else book.create_sheet(name)
        sheet.title = name
        for line in lines:
            sheet.append(list(line))
    for merged in merges:
        book.worksheets[0].merge_cells(merged)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read(*rows, **more) -> Book:
    return read_content(workbook(*rows, **more))


def sizes(book: Book) -> list[int]:
    assert not book.complaints, book.complaints
    return [len(problem.measures) for problem in book.problems]


def test_the_sample_reads_as_its_description_says():
    book = read_content(SAMPLE.read_bytes())
    measures = list(rows_of(book))
    assert (len(book.problems), len(measures), book.complaints) == (32, 115, [])
    assert sum(problem.is_focus for problem in book.problems) == 13
    assert [sum(row.completion == one for row in measures) for one in ("done", "mostly", "undone")] == [74, 25, 16]
    assert sum(row.term.day is not None for row in measures) == 95
    assert sum(row.term.is_immediate for row in measures) == 11
    assert sum(row.is_kept_up for row in measures) == 27
    assert {"沈喆", "周䶮"} <= {row.owner for row in measures}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026年6月底前", "2026-06-30"),
        ("２０２６年６月底前", "2026-06-30"),
        ("2026.9.30", "2026-09-30"),
        ("2026-9-30", "2026-09-30"),
        ("2026/09/30", "2026-09-30"),
        ("20260930", "2026-09-30"),
        ("2026年9月30日前完成", "2026-09-30"),
        ("2026.9", "2026-09-30"),
        ("二〇二六年十二月三十一日", "2026-12-31"),
        ("2026年底前", "2026-12-31"),
        ("2026年上半年", "2026-06-30"),
        ("2026年第三季度", "2026-09-30"),
        ("2026年9月上旬", "2026-09-10"),
        ("2026年3月至9月", "2026-09-30"),
        ("2026.3-2026.9", "2026-09-30"),
        ("46295", "2026-09-30"),
        ("2024年2月", "2024-02-29"),
    ],
)
def test_a_day_however_it_is_written(text, day):
    assert read_day(text).day == date.fromisoformat(day)


def test_what_has_no_day_is_one_of_two_kinds():
    assert (read_day("长期坚持").is_long_term, read_day("持续推进").is_long_term) == (True, True)
    assert (read_day("立行立改").is_immediate, read_day("即知即改").is_immediate) == (True, True)
    both = read_day("2026年9月底前完成，并长期坚持")
    assert (both.day, both.is_long_term) == (date(2026, 9, 30), True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("6月底前", "没有写年份"),
        ("2026年2月30日", "不是存在的日期"),
        ("2026年13月", "不是存在"),
        ("尽快", "看不出是哪一天"),
    ],
)
def test_a_day_that_is_none_says_why(text, said):
    with pytest.raises(ValueError, match=said):
        read_day(text)


def test_a_header_of_one_row_and_problems_repeated_on_each_row():
    again = [*ONE[:4], "开展培训", "", *ONE[6:]]
    assert sizes(read(["××大学整改台账"], HEADS, ONE, again, TWO)) == [2, 1]


def test_blank_cells_below_belong_to_the_problem_above():
    below = ["", "", "", "", "开展培训", "举一反三", "财务处", "", "", "长期坚持", "整改中"]
    book = read(HEADS, ONE, below, TWO)
    assert sizes(book) == [2, 1]
    assert book.problems[0].measures[1].completion == "undone"


def test_merged_cells_are_filled_down():
    below = [None, None, None, None, "开展培训", None, "财务处", None, None, "2026.9.30", None]
    assert sizes(read(HEADS, ONE, below, TWO, merges=["A2:A3", "B2:B3", "C2:C3", "D2:D3"])) == [2, 1]


def test_a_number_for_every_row_does_not_split_a_merged_problem():
    below = [2, None, None, None, "开展培训", None, "财务处", None, None, "2026.9.30", None]
    assert sizes(read(HEADS, ONE, below, [3, *TWO[1:]], merges=["B2:B3", "C2:C3", "D2:D3"])) == [2, 1]


def test_other_names_another_order_and_three_rows_of_header():
    heads = [
        ["编号", "整改举措", "责任分工", "", "", "完成时限（年月日）", "反馈意见", "", "整改状态"],
        ["", "", "责任部门", "协助单位", "具体责任人", "", "巡察反馈问题", "主要表现", ""],
        ["", "", "", "", "", "", "", "", ""],
    ]
    row = ["1", "修订办法", "财务处、审计处", "人事处", "处长", "2026年6月底前", "报销审核不严", "三笔", "已整改"]
    book = read(*heads, row, merges=["C1:E1", "G1:H1", "A1:A3", "B1:B3", "F1:F3", "I1:I3"])
    assert sizes(book) == [1]
    measure = book.problems[0].measures[0]
    assert (measure.lead, measure.helpers, measure.completion) == ("财务处", ("审计处", "人事处"), "done")
    assert book.problems[0].symptoms == "三笔"


def test_cover_sheets_footers_and_repeated_headers_are_no_data():
    footer = ["填表人：张三", "", "审核人：李四"]
    book = read(HEADS, ONE, HEADS, TWO, footer, sheets=[("封面", [["××大学"], ["2026年"]])])
    assert sizes(book) == [1, 1]
    assert book.skipped_sheets == ["封面"]


def test_every_bad_cell_is_named_by_sheet_row_and_column():
    bad = [3, "", "", "", "开展培训", "大措施", "", "", "", "尽快", "差不多"]
    book = read(HEADS, ONE, bad)
    said = {(one.sheet, one.row, one.column) for one in book.complaints}
    assert said == {("台账", 3, name) for name in ("具体问题", "措施类型", "牵头单位", "整改时限", "完成情况")}
    assert all(one.reason.endswith("。") for one in book.complaints)


def test_a_formula_is_refused_by_its_cell_but_not_in_the_first_column():
    book = read(HEADS, ["=ROW()-1", *ONE[1:]], [2, *TWO[1:4], "=A1", *TWO[5:]])
    assert [(one.row, one.column) for one in book.complaints] == [(3, "整改措施")]


def test_no_header_and_no_rows_are_said_plainly():
    assert "没有找到整改台账的表头" in read(["甲", "乙"], [1, 2]).complaints[0].reason
    assert "没有一行数据" in read(HEADS).complaints[0].reason
    assert (
        "牵头单位"
        in read(["具体问题", "整改措施", "整改时限", "责任人"], ["甲", "乙", "2026.9.30", ""]).complaints[0].reason
    )


def with_part(name: str, edit) -> bytes:
    """The sample with one part of its archive rewritten."""
    stream = io.BytesIO()
    with zipfile.ZipFile(SAMPLE) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            content = source.read(part)
            target.writestr(part.filename, edit(content) if part.filename == name else content)
    return stream.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
ENTITY = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
HOSTILE = {
    "text": (lambda: b"not a workbook", "不是 .xlsx 工作簿"),
    "empty": (lambda: b"", "不是 .xlsx 工作簿"),
    "old or encrypted": (lambda: bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 4096, "不是 .xlsx|设有密码"),
    "zip of something else": (lambda: with_part("[Content_Types].xml", lambda _: b"<Types/>"), "不是 .xlsx 工作簿"),
    "entities": (
        lambda: with_part(SHEET, lambda xml: xml.replace(b"<worksheet", ENTITY + b"<worksheet", 1)),
        "外部实体",
    ),
    "bomb": (lambda: with_part(SHEET, lambda xml: xml + b" " * 450_000_000), "异常庞大"),
    "cut off": (lambda: SAMPLE.read_bytes()[:-400], "已损坏|不是 .xlsx"),
    "broken xml": (lambda: with_part(SHEET, lambda xml: xml[: len(xml) // 2]), "已损坏"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused_in_words_within_five_seconds(kind):
    make, said = HOSTILE[kind]
    content = make()
    start = time.monotonic()
    with pytest.raises(ValidationError, match=said):
        read_content(content)
    assert time.monotonic() - start < 5


def test_a_cell_at_the_far_end_costs_nothing():
    book = openpyxl.Workbook()
    for line in (HEADS, ONE):
        book.active.append(line)
    book.active["XFD1048576"] = "远"
    stream = io.BytesIO()
    book.save(stream)
    start = time.monotonic()
    assert sizes(read_content(stream.getvalue())) == [1]
    assert time.monotonic() - start < 5


def test_too_many_rows_are_refused():
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("台账")
    sheet.append(HEADS)
    for number in range(20_005):
        sheet.append([number + 1, *ONE[1:]])
    stream = io.BytesIO()
    book.save(stream)
    with pytest.raises(ValidationError, match="超过 20000 行"):
        read_content(stream.getvalue())
