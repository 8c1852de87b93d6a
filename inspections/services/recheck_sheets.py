"""抽查表: the sample as a sheet to take on the spot, and with its results (三（四）1)."""

from accountability.sheets import Table
from inspections.models import Recheck, RecheckItem

OF_FINDING = (("签序", 6), ("编号", 13), ("责任单位", 16), ("问题", 38), ("重点", 7), ("销号日期", 12))
TO_FILL = (("核查结果", 12), ("核查情况", 44), ("整改要求", 28), ("核查日期", 12), ("地点", 18), ("核查人", 12))


def recheck_table(recheck: Recheck, items: list[RecheckItem], *, filled: bool) -> Table:
    """``filled``: with what was recorded; otherwise the columns of results stay blank. ``items`` come scoped."""
    name = "抽查结果" if filled else "现场核查表"
    return Table(
        name,
        (*OF_FINDING, *TO_FILL),
        ((*_of_finding(item), *(_of_result(item) if filled else [""] * len(TO_FILL))) for item in items),
        title=f"{recheck}{'结果' if filled else name}（{recheck.scope_words}）",
        note=f"种子 {recheck.seed}　候选 {len(recheck.frame)} 个　抽取 {len(items)} 个",
    )


def _of_finding(item: RecheckItem) -> list:
    finding = item.finding
    return [
        item.rank,
        finding.number,
        finding.organisation.full_name,
        finding.text,
        finding.is_focus,
        finding.closed_on,
    ]


def _of_result(item: RecheckItem) -> list:
    told = [item.get_result_display() or "未核查", item.words, item.requirement]
    return [*told, item.checked_on, item.place, item.checked_by.name if item.checked_by else ""]
