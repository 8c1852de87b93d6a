"""接收设置: what one wants by mail, kind by kind, within what the rules leave free."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from accountability.models import Notice, NoticePreference, Person
from accountability.models.history import save_as

Kind, Way = Notice.Kind, NoticePreference.Way

ORDINARY = (Way.DIGEST, Way.IN_APP)
# 留给本人的选择, the first is the rule.
WAYS = {
    kind: (Way.AT_ONCE, *ORDINARY) if kind == Kind.RETURNED else ORDINARY
    for kind in Kind
    if kind not in Notice.ALWAYS_MAILED
}
HINTS = {
    Kind.REMINDER: "只能关闭到期前的提醒；已逾期的一律发邮件",
    Kind.RETURNED: "您提交的材料被退回，早知道早改",
    Kind.TO_CONFIRM: "等您审核、确认、审定的事项",
    Kind.MEETING: "会议通知、改期和取消",
    Kind.SUPERVISION: "监督、移送、谈话等工作中与您有关的进展",
}


@dataclass(frozen=True)
class Choice:
    """One kind: how it reaches this person, and what he may choose."""

    kind: str
    label: str
    way: str
    ways: tuple[str, ...]
    hint: str = ""

    @property
    def options(self) -> list[tuple[str, str]]:
        return [(way, Way(way).label) for way in self.ways]


def choices_of(person: Person) -> list[Choice]:
    chosen = dict(NoticePreference.objects.filter(person=person).values_list("kind", "way"))
    return [
        Choice(kind, Kind(kind).label, chosen.get(kind, ways[0]), ways, HINTS.get(kind, ""))
        for kind, ways in WAYS.items()
    ]


@transaction.atomic
def prefer(chosen: Mapping[str, str], *, by: Person) -> int:
    """保存接收设置; returns how many kinds changed. What is not named stays."""
    Person.objects.select_for_update().get(pk=by.pk)
    rows = {row.kind: row for row in NoticePreference.objects.filter(person=by)}
    changed = 0
    for kind, way in chosen.items():
        if kind not in WAYS or way not in WAYS[kind]:
            raise ValidationError("有一项设置不在可选范围内，请刷新页面后重选。")
        row = rows.get(kind) or NoticePreference(person=by, kind=kind, way=WAYS[kind][0])
        if row.way != way:
            row.way = way
            save_as(row, by=by, reason="更改接收设置")
            changed += 1
    return changed
