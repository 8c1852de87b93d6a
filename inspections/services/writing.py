"""写入台账: findings, measures, their duties and who helps, in bulk with their history; all or nothing."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accountability.models import Person
from accountability.models.history import create_with_history, update_with_history
from accountability.models.insertion import insert_rows
from accountability.unclassified import refuse_marks
from inspections.models import Measure, Round
from inspections.services.duties import BATCH, add_helpers, follow, open_duties
from inspections.services.planning import Plan, PlannedFinding
from inspections.services.progress_duties import keep


@transaction.atomic
def write(row: Round, plan: Plan, *, by: Person, reason: str) -> None:
    """写入: findings, measures, their duties and who helps, in bulk with their history; all or nothing."""
    row = Round.objects.select_for_update(of=("self",)).get(pk=row.pk)
    try:
        with transaction.atomic():
            _write_findings(plan, by=by, reason=reason)
            _write_measures(row, plan, by=by, reason=reason)
            keep(row, by=by, on=timezone.localdate(), reason=reason)
    except IntegrityError as error:
        raise ValidationError("导入时与他人的修改冲突，没有写入任何一行。请重新上传、重新预览。") from error


def _write_findings(plan: Plan, *, by: Person, reason: str) -> None:
    now = timezone.now()
    fresh, changed, fields = [], [], set()
    for one in plan.findings:
        finding = one.finding
        if one.is_new:
            finding.organisation_id = one.measures[0].measure.lead_id
            finding.entered_by, finding.entered_at, finding.due_on = by, now, _last_day(one)
            fresh.append(finding)
        elif one.is_changed:
            changes = {name: new for name, (_, new) in one.changes.items()}
            if one.measures and (due_on := _last_day(one)) != finding.due_on:
                changes["due_on"] = due_on
            for name, new in changes.items():
                setattr(finding, name, new)
            if changes:
                fields |= changes.keys()
                changed.append(finding)
        refuse_marks(finding, "")
    create_with_history(fresh, by=by, reason=reason, batch_size=BATCH)
    update_with_history(changed, sorted(fields), by=by, reason=reason)


def _last_day(planned: PlannedFinding) -> date:
    """整改期限 of a problem: the last day of its measures, those the file does not speak of included."""
    days = [one.row.term.day for one in planned.measures] + [one.due_on for one in planned.absent]
    return max((day for day in days if day), default=planned.round.rectify_by)


def _write_measures(row: Round, plan: Plan, *, by: Person, reason: str) -> None:
    fresh, changed, helped, fields = [], [], [], set()
    for finding in plan.findings:
        for one in finding.measures:
            measure = one.measure
            measure.named_helpers = one.helpers
            refuse_marks(measure, "")
            if one.is_new:
                measure.finding = finding.finding
                fresh.append(measure)
            elif one.changes:
                for name, (_, new) in one.changes.items():
                    setattr(measure, name, new)
                fields |= {name.removesuffix("_id") for name in one.changes}
                changed.append(measure)
                if "helper_words" in one.changes:
                    helped.append(measure)
    open_duties(fresh, row, by=by, reason=reason)
    create_with_history(fresh, by=by, reason=reason, batch_size=BATCH)
    update_with_history(changed, sorted(fields), by=by, reason=reason)
    follow(changed, row, by=by, reason=reason)
    _name_helpers(fresh, helped, by=by, reason=reason)


def _name_helpers(fresh: Iterable[Measure], helped: Iterable[Measure], *, by: Person, reason: str) -> None:
    """配合单位, of measures and of their duties; who no longer helps with an open duty is taken off it."""
    through = Measure.helpers.through
    for measure in helped:
        measure.helpers.clear()
        for cooperation in measure.duty.cooperations.all() if measure.duty else ():
            cooperation._history_user, cooperation._change_reason = by, reason
            cooperation.delete()
    rows = [
        (one.pk, unit) for one in (*fresh, *helped) for unit in dict.fromkeys(unit.pk for unit in one.named_helpers)
    ]
    insert_rows(through, ("measure_id", "organisation_id"), rows)
    add_helpers([*fresh, *helped], by=by, reason=reason)
