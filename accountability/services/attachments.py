"""附件: check an uploaded file, name it by its hash, keep it."""

import hashlib
import zipfile
from pathlib import PurePath

import filetype
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from accountability.models import Attachment, Person, Record
from accountability.models.history import save_as

# 扩展名 → content types its first bytes may show; an Office file of today is a zip, of yesterday an OLE document.
ZIP, OLE = "application/zip", "application/x-ole-storage"
ALLOWED = {
    "pdf": {"application/pdf"},
    "jpg": {"image/jpeg"},
    "jpeg": {"image/jpeg"},
    "png": {"image/png"},
    "docx": {ZIP, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    "xlsx": {ZIP, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    "pptx": {ZIP, "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    "doc": {OLE, "application/msword"},
    "xls": {OLE, "application/vnd.ms-excel"},
    "ppt": {OLE, "application/vnd.ms-powerpoint"},
    "wps": {OLE, "application/msword"},
    "et": {OLE, "application/vnd.ms-excel"},
    "ofd": {ZIP},
}
ALLOWED_WORDS = "PDF、Word、Excel、PPT、WPS、OFD、JPG、PNG"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def extension_of(name: str) -> str:
    return PurePath(name).suffix.lower().lstrip(".")


def _kind_by_content(file: UploadedFile) -> str:
    """The content type the first bytes show, empty when unknown."""
    head = file.read(8192)
    file.seek(0)
    if head.startswith(OLE_MAGIC):
        return OLE
    if zipfile.is_zipfile(file):
        file.seek(0)
        return ZIP
    file.seek(0)
    kind = filetype.guess(head)
    return kind.mime if kind else ""


def check_upload(file: UploadedFile) -> str:
    """校验上传文件; returns its content type. Raises ValidationError naming the file and the remedy."""
    limit = settings.ATTACHMENT_MAX_BYTES
    if file.size == 0:
        raise ValidationError(f"「{file.name}」是空文件（0 字节），请检查后重新选择。", code="empty")
    if file.size > limit:
        raise ValidationError(
            f"「{file.name}」有 {file.size / 1024 / 1024:.1f} 兆，超过单个文件 {limit / 1024 / 1024:.0f} 兆的上限，请压缩或拆分后上传。",
            code="too_large",
        )
    if len(file.name) > 150:
        raise ValidationError(f"「{file.name[:20]}…」的文件名超过 150 个字，请改短后上传。", code="name")
    allowed = ALLOWED.get(extension_of(file.name))
    if allowed is None:
        raise ValidationError(f"「{file.name}」的类型不能上传，只收 {ALLOWED_WORDS}。", code="type")
    content_type = _kind_by_content(file)
    if content_type not in allowed:
        raise ValidationError(
            f"「{file.name}」的内容与扩展名 .{extension_of(file.name)} 不符，请用原始文件重新上传。", code="disguised"
        )
    return content_type


def attach(record: Record, file: UploadedFile, *, by: Person) -> Attachment:
    """上传附件 to ``record``. The same content twice is kept once."""
    content_type = check_upload(file)
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    sha256 = digest.hexdigest()
    existing = record.attachments.filter(sha256=sha256).first()
    if existing:
        return existing
    attachment = Attachment(
        record=record,
        name=file.name,
        content_type=content_type,
        size=file.size,
        sha256=sha256,
        uploaded_at=timezone.now(),
        uploaded_by=by,
    )
    stored = Attachment.objects.filter(sha256=sha256).values_list("file", flat=True).first()
    if stored:
        attachment.file = stored
    else:
        attachment.file.save(file.name, file, save=False)
    save_as(attachment, by=by, reason="上传附件")
    return attachment
