"""The child's whole answer about a file: a refusal by its key or what was found. Never a word of the file's text."""

from importlib import import_module
from typing import IO
from zipfile import is_zipfile

from accountability.contents.findings import Unacceptable

READERS = {
    **dict.fromkeys(("docx", "xlsx", "pptx", "ofd"), "zips"),
    **dict.fromkeys(("doc", "xls", "ppt", "wps", "et"), "ole"),
    **dict.fromkeys(("jpg", "jpeg", "png"), "images"),
    "pdf": "pdfs",
}


def look_into(file: IO[bytes], extension: str, **limits) -> dict:
    """看文件: read by the one reader of its kind, imported only now so that each kind starts quickly.

    ``limits`` are the reader's own.
    """
    reader = READERS[extension]
    try:
        if reader != "zips" and is_zipfile(file):  # two files in one: shown as this, opened as that
            raise Unacceptable("disguised")
        file.seek(0)
        found = import_module(f"accountability.contents.{reader}").read(file, extension, **limits)
    except Unacceptable as refusal:
        return {"refusal": str(refusal), "marked": False, "thumbnail": ""}
    return {"refusal": "", "marked": found.is_marked, "thumbnail": found.thumbnail}
