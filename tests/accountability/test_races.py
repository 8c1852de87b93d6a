"""Two at the same moment: exactly one wins, the other is told. SQLite serialises writers; PostgreSQL shows races."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction

from accountability import document_workflow as flow
from accountability.models import (
    Document,
    Duty,
    Evidence,
    Job,
    Organisation,
    Person,
    Project,
    Record,
    Regulation,
    Responsibility,
    Signature,
    WorkYear,
)
from accountability.services import documents, jobs, lists, records
from accountability.services.drafts import draft_from
from accountability.services.enactment import enact
from accountability.services.opening import open_year
from accountability.services.tenures import appoint
from tests import acts, cast, letters
from tests.accountability.list_rows import named, planned
from tests.waiting import needs_postgresql, told_after

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(verb, count: int = 2) -> list:
    """Run ``verb`` in ``count`` threads that start together; a refusal comes back as its exception."""
    barrier = Barrier(count)

    def run(number: int):
        barrier.wait()
        try:
            with transaction.atomic():
                return verb(number)
        except ValidationError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def _allowed(deed):
    """A refusal by permission is a refusal like any other here."""
    try:
        return deed()
    except PermissionDenied as refusal:
        raise ValidationError(str(refusal)) from refusal


def winners(results: list) -> list:
    return [result for result in results if not isinstance(result, Exception)]


def test_the_same_meeting_recorded_by_two_counts_once(people):
    school = cast.organisation("学校党委")
    office = people["office"]
    results = at_once(lambda _: acts.record(office, school, "warning-meeting", on=date(2026, 3, 1)), count=4)
    assert len(winners(results)) == 1
    assert all("只计一次" in str(each) for each in results if isinstance(each, Exception))
    assert Duty.objects.filter(obligation__code="warning-meetings", state="fulfilled").count() == 1


def test_accepted_and_returned_at_once_has_one_outcome(people):
    record = acts.record(people["liaison"], cast.organisation(cast.OURS), "duty-report")
    deeds = ("accept", "return")
    results = at_once(
        lambda number: records.decide(record, deeds[number], by=people["unit_secretary"], reason="请补充措施")
    )
    assert len(winners(results)) == 1
    record.refresh_from_db()
    duty = Duty.objects.get(evidence__record=record)
    assert (record.state, duty.state) in {("accepted", "fulfilled"), ("returned", "open")}
    assert record.history.filter(state__in=("accepted", "returned")).count() == 1


def test_two_records_for_one_duty_settle_it_once(people):
    school = cast.organisation("学校党委")
    at_once(lambda number: acts.record(people["office"], school, "problem-list", on=date(2026, 3, 1 + number)))
    duty = acts.duty_of(school, "problem-list")
    assert duty.state == "fulfilled"
    assert duty.fulfilled_on == min(Record.objects.filter(evidence__duty=duty).values_list("happened_on", flat=True))
    assert Evidence.objects.filter(duty=duty).count() in (1, 2)


def test_one_job_is_queued_and_claimed_once(people, monkeypatch):
    monkeypatch.setattr(jobs, "wake", lambda job_id: None)
    office = people["office"]
    queued = at_once(lambda _: jobs.queue("report", "2026", by=Person.objects.get(pk=office.pk)), count=4)
    assert len({job.pk for job, _ in queued}) == 1
    assert sum(new for _, new in queued) == 1
    claimed = at_once(lambda _: jobs.claim(Job.objects.get().pk), count=4)
    assert len([job for job in claimed if job is not None]) == 1


# ── documents ────────────────────────────────────────────────────────────────────────────────


def test_signed_and_sent_back_at_once_has_one_outcome(people):
    document = letters.project_letter(people, to="to_sign")
    member = people["member"]
    deeds = (
        lambda: letters.sign(document, Person.objects.get(pk=member.pk)),
        lambda: documents.perform(document, "decline", by=Person.objects.get(pk=member.pk), reason="金额写错了"),
    )
    results = at_once(lambda number: deeds[number]())
    assert len(winners(results)) == 1
    (told,) = (each for each in results if isinstance(each, ValidationError))
    assert "当前状态是" in str(told)
    document = letters.fresh(document)
    assert (document.state, document.signatures.count()) in {("signed", 1), ("returned", 0)}


def test_two_sign_in_the_same_capacity_and_one_signature_stands(people):
    document = letters.project_letter(people, to="to_sign")
    member = people["member"]
    results = at_once(lambda _: letters.sign(document, Person.objects.get(pk=member.pk)), count=4)
    assert len(winners(results)) == 1
    assert all("签署过" in str(each) for each in results if isinstance(each, Exception))
    assert Signature.objects.count() == 1
    assert letters.fresh(document).record.evidence.count() == 1


def test_both_parties_of_a_letter_sign_at_once_and_both_stand(people):
    document = letters.draft(people["office"], "responsibility-letter", organisation=cast.organisation(cast.OURS))
    documents.perform(document, "submit", by=people["office"])
    documents.perform(document, "pass", by=people["secretary"])
    letters.set_papers()
    document = letters.fresh(document)
    leader = flow.holders(document.leader_post, cast.TODAY)[0]
    leader.set_password(cast.PASSWORD)
    leader.save()
    parties = (leader.pk, people["unit_secretary"].pk)
    results = at_once(lambda number: letters.sign(document, Person.objects.get(pk=parties[number])))
    assert len(winners(results)) == 2
    document = letters.fresh(document)
    assert (document.state, document.signatures.count()) == ("signed", 2)
    assert Record.objects.filter(document=document).count() == 1


def test_passed_and_returned_at_once_gives_one_verdict(people):
    document = letters.draft(people["member"], "integrity-pledge", post=letters.post_of(people["member"]))
    documents.perform(document, "submit", by=people["member"])
    office, deeds = people["office"], ("pass", "return")
    results = at_once(lambda number: documents.perform(document, deeds[number], by=office, reason="请写明单位"))
    assert len(winners(results)) == 1
    assert document.reviews.count() == 1
    assert (letters.fresh(document).number is None) == (letters.fresh(document).state == "returned")


def test_numbers_given_at_once_have_no_gap_and_no_double(people, monkeypatch):
    """Eight letters approved in the same moment, three of them failing after they were numbered."""
    monkeypatch.setattr(jobs, "wake", lambda job_id: None)
    units = list(Organisation.objects.units().filter(posts__role="unit_secretary").exclude(name=cast.VACANT)[:8])
    drafts = [letters.draft(people["office"], "responsibility-letter", organisation=unit) for unit in units]
    for letter in drafts:
        documents.perform(letter, "submit", by=people["office"])
    secretary = people["secretary"]

    def approve(number: int):
        documents.perform(drafts[number], "pass", by=Person.objects.get(pk=secretary.pk))
        if number % 3 == 0:
            raise ValidationError("出错后全部回滚")

    at_once(approve, count=8)
    numbers = sorted(Document.objects.exclude(number=None).values_list("number", flat=True))
    assert numbers == list(range(1, 6))
    for number in (0, 3, 6):
        documents.perform(drafts[number], "pass", by=secretary)
    numbers = sorted(Document.objects.exclude(number=None).values_list("number", flat=True))
    assert numbers == list(range(1, 9))


def test_the_same_document_drafted_by_two_is_one(people):
    post = letters.post_of(people["member"])
    results = at_once(lambda _: letters.draft(people["office"], "responsibility-plan", post=post), count=3)
    assert len(winners(results)) == 1
    assert all("已经起草" in str(each) for each in results if isinstance(each, Exception))


def test_two_drafts_put_in_force_at_once_have_one_winner(people):
    """The former version is repealed once; the loser's draft stays a draft (五)."""
    office, former = people["office"], Regulation.objects.newest()
    rivals = [draft_from(former, by=office, title=f"新办法{number}") for number in (1, 2)]
    results = at_once(lambda number: enact(rivals[number], on=date(2026, 12, 1), by=office, reason="党委会通过"))
    assert len(winners(results)) == 1
    assert Regulation.objects.drafts().count() == 1
    assert Regulation.objects.in_force(date(2026, 12, 1)).count() == 1
    assert former.history.filter(repealed_on=date(2026, 12, 1)).count() == 1


def test_one_draft_put_in_force_twice_at_once_is_put_in_force_once(people):
    office = people["office"]
    draft = draft_from(Regulation.objects.newest(), by=office, title="新办法")
    results = at_once(lambda number: enact(draft, on=date(2026, 12, 1 + number), by=office, reason="党委会通过"))
    assert len(winners(results)) == 1
    assert any("不能重复施行" in str(each) for each in results)
    assert draft.history.filter(in_force_from__isnull=False).count() == 1


def test_a_year_opened_while_a_version_is_put_in_force_follows_it(people):
    office = people["office"]
    draft = draft_from(Regulation.objects.newest(), by=office, title="新办法")
    deeds = (
        lambda: open_year(2027, by=office),
        lambda: enact(draft, on=date(2027, 1, 1), by=office, reason="党委会通过"),
    )
    assert len(winners(at_once(lambda number: deeds[number]()))) == 2
    assert WorkYear.objects.get(year=2027).regulation == draft
    duties = Duty.objects.of_year(2027)
    assert duties.exists()
    assert not duties.exclude(obligation__clause__regulation=draft).exists()


def test_claimed_and_declined_at_once_has_one_outcome(people):
    row, member = named(people), people["member"]
    deeds = ("claim", "decline")
    results = at_once(
        lambda number: lists.answer_offer(row, deeds[number], by=Person.objects.get(pk=member.pk), words="不属分管范围")
    )
    assert len(winners(results)) == 1
    row.refresh_from_db()
    assert row.state in ("claimed", "declined")


def test_a_hand_over_signed_twice_at_once_is_signed_once(people):
    post = letters.post_of(people["unit_secretary"])
    successor = Person.objects.create_user("successor", "继任", cast.PASSWORD)
    _, sheet = appoint(post, successor, from_on=cast.TODAY, by=people["office"], reason="校党干〔2026〕18号")
    results = at_once(lambda _: acts.signed(sheet, Person.objects.get(pk=successor.pk)), count=3)
    assert len(winners(results)) == 1
    assert sheet.history.exclude(taker_signed_at=None).count() == 1


def test_a_milestone_reported_by_two_at_once_is_proved_once(people):
    member = people["member"]
    milestone = lists.advance(planned(people), "start", by=member).milestones.first()
    results = at_once(
        lambda _: lists.reach(milestone, by=Person.objects.get(pk=member.pk), words="第一轮抽查完成"), count=3
    )
    assert len(winners(results)) == 1
    assert Evidence.objects.filter(duty=milestone.duty).count() == 1


def test_claimed_by_the_outgoing_while_the_office_names_another(people):
    """Claimed or given to another, never both: a claimed responsibility keeps the owner who claimed it."""
    row, member, office = named(people), people["member"], people["office"]
    other = letters.post_of(people["unit_secretary"])
    deeds = (
        lambda: lists.answer_offer(row, "claim", by=Person.objects.get(pk=member.pk)),
        lambda: lists.name_another(row, by=Person.objects.get(pk=office.pk), owner=other),
    )
    at_once(lambda number: _allowed(deeds[number]))
    row.refresh_from_db()
    expected = {("claimed", letters.post_of(member).pk), ("offered", other.pk)}
    assert (row.state, row.owner_id) in expected


def test_a_units_list_begun_by_two_at_once_is_one_list(people):
    unit, liaison = cast.organisation(cast.OURS), people["liaison"]
    entries = [{"responsibility": [(f"第{number}人写的", "", None)]} for number in range(3)]
    results = at_once(
        lambda number: lists.write_unit_list(
            unit, cast.YEAR, by=Person.objects.get(pk=liaison.pk), entries=entries[number]
        ),
        count=3,
    )
    assert winners(results)
    row = lists.unit_list_of(unit, cast.YEAR)
    assert row.items.count() == 1  # never two people's lines mixed


@needs_postgresql
def test_a_project_is_begun_by_its_owner_of_that_moment(people):
    """Who waited for the project reads whose responsibility it is when he has it, not before."""
    project, member = planned(people), people["member"]
    row, other = Responsibility.objects.filter(pk=project.responsibility_id), letters.post_of(people["unit_secretary"])
    told = told_after(
        Project.objects.filter(pk=project.pk),
        lambda: row.update(owner=other),
        lambda: lists.advance(project, "start", by=Person.objects.get(pk=member.pk)),
    )
    assert isinstance(told, PermissionDenied)
    assert Project.objects.get(pk=project.pk).state == Project.State.DRAFT
