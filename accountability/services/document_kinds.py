"""文种装载: the kinds of document and their templates, from YAML to rows; repeating it changes nothing (三（三）1)."""

from pathlib import Path

import yaml
from django.core.exceptions import ValidationError
from django.db import transaction

from accountability.models import ActKind, DocumentKind, Person
from accountability.models.history import save_as
from accountability.services.prefill import check_template

FIELDS = ("panel", "form", "review", "signing", "number_prefix", "template", "answer_days", "many_a_year")


@transaction.atomic
def load_document_kinds(path: Path, *, by: Person) -> int:
    """装载文种. Returns how many rows were added or changed; raises ValidationError naming the kind and the reason."""
    kinds = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("kinds") or []
    return sum(_load(rank, entry, by=by) for rank, entry in enumerate(kinds, 1))


def _load(rank: int, entry: dict, *, by: Person) -> bool:
    unknown = set(entry) - {"act", *FIELDS}
    act = ActKind.objects.filter(code=entry.get("act")).first()
    if act is None or unknown:
        what = f"有不认识的字段 {'、'.join(sorted(unknown))}" if unknown else "所写的履责方式没有装载"
        raise ValidationError(f"文种 {entry.get('act')}：{what}。")
    kind = DocumentKind.objects.filter(act=act).first() or DocumentKind(act=act)
    before = {name: getattr(kind, name) for name in (*FIELDS, "rank")}
    after = before | {name: entry[name] for name in FIELDS if name in entry} | {"rank": rank}
    if kind.pk and before == after:
        return False
    for name, value in after.items():
        setattr(kind, name, value)
    try:
        check_template(kind.template)
        kind.full_clean()
    except ValidationError as error:
        raise ValidationError([f"文种「{act.name}」：{message}" for message in error.messages]) from error
    save_as(kind, by=by, reason="装载文种")
    return True
