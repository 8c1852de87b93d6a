"""调研督查: record a visit once; it is the leader's record, counts for his yearly duty, and tells the units (三（四）3)."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.urls import reverse

from accountability.models import ActKind, Duty, Notice, Organisation, Person, Post, Record
from accountability.models.history import save_as
from accountability.own_pages import Occasion, OwnPage, recorded_elsewhere, with_query
from accountability.services import records
from accountability.services.notices import notify, people_with
from accountability.services.records import counting_rule
from inspections.models import Visit, VisitUnit
from inspections.research_access import posts_to_record_for

ACT = "research-visit"
SITTINGS_AT_MOST = 20


def _address_of(record: Record) -> str:
    visit = Visit.objects.filter(record=record).first()
    return reverse("visit", args=[visit.pk]) if visit else ""


def _where_to_record(occasion: Occasion) -> str:
    return with_query("visit_new", duty=occasion.duty.pk if occasion.duty else "")


recorded_elsewhere(ACT, OwnPage("看这次调研督查", _where_to_record, _address_of))


@counting_rule
def refusal_without_units(record: Record, duty: Duty) -> str:
    """A visit counts when it says which units it was to (三（四）3 “写明所到单位”)."""
    if record.act.code != ACT or VisitUnit.objects.filter(visit__record=record).exists():
        return ""
    return "调研督查须写明所到单位，请在「调研督查」中登记。"


@transaction.atomic
def record_visit(
    *,
    by: Person,
    post: Post,
    units: Sequence[Organisation],
    work_year: int,
    happened_on: date,
    place: str,
    learned: str,
    asked: str,
    title: str = "",
    companions: str = "",
    found: str = "",
    promised: str = "",
    late_reason: str = "",
    duty: Duty | None = None,
    files: Iterable[UploadedFile] = (),
) -> Visit:
    """登记调研督查. Raises what ``file_record`` raises; a visit of the same leader to the same unit on a day is one visit."""
    _check(by, post, units, learned=learned, asked=asked)
    act = ActKind.objects.get(code=ACT)
    # The post is the lock: two entering the same visit at once come here one after the other.
    Post.objects.select_for_update(of=("self",)).get(pk=post.pk)
    _refuse_twice(post, units, happened_on)
    record = records.file_record(
        by=by,
        organisation=post.organisation,
        post=post,
        act=act,
        work_year=work_year,
        title=title or _title(post, units),
        happened_on=happened_on,
        content=learned.strip(),
        sitting=_next_sitting(post, happened_on),
        late_reason=late_reason,
        files=files,
    )
    visit = Visit(record=record, place=place, companions=companions, found=found.strip(), asked=asked.strip())
    visit.promised = promised.strip()
    visit.full_clean()
    save_as(visit, by=by, reason="登记调研督查")
    for unit in units:
        save_as(VisitUnit(visit=visit, organisation=unit), by=by, reason="列为走访单位")
    for one in _countable(post, act, work_year, duty):
        records.credit(one, by=by, record=record)
    _tell_units(visit, units, by=by)
    return visit


def _check(by: Person, post: Post, units: Sequence[Organisation], *, learned: str, asked: str) -> None:
    if not posts_to_record_for(by).filter(pk=post.pk).exists():
        raise PermissionDenied("调研督查由校领导本人，或由为校领导做记录的办公机构登记。")
    errors = {}
    if not units:
        errors["units"] = "请选择走访的单位。"
    if not learned.strip():
        errors["learned"] = "请写明了解的情况。"
    if not asked.strip():
        errors["asked"] = "请写明提出的要求；没有的写“无”。"
    if errors:
        raise ValidationError(errors)


def _title(post: Post, units: Sequence[Organisation]) -> str:
    names = "、".join(unit.name for unit in units[:3])
    return f"{post.title}到{names}{f'等 {len(units)} 个单位' if len(units) > 3 else ''}调研督查"[:120]


def _same_day(post: Post, on: date):
    return Record.objects.standing().filter(post=post, act__code=ACT, happened_on=on)


def _refuse_twice(post: Post, units: Sequence[Organisation], on: date) -> None:
    known = VisitUnit.objects.filter(visit__record__in=_same_day(post, on), organisation__in=units)
    if row := known.select_related("organisation", "visit__record").first():
        raise ValidationError(
            {
                "units": f"{on} 已登记过{post.title}到{row.organisation.name}的调研「{row.visit.record.title}」，不重复登记。"
            }
        )


def _next_sitting(post: Post, on: date) -> int:
    number = (_same_day(post, on).aggregate(last=Max("sitting"))["last"] or 0) + 1
    if number > SITTINGS_AT_MOST:
        raise ValidationError({"happened_on": f"{on} 已登记 {SITTINGS_AT_MOST} 次调研，请核对日期。"})
    return number


def _countable(post: Post, act: ActKind, work_year: int, duty: Duty | None) -> list[Duty]:
    """The duty it was recorded from, or the earliest open ones it may fulfil."""
    if duty is not None and duty.is_open:
        return [duty]
    return records.countable_duties(post.organisation, act, work_year, post)


def _tell_units(visit: Visit, units: Sequence[Organisation], *, by: Person) -> None:
    for unit in units:
        notify(
            [person for person in people_with("confirm_record", unit) if person != by],
            kind=Notice.Kind.RESEARCH,
            title=f"调研督查：{visit.record.title}",
            body=f"提出的要求：{visit.asked}"[:300],
            url=reverse("visit", args=[visit.pk]),
        )
