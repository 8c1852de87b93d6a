"""Word: what we write opens with its structure, what people send back is read, what is no document is refused."""

import random
import shutil
import subprocess
import zipfile
from datetime import date
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm
from lxml import etree

from accountability.papers import docx_reading
from accountability.papers.blocks import Exhibit, Paragraph, Picture, Table, parse, to_text
from accountability.papers.docx_numbering import chinese
from accountability.papers.docx_reading import read_docx
from accountability.papers.sheet import Sheet, Signer, render_docx
from tests.accountability.test_blocks import NASTY
from tests.accountability.test_papers import ANNEXES, CHART, SHEETS

# The order the schema wants inside a paragraph's and a run's properties; Word calls a file with another order damaged.
PARAGRAPH_ORDER = [
    "pStyle",
    "keepNext",
    "keepLines",
    "pageBreakBefore",
    "framePr",
    "widowControl",
    "numPr",
    "suppressLineNumbers",
    "pBdr",
    "shd",
    "tabs",
    "suppressAutoHyphens",
    "kinsoku",
    "wordWrap",
    "overflowPunct",
    "topLinePunct",
    "autoSpaceDE",
    "autoSpaceDN",
    "bidi",
    "adjustRightInd",
    "snapToGrid",
    "spacing",
    "ind",
    "contextualSpacing",
    "mirrorIndents",
    "suppressOverlap",
    "jc",
    "textDirection",
    "textAlignment",
    "textboxTightWrap",
    "outlineLvl",
    "divId",
    "cnfStyle",
    "rPr",
    "sectPr",
    "pPrChange",
]
RUN_ORDER = [
    "rStyle",
    "rFonts",
    "b",
    "bCs",
    "i",
    "iCs",
    "caps",
    "smallCaps",
    "strike",
    "dstrike",
    "outline",
    "shadow",
    "emboss",
    "imprint",
    "noProof",
    "snapToGrid",
    "vanish",
    "webHidden",
    "color",
    "spacing",
    "w",
    "kern",
    "position",
    "sz",
    "szCs",
    "highlight",
    "u",
    "effect",
    "bdr",
    "shd",
    "fitText",
    "vertAlign",
    "rtl",
    "cs",
    "em",
    "lang",
    "eastAsianLayout",
    "specVanish",
    "oMath",
]
SAMPLE = """为落实“四责协同”机制，现报告如下：
一、总体情况
（一）加强领导。沈喆、陆堃、周䶮、顾𬭎负责联络，全年召开会议3次。
（二）建立机制
1.会议制度
（1）每季度一次
一、严守政治纪律。
表1　责任清单
| 序号 | 事项 | 完成时限 |
| 1 | 召开会议 | 2026年3月 |
| 2 |  | <b>&amp; |
特此报告。"""

REPORT = """现将有关情况报告如下：
一、总体情况3〔F-01〕项
（一）会议。全年应召开3〔F-05〕次，实际召开4〔F-06〕次，办结率93.1%〔F-09〕；同比—〔Y-01〕。
〔表：会议召开情况〕
〔图：办结〕
〔表：没有此表〕
表1　责任清单
| 序号 | 次数 |
| 1 | 3〔F-05〕 |
特此报告。"""
EXHIBITS = {
    "会议召开情况": Table(("会议", "召开"), (("专题会议", "3"), ("民主生活会", "1")), "“3+2+N”会议的召开"),
    "办结": Picture(CHART, "已完成 42 项的条形图", "已完成四十二项"),
}


@pytest.fixture(scope="module")
def files():
    return {
        form: render_docx(sheet, EXHIBITS | {"会议召开情况": SHEETS["report"].annex_pages[1].blocks[0]})
        for form, sheet in SHEETS.items()
    }


@pytest.fixture(scope="module")
def report():
    return render_docx(
        Sheet(
            "official", "关于2025年度工作情况的报告", parse(REPORT), "中共江海经贸大学委员会", dated_on=date(2026, 3, 1), copies_to="纪委。",
            printed_by="办公室", printed_on=date(2026, 3, 1), annex_pages=ANNEXES,
        ),
        EXHIBITS,
    )  # fmt: skip


def saved(document) -> bytes:
    content = BytesIO()
    document.save(content)
    return content.getvalue()


def with_body(xml: str) -> bytes:
    """A document whose body is this, as Word might have written it."""
    document = Document()
    body = document.element.body
    for element in parse_xml(f"<w:body {nsdecls('w')}>{xml}</w:body>"):
        body.insert(len(body) - 1, element)
    return saved(document)


def zipped(**parts: bytes) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, inside in parts.items():
            file.writestr(name, inside)
    return content.getvalue()


@pytest.mark.parametrize("form", SHEETS)
def test_every_part_is_xml_in_the_order_of_the_schema(files, form):
    with zipfile.ZipFile(BytesIO(files[form])) as file:
        assert file.testzip() is None
        for name in file.namelist():
            if name.endswith((".xml", ".rels")):
                tree = etree.fromstring(file.read(name))
                for tag, order in ((qn("w:pPr"), PARAGRAPH_ORDER), (qn("w:rPr"), RUN_ORDER)):
                    for rules in tree.iter(tag):
                        places = [order.index(etree.QName(each).localname) for each in rules]
                        assert places == sorted(set(places)), (name, etree.tostring(rules))


@pytest.mark.parametrize("form", ["official", "plain"])
def test_the_page_has_22_lines_of_28_characters(files, form):
    document = Document(BytesIO(files[form]))
    section = document.sections[0]
    sides = (section.top_margin, section.right_margin, section.bottom_margin, section.left_margin)
    assert [round(side.mm) for side in sides] == [37, 26, 35, 28]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    grid = section._sectPr.find(qn("w:docGrid"))
    assert grid.get(qn("w:type")) == "linesAndChars"
    assert 225 / 25.4 * 1440 // int(grid.get(qn("w:linePitch"))) == 22
    assert 156 / 25.4 * 72 // (16 + int(grid.get(qn("w:charSpace"))) / 4096) == 28
    assert document.styles["Normal"].paragraph_format.line_spacing.pt == pytest.approx(28.99, abs=0.06)


def test_styles_are_words_own_with_chinese_faces(files):
    document = Document(BytesIO(files["official"]))
    faces = {
        name: document.styles[name].element.rPr.rFonts.get(qn("w:eastAsia"))
        for name in ("Title", "Heading 1", "Heading 2", "Normal")
    }
    assert faces == {
        "Title": "方正小标宋简体",
        "Heading 1": "黑体",
        "Heading 2": "楷体_GB2312",
        "Normal": "仿宋_GB2312",
    }
    used = [(each.style.name, each.text) for each in document.paragraphs]
    assert ("Heading 1", "一、总体情况") in used
    assert any(style == "Title" for style, _ in used)
    assert document.core_properties.title == "关于报送年度工作情况的报告"
    assert document.core_properties.author == "中共江海经贸大学委员会"
    assert document.core_properties.language == "zh-CN"


def test_page_numbers_are_fields_at_the_outer_corners(files):
    document = Document(BytesIO(files["official"]))
    section = document.sections[0]
    assert document.settings.odd_and_even_pages_header_footer
    for footer, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        number = footer.paragraphs[0]
        assert number.alignment == side
        assert " PAGE " in "".join(number._p.itertext())
        assert "核验：/verify/　校验码 ABCD-EFGH" in footer.paragraphs[1].text


def test_tables_are_tables_and_their_heads_repeat(files):
    document = Document(BytesIO(files["pledge"]))
    table, panel = document.tables
    assert len(table.rows) == 31
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert sum(cell.width for cell in table.rows[0].cells) == pytest.approx(Mm(156), rel=0.01)
    assert "分管后勤副校长　　林祎" in panel.rows[0].cells[0].text
    assert "2026年3月20日" in panel.rows[0].cells[0].text
    assert "（签字）" in panel.rows[0].cells[1].text


def test_an_official_file_has_its_parts(files):
    text = "\n".join(each.text for each in Document(BytesIO(files["official"])).paragraphs)
    for part in (
        "中共江海经贸大学委员会文件",
        "江海经贸委〔2026〕3号\t签发人：沈喆",
        "附件：1.情况表",
        "2026年1月16日",
        "抄送：中共江海市纪律检查委员会。",
    ):
        assert part in text
    draft = Document(BytesIO(files["plain"]))
    assert "草稿" in draft.sections[0].header.paragraphs[0].text
    assert "草稿" in draft.sections[0].even_page_header.paragraphs[0].text


@pytest.mark.parametrize("form", ["official", "pledge", "plain"])
def test_the_text_survives_the_way_there_and_back(form):
    sheet = Sheet(
        form, "关于报送2026年度落实全面从严治党主体责任情况的报告", parse(SAMPLE), "中共江海经贸大学委员会", addressee="上级党委",
        signers=(Signer("签发人", "沈喆", signed_on=date(2026, 3, 1)),), dated_on=date(2026, 3, 1), annexes=("清单",), copies_to="纪委",
    )  # fmt: skip
    body = read_docx(render_docx(sheet))
    assert body.title == sheet.title
    assert body.text == to_text(parse(SAMPLE))
    assert body.warnings == ()


@pytest.mark.parametrize("text", [each for each in NASTY if len(each) < 1000], ids=lambda text: repr(text[:12]))
def test_nasty_text_survives_too(text):
    body = read_docx(
        render_docx(Sheet("plain", text, parse(text), text, text, text, signed_by_line=text, annexes=(text,)))
    )
    assert body.text == to_text(parse(text))


def test_heading_styles_without_numbers_are_numbered():
    document = Document()
    document.add_paragraph("工作报告", "Title")
    for style, text in (
        ("Heading 1", "总体情况"),
        ("Heading 2", "做法"),
        ("Heading 2", "成效"),
        ("Heading 3", "会议"),
        ("Heading 1", "问题"),
        ("Heading 2", "短板"),
    ):
        document.add_paragraph(text, style)
    body = read_docx(saved(document))
    assert body.title == "工作报告"
    assert body.text == "一、总体情况\n（一）做法\n（二）成效\n1.会议\n二、问题\n（一）短板"


def test_plain_text_of_people_with_a_centred_title():
    document = Document()
    for text in (
        "中共某某学院委员会文件",
        "某委〔2026〕3号",
        "",
        "关于工作情况的",
        "报告",
        "",
        "一、总体情况",
        "　　今年做了工作。",
        "（一）学习。十二次。",
    ):
        paragraph = document.add_paragraph(text)
        if not text.startswith(("一、", "　", "（")):
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    body = read_docx(saved(document))
    assert body.title == "关于工作情况的报告"
    assert body.text == "一、总体情况\n今年做了工作。\n（一）学习。十二次。"


def test_revisions_are_accepted():
    body = read_docx(with_body(
        '<w:p><w:r><w:t>全年</w:t></w:r><w:del w:id="1" w:author="a"><w:r><w:delText>三</w:delText></w:r></w:del>'
        '<w:ins w:id="2" w:author="a"><w:r><w:t>四</w:t></w:r></w:ins><w:r><w:t>次，</w:t></w:r></w:p>'
        '<w:p><w:pPr><w:rPr><w:del w:id="3" w:author="a"/></w:rPr></w:pPr><w:r><w:t>前半</w:t></w:r></w:p>'
        "<w:p><w:r><w:t>后半。</w:t></w:r></w:p>"
    ))  # fmt: skip
    assert body.text == "全年四次，\n前半后半。"
    assert any("修订" in each for each in body.warnings)


def test_text_boxes_and_pictures_are_left_out_and_named():
    body = read_docx(with_body(
        "<w:p><w:r><w:t>正文</w:t></w:r><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>框里</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>"
        "<w:r><w:drawing/></w:r></w:p>"
    ))  # fmt: skip
    assert body.text == "正文"
    assert any("文本框" in each for each in body.warnings)
    assert any("图片" in each for each in body.warnings)


def test_merged_cells_come_apart():
    document = Document()
    table = document.add_table(3, 3)
    for at, cell in enumerate(cell for row in table.rows for cell in row.cells):
        cell.text = str(at)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "跨列"
    table.cell(1, 0).merge(table.cell(2, 0)).text = "跨行"
    body = read_docx(saved(document))
    assert body.text == "| 跨列 |  | 2 |\n| 跨行 | 4 | 5 |\n| 跨行 | 7 | 8 |"
    assert any("合并" in each for each in body.warnings)


def test_two_tables_stay_two_and_bars_become_wide():
    document = Document()
    for text in ("甲|乙", "丙"):
        document.add_table(1, 1).cell(0, 0).text = text
    assert read_docx(saved(document)).text == "| 甲｜乙 |\n\n| 丙 |"


def test_automatic_numbers_are_written_out():
    document = Document()
    numbering = document.part.numbering_part.element
    numbering.insert(0, parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90">'
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>'
        '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2 "/></w:lvl></w:abstractNum>'
    ))  # fmt: skip
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="91"><w:abstractNumId w:val="90"/></w:num>'))
    for depth, text in ((0, "加强学习。"), (1, "集中学习。"), (1, "个人自学。"), (0, "加强监督。"), (1, "谈话。")):
        rules = document.add_paragraph(text)._p.get_or_add_pPr().get_or_add_numPr()
        rules.get_or_add_ilvl().val, rules.get_or_add_numId().val = depth, 91
    text = read_docx(saved(document)).text
    assert text == "一、加强学习。\n一.1 集中学习。\n一.2 个人自学。\n二、加强监督。\n二.1 谈话。"


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (1, "一"),
        (10, "十"),
        (15, "十五"),
        (20, "二十"),
        (105, "一百零五"),
        (110, "一百一十"),
        (999, "九百九十九"),
        (1000, "1000"),
    ],
)
def test_chinese_numbers(number, told):
    assert chinese(number) == told


def test_soft_line_breaks_make_lines():
    assert (
        read_docx(with_body("<w:p><w:r><w:t>一、情况</w:t><w:br/><w:t>正文。</w:t></w:r></w:p>")).text
        == "一、情况\n正文。"
    )


def test_an_empty_document_is_empty():
    body = read_docx(saved(Document()))
    assert (body.title, body.text, body.warnings) == ("", "", ())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空"),
        (b"hello", "不是 .docx"),
        (b"%PDF-1.7", "不是 .docx"),
        (b"PK\x03\x04broken", "不是 .docx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "密码"),
        (zipped(**{"a.txt": b"x"}), "不是 .docx"),
        (zipped(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<broken"}), "无法读取"),
        (zipped(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<a/>", "word/vbaProject.bin": b""}), "宏"),
        (zipped(**{"[Content_Types].xml": b"application/vnd.ms-word.document.macroEnabled.main+xml", "word/document.xml": b"<a/>"}), "宏"),
        (zipped(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<a/>", "word/media/x": b"\0" * (docx_reading.LARGEST_UNPACKED + 1)}), "过大"),
        (zipped(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:d>" + b"<w:p>" * 5000}), "无法读取"),
        (b"PK" + b"x" * docx_reading.LARGEST, "20 MB"),
    ],
    ids=["empty", "text", "pdf", "torn", "locked or old", "zip", "broken xml", "macro", "macro type", "bomb", "deep", "large"],
)  # fmt: skip
def test_what_is_no_document_is_refused_in_chinese(content, words):
    with pytest.raises(ValidationError) as refusal:
        read_docx(content)
    assert words in refusal.value.messages[0]
    assert refusal.value.messages[0].endswith("重试。")


def test_an_encrypted_archive_is_refused():
    content = bytearray(render_docx(SHEETS["plain"]))
    at = content.find(b"PK\x01\x02")
    content[at + 8] |= 1
    with pytest.raises(ValidationError, match="密码"):
        read_docx(bytes(content))


def test_entities_are_not_resolved():
    xml = (
        b'<!DOCTYPE w:document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
        b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>x&b;&f;y</w:t></w:r></w:p></w:body></w:document>'
    )
    body = read_docx(zipped(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": xml}))
    assert "root:" not in body.text
    assert "aaaa" not in body.text


def test_a_text_without_end_is_refused():
    xml = b"<w:t>" + b"x" * 90_000_000 + b"</w:t>"
    with pytest.raises(ValidationError, match="无法读取"):
        read_docx(zipped(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": xml}))


def test_the_child_may_not_eat_the_machine():
    """Fifteen million empty paragraphs are a small file and two gigabytes of memory."""
    opening = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    xml = opening + b"<w:p/>" * 15_000_000 + b"</w:body></w:document>"
    with pytest.raises(ValidationError, match="无法读取|没有读完"):
        read_docx(zipped(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": xml}))


def seen(content: bytes) -> list[str]:
    """What a person reads in Word, line by line: no hidden run."""
    return [
        "".join(run.text for run in paragraph.runs if not run.font.hidden)
        for paragraph in Document(BytesIO(content)).paragraphs
    ]


def test_codes_of_figures_are_hidden_and_come_back(report):
    lines = seen(report)
    assert "（一）会议。全年应召开3次，实际召开4次，办结率93.1%；同比—。" in lines
    assert "一、总体情况3项" in lines
    assert not any("F-0" in line for line in lines)
    assert read_docx(report).text == REPORT


def test_a_number_edited_in_word_keeps_its_code(report):
    document = Document(BytesIO(report))
    [paragraph] = [each for each in document.paragraphs if "应召开" in each.text]
    at = next(number for number, run in enumerate(paragraph.runs) if "〔F-05〕" in run.text)
    assert paragraph.runs[at].font.hidden
    paragraph.runs[at - 1].text = paragraph.runs[at - 1].text.replace("3", "5")
    assert read_docx(saved(document)).text == REPORT.replace("应召开3〔F-05〕次", "应召开5〔F-05〕次")


def test_exhibits_are_drawn_where_the_text_names_them(report):
    document = Document(BytesIO(report))
    names = [each.style.name for each in document.paragraphs]
    lines = seen(report)
    assert lines[names.index("图表题")] == "“3+2+N”会议的召开"
    assert "〔表：没有此表〕" in lines  # nothing is known of it: the line stays to be read
    assert document.tables[0].cell(1, 0).text == "专题会议"
    assert [each.text for each in document.tables[1].columns[0].cells] == ["序号", "1"]
    pictures = list(document.element.body.iter(qn("wp:docPr")))
    assert {each.get("descr") for each in pictures} == {"已完成 42 项的条形图"}
    assert document.inline_shapes[0].width == Mm(156)
    with zipfile.ZipFile(BytesIO(report)) as file:
        images = [file.read(name) for name in file.namelist() if name.startswith("word/media/")]
    assert images
    assert all(image.startswith(b"\x89PNG") for image in images)


def test_what_is_drawn_from_figures_is_not_taken_back(report):
    """A changed cell, a changed title: the line that names the exhibit is what comes back."""
    document = Document(BytesIO(report))
    document.tables[0].cell(1, 1).text = "99"
    document.tables[0].add_row().cells[0].text = "多一行"
    next(each for each in document.paragraphs if each.style.name == "图表题").add_run("改过")
    body = read_docx(saved(document))
    assert body.text == REPORT
    assert body.warnings == ()


def test_a_picture_of_ones_own_is_named_as_left_out(report):
    document = Document(BytesIO(report))
    with zipfile.ZipFile(BytesIO(report)) as file:
        image = file.read(next(name for name in file.namelist() if name.startswith("word/media/")))
    next(each for each in document.paragraphs if each.text == "特此报告。").add_run().add_picture(BytesIO(image))
    assert any("图片" in each for each in read_docx(saved(document)).warnings)


def test_annexes_are_pages_with_headings_of_their_own(report):
    document = Document(BytesIO(report))
    lines = [(each.style.name, each.text) for each in document.paragraphs]
    at = lines.index(("附件标记", "附件1"))
    assert ("附件标题", "会议召开情况表") in lines[at:]
    assert lines.index(("附件标记", "附件2")) > at
    assert document.styles["附件标记"].paragraph_format.page_break_before
    assert document.styles["附件标题"].element.pPr.find(qn("w:outlineLvl")).get(qn("w:val")) == "0"
    ledger = document.tables[-1]
    assert len(ledger.rows) == 61
    assert ledger.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert lines[-1][1] == "办公室\t2026年3月1日印发"
    assert "附件：1.会议召开情况表" in [text for _, text in lines]


def test_random_reports_survive_the_way_there_and_back():
    dice = random.Random(20251231)
    pieces = ["3〔F-05〕", "93.1%〔U-12〕", "—〔Y-01〕", "全年召开会议", "次", "，", "。", "3", "江海委〔2026〕3号", "〔F-06〕", "（一）", "一、", "“四责协同”"]  # fmt: skip
    for _ in range(12):
        blocks = []
        for _ in range(40):
            line = "".join(dice.choices(pieces, k=dice.randrange(1, 9)))
            name = dice.choice([*EXHIBITS, "没有此表"])
            blocks.append(dice.choice([Exhibit(dice.choice("表图"), name), *[Paragraph(line)] * 3]))
            if dice.random() < 0.1:
                blocks.append(Table(("甲", "乙"), ((dice.choice(pieces), "3〔F-05〕"),)))
        text = to_text(parse(to_text(blocks)))
        form = dice.choice(["official", "plain", "pledge"])
        body = read_docx(render_docx(Sheet(form, "报告", parse(text), annex_pages=ANNEXES), EXHIBITS))
        assert body.text == text
        assert body.warnings == ()


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_it_survives_libreoffice_too(report, tmp_path):
    (tmp_path / "report.docx").write_bytes(report)
    (tmp_path / "saved").mkdir()
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "docx:MS Word 2007 XML",
         "--outdir", tmp_path / "saved", tmp_path / "report.docx"], check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    assert read_docx((tmp_path / "saved" / "report.docx").read_bytes()).text == REPORT
