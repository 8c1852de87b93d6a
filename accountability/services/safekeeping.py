"""保管: the stored bytes of attachments, and whether they still are what was uploaded."""

import base64
import hashlib
import logging
from typing import IO

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile

from accountability.models import Attachment, KeptFile

logger = logging.getLogger(__name__)


RESTORE = "请联系系统管理员从备份中恢复；手中有原件的，在任一记录中再上传一次即可修复。"
INFECTED = "文件查出病毒，已停止提供"
AFTER_VIRUS = "请联系学校信息化部门处理，并请上传人查毒后重新上传干净的文件。"


class NotIntact(Exception):
    """The stored file is gone, changed or infected: the sentence a page shows, and what to do."""

    def __init__(self, sentence: str, remedy: str = RESTORE):
        super().__init__(sentence)
        self.remedy = remedy


def store(kept: KeptFile, file: UploadedFile) -> None:
    """Write the bytes, unless the very same lie there already from another row; a spoilt copy is replaced."""
    stored = type(kept).objects.filter(sha256=kept.sha256).values_list("file", flat=True).first()
    kept.file = stored or ""
    if stored and _is_sound(kept):
        return
    if stored:
        default_storage.delete(stored)
    kept.file.save(kept.name, file, save=False)


def thumbnail_path(attachment: Attachment) -> str:
    return f"thumbnails/{attachment.sha256[:2]}/{attachment.sha256}.jpg"


def keep_thumbnail(attachment: Attachment, encoded: str) -> None:
    path = thumbnail_path(attachment)
    if encoded and not default_storage.exists(path):
        default_storage.save(path, ContentFile(base64.b64decode(encoded)))


def open_intact(attachment: Attachment) -> IO[bytes]:
    """The stored file, for whoever may see it; never one that was changed on the disk or is infected."""
    if attachment.is_infected:
        raise NotIntact(INFECTED, AFTER_VIRUS)
    return open_sound(attachment)


def open_sound(kept: KeptFile) -> IO[bytes]:
    """The stored file, read through once: it still has its hash."""
    try:
        file = kept.file.open("rb")
    except (OSError, ValueError) as error:
        logger.error("%s %s: %s", kept._meta.model_name, kept.pk, error)
        raise NotIntact("文件在服务器上找不到了") from error
    if hashlib.file_digest(file, "sha256").hexdigest() != kept.sha256:
        file.close()
        logger.error("%s %s: the stored file no longer has its hash", kept._meta.model_name, kept.pk)
        raise NotIntact("文件已损坏：内容与上传时的校验值不符")
    file.seek(0)
    return file


def paper_bytes(kept: KeptFile) -> bytes:
    """The stored file of a paper, refused when it is infected or no longer what was handed in."""
    if kept.is_infected:
        raise ValidationError(f"「{kept.name}」{INFECTED}。{AFTER_VIRUS}")
    return intact_bytes(kept.file, kept.sha256, kept._meta.verbose_name)


def intact_bytes(file, sha256: str, what: str) -> bytes:
    """What was kept under this hash, refused when the disk no longer holds it; ``what`` names it in the refusal."""
    try:
        with file.open("rb") as stream:
            content = stream.read()
    except OSError as error:
        raise ValidationError(f"{what}读不到，请联系系统管理员从备份恢复。") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        logger.error("%s: the stored file no longer has its hash %s", file.name, sha256)
        raise ValidationError(f"{what}与登记的校验值不符，已被改动，不能使用；请联系系统管理员从备份恢复。")
    return content


def opened(file, what: str) -> IO[bytes]:
    """A file we made and can make again, open for reading; refused with the remedy when the disk has lost it."""
    try:
        return file.open("rb")
    except OSError as error:
        logger.error("%s: %s", file.name, error)
        raise ValidationError(f"{what}在服务器上找不到了，请重新生成一次；仍然如此，请联系系统管理员。") from error


def _is_sound(kept: KeptFile) -> bool:
    try:
        open_sound(kept).close()
    except NotIntact:
        return False
    return True
