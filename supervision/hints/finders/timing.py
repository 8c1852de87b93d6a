"""时间上的迹象: proof older than what it proves, entries long after the event, many of them in one day (四（三）)."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from django.conf import settings
from django.db.models import F, Min
from django.utils import timezone

from accountability.models import Duty, Evidence, Organisation, Record
from inspections.models.checks import STANDING
from supervision.burden.asked_twice import own_plans
from supervision.hints.finders import Found, Scope, Tell, short
from supervision.models import Hint


def find(scope: Scope, tell: Tell) -> Iterator[Found]:
    tell(85, "正在核对日期")
    proofs = _proofs(scope)
    asked = _asked_on(proofs)
    before = [proof for proof in proofs if proof.record.happened_on < asked.get(proof.duty_id, date.min)]
    yield from _older(before, asked)
    # What was done before anybody asked could not be entered in time, such as measures of a ledger taken over later.
    taken_over = {proof.record_id for proof in before}
    records = Record.objects.standing().filter(work_year__in=scope.years).exclude(pk__in=taken_over)
    by_day: dict[tuple[int, date, int], list[Record]] = defaultdict(list)
    for record in records.select_related("organisation__parent").defer("content").iterator():
        by_day[record.organisation_id, record.entered_on, record.work_year_id].append(record)
    pressing = _pressing(scope)
    for (_, day, year), entered in sorted(by_day.items()):
        yield from _late(day, year, entered)
        yield from _burst(day, year, entered, pressing)


def _proofs(scope: Scope) -> list[Evidence]:
    """Of tasks of their own. What the regulation asks every year was asked before the year began, and nothing of
    another year counts for it."""
    rows = Evidence.objects.filter(duty__work_year__in=scope.years, duty__obligation=None, record__state__in=STANDING)
    return list(rows.select_related("duty", "record__organisation__parent").defer("record__content"))


def _asked_on(proofs: list[Evidence]) -> dict[int, date]:
    """The day each of these duties came into being, as its history tells."""
    rows = Duty.history.filter(history_type="+", id__in={proof.duty_id for proof in proofs}).order_by()
    asked = rows.values("id").annotate(at=Min("history_date")).values_list("id", "at")
    return {pk: timezone.localdate(at) for pk, at in asked}


def _older(before: list[Evidence], asked: dict[int, date]) -> Iterator[Found]:
    """佐证早于要求: done long before anybody asked. A unit's own plans are no request."""
    planned = set(
        own_plans(Duty.objects.filter(pk__in={proof.duty_id for proof in before})).values_list("pk", flat=True)
    )
    for proof in before:
        record, duty, on = proof.record, proof.duty, asked[proof.duty_id]
        if duty.pk in planned or (on - record.happened_on).days <= settings.HINT_OLDER_DAYS:
            continue
        yield Found(
            Hint.Kind.OLDER,
            f"record:{record.pk}|duty:{duty.pk}",
            record.organisation_id,
            duty.work_year_id,
            f"{record.organisation.full_name}《{short(record.title)}》发生于 {record.happened_on}，"
            f"「{short(duty.title)}」于 {on} 才提出，早了 {(on - record.happened_on).days} 天。",
            ("record", record.pk),
            ("duty", duty.pk),
            author=record.entered_by_id,
        )


def _late(day: date, year: int, entered: list[Record]) -> Iterator[Found]:
    """One hint for what was made up on one day."""
    late = [record for record in entered if record.days_late > settings.HINT_LATE_DAYS]
    if late:
        oldest = max(late, key=lambda record: record.days_late)
        yield _of_day(
            Hint.Kind.LATE,
            oldest.organisation,
            day,
            year,
            f"{oldest.organisation.full_name} {day} 录入的记录中，{len(late)} 条距发生超过 {settings.HINT_LATE_DAYS} 天；"
            f"最久的是《{short(oldest.title)}》，发生于 {oldest.happened_on}，迟 {oldest.days_late} 天。",
        )


def _burst(day: date, year: int, entered: list[Record], pressing: dict[int, date]) -> Iterator[Found]:
    """集中突击: many in one day, or several that were just due; what happened that very day is not counted."""
    entered = [record for record in entered if record.happened_on != day]
    due = [record for record in entered if record.pk in pressing]
    if len(entered) < settings.HINT_ENTRIES_A_DAY and len(due) < settings.HINT_ENTRIES_LAST_DAYS:
        return
    organisation = entered[0].organisation
    happened = sorted(record.happened_on for record in entered)
    told = f"，其中 {len(due)} 条在到期前 {settings.HINT_LAST_DAYS} 天内或逾期后才录入" if due else ""
    yield _of_day(
        Hint.Kind.BURST,
        organisation,
        day,
        year,
        f"{organisation.full_name}在 {day} 一天录入 {len(entered)} 条以前的履责，发生于 {happened[0]} 至 {happened[-1]}{told}。",
    )


def _pressing(scope: Scope) -> dict[int, date]:
    """Records entered when what they prove was about to be due, or late already: record → its first due day."""
    margin = timedelta(days=settings.HINT_LAST_DAYS)
    proofs = Evidence.objects.filter(
        duty__work_year__in=scope.years, record__entered_on__gte=F("duty__due_on") - margin
    ).order_by()
    return dict(proofs.values("record").annotate(due=Min("duty__due_on")).values_list("record", "due"))


def _of_day(kind: str, organisation: Organisation, day: date, year: int, why: str) -> Found:
    return Found(kind, f"organisation:{organisation.pk}|{day}|{year}", organisation.pk, year, why, day=day)
