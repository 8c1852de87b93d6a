"""检查清单样本: lists of what to check, as data; a check begins with one and changes it freely (三（二）1)."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

DATA = Path(__file__).parent.parent / "data" / "checklists.yaml"


@dataclass(frozen=True)
class Checklist:
    code: str
    name: str
    kind: str
    items: tuple[str, ...]

    @property
    def lines(self) -> str:
        return "\n".join(self.items)


@cache
def checklists() -> dict[str, Checklist]:
    """By code, in the order of the file."""
    read = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return {one["code"]: Checklist(one["code"], one["name"], one["kind"], tuple(one["items"])) for one in read}
