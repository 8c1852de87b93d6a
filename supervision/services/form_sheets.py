"""四种形态登记簿 as a workbook, for who is admitted."""

from collections.abc import Iterable

from accountability.sheets import Table
from supervision.models import FormEntry

HEADS = (
    ("序号", 7), ("形态", 12), ("处置方式", 22), ("对象", 10), ("姓名或党组织", 20), ("单位", 22), ("决定机关", 22),
    ("决定日期", 12), ("文号", 24), ("备注", 28), ("登记人", 10), ("复核人", 10), ("状态", 12),
)  # fmt: skip


def register_table(rows: Iterable[FormEntry], *, note: str) -> Table:
    """``rows`` come scoped and filtered."""
    lines, name = (_row(number, row) for number, row in enumerate(rows, 1)), "四种形态登记"
    return Table(name, HEADS, lines, title=name, note=note)


def _row(number: int, row: FormEntry) -> list:
    return [
        number,
        row.get_form_display(),
        row.measure.name,
        row.get_target_display(),
        row.target_name,
        row.organisation.full_name,
        row.decided_by,
        row.decided_on,
        row.document_number,
        row.notes,
        row.entered_by.name,
        row.checked_by.name if row.checked_by else "待复核",
        row.get_state_display(),
    ]
