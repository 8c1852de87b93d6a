"""读台账: real files of many makers read alike; hostile ones are refused in words, at once and in little memory (三（四）1)."""

import gc
import io
import resource
import struct
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from accountability.collecting import uncollected
from accountability.contents import markup
from accountability.contents.verdicts import look_into
from inspections.models import LedgerImport
from inspections.reading import cells
from inspections.reading.child import read_book
from inspections.reading.ledger import Book, rows_of
from inspections.services import ledger
from inspections.services.reading import VERSION, packed, read_content, read_data, unpacked
from tests.inspections.ledger_files import (
    HEADS,
    MAIN,
    ONE,
    SHEET,
    TWO,
    below,
    inline,
    one,
    raw,
    rewritten,
    saved,
    workbook,
)  # fmt: skip
from tests.inspections.rounds import SAMPLE, fed_back

STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"


def placed(lines: list[list]) -> str:
    """sheetData whose cells say where they stand, as Excel writes them."""
    rows = "".join(
        f'<row r="{number}">'
        + "".join(
            f'<c r="{letter}{number}" t="inlineStr"><is><t>{text}</t></is></c>'
            for letter, text in zip("ABCDEFGHIJK", line, strict=False)
        )
        + "</row>"
        for number, line in enumerate(lines, 1)
    )
    return f"<sheetData>{rows}</sheetData>"


def seconds_of_children() -> float:
    """Of the processor, so that a busy machine fails no test."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def sizes(book: Book) -> list[int]:
    assert not book.complaints, book.complaints
    return [len(problem.measures) for problem in book.problems]


def test_the_sample_reads_as_its_description_says():
    book = read_content(SAMPLE.read_bytes())
    measures = list(rows_of(book))
    assert (len(book.problems), len(measures), book.complaints, book.notes) == (32, 115, [], [])
    assert sum(problem.is_focus for problem in book.problems) == 13
    assert [sum(row.completion == one for row in measures) for one in ("done", "mostly", "undone")] == [74, 25, 16]
    assert sum(row.term.day is not None for row in measures) == 95
    assert sum(row.term.is_immediate for row in measures) == 11
    assert sum(row.is_kept_up for row in measures) == 27
    assert {"沈喆", "周䶮"} <= {row.owner for row in measures}


def test_a_reading_is_kept_and_read_again_unless_it_is_of_another_version():
    data = read_data(SAMPLE.read_bytes())
    kept = packed(data)
    assert unpacked(kept) == read_content(SAMPLE.read_bytes())
    assert unpacked(kept.replace(b'"version":%d' % VERSION, b'"version":0')) is None


LINES = [HEADS, ONE, TWO, below("再培训")]


@pytest.mark.parametrize("chunk", [64, 256 * 1024])
@pytest.mark.parametrize(
    "content", [SAMPLE.read_bytes(), raw(placed(LINES) + '<mergeCells><mergeCell ref="A2:A4"/></mergeCells>')]
)
def test_runs_of_plain_cells_read_as_the_same_cells_one_by_one(content, chunk, monkeypatch):
    """A blank more in every tag, and no cell is of a run."""
    monkeypatch.setattr(markup, "CHUNK", chunk)
    slowly = rewritten(
        {SHEET: lambda page: page.replace(b"<c ", b"<c  ").replace(b"<mergeCell ", b"<mergeCell  ")}, content
    )
    page = zipfile.ZipFile(io.BytesIO(slowly)).read(SHEET)
    assert not cells.RUN.search(page) and not cells.MERGES.search(page)
    assert cells.RUN.search(zipfile.ZipFile(io.BytesIO(content)).read(SHEET))
    quick = cells.read_sheets(io.BytesIO(content))
    assert quick["sheets"][0]["rows"] and quick == cells.read_sheets(io.BytesIO(slowly))


def test_runs_of_cells_keep_their_signs_blanks_and_breaks():
    told = ["&#x4E2D;&#20013;&amp;&lt;b&gt;", "a\nb", " “引”\"'", "_x000D_x", "", "]] >"]
    page = "<sheetData><row r='1'>{}</row></sheetData>".format(
        "".join(
            f'<c r="{column}1" t="inlineStr"><is><t>{text}</t></is></c>'
            for column, text in zip("ABCDEF", told, strict=True)
        )
    )
    ((number, values),) = cells.read_sheets(io.BytesIO(raw(page)))["sheets"][0]["rows"]
    assert (number, values) == (1, ["中中&<b>", "a\nb", " “引”\"'", "\rx", "", "]] >"])


@pytest.mark.parametrize("text", ["&nosuch;", "\x01", "a]]>b"])
def test_what_is_no_xml_is_damaged_within_a_run_too(text):
    content = raw(placed([HEADS, [text, *ONE[1:]]]))
    assert cells.RUN.search(zipfile.ZipFile(io.BytesIO(content)).read(SHEET))
    assert cells.read_sheets(io.BytesIO(content)) == {"refusal": cells.REFUSALS["damaged"], "sheets": []}


def test_cells_of_runs_count_as_cells(monkeypatch):
    content = workbook(*[["数", "数", "数"]] * 4)
    monkeypatch.setattr(cells, "CELLS_AT_MOST", 12)
    assert cells.read_sheets(io.BytesIO(content))["refusal"] == ""
    monkeypatch.setattr(cells, "CELLS_AT_MOST", 11)
    assert cells.read_sheets(io.BytesIO(content))["refusal"] == cells.TOO_MANY


def test_the_collector_goes_on_after_a_reading():
    assert gc.isenabled()
    read_book(io.BytesIO(b"no workbook"))
    assert gc.isenabled()
    with pytest.raises(ValueError), uncollected():
        assert not gc.isenabled()
        raise ValueError
    assert gc.isenabled()


@pytest.mark.parametrize("spelling", ["机密★1年", "机&#23494;★1年", "机&#x5Bc6;★1年"])
@pytest.mark.parametrize("is_shared", [True, False])
def test_a_mark_deep_in_a_long_sheet_is_found(spelling, is_shared):
    """Cells that cannot hold a mark are not looked at below the top; those that can are."""
    lines = [[f"{number}号", "平常的话"] for number in range(20_000)]
    lines[-3] = ["一", spelling]
    content, plain = raw(placed(lines)), raw(placed(lines[:-3]))
    if is_shared:
        strings = "".join(f"<si><t>{text}</t></si>" for line in lines for text in line)
        content, plain = raw(inline([["一"]]), strings=strings), raw(inline([["一"]]), strings="<si><t>一</t></si>")
    assert look_into(io.BytesIO(content), "xlsx") == {"refusal": "", "marked": True, "thumbnail": ""}
    assert look_into(io.BytesIO(plain), "xlsx") == {"refusal": "", "marked": False, "thumbnail": ""}


def test_a_word_that_is_a_mark_at_the_top_alone_is_none_below():
    lines = [["一", "二"], ["三", "四"], *[["五", "六"]] * 20_000, ["秘密", "七"]]
    assert look_into(io.BytesIO(raw(placed(lines))), "xlsx")["marked"] is False
    assert look_into(io.BytesIO(raw(placed(lines[::-1]))), "xlsx")["marked"] is True


def test_merges_days_rich_text_and_hidden_rows_of_a_real_file():
    book = openpyxl.Workbook()
    sheet = book.active
    for line in (HEADS, ONE, below(), TWO):
        sheet.append(line)
    for column in "ABCD":
        sheet.merge_cells(f"{column}2:{column}3")
    sheet["J2"], sheet["J3"] = datetime(2026, 9, 30, 8), date(2026, 9, 1)
    sheet["J2"].number_format, sheet["J3"].number_format = "yyyy/m/d", 'yyyy"年"m"月"'
    sheet["E3"] = CellRichText("开展", TextBlock(InlineFont(b=True), "全员"), "培训")
    sheet["K4"], sheet["K4"].number_format = 1, "0%"
    sheet.row_dimensions[4].hidden = True
    read = read_content(saved(book))
    assert sizes(read) == [2, 1]
    first, second, third = rows_of(read)
    assert (first.term.day, second.term.day) == (date(2026, 9, 30), date(2026, 9, 30))
    assert (second.text, third.completion) == ("开展全员培训", "done")
    assert ["被隐藏或筛选掉" in note.reason for note in read.notes] == [True]


def test_days_are_counted_from_1904_where_the_file_says_so():
    rows = inline([HEADS, [*ONE[:9], ('<c s="1"><v>44833</v></c>',), ""]])
    styles = f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    book = read_content(raw(rows, styles=styles, workbook_extra='<x:workbookPr xmlns:x="y" date1904="1"/>'))
    assert next(rows_of(book)).term.day == date(2026, 9, 30)


def test_prefixes_strict_names_and_a_file_without_styles_read_alike():
    plain = inline([HEADS, ONE, TWO])
    prefixed = plain.replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:")
    for body, namespace in ((plain, STRICT), (plain, MAIN)):
        assert sizes(read_content(raw(body, namespace=namespace))) == [1, 1]
    content = raw(plain)
    page = f'<x:worksheet xmlns:x="{MAIN}">{prefixed}</x:worksheet>'.encode()
    edits = {SHEET: lambda _: page, "xl/styles.xml": None}
    assert sizes(read_content(rewritten(edits, content))) == [1, 1]


def test_how_a_word_is_pronounced_is_no_text_and_escapes_are_what_they_stand_for():
    heads = [f'<c t="s"><v>{place}</v></c>' for place, _ in enumerate(HEADS)]
    told = [f"<si><t>{head}</t></si>" for head in HEADS]
    told.append(
        '<si><r><t>修订</t></r><r><t xml:space="preserve">办法_x000D_&#10;</t></r><rPh sb="0" eb="2"><t>xiuding</t></rPh></si>'
    )
    row = [*ONE[:4], (f'<c t="s"><v>{len(HEADS)}</v></c>',), *ONE[5:]]
    book = read_content(raw(inline([[(head,) for head in heads], row]), strings="".join(told)))
    assert next(rows_of(book)).text == "修订办法"


def test_every_kind_of_cell_that_is_no_text_is_named():
    cells = [
        ('<c><f>1+1</f><v>2</v></c>',), ('<c t="e"><v>#REF!</v></c>',), ('<c><f t="shared" si="0"/><v>3</v></c>',),
    ]  # fmt: skip
    book = read_content(
        raw(inline([HEADS, [1, "", cells[0], cells[1], cells[2], *ONE[5:9], ("<c><v>NaN</v></c>",), ""]]))
    )
    assert [(said.row, said.column) for said in book.complaints] == [
        (2, "具体问题"), (2, "具体表现"), (2, "整改措施"), (2, "整改时限"),
    ]  # fmt: skip


def test_what_lies_far_out_or_is_only_a_format_costs_nothing():
    rows = inline([HEADS, ONE])[:-12]
    empty = "".join(f'<row r="{number}" s="1"><c r="A{number}" s="1"/></row>' for number in range(3, 60_000))
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    content = raw('<dimension ref="A1:XFD1048576"/>' + rows + empty + far)
    start = seconds_of_children()
    assert sizes(read_content(content)) == [1]
    assert seconds_of_children() - start < 5


def test_empty_cells_do_not_make_a_sheet_too_heavy_to_look_for_marks_in():
    empty = "".join(
        f'<row r="{row}">' + f'<c r="B{row}" s="3"/><c r="C{row}"/>' * 20 + "</row>" for row in range(3, 3000)
    )
    content = io.BytesIO(raw(inline([HEADS, ONE, ["会议保密"]])[:-12] + empty + "</sheetData>"))
    assert look_into(content, "xlsx", elements_at_most=40_000)["refusal"] == ""
    assert look_into(content, "xlsx", elements_at_most=10_000)["refusal"] == "too_heavy"


ENTITY = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'


def declared(declaration: bytes):
    def edit(text: bytes) -> bytes:
        head, found, rest = text.partition(b"?>")
        return head + found + declaration + rest if found else declaration + text

    return edit


def lying() -> bytes:
    """The central directory says 1,000 bytes of what is fifty megabytes."""
    content = bytearray(rewritten({SHEET: lambda text: text + b" " * 50_000_000}))
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        if struct.unpack_from("<I", content, at + 24)[0] > 10_000_000:
            struct.pack_into("<I", content, at + 24, 1000)
        at = content.find(b"PK\x01\x02", at + 4)
    return bytes(content)


def encrypted() -> bytes:
    content = bytearray(SAMPLE.read_bytes())
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 8] |= 1
        at = content.find(b"PK\x01\x02", at + 4)
    return bytes(content)


def link() -> bytes:
    part = zipfile.ZipInfo("xl/link")
    part.create_system, part.external_attr = 3, 0o120777 << 16
    return rewritten({}, more=[(part, "/etc/passwd")])


def twice() -> bytes:
    return rewritten({}, more=[(SHEET, b"<x/>")])


def many_merges(text: bytes) -> bytes:
    more = b"".join(b'<mergeCell ref="A%d:A%d"/>' % (row, row + 1) for row in range(200, 201_000))
    return text.replace(b"</mergeCells>", more + b"</mergeCells>")


def overlapping(text: bytes) -> bytes:
    more = b"".join(b'<mergeCell ref="D%d:I1048576"/>' % row for row in range(5, 115)) * 20
    return text.replace(b"</mergeCells>", more + b"</mergeCells>")


def kind_of(said: bytes):
    return lambda text: text.replace(b"openxmlformats-officedocument.spreadsheetml.sheet.main+xml", said)


TYPES, WORKBOOK, RELS = "[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
HOSTILE = {
    "text": (lambda: b"not a workbook", "不是 .xlsx 工作簿"),
    "empty": (lambda: b"", "不是 .xlsx 工作簿"),
    "a comma-separated file": (lambda: "序号,问题".encode("gb18030"), "不是 .xlsx 工作簿"),
    "old": (lambda: bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 4096, "不是 .xlsx|设有密码"),
    "encrypted archive": (encrypted, "设有密码"),
    "zip of something else": (lambda: rewritten({TYPES: lambda _: b"<Types/>"}), "不是 .xlsx 工作簿"),
    "a letter": (lambda: rewritten({TYPES: kind_of(b"openxmlformats-officedocument.wordprocessingml.document.main+xml")}), "不是 .xlsx"),
    "macro": (lambda: rewritten({TYPES: kind_of(b"ms-excel.sheet.macroEnabled.main+xml")}), "带有宏"),
    "entities in the sheet": (lambda: rewritten({SHEET: declared(ENTITY)}), "实体声明"),
    "entities in the workbook": (lambda: rewritten({WORKBOOK: declared(ENTITY)}), "实体声明"),
    "a DTD from outside": (lambda: rewritten({RELS: declared(OUTSIDE)}), "实体声明"),
    "entities in the types": (lambda: rewritten({TYPES: declared(ENTITY)}), "实体声明"),
    "bomb": (lambda: rewritten({SHEET: lambda xml: xml + b" " * 130_000_000}), "异常庞大"),
    "bomb that lies": (lying, "异常庞大"),
    "elements without end": (lambda: raw("<sheetData>" + "<a/>" * 2_000_000 + "</sheetData>"), "异常"),
    "merges without end": (lambda: rewritten({SHEET: many_merges}), "合并单元格过多"),
    "merges over merges": (lambda: rewritten({SHEET: overlapping}), "相互重叠"),
    "texts without end": (lambda: raw("<sheetData/>", strings="".join(f"<si><t>{n:08d}{n}</t></si>" for n in range(410_000))), "异常"),
    "one part twice": (twice, "已损坏"),
    "a link": (link, "已损坏"),
    "a part outside": (lambda: rewritten({}, more=[("../../x", b"x")]), "已损坏"),
    "cut off": (lambda: SAMPLE.read_bytes()[:-400], "已损坏|不是 .xlsx"),
    "broken xml": (lambda: rewritten({SHEET: lambda xml: xml[: len(xml) // 2]}), "已损坏"),
    "half of a sign": (lambda: raw(inline([["&#xD800;"]])), "已损坏"),
    "a text that is not there": (lambda: raw(inline([[('<c t="s"><v>99</v></c>',)]])), "已损坏"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused_in_words_within_five_seconds(kind):
    make, said = HOSTILE[kind]
    content = make()
    start = seconds_of_children()
    with pytest.raises(ValidationError, match=said):
        read_content(content)
    assert seconds_of_children() - start < 5


MILLION = "<row>" + "<c><v>1</v></c>" * 50 + "</row>"
ON_THE_PAGE = {
    "a million cells and the sign of a mark": (
        lambda: raw(f'<sheetData>{MILLION * 20_000}<row><c t="inlineStr"><is><t>保密</t></is></c></row></sheetData>'),
        "这个工作簿过于复杂.*请把台账复制到新的工作簿再导入",
    ),
    "elements without end and the sign": (
        lambda: raw(f"<sheetData>{''.join(f'<a/>密{number}' for number in range(100_000)) * 41}</sheetData>"),
        "这个工作簿过于复杂.*请把台账复制到新的工作簿再导入",
    ),
    "texts without end, all with the sign": (
        lambda: raw("<sheetData/>", strings="".join(f"<si><t>密{number}</t></si>" for number in range(410_000))),
        "异常",
    ),
    "a mark on top": (lambda: raw(inline([["机密★1年"], HEADS, ONE])), "国家秘密"),
    "entities in the sheet": (lambda: rewritten({SHEET: declared("<!DOCTYPE x><!-- 密 -->".encode())}), "实体声明"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ON_THE_PAGE)
def test_the_page_looks_for_marks_and_refuses_within_five_seconds_too(kind, people):
    make, said = ON_THE_PAGE[kind]
    row, file = fed_back(people["discipline"]), SimpleUploadedFile("整改台账.xlsx", make())
    start = seconds_of_children()
    with pytest.raises(ValidationError, match=said):
        ledger.receive(row, file, by=people["discipline"])
    assert seconds_of_children() - start < 5
    assert not LedgerImport.objects.exists()


def test_too_many_rows_are_refused():
    rows = "".join(f"<row><c><v>{number}</v></c></row>" for number in range(20_005))
    with pytest.raises(ValidationError, match="超过 20000 行"):
        read_content(raw(f"<sheetData>{rows}</sheetData>"))


def test_links_to_other_files_and_formulas_that_call_programs_stay_dead():
    book = openpyxl.load_workbook(
        io.BytesIO(workbook(HEADS, ONE, one(序号=2, 具体问题="另一个问题", 完成情况="=cmd|'/c calc'!A1")))
    )
    said = read_content(saved(book)).complaints
    assert [(one.row, one.column, one.reason) for one in said] == [(3, "完成情况", "这里是公式，请粘贴为数值或文字。")]
