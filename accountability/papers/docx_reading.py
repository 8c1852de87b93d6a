"""读 Word: a .docx that people send back becomes the next text. What cannot be read is refused in Chinese."""

import zipfile
from dataclasses import dataclass
from io import BytesIO

from django.core.exceptions import ValidationError

from accountability.confinement import ChildFailed, ChildTookTooLong, in_child

LARGEST, LARGEST_UNPACKED, MOST_PARTS = 20 * 1024**2, 100 * 1024**2, 2000
SECONDS = 20  # of the child's processor time
MAIN = "word/document.xml"
MACROS = ("vbaproject.bin", "macroenabled")
SAVE_AS = "请在 Word 或 WPS 中另存为 .docx 文件后重试。"
OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Body:
    """What was read: the title, the text in the notation of ``blocks``, and what was left out."""

    title: str
    text: str
    warnings: tuple[str, ...] = ()


def read_docx(content: bytes) -> Body:
    """Raises ValidationError, in words for the person who chose the file."""
    _refuse(content)
    return Body(**(read := _in_a_child(content)) | {"warnings": tuple(read["warnings"])})


def _refuse(content: bytes) -> None:
    if not content:
        raise ValidationError("文件是空的。" + SAVE_AS)
    if len(content) > LARGEST:
        raise ValidationError(f"文件超过 {LARGEST // 1024**2} MB，请删去其中的图片后重试。")
    if content.startswith(OLD_OR_LOCKED):
        raise ValidationError("文件设有打开密码，或者是旧版 .doc 文件。请去掉密码，" + SAVE_AS)
    try:
        with zipfile.ZipFile(BytesIO(content)) as file:
            _refuse_parts(file)
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, EOFError):
        raise ValidationError("这不是 .docx 文件，或者文件已损坏。" + SAVE_AS) from None


def _refuse_parts(file: zipfile.ZipFile) -> None:
    parts = file.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise ValidationError("文件设有密码。请去掉密码后重试。")
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise ValidationError("文件展开后过大，不能读取。请只保留正文后重试。")
    names = {part.filename for part in parts}
    if MAIN not in names or "[Content_Types].xml" not in names:
        raise ValidationError("这不是 .docx 文件。" + SAVE_AS)
    kinds = file.read("[Content_Types].xml").decode("utf-8", "replace")
    if any(each in " ".join([*names, kinds]).lower() for each in MACROS):
        raise ValidationError("文件带有宏，不能读取。请另存为不带宏的 .docx 文件后重试。")


def _in_a_child(content: bytes) -> dict:
    """A process of its own, with limits of time and memory (``confinement``)."""
    try:
        return in_child("accountability.papers.docx_parsing.read_file", content, seconds=SECONDS, megabytes=1024)
    except ChildTookTooLong as error:
        raise ValidationError("文件过于复杂，没有读完。请只保留正文后重试。") from error
    except ChildFailed as error:
        raise ValidationError("文件无法读取，可能已损坏或过于复杂。" + SAVE_AS) from error
