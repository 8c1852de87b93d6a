"""整改台账导入: upload, preview, choose units, then all of it or nothing (三（四）1)."""

import hashlib

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from accountability.collecting import uncollected
from accountability.models import Organisation, Person
from accountability.models.history import save_as
from accountability.services import imports, jobs
from accountability.services.attachments import check_upload
from accountability.services.safekeeping import intact_bytes
from inspections.models import LedgerImport, Round, UnitAlias
from inspections.reading.ledger import Book
from inspections.reading.names import ELEMENTS_AT_MOST
from inspections.services.planning import Plan, Planner
from inspections.services.reading import MEGABYTES, TOO_HEAVY, packed, read_content, read_data, unpacked
from inspections.services.rounds import only_managers
from inspections.services.writing import write

__all__ = ["Planner", "confirm", "drop", "map_units", "plan_ledger", "plan_of", "receive", "write"]
State = LedgerImport.State
# What the look for marks may take: no more of a sheet than its reader goes through.
LOOK = {"seconds": 10, "megabytes": MEGABYTES, "elements_at_most": ELEMENTS_AT_MOST}


def plan_ledger(row: Round, content: bytes) -> Plan:
    return Planner(row, read_content(content)).make()


@uncollected()
def receive(row: Round, file: UploadedFile, *, by: Person) -> tuple[LedgerImport, Plan]:
    """上传: the file is kept and planned. It can be confirmed once nothing in it is wrong.

    Read before the transaction begins: nobody's writing waits for a stranger's file.
    """
    only_managers(by)
    if not file.name.lower().endswith(".xlsx"):
        raise ValidationError(f"「{file.name}」不是 .xlsx 文件，请在 Excel 或 WPS 中另存为 .xlsx 后上传。")
    try:
        name = check_upload(file, by=by, **LOOK).name
    except ValidationError as error:
        if error.code == "too_heavy":
            raise ValidationError(TOO_HEAVY, error.code) from error
        raise
    file.seek(0)
    content = file.read()
    return _keep(row, name, content, read_data(content), by=by)


@transaction.atomic
def _keep(row: Round, name: str, content: bytes, data: dict, *, by: Person) -> tuple[LedgerImport, Plan]:
    reading = packed(data)
    plan = Planner(row, Book.from_data(data)).make()
    kept = LedgerImport(
        round=row, name=name, sha256=hashlib.sha256(content).hexdigest(), uploaded_by=by, uploaded_at=timezone.now(),
        reading_sha256=hashlib.sha256(reading).hexdigest(),
    )  # fmt: skip
    kept.file.save("ledger.xlsx", ContentFile(content), save=False)
    kept.reading.save("reading.json", ContentFile(reading), save=False)
    _remember(kept, plan)
    save_as(kept, by=by, reason="上传整改台账")
    return kept, plan


def _remember(kept: LedgerImport, plan: Plan) -> None:
    for name, value in plan.counts().items():
        setattr(kept, name, value)
    kept.absent, kept.fingerprint = len(plan.absent_measures), plan.fingerprint


@uncollected()
def plan_of(kept: LedgerImport) -> Plan:
    return Planner(kept.round, _book_of(kept)).make()


def _book_of(kept: LedgerImport) -> Book:
    """As it was read at the upload; read from the file again when that reading is of an earlier version of ours."""
    if kept.reading:
        book = unpacked(intact_bytes(kept.reading, kept.reading_sha256, "保存的台账读取结果"))
        if book is not None:
            return book
    return read_content(intact_bytes(kept.file, kept.sha256, "保存的台账文件"))


@transaction.atomic
def map_units(kept: LedgerImport, chosen: dict[str, Organisation], *, by: Person) -> Plan:
    """选定单位: what the ledger calls a unit is known from now on; the plan is made anew."""
    only_managers(by)
    kept = imports.unordered(kept)
    for name, organisation in chosen.items():
        save_as(UnitAlias(name=name[:60], organisation=organisation, chosen_by=by), by=by, reason="导入台账时选定")
    plan = plan_of(kept)
    _remember(kept, plan)
    save_as(kept, by=by, reason="选定单位后重新预览")
    return plan


@uncollected()
@transaction.atomic
def confirm(kept: LedgerImport, *, by: Person, tell: jobs.Tell = jobs.silent) -> LedgerImport:
    """确定导入: planned again under the lock; refused when what stands has changed since the preview."""
    only_managers(by)
    kept = imports.waiting(kept)
    plan = plan_of(kept)
    if plan.complaints:
        raise ValidationError("台账里还有需要修改之处，没有写入任何一行。")
    if plan.fingerprint != kept.fingerprint:
        raise ValidationError("预览之后系统里的台账有了变化，结果会与预览不同，因此没有写入。请重新上传、重新预览。")
    tell(40, f"核对无误，正在写入：新增 {kept.created} 条，更新 {kept.updated} 条")
    write(kept.round, plan, by=by, reason=f"导入台账：{kept.name}")
    tell(95, "正在保存")
    kept.state, kept.decided_at = State.DONE, timezone.now()
    save_as(kept, by=by, reason="导入台账")
    return kept


@transaction.atomic
def drop(kept: LedgerImport, *, by: Person) -> LedgerImport:
    only_managers(by)
    kept = imports.unordered(kept)
    kept.state, kept.decided_at = State.DROPPED, timezone.now()
    save_as(kept, by=by, reason="放弃导入")
    return kept


def _written(kept: LedgerImport) -> str:
    return f"已导入：新增 {kept.created} 条，更新 {kept.updated} 条，{kept.unchanged} 条不变。"


imports.imports_of(
    imports.Room(LedgerImport, may_decide=lambda kept, by: only_managers(by), write=confirm, written=_written),
    "整改台账导入",
)
