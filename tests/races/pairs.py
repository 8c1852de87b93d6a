"""两人同时办理: kinds of conflicting deeds, each with many subjects of its own and two who want different things of one.

A subject is made by the services, as in use. A pair is: the subject, two deeds, and what must hold when both are done.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError

from accountability.models import (
    Document,
    Duty,
    HandOver,
    Job,
    Organisation,
    Person,
    Post,
    Record,
    Responsibility,
    Tenure,
)
from accountability.services import documents, duties, handovers, jobs, lists, records
from inspections.models import Finding, RecheckItem, Reply, RiskChange, TopicSign
from inspections.services import closing, rechecks, replies, risks, topics
from meetings.models import Meeting
from meetings.services import planning
from supervision.models import AssessmentSheet, ClueItem, Dispatch, Letter, Talk
from supervision.services import clue_items, letter_answers, letters, report_sending, self_assessments, talks
from tests import acts, cast
from tests import letters as papers
from tests.accountability.list_rows import named

REASON = "两人同时办理，以先到者为准。"


@dataclass(frozen=True)
class Pair:
    """Two deeds on one subject, of which exactly one may come true; ``outcomes`` counts what came true of it."""

    kind: str
    deeds: tuple[Callable, Callable]
    outcomes: Callable[[], int]


def fresh(person: Person) -> Person:
    """What a new request would load: grants are read once per object."""
    return Person.objects.get(pk=person.pk)


def became(model, pk: int, **states) -> Callable[[], int]:
    """How many rows of history say that it became one of these: two would be two winners."""
    return lambda: _changes(model.history.filter(id=pk).order_by("history_id"), states)


def _changes(rows, states: dict) -> int:
    ((field, wanted),) = states.items()
    before, count = None, 0
    for value in rows.values_list(field, flat=True):
        count += value != before and value in wanted
        before = value
    return count


def left(model, pk: int, state: str) -> Callable[[], int]:
    """How many times it left this state."""

    def count() -> int:
        states = list(model.history.filter(id=pk).order_by("history_id").values_list("state", flat=True))
        return sum(one == state != other for one, other in zip(states, states[1:], strict=False))

    return count


def units(count: int) -> list[Organisation]:
    """Units with a secretary in office."""
    held = Tenure.objects.in_office(cast.TODAY).filter(post__role="unit_secretary").values("post__organisation")
    return list(Organisation.objects.units().filter(pk__in=held).order_by("pk")[:count])


def secretary_of(unit: Organisation) -> Person:
    return Tenure.objects.in_office(cast.TODAY).get(post__organisation=unit, post__role="unit_secretary").person


# ── accountability ───────────────────────────────────────────────────────────────────────────


def of_records(people, count: int) -> Iterator[Pair]:
    """审核通过与退回 of one record."""
    unit, by = cast.organisation(cast.OURS), people["unit_secretary"]
    for number in range(count):
        day = date(2026, 10, 1) + timedelta(days=number)
        row = acts.record(people["liaison"], unit, "duty-report", on=day, credit=False, late_reason="补录")
        yield Pair(
            "record",
            tuple(
                lambda row=row, name=name: records.decide(row, name, by=fresh(by), reason=REASON)
                for name in ("accept", "return")
            ),
            became(Record, row.pk, state=("accepted", "returned")),
        )


def of_due_days(people, count: int) -> Iterator[Pair]:
    """调整到期日 to one and the same day in two places: the second is told that it is that day already."""
    day = date(2027, 3, 1)
    for pk in Duty.objects.open().order_by("-pk").values_list("pk", flat=True)[:count]:
        move = lambda pk=pk: duties.move_due_day(Duty(pk=pk), to=day, by=fresh(people["office"]), reason=REASON)  # noqa: E731
        yield Pair("due day", (move, move), became(Duty, pk, due_on=(day,)))


def of_duties(people, count: int) -> Iterator[Pair]:
    """不再要求 of one duty in two places: the second is told."""
    for pk in Duty.objects.filter(state="open").order_by("pk").values_list("pk", flat=True)[:count]:
        yield Pair(
            "duty",
            (
                lambda pk=pk: duties.waive(Duty(pk=pk), by=fresh(people["office"]), reason=REASON),
                lambda pk=pk: duties.waive(Duty(pk=pk), by=fresh(people["office"]), reason=REASON),
            ),
            became(Duty, pk, state=("waived",)),
        )


def of_documents(people, count: int) -> Iterator[Pair]:
    """审核通过与退回 of one letter of responsibility."""
    for unit in units(count):
        row = papers.draft(people["office"], "responsibility-letter", organisation=unit)
        documents.perform(row, "submit", by=people["office"])
        yield Pair(
            "document",
            tuple(
                lambda row=row, name=name: documents.perform(row, name, by=fresh(people["secretary"]), reason=REASON)
                for name in ("pass", "return")
            ),
            lambda pk=row.pk: Document.objects.get(pk=pk).reviews.count(),
        )


def of_signatures(people, count: int) -> Iterator[Pair]:
    """签署与不签 of one document, by one who has two windows open; setting papers is slow, so there are few."""
    members = Tenure.objects.in_office(cast.TODAY).filter(post__role="member", is_acting=False).order_by("pk")
    for tenure in members.select_related("person")[:count]:
        by = tenure.person
        by.set_password(cast.PASSWORD)
        by.save()
        row = papers.project_letter(people | {"member": by}, to="to_sign")
        yield Pair(
            "signature",
            (
                lambda row=row, by=by: papers.sign(row, fresh(by)),
                lambda row=row, by=by: documents.perform(row, "decline", by=fresh(by), reason=REASON),
            ),
            became(Document, row.pk, state=("signed", "returned")),
        )


def of_lists(people, count: int) -> Iterator[Pair]:
    """认领与不认领 of one responsibility."""
    for number in range(count):
        row = named(people, text=f"健全采购验收制度之{number}")
        yield Pair(
            "responsibility",
            tuple(
                lambda row=row, name=name: lists.answer_offer(row, name, by=fresh(people["member"]), words=REASON)
                for name in ("claim", "decline")
            ),
            became(Responsibility, row.pk, state=("claimed", "declined")),
        )


def sheets(people, count: int, on: date) -> Iterator[HandOver]:
    """交接清单 of units' secretaries, all to the same taker."""
    for unit in units(count):
        post = Post.objects.get(organisation=unit, role="unit_secretary")
        giver = secretary_of(unit)
        if giver != people["liaison"]:
            yield handovers.make(post, giver=giver, taker=people["liaison"], on=on, by=people["office"])


def of_handovers(people, count: int) -> Iterator[Pair]:
    """接收人在两处签字; 代为结束 in two places."""
    for number, sheet in enumerate(sheets(people, count, date(2026, 11, 1))):
        sign = signing(sheet, people["liaison"])
        close = lambda sheet=sheet: handovers.close(sheet, by=fresh(people["office"]), reason=REASON)  # noqa: E731
        yield (
            Pair("handover", (sign, sign), _signed_once(sheet.pk))
            if number % 2
            else Pair("handover", (close, close), _closed_once(sheet.pk))
        )


def signing(sheet: HandOver, by: Person) -> Callable:
    """签字 under the list as it stands now, whenever it is done."""
    read = acts.read_and_signed(sheet)
    return lambda: handovers.sign(sheet, by=fresh(by), **read)


def of_redraws(people, count: int) -> Iterator[Pair]:
    """签字 under what one has read, and 重列 after the ledger has moved on."""
    for sheet in sheets(people, count, date(2026, 11, 2)):
        sign, lines = signing(sheet, people["liaison"]), set(sheet.lines.values_list("pk", flat=True))
        duties.move_due_day(sheet.post.duties.open().first(), to=date(2026, 12, 30), by=people["office"], reason=REASON)
        yield Pair(
            "redraw",
            (sign, lambda sheet=sheet: handovers.redraw(sheet, by=fresh(sheet.giver))),
            lambda pk=sheet.pk, lines=lines: _signed_once(pk)() + _drawn_anew(pk, lines),
        )


def _drawn_anew(pk: int, lines: set[int]) -> int:
    return int(set(HandOver.objects.get(pk=pk).lines.values_list("pk", flat=True)).isdisjoint(lines))


def _signed_once(pk: int):
    return lambda: (
        HandOver.history.filter(id=pk).exclude(taker_signed_at=None).values("taker_signed_at").distinct().count()
    )


def _closed_once(pk: int):
    return lambda: HandOver.history.filter(id=pk).exclude(closed_at=None).values("closed_at").distinct().count()


def of_jobs(people, count: int) -> Iterator[Pair]:
    """领取 of one job by two workers: the loser gets nothing, and says so here."""

    def claim(pk: int) -> Job:
        if (got := jobs.claim(pk)) is None:
            raise ValidationError("已被领取。")
        return got

    for number in range(count):
        job, _ = jobs.queue("report", f"{number}", by=people["office"])
        yield Pair(
            "job",
            (lambda pk=job.pk: claim(pk), lambda pk=job.pk: claim(pk)),
            lambda pk=job.pk: Job.objects.get(pk=pk).attempts,
        )


# ── meetings ─────────────────────────────────────────────────────────────────────────────────


def of_meetings(people, count: int) -> Iterator[Pair]:
    """取消 of one meeting in two places."""
    from tests.meetings.test_life import planned

    for number in range(count):
        row = planned(people, title=f"常委会专题会议之{number}", duties=[], day=cast.TODAY + timedelta(days=number))
        cancel = lambda row=row: planning.cancel(row, by=fresh(people["office"]), reason=REASON)  # noqa: E731
        yield Pair("meeting", (cancel, cancel), became(Meeting, row.pk, stage=("cancelled",)))


# ── inspections ──────────────────────────────────────────────────────────────────────────────


def of_findings(people, count: int) -> Iterator[Pair]:
    """退回补充整改 of one problem that waits for verification, by two who may verify."""
    from tests.inspections.rounds import fed_back, finding_of, inspection_officer

    row, hands = fed_back(people["discipline"], name="并发巡察"), (people["discipline"], inspection_officer())
    for _ in range(count):
        finding = finding_of(row)
        finding.state, finding.applied_on = Finding.State.VERIFYING, cast.TODAY
        finding.applied_by, finding.reviewed_by = people["liaison"], people["unit_secretary"]
        finding._history_user, finding._change_reason = people["unit_secretary"], "单位审核"
        finding.save()
        yield Pair(
            "finding",
            tuple(
                lambda finding=finding, by=by: closing.perform(finding, "send_back", by=fresh(by), reason=REASON)
                for by in hands
            ),
            left(Finding, finding.pk, "verifying"),
        )


def of_closings(people, count: int) -> Iterator[Pair]:
    """核验销号与退回补充整改 by two verifiers; a closed problem that came back, 重新立账 by two."""
    from tests.inspections.rounds import fed_back, finding_of, inspection_officer
    from tests.inspections.test_closing import verifying
    from tests.inspections.test_rechecks import closed

    row, hands = fed_back(people["discipline"], name="销号的巡察"), (people["discipline"], inspection_officer())
    for number in range(count):
        finding = finding_of(row)
        if number % 2:
            closed(finding, people)
            names, outcomes = (
                ("rebound", "rebound"),
                lambda pk=finding.pk: Finding.objects.filter(predecessor=pk).count(),
            )
        else:
            verifying(people, finding)
            names, outcomes = ("close", "send_back"), left(Finding, finding.pk, "verifying")
        yield Pair(
            "closing",
            tuple(
                lambda finding=finding, by=by, name=name: closing.perform(finding, name, by=fresh(by), reason=REASON)
                for name, by in zip(names, hands, strict=True)
            ),
            outcomes,
        )


def of_rechecks(people, count: int) -> Iterator[Pair]:
    """两人登记同一项复查的结果."""
    from tests.inspections.rounds import fed_back, finding_of, inspection_officer
    from tests.inspections.test_rechecks import closed, record

    row = fed_back(people["discipline"], name="复查的巡察")
    for _ in range(count):
        closed(finding_of(row), people, verified_by=people["office"])
    recheck = rechecks.draw_recheck(by=people["discipline"], size=count, round=row)
    hands = (people["discipline"], inspection_officer())
    for item in recheck.items.all():
        yield Pair(
            "recheck",
            tuple(lambda item=item, by=by: record(item, fresh(by)) for by in hands),
            became(RecheckItem, item.pk, result=("real", "false")),
        )


def of_risks(people, count: int) -> Iterator[Pair]:
    """确认与不同意 of one change of a risk point."""
    from tests.inspections.risk_points import CONTENT, point_of

    for number in range(count):
        point = point_of(people["unit_secretary"], text=f"风险点{number}")
        changed = CONTENT | {"text": f"改后的风险点{number}"}
        change = risks.adjust(point, by=people["liaison"], reason="情况变化", **changed)
        yield Pair(
            "risk change",
            tuple(
                lambda change=change, name=name: risks.decide_change(
                    change, name, by=fresh(people["unit_secretary"]), reason=REASON
                )
                for name in ("confirm", "refuse")
            ),
            became(RiskChange, change.pk, state=("confirmed", "refused")),
        )


def of_replies(people, count: int) -> Iterator[Pair]:
    """认可与退回补充 of one answer to a requirement; a sign goes into one of two topics."""
    from tests.inspections import research

    for number in range(count):
        noticed = research.sign(people["discipline"], text=f"部分设备验收后长期没有启用，第{number}处。")
        if number % 2:
            both = [research.topic(people["discipline"], title=f"专题{number}之{turn}") for turn in (1, 2)]
            yield Pair(
                "topic",
                tuple(
                    lambda one=one, noticed=noticed: topics.collect(one, [noticed], by=fresh(people["discipline"]))
                    for one in both
                ),
                lambda pk=noticed.pk: TopicSign.objects.filter(sign=pk, is_current=True).count(),
            )
            continue
        reply = research.reply_of(research.required(noticed, people["discipline"], title=f"开展自查之{number}"))
        research.answered(reply, people["unit_secretary"])
        yield Pair(
            "reply",
            tuple(
                lambda reply=reply, name=name: replies.perform(
                    reply, name, by=fresh(people["discipline"]), reason=REASON
                )
                for name in ("accept", "send_back")
            ),
            became(Reply, reply.pk, state=("accepted", "returned", "open", "sent_back")),
        )


# ── supervision ──────────────────────────────────────────────────────────────────────────────


def of_letters(people, count: int) -> Iterator[Pair]:
    """签发与退回 of one letter, and 评价 of one answer by two of the commission."""
    from tests.supervision import letter_acts as deeds

    head = deeds.commission_head()
    for number in range(count):
        if number % 2:
            letter = deeds.drafted(people["discipline"])
            letters.perform(letter, "propose", by=people["discipline"], signer=people["secretary"])
            yield Pair(
                "letter",
                (
                    lambda row=letter: letters.perform(row, "sign", by=fresh(people["secretary"])),
                    lambda row=letter: letters.perform(row, "take_back", by=fresh(people["discipline"]), reason=REASON),
                ),
                left(Letter, letter.pk, "proposed"),
            )
            continue
        letter = deeds.issued(people)
        matter = deeds.first(letter)
        deeds.answered(letter, people["unit_secretary"])
        yield Pair(
            "letter answer",
            tuple(
                lambda matter=matter, by=by: letter_answers.evaluate(matter, by=fresh(by), grade="good")
                for by in (people["discipline"], head)
            ),
            lambda pk=matter.pk: _evaluations(pk),
        )


def _evaluations(matter: int) -> int:
    from supervision.models import LetterAnswer

    return LetterAnswer.history.filter(matter_id=matter).exclude(grade="").count()


def of_revocations(people, count: int) -> Iterator[Pair]:
    """单位答复与撤销 of one letter: what is answered is not revoked, what is revoked is not answered."""
    from supervision.models import LetterAnswer
    from tests.supervision import letter_acts as deeds

    for _ in range(count):
        letter = deeds.issued(people)
        yield Pair(
            "revocation",
            (
                lambda letter=letter: deeds.answered(letter, fresh(people["unit_secretary"])),
                lambda letter=letter: letters.perform(letter, "revoke", by=fresh(people["discipline"]), reason=REASON),
            ),
            lambda pk=letter.pk: (
                LetterAnswer.objects.filter(matter__letter=pk).count()
                + Letter.objects.filter(pk=pk, state="revoked").count()
            ),
        )


def of_reports(people, count: int) -> Iterator[Pair]:
    """报送 to one place by two; 回执 of one dispatch entered by two."""
    from tests.supervision.test_reports import issued

    report = issued(people)
    facts = {"means": "exchange", "sent_on": cast.TODAY}
    for number in range(count):
        to = f"上级单位{number}"
        if number % 2:
            row = report_sending.send(report, by=people["office"], to=to, **facts)
            receive = lambda row=row: report_sending.receive(row, by=fresh(people["office"]), received_on=cast.TODAY)  # noqa: E731
            yield Pair("receipt", (receive, receive), became(Dispatch, row.pk, received_on=(cast.TODAY,)))
            continue
        yield Pair(
            "dispatch",
            tuple(
                lambda to=to, by=by: report_sending.send(report, by=fresh(by), to=to, **facts)
                for by in (people["office"], people["secretary"])
            ),
            lambda to=to: Dispatch.objects.filter(report=report, to=to).count(),
        )


def of_talks(people, count: int) -> Iterator[Pair]:
    """安排与不安排 of one talk proposed."""
    from tests.supervision import talks as made

    secretary, by = people["secretary"], made.admitted(people)
    for number in range(count):
        talk = made.arranged(by, people["unit_secretary"], leader=secretary, due_on=None, words=f"值班表代签之{number}")
        yield Pair(
            "talk",
            (
                lambda talk=talk: talks.order(talk, by=fresh(secretary), talker=secretary, due_on=cast.TODAY),
                lambda talk=talk: talks.decline(talk, by=fresh(secretary), reason=REASON),
            ),
            became(Talk, talk.pk, state=("ordered", "declined")),
        )


def of_clues(people, count: int) -> Iterator[Pair]:
    """采纳与退回 of one answer to a clue."""
    from tests.supervision import watching

    by = watching.admit_to_clues(people)
    for number in range(count):
        item = watching.item_of(watching.sent(by, words=f"反映某单位劳务费发放审核不严，第{number}件。"))
        watching.answer(item, fresh(people["department"]))
        yield Pair(
            "clue",
            tuple(
                lambda item=item, name=name: clue_items.perform(
                    item, name, by=fresh(people["discipline"]), reason=REASON
                )
                for name in ("adopt", "send_back")
            ),
            became(ClueItem, item.pk, state=("adopted", "returned")),
        )


def of_assessments(people, count: int) -> Iterator[Pair]:
    """一份自评由两处确认: the duty is counted once."""
    from tests.supervision import assessments

    assessment = assessments.opened(people, "leader")
    for sheet in assessment.sheets.exclude(person=None).select_related("person")[:count]:
        typed = assessments.as_counted(sheet)
        confirm = lambda sheet=sheet, typed=typed: self_assessments.write_self(  # noqa: E731
            sheet, by=fresh(sheet.person), typed=typed, words=assessments.WORDS, act="confirm"
        )
        yield Pair("assessment", (confirm, confirm), lambda pk=sheet.pk: _proofs(pk))


def of_reviews(people, count: int) -> Iterator[Pair]:
    """两人同时评议 one sheet, both from what they read: the second is told, and what the first scored stands."""
    from supervision.services import assessments as verbs
    from tests.supervision import assessments

    assessment = verbs.perform(assessments.opened(people, "unit"), "review", by=people["discipline"])
    hands = (people["discipline"], assessments.head_of_commission())
    theirs = [
        sheet
        for sheet in assessment.sheets.select_related("organisation", "person")
        if not any(self_assessments.refusal_to_review(sheet, fresh(by)) for by in hands)
    ]
    for sheet in theirs[:count]:
        typed = assessments.as_counted(sheet)
        yield Pair(
            "review",
            tuple(
                lambda sheet=sheet, by=by, typed=typed: self_assessments.review(
                    sheet, by=fresh(by), typed=typed, turn=sheet.turn
                )
                for by in hands
            ),
            lambda pk=sheet.pk: len(
                set(AssessmentSheet.objects.get(pk=pk).lines.exclude(reviewed_by=None).values_list("reviewed_by"))
            ),
        )


def _proofs(sheet: int) -> int:
    return AssessmentSheet.objects.get(pk=sheet).duty.evidence.count()


KINDS: tuple[tuple[Callable, int], ...] = (
    (of_records, 22),
    (of_duties, 16),
    (of_due_days, 12),
    (of_documents, 14),
    (of_signatures, 6),
    (of_lists, 16),
    (of_handovers, 12),
    (of_redraws, 12),
    (of_jobs, 18),
    (of_meetings, 12),
    (of_findings, 14),
    (of_closings, 12),
    (of_rechecks, 12),
    (of_risks, 12),
    (of_replies, 14),
    (of_letters, 14),
    (of_revocations, 12),
    (of_reports, 12),
    (of_talks, 12),
    (of_clues, 10),
    (of_assessments, 10),
    (of_reviews, 12),
)
