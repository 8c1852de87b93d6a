"""考核方案: drafted from the file or last year's, edited item by item, proposed, approved by another (四（四）)."""

from decimal import Decimal
from pathlib import Path

import yaml
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accountability.models import Notice, Organisation, Person, Role, Tenure
from accountability.models.history import save_as
from accountability.services.notices import notify, people_with
from accountability.services.records import open_work_year
from supervision.assessment.access import prepares
from supervision.assessment.rules import BONUSES, check_rule, form_of
from supervision.assessment.workflow import SCHEME_TRANSITIONS
from supervision.models import AssessedKind, Purpose, Scheme, SchemeItem
from supervision.models.schemes import FULL

DEFAULT = Path(__file__).parent.parent / "data" / "assessment-2026.yaml"
S = Scheme.State
PREPARERS = "考核方案由纪委拟订。"


def _only_preparers(by: Person) -> None:
    if not prepares(by):
        raise PermissionDenied(PREPARERS)


# ── 拟订 ─────────────────────────────────────────────────────────────────────────────────────


def read_schemes(path: Path = DEFAULT) -> dict[str, dict]:
    """The schemes of a file by kind; refused in words when the file is not what it should be."""
    data = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    found = {entry.get("kind"): entry for entry in data.get("schemes") or []}
    if unknown := set(found) - set(AssessedKind.values):
        raise ValidationError(f"考核方案文件中有不认识的考核对象 {'、'.join(map(str, unknown))}。")
    return found


@transaction.atomic
def draft_scheme(*, by: Person, year: int, kind: str, like: Scheme | None = None, path: Path = DEFAULT) -> Scheme:
    """拟订 for a working year, from last year's scheme or else from the file."""
    _only_preparers(by)
    return _draft(by=by, year=year, kind=kind, entry=_entry_of(like) if like else read_schemes(path).get(kind))


@transaction.atomic
def load_schemes(path: Path = DEFAULT, *, year: int, by: Person) -> int:
    """装载考核方案: drafts for the kinds that have none yet in that year. Returns how many were made."""
    entries = read_schemes(path)
    missing = [kind for kind in entries if not Scheme.objects.filter(work_year=year, kind=kind).exists()]
    for kind in missing:
        _draft(by=by, year=year, kind=kind, entry=entries[kind])
    return len(missing)


def _entry_of(scheme: Scheme) -> dict:
    columns = ("group", "title", "standard", "points", "rule")
    return {
        "title": scheme.title.removeprefix(f"{scheme.work_year_id}"),
        **{name: getattr(scheme, name) for name in ("guidance", "grades", "objection_days", "answer_days")},
        "items": [{name: getattr(item, name) for name in columns} for item in scheme.items.filter(is_dropped=False)],
    }


def _draft(*, by: Person, year: int, kind: str, entry: dict | None) -> Scheme:
    work_year = open_work_year(year)
    if kind not in AssessedKind.values or entry is None:
        raise ValidationError({"kind": "请选择考核对象。"})
    if Scheme.objects.filter(work_year=year, kind=kind).exists():
        raise ValidationError({"kind": f"{year} 年度已有{AssessedKind(kind).label}的考核方案，请打开修改。"})
    scheme = Scheme(
        work_year=work_year,
        kind=kind,
        title=f"{year}{entry['title']}",
        guidance=entry.get("guidance", "").strip(),
        grades=checked_grades(entry["grades"]),
        objection_days=entry.get("objection_days", 5),
        answer_days=entry.get("answer_days", 5),
        prepared_by=by,
        edited_by=by,
        prepared_at=timezone.now(),
    )
    scheme.full_clean()
    save_as(scheme, by=by, reason="拟订考核方案")
    for rank, fields in enumerate(entry["items"], 1):
        _keep(SchemeItem(scheme=scheme, rank=rank), by=by, reason="拟订考核方案", **fields)
    return scheme


def _keep(
    item: SchemeItem, *, by: Person, reason: str, group: str, title: str, standard: str, points, rule=None
) -> None:
    rule = rule or {}
    try:
        check_rule(rule, item.scheme.kind, [grade["name"] for grade in item.scheme.grades])
    except ValidationError as error:
        raise ValidationError({"rule": [f"{title}：{words}" for words in error.messages]}) from error
    item.group, item.title, item.standard = group.strip(), title.strip(), standard.strip()
    item.points, item.rule, item.is_bonus = Decimal(str(points)), rule, form_of(rule) in BONUSES
    if form_of(rule) == "veto" and item.points:
        raise ValidationError({"points": "一票否决的项目不设分值，请填 0。"})
    if form_of(rule) != "veto" and not item.points:
        raise ValidationError({"points": "请填写大于 0 的分值。"})
    item.full_clean()
    save_as(item, by=by, reason=reason)


def checked_grades(grades: list[dict]) -> list[dict]:
    """等次: names once, falling scores, the last from 0, purposes that exist."""
    names = [grade["name"] for grade in grades]
    least = [Decimal(str(grade["least"])) for grade in grades]
    if len(grades) < 2 or len(set(names)) != len(names) or not all(0 < len(name) <= 10 for name in names):
        raise ValidationError({"grades": "至少有两个等次，名称不重复，每个不超过 10 个字。"})
    if sorted(set(least), reverse=True) != least or least[-1] != 0 or least[0] > 120:
        raise ValidationError({"grades": "等次按最低分从高到低填写，最后一个从 0 分起。"})
    if any(set(grade.get("bars", [])) - set(Purpose.values) for grade in grades):
        raise ValidationError({"grades": "结果运用请填年度考核、评先评优、选拔任用。"})
    return [
        {"name": grade["name"], "least": float(grade["least"]), "bars": list(grade.get("bars", []))} for grade in grades
    ]


def _drafting(scheme: Scheme, *, by: Person) -> Scheme:
    _only_preparers(by)
    scheme = Scheme.objects.select_for_update(of=("self",)).get(pk=scheme.pk)
    if not scheme.may_change:
        raise ValidationError(f"方案当前是「{scheme.get_state_display()}」，不能修改；启用之前可以退回修改。")
    return scheme


def _touched(scheme: Scheme, *, by: Person, reason: str) -> Scheme:
    scheme.edited_by = by
    save_as(scheme, by=by, reason=reason)
    return scheme


@transaction.atomic
def edit_scheme(
    scheme: Scheme, *, by: Person, title: str, guidance: str, grades: list[dict], objection_days: int, answer_days: int
) -> Scheme:
    """修改 title, words, grades and days."""
    scheme = _drafting(scheme, by=by)
    scheme.title, scheme.guidance, scheme.grades = title.strip(), guidance.strip(), checked_grades(grades)
    scheme.objection_days, scheme.answer_days = objection_days, answer_days
    scheme.full_clean()
    return _touched(scheme, by=by, reason="修改考核方案")


@transaction.atomic
def add_item(scheme: Scheme, *, by: Person, **fields) -> SchemeItem:
    scheme = _drafting(scheme, by=by)
    last = scheme.items.order_by("-rank").values_list("rank", flat=True).first() or 0
    item = SchemeItem(scheme=scheme, rank=last + 1)
    _keep(item, by=by, reason="增加考核项目", **fields)
    _touched(scheme, by=by, reason=f"增加考核项目：{item.title}")
    return item


@transaction.atomic
def edit_item(item: SchemeItem, *, by: Person, **fields) -> SchemeItem:
    scheme = _drafting(item.scheme, by=by)
    item = SchemeItem.objects.select_for_update(of=("self",)).get(pk=item.pk, is_dropped=False)
    item.scheme = scheme
    _keep(item, by=by, reason="修改考核项目", **fields)
    _touched(scheme, by=by, reason=f"修改考核项目：{item.title}")
    return item


@transaction.atomic
def drop_item(item: SchemeItem, *, by: Person) -> SchemeItem:
    """删去: the row stays for the history, it is no longer part of the scheme."""
    scheme = _drafting(item.scheme, by=by)
    item = SchemeItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    if item.is_dropped:
        raise ValidationError("这个考核项目已经删去。")
    item.is_dropped = True
    save_as(item, by=by, reason="删去考核项目")
    _touched(scheme, by=by, reason=f"删去考核项目：{item.title}")
    return item


# ── 送审、审定 ───────────────────────────────────────────────────────────────────────────────


def lacking_for_proposal(scheme: Scheme) -> list[str]:
    lacking = []
    if scheme.weight != FULL:
        lacking.append(f"各项分值（不含加分）合计 {scheme.weight.normalize():f} 分，应为 {FULL} 分。")
    if not scheme.items.filter(is_dropped=False).exists():
        lacking.append("方案还没有考核项目。")
    names = {grade["name"] for grade in scheme.grades}
    vetoes = [item for item in scheme.items.filter(is_dropped=False) if item.is_veto]
    lacking += [
        f"「{item.title}」的等次「{item.rule['grade']}」不在等次之列。"
        for item in vetoes
        if item.rule["grade"] not in names
    ]
    return lacking


@transaction.atomic
def perform(scheme: Scheme, name: str, *, by: Person, reason: str = "") -> Scheme:
    """办理. Raises ValidationError or PermissionDenied in Chinese and writes nothing then."""
    transition = SCHEME_TRANSITIONS[name]
    scheme = Scheme.objects.select_for_update(of=("self",)).get(pk=scheme.pk)
    reason = transition.checked(scheme, by=by, reason=reason)
    today = timezone.localdate()
    if name == "propose":
        if lacking := lacking_for_proposal(scheme):
            raise ValidationError(lacking)
        scheme.proposed_by, scheme.proposed_on, scheme.returned_reason = by, today, ""
    elif name == "approve":
        scheme.approved_by, scheme.approved_on = by, today
    else:
        scheme.returned_reason = reason[:500]
        scheme.proposed_by = scheme.proposed_on = scheme.approved_by = scheme.approved_on = None
    scheme.state = transition.target
    save_as(scheme, by=by, reason=f"{transition.label}：{reason}" if reason else transition.label)
    _tell(scheme, name, by=by)
    return scheme


def secretaries() -> list[Person]:
    """党委书记 in office today."""
    held = Tenure.objects.in_office(timezone.localdate()).filter(post__role=Role.SECRETARY)
    return list(Person.objects.filter(pk__in=held.values("person"), is_active=True))


def commission() -> list[Person]:
    return people_with("supervise", Organisation.objects.get(kind=Organisation.Kind.SCHOOL))


def _tell(scheme: Scheme, name: str, *, by: Person) -> None:
    url = reverse("scheme", args=[scheme.pk])
    if name == "propose":
        notify(secretaries(), kind=Notice.Kind.TO_CONFIRM, title=f"考核方案待审定：{scheme.title}", url=url)
    elif scheme.edited_by_id != by.pk:
        kind = Notice.Kind.ACCEPTED if name == "approve" else Notice.Kind.RETURNED
        words = f"{SCHEME_TRANSITIONS[name].label}：{scheme.title}"
        notify([scheme.edited_by], kind=kind, title=words, body=scheme.returned_reason[:300], url=url)
