"""附件: examine an uploaded file, refuse it with a remedy, or keep it under its hash.

What a file is, a child process finds out (``contents``); nothing is stored before every file of the upload has passed.
"""

import hashlib
import logging
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.utils import timezone

from accountability import antivirus
from accountability.confinement import ChildFailed, in_child
from accountability.markings import is_marked_name
from accountability.models import Attachment, KeptFile, KeptPaper, Person, Record
from accountability.models.history import save_as
from accountability.services.safekeeping import keep_thumbnail, store

OFFICE = "application/vnd.openxmlformats-officedocument."
# 扩展名 → the type it is kept and shown as.
ALLOWED = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "docx": OFFICE + "wordprocessingml.document",
    "xlsx": OFFICE + "spreadsheetml.sheet",
    "pptx": OFFICE + "presentationml.presentation",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "wps": "application/vnd.ms-works",
    "et": "application/vnd.ms-excel",
    "ofd": "application/ofd",
}
ALLOWED_WORDS = "PDF、Word、Excel、PPT、WPS、OFD、JPG、PNG"
NAME_AT_MOST = 150
# Everything that makes a name read as something it is not: controls, and marks that turn the direction of reading.
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
MEANINGLESS = re.compile(r"[\u200b-\u200d\u2060\ufeff]")

RESAVE = "请用原来的软件打开，另存一份后再上传"
REFUSALS = {
    "disguised": "「{name}」的内容与扩展名 .{extension} 不符，请用原始文件重新上传。",
    "damaged": f"「{{name}}」已损坏或不完整，系统打不开，{RESAVE}。",
    "encrypted": "「{name}」设有密码或权限限制，无法检查，请取消后另存一份再上传。",
    "active": "「{name}」里有脚本、会自动执行的动作或夹带的文件，可能夹带病毒，请打印或导出为普通 PDF 后上传。",
    "macro": "「{name}」带有宏，可能夹带病毒，请另存为不含宏的文件后上传。",
    "bomb": f"「{{name}}」解压后异常庞大，不能接收，{RESAVE}。",
    "entities": f"「{{name}}」里有实体声明，可能夹带病毒，{RESAVE}。",
    "pixels": "「{name}」的像素超过 8000 万，请缩小后上传。",
    "too_heavy": "「{name}」过于复杂，未能在限定的时间和内存内检查完，请拆分或导出为 PDF 后上传。",
    "classified": "「{name}」带有国家秘密的密级标志。本系统不得存储、处理、传输国家秘密信息，文件没有保存。"
    "请不要再次上传，立即报告学校保密办公室，按保密规定处理。",
    "infected": "「{name}」查出病毒，没有保存。请不要再打开它，并联系学校信息化部门处理。",
    "unscanned": "查毒程序没有应答，「{name}」没有保存。请稍后重新上传；仍然如此请联系系统管理员。",
}
NOTED = ("classified", "infected", "macro", "active", "disguised", "bomb", "entities")
# Who tried to bring in what must not be here: by number, never by name or content.
security = logging.getLogger("accountability.security")


@dataclass(frozen=True)
class Examined:
    """已检查: what is known of a file that may be kept."""

    name: str
    extension: str
    virus_scan: str = KeptFile.VirusScan.OFF
    thumbnail: str = ""


def tidy_name(name: str) -> str:
    """The name without folders, unseen marks at its edges, trailing dots and blanks; refuses one that deceives."""
    name = unicodedata.normalize("NFC", MEANINGLESS.sub("", name)).replace("\\", "/").rpartition("/")[2]
    if UNSEEN.search(name):
        shown = UNSEEN.sub("□", name)
        raise ValidationError(f"文件名「{shown[:40]}」含有看不见的控制字符，请重新命名后上传。", code="name")
    name = name.strip(" .\u3000")
    if len(name) > NAME_AT_MOST:
        raise ValidationError(f"「{name[:20]}…」的文件名超过 {NAME_AT_MOST} 个字，请改短后上传。", code="name")
    return name


def extension_of(name: str) -> str:
    return PurePath(name).suffix.lower().lstrip(".")


def check_outside(file: UploadedFile) -> str:
    """校验外表: name, type and size, before anything is read. Returns the tidy name."""
    name, limit = tidy_name(file.name or ""), settings.ATTACHMENT_MAX_BYTES
    if extension_of(name) not in ALLOWED:
        raise ValidationError(f"「{name}」的类型不能上传，只收 {ALLOWED_WORDS}。", code="type")
    if file.size == 0:
        raise ValidationError(f"「{name}」是空文件（0 字节），请检查后重新选择。", code="empty")
    if file.size > limit:
        size, most = f"{file.size / 1024 / 1024:.1f}", f"{limit / 1024 / 1024:.0f}"
        raise ValidationError(
            f"「{name}」有 {size} 兆，超过单个文件 {most} 兆的上限，请压缩或拆分后上传。", code="too_large"
        )
    return name


def check_upload(file: UploadedFile, *, by: Person, **limits) -> Examined:
    """校验上传文件 of a person: as ``examine``, within its ``limits``; who tried to bring in what must not be here stays on record."""
    try:
        return examine(file, **limits)
    except ValidationError as error:
        _note(file, error, by=by)
        raise


def examine(file: UploadedFile, *, seconds: int = 20, megabytes: int = 768, **limits) -> Examined:
    """检查, outside and inside, for viruses and marks. Raises ValidationError naming the file and the remedy.

    ``limits`` are those of the reader of its kind (accountability.contents).
    """
    name = check_outside(file)
    extension = extension_of(name)

    def refuse(code: str):
        raise ValidationError(REFUSALS[code].format(name=name, extension=extension), code=code)

    if is_marked_name(name):
        refuse("classified")
    verdict = antivirus.scan(file)  # first: a virus may be aimed at the very parsers of the child
    if verdict is antivirus.Verdict.INFECTED:
        refuse("infected")
    if verdict is antivirus.Verdict.UNAVAILABLE and settings.ANTIVIRUS_REQUIRED:
        refuse("unscanned")
    try:
        child = {"seconds": seconds, "megabytes": megabytes}
        seen = in_child("accountability.contents.verdicts.look_into", file, **child, extension=extension, **limits)
    except ChildFailed:
        refuse("too_heavy")
    if seen["refusal"] or seen["marked"]:
        refuse(seen["refusal"] or "classified")
    return Examined(name, extension, virus_scan=KeptFile.VirusScan.of(verdict), thumbnail=seen["thumbnail"])


def attach(record: Record, file: UploadedFile, *, by: Person) -> Attachment:
    """上传附件 to ``record``. The same content twice is kept once."""
    return attach_all(record, [file], by=by)[0]


def attach_all(record: Record, files: Iterable[UploadedFile], *, by: Person) -> list[Attachment]:
    """上传附件: all of them or none, every bad one named."""
    return [keep(record, file, examined, by=by) for file, examined in examine_all(files, by=by)]


def examine_all(files: Iterable[UploadedFile], *, by: Person) -> list[tuple[UploadedFile, Examined]]:
    """检查: each file in turn; raises one ValidationError for all that were refused."""
    passed, refused = [], []
    for file in files:
        try:
            passed.append((file, check_upload(file, by=by)))
        except ValidationError as error:
            refused.append(error)
    if refused and passed:
        refused.append(ValidationError(f"其余 {len(passed)} 个文件没有问题，但也没有保存，请一并重新选择。"))
    if refused:
        raise ValidationError({"files": refused})
    return passed


def _note(file: UploadedFile, error: ValidationError, *, by: Person) -> None:
    """The attempt stays on record though the transaction does not: in the log."""
    if error.code in NOTED:
        facts = (error.code, by.pk, file.size, sha256_of(file))
        security.warning("upload refused: %s, person %s, %s bytes, sha256 %s", *facts)


def sha256_of(file: UploadedFile) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def keep(record: Record, file: UploadedFile, examined: Examined, *, by: Person) -> Attachment:
    """保存 what was examined with its record, and its picture made small."""
    attachment, _ = _kept(record.attachments, file, examined, by=by)
    keep_thumbnail(attachment, examined.thumbnail)
    return attachment


def keep_papers(owner: models.Model, files: Iterable[tuple[UploadedFile, Examined]], *, by: Person) -> int:
    """保存材料, examined before, with ``owner``. The same content twice is kept once; how many are new."""
    return sum([_kept(owner.papers, file, examined, by=by)[1] for file, examined in files])


def _kept(papers: models.Manager, file: UploadedFile, examined: Examined, *, by: Person) -> tuple[KeptPaper, bool]:
    """The paper and whether it is new: the bytes once under their hash, the row once per owner."""
    paper = papers.model(**{papers.field.name: papers.instance}, uploaded_at=timezone.now(), uploaded_by=by)
    _describe(paper, file, examined)
    existing = papers.standing().filter(sha256=paper.sha256).first()
    store(existing or paper, file)  # also mends a copy the disk has lost
    if existing:
        return existing, False
    save_as(paper, by=by, reason=f"上传{paper._meta.verbose_name}")
    return paper, True


def enclose(kept: KeptFile, file: UploadedFile, examined: Examined) -> None:
    """附上 the file of a row that is more than a file; who encloses it saves it."""
    _describe(kept, file, examined)
    store(kept, file)


def _describe(kept: KeptFile, file: UploadedFile, examined: Examined) -> None:
    kept.name, kept.content_type = examined.name, ALLOWED[examined.extension]
    kept.size, kept.sha256, kept.virus_scan = file.size, sha256_of(file), examined.virus_scan
