"""措施列入责任台账: every measure is a duty of its lead unit (一（二）)."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError

from accountability.models import Clause, Cooperation, Duty, Organisation, Person, Subject, WorkYear
from accountability.models.history import create_with_history, update_with_history
from accountability.models.insertion import new_row
from accountability.services.duties import SUBJECT_OF, last_serial
from inspections.models import Measure, Round

CLAUSE = "3.4.1"
BATCH = 500
SYNCED = ("title", "organisation", "owner", "due_on", "subject")


def due_day(measure: Measure, row: Round) -> date:
    """立行立改 is due with the feedback; what is kept up gives account when the period of rectification ends."""
    if measure.due_on:
        return measure.due_on
    return row.feedback_on if measure.term == Measure.Term.IMMEDIATE else row.rectify_by


def year_of(due_on: date, years: Sequence[WorkYear]) -> WorkYear:
    """The open working year of the day, or the one nearest to it."""
    return min(years, key=lambda year: (abs(year.year - due_on.year), -year.year))


def clause_of(year: WorkYear) -> Clause | None:
    return Clause.objects.filter(regulation=year.regulation_id, key=CLAUSE).first()


def open_duties(measures: Sequence[Measure], row: Round, *, by: Person, reason: str) -> None:
    """列入台账: one duty each, with the units that help; the measures then point to them."""
    # Ordered locks on the years, under which numbers are given.
    years = list(WorkYear.objects.select_for_update().filter(closed_on=None).order_by("year"))
    if not years:
        raise ValidationError("没有开启的工作年度，措施不能列入责任台账；请先由党委办公室开启年度。")
    supervisor = Organisation.objects.get(kind=Organisation.Kind.COMMISSION)
    serials: dict[int, int] = {}
    clauses = {year.year: getattr(clause_of(year), "pk", None) for year in years}
    duties = []
    for measure in measures:
        due_on = due_day(measure, row)
        year = year_of(due_on, years)
        serials[year.year] = serials.get(year.year, last_serial(year.year) if year.year not in serials else 0) + 1
        duties.append(
            new_row(
                Duty,
                {
                    "number": f"{year.year}-{serials[year.year]:04d}",
                    "title": measure.text[:120],
                    "subject": SUBJECT_OF.get(measure.lead.kind, Subject.UNIT),
                    "clause_id": clauses[year.year],
                    "work_year_id": year.pk,
                    "organisation_id": measure.lead_id,
                    "owner_id": measure.owner_id,
                    "supervisor_id": supervisor.pk,
                    "requirement": "有佐证材料，按措施类型写明成效，经单位审核、巡察办核验后销号。",
                    "scheduled_on": due_on,
                    "due_on": due_on,
                },
            )
        )
    create_with_history(duties, by=by, reason=reason, batch_size=BATCH)
    for measure, duty in zip(measures, duties, strict=True):
        measure.duty_id = duty.pk


def add_helpers(measures: Sequence[Measure], *, by: Person, reason: str) -> None:
    """协同单位 of the duties, as the measures name them (``measure.named_helpers``)."""
    rows = [
        new_row(Cooperation, {"duty_id": measure.duty_id, "organisation_id": unit})
        for measure in measures
        for unit in dict.fromkeys(unit.pk for unit in measure.named_helpers)
        if measure.duty_id
    ]
    create_with_history(rows, by=by, reason=reason, batch_size=BATCH)


def follow(measures: Sequence[Measure], row: Round, *, by: Person, reason: str) -> None:
    """The duties of changed measures say what the measures say; one that is done stays as it was done."""
    changed = []
    for measure in measures:
        duty = measure.duty
        if duty is None or not duty.is_open:
            continue
        wanted = {
            "title": measure.text[:120],
            "organisation_id": measure.lead_id,
            "owner_id": measure.owner_id,
            "due_on": due_day(measure, row),
            "subject": SUBJECT_OF.get(measure.lead.kind, Subject.UNIT),
        }
        if any(getattr(duty, name) != value for name, value in wanted.items()):
            for name, value in wanted.items():
                setattr(duty, name, value)
            changed.append(duty)
    update_with_history(changed, SYNCED, by=by, reason=reason)
