"""会议类型装载: from YAML to rows; repeating it changes nothing (三（一）)."""

from pathlib import Path

import yaml
from django.core.exceptions import ValidationError
from django.db import transaction

from accountability.models import ActKind, Person
from accountability.models.history import save_as
from meetings.models import MeetingKind, RequiredItem

DEFAULT = Path(__file__).parent.parent / "data" / "kinds.yaml"
FIELDS = ("convener", "gathers", "gathers_roles", "asks_trigger", "asks_decisions", "notice_days")
ITEM_FIELDS = ("title", "presenter")


@transaction.atomic
def load_meeting_kinds(path: Path = DEFAULT, *, by: Person) -> int:
    """装载会议类型. Returns how many rows were added or changed; raises ValidationError naming the kind and the reason."""
    kinds = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("kinds") or []
    return sum(_load(rank, entry, by=by) for rank, entry in enumerate(kinds, 1))


def _load(rank: int, entry: dict, *, by: Person) -> int:
    unknown = set(entry) - {"act", "required", *FIELDS}
    act = ActKind.objects.filter(code=entry.get("act"), category=ActKind.Category.MEETING).first()
    if act is None or unknown:
        what = f"有不认识的字段 {'、'.join(sorted(unknown))}" if unknown else "所写的会议没有装载"
        raise ValidationError(f"会议类型 {entry.get('act')}：{what}。")
    kind = MeetingKind.objects.filter(act=act).first() or MeetingKind(act=act)
    changed = _keep(kind, {name: entry[name] for name in FIELDS if name in entry} | {"rank": rank}, by=by)
    wanted = {item["code"]: item for item in entry.get("required") or ()}
    for number, (code, item) in enumerate(wanted.items(), 1):
        row = kind.required_items.filter(code=code).first() or RequiredItem(kind=kind, code=code)
        facts = {name: item[name] for name in ITEM_FIELDS if name in item}
        changed += _keep(row, facts | {"rank": number, "is_dropped": False}, by=by)
    for row in kind.required_items.exclude(code__in=wanted):
        changed += _keep(row, {"is_dropped": True}, by=by)
    return changed


def _keep(row, facts: dict, *, by: Person) -> bool:
    if row.pk and all(getattr(row, name) == value for name, value in facts.items()):
        return False
    for name, value in facts.items():
        setattr(row, name, value)
    try:
        row.full_clean()
    except ValidationError as error:
        raise ValidationError([f"会议类型「{row}」：{message}" for message in error.messages]) from error
    save_as(row, by=by, reason="装载会议类型")
    return True
