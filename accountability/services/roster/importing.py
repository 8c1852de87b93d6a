"""导入花名册: receive a file, plan, confirm or drop; all or nothing, and exactly what was previewed."""

import hashlib

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from accountability import access
from accountability.confinement import ChildFailed, in_child
from accountability.models import Person, RosterImport, Tenure
from accountability.models.history import save_as
from accountability.services import handovers, imports, jobs
from accountability.services.attachments import check_upload
from accountability.services.grants import check_separation, sync_grants
from accountability.services.roster.planning import Plan, Planner
from accountability.services.roster.reading import read
from accountability.services.safekeeping import intact_bytes

State = RosterImport.State
TOLD_EVERY = 20  # rows


def _only_office(by: Person) -> None:
    if not access.may_manage_duties(by):
        raise PermissionDenied("花名册由党委办公室导入导出。")


def read_plan(content: bytes) -> Plan:
    """The workbook read in a child process, and what it would change. Complaints are in ``plan.book``."""
    try:
        seen = in_child("accountability.contents.workbooks.read_sheets", content, seconds=30)
    except ChildFailed as error:
        raise ValidationError("这个工作簿过于复杂，未能在限定的时间和内存内读完，请精简后重新上传。") from error
    if seen["refusal"]:
        raise ValidationError(seen["refusal"])
    return Planner(read(seen["sheets"])).make()


@transaction.atomic
def receive(file: UploadedFile, *, by: Person) -> tuple[RosterImport | None, Plan]:
    """上传: the plan, and a row to confirm it by when nothing in the file is wrong."""
    _only_office(by)
    if not file.name.lower().endswith(".xlsx"):
        raise ValidationError(f"「{file.name}」不是 .xlsx 文件，请在 Excel 或 WPS 中另存为 .xlsx 后上传。")
    name = check_upload(file, by=by).name
    file.seek(0)
    content = file.read()
    plan = read_plan(content)
    if plan.book.complaints:
        return None, plan
    row = RosterImport(
        name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=by,
        uploaded_at=timezone.now(),
        added=len(plan.added),
        changed=len(plan.changed),
        unchanged=plan.unchanged,
        fingerprint=plan.fingerprint,
    )
    row.file.save("roster.xlsx", ContentFile(content), save=False)
    save_as(row, by=by, reason="上传花名册")
    return row, plan


def plan_of(row: RosterImport) -> Plan:
    return read_plan(intact_bytes(row.file, row.sha256, "保存的花名册文件"))


@transaction.atomic
def confirm(row: RosterImport, *, by: Person, tell: jobs.Tell = jobs.silent) -> RosterImport:
    """确定导入: planned again under the lock; refused when what stands has changed since the preview."""
    _only_office(by)
    row = imports.waiting(row)
    plan = plan_of(row)
    if plan.book.complaints or plan.fingerprint != row.fingerprint:
        raise ValidationError("预览之后系统里的数据有了变化，结果会与预览不同，因此没有写入。请重新上传、重新预览。")
    try:
        with transaction.atomic():
            _write(plan, by=by, reason=f"导入花名册：{row.name}", tell=tell)
    except IntegrityError as error:
        raise ValidationError("导入时与他人的修改冲突，没有写入任何一行。请重新上传、重新预览。") from error
    row.state, row.decided_at, row.decided_by = State.DONE, timezone.now(), by
    save_as(row, by=by, reason="导入花名册")
    return row


def _write(plan: Plan, *, by: Person, reason: str, tell: jobs.Tell) -> None:
    fresh, total = [], len(plan.rows)
    for number, one in enumerate(plan.rows):
        if number % TOLD_EVERY == 0:
            tell(20 + 60 * number // total, f"{number} / {total} 行")
        is_new = one.pk is None  # its parents, written before it, have their numbers by now
        if isinstance(one, Tenure):
            check_separation(one)
        save_as(one, by=by, reason=reason)
        if is_new and isinstance(one, Tenure):
            fresh.append(one)
    tell(80, "正在办理任职的交接和权限")
    for tenure in fresh:
        handovers.follow(tenure, by=by)
    sync_grants(timezone.localdate())


@transaction.atomic
def drop(row: RosterImport, *, by: Person) -> RosterImport:
    """放弃 what was previewed."""
    _only_office(by)
    row = imports.unordered(row)
    row.state, row.decided_at, row.decided_by = State.DROPPED, timezone.now(), by
    save_as(row, by=by, reason="放弃导入")
    return row


def _written(row: RosterImport) -> str:
    return f"已导入：新增 {row.added} 行，修改 {row.changed} 行，{row.unchanged} 行没有变化。"


imports.imports_of(
    imports.Room(RosterImport, may_decide=lambda row, by: _only_office(by), write=confirm, written=_written),
    "花名册导入",
)
