"""月报列入责任台账: which unit owes a report of which month; asked for once, and no longer than there is something to say.

``keep`` compares what is owed with what stands and writes the difference, so it may run at any time and twice:
when a plan is approved, a ledger imported, a day extended, a problem closed, and every night.
"""

from calendar import monthrange
from collections.abc import Container, Iterator
from datetime import date

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from accountability.models import Duty, Organisation, Person, Record, Subject, WorkYear
from accountability.models.history import create_with_history, save_as
from accountability.services.duties import SUBJECT_OF, last_serial
from accountability.services.workdays import last_workday_of, next_workday
from inspections.models import Finding, Measure, ProgressReport, Round
from inspections.services.duties import BATCH, clause_of
from inspections.services.places import heads_of

S = Finding.State
# What a unit still has to speak of: its plan stands, and nobody has closed it or set it to be kept up.
OPEN_STATES = (S.WORKING, S.REVIEWING, S.VERIFYING)
REQUIREMENT = "逐条报告牵头措施的进展和完成情况，经本单位党组织书记审核。"
NOTHING_LEFT = "本单位牵头的措施所属问题均已销号或转长期坚持，不再要求月报"


def due_day(month: date) -> date:
    """The day a month's report is due by; it never leaves its month."""
    if not settings.PROGRESS_REPORT_DAY:
        return last_workday_of(month)
    last = monthrange(month.year, month.month)[1]
    day = next_workday(month.replace(day=min(settings.PROGRESS_REPORT_DAY, last)))
    return day if day.month == month.month else last_workday_of(month)


def months_between(first: date, last: date) -> Iterator[date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)


@transaction.atomic
def keep(row: Round, *, by: Person, on: date, reason: str) -> None:
    """月报责任与整改同步. The open working years are the lock: two at once wait here, and the second finds it done."""
    years = {year.year: year for year in WorkYear.objects.select_for_update().filter(closed_on=None).order_by("year")}
    if row.rectify_by is None:
        return
    due_days: dict[date, date] = {}
    owed = _owed(row, on, years, due_days)
    standing = {
        (report.organisation_id, report.month): report
        for report in row.progress_reports.select_related("duty", "record")
    }
    _stop([report for (unit, _), report in standing.items() if unit not in owed], by=by, on=on)
    wanted = {(unit, month) for unit, months in owed.items() for month in months}
    _ask_again([standing[key] for key in sorted(wanted & standing.keys())], by=by, on=on, reason=reason)
    fresh = sorted(wanted - standing.keys(), key=lambda key: (key[1], key[0]))
    _open(row, fresh, years, due_days, by=by, reason=reason)


def _owed(row: Round, on: date, years: Container[int], due_days: dict[date, date]) -> dict[int, list[date]]:
    """Months by unit: from this one, since what was over before it was asked for is not owed, to the last day set.

    Months of a year not yet opened wait for it. ``due_days`` is filled with the day of each month.
    """
    led = Measure.objects.filter(finding__round=row, finding__state__in=OPEN_STATES, duty__isnull=False)
    owed = {}
    for unit, last_due in led.order_by().values_list("lead").annotate(last_due=Max("due_on")):
        until = row.rectify_by
        if settings.PROGRESS_REPORTS_AFTER_PERIOD:  # to the last day of its measures, and on while they are late
            until = max(until, last_due or until, on)
        months = [month for month in months_between(on, until) if month.year in years] if on <= until else []
        for month in months:
            if month not in due_days:
                due_days[month] = due_day(month)
        owed[unit] = [month for month in months if due_days[month] >= on]
    return owed


def _open(
    row: Round,
    wanted: list[tuple[int, date]],
    years: dict[int, WorkYear],
    due_days: dict[date, date],
    *,
    by: Person,
    reason: str,
) -> None:
    units = Organisation.objects.in_bulk({unit for unit, _ in wanted})
    heads = heads_of(units)
    wanted = [(unit, month) for unit, month in wanted if unit in heads]
    if not wanted:
        return
    supervisor = Organisation.objects.get(kind=Organisation.Kind.COMMISSION)
    clauses = {number: clause_of(year) for number, year in years.items()}
    serials = {number: last_serial(number) for number in {month.year for _, month in wanted}}
    duties = []
    for unit, month in wanted:
        serials[month.year] += 1
        due_on = due_days[month]
        duties.append(
            Duty(
                number=f"{month.year}-{serials[month.year]:04d}",
                title=f"{row.name}整改进展月报（{month.year}年{month.month}月）",
                subject=SUBJECT_OF.get(units[unit].kind, Subject.UNIT),
                clause=clauses[month.year],
                work_year=years[month.year],
                organisation=units[unit],
                owner=heads[unit],
                supervisor=supervisor,
                requirement=REQUIREMENT,
                scheduled_on=due_on,
                due_on=due_on,
            )
        )
    create_with_history(duties, by=by, reason=reason, batch_size=BATCH)
    reports = [
        ProgressReport(round=row, organisation=units[unit], month=month, duty=duty)
        for (unit, month), duty in zip(wanted, duties, strict=True)
    ]
    create_with_history(reports, by=by, reason=reason, batch_size=BATCH)


def _still_to_come(reports: list[ProgressReport], state: str, on: date) -> Iterator[tuple[ProgressReport, Duty]]:
    """Reports in this state whose day has not passed, locked. What is being confirmed this moment is left alone:
    waiting for it, while its decision waits for ours, would be a deadlock; the night's run looks again."""
    duties = (
        Duty.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk__in=[report.duty_id for report in reports], state=state, due_on__gte=on, work_year__closed_on=None)
        .in_bulk()
    )
    return ((report, duties[report.duty_id]) for report in reports if report.duty_id in duties)


def _stop(reports: list[ProgressReport], *, by: Person, on: date) -> None:
    """不再要求: what is late stays late; a report that waits for its secretary is left to him."""
    waiting = {report.pk for report in reports if report.record and report.record.state == Record.State.SUBMITTED}
    for report, duty in _still_to_come(reports, Duty.State.OPEN, on):
        if report.pk not in waiting:
            duty.state = Duty.State.WAIVED
            save_as(duty, by=by, reason=NOTHING_LEFT)
            report.stopped_on = on
            save_as(report, by=by, reason=NOTHING_LEFT)


def _ask_again(reports: list[ProgressReport], *, by: Person, on: date, reason: str) -> None:
    """恢复月报: only what the system itself had stopped; what the office waived stays waived."""
    stopped = [report for report in reports if report.stopped_on]
    for report, duty in _still_to_come(stopped, Duty.State.WAIVED, on):
        duty.state = Duty.State.OPEN
        save_as(duty, by=by, reason=f"恢复月报：{reason}")
        report.stopped_on = None
        save_as(report, by=by, reason=f"恢复月报：{reason}")


def keep_all(on: date, *, by: Person) -> None:
    """每晚: rounds in rectification go on month by month, and into a year just opened."""
    for row in Round.objects.filter(stage=Round.Stage.RECTIFYING):
        keep(row, by=by, on=on, reason="按月列入整改进展月报")
