"""定级规则: loaded from YAML, edited in the admin; after every change the points are graded anew (三（四）2)."""

from pathlib import Path

import yaml
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accountability.models import Notice, Organisation, Person
from accountability.models.history import save_as
from accountability.services.notices import notify, people_with
from inspections.models import Level, LevelRule, RiskChange, RiskFactor, RiskPoint
from inspections.risk_grading import Grading

DEFAULT = Path(__file__).parent.parent / "data" / "risk-rules.yaml"
REASON = "定级规则调整"


@transaction.atomic
def load_risk_rules(path: Path = DEFAULT, *, by: Person) -> int:
    """装载定级规则. Returns how many rows were added or changed."""
    data = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    levels, factors = data.get("levels") or [], data.get("factors") or []
    changed = sum(_keep(LevelRule, "level", entry, by=by) for entry in levels)
    changed += sum(_keep(RiskFactor, "code", entry | {"rank": rank}, by=by) for rank, entry in enumerate(factors, 1))
    if changed:
        regrade(by=by)
    return changed


def _keep(model, key: str, entry: dict, *, by: Person) -> bool:
    names = {column.name for column in model._meta.concrete_fields} - {"id"}
    if unknown := set(entry) - names:
        raise ValidationError(f"{model._meta.verbose_name}：有不认识的字段 {'、'.join(sorted(unknown))}。")
    row = model.objects.filter(**{key: entry.get(key)}).first() or model()
    if row.pk and all(getattr(row, name) == value for name, value in entry.items()):
        return False
    for name, value in entry.items():
        setattr(row, name, value)
    try:
        row.full_clean()
    except ValidationError as error:
        words = [f"{model._meta.verbose_name} {entry.get(key)}：{message}" for message in error.messages]
        raise ValidationError(words) from error
    save_as(row, by=by, reason="装载定级规则")
    return True


@transaction.atomic
def regrade(*, by: Person) -> int:
    """重新定级: every point that is not gone, by the rule as it stands now. Returns how many are of another level.

    A point the rule says nothing about (all its kinds were dropped) keeps its level until somebody looks at it.
    """
    grading = Grading()
    points = RiskPoint.objects.exclude(state__in=(RiskPoint.State.RETIRED, RiskPoint.State.WITHDRAWN))
    changed: dict[int, int] = {}
    for point in points.select_for_update(of=("self",)).select_related("organisation").order_by("pk"):
        level = grading.level_of(point.factor_codes)
        if level is not None and level != point.level:
            _grade_anew(point, level, grading, by=by)
            changed[point.organisation_id] = changed.get(point.organisation_id, 0) + 1
    for change in RiskChange.objects.select_for_update(of=("self",)).filter(state=RiskChange.State.ASKED):
        level = grading.level_of(change.factor_codes)
        if change.kind != RiskChange.Kind.RETIRE and level is not None and level != change.level:
            change.level = level
            save_as(change, by=by, reason=REASON)
    _tell(changed)
    return sum(changed.values())


def _grade_anew(point: RiskPoint, level: int, grading: Grading, *, by: Person) -> None:
    before, point.level = point.level, level
    point.owner = grading.owner_of(point.organisation, level)
    save_as(point, by=by, reason=REASON)
    if point.state != RiskPoint.State.IN_USE:
        return
    content = ("power_item", "category", "key_area", "text", "manifestation", "factors", "level", "measures")
    change = RiskChange(
        **{name: getattr(point, name) for name in content},
        point=point,
        kind=RiskChange.Kind.RULE,
        state=RiskChange.State.CONFIRMED,
        reason=REASON,
        level_before=before,
        measures_before=point.measures,
        asked_by=by,
        asked_at=timezone.now(),
        effective_on=timezone.localdate(),
    )
    save_as(change, by=by, reason=REASON)
    _follow_asked(point, before, level, by=by)


def _follow_asked(point: RiskPoint, before: int, level: int, *, by: Person) -> None:
    """What waits to be confirmed speaks of the level as it is now."""
    for asked in point.changes.filter(state=RiskChange.State.ASKED, level_before=before):
        asked.level_before = level
        if asked.kind == RiskChange.Kind.RETIRE:
            asked.level = level
        save_as(asked, by=by, reason=REASON)


def _tell(changed: dict[int, int]) -> None:
    for organisation in Organisation.objects.filter(pk__in=changed):
        notify(
            people_with("confirm_record", organisation),
            kind=Notice.Kind.INSPECTION,
            title=f"定级规则调整，{organisation.name}有 {changed[organisation.pk]} 个廉政风险点等级变化",
            url=f"/risks/?unit={organisation.pk}&change=level&year={timezone.localdate().year}",
        )


def rule_words() -> str:
    """规则 in a sentence, for forms and the map."""
    rules = list(LevelRule.objects.order_by("-level"))
    parts = [f"{rule.least} 种及以上为{rule}" for rule in rules]
    for level in Level:
        lifting = [factor.name for factor in RiskFactor.objects.filter(lifts_to=level, is_dropped=False)]
        if lifting:
            parts.append(f"有{'、'.join(lifting)}之一的，定为{level.label}")
    return "；".join(parts) + "。" if parts else "尚未设定定级规则。"
