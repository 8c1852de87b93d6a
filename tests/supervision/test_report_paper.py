"""图文版: every exhibit drawn whatever it holds, and a paper that says what the figures say."""

import os
import re
import subprocess
import sys
from functools import cache
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pypdf import PdfReader

from supervision.report import exhibits, tables
from supervision.report.drawings import DRAWN, pen
from supervision.report.rendering import Facts, illustrated_page, print_page
from tests import paper_ruler
from tests.supervision import report_sample as sample

SVG = "{http://www.w3.org/2000/svg}"
CHARTS = ("责任完成情况", "年度进度", "会议分布", "四项检查", "整改措施")
EMPTY = {
    "bars": {"rows": []}, "progress": {"months": []}, "timeline": {"rows": [], "year": 2025, "on": "2025-11-29"},
    "rates": {"rows": []}, "waffle": {"parts": []},
}  # fmt: skip
FACTS = Facts(
    title="中共江海经贸大学委员会关于2025年度落实全面从严治党主体责任情况的报告",
    number="江海经贸委〔2026〕3号",
    issuer="中共江海经贸大学委员会",
    state_words="已签发",
    verify_code="7K3M-Q9TD",
    verify_url="https://four.example.edu.cn/verify/7K3M-Q9TD/",
    figures_sha256="38d9cc0a76294298c4c88c01ac7dac4be7d230e4efcbe0e08352f8b447a52c8d",
)


@cache
def page_of(*, draft: bool = False) -> str:
    facts = (
        Facts(FACTS.title, issuer=FACTS.issuer, figures_sha256=FACTS.figures_sha256, is_draft=True) if draft else FACTS
    )
    return illustrated_page(sample.figures(units=54), sample.TEXT, facts)


@cache
def printed():
    return print_page(page_of())


@cache
def reader() -> PdfReader:
    return PdfReader(BytesIO(printed().content))


def told(drawn: str) -> list[str]:
    return [each.text or "" for each in ElementTree.fromstring(drawn).iter(f"{SVG}text")]


@pytest.mark.parametrize("name", CHARTS)
def test_a_drawing_fits_its_frame_and_obeys_a_strict_policy(name):
    figures = sample.figures()
    drawn = exhibits.svg(figures["exhibits"][name], figures)
    root = ElementTree.fromstring(drawn)
    _, _, width, height = map(float, root.get("viewBox").split())
    assert width == pen.WIDE
    assert root.get("role") == "img"
    assert root[0].tag == f"{SVG}title" and root[0].text.startswith(figures["exhibits"][name]["title"])
    assert root[1].tag == f"{SVG}desc" and root[1].text
    for each in root.iter():
        assert not {"id", "style", "class"} & set(each.attrib) or each is root
        if each.tag == f"{SVG}text":
            x, long = float(each.get("x")), pen.measure(each.text, float(each.get("font-size")))
            left = x - {"middle": long / 2, "end": long}.get(each.get("text-anchor"), 0)
            assert left > -1 and left + long < pen.WIDE + 1, each.text
            assert 0 < float(each.get("y")) <= height, each.text
        if each.tag == f"{SVG}rect":
            assert float(each.get("width")) >= 0 and float(each.get("x")) + float(each.get("width")) <= pen.WIDE + 1


@pytest.mark.parametrize("kind", DRAWN)
def test_nothing_to_draw_is_said(kind):
    drawn = exhibits.svg({"kind": kind, "title": "没有", "alt": ""} | EMPTY[kind], sample.figures())
    assert told(drawn) == ["没有可画的数据"]


def test_every_piece_of_a_bar_carries_its_number():
    figures = sample.figures()
    exhibit = figures["exhibits"]["责任完成情况"]
    words = told(exhibits.svg(exhibit, figures))
    for row in exhibit["rows"]:
        values = [figures["figures"][part["figure"]]["value"] for part in row["parts"]]
        assert {f"{value}" for value in values if value} <= set(words)
    assert "…" in "".join(words)  # the long name is cut where it is drawn, whole in the description
    assert sample.UNITS[9] in exhibits.svg(exhibit, figures)


def test_a_row_of_noughts_says_nought():
    figures = sample.figures()
    exhibit = figures["exhibits"]["责任完成情况"]
    words = told(exhibits.svg(exhibit | {"rows": exhibit["rows"][-1:]}, figures))
    assert words.count("0") == 2 and "—" in words


def test_a_square_may_stand_for_several_measures():
    figures = sample.figures()
    figures["figures"]["F-08"]["value"] = 5000
    assert "一格为9条" in told(exhibits.svg(figures["exhibits"]["整改措施"], figures))


def test_noughts_make_no_waffle():
    figures = sample.figures()
    for code in ("F-08", "F-43", "F-44"):
        figures["figures"][code]["value"] = 0
    assert told(exhibits.svg(figures["exhibits"]["整改措施"], figures)) == ["没有可画的数据"]


def test_n_meetings_are_diamonds_and_have_no_target():
    figures = sample.figures()
    drawn = exhibits.svg(figures["exhibits"]["会议分布"], figures)
    assert drawn.count("Z") == 11  # closed paths: the diamonds
    assert "已召开 11 次，不设次数" in told(drawn)
    assert "次年2月" in told(drawn) and "2.26" in told(drawn)


def test_a_table_as_words():
    figures = sample.figures()
    table = exhibits.table_block(figures["exhibits"]["二级单位履责"], figures)
    assert table.header == ("单位", "责任事项", "已完成", "逾期", "状态", "原因")
    assert table.rows[0] == ("学院（9个）", "", "", "", "", "")
    assert table.rows[1][:5] == ("会计学院", "20", "0", "0", "正常")
    assert table.rows[-1][:2] == ("合计", "1170")


@pytest.mark.parametrize("name", ["会议召开情况", "二级单位履责", "校领导履责", "没有记录"])
def test_columns_fill_the_page_exactly(name):
    figures = sample.figures()
    shown = tables.shown(figures["exhibits"][name], figures)
    whole = tables.ACROSS if shown.across else tables.UPRIGHT
    assert abs(sum(map(float, shown.widths)) - whole) < 0.1
    assert shown.across == (name == "校领导履责")


def test_a_short_column_is_never_broken_for_a_long_one():
    _, _, widths = tables.set_widths(["名称", "日期", "说明"], [12.0, 6.0, 300.0])
    assert float(widths[0]) > 12 * 8.2 * 25.4 / 72


def test_the_paper_says_what_the_figures_say():
    text, figures = paper_ruler.words(printed().content), sample.figures(units=54)
    for figure in figures["figures"].values():
        assert figure["code"] in text or figure["code"].startswith(("U", "L", "R"))
    for words in ("全年列入责任事项1170〔F-01〕项", "到期办结率98.7%〔F-09〕", "责任追究率—〔F-10〕", "已完成÷（已完成＋逾期未完成）",
                  "F-02、F-03", "江海经贸委〔2024〕18号", FACTS.figures_sha256, FACTS.verify_code, "三（一）1至3", "现将2025年度情况报告如下"):  # fmt: skip
        assert words in text, words
    for name, exhibit in figures["exhibits"].items():
        assert exhibit["title"].replace(" ", "") in text, name
    assert printed().missing == ()
    assert paper_ruler.undrawn(printed().content) == []


def test_annexes_are_printed_where_the_text_does_not_show_them():
    text = paper_ruler.words(printed().content)
    assert text.count("“3+2+N”会议的要求与召开") == 1  # once, marked; the contents lead there
    assert "附件12025年度“3+2+N”会议召开情况表" in text
    assert text.count("校领导履责明细表") >= 2


def test_heads_are_repeated_and_pages_numbered():
    pages = ["".join(page.extract_text().split()) for page in reader().pages]
    assert sum("责任事项已完成逾期状态原因" in page for page in pages) >= 2
    assert len(pages) == printed().pages
    assert all(
        f"—{number}/{len(pages)}—" in page
        for number, page in enumerate(pages, 1)
        if number > 1 and "校领导履责明细" not in page
    )
    assert any(page.mediabox.width > page.mediabox.height for page in reader().pages)  # the wide table lies across


def test_contents_lead_to_the_pages():
    contents = "".join(reader().pages[1].extract_text().split())
    for title in ("总体情况", "二级单位履责情况", "巡视巡察整改"):
        number = int(re.search(rf"{title}[·\s]*(\d+)", contents).group(1))
        assert title in "".join(reader().pages[number - 1].extract_text().split())


def test_bookmarks_and_metadata():
    titles = [each.title for each in reader().outline if not isinstance(each, list)]
    assert titles[:3] == ["目录", "一、总体情况", "二、“3+2+N”会议"]
    assert titles[-1] == "编制说明　每个数字的依据"
    told_of = reader().metadata
    assert told_of.title == FACTS.title
    assert told_of.author == FACTS.issuer
    assert FACTS.figures_sha256 in told_of.subject
    assert "全面从严治党" in told_of["/Keywords"]
    root = reader().trailer["/Root"]
    assert root["/Lang"] == "zh-CN"
    assert root["/OutputIntents"]
    assert b"<pdfaid:part>3" in root["/Metadata"].get_data() or b'pdfaid:part="3"' in root["/Metadata"].get_data()


def test_drawings_have_a_text_alternative():
    alternatives = set()

    def walk(node):
        node = node.get_object()
        if isinstance(node, dict):
            if "/Alt" in node:
                alternatives.add(str(node["/Alt"]))
            kids = node.get("/K", [])
            for kid in kids if isinstance(kids, list) else [kids]:
                if not isinstance(kid, int):
                    walk(kid)

    walk(reader().trailer["/Root"]["/StructTreeRoot"])
    for name in CHARTS:
        assert any(each.startswith(sample.figures()["exhibits"][name]["title"]) for each in alternatives), name
    assert any("核验二维码" in each for each in alternatives)


def test_no_heading_ends_a_page():
    """Below the head of a chapter, 20 points high, stands something to read."""
    for drawn in paper_ruler.pages(printed().content)[2:]:
        heads = [each.y for each in drawn if abs(each.size - 20) < 0.1]
        read = [each.y for each in drawn if each.size < 13 and each.y < 275 * paper_ruler.MM]
        assert not heads or max(read) > max(heads) + 10


def test_a_draft_is_marked_on_every_page():
    paper = print_page(page_of(draft=True))
    pages = ["".join(page.extract_text().split()) for page in PdfReader(BytesIO(paper.content)).pages]
    assert all("草稿" in page for page in pages)
    assert "草稿没有核验码" in pages[-1]


def test_printed_twice_it_is_the_same(tmp_path):
    assert print_page(page_of()).content == printed().content
    page = tmp_path / "page.html"
    page.write_text(page_of())
    program = (
        "import django, sys; django.setup(); from supervision.report.rendering import print_page; "
        "print(print_page(open(sys.argv[1]).read()).sha256)"
    )
    root = Path(__file__).parents[2]
    told = subprocess.run(
        [sys.executable, "-c", program, str(page)], cwd=root, capture_output=True, text=True, check=True,
        env=dict(os.environ, DJANGO_SETTINGS_MODULE="tests.settings"),
    ).stdout  # fmt: skip
    assert told.strip() == printed().sha256


def test_hostile_words_stay_words():
    figures = sample.figures()
    figures["figures"]["F-01"]["label"] = "<b>全年</b>"
    figures["exhibits"]["年度进度"]["title"] = '进度"<script>'
    facts = Facts('报告"; } <x>', issuer="委员会\\", is_draft=True)
    page = illustrated_page(
        figures, "一、总体<i>情况\n正文<script>1〔F-01〕项。\n〔图：年度进度〕\n〔表：没有的表〕", facts
    )
    assert "<script>" not in page and "<b>全年" not in page and "<i>情况" not in page
    assert "没有名为“没有的表”的图表" in page
    assert print_page(page).pages > 1
