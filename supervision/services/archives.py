"""廉政档案: establish, file and confirm papers, update once a year, and report the year's update (二（二）)."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import yaml
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accountability.locking import lock_and_read
from accountability.models import ActKind, Notice, Organisation, Person, Record
from accountability.models.history import save_as
from accountability.own_pages import Occasion, OwnPage, recorded_elsewhere, with_query
from accountability.services import attachments
from accountability.services.notices import notify
from accountability.services.records import countable_duties, file_record, open_work_year
from supervision.archives import cadres
from supervision.archives.access import APART, KEEPERS, is_keeper, keepers, keeps_apart
from supervision.archives.workflow import PAPER_TRANSITIONS
from supervision.models import Archive, ArchivePaper, ArchiveUpdate, PaperKind
from supervision.services.openings import only_while_open

ACT = "integrity-archive"
DEFAULT_KINDS = Path(__file__).parent.parent / "data" / "archive-papers.yaml"
WORDS_AT_LEAST = 4


def _where_to_update(occasion: Occasion) -> str:
    return with_query("archive_updates", year=occasion.year)


recorded_elsewhere(ACT, OwnPage("看廉政档案", _where_to_update, lambda record: ""))


def only_keepers(by: Person) -> None:
    if not is_keeper(by):
        raise PermissionDenied(KEEPERS)


# ── 建档 ─────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def establish(people: Iterable[Person], *, by: Person) -> list[Archive]:
    """建档 for each who has none. Nobody establishes his own or a relative's: the others are made all the same."""
    only_keepers(by)
    wanted = [one for one in people if not keeps_apart(by, [one.pk])]
    # The commission is the lock: two who establish at once do not make an archive twice.
    Organisation.objects.select_for_update().get(kind=Organisation.Kind.COMMISSION)
    standing = set(Archive.objects.filter(person__in=wanted).values_list("person", flat=True))
    made = []
    for person in wanted:
        if person.pk not in standing:
            archive = Archive(person=person, established_by=by, established_on=timezone.localdate())
            archive.full_clean()
            save_as(archive, by=by, reason="建档")
            made.append(archive)
    return made


def establish_all(*, by: Person) -> list[Archive]:
    """为在任而未建档的干部建档."""
    only_keepers(by)
    today = timezone.localdate()
    made = establish(cadres.without_archive(cadres.in_reach(by, today, today.year)), by=by)
    if not made:
        raise ValidationError("没有需要您建档的干部；与您有回避关系的，由其他同志建档。")
    return made


# ── 归档材料 ─────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def file_paper(
    archive: Archive,
    *,
    by: Person,
    kind: PaperKind,
    title: str,
    dated_on: date,
    words: str = "",
    files: Iterable[UploadedFile] = (),
) -> ArchivePaper:
    """归档: it counts once another has confirmed it."""
    only_keepers(by)
    archive = _locked(archive, by=by)
    files = list(files)
    errors = {}
    if len(title.strip()) < WORDS_AT_LEAST:
        errors["title"] = f"请写明材料名称或文号，至少 {WORDS_AT_LEAST} 个字。"
    if dated_on > timezone.localdate():
        errors["dated_on"] = "材料日期不能晚于今天。"
    if kind.is_dropped:
        errors["kind"] = "这个类别已停用，请选择其他类别。"
    if kind.needs_file and not files:
        errors["files"] = f"{kind.name}须附文件。"
    elif len(files) > 1:
        errors["files"] = "一份材料附一个文件，多个文件请分别归档，或合并为一个 PDF。"
    if errors:
        raise ValidationError(errors)
    paper = ArchivePaper(
        archive=archive,
        person=archive.person,
        kind=kind,
        title=title.strip(),
        dated_on=dated_on,
        words=words.strip(),
        filed_by=by,
        filed_at=timezone.now(),
    )
    examined = attachments.examine_all(files, by=by)
    paper.full_clean(exclude=("file",), validate_constraints=False)
    for file, checked in examined:
        attachments.enclose(paper, file, checked)
    if paper.sha256 and archive.papers.standing().filter(sha256=paper.sha256).exists():
        raise ValidationError({"files": "这份文件已在档案中。"})
    save_as(paper, by=by, reason=f"归档：{kind.name}")
    notify(
        [one for one in keepers(but=[archive.person_id]) if one != by],
        kind=Notice.Kind.TO_CONFIRM,
        title="廉政档案有一份材料待确认",
        url=reverse("archive", args=[archive.pk]),
    )
    return paper


def _locked(archive: Archive, *, by: Person) -> Archive:
    archive = lock_and_read(Archive.objects.select_related("person"), archive.pk)
    if keeps_apart(by, [archive.person_id]):
        raise PermissionDenied(APART)
    only_while_open(archive, by=by)
    return archive


@transaction.atomic
def perform(paper: ArchivePaper, name: str, *, by: Person, reason: str = "") -> ArchivePaper:
    """确认归档、退回、撤出. Two at once have one winner; nothing is deleted."""
    transition = PAPER_TRANSITIONS[name]
    paper = lock_and_read(ArchivePaper.objects.select_related("archive", "filed_by"), paper.pk)
    if keeps_apart(by, [paper.person_id]):
        raise PermissionDenied(APART)
    reason = transition.checked(paper, by=by, reason=reason)
    only_while_open(paper.archive, by=by)
    paper.state = transition.target
    if name == "confirm":
        paper.confirmed_by, paper.confirmed_at = by, timezone.now()
    else:
        paper.reason = reason[:300]
    save_as(paper, by=by, reason=f"{transition.label}：{reason}" if reason else transition.label)
    if name == "return" and not keeps_apart(paper.filed_by, [paper.person_id]):
        notify(
            [paper.filed_by],
            kind=Notice.Kind.RETURNED,
            title="归入廉政档案的一份材料被退回",
            url=reverse("archive", args=[paper.archive_id]),
        )
    return paper


# ── 材料类别 ─────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def load_paper_kinds(path: Path = DEFAULT_KINDS, *, by: Person) -> int:
    """装载材料类别. Returns how many were added; what stands is left as it is."""
    entries = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("kinds") or []
    added = 0
    for rank, entry in enumerate(entries, 1):
        if not PaperKind.objects.filter(name=entry.get("name")).exists():
            row = PaperKind(name=entry.get("name"), needs_file=entry.get("needs_file", True), rank=rank)
            row.full_clean()
            save_as(row, by=by, reason="装载材料类别")
            added += 1
    return added


@transaction.atomic
def add_kind(*, by: Person, name: str, needs_file: bool) -> PaperKind:
    only_keepers(by)
    row = PaperKind(name=name.strip(), needs_file=needs_file, rank=PaperKind.objects.count() + 1)
    row.full_clean()
    save_as(row, by=by, reason="新增材料类别")
    return row


@transaction.atomic
def drop_kind(kind: PaperKind, *, by: Person) -> PaperKind:
    """停用、恢复: what was filed under it stays."""
    only_keepers(by)
    kind = PaperKind.objects.select_for_update().get(pk=kind.pk)
    kind.is_dropped = not kind.is_dropped
    save_as(kind, by=by, reason="停用材料类别" if kind.is_dropped else "恢复材料类别")
    return kind


# ── 年度更新 ─────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def update(archive: Archive, *, by: Person, work_year: int, words: str) -> ArchiveUpdate:
    """年度更新: confirmed once a year, with what changed."""
    only_keepers(by)
    archive = _locked(archive, by=by)
    if len(words.strip()) < WORDS_AT_LEAST:
        raise ValidationError({"words": f"请写明更新了什么，至少 {WORDS_AT_LEAST} 个字；没有变化的写“没有变化”。"})
    year = open_work_year(work_year)
    if archive.papers.filter(state=ArchivePaper.State.FILED).exists():
        raise ValidationError("档案中还有材料待确认，请先由另一位同志确认或退回。")
    if archive.updates.filter(work_year=year).exists():
        raise ValidationError(f"这份档案 {work_year} 年度已更新。")
    row = ArchiveUpdate(
        archive=archive,
        person=archive.person,
        work_year=year,
        words=words.strip(),
        updated_by=by,
        updated_at=timezone.now(),
    )
    row.full_clean()
    try:
        with transaction.atomic():
            save_as(row, by=by, reason=f"{work_year} 年度更新")
    except IntegrityError as error:
        raise ValidationError(f"这份档案 {work_year} 年度刚刚已由他人更新。") from error
    return row


@transaction.atomic
def report_update(*, by: Person, work_year: int) -> Record:
    """登记年度更新完成: the commission's record, which tells a number and no name."""
    only_keepers(by)
    open_work_year(work_year)
    # The commission is the lock: two who report at once file one record.
    commission = Organisation.objects.select_for_update().get(kind=Organisation.Kind.COMMISSION)
    act = ActKind.objects.get(code=ACT)
    if reported(work_year):
        raise ValidationError(f"{work_year} 年度的档案更新已登记。")
    today = timezone.localdate()
    everybody = cadres.all_cadres(today, work_year)
    lacking = cadres.not_updated(everybody).count()
    missing = cadres.overdue(everybody).count()
    if lacking or missing:
        words = [f"{lacking} 份档案本年度没有更新"] if lacking else []
        words += [f"{missing} 名干部没有建档"] if missing else []
        raise ValidationError(f"还有{'、'.join(words)}，全部办完后再登记。")
    count = everybody.filter(is_cadre=True, archive__isnull=False).count()
    if not count:
        raise ValidationError("还没有档案，请先建档。")
    return file_record(
        by=by,
        organisation=commission,
        act=act,
        work_year=work_year,
        title=f"{work_year} 年度领导干部廉政档案更新",
        happened_on=today,
        content=f"在任中层以上干部一人一档，{count} 份档案均已更新到 {work_year} 年度。",
        duties=countable_duties(commission, act, work_year),
    )


def reported(work_year: int) -> Record | None:
    """The record that tells the year's update, if it was filed."""
    return Record.objects.standing().filter(act__code=ACT, work_year=work_year).first()
