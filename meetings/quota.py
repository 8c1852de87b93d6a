"""应召开、已召开、已安排、还差: meetings counted against what the regulation asks, school and every unit (三（一）, 三（三）2)."""

from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from accountability.ledger import LedgerFilter
from accountability.models import ActKind, Duty, Obligation, Organisation
from meetings.models import Meeting
from meetings.services.planning import last_sensible_days


@dataclass(frozen=True)
class Quota:
    """One line: what one obligation asks of everybody in view, or of one organisation."""

    obligation: Obligation
    required: int | None  # None: N has no target and is never short
    held: int
    planned: int
    late: int
    next_due: date | None
    url: str
    organisation: Organisation | None = None
    next_duty: int | None = None
    kind: str = ""
    last_day: date | None = None  # 最晚召开日: a working day on which the next one still counts

    @property
    def short(self) -> int:
        """还差: not held; what is planned is still to be held."""
        return 0 if self.required is None else self.required - self.held

    @property
    def unplanned(self) -> int:
        return max(0, self.short - self.planned)

    @property
    def late_words(self) -> str:
        return f"逾期 {self.late} 次"


def _counts(on: date) -> dict:
    """Annotations of duties: held, planned, late, and the first day still open."""
    planned = Meeting.objects.to_come().filter(counts_for=OuterRef("pk"))
    return {
        "required": Count("pk"),
        "held": Count("pk", filter=Q(state=Duty.State.FULFILLED)),
        "planned": Count("pk", filter=Q(Exists(planned), state=Duty.State.OPEN)),
        "late": Count("pk", filter=Q(state=Duty.State.OPEN, due_on__lt=on)),
        "next_due": Min("due_on", filter=Q(state=Duty.State.OPEN)),
        "next_duty": Min("pk", filter=Q(~Exists(planned), state=Duty.State.OPEN)),
    }


def _owed(user, year: int) -> QuerySet:
    return Duty.objects.visible_to(user).of_year(year).owed().order_by()


def quotas(user, year: int, on: date) -> list[Quota]:
    """Per obligation that meetings fulfil, over everything the user sees; N has a count and no target (三（一）3)."""
    counted = {row.pop("obligation"): row for row in _owed(user, year).values("obligation").annotate(**_counts(on))}
    shown = Obligation.objects.filter(pk__in=[pk for pk in counted if pk])
    shown = shown | Obligation.objects.governing(year).filter(is_open_ended=True)
    shown = shown.filter(acts__category=ActKind.Category.MEETING).distinct().select_related("clause")
    lines = []
    for obligation in shown.prefetch_related("acts"):
        kind = obligation.acts.all()[0].code
        if obligation.pk in counted:
            url = LedgerFilter(year=year, obligation=obligation.pk).url
            lines.append(Quota(obligation, **counted[obligation.pk], url=url, kind=kind))
        elif obligation.is_open_ended:
            visible = Meeting.objects.visible_to(user).of_year(year).fulfilling(obligation)
            held, planned = visible.held().count(), visible.to_come().count()
            lines.append(Quota(obligation, None, held, planned, late=0, next_due=None, url="", kind=kind))
    return _with_last_days(lines)


def _with_last_days(lines: list[Quota]) -> list[Quota]:
    days = last_sensible_days(line.next_due for line in lines if line.next_due)
    return [replace(line, last_day=days.get(line.next_due)) for line in lines]


def quotas_of_units(user, year: int, obligation: Obligation, on: date) -> list[Quota]:
    """The same obligation, one line an organisation; whoever is short stands first."""
    rows = _owed(user, year).filter(obligation=obligation).values("organisation").annotate(**_counts(on))
    counted = {row.pop("organisation"): row for row in rows}
    organisations = Organisation.objects.filter(pk__in=counted).select_related("parent").order_by("path")
    kind = obligation.acts.all()[0].code
    lines = [
        Quota(
            obligation,
            **counted[organisation.pk],
            url=LedgerFilter(year=year, obligation=obligation.pk, organisation=organisation.pk).url,
            organisation=organisation,
            kind=kind,
        )
        for organisation in organisations
    ]
    return sorted(_with_last_days(lines), key=lambda line: (-line.late, -line.unplanned, -line.short))
