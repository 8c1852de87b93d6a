"""提示的表格: the hints of a filter (四（三）)."""

from collections.abc import Iterable

from accountability.sheets import Table
from supervision.models import Hint

HEADS = (
    ("类别", 20), ("单位", 20), ("另一单位", 20), ("工作年度", 10), ("依据", 70), ("发现时间", 18), ("状态", 10),
    ("查看人", 10), ("查看时间", 18), ("查看意见", 40),
)  # fmt: skip


def hints_table(hints: Iterable[Hint]) -> Table:
    return Table("形式主义提示", HEADS, (_line(hint) for hint in hints))


def _line(hint: Hint) -> tuple:
    return (
        hint.get_kind_display(),
        hint.organisation.full_name,
        hint.other.full_name if hint.other else "",
        hint.work_year_id,
        hint.why,
        hint.found_at,
        hint.get_state_display(),
        hint.decided_by.name if hint.decided_by else "",
        hint.decided_at,
        hint.words,
    )
