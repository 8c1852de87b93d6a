"""监督工作: what the rooms did in the year, group by group; each number opens its rows (二（二）, 三（二）, 四（四）).

Rooms register figures; a figure that is no check is shown here. Which group it stands in is told by name.
"""

from dataclasses import dataclass

from supervision.board.indicators import Told
from supervision.records.filters import SOURCES

GROUPS = {
    "监督文书": ("letters_issued", "letters_poor"),
    "监督记录": tuple(f"oversight_{source}" for source in SOURCES),
    "谈话": ("talks", "talks_late", "talks_unconfirmed"),
    "四种形态": ("four_forms_1", "four_forms_2", "four_forms_3", "four_forms_4", "four_forms"),
    "廉政档案和廉洁意见": ("archives", "archives_stale", "opinions_waiting"),
    "评价、考核和问责": ("disapproved", "sheets_unsaid", "accountability_measures"),
    "形式主义提示": ("hints_confirmed",),
}


@dataclass(frozen=True)
class Group:
    """一组. What is nought stays quiet beside what is not."""

    name: str
    told: list[Told]


def work(told: dict[str, Told]) -> list[Group]:
    """Groups with what their reader may know of; a group he may know nothing of is not there."""
    groups = [Group(name, [told[each] for each in names if each in told]) for name, names in GROUPS.items()]
    return [group for group in groups if group.told]
