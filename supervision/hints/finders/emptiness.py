"""只有形式: meetings that decided nothing, self-checks that found nothing (四（三）, 三（四）2)."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef

from inspections.models import RiskAnswer, RiskChange, UnitCheck
from inspections.models.checks import STANDING
from meetings.models import Meeting, Resolution
from supervision.hints.finders import Found, Scope, Tell, short
from supervision.models import Hint


def find(scope: Scope, tell: Tell) -> Iterator[Found]:
    tell(92, "正在查看会议决议和自查答卷")
    yield from _undecided(scope)
    yield from _zero(scope)


def _undecided(scope: Scope) -> Iterator[Found]:
    """Of the kinds from which decisions are expected; which these are, the kinds of meeting say."""
    decided = Resolution.objects.filter(meeting=OuterRef("pk"))
    rows = Meeting.objects.filter(
        work_year__in=scope.years, act__meeting_kind__asks_decisions=True, record__state__in=STANDING
    ).exclude(Exists(decided))
    for row in rows.select_related("organisation__parent", "act", "record").iterator():
        if not row.resolutions.strip():
            yield Found(
                Hint.Kind.UNDECIDED,
                f"meeting:{row.pk}",
                row.organisation_id,
                row.work_year_id,
                f"{row.organisation.full_name} {row.day} 召开{row.act.name}《{short(row.title)}》，没有登记决议。",
                ("meeting", row.pk),
                author=row.record.entered_by_id,
            )


def _zero(scope: Scope) -> Iterator[Found]:
    """零问题: no problem at any point, every measure carried out, nothing to change, and no point changed in the year."""
    answers = RiskAnswer.objects.filter(unit_check=OuterRef("pk"), is_handed_in=True)
    said = answers.exclude(has_problem=False, carried_out=RiskAnswer.CarriedOut.YES, needs_change=False)
    changed = RiskChange.objects.effective().filter(
        point__organisation=OuterRef("organisation"), effective_on__year=OuterRef("campaign__work_year")
    )
    rows = (
        UnitCheck.objects.filter(campaign__work_year__in=scope.years, record__state__in=STANDING)
        .filter(Exists(answers))
        .exclude(Exists(said))
        .exclude(Exists(changed))
    )
    for row in rows.select_related("organisation", "campaign", "record").prefetch_related("answers"):
        yield Found(
            Hint.Kind.ZERO,
            f"check:{row.pk}",
            row.organisation_id,
            row.campaign.work_year_id,
            f"{row.organisation.full_name}对 {len(row.answers.all())} 个风险点自查，都答没有问题、措施已落实、不需调整，"
            f"全年也没有增减或调整过风险点。",
            ("check", row.pk),
            author=row.record.entered_by_id,
        )
