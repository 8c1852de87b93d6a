"""问责处理登记表 in Excel; its rows come scoped to the reader (三（二）2)."""

from datetime import date

from accountability.sheets import Table

HEADS = (
    ("编号", 10), ("对象", 22), ("时任岗位", 20), ("问责方式", 12), ("责任区分", 12), ("事由", 36), ("如何发现", 14),
    ("决定机关", 18), ("决定日期", 12), ("文号", 20), ("影响期", 24), ("是否在影响期", 12), ("跟进", 30), ("解除", 20),
)  # fmt: skip


def measures_table(rows, *, on: date) -> Table:
    lines = [_line(row, on) for row in rows]
    title = f"问责处理登记表（{on}，共 {len(lines)} 项）"
    return Table("问责处理", HEADS, lines, title=title, fixed_columns=1)


def _line(row, on: date) -> list:
    ground = "；".join(
        filter(None, [f"{row.duty}" if row.duty else "", f"{row.finding}" if row.finding else "", row.reason])
    )
    period = f"{row.influence_from} 至 {row.influence_until}" if row.influence_from else "无"
    return [
        row.number,
        row.whom,
        row.post.full_title if row.post else "",
        row.kind.name,
        row.get_liability_display(),
        ground,
        row.get_disclosure_display(),
        row.decided_by_body,
        row.decided_on,
        row.document_number,
        period,
        row.counts_on(on),
        f"{row.followed_on} {row.follow_up}" if row.followed_on else row.follow_up_on,
        f"{row.lifted_on} {row.lift_reason}" if row.lifted_on else "",
    ]
