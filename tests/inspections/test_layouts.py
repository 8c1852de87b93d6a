"""读台账: the layouts of thirty offices say the same; what cannot be understood is named, never guessed or lost."""

from datetime import date

import pytest

from inspections.reading.days import read_day
from inspections.reading.ledger import Book
from tests.inspections.ledger_files import HEADS, ONE, TWO, below, one, seen, sheet, sheets

TITLE = ["××大学巡察整改工作台账"]


def sizes(book: Book) -> list[int]:
    assert not book.complaints, book.complaints
    return [len(problem.measures) for problem in book.problems]


def only(book: Book):
    assert sizes(book) == [1]
    return book.problems[0].measures[0]


def complaints(book: Book) -> list[tuple[int, str]]:
    return [(said.row, said.column) for said in book.complaints]


@pytest.mark.parametrize("above", [[], [TITLE], [TITLE, ["填报单位：巡察办"]], [TITLE, [], [], ["填报日期"]]])
def test_the_header_may_stand_in_any_of_the_first_rows(above):
    assert sizes(seen(*above, HEADS, ONE, TWO)) == [1, 1]


def test_a_header_of_three_rows_with_group_names():
    heads = [
        ["序号", "巡察反馈问题", "", "整改落实", "", "", "", ""],
        ["", "问题", "", "举措", "责任分工", "", "时限", "状态"],
        ["", "问题描述", "问题表现", "", "责任部门", "协助部门", "", ""],
    ]
    merges = ["A1:A3", "B1:C1", "D1:H1", "B2:C2", "D2:D3", "E2:F2", "G2:G3", "H2:H3"]
    book = seen(*heads, [1, "报销审核不严", "三笔", "修订办法", "财务处", "审计处", "2026.9.30", "完成"], merges=merges)
    assert (only(book).lead, only(book).helpers, book.problems[0].symptoms) == ("财务处", ("审计处",), "三笔")


@pytest.mark.parametrize(
    ("field", "name"),
    [
        *[("牵头单位", name) for name in ("牵头部门", "责任部门", "主责单位", "整改责任单位", "责任 单位（牵头）", "承办单位", "3.责任单位")],
        *[("整改时限", name) for name in ("完成时限", "整改期限", "时间节点", "计划完成时间", "完成时间\n（年月日）", "*整改时限")],
        *[("整改措施", name) for name in ("措施", "具体措施", "整改举措", "举措", "整改措施及举措")],
        *[("具体表现", name) for name in ("问题表现", "主要表现", "表现形式")],
        *[("完成情况", name) for name in ("完成状态", "整改状态", "是否完成", "是否销号")],
        *[("具体问题", name) for name in ("存在问题", "反馈问题", "问题描述", "“问题清单”")],
    ],
)  # fmt: skip
def test_a_column_by_another_name(field, name):
    heads = [name if head == field else head for head in HEADS]
    assert only(seen(heads, ONE)).completion == "done"


@pytest.mark.parametrize("name", ["包抓领导", "分管领导", "责任领导", "牵头校领导"])
def test_a_leader_by_another_name(name):
    assert only(seen([*HEADS, name], [*ONE, "校长"])).leader == "校长"


@pytest.mark.parametrize("name", ["进展情况", "整改进展情况", "落实情况", "整改成效"])
def test_progress_by_another_name(name):
    assert only(seen([*HEADS, name], [*ONE, "已修订"])).progress == "已修订"


def test_columns_in_another_order():
    order = [4, 9, 6, 2, 10, 0, 1, 3, 5, 7, 8]
    book = seen([HEADS[place] for place in order], [ONE[place] for place in order])
    assert (only(book).lead, book.problems[0].text) == ("财务处", "报销审核不严")


def test_columns_we_do_not_know_are_named_as_not_read():
    book = seen([*HEADS, "整改难度", "联系电话"], [*ONE, "大", "555"])
    assert sizes(book) == [1]
    assert [said.column for said in book.notes] == ["整改难度", "联系电话"]


def test_of_two_columns_that_mean_the_same_one_is_read_and_the_other_named():
    book = seen([*HEADS, "责任单位"], [*ONE, "各单位"])
    assert only(book).lead == "财务处"
    assert [said.column for said in book.notes] == ["责任单位"]


def test_a_table_without_numbers_goes_by_words():
    book = seen(HEADS[1:], ONE[1:], below()[1:], TWO[1:])
    assert sizes(book) == [2, 1]
    assert [problem.serial for problem in book.problems] == [None, None]


@pytest.mark.parametrize(
    ("written", "serial"),
    [("1", 1), ("1.", 1), ("（1）", 1), ("①", 1), ("一、", 1), ("（十二）", 12), ("二十一", 21), ("问题3", 3), ("1.1", None), ("1-2", None), ("A1", None), ("0", None)],
)  # fmt: skip
def test_a_number_however_it_is_written(written, serial):
    assert seen(HEADS, one(序号=written)).problems[0].serial == serial


def test_blank_rows_and_merged_banners_over_groups_of_problems():
    heads, row, other = [HEADS[0], *HEADS[2:]], [ONE[0], *ONE[2:]], [TWO[0], *TWO[2:]]
    book = seen(
        heads, ["一、贯彻落实党中央决策部署方面"], row, [], ["二、财务管理方面"], other, merges=["A2:J2", "A5:J5"]
    )
    assert sizes(book) == [1, 1]
    assert [problem.category for problem in book.problems] == ["贯彻落实党中央决策部署方面", "财务管理方面"]
    assert len(book.notes) == 2


def test_numbers_may_begin_anew_in_every_group_but_not_within_one():
    anew = [1, "其他方面", *TWO[2:]]
    assert sizes(seen(HEADS, ONE, anew)) == [1, 1]
    assert complaints(seen(HEADS, ONE, [1, *TWO[1:]])) == [(3, "序号")]


@pytest.mark.parametrize(
    "footer",
    [["合计", "", "", "", "", "", "", "", "", "", 2], ["填表人：张三", "", "", "审核人：李四"], ["注：时限以方案为准"], ["共 2 个问题"], ["", "填报日期：2026年11月"]],
)  # fmt: skip
def test_totals_notes_and_signatures_are_named_and_not_read(footer):
    book = seen(HEADS, ONE, TWO, [], footer)
    assert sizes(book) == [1, 1]
    assert len(book.notes) == 1


def test_a_header_and_title_again_on_every_printed_page():
    assert sizes(seen(TITLE, HEADS, ONE, TITLE, HEADS, TWO)) == [1, 1]


def test_every_sheet_that_is_a_ledger_is_read_and_the_others_are_named():
    book = sheets(
        sheet([["××大学"], ["2026年"]], name="封面"),
        sheet([["类别", "问题数", "措施数"], ["财务", 2, 3]], name="统计"),
        sheet([HEADS, ONE], name="财务方面"),
        sheet([HEADS, one(具体问题="用房超标", 问题类别="作风方面")], name="作风方面"),
        sheet([HEADS, TWO], name="旧表", hidden=True),
    )
    assert sizes(book) == [1, 1]
    assert book.skipped_sheets == ["封面", "统计", "旧表"]
    assert [said.sheet for said in book.notes] == ["封面", "统计", "旧表"]


def test_problems_merged_blank_or_repeated_read_the_same():
    merged = seen(HEADS, ONE, below(), TWO, merges=["A2:A3", "B2:B3", "C2:C3", "D2:D3"])
    repeated = seen(HEADS, ONE, [*ONE[:4], *below()[4:]], TWO)
    blank = seen(HEADS, ONE, below(), TWO)
    assert sizes(merged) == sizes(repeated) == sizes(blank) == [2, 1]
    assert [problem.measures for problem in merged.problems] == [problem.measures for problem in blank.problems]


def test_units_merged_over_several_measures_lead_each_of_them():
    rows = [HEADS, ONE, below(牵头单位="", 整改时限="")]
    book = seen(*rows, merges=["A2:A3", "C2:C3", "G2:G3", "J2:J3"])
    assert [measure.lead for measure in book.problems[0].measures] == ["财务处", "财务处"]


def test_what_stands_beside_a_merged_measure_is_not_lost_in_silence():
    book = seen(HEADS, ONE, below("", 牵头单位="审计处"), merges=["A2:A3", "C2:C3", "E2:E3"])
    assert complaints(book) == [(3, "整改措施")]


def test_symptoms_on_rows_of_their_own_belong_to_one_problem():
    book = seen(HEADS, ONE, [1, *ONE[1:3], "另有五笔", *below()[4:]])
    assert (sizes(book), book.problems[0].symptoms) == ([2], "抽查发现三笔\n另有五笔")


def test_a_list_in_one_cell_stays_one_measure_and_says_so():
    book = seen(HEADS, one(整改措施="1.修订办法；\n2.开展培训；\n3.抽查。"))
    assert only(book).text.startswith("1.修订办法")
    assert ["一条一行" in said.reason for said in book.notes] == [True]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026/9/30", "2026-09-30"), ("2026-9-30", "2026-09-30"), ("2026.09", "2026-09-30"), ("2026年9月", "2026-09-30"),
        ("2026年 底前", "2026-12-31"), ("2026年第三季度", "2026-09-30"), ("2026年三季度末", "2026-09-30"),
        ("2026年上半年", "2026-06-30"), ("20260930", "2026-09-30"), ("46295", "2026-09-30"),
        ("2026-09-30 00:00:00", "2026-09-30"), ("2026-09-30T08:00:00", "2026-09-30"),
        ("２０２６年９月３０日", "2026-09-30"), ("二〇二六年九月三十日", "2026-09-30"), ("二○二六年九月", "2026-09-30"),
        ("2026.5—2026.9", "2026-09-30"), ("2026年5月-9月", "2026-09-30"), ("2026年9月30日前完成", "2026-09-30"),
        ("2026年9月底前（分两批）", "2026-09-30"), ("2026 年 9 月 30 日", "2026-09-30"), ("2026年9月末", "2026-09-30"),
    ],
)  # fmt: skip
def test_a_day_however_an_office_writes_it(written, day):
    assert read_day(written).day == date.fromisoformat(day)


@pytest.mark.parametrize("written", ["长期坚持", "持续推进", "常抓不懈", "长期"])
def test_what_is_kept_up(written):
    assert read_day(written).is_long_term


@pytest.mark.parametrize("written", ["立行立改", "即知即改", "立查立改", "立即整改"])
def test_what_is_done_at_once(written):
    assert read_day(written).is_immediate


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("9月底前", "没有写年份"), ("年底", "没有写年份"), ("年底前", "没有写年份"), ("三季度末", "没有写年份"), ("今年年底", "没有写年份"),
        ("已完成", "是完成情况"), ("26.9.30", "年份只有两位"), ("2026年6月30日，2026年9月30日", "不止一个日期"),
        ("2026年2月30日", "不是存在的日期"), ("1899-12-31", "不在 2000 年"), ("9999年12月", "不在 2000 年"), ("尽快", "看不出"), ("NaN", "看不出"), ("9" * 400, "看不出"),
    ],
)  # fmt: skip
def test_a_day_that_cannot_be_understood_says_why(written, said):
    with pytest.raises(ValueError, match=said):
        read_day(written)


def test_a_number_that_may_be_january_or_october_is_asked_about():
    book = seen(HEADS, one(整改时限={"number": "2026.1"}), [*TWO[:9], {"number": "2026.9"}, ""])
    assert complaints(book) == [(2, "整改时限")]
    assert "1 月还是 10 月" in book.complaints[0].reason
    assert book.problems[1].measures[0].term.day == date(2026, 9, 30)


def test_a_month_that_excel_keeps_as_its_first_day_is_the_month():
    assert only(seen(HEADS, one(整改时限={"day": "2026-09-01", "month": "2026-9"}))).term.day == date(2026, 9, 30)
    assert only(seen(HEADS, one(整改时限={"day": "2026-09-01"}))).term.day == date(2026, 9, 1)


@pytest.mark.parametrize("written", ["是", "√", "✓", "Y", "y", "1", "有", "是（党委会研究）"])
def test_yes(written):
    assert seen([*HEADS, "是否重点关注"], [*ONE, written]).problems[0].is_focus


@pytest.mark.parametrize("written", ["否", "×", "N", "0", "", "/", "无", "—"])
def test_no(written):
    book = seen([*HEADS, "是否重点关注"], [*ONE, written])
    assert (sizes(book), book.problems[0].is_focus) == ([1], False)


@pytest.mark.parametrize(
    ("written", "state"),
    [
        ("已销号", "done"), ("完成", "done"), ("已整改", "done"), ("√", "done"), ("是", "done"), ("100%", "done"), ("已完成。", "done"), ("已完成（2026年6月）", "done"),
        ("基本完成", "mostly"), ("未完成", "undone"), ("正在整改", "undone"), ("持续整改", "undone"), ("长期坚持", "undone"), ("×", "undone"), ("否", "undone"), ("", "undone"),
    ],
)  # fmt: skip
def test_a_state_however_it_is_called(written, state):
    assert only(seen(HEADS, one(完成情况=written))).completion == state


@pytest.mark.parametrize("written", ["差不多", "80%", "部分完成"])
def test_a_state_that_is_none_is_complained_of(written):
    assert complaints(seen(HEADS, one(完成情况=written))) == [(2, "完成情况")]


@pytest.mark.parametrize(
    "written", ["财务处、审计处", "财务处，审计处", "财务处,审计处", "财务处/审计处", "财务处；审计处"]
)
def test_the_first_of_several_units_leads(written):
    measure = only(seen(HEADS, one(牵头单位=written, 配合单位="人事处")))
    assert (measure.lead, measure.helpers) == ("财务处", ("审计处", "人事处"))


def test_errors_and_formulas_are_named_and_nothing_of_them_is_kept():
    book = seen(HEADS, one(具体表现={"error": "#REF!"}, 整改时限={"formula": "TODAY()"}, 序号={"formula": "ROW()"}))
    assert complaints(book) == [(2, "具体表现"), (2, "整改时限")]
    assert [said.value for said in book.complaints] == ["#REF!", "=TODAY()"]


def test_a_text_that_looks_like_a_formula_is_text():
    texts = ["=1+1", "+86", "-无", "@某人"]
    book = seen(HEADS, *[one(序号=place, 具体问题=f"{place}", 具体表现=text) for place, text in enumerate(texts, 1)])
    assert [problem.symptoms for problem in book.problems] == texts


def test_a_text_beyond_its_limit_is_named():
    book = seen(HEADS, one(整改措施="长" * 5000))
    assert complaints(book) == [(2, "整改措施")]
    assert "5000 个字" in book.complaints[0].reason


def test_names_of_rare_characters_stay_whole():
    assert only(seen(HEADS, one(责任人="周䶮、邓𬭎"))).owner == "周䶮、邓𬭎"


def test_a_table_with_symptoms_alone_takes_them_for_the_problem():
    heads = ["问题表现", "整改措施", "责任单位", "完成时限"]
    book = seen(heads, ["报销审核不严", "修订办法", "财务处", "2026.9.30"])
    assert (only(book).lead, book.problems[0].text, len(book.notes)) == ("财务处", "报销审核不严", 1)


def test_a_missing_column_is_named_with_other_names_for_it():
    book = seen(["具体问题", "整改措施", "整改时限", "责任人"], ["甲", "乙", "2026.9.30", ""])
    assert ["牵头部门" in said.reason for said in book.complaints] == [True]


def test_a_reading_survives_being_kept():
    book = seen(HEADS, ONE, below(), TWO, one(序号=3, 具体问题="三", 整改时限="尽快"))
    import json

    assert Book.from_data(json.loads(json.dumps(book.as_data()))) == book
