"""重复使用的照片: the same file in records of different acts, units or days; and pictures that look the same (四（三）).

The look of a picture is read from the small copy the system made itself: 256 comparisons of neighbouring greys, with
differences too small to see counted as none. Scanned paper looks all alike in this light and is left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.core.files.storage import default_storage
from PIL import Image

from accountability.models import Attachment, Record
from accountability.services.safekeeping import thumbnail_path
from supervision.hints.finders import Found, Scope, Tell, short
from supervision.models import Hint

SIDE = 16
NEAR = 12  # of 256 comparisons so many may differ
BANDS = NEAR + 1  # then at least one of so many bands is the same in both
VISIBLE = 4  # a difference of greys smaller than this is none
PAPER = 200  # a picture lighter than this on average is paper
LIVELY = 24  # and one with fewer differences than this is empty


@dataclass
class Look:
    """A picture by its looks, with the earliest place it was used."""

    bits: int
    attachment: Attachment


def find(scope: Scope, tell: Tell) -> Iterator[Found]:
    tell(68, "正在比对照片")
    rows = Attachment.objects.filter(
        record__work_year__in=scope.against, content_type__in=("image/jpeg", "image/png")
    ).exclude(record__state=Record.State.WITHDRAWN)
    pictures = list(rows.select_related("record__organisation__parent").order_by("uploaded_at", "pk"))
    first: dict[str, Attachment] = {}
    for picture in pictures:
        earlier = first.setdefault(picture.sha256, picture)
        if is_another_occasion(picture, earlier) and picture.record.work_year_id in scope.years:
            yield _found(Hint.Kind.PHOTO, picture, earlier, "是同一个文件")
    tell(74, "正在比对照片的样子")
    yield from _look_alikes(list(first.values()), scope)


def is_another_occasion(one: Attachment, other: Attachment) -> bool:
    """Of another act, another unit or another day: one photo for one occasion may hang on it twice."""
    here, there = one.record, other.record
    return (here.organisation_id, here.act_id, here.happened_on) != (
        there.organisation_id,
        there.act_id,
        there.happened_on,
    )


def _look_alikes(pictures: Sequence[Attachment], scope: Scope) -> Iterator[Found]:
    index: dict[tuple[int, int], list[Look]] = {}
    for picture in pictures:
        bits = look_of(picture)
        if bits is None:
            continue
        look, bands = Look(bits, picture), list(enumerate(_bands(bits)))
        near = {id(other): other for band in bands for other in index.get(band, ())}
        alike = [other for other in near.values() if (other.bits ^ bits).bit_count() <= NEAR]
        alike = [other for other in alike if is_another_occasion(picture, other.attachment)]
        if alike and picture.record.work_year_id in scope.years:
            earlier = min(alike, key=lambda other: ((other.bits ^ bits).bit_count(), other.attachment.pk))
            yield _found(Hint.Kind.PHOTO_NEAR, picture, earlier.attachment, "看上去几乎一样")
        for band in bands:
            index.setdefault(band, []).append(look)


def look_of(attachment: Attachment) -> int | None:
    """The 256 comparisons as a number; nothing for paper, for an empty picture and for one the disk has lost."""
    try:
        with default_storage.open(thumbnail_path(attachment)) as file, Image.open(file, formats=["JPEG"]) as image:
            image.draft("L", (SIDE * 8, SIDE * 8))
            greys = list(image.convert("L").resize((SIDE + 1, SIDE), Image.Resampling.BOX).tobytes())
    except OSError:
        return None
    if sum(greys) / len(greys) > PAPER:
        return None
    bits = 0
    for row in range(SIDE):
        for column in range(SIDE):
            place = row * (SIDE + 1) + column
            bits = bits << 1 | (greys[place + 1] - greys[place] >= VISIBLE)
    return bits if LIVELY <= bits.bit_count() <= SIDE * SIDE - LIVELY else None


def _bands(bits: int) -> Iterator[int]:
    width = -(-SIDE * SIDE // BANDS)
    for number in range(BANDS):
        yield bits >> number * width & (1 << width) - 1


def _found(kind: str, later: Attachment, earlier: Attachment, how: str) -> Found:
    here, there = later.record, earlier.record
    return Found(
        kind,
        f"photo:{later.pk}|photo:{earlier.pk}",
        here.organisation_id,
        here.work_year_id,
        f"{here.organisation.full_name}《{short(here.title)}》（{here.happened_on}）的照片「{short(later.name, 30)}」与"
        f"{there.organisation.full_name}《{short(there.title)}》（{there.happened_on}）的「{short(earlier.name, 30)}」{how}。",
        ("photo", later.pk),
        ("photo", earlier.pk),
        there.organisation_id if there.organisation_id != here.organisation_id else None,
        author=later.uploaded_by_id,
    )
