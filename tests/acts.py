"""What the cast does in tests, each in one call."""

from datetime import date

from accountability.models import ActKind, Duty, Organisation, Person, Post, Record
from accountability.services.records import countable_duties, file_record
from tests import cast

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def duty_of(organisation: Organisation, act_code: str, occurrence: int = 1, post: Post | None = None) -> Duty:
    """The n-th duty of this organisation that ``act_code`` fulfils."""
    return Duty.objects.of_year(cast.YEAR).get(
        organisation=organisation, obligation__acts__code=act_code, occurrence=occurrence, bearer_post=post
    )


def record(
    by: Person,
    organisation: Organisation,
    act_code: str,
    *,
    title: str = "一次履责",
    on: date = date(2026, 11, 20),
    credit: bool = True,
    post: Post | None = None,
    **more,
) -> Record:
    """File a simple record, credited to what it may count for unless told otherwise."""
    act = ActKind.objects.get(code=act_code)
    duties = countable_duties(organisation, act, cast.YEAR, post) if credit else []
    return file_record(
        by=by,
        organisation=organisation,
        act=act,
        work_year=cast.YEAR,
        title=title,
        happened_on=on,
        duties=duties,
        post=post,
        **more,
    )
