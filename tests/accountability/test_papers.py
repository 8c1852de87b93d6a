"""公文: measured on the PDF itself (GB/T 9704-2012 5.2, 7)."""

import gc
import os
import subprocess
import sys
import time
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader
from weasyprint.urls import FatalURLFetchingError

from accountability.papers import layout, printing
from accountability.papers.blocks import Picture, Table, parse
from accountability.papers.pictures import png, qr_code
from accountability.papers.printing import OwnFonts, lay_out, put_on_paper, reprint
from accountability.papers.sheet import AnnexPage, Sheet, Signer, render_pdf
from tests import paper_ruler as ruler

LINE, PITCH = 225 / 22, 156 / 28  # mm
LEFT, TOP = 28, 37
USUAL = "学校党委坚持把全面从严治党主体责任扛在肩上落实到行动中推动四责协同一体落实"
RARE = "学校党委坚持把喆中堃治党主体责䶮扛在肩上𬭎实到行动中推动四责协同一体落实"
ISSUER = "中共江海经贸大学委员会"
TABLE = "表1　责任清单\n| 序号 | 责任事项 | 责任人 | 完成时限 |\n" + "\n".join(
    f"| {at} | {'召开全面从严治党专题会议，研判本单位政治生态，形成纪要并报学校党委备案' if at % 3 else '梳理廉政风险点'} | 周䶮 | 2026年{at % 12 + 1}月{at}日 |"
    for at in range(1, 31)
)  # fmt: skip

CHART = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 664 100" role="img"><title>短题</title>'
    '<rect y="40" width="300" height="20" fill="#7d0d12"/>'
    '<text y="20" font-family="Noto Sans CJK SC" font-size="12">已完成 42 项，䶮</text></svg>'
)
LEDGER = Table(
    ("序号", "责任事项", "完成时限"),
    tuple((str(at), "召开全面从严治党专题会议", f"2026年{at % 12 + 1}月{at % 28 + 1}日") for at in range(1, 61)),
    "表1　台账",
)
ANNEXES = (
    AnnexPage("会议召开情况表", (Table(("会议", "召开"), (("专题会议", "3〔F-05〕"),)), Picture(CHART, "已完成 42 项的条形图", "图1　办结"))),
    AnnexPage("责任事项台账", (LEDGER,)),
)  # fmt: skip


def official(text: str, **fields) -> Sheet:
    return Sheet("official", "关于报送年度工作情况的报告", parse(text), issuer=ISSUER, **fields)


SHEETS = {
    "official": official(
        f"一、总体情况\n（一）加强领导。{RARE}。\n{TABLE}\n二、下一步\n{USUAL}。",
        number="江海经贸委〔2026〕3号", addressee="中共江海市委教育工作委员会", annexes=("情况表", "问题清单"),
        signers=(Signer("签发人", "沈喆"),), dated_on=date(2026, 1, 16), copies_to="中共江海市纪律检查委员会。",
        printed_by=ISSUER + "办公室", printed_on=date(2026, 1, 16), verify_code="ABCD-EFGH", verify_address="/verify/",
    ),
    "pledge": Sheet(
        "pledge", "全面从严治党责任书", parse(f"双方签订本责任书：\n一、{RARE}。\n{TABLE}\n二、{USUAL}。"), number="ZR-2026-023", subtitle="（2026年度）",
        signers=(
            Signer("签订方", "林祎", "分管后勤副校长", date(2026, 3, 20), "校验码 5TQK-2M9R", organisation=ISSUER),
            Signer("责任方", "周䶮", "党总支书记", organisation="中共江海经贸大学后勤保障处总支部委员会"),
        ),
        copies_to="一式两份：双方各执一份", verify_code="5TQK-2M9R", verify_address="/verify/",
    ),
    "plain": Sheet(
        "plain", "2026年度述责述廉报告", parse(f"一、履责情况\n{RARE}。\n{TABLE}\n{USUAL}。"), signed_by_line="会计学院党委书记　周䶮",
        dated_on=date(2026, 12, 10), is_draft=True,
    ),
    "report": official(
        f"一、总体情况\n（一）加强领导。{RARE}3〔F-05〕次。\n〔表：会议召开情况〕\n〔图：办结〕\n{TABLE}\n二、下一步\n{USUAL}。",
        number="江海经贸委〔2026〕4号", addressee="中共江海市委教育工作委员会", signers=(Signer("签发人", "沈喆"),), dated_on=date(2026, 1, 16),
        copies_to="中共江海市纪律检查委员会。", printed_by=ISSUER + "办公室", printed_on=date(2026, 1, 16), verify_code="ABCD-EFGH",
        verify_address="/verify/", annex_pages=ANNEXES, verify_url="https://example.edu.cn/verify/?code=ABCD-EFGH",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def papers():
    return {name: render_pdf(sheet) for name, sheet in SHEETS.items()}


def full_page(text: str) -> list[ruler.Glyph]:
    """The second page of a document that is nothing but text."""
    return ruler.pages(render_pdf(official("\n".join([text * 8] * 4))).content)[1]


@pytest.mark.parametrize("text", [USUAL, RARE], ids=["usual", "rare"])
def test_a_full_page_has_22_lines_of_one_pitch(text):
    lines = ruler.baselines(full_page(text))
    assert len(lines) == 22
    for number, baseline in enumerate(lines):
        assert baseline == pytest.approx(lines[0] + number * LINE * ruler.MM, abs=0.05)
    first_line_box = (TOP * ruler.MM, (TOP + LINE) * ruler.MM)
    assert first_line_box[0] < lines[0] < first_line_box[1]


def test_rare_characters_leave_every_baseline_where_it_was():
    assert ruler.baselines(full_page(RARE)) == pytest.approx(ruler.baselines(full_page(USUAL)), abs=0.01)


@pytest.mark.parametrize("text", [USUAL, RARE], ids=["usual", "rare"])
def test_a_full_line_has_28_characters_of_one_pitch(text):
    drawn = full_page(text)
    full = 0
    for baseline in ruler.baselines(drawn):
        line = sorted(each.x for each in drawn if abs(each.y - baseline) < 0.5 and abs(each.size - 16) < 0.1)
        if line[0] > (LEFT + PITCH) * ruler.MM or len(line) < 28:
            continue  # the first or last line of a paragraph
        full += 1
        assert len(line) == 28
        for place, x in enumerate(line):
            assert x == pytest.approx((LEFT + place * PITCH) * ruler.MM, abs=0.5)
    assert full > 12


@pytest.mark.parametrize("form", ["official", "plain"])
def test_text_after_a_table_is_back_on_the_grid(form):
    table = "\n".join(TABLE.split("\n")[:8])
    sheet = Sheet(form, "报告", parse(f"{USUAL}。\n{table}\n{USUAL * 4}。\n{table}\n{USUAL * 3}"), issuer=ISSUER)
    first = ruler.baselines(full_page(USUAL))[0]
    lines = [line for page in ruler.pages(render_pdf(sheet).content) for line in ruler.baselines(page)]
    assert len(lines) > 12
    for baseline in lines:
        from_top = (baseline - first) / ruler.MM / LINE
        assert from_top == pytest.approx(round(from_top), abs=0.01)


def test_a_long_table_repeats_its_head(papers):
    for form, paper in papers.items():
        heads = [
            "责任事项完成时限" in "".join(page.extract_text().split()).replace("责任人", "")
            for page in PdfReader(BytesIO(paper.content)).pages
        ]
        assert sum(heads) >= 2, form


def test_a_short_table_is_not_divided():
    table = "\n".join(TABLE.split("\n")[:8])
    for lines in range(8, 14):
        text = "\n".join([USUAL + "。"] * lines) + "\n" + table
        pages = [
            "".join(page.extract_text().split())
            for page in PdfReader(BytesIO(render_pdf(official(text)).content)).pages
        ]
        assert sum("序号责任事项" in page for page in pages) == 1
        assert sum("表1责任清单" in page and "梳理廉政风险点" in page for page in pages) == 1


@pytest.mark.parametrize("form", SHEETS)
def test_every_glyph_has_an_outline_and_every_font_is_in_the_file(papers, form):
    assert papers[form].missing == ()
    assert ruler.undrawn(papers[form].content) == []
    fonts = ruler.embedded(papers[form].content)
    assert all(fonts.values())
    assert {"GW-FangSong", "GW-Hei", "Noto-Serif-CJK-SC", "Noto-Serif-CJK-SC-Bold"} <= set(fonts)


def test_the_check_for_missing_glyphs_can_fail(monkeypatch):
    monkeypatch.setattr("accountability.papers.printing.with_getas", lambda page: page)
    paper = put_on_paper(
        lay_out('<html lang="zh-CN"><title>字</title><p style="font-family: Noto Serif CJK SC">一\ue123二')
    )
    assert ruler.undrawn(paper.content)


def test_characters_without_a_glyph_are_reported_and_marked():
    paper = render_pdf(official("由\ue123同志和\U00030000同志负责\U0001f600，\ue123同志联络。"))
    assert paper.missing == ("\ue123", "\U00030000", "\U0001f600")
    assert ruler.undrawn(paper.content) == []
    assert "由〓同志和〓同志负责〓" in ruler.words(paper.content)


@pytest.mark.parametrize("form", SHEETS)
def test_the_text_reads_in_order(papers, form):
    words = ruler.words(papers[form].content)
    order = [
        words.index(each)
        for each in (
            layout.title_lines(SHEETS[form].title)[0],
            "学校党委坚持把喆中堃治党主体责䶮扛在肩上𬭎实",
            "表1责任清单",
            "2026年2月1日",
        )
    ]
    assert order == sorted(order)


def test_an_official_document_has_its_parts(papers):
    words = ruler.words(papers["official"].content)
    for part in (
        ISSUER + "文件", "江海经贸委〔2026〕3号", "签发人：沈喆", "中共江海市委教育工作委员会：", "附件：1.情况表2.问题清单", ISSUER + "2026年1月16日",
        "抄送：中共江海市纪律检查委员会。", "办公室2026年1月16日印发", "—1—", "核验：/verify/校验码ABCD-EFGH",
    ):  # fmt: skip
        assert part in words, part
    assert "草稿" not in words


def test_page_numbers_stand_at_the_outer_corner(papers):
    for number, page in enumerate(ruler.pages(papers["official"].content), 1):
        dash = [each for each in page if abs(each.size - 14) < 0.1 and each.y > (TOP + 225 + 4) * ruler.MM]
        assert dash, number
        right = number % 2 == 1
        assert (dash[0].x > 105 * ruler.MM) is right
        edge = max(each.x for each in dash) if right else min(each.x for each in dash)
        assert edge == pytest.approx((LEFT + 156) * ruler.MM - 28 if right else LEFT * ruler.MM + 14, abs=8)


def test_a_pledge_signs_at_the_foot_of_its_last_page(papers):
    *before, last = ruler.pages(papers["pledge"].content)
    foot = [each for each in last if each.y > 220 * ruler.MM and abs(each.size - 14) < 0.1]
    assert max(each.y for each in foot) / ruler.MM == pytest.approx(297 - 25 - 4, abs=6)
    words = ruler.words(papers["pledge"].content)
    assert "分管后勤副校长林祎" in words
    assert "2026年3月20日" in words
    assert words.count("（签字）") == 1
    assert f"第{len(before) + 1}页，共{len(before) + 1}页" in words


@pytest.mark.parametrize("lines", range(1, 40, 2))
def test_a_signature_is_never_alone_on_its_page(lines):
    text = "\n".join(f"{USUAL}第{at}段。" for at in range(lines))
    paper = render_pdf(Sheet("pledge", "廉政承诺书", parse(text), signers=(Signer("承诺人", "韩堃", "副校长"),)))
    last = "".join(PdfReader(BytesIO(paper.content)).pages[-1].extract_text().split())
    assert "（签字）" in last
    assert f"第{lines - 1}段" in last


@pytest.mark.parametrize("count", [1, 2, 3])
def test_one_to_three_signers(count):
    signers = tuple(Signer(f"第{at}方", f"名字{at}", "党委书记兼常务副院长") for at in range(count))
    words = ruler.words(render_pdf(Sheet("pledge", "责任书", parse("正文。"), signers=signers)).content)
    assert words.count("（签字）") == count
    with pytest.raises(ValueError, match="three"):
        Sheet("pledge", "责任书", (), signers=signers * 4)


def test_a_draft_is_marked_and_keeps_its_grid():
    text = "\n".join([USUAL * 8] * 4)
    final, draft = (render_pdf(official(text, is_draft=is_draft)) for is_draft in (False, True))
    assert "草稿" in ruler.words(draft.content)
    assert "〔待编号〕" in ruler.words(draft.content)
    lines = [[ruler.baselines(page) for page in ruler.pages(paper.content)] for paper in (final, draft)]
    assert lines[0] == lines[1]


@pytest.mark.parametrize(
    "name", ["中共江海经贸大学委员会", "处", "中共江海经贸大学马克思主义学院总支部委员会", "很长的机关名称" * 6]
)
def test_the_name_is_centred_over_the_date_inside_the_type_area(name):
    day = date(2026, 12, 10)
    *_, page = ruler.pages(
        render_pdf(Sheet("official", "通知", parse("正文。"), issuer="办", signed_by_line=name, dated_on=day)).content
    )
    lines = ruler.baselines(page)
    rows = [sorted(each.x for each in page if abs(each.y - y) < 0.5 and each.size > 15) for y in lines]
    assert max(rows[-2]) + 16 <= (LEFT + 156.5) * ruler.MM
    if len(name) <= 17:
        centre = [(row[0] + row[-1] + 16) / 2 for row in rows[-2:]]
        assert centre[0] == pytest.approx(centre[1], abs=8)
        assert max(rows[-1]) + 16 == pytest.approx((LEFT + 156 - 4 * PITCH) * ruler.MM, abs=8)


@pytest.mark.parametrize(
    "text",
    ["", " \n ", "\x00\x01\x08\x1b", "<script>alert(1)</script>", "</style><p>{{ settings }}{% url 'x' %}", "&lt;&#0;&#x110000;", "\ud800\udfff", "|" * 200, "a" * 300, "一、" * 50],
)  # fmt: skip
@pytest.mark.parametrize("form", ["official", "pledge", "plain"])
def test_nothing_people_type_breaks_it(form, text):
    signers = (Signer(text, text, text, note=text, organisation=text),)
    sheet = Sheet(
        form, text, parse(text), text, text, text, text, (text,), signers, text, None, text, text, None, True, text, text
    )  # fmt: skip
    paper = render_pdf(sheet)
    assert paper.pages >= 1
    if "script" in text:
        assert "<script>alert(1)</script>" in ruler.words(paper.content)


def test_a_word_of_three_thousand_letters_is_broken_in_time():
    began = time.process_time()
    paper = render_pdf(official("a" * 3000 + "\n| 列 | 列 |\n| " + "b" * 300 + " | 1 |"))
    assert time.process_time() - began < 10
    [_, page, *_] = ruler.pages(paper.content)
    assert max(each.x for each in page) < (LEFT + 156) * ruler.MM


def test_user_text_is_never_fetched():
    with pytest.raises((ValueError, FatalURLFetchingError)):
        OwnFonts().fetch("http://example.org/x.png")
    words = ruler.words(
        render_pdf(official('<img src="file:///etc/passwd"><link rel=stylesheet href="http://example.org">')).content
    )
    assert '<imgsrc="file:///etc/passwd">' in words


def test_the_non_breaking_hyphen_is_replaced():
    paper = render_pdf(official("编号ZR\u20112026"))
    assert "ZR-2026" in ruler.words(paper.content)
    assert paper.missing == ()


def test_three_pages_are_quick():
    sheet = official("\n".join([USUAL * 8] * 5))
    render_pdf(sheet)
    began = time.process_time()
    paper = render_pdf(sheet)
    assert paper.pages >= 3
    assert time.process_time() - began < 4


def test_no_web_process_carries_the_printer():
    code = (
        "import sys; import accountability.papers.sheet, accountability.papers.docx_reading, accountability.papers.pictures, accountability.papers.characters;"
        "sys.exit(any(name in sys.modules for name in ('weasyprint', 'docx', 'lxml', 'fontTools', 'resvg_py', 'segno')))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2]).returncode == 0


def test_the_same_sheet_is_the_same_paper():
    assert render_pdf(SHEETS["plain"]).sha256 == render_pdf(SHEETS["plain"]).sha256


def test_a_paper_is_printed_again_from_its_source(papers, tmp_path, settings):
    """In another process, with other templates, byte for byte."""
    kept = tmp_path / "source"
    kept.write_text(papers["report"].source)
    code = (
        "import django; django.setup(); from pathlib import Path; from django.conf import settings;"
        "settings.TEMPLATES = []; from accountability.papers.printing import reprint;"
        f"paper = reprint(Path({str(kept)!r}).read_text()); print(paper.sha256, paper.pages)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert told.stdout.split() == [papers["report"].sha256, str(papers["report"].pages)]
    again = reprint(papers["plain"].source)
    assert (again.content, again.source) == (papers["plain"].content, papers["plain"].source)
    assert reprint(papers["plain"].source.replace("述责述廉", "述责述德")).sha256 != papers["plain"].sha256


@pytest.mark.parametrize("form", SHEETS)
def test_a_paper_is_an_archival_pdf_with_its_structure(papers, form):
    """PDF/A-3, conformance A: what can be seen without a validator."""
    reader = PdfReader(BytesIO(papers[form].content))
    catalog, told = reader.trailer["/Root"], reader.trailer["/Root"]["/Metadata"].get_object().get_data().decode()
    assert 'pdfaid:part="3"' in told
    assert 'pdfaid:conformance="A"' in told
    assert layout.title_lines(SHEETS[form].title)[0] in told
    assert reader.metadata.title == SHEETS[form].title
    assert not reader.is_encrypted
    assert len(reader.trailer["/ID"]) == 2
    assert catalog["/Lang"] == "zh-CN"
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"]
    [intent] = catalog["/OutputIntents"]
    assert intent.get_object()["/S"] == "/GTS_PDFA1"
    assert intent.get_object()["/DestOutputProfile"].get_object()["/N"] == 3
    assert {"/P", "/H1", "/Table", "/TH", "/TD"} <= {element["/S"] for element in elements(catalog["/StructTreeRoot"])}
    assert not {"/JavaScript", "/Launch", "/AA", "/OpenAction"} & set(catalog)
    fonts = {name: font.get_object() for page in reader.pages for name, font in page["/Resources"]["/Font"].items()}
    assert all("/ToUnicode" in font for font in fonts.values())
    assert all(ruler.widths_agree(font) for font in fonts.values())


def elements(root):
    """The structure tree, from the top."""
    for kid in root.get("/K", []):
        kid = kid.get_object()
        if isinstance(kid, dict):
            yield kid
            yield from elements(kid)


def test_a_chart_has_its_alternative(papers):
    catalog = PdfReader(BytesIO(papers["report"].content)).trailer["/Root"]
    [figure] = [each for each in elements(catalog["/StructTreeRoot"]) if each["/S"] == "/Figure"]
    assert figure["/Alt"] == "已完成 42 项的条形图"


def pages_of(paper) -> list[str]:
    return ["".join(page.extract_text().split()) for page in PdfReader(BytesIO(paper.content)).pages]


def test_the_formal_text_bears_neither_codes_nor_exhibits(papers):
    words = ruler.words(papers["report"].content)
    assert "3次。" in words
    assert "F-05" not in words
    assert "〔表" not in words
    assert "〔图" not in words


def test_each_annex_begins_a_page(papers):
    pages = pages_of(papers["report"])
    assert any("附件：1.会议召开情况表2.责任事项台账" in page and ISSUER + "2026年1月16日" in page for page in pages)
    first, second = [
        next(at for at, page in enumerate(pages) if page.startswith(f"附件{number}{title}"))
        for number, title in ((1, "会议召开情况表"), (2, "责任事项台账"))
    ]
    assert "专题会议3" in pages[first]
    assert "图1办结" in pages[first]
    assert second == first + 1
    heads = [page for page in pages[second:] if "序号责任事项完成时限" in page]
    assert len(heads) == sum("召开全面从严治党专题会议" in page for page in pages[second:]) >= 2
    drawn = ruler.pages(papers["report"].content)[first]
    assert [(each.font.partition("+")[2], round(each.size)) for each in drawn[:2]] == [("GW-Hei", 16)] * 2
    assert drawn[0].x == pytest.approx(LEFT * ruler.MM, abs=0.5)
    title = next(each for each in drawn if round(each.size) == 22)
    assert title.font.endswith("Noto-Serif-CJK-SC-Bold")
    from_mark = (title.y - drawn[0].y) / ruler.MM / LINE
    assert from_mark == pytest.approx(2, abs=0.25)  # the third line


def test_one_annex_has_no_number():
    words = ruler.words(render_pdf(official("正文。", annex_pages=ANNEXES[:1])).content)
    assert "附件：会议召开情况表" in words
    assert "附件会议召开情况表" in words


@pytest.mark.parametrize("form", ["official", "plain"])
def test_pages_of_the_text_keep_their_grid_before_annexes(form):
    sheet = Sheet(form, "报告", parse("\n".join([USUAL * 8] * 4)), ISSUER, annex_pages=ANNEXES)
    lines = ruler.baselines(ruler.pages(render_pdf(sheet).content)[1])
    assert len(lines) == 22


@pytest.mark.parametrize(
    "copies", ["中共江海市纪律检查委员会。", "各二级党组织、" * 16 + "校长办公室。"], ids=["short", "long"]
)
@pytest.mark.parametrize("lines", [0, 4, 8, 22, 24, 25, 26, 27, 28, 40])
def test_the_imprint_closes_the_last_even_page(lines, copies):
    text = "\n".join(["正文一行。"] * lines) + "\n特此报告。"
    paper = render_pdf(
        official(text, dated_on=date(2026, 1, 16), copies_to=copies, printed_by="办公室", printed_on=date(2026, 1, 16))
    )
    pages = pages_of(paper)
    assert [at for at, page in enumerate(pages, 1) if "抄送" in page] == [paper.pages]
    assert paper.pages == 1 or paper.pages % 2 == 0
    *_, last = ruler.pages(paper.content)
    ends = max(each.y for each in last if each.y < (TOP + 225) * ruler.MM) / ruler.MM
    assert ends == pytest.approx(TOP + 225 - 3, abs=1.5)
    if "正文" not in pages[-2:][0] and "特此报告" not in pages[-2:][0] and ISSUER not in pages[-2:][0]:
        assert "—" not in pages[-2] + pages[-1]  # behind a blank page: neither is numbered


def test_the_imprint_stands_behind_the_annexes(papers):
    pages = pages_of(papers["report"])
    assert len(pages) % 2 == 0
    assert [at for at, page in enumerate(pages, 1) if "抄送" in page] == [len(pages)]


def test_the_last_page_bears_a_code_to_verify_it_by(papers):
    """18 mm at the inner edge, under the type area; on the last page alone."""
    address = SHEETS["report"].verify_url
    squares = qr_code(address)
    assert squares == qr_code(address)
    assert squares != qr_code(address + "X")
    *before, last = [ruler.boxes(page) for page in PdfReader(BytesIO(papers["report"].content)).pages]
    code = [box for box in last if box.bottom > (TOP + 225) * ruler.MM]
    assert not any(box.bottom > (TOP + 225 + 1) * ruler.MM for page in before for box in page)
    left, right = min(box.left for box in code), max(box.right for box in code)
    top, bottom = min(box.top for box in code), max(box.bottom for box in code)
    assert right - left == pytest.approx(18 * ruler.MM, abs=0.5)
    assert bottom - top == pytest.approx(18 * ruler.MM, abs=0.5)
    assert right == pytest.approx((LEFT + 156) * ruler.MM, abs=0.5)
    assert bottom < 297 * ruler.MM - 15
    assert top > (TOP + 225) * ruler.MM + 8


def test_a_drawing_becomes_a_picture_with_our_fonts():
    content = png(CHART, 664)
    picture = Image.open(BytesIO(content))
    assert picture.size == (664, 100)
    assert picture.convert("RGB").getpixel((10, 50)) == (0x7D, 0x0D, 0x12)
    inked = [x for x in range(664) if any(picture.convert("L").getpixel((x, y)) < 100 for y in range(5, 26))]
    assert max(inked) == pytest.approx(12 * 7.5, abs=4)  # six characters, two numerals, two spaces: none is missing
    assert content == png(CHART, 664)
    usual = CHART.replace("䶮", "龚")
    faces = ("Noto Sans CJK SC", "Noto Serif CJK SC", "GW FangSong", "GW Kai", "GW Hei")
    assert len({png(usual.replace("Noto Sans CJK SC", face), 664) for face in faces}) == 5
    rare, serif = (png(CHART.replace("Noto Sans CJK SC", face), 664) for face in ("GW Kai", "Noto Serif CJK SC"))
    assert rare == serif


def test_tables_are_measured_without_the_text_around_them(monkeypatch):
    laid_out = []
    monkeypatch.setattr(
        "accountability.papers.typesetting.lay_out", lambda page: laid_out.append(lay_out(page)) or laid_out[-1]
    )
    render_pdf(
        official("\n".join([USUAL * 8] * 6) + f"\n{TABLE.split(chr(10))[0]}\n| 甲 |\n| 乙 |", annex_pages=ANNEXES)
    )
    measured, printed = laid_out
    assert len(measured.pages) == 1 < len(printed.pages)
    laid_out.clear()
    render_pdf(official(USUAL, annex_pages=ANNEXES, copies_to="纪委"))
    assert len(laid_out) == 1


def test_titles_break_at_words():
    assert layout.title_lines(ISSUER + "关于2025年度落实全面从严治党主体责任情况的报告", ISSUER) == [
        ISSUER,
        "关于2025年度落实",
        "全面从严治党主体责任情况的报告",
    ]
    assert layout.title_lines("短标题") == ["短标题"]
    assert layout.title_lines("自己\n换行") == ["自己", "换行"]
    assert layout.title_lines("") == []
    assert all(layout.width(line) <= layout.TITLE_CHARACTERS for line in layout.title_lines("很长" * 100))


def test_columns_share_the_width():
    [table] = parse("| 序号 | 事项 | 完成时限 |\n| 1 | " + "很长" * 60 + " | 2026年12月10日 |")
    narrow, wide, day = layout.column_widths(table, 156, 4.3, 3.4)
    assert narrow + wide + day == pytest.approx(156)
    assert day >= layout.width("2026年12月10日") * 4.3
    assert wide > day > narrow


def test_a_wide_table_leaves_room_for_its_sentences():
    cells = "序号|类别|责任内容|责任领导|责任人|牵头单位|配合单位|完成时限|状态"
    [table] = parse(f"|{cells}|\n|1|主体责任|{'召开专题会议' * 5}|沈喆|陆堃|党委办公室|纪委办公室|2026年12月|未到期|")
    widths = layout.column_widths(table, 156, 3.75, 3.4)
    assert sum(widths) == pytest.approx(156)
    assert max(widths) == widths[2] > 30
    assert min(widths) > 8


def test_a_day_is_not_broken_and_sentences_keep_room():
    [table] = parse(
        f"|序号|责任事项|单位|责任人|完成时限|状态|\n|1|{'召开专题会议' * 6}|会计学院党委|周䶮|2026年12月10日|逾期 2 天|"
    )
    widths = layout.column_widths(table, 156, 4.3, 3.4)
    assert sum(widths) == pytest.approx(156)
    assert widths[4] >= layout.width("2026年12月10日") * 4.3 + 3.4
    assert max(widths) == widths[1] > 45


def test_a_short_word_is_not_broken_beside_days():
    row = "|2025-0045|监督合力联席会议（第 1 次）|纪委办公室监督检查室主任|2025-06-03|2025-05-22|按期完成|"
    [table] = parse(f"|编号|责任事项|责任人|到期日|完成日|状态|\n{row}\n{row}")
    widths = layout.column_widths(table, 156, 4.3, 3.4)
    assert sum(widths) == pytest.approx(156)
    assert widths[5] >= layout.width("按期完成") * 4.3 + 3.4
    assert widths[3] >= layout.width("2025-06-03") * 4.3 + 3.4
    assert widths[2] > 25


@pytest.mark.parametrize(
    "name", ["处", "中共江海经贸大学委员会", "中共江海经贸大学委员会党委办公室、纪律检查委员会办公室", "长" * 60]
)
def test_the_red_head_stays_in_the_type_area(name):
    size, scale = layout.mark_shape(name + "文件")
    assert layout.width(name + "文件") * size * scale * 25.4 / 72 <= 156
    assert 0.5 <= scale <= 0.74


def test_two_offices_sign_on_two_lines():
    names = "中共江海经贸大学委员会党委办公室、纪律检查委员会办公室"
    assert layout.name_lines("党委办公室") == ["党委办公室"]
    assert len(layout.name_lines(names)) == 2
    assert "".join(layout.name_lines(names)) == names


def test_what_long_papers_leave_is_swept_before_the_next_and_the_collector_goes_on(monkeypatch):
    swept = []
    monkeypatch.setattr(printing.gc, "collect", lambda: swept.append(True))
    monkeypatch.setattr(printing, "desk", printing.Desk())
    source = "<html lang=zh><title>纸</title><body>" + "<p style='break-after: page'>一页</p>" * 11 + "</body></html>"
    first = printing.reprint(source)
    assert first.pages > printing.Desk.PAGES_AT_MOST and not swept and gc.isenabled()
    assert printing.reprint(source).content == first.content and len(swept) == 1
    with pytest.raises(AttributeError):
        printing.lay_out(None)
    assert gc.isenabled()
