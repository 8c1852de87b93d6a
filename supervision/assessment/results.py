"""结果运用: results by grade beside the measures that count today, for appraisal, honours and appointments (四（四）)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from accountability.models import Person
from supervision.assessment.filters import ResultFilter
from supervision.models import AccountabilityMeasure, AssessmentSheet, Purpose


@dataclass(frozen=True)
class Result:
    """One result: its sheet, the measures in their influence period the reader may see, and what they bar from."""

    sheet: AssessmentSheet
    measures: tuple[AccountabilityMeasure, ...]

    @property
    def barred_from(self) -> list[str]:
        """不宜: the purposes its grade or a measure excludes from, in order."""
        bars = set(self.sheet.assessment.scheme.barred_by(self.sheet.grade))
        bars |= {bar for measure in self.measures for bar in measure.kind.bars}
        return [purpose.value for purpose in Purpose if purpose in bars]

    @property
    def barred_words(self) -> str:
        return "、".join(Purpose(value).label for value in self.barred_from)


def results(sheets: Iterable[AssessmentSheet], user: Person, on: date) -> list[Result]:
    """With the measures of each, in one query for all of them; measures the reader may not see are not there."""
    sheets = list(sheets)
    units = [sheet.organisation_id for sheet in sheets if sheet.organisation_id]
    people = [sheet.person_id for sheet in sheets if sheet.person_id]
    found: dict[tuple[str, int], list[AccountabilityMeasure]] = defaultdict(list)
    rows = AccountabilityMeasure.objects.visible_to(user).in_influence(on)
    for row in rows.filter(Q(organisation__in=units) | Q(person__in=people)).for_list():
        found[("unit", row.organisation_id) if row.organisation_id else ("person", row.person_id)].append(row)
    return [Result(sheet, tuple(found.get(_key(sheet), ()))) for sheet in sheets]


def _key(sheet: AssessmentSheet) -> tuple[str, int]:
    return ("unit", sheet.organisation_id) if sheet.organisation_id else ("person", sheet.person_id)


def chosen_results(chosen: ResultFilter, sheets, user: Person, on: date) -> list[Result]:
    """名单: ``sheets`` comes scoped. Not barred means not barred from the chosen purpose, or from any."""
    rows = (
        chosen.rows(sheets)
        .for_list()
        .order_by("-assessment__scheme__work_year_id", "-assessment__scheme__kind", "rank")
    )
    listed = results(rows, user, on)
    if not chosen.barred:
        return listed

    def is_barred(result: Result) -> bool:
        return chosen.purpose in result.barred_from if chosen.purpose else bool(result.barred_from)

    return [result for result in listed if is_barred(result) == (chosen.barred == "yes")]
