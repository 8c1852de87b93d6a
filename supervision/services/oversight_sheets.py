"""监督记录、专项检查、监督评价的表格: what the list shows under its filter, as Excel (二（二）)."""

from collections.abc import Iterable

from django.utils import timezone

from accountability.sheets import Table
from supervision.models import CheckUnit, Oversight, RecordEvaluation, SpecialCheck

OVERSIGHT_HEADS = (
    ("日期", 12), ("监督记录", 40), ("类别", 18), ("监督来源", 12), ("监督主体", 16), ("被监督单位", 30),
    ("反馈意见", 40), ("状态", 12), ("办结日期", 12), ("录入人", 10),
)  # fmt: skip
EVALUATION_HEADS = (
    ("评价日期", 12), ("履责记录", 40), ("履责方式", 18), ("单位", 18), ("岗位", 18), ("发生日期", 12), ("评价", 10),
    ("评价意见", 50), ("评价人", 10), ("是否更正", 10),
)  # fmt: skip


def oversights_table(rows: Iterable[Oversight]) -> Table:
    return Table("监督记录", OVERSIGHT_HEADS, (_oversight(row) for row in rows))


def _oversight(row: Oversight) -> tuple:
    record = row.record
    return (
        record.happened_on,
        record.title,
        row.get_kind_display(),
        row.get_source_display(),
        record.organisation.full_name,
        "、".join(unit.name for unit in row.organisations),
        row.feedback,
        row.get_state_display(),
        row.settled_on,
        record.entered_by.name,
    )


def evaluations_table(rows: Iterable[RecordEvaluation]) -> Table:
    return Table("监督评价", EVALUATION_HEADS, (_evaluation(row) for row in rows))


def _evaluation(row: RecordEvaluation) -> tuple:
    record = row.record
    return (
        timezone.localdate(row.evaluated_at),
        record.title,
        record.act.name,
        record.organisation.full_name,
        record.post.full_title if record.post else "",
        record.happened_on,
        row.get_grade_display(),
        row.words,
        row.evaluated_by.name,
        row.supersedes_id is not None,
    )


def check_table(check: SpecialCheck, units: Iterable[CheckUnit]) -> Table:
    """检查表: one line per unit and item; without results it is the sheet to take along. ``units`` come scoped."""
    heads = (
        ("受检单位", 20),
        ("序号", 6),
        ("检查内容", 60),
        ("结果", 10),
        ("检查情况", 50),
        ("检查人", 10),
        ("材料", 8),
    )
    items = list(check.items.all())
    return Table("专项检查表", heads, (line for unit in units for line in _lines(unit, items)))


def _lines(unit: CheckUnit, items) -> Iterable[tuple]:
    answers = {one.item_id: one for one in unit.answers.all()}
    for item in items:
        one = answers.get(item.pk)
        told = (
            (one.get_answer_display(), one.words, one.answered_by.name, len(one.papers.all()))
            if one
            else ("", "", "", "")
        )
        yield (unit.organisation.full_name, item.rank, item.text, *told)
