"""视图与筛选菜单: what components/_tabs.html and ledger/_pick.html show."""

from dataclasses import dataclass


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
