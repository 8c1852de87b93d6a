"""移送事项的表格和移送单: for who sees the item; numbers only for who knows it whole (三（二）3)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from accountability.papers.blocks import parse
from accountability.papers.sheet import Sheet, render_pdf
from accountability.sheets import Table
from supervision.models import Clue, ClueItem

if TYPE_CHECKING:
    from accountability.papers.printing import Paper

HEADS = (
    ("编号", 18), ("方向", 12), ("移送日期", 12), ("监督来源", 12), ("类别", 16), ("涉及单位", 18), ("状态", 12),
    ("接收人", 40), ("已答复", 8), ("办理结果", 18), ("办结日期", 12),
)  # fmt: skip


def clues_table(clues: Iterable[Clue]) -> Table:
    """The register without the words: a file travels further than a page."""
    return Table("移送事项", HEADS, (_clue(row) for row in clues))


def _clue(row: Clue) -> tuple:
    items = [item for item in row.items.all() if item.state != ClueItem.State.RECALLED]
    return (
        row.number,
        row.get_direction_display(),
        row.sent_on,
        row.get_source_display(),
        row.get_category_display(),
        row.organisation.name if row.organisation else "",
        row.get_state_display(),
        "、".join(f"{item.post.full_title}{item.person.name}" for item in items),
        sum(item.state in ClueItem.TOLD for item in items),
        row.get_result_display(),
        row.closed_on,
    )


def slip_of(item: ClueItem) -> "Paper":
    """移送单: what one recipient is asked, to be kept with his papers. It names no other recipient."""
    clue = item.clue
    lines = [
        f"接收人：{item.post.full_title}{item.person.name}",
        f"监督来源：{clue.get_source_display()}",
        f"类别：{clue.get_category_display()}",
        *([f"涉及单位：{clue.organisation.name}"] if clue.organisation else []),
        f"移送事项：{clue.words}",
        f"请协助：{item.asked}",
        f"答复期限：{item.due_on.year}年{item.due_on.month}月{item.due_on.day}日",
    ]
    if item.answer:
        lines.append(
            f"答复（{item.answered_on.year}年{item.answered_on.month}月{item.answered_on.day}日）：{item.answer}"
        )
    lines.append("本单只供接收人本人办理使用，不得复制、转发；不记录线索细节，细节由移送人当面说明。")
    return render_pdf(
        Sheet(
            form="plain",
            title="监督线索移送单",
            blocks=tuple(parse("\n".join(lines))),
            signed_by_line=f"{settings.UNIVERSITY_NAME}纪委",
            dated_on=timezone.localdate(item.named_at),
        )
    )
