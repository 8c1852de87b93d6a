"""What tests of inspections stand on: a round that is fed back, its ledger, who manages."""

from datetime import date

from accountability.models import Person, Role, Tenure
from inspections.models import Finding, LongTermReview, Measure, Round
from inspections.sample import SAMPLE
from inspections.services import ledger
from inspections.services.rounds import feed_back, plan_round
from tests import cast

__all__ = ["SAMPLE"]


def inspection_officer() -> Person:
    """巡察办主任."""
    return Tenure.objects.get(post__role=Role.INSPECTION_OFFICE).person


def fed_back(by: Person, **fields) -> Round:
    values = {"name": "2026年校内巡察", "kind": Round.Kind.EXTERNAL, "starts_on": date(2026, 3, 2)} | fields
    row = plan_round(by=by, ends_on=date(2026, 4, 30), **values)
    return feed_back(row, by=by, on=date(2026, 5, 15))


def imported(by: Person, content: bytes | None = None, row: Round | None = None) -> Round:
    """A round with the sample ledger in it."""
    row = row or fed_back(by)
    plan = ledger.plan_ledger(row, content or SAMPLE.read_bytes())
    assert not plan.complaints, plan.complaints[:3]
    ledger.write(row, plan, by=by, reason="导入台账")
    return row


def finding_of(row: Round, unit: str = cast.OURS, *, kinds: str = "建章立制", measures: int = 1) -> Finding:
    """A small finding of one unit in rectification, its measures in the ledger of duties."""
    from inspections.reading.days import Term
    from inspections.reading.ledger import Book, MeasureRow, ProblemRow

    standing = row.findings.count()
    book = Book(
        problems=[
            ProblemRow(
                sheet="台账",
                row=5,
                serial=standing + 1,
                category="财务管理方面",
                text=f"报销审核不够严格（之{standing + 1}）" if standing else "报销审核不够严格",
                goal="审核率达到百分之百。",
                measures=[
                    MeasureRow(
                        sheet="台账",
                        row=5 + number,
                        text=f"修订报销审核办法之{number + 1}",
                        kinds=tuple(kinds.split("、")) if kinds else (),
                        lead=unit,
                        term=Term(date(2026, 12, 20)),
                    )
                    for number in range(measures)
                ],
            )
        ]
    )
    plan = ledger.Planner(row, book).make()
    assert not plan.complaints, plan.complaints
    ledger.write(row, plan, by=inspection_officer(), reason="立账")
    return Finding.objects.filter(round=row).latest("pk")


def measures_of(finding: Finding) -> list[Measure]:
    return list(finding.measures.select_related("lead", "duty", "finding"))


def kept_up(finding: Finding, *, by: Person, on: date = date(2026, 12, 28)) -> LongTermReview:
    """A day of review of a finding, whatever its state: what pages of a review stand on."""
    from inspections.services.long_term import open_review

    return open_review(finding, by=by, due_on=on)
