"""应召开、已召开、已安排、还差: meetings counted against what the regulation asks, school and every unit (三（一）, 三（三）2)."""

from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from accountability import access, statements
from accountability.confidential import told_of
from accountability.counting import counts_again
from accountability.ledger import LedgerFilter
from accountability.models import ActKind, Duty, Obligation, Organisation
from meetings.models import Meeting
from meetings.models.meetings import MeetingQuerySet
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
    shaped_by = (access.standing_of(user), told_of(user), year, on)
    counted = _by_obligation(shaped_by, user, year, on)
    shown = Obligation.objects.filter(pk__in=[pk for pk in counted if pk])
    shown = shown | Obligation.objects.governing(year).filter(is_open_ended=True)
    shown = shown.filter(acts__category=ActKind.Category.MEETING).distinct().select_related("clause")
    obligations = list(shown.prefetch_related("acts"))
    held = _held(shaped_by, user, year, [one for one in obligations if one.pk not in counted and one.is_open_ended])
    lines = []
    for obligation in obligations:
        kind = obligation.acts.all()[0].code
        if obligation.pk in counted:
            url = LedgerFilter(year=year, obligation=obligation.pk).url
            lines.append(Quota(obligation, **counted[obligation.pk], url=url, kind=kind))
        elif obligation.is_open_ended:
            numbers = {name: held[f"{name} {obligation.pk}"] for name in ("held", "planned")}
            lines.append(Quota(obligation, None, **numbers, late=0, next_due=None, url="", kind=kind))
    return _with_last_days(lines)


def _by_obligation(shaped_by: tuple, user, year: int, on: date) -> dict[int, dict]:
    names = list(_counts(on))
    rows = statements.rows(
        ("quotas", *shaped_by), lambda: _owed(user, year).values_list("obligation").annotate(**_counts(on))
    )
    counted = {pk: dict(zip(names, values, strict=True)) for pk, *values in rows}
    for numbers in counted.values():
        numbers["next_due"] = statements.day(numbers["next_due"])
    return counted


def _held(shaped_by: tuple, user, year: int, obligations: list[Obligation]) -> dict[str, int]:
    """Of meetings without a target: how many were held and are planned, in one query."""
    if not obligations:
        return {}

    def meetings(obligation: Obligation) -> MeetingQuerySet:
        return Meeting.objects.visible_to(user).of_year(year).fulfilling(obligation)

    rows = {f"held {one.pk}": lambda one=one: meetings(one).held() for one in obligations}
    rows |= {f"planned {one.pk}": lambda one=one: meetings(one).to_come() for one in obligations}
    return counts_again(("meetings held", *rows, *shaped_by), rows)


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
