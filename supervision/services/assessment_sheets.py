"""考核的导出: the whole table in Excel, one sheet as a paper, the lists of results; all as their reader sees them (四（四）)."""

from decimal import Decimal

from django.conf import settings

from accountability import sheets
from accountability.models import Person
from accountability.papers.blocks import Block, Heading, Paragraph, Table
from accountability.papers.sheet import Sheet, render_pdf
from supervision.assessment.filters import ResultFilter
from supervision.assessment.reading import WITHHELD, SeenLine, SeenSheet, seen, seen_all
from supervision.assessment.rules import plain
from supervision.models import Assessment, AssessmentSheet, Purpose, ScoreLine

TOTALS = (
    ("序号", 6),
    ("考核对象", 28),
    ("自评", 10),
    ("系统得分", 10),
    ("自评分", 10),
    ("评议分", 10),
    ("最终得分", 10),
    ("等次", 8),
)
BY_ITEM = (
    ("考核对象", 24), ("类别", 8), ("考核项目", 18), ("分值", 7), ("系统得分", 9), ("系统得分说明", 40), ("自评分", 8),
    ("自评说明", 30), ("评议分", 8), ("评议说明", 30), ("最终得分", 9), ("异议", 12),
)  # fmt: skip
RESULTS = (
    ("年度", 7), ("考核对象", 28), ("类别", 10), ("最终得分", 10), ("等次", 8), ("影响期内的问责处理", 40), ("不宜用于", 26),
)  # fmt: skip


def _cell(value: Decimal | None, is_withheld: bool = False):
    return WITHHELD if is_withheld else value


def _seen_of(assessment: Assessment, user: Person) -> list[SeenSheet]:
    return seen_all(AssessmentSheet.objects.visible_to(user).filter(assessment=assessment).for_list(), user)


def tables_of(assessment: Assessment, user: Person) -> list[sheets.Table]:
    """全表: totals on one sheet, every item of everybody on the next."""
    seen_by_him = _seen_of(assessment, user)
    about = f"{assessment}（{assessment.get_state_display()}，数据截至 {assessment.counted_on}）"
    totals = (_total_line(number, one) for number, one in enumerate(seen_by_him, 1))
    objected = set(
        ScoreLine.objects.filter(sheet__assessment=assessment, objections__isnull=False).values_list("pk", flat=True)
    )
    items = (_item_line(one, line, objected) for one in seen_by_him for line in one.lines)
    tables = [
        sheets.Table("总表", TOTALS, totals, title=about, fixed_columns=1),
        sheets.Table("逐项", BY_ITEM, items, title=about, fixed_columns=1),
    ]
    if assessment.is_frozen:
        note = [("审定", f"{assessment.approved_by.name} {assessment.approved_on}"), ("结果校验值", assessment.sha256)]
        tables.append(sheets.Table("审定", (("事项", 14), ("内容", 70)), note, title=f"{assessment}"))
    return tables


def _total_line(number: int, one: SeenSheet) -> list:
    sheet, hidden = one.sheet, one.is_withheld
    scores = [_cell(value, hidden) for value in (one.system_total, one.self_total, one.human_total, one.final_total)]
    return [number, sheet.name, sheet.get_self_state_display(), *scores, sheet.grade]


def _item_line(one: SeenSheet, line: SeenLine, objected: set[int]) -> list:
    hidden = line.is_withheld
    return [
        one.sheet.name,
        line.item.group,
        line.item.title,
        line.item.points,
        _cell(line.system_points, hidden),
        WITHHELD if hidden else line.system_words,
        _cell(line.self_points, hidden),
        line.self_words,
        _cell(line.human_points, hidden),
        line.human_words,
        _cell(line.final_points, hidden),
        "有异议" if line.line.pk in objected else "",
    ]


def results_table(chosen: ResultFilter, results, user: Person) -> sheets.Table:
    """结果运用名单."""
    totals = {one.sheet.pk: one for one in seen_all([result.sheet for result in results], user)}
    lines = [_result_line(result, totals[result.sheet.pk]) for result in results]
    purpose = Purpose(chosen.purpose).label if chosen.purpose else "考核结果运用"
    return sheets.Table("名单", RESULTS, lines, title=f"{purpose}名单（共 {len(lines)} 个）", fixed_columns=1)


def _result_line(result, one: SeenSheet) -> tuple:
    sheet = result.sheet
    return (
        sheet.assessment.scheme.work_year_id,
        sheet.name,
        sheet.assessment.scheme.get_kind_display(),
        _cell(one.final_total, one.is_withheld),
        sheet.grade,
        "；".join(f"{row.kind}，至 {row.influence_until}" for row in result.measures),
        result.barred_words,
    )


# ── 考核表 ───────────────────────────────────────────────────────────────────────────────────


def pdf_of(sheet: AssessmentSheet, user: Person) -> bytes:
    """一张考核表 as a paper, set on the spot; marked 草稿 until the result is approved."""
    return render_pdf(paper_of(sheet, user)).content


def paper_of(sheet: AssessmentSheet, user: Person) -> Sheet:
    assessment = sheet.assessment
    one = seen(sheet, user)
    return Sheet(
        form="plain",
        title=f"{sheet.name}{assessment.scheme.work_year_id}年度落实全面从严治党责任考核表",
        blocks=tuple(_blocks(sheet, one)),
        signed_by_line=f"中共{settings.UNIVERSITY_NAME}委员会",
        dated_on=assessment.approved_on,
        is_draft=not assessment.is_frozen,
    )


def _blocks(sheet: AssessmentSheet, one: SeenSheet) -> list[Block]:
    assessment = sheet.assessment
    blocks: list[Block] = [Heading(1, "一、考核结果"), Paragraph(_result_words(sheet, one))]
    if sheet.self_words:
        blocks += [
            Heading(1, "二、自评总体情况"),
            *(Paragraph(text) for text in sheet.self_words.splitlines() if text.strip()),
        ]
    blocks.append(Heading(1, f"{'三' if sheet.self_words else '二'}、逐项得分"))
    header = ("考核项目", "分值", "系统", "自评", "评议", "最终")
    blocks.append(Table(header, tuple(_scores(line) for line in one.lines if line.item.points)))
    blocks.append(Heading(1, f"{'四' if sheet.self_words else '三'}、得分说明"))
    for number, line in enumerate((line for line in one.lines if line.item.points), 1):
        blocks.append(Paragraph(f"{number}.{line.item.title}。{_why(line)}"))
    blocks.append(
        Paragraph(f"系统得分的数据截至{_day(assessment.counted_on)}，依据校验值{assessment.inputs_sha256[:16]}。")
    )
    if assessment.is_frozen:
        blocks.append(Paragraph(f"全部结果校验值{assessment.sha256[:16]}。"))
    return blocks


def _day(day) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _number(value: Decimal | None, is_withheld: bool = False) -> str:
    return WITHHELD if is_withheld else ("—" if value is None else plain(value))


def _scores(line: SeenLine) -> tuple[str, ...]:
    hidden = line.is_withheld
    return (
        line.item.title,
        plain(line.item.points),
        _number(line.system_points, hidden),
        _number(line.self_points, hidden),
        _number(line.human_points, hidden),
        _number(line.final_points, hidden),
    )


def _why(line: SeenLine) -> str:
    if line.is_withheld:
        return "本项内容限定范围，不予列明。"
    told = [f"{line.system_words}。" if line.system_words else ""]
    if line.self_words:
        told.append(f"自评：{line.self_words.rstrip('。')}。")
    if line.human_words:
        told.append(f"评议：{line.human_words.rstrip('。')}。")
    return "".join(told)


def _result_words(sheet: AssessmentSheet, one: SeenSheet) -> str:
    hidden = one.is_withheld
    words = f"考核对象：{sheet.name}。系统得分{_number(one.system_total, hidden)}分"
    if one.self_total is not None:
        words += f"，自评{plain(one.self_total)}分"
    if one.final_total is not None or (hidden and one.sees_review):
        words += f"，评议{_number(one.human_total, hidden)}分，最终得分{_number(one.final_total, hidden)}分"
    if sheet.grade:
        words += f"，等次为“{sheet.grade}”" + ("（一票否决）" if sheet.is_vetoed else "")
    return words + "。"
