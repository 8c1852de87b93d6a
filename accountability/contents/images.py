"""JPEG and PNG: every pixel decodes, there are not too many, and a small picture for lists."""

import base64
import io
from typing import IO

from PIL import Image, ImageOps

from accountability.contents.findings import Found, Unacceptable

PIXELS_AT_MOST = 80_000_000
# MPO: several JPEGs in one, as many telephones write them; every viewer shows the first.
FORMATS = {"jpg": {"JPEG", "MPO"}, "jpeg": {"JPEG", "MPO"}, "png": {"PNG"}}
THUMBNAIL = (480, 480)


def read(file: IO[bytes], extension: str) -> Found:
    Image.MAX_IMAGE_PIXELS = None  # our own limit, before a pixel is decoded
    try:
        image = Image.open(file, formats=["JPEG", "PNG"])
    except Exception as error:
        raise Unacceptable("disguised") from error
    if image.format not in FORMATS[extension]:
        raise Unacceptable("disguised")
    if image.width * image.height > PIXELS_AT_MOST:
        raise Unacceptable("pixels")
    try:
        image.load()
    except MemoryError:
        raise
    except Exception as error:
        raise Unacceptable("damaged") from error
    return Found(thumbnail=base64.b64encode(_thumbnail(image)).decode())


def _thumbnail(image: Image.Image) -> bytes:
    """Upright, small, on white, without what the camera wrote beside it."""
    image.thumbnail(THUMBNAIL)
    image = ImageOps.exif_transpose(image).convert("RGBA")
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    written = io.BytesIO()
    paper.save(written, "JPEG", quality=80)
    return written.getvalue()
