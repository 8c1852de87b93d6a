"""四种形态登记: enter, check, correct, withdraw; and the measures, which are data (二（二）).

It records what competent bodies decided. Nothing here decides, and nobody but the admitted sees a row.
"""

from pathlib import Path

import yaml
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accountability.models import Person
from accountability.models.history import save_as
from accountability.own_pages import Occasion, OwnPage, recorded_elsewhere
from supervision.access import admitted
from supervision.models import FormEntry, FormMeasure, Secret

DEFAULT = Path(__file__).parent.parent / "data" / "form-measures.yaml"
ACT = "four-forms"
REASON_AT_LEAST = 4
KEEPERS = "四种形态由纪委获准知悉的同志登记和查阅。"
FACTS = (
    "target", "person", "person_name", "organisation", "measure", "decided_by", "decided_on", "document_number", "notes"
)  # fmt: skip


def _where_to_record(occasion: Occasion) -> str:
    return reverse("four_form_new")


# An ordinary record of this act would name the person to the whole school.
recorded_elsewhere(ACT, OwnPage("", _where_to_record, lambda record: ""))


def may_keep(user: Person) -> bool:
    return admitted(user, Secret.FORM)


def _only_keepers(by: Person) -> None:
    if not may_keep(by):
        raise PermissionDenied(KEEPERS)


def _fill(row: FormEntry, facts: dict, *, by: Person) -> None:
    for name in FACTS:
        value = facts.get(name, "" if name in ("person_name", "notes") else None)
        setattr(row, name, value.strip() if isinstance(value, str) else value)
    _check(row, by)
    row.form, row.year = row.measure.form, row.decided_on.year


def _check(row: FormEntry, by: Person) -> None:
    errors = {}
    if row.target == FormEntry.Target.PERSON and not row.person and not row.person_name:
        errors["person"] = "请选择人员；名单里没有的，填写姓名。"
    if row.person and row.person_name:
        errors["person_name"] = "已选择人员的，不再填写姓名。"
    if row.target == FormEntry.Target.ORGANISATION and (row.person or row.person_name):
        errors["target"] = "对象是党组织的，不填人员。"
    if row.person == by:
        errors["person"] = "不能登记本人，请由其他获准知悉的同志登记。"
    if row.decided_on > timezone.localdate():
        errors["decided_on"] = "决定日期不能晚于今天。"
    if errors:
        raise ValidationError(errors)


@transaction.atomic
def enter(*, by: Person, **facts) -> FormEntry:
    """登记 what was decided elsewhere."""
    _only_keepers(by)
    if facts["measure"].is_dropped:
        raise ValidationError({"measure": "这种处置方式已停用，请选择其他方式。"})
    row = FormEntry(entered_by=by, entered_at=timezone.now())
    _fill(row, facts, by=by)
    _refuse_twice(row)
    row.full_clean()
    save_as(row, by=by, reason="登记")
    return row


def _refuse_twice(row: FormEntry) -> None:
    """The same measure under the same document is one, of a person of the system, a name or an organisation."""
    whom = {"target": row.target, "person": row.person, "person_name": row.person_name}
    same = FormEntry.objects.standing().filter(
        document_number=row.document_number, measure=row.measure, organisation=row.organisation, **whom
    )
    if same.exclude(pk=row.pk).exists():
        raise ValidationError({"document_number": "这项处置已按同一文号登记过，不重复登记。"})


def _locked(row: FormEntry, *, by: Person) -> FormEntry:
    _only_keepers(by)
    row = FormEntry.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if not row.is_standing:
        raise ValidationError("这条登记已经撤销。")
    if row.person_id == by.pk:
        raise PermissionDenied("不能办理关于本人的登记。")
    return row


def _reasoned(reason: str) -> str:
    if len(reason.strip()) < REASON_AT_LEAST:
        raise ValidationError({"reason": f"请写明原因，至少 {REASON_AT_LEAST} 个字。"})
    return reason.strip()


@transaction.atomic
def correct(row: FormEntry, *, by: Person, reason: str, **facts) -> FormEntry:
    """更正 with its reason; what stood before stays in the history, and it is to be checked anew."""
    row, reason = _locked(row, by=by), _reasoned(reason)
    if row.entered_by == facts.get("person"):
        raise ValidationError({"person": "登记人与登记对象是同一人，请撤销后由其他同志登记。"})
    _fill(row, facts, by=by)
    _refuse_twice(row)
    row.checked_by = row.checked_on = None
    row.full_clean()
    save_as(row, by=by, reason=f"更正：{reason}")
    return row


@transaction.atomic
def check(row: FormEntry, *, by: Person) -> FormEntry:
    """复核 by another admitted person."""
    row = _locked(row, by=by)
    if row.is_own_work_of(by):
        raise PermissionDenied("登记人不能复核自己的登记，请由另一位获准知悉的同志复核。")
    if row.checked_by_id:
        raise ValidationError("这条登记已经复核。")
    last = row.history.first()
    if last is not None and last.history_user_id == by.pk:
        raise PermissionDenied("更正的人不能复核自己的更正，请由另一位获准知悉的同志复核。")
    row.checked_by, row.checked_on = by, timezone.localdate()
    row.full_clean()
    save_as(row, by=by, reason="复核无误")
    return row


@transaction.atomic
def withdraw(row: FormEntry, *, by: Person, reason: str) -> FormEntry:
    """撤销 what was entered in error; the row stays, and counts no longer."""
    row, reason = _locked(row, by=by), _reasoned(reason)
    row.state = FormEntry.State.WITHDRAWN
    save_as(row, by=by, reason=f"撤销：{reason}")
    return row


# ── 处置方式 ─────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def load_form_measures(path: Path = DEFAULT, *, by: Person) -> int:
    """装载处置方式. Returns how many rows were added or changed."""
    entries = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("measures") or []
    return sum(_keep(entry | {"rank": rank}, by=by) for rank, entry in enumerate(entries, 1))


def _keep(entry: dict, *, by: Person) -> bool:
    if unknown := set(entry) - {"code", "form", "name", "rank", "is_dropped"}:
        raise ValidationError(f"处置方式：有不认识的字段 {'、'.join(sorted(unknown))}。")
    row = FormMeasure.objects.filter(code=entry.get("code")).first() or FormMeasure()
    if row.pk and all(getattr(row, name) == value for name, value in entry.items()):
        return False
    for name, value in entry.items():
        setattr(row, name, value)
    try:
        row.full_clean()
    except ValidationError as error:
        raise ValidationError([f"处置方式 {entry.get('code')}：{words}" for words in error.messages]) from error
    save_as(row, by=by, reason="装载处置方式")
    return True
