"""两人先后办理: deeds of which one may lawfully follow the other, though not always the other the one.

Both may come true, and they lock the same rows by different ways. What was told to have come true did: ``outcomes``
counts it, and it is one or two.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from accountability.models import Document, Duty, Record, Tenure
from accountability.models.history import save_as
from accountability.services import documents, duties, records
from inspections.models import Finding, KindResult, LongTermReview, Reply, UnitCheck
from inspections.services import closing, long_term, replies, risk_checks
from supervision.models import Dispatch, LetterAnswer
from supervision.services import report_sending
from tests import acts, cast
from tests.inspections import research
from tests.inspections.risk_points import FINE, campaign_by, point_of
from tests.inspections.rounds import fed_back, finding_of, kept_up, measures_of
from tests.inspections.test_closing import prove
from tests.races.pairs import REASON, Pair, became, fresh, left, secretary_of, units
from tests.supervision import letter_acts as deeds
from tests.supervision.test_reports import issued

DAY = date(2026, 12, 30)


def both(*counts: Callable[[], int]) -> Callable[[], int]:
    return lambda: sum(count() for count in counts)


def withdrawing(row: Record, people) -> Callable:
    """作废 of a record by the secretary who may confirm it."""
    return lambda: records.decide(row, "withdraw", by=fresh(people["unit_secretary"]), reason=REASON)


def withdrawn(row: Record) -> Callable[[], int]:
    return became(Record, row.pk, state=("withdrawn",))


def of_due_days(people, count: int) -> Iterator[Pair]:
    """调整到期日 of a duty that is fulfilled or waived meanwhile: what is done is not moved any more."""
    for number, unit in enumerate(units(count)):
        duty = acts.duty_of(unit, "duty-report")
        move = lambda duty=duty: duties.move_due_day(duty, to=DAY, by=fresh(people["office"]), reason=REASON)  # noqa: E731
        if number % 2:
            other = lambda duty=duty: duties.waive(duty, by=fresh(people["office"]), reason=REASON)  # noqa: E731
        else:
            by = secretary_of(unit)
            row = acts.record(by, unit, "duty-report", credit=False)
            other = lambda duty=duty, row=row, by=by: records.credit(duty, by=by, record=row)  # noqa: E731
        yield Pair(
            "due day",
            (move, other),
            both(became(Duty, duty.pk, due_on=(DAY,)), became(Duty, duty.pk, state=("fulfilled", "waived"))),
        )


def of_answers(people, count: int) -> Iterator[Pair]:
    """评价不满意 of an answer whose record its unit withdraws."""
    for _ in range(count):
        letter = deeds.issued(people)
        deeds.answered(letter, people["unit_secretary"])
        answer = LetterAnswer.objects.select_related("record").get(matter__letter=letter)
        yield Pair(
            "answer",
            (
                lambda letter=letter: deeds.evaluated(letter, fresh(people["discipline"]), "poor"),
                withdrawing(answer.record, people),
            ),
            both(became(LetterAnswer, answer.pk, grade=("poor",)), withdrawn(answer.record)),
        )


def of_replies(people, count: int) -> Iterator[Pair]:
    """退回补充 of a reply whose record its unit withdraws."""
    noticed = research.sign(people["discipline"])
    for number in range(count):
        reply = research.reply_of(research.required(noticed, people["discipline"], title=f"开展自查之{number}"))
        reply = research.answered(reply, people["unit_secretary"])
        yield Pair(
            "reply",
            (
                lambda reply=reply: replies.perform(
                    reply, "send_back", by=fresh(people["discipline"]), reason=REASON, due_on=DAY
                ),
                withdrawing(reply.record, people),
            ),
            both(lambda pk=reply.pk: Reply.objects.get(pk=pk).turns, withdrawn(reply.record)),
        )


def of_measures(people, count: int) -> Iterator[Pair]:
    """完成措施 by a second proof while the first is returned."""
    row = fed_back(people["discipline"], name="落实的巡察")
    for _ in range(count):
        (measure,) = measures_of(finding_of(row))
        first = prove(measure, people["liaison"])
        told = KindResult.objects.filter(measure=measure).first()
        yield Pair(
            "measure",
            (
                lambda measure=measure: prove(
                    measure, fresh(people["liaison"]), progress="再次补充材料，措施已经落实到位。"
                ),
                lambda row=first: records.decide(row, "return", by=fresh(people["unit_secretary"]), reason=REASON),
            ),
            both(
                lambda pk=told.pk: KindResult.history.filter(id=pk).count() - 1,
                became(Record, first.pk, state=("returned",)),
            ),
        )


def of_accounts(people, count: int) -> Iterator[Pair]:
    """审核通过 of an account of 长期坚持 while the problem is entered anew, which stops its review."""
    row = fed_back(people["discipline"], name="长期坚持的巡察")
    for _ in range(count):
        finding = finding_of(row)
        finding.state, finding.review_on = Finding.State.LONG_TERM, DAY
        finding.applied_by, finding.reviewed_by = people["liaison"], people["unit_secretary"]
        finding.verified_by = people["discipline"]
        save_as(finding, by=people["discipline"], reason="转长期坚持")
        review = kept_up(finding, by=people["discipline"])
        given = long_term.give_account(review, by=people["liaison"], text="制度一直执行，抽查三十笔未见问题。")
        yield Pair(
            "account",
            (
                lambda row=given.record: records.decide(row, "accept", by=fresh(people["unit_secretary"])),
                lambda finding=finding: closing.perform(
                    finding, "rebound", by=fresh(people["discipline"]), reason=REASON
                ),
            ),
            both(
                became(Record, given.record_id, state=("accepted",)),
                lambda pk=review.pk: LongTermReview.objects.filter(pk=pk, state="stopped").count(),
            ),
        )


def of_checks(people, count: int) -> Iterator[Pair]:
    """重新提交 of a sheet that was returned while its record is withdrawn."""
    campaign = campaign_by(people["discipline"])
    for unit in units(count):
        secretary, liaison = (
            Tenure.objects.in_office(cast.TODAY).filter(post__organisation=unit, post__role=role).first()
            for role in ("unit_secretary", "liaison")
        )
        if liaison is None:
            continue
        answers = {point_of(fresh(secretary.person), unit).pk: FINE}
        row = risk_checks.hand_in(campaign, unit, by=liaison.person, answers=answers, turn=0)
        records.decide(row, "return", by=secretary.person, reason=REASON)
        check = UnitCheck.objects.get(record=row)
        yield Pair(
            "check",
            (
                lambda unit=unit, by=liaison.person, answers=answers: risk_checks.hand_in(
                    campaign, unit, by=fresh(by), answers=answers, turn=1
                ),
                lambda row=row, by=secretary.person: records.decide(row, "withdraw", by=fresh(by), reason=REASON),
            ),
            both(lambda pk=check.pk: UnitCheck.objects.get(pk=pk).turn - 1, withdrawn(row)),
        )


def of_reports(people, count: int) -> Iterator[Pair]:
    """报送 of a signed report that is opened for revision."""
    report = issued(people)
    for number in range(count):
        to = f"上级单位{number}"
        yield Pair(
            "report",
            (
                lambda to=to: report_sending.send(
                    report, by=fresh(people["office"]), to=to, means="exchange", sent_on=cast.TODAY
                ),
                lambda: documents.perform(report.document, "revise", by=fresh(people["secretary"]), reason=REASON),
            ),
            both(
                lambda to=to: Dispatch.objects.filter(report=report, to=to).count(),
                left(Document, report.document_id, "signed"),
            ),
        )


def of_acceptances(people, count: int) -> Iterator[Pair]:
    """审核通过 of a record whose duty is no longer required."""
    unit = cast.organisation(cast.OURS)
    for number in range(count):
        duty = duties.assign(
            title=f"专项任务{number}", organisation=unit, owner=unit.posts.get(role="unit_secretary"), work_year=cast.YEAR,
            due_on=DAY, by=people["office"],
        )  # fmt: skip
        row = acts.record(people["liaison"], unit, "duty-report", on=cast.TODAY - timedelta(days=number), credit=False)
        records.credit(duty, by=people["liaison"], record=row)
        yield Pair(
            "acceptance",
            (
                lambda row=row: records.decide(row, "accept", by=fresh(people["unit_secretary"])),
                lambda duty=duty: duties.waive(duty, by=fresh(people["office"]), reason=REASON),
            ),
            both(became(Record, row.pk, state=("accepted",)), became(Duty, duty.pk, state=("waived",))),
        )


KINDS: tuple[tuple[Callable, int], ...] = (
    (of_due_days, 14),
    (of_acceptances, 8),
    (of_answers, 10),
    (of_replies, 10),
    (of_measures, 10),
    (of_accounts, 10),
    (of_checks, 12),
    (of_reports, 1),
)
