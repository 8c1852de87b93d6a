"""上传: a file beyond the limit never fills the disk; what arrives of it is counted and thrown away."""

from io import BytesIO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class KeepNoMoreThanAllowed(FileUploadHandler):
    """Stands before Django's own handlers: passes on what may be kept, and answers for a file that is too large.

    The body is read to its end all the same: a browser whose connection is cut shows no page, and this one
    names the file (``services.attachments.check_outside``).
    """

    def new_file(self, *args, **kwargs) -> None:
        super().new_file(*args, **kwargs)
        self.arrived = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.arrived = start + len(raw_data)
        return raw_data if self.arrived <= settings.ATTACHMENT_MAX_BYTES else None

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if self.arrived <= settings.ATTACHMENT_MAX_BYTES:
            return None
        return UploadedFile(BytesIO(), self.file_name, self.content_type, self.arrived, self.charset)
