"""补录一年的会议 from Excel: preview, then all or nothing; each bad row named by row, column and reason (三（一）1).

What was exported imports again unchanged: a meeting already recorded is left as it is.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from accountability import access
from accountability.confinement import ChildFailed, in_child
from accountability.models import ActKind, Organisation, Person, Record
from accountability.models.history import save_as
from accountability.services import imports, jobs
from accountability.services.attachments import check_upload
from accountability.services.records import countable_duties, open_work_year
from accountability.services.roster.reading import Book, Line, read, tidy
from accountability.services.roster.sheets import Column, Sheet
from accountability.services.safekeeping import intact_bytes
from meetings.models import Meeting, MeetingImport, RequiredItem
from meetings.services.counting import required_items
from meetings.services.planning import kind_of
from meetings.services.recording import record_meeting

ALL, NONE = "全部", "无"
ROWS_AT_MOST = 500
MEETINGS = Sheet(
    "会议",
    (
        Column("单位", 24, "单位全称", required=True),
        Column("会议类型", 26, "如 警示教育大会", required=True),
        Column("会议名称", 40, "会议全称", required=True),
        Column("召开日期", 14, "如 2026-03-05", required=True, is_day=True),
        Column("地点", 18, "可留空"),
        Column("主持人", 12, "姓名", required=True),
        Column("应到", 8, "人数，可留空"),
        Column("实到", 8, "人数，可留空"),
        Column("出席与列席", 24, "可留空", is_text=True),
        Column("缺席及原因", 24, "缺席的须写原因", is_text=True),
        Column("召开依据", 24, "党委会议（N）必填"),
        Column("必议事项", 24, "会上已议的，分号隔开；全部议过写“全部”，没有写“无”"),
        Column("会议记录", 50, "议题、汇报、讨论和结论", is_text=True),
        Column("决议事项", 40, "由谁、何时落实", is_text=True),
        Column("补录原因", 24, "可留空"),
    ),
)
LIMITS = {
    "会议名称": 120, "地点": 80, "主持人": 40, "召开依据": 200, "补录原因": 200, "出席与列席": 20_000,
    "缺席及原因": 8_000, "会议记录": 20_000, "决议事项": 8_000,
}  # fmt: skip


@dataclass(frozen=True)
class Held:
    """一次会议 as the file tells it."""

    row: int
    organisation: Organisation
    act: ActKind
    title: str
    day: date
    dealt_with: tuple[RequiredItem, ...]
    missing: tuple[RequiredItem, ...]
    facts: dict


@dataclass
class Plan:
    """What the file would add, what is there already, and what is wrong."""

    book: Book
    added: list[Held] = field(default_factory=list)
    unchanged: int = 0

    @property
    def fingerprint(self) -> str:
        told = [[one.row, one.organisation.pk, one.act.code, str(one.day), one.title] for one in self.added]
        return hashlib.sha256(json.dumps([told, self.unchanged], ensure_ascii=False).encode()).hexdigest()


def may_import(user: Person) -> bool:
    return bool(access.organisations_where(user, "keep_record"))


def read_plan(content: bytes, *, by: Person, work_year: int) -> Plan:
    try:
        seen = in_child("accountability.contents.workbooks.read_sheets", content, seconds=30)
    except ChildFailed as error:
        raise ValidationError("这个工作簿过于复杂，未能在限定的时间和内存内读完，请精简后重新上传。") from error
    if seen["refusal"]:
        raise ValidationError(seen["refusal"])
    return Planner(read(seen["sheets"], (MEETINGS,), "会议表"), by, work_year).make()


class Planner:
    """Reads every line against what the user keeps and what is recorded already."""

    def __init__(self, book: Book, by: Person, work_year: int):
        self.plan, self.year = Plan(book), work_year
        kept = Organisation.objects.active().filter(pk__in=access.organisations_where(by, "keep_record"))
        self.organisations = {tidy(row.full_name): row for row in kept.select_related("parent")}
        self.acts = {tidy(act.name): act for act in ActKind.objects.filter(category=ActKind.Category.MEETING)}
        # What he sees and does not keep may stand in his export: as long as it is recorded already, it is no complaint.
        seen = Organisation.objects.visible_to(by).select_related("parent")
        self.visible = {tidy(row.full_name): row for row in seen} | self.organisations
        held = Record.objects.standing().filter(post=None, act__category=ActKind.Category.MEETING)
        held = held.filter(organisation__in=[row.pk for row in self.visible.values()])
        self.known = set(held.values_list("organisation", "act", "happened_on"))
        self.seen: dict[tuple, int] = {}

    def make(self) -> Plan:
        lines = self.plan.book.of(MEETINGS)
        if not lines and not self.plan.book.complaints:
            raise ValidationError("表格里没有会议，请从第二行起每行填写一次会议。")
        if len(lines) > ROWS_AT_MOST:
            raise ValidationError(f"一次最多导入 {ROWS_AT_MOST} 次会议，现在有 {len(lines)} 行，请分成几个文件。")
        for line in lines:
            if not line.is_broken:
                self._read(line)
        return self.plan

    def _read(self, line: Line) -> None:
        complain = self.plan.book.complain
        organisation, act, day = self.visible.get(line["单位"]), self.acts.get(line["会议类型"]), line["召开日期"]
        key = (organisation and organisation.pk, act and act.pk, day)
        if key in self.known:
            self.plan.unchanged += 1
            return
        if line["单位"] not in self.organisations:
            complain(line, "单位", "不是您记录会议的单位，请写单位全称。")
        if act is None:
            complain(line, "会议类型", f"没有这种会议，请填 {'、'.join(self.acts)}。")
        if day > timezone.localdate():
            complain(line, "召开日期", "还没有到，只能导入已召开的会议。")
        elif day.year != self.year:
            complain(line, "召开日期", f"不在 {self.year} 年内。")
        for name, limit in LIMITS.items():
            if len(line[name] or "") > limit:
                complain(line, name, f"有 {len(line[name])} 个字，最多 {limit} 个字，请精简。")
        counts = {name: self._count(line, name) for name in ("应到", "实到")}
        if None not in counts.values() and counts["实到"] > counts["应到"]:
            complain(line, "实到", f"不能多于应到的 {counts['应到']} 人。")
        if line.is_broken:
            return
        if key in self.seen:
            complain(line, "召开日期", f"与第 {self.seen[key]} 行是同一单位同一天的同类会议，请合并或分开录入。")
            return
        self.seen[key] = line.number
        kind = kind_of(act)
        if kind and kind.asks_trigger and not line["召开依据"]:
            complain(line, "召开依据", "这类会议须写明依据：传达哪次上级会议、哪份文件，或因何事项。")
        dealt_with, missing = self._required(line, act)
        if line.is_broken:
            return
        facts = {
            "place": line["地点"],
            "chaired_by": line["主持人"],
            "expected_count": counts["应到"],
            "present_count": counts["实到"],
            "attendance": line["出席与列席"],
            "absence": line["缺席及原因"],
            "trigger": line["召开依据"],
            "minutes": line["会议记录"],
            "resolutions": line["决议事项"],
            "late_reason": line["补录原因"] or "补录积存的会议",
        }
        title = line["会议名称"]
        self.plan.added.append(Held(line.number, organisation, act, title, day, dealt_with, missing, facts))

    def _count(self, line: Line, name: str) -> int | None:
        text = (line[name] or "").removesuffix("人").strip()
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= 9999):
            self.plan.book.complain(line, name, "不是人数，请填 0 至 9999 的整数。")
            return None
        return int(text)

    def _required(self, line: Line, act: ActKind) -> tuple[tuple, tuple]:
        """必议事项: those dealt with, and those not."""
        required, said = required_items(act.pk), line["必议事项"] or ""
        if not required or said in ("", NONE):
            if required and not said:
                self.plan.book.complain(line, "必议事项", "请写明会上议过哪些；全部议过写“全部”，没有写“无”。")
            return (), tuple(required)
        if said == ALL:
            return tuple(required), ()
        titles = {tidy(item.title): item for item in required}
        named = [tidy(each) for each in said.replace("；", ";").split(";") if each.strip()]
        if unknown := [each for each in named if each not in titles]:
            choices = "；".join(titles)
            self.plan.book.complain(line, "必议事项", f"没有“{unknown[0]}”，请填 {choices}，分号隔开。")
        return (
            tuple(titles[each] for each in named if each in titles),
            tuple(item for title, item in titles.items() if title not in named),
        )


@transaction.atomic
def receive(file: UploadedFile, *, by: Person, work_year: int) -> tuple[MeetingImport | None, Plan]:
    """上传: the plan, and a row to confirm it by when nothing in the file is wrong."""
    if not may_import(by):
        raise PermissionDenied("您的岗位没有记录会议的权限。")
    year = open_work_year(work_year)
    if not file.name.lower().endswith(".xlsx"):
        raise ValidationError(f"「{file.name}」不是 .xlsx 文件，请在 Excel 或 WPS 中另存为 .xlsx 后上传。")
    name = check_upload(file, by=by).name
    file.seek(0)
    content = file.read()
    plan = read_plan(content, by=by, work_year=work_year)
    if plan.book.complaints:
        return None, plan
    row = MeetingImport(
        work_year=year,
        name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=by,
        uploaded_at=timezone.now(),
        added=len(plan.added),
        unchanged=plan.unchanged,
        fingerprint=plan.fingerprint,
    )
    row.file.save("meetings.xlsx", ContentFile(content), save=False)
    save_as(row, by=by, reason="上传会议表")
    return row, plan


def plan_of(row: MeetingImport) -> Plan:
    content = intact_bytes(row.file, row.sha256, "保存的会议表")
    return read_plan(content, by=row.uploaded_by, work_year=row.work_year_id)


def _only_uploader(row: MeetingImport, by: Person) -> None:
    if row.uploaded_by_id != by.pk:
        raise PermissionDenied("由上传的人自己确定。")


@transaction.atomic
def confirm(row: MeetingImport, *, by: Person, tell: jobs.Tell = jobs.silent) -> MeetingImport:
    """确定导入: read again under the lock, then every meeting recorded as if typed, late entries marked; or none."""
    _only_uploader(row, by)
    row = imports.waiting(row)
    plan = plan_of(row)
    if plan.book.complaints or plan.fingerprint != row.fingerprint:
        raise ValidationError("预览之后系统里的数据有了变化，结果会与预览不同，因此没有写入。请重新上传、重新预览。")
    for number, one in enumerate(sorted(plan.added, key=lambda held: (held.day, held.row)), 1):
        tell(20 + 75 * number // len(plan.added), f"{number} / {len(plan.added)} {one.title}")
        try:
            record_meeting(
                by=by,
                organisation=one.organisation,
                act=one.act,
                work_year=row.work_year_id,
                title=one.title,
                happened_on=one.day,
                duties=countable_duties(one.organisation, one.act, row.work_year_id),
                dealt_with=one.dealt_with,
                **one.facts,
            )
        except ValidationError as error:
            raise ValidationError([f"第 {one.row} 行：{message}" for message in error.messages]) from error
    row.state, row.decided_at = MeetingImport.State.DONE, timezone.now()
    save_as(row, by=by, reason="导入会议")
    return row


@transaction.atomic
def drop(row: MeetingImport, *, by: Person) -> MeetingImport:
    """放弃 what was previewed."""
    _only_uploader(row, by)
    row = imports.unordered(row)
    row.state, row.decided_at = MeetingImport.State.DROPPED, timezone.now()
    save_as(row, by=by, reason="放弃导入")
    return row


def _written(row: MeetingImport) -> str:
    return f"已导入 {row.added} 次会议，{row.unchanged} 次系统已有、保持原样；需要审核的等本单位党组织书记审核后计入。"


imports.imports_of(
    imports.Room(MeetingImport, may_decide=_only_uploader, write=confirm, written=_written), "会议表导入"
)


# ── out ──────────────────────────────────────────────────────────────────────────────────────

HEAD = PatternFill("solid", fgColor="F1EEEA")


def workbook_of(user: Person, work_year: int) -> bytes:
    """会议表 .xlsx: the meetings of the year the user sees that were handed in, with what stands of each."""
    rows = Meeting.objects.visible_to(user).of_year(work_year).standing().filter(record__isnull=False)
    rows = rows.for_list().prefetch_related("items__required").order_by("day", "pk")
    book = Workbook()
    sheet = book.active
    sheet.title = MEETINGS.name
    sheet.append(MEETINGS.names)
    for meeting in rows:
        sheet.append([_plain(value) for value in _line(meeting)])
    for number, column in enumerate(MEETINGS.columns, 1):
        head = sheet.cell(1, number)
        head.font, head.fill = Font(bold=True), HEAD
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = column.width
        for cell in sheet[letter][1:]:
            cell.alignment = Alignment(vertical="top", wrap_text=column.is_text)
            cell.number_format = "yyyy-mm-dd" if column.is_day else "@" if not isinstance(cell.value, int) else "0"
    sheet.freeze_panes = "A2"
    notes = book.create_sheet("填写说明")
    notes.append(["列", "怎样填"])
    for column in MEETINGS.columns:
        notes.append([column.name, ("必填。" if column.required else "") + column.hint])
    notes.column_dimensions["A"].width, notes.column_dimensions["B"].width = 16, 60
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _line(meeting: Meeting) -> list:
    required = [item for item in meeting.items.all() if item.required_id]
    dealt_with = [item.required.title for item in required if item.is_dealt_with]
    said = "" if not required else ALL if len(dealt_with) == len(required) else "；".join(dealt_with) or NONE
    return [
        meeting.organisation.full_name,
        meeting.act.name,
        meeting.title,
        meeting.day,
        meeting.place,
        meeting.chaired_by,
        meeting.expected_count,
        meeting.present_count,
        meeting.attendance,
        meeting.absence,
        meeting.trigger,
        said,
        meeting.minutes,
        meeting.resolutions,
        meeting.record.late_reason,
    ]


def _plain(value):
    """A text that looks like a formula stays a text."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@"):
        return "'" + value
    return value
