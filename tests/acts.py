"""What the cast does in tests, each in one call."""

from datetime import date

from accountability.models import ActKind, Duty, HandOver, Organisation, Person, Post, Record
from accountability.services import handovers
from accountability.services.records import countable_duties, file_record
from tests import cast, papers

PDF = papers.pdf("一次履责")


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


def post_record(client, duty: Duty, act_code: str, **fields):
    """File a record for ``duty`` through the page, as whoever is signed in."""
    data = {"title": duty.title, "happened_on": "2026-11-20", "content": "已办理。", "duties": [duty.pk]} | fields
    return client.post(f"/records/new/?duty={duty.pk}&act={act_code}", data)


def post_meeting(client, duty: Duty, act_code: str, **fields):
    """Record a meeting for ``duty`` through the page, with every duty it may count for."""
    page = client.get(f"/meetings/new/?duty={duty.pk}&kind={act_code}")
    countable = [each.pk for each in page.context["countable"]]
    data = {"title": duty.title, "happened_on": "2026-11-20", "chaired_by": "顾怀远", "duties": countable} | fields
    return client.post(f"/meetings/new/?duty={duty.pk}&kind={act_code}", data)


def state(duty: Duty) -> str:
    duty.refresh_from_db()
    return duty.state


def read_and_signed(sheet: HandOver) -> dict:
    """What a page of 交接清单 posts when it is signed as it was read."""
    return {"password": cast.PASSWORD, "sha256": handovers.content_sha256(sheet)}


def signed(sheet: HandOver, by: Person) -> HandOver:
    return handovers.sign(sheet, by=by, **read_and_signed(sheet))
