"""会议纪要: the words that are kept, and their paper, frozen by a worker (三（三）1)."""

from django.core.files.base import ContentFile
from django.db import transaction

from accountability.locking import lock_and_read
from accountability.models import Person
from accountability.models.history import save_as
from accountability.papers.blocks import parse
from accountability.papers.sheet import Sheet, render_docx, render_pdf
from accountability.services import jobs
from accountability.services.safekeeping import intact_bytes
from meetings.models import Meeting, MinutesVersion

FREEZE = "freeze_minutes"
NUMERALS = "一二三四五六七八九十"


def numeral(number: int) -> str:
    """一 to 九十九."""
    tens, ones = divmod(number, 10)
    words = (NUMERALS[tens - 1] if tens > 1 else "") + ("十" if tens else "")
    return words + (NUMERALS[ones - 1] if ones else "")


def minutes_text(
    meeting: Meeting, *, full: bool = False, minutes: str | None = None, correction: tuple[int, str] | None = None
) -> str:
    """纪要正文: 时间、地点、主持、出席、列席、缺席及原因、记录、议题、汇报、讨论、决议.

    Without ``full`` a 限知事项 shows only that there was one.
    """
    lines = []
    if correction:
        lines.append(f"本纪要为第{correction[0]}版，更正前一版。更正原因：{correction[1]}")
    hours = f" {meeting.starts_at:%H:%M}" if meeting.starts_at else ""
    hours += f"—{meeting.ends_at:%H:%M}" if meeting.starts_at and meeting.ends_at else ""
    day = meeting.day
    lines.append(f"时间：{day.year}年{day.month}月{day.day}日{hours}")
    lines += [f"地点：{meeting.place}"] if meeting.place else []
    lines += [f"主持：{meeting.chaired_by}"] if meeting.chaired_by else []
    lines += [f"召开依据：{meeting.trigger}"] if meeting.trigger else []
    if meeting.expected_count is not None:
        lines.append(f"人数：应到{meeting.expected_count}人，实到{meeting.present_count or 0}人")
    lines += [line if "：" in line else f"出席：{line}" for line in meeting.attendance.splitlines() if line.strip()]
    lines += [f"缺席及原因：{meeting.absence}"] if meeting.absence.strip() else []
    if meeting.record:
        lines.append(f"记录：{meeting.record.entered_by}")
    section = 0

    def head(words: str) -> str:
        nonlocal section
        section += 1
        return f"{numeral(section)}、{words}"

    items = list(meeting.items.all())
    if items:
        lines.append(head("议题"))
        lines += [line for number, item in enumerate(items, 1) for line in _item(number, item, full)]
    body = meeting.minutes if minutes is None else minutes
    if body.strip():
        lines.append(head("会议记录"))
        lines += [line.strip() for line in body.splitlines() if line.strip()]
    decided = list(meeting.decided.select_related("owner__organisation__parent", "item"))
    decided = [row for row in decided if full or not (row.item and row.item.is_confidential)]
    if decided or meeting.resolutions.strip():
        lines.append(head("决议事项"))
        lines += [line.strip() for line in meeting.resolutions.splitlines() if line.strip()]
        for number, row in enumerate(decided, 1):
            due = f"{row.due_on.year}年{row.due_on.month}月{row.due_on.day}日"
            lines.append(f"{number}. {row.text.rstrip('。')}。责任人：{row.owner.full_title}，{due}前完成。")
    lines.append("散会。")
    return "\n".join(lines)


def _item(number: int, item, full: bool) -> list[str]:
    if item.is_confidential and not full:
        return [f"{number}. 限知事项，另行归档。"]
    lines = [f"{number}. {item.title}{'' if item.is_dealt_with or not item.required_id else '（未议）'}。"]
    lines += [f"汇报人：{item.presenter}。"] if item.presenter else []
    lines += [f"汇报要点：{item.report.strip()}"] if item.report.strip() else []
    lines += [f"讨论情况：{item.discussion.strip()}"] if item.discussion.strip() else []
    return lines


def sheet_of(version: MinutesVersion, *, full: bool = False) -> Sheet:
    meeting = version.meeting
    return Sheet(
        form="plain",
        title=f"{meeting.title}纪要",
        subtitle=f"（第{version.number}版 更正）" if version.number > 1 else "",
        issuer=meeting.organisation.party_name,
        blocks=tuple(parse(version.full_text if full and version.full_text else version.text)),
        dated_on=meeting.day,
    )


def freeze_later(version: MinutesVersion, *, by: Person) -> None:
    jobs.queue(FREEZE, str(version.pk), by=by)


@jobs.runs(FREEZE, "会议纪要归档")
def freeze(run: jobs.Run) -> None:
    """排版冻结 of the minutes. Safe to repeat: a version that has its paper keeps it."""
    version = MinutesVersion.objects.select_related("meeting__organisation", "made_by").get(pk=int(run.job.key))
    run.tell(30, "正在排版")
    freeze_now(version)


def freeze_now(version: MinutesVersion) -> None:
    if version.is_frozen:
        return
    paper = render_pdf(sheet_of(version))
    full = render_pdf(sheet_of(version, full=True)) if version.full_text else None
    with transaction.atomic():
        version = lock_and_read(MinutesVersion.objects.select_related("made_by"), version.pk)
        if version.is_frozen:
            return
        version.sha256, version.pages = paper.sha256, paper.pages
        version.pdf.save("minutes.pdf", ContentFile(paper.content), save=False)
        if full:
            version.full_sha256 = full.sha256
            version.full_pdf.save("minutes.pdf", ContentFile(full.content), save=False)
        save_as(version, by=Person.objects.system(), reason="冻结为 PDF")


def frozen_bytes(version: MinutesVersion, *, full: bool = False) -> bytes:
    """The frozen paper, refused when the file on the disk is no longer what was frozen."""
    file, sha256 = (version.full_pdf, version.full_sha256) if full else (version.pdf, version.sha256)
    return intact_bytes(file, sha256, "纪要的 PDF")


def word_of(version: MinutesVersion, *, full: bool = False) -> bytes:
    return render_docx(sheet_of(version, full=full))


def draft(version: MinutesVersion, *, full: bool = False) -> bytes:
    """A version that is not confirmed yet, set on the spot and never kept."""
    return render_pdf(sheet_of(version, full=full)).content
