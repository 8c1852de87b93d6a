"""正文: what people type becomes blocks, and text again."""

import random
import time

import pytest

from accountability.papers.blocks import Exhibit, Heading, Paragraph, Picture, Table, parse, to_text
from accountability.papers.characters import clean
from accountability.papers.references import Reference, references, without_references

NASTY = [
    "",
    " \n　\t\n \r\n",
    "一" * 100_000,
    "a" * 100_000,
    "\x00\x01\x1b[31m红\x7f\ud800字\ufeff\u202e反\u2028新行",
    "<script>alert(1)</script>\n</style><img src=http://example.org/x>",
    "| a | b | c |\n| 1 |\n| 1 | 2 | 3 | 4 |\n||\n|",
    "｜表头｜第二列｜\n｜内容|竖线｜二｜",
    "|甲|乙|\n|---|:--:|\n|---|---|\n|1|2|",
    "| 甲 |\n\n| 乙 |\n表1　两张表\n| 丙 |\n表2 没有表\n表3：表\n|丁",
    "一、\n（一）\n1.\n（1）\n|\n一、总体情况\n1.5万元\n2026.5.1起\n10、其他\n（12）附则",
    "\\|\\\\|a\\|\n| C:\\temp\\ | \\| |",
    "一、情况\r\n（一）做法\r1．步骤\x0b(1)细节\x0c(二)其他",
    "〔表：甲〕\n| 1 |\n〔图： 乙　〕\n〔图：〕\n〔表：丙〕丁\n〔〔表：戊〕〕\n3〔F-05〕次\n〔F-05〕\n—〔Y-01〕",
]


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_what_was_read_is_read_again(text):
    blocks = parse(text)
    assert parse(to_text(blocks)) == blocks


def test_a_thousand_random_texts_are_read_again():
    dice = random.Random(20261123)
    pieces = [
        "一、",
        "（一）",
        "1.",
        "（1）",
        "|",
        "｜",
        "表1　",
        "---",
        "。",
        "：",
        "工作",
        "喆",
        " ",
        "　",
        "\n",
        "\n",
        "\\",
        "\r",
        "<b>",
        "3",
        "〔F-05〕",
        "〔表：",
        "〔图：会议〕",
        "〕",
    ]
    for _ in range(1000):
        blocks = parse("".join(dice.choices(pieces, k=dice.randrange(40))))
        assert parse(to_text(blocks)) == blocks


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("一、总体情况", 1),
        ("（二）主要做法", 2),
        ("(二)主要做法", 2),
        ("3.会议组织", 3),
        ("3．会议组织", 3),
        ("3、会议组织", 3),
        ("（4）签到", 4),
        ("十二、附则", 1),
    ],
)
def test_a_marker_and_words_make_a_heading(line, level):
    assert parse(line) == [Heading(level, line)]


@pytest.mark.parametrize(
    "line",
    [
        "一、严守政治纪律。",
        "（一）加强学习。全年集中学习十二次。",
        "1.责任人：张三",
        "3.5万元",
        "2026.5.1起施行",
        "一、" + "长" * 60,
        "一、",
        "总体情况",
        "第一、总体",
    ],
)
def test_a_sentence_is_a_paragraph(line):
    assert parse(line) == [Paragraph(line)]


def test_the_lead_is_set_apart():
    assert Paragraph("（一）加强学习，提高认识。全年集中学习。").lead == "（一）加强学习，提高认识。"
    assert Paragraph("一、严守纪律。").lead == "一、"
    assert Paragraph("（一）没有句号；").lead == "（一）"
    assert Paragraph("1.会议。其他。").lead == ""
    assert Paragraph("今年。").lead == ""


def test_a_table():
    text = "表1　责任清单\n| 序号 | 事项 |\n| 1 | 学习 | 多一格 |\n| 2 |"
    table = Table(("序号", "事项", ""), (("1", "学习", "多一格"), ("2", "", "")), "表1　责任清单")
    assert parse(text) == [table]
    assert parse(to_text([table])) == [table]


def test_a_row_left_blank_for_ink_stays():
    assert parse("| 姓名 | 签字 |\n| | |") == [Table(("姓名", "签字"), (("", ""),))]


def test_a_cell_holds_no_bar():
    assert Table(("甲|乙",)).header == ("甲｜乙",)


def test_a_hundred_thousand_characters_are_read_at_once():
    text = ("（一）加强学习。" + "深入学习贯彻" * 20 + "。\n") * 800
    began = time.perf_counter()
    assert len(parse(text)) == 800
    assert time.perf_counter() - began < 2


def test_clean_keeps_what_can_stand_on_paper():
    assert clean("一\x00二\u200b三\ud800四\u2011\ufe0f五\u00a0六\r\n七") == "一二三四-五 六\n七"


def test_a_line_of_its_own_stands_for_an_exhibit():
    assert parse("〔表：会议召开情况〕\n〔图：会议分布〕") == [Exhibit("表", "会议召开情况"), Exhibit("图", "会议分布")]
    assert parse("〔图： 会议 分布 〕") == [Exhibit("图", "会议 分布")]
    for line in ("见〔表：会议〕", "〔表：会议〕。", "〔表〕", "〔表： 〕", "〔注：会议〕", "〔表:会议〕"):
        assert parse(line) == [Paragraph(line)], line


def test_a_picture_is_no_text():
    assert to_text([Paragraph("甲"), Picture("<svg/>", "图"), Paragraph("乙")]) == "甲\n乙"


def test_a_number_is_traced_by_the_code_behind_it():
    text = (
        "召开3〔F-05〕次，办结率93.1%〔F-09〕，同比—〔Y-01〕，江海委〔2026〕3号，第〔U-1234〕条，5 〔F-06〕，7〔F-6〕"
    )
    assert [(each.number, each.code) for each in references(text)] == [("3", "F-05"), ("93.1%", "F-09"), ("—", "Y-01")]
    assert next(references("共12〔AB-12〕项")) == Reference("12", "AB-12", 1, 10)
    assert without_references(text) == "召开3次，办结率93.1%，同比—，江海委〔2026〕3号，第条，5 ，7〔F-6〕"
