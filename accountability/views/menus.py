"""视图与筛选菜单: what components/_tabs.html and ledger/_pick.html show."""

from dataclasses import dataclass

from accountability.filters import Filter
from accountability.models import Organisation


@dataclass(frozen=True)
class Option:
    """One line of a filter menu or tab."""

    label: str
    url: str
    current: bool
    count: int | None = None


@dataclass(frozen=True)
class Pick:
    """筛选菜单: its label, whether it narrows now, and its options."""

    label: str
    is_on: bool
    options: list[Option]


def tabs_of(
    chosen: Filter, labels: dict[str, str] | None = None, *, by: str = "view", counts: dict[str, int] | None = None
) -> list[Option]:
    """视图: a tab for each view of a list, or for each of ``labels``; ``by`` names the condition that a tab sets."""
    labels, counts = labels or chosen.VIEWS, counts or {}
    return [
        Option(label, chosen.but(**{by: value}).url, value == getattr(chosen, by), counts.get(value))
        for value, label in labels.items()
    ]


def unit_chips(chosen: Filter, user, *names: str) -> list[dict]:
    """已用筛选 of a list that names units: the unit, and the address without that condition."""
    chips = []
    for name in names:
        if pk := getattr(chosen, name):
            unit = Organisation.objects.visible_to(user).select_related("parent").filter(pk=pk).first()
            chips.append({"label": unit.full_name if unit else "单位不存在", "url": chosen.but(**{name: None}).url})
    return chips
