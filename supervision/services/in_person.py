"""四个亲自: one way to record them, the records of the ledger; entered for the secretary by his office, he confirms (二（三）)."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.db.models import Max
from django.utils import timezone

from accountability import access
from accountability.models import ActKind, Duty, Person, Post, Problem, Record, Role, Tenure
from accountability.models.history import save_as
from accountability.own_pages import Occasion, OwnPage, recorded_elsewhere, with_query
from accountability.services import records
from inspections.models import Finding
from meetings.models import Meeting
from supervision.models import InPerson, Talk
from supervision.models.in_person import ACTS

MODELS: dict[str, type[models.Model]] = {
    "duty": Duty, "finding": Finding, "meeting": Meeting, "problem": Problem, "talk": Talk,
}  # fmt: skip
SITTINGS_AT_MOST = 20
RECORDERS = "四个亲自由党委书记本人记录，或者由党委办公室代记、书记确认。"


def _page_for(act: str) -> OwnPage:
    def new(occasion: Occasion) -> str:
        return with_query("in_person_new", kind=act, fulfils=occasion.duty.pk if occasion.duty else "")

    return OwnPage("", new, lambda record: "")


for _act in ACTS:
    recorded_elsewhere(_act, _page_for(_act))


def secretary_post() -> Post | None:
    """党委书记岗位."""
    posts = Post.objects.filter(role=Role.SECRETARY, abolished_on=None).select_related("organisation")
    return posts.order_by("rank", "pk").first()


def may_record(user: Person) -> bool:
    """The secretary himself, and the office that keeps the committee's records."""
    post = secretary_post()
    return post is not None and records.may_file(user, post.organisation, post)


def entries() -> models.QuerySet[Record]:
    """四个亲自 of every year; whoever reads the secretary's records reads these."""
    return Record.objects.filter(act__code__in=ACTS, post__role=Role.SECRETARY)


@transaction.atomic
def record_in_person(
    *,
    by: Person,
    act: str,
    happened_on: date,
    title: str,
    words: str,
    about: models.Model | None = None,
    work_year: int,
    late_reason: str = "",
    duty: Duty | None = None,
    files: Iterable[UploadedFile] = (),
) -> Record:
    """记录亲自办理. The office's entry waits for the secretary; his own counts at once, once per obligation."""
    post = secretary_post()
    if post is None or not may_record(by):
        raise PermissionDenied(RECORDERS)
    if len(words.strip()) < 4:
        raise ValidationError({"words": "请写明做了什么、提出什么要求，至少 4 个字。"})
    # The post is the lock: two entering the same day at once come here one after the other.
    Post.objects.select_for_update(of=("self",)).get(pk=post.pk)
    kind = ActKind.objects.get(code=act)
    row = InPerson(**_about(about, by))
    record = records.file_record(
        by=by,
        organisation=post.organisation,
        post=post,
        act=kind,
        work_year=work_year,
        title=title.strip(),
        happened_on=happened_on,
        content=words.strip(),
        sitting=_next_sitting(post, kind, happened_on),
        late_reason=late_reason,
        files=files,
        confirmer=None if post.pk in access.posts_of(by) else _holder(post),
    )
    for one in _countable(record, duty):
        records.credit(one, by=by, record=record)
    row.record = record
    row.full_clean()
    save_as(row, by=by, reason="记录亲自办理")
    return record


def _about(thing: models.Model | None, by: Person) -> dict:
    """所办事项: only what the one who records may see."""
    if thing is None:
        return {}
    name = next(name for name, model in MODELS.items() if isinstance(thing, model))
    if not MODELS[name].objects.visible_to(by).filter(pk=thing.pk).exists():
        raise ValidationError({"about": "请从列表中选择所办的事项。"})
    return {name: thing}


def _holder(post: Post) -> Person:
    tenure = Tenure.objects.in_office(timezone.localdate()).filter(post=post, person__is_active=True).first()
    if tenure is None:
        raise ValidationError("党委书记岗位现在无人任职，没有人可以确认。")
    return tenure.person


def _next_sitting(post: Post, act: ActKind, on: date) -> int:
    same = Record.objects.standing().filter(post=post, act=act, happened_on=on)
    number = (same.aggregate(last=Max("sitting"))["last"] or 0) + 1
    if number > SITTINGS_AT_MOST:
        raise ValidationError({"happened_on": f"{on} 已记录 {SITTINGS_AT_MOST} 次，请核对日期。"})
    return number


def _countable(record: Record, duty: Duty | None) -> list[Duty]:
    """The duty it was recorded from, or the earliest open ones it may fulfil."""
    if duty is not None and duty.is_open:
        return [duty]
    return records.countable_duties(record.organisation, record.act, record.work_year_id, record.post)
