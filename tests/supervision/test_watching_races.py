"""Two at the same moment in the rooms of supervision: one wins, the other is told (二（二）, 三（二）3)."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accountability.models import Person, Record
from supervision.models import Clue, ClueItem, FoundProblem, Oversight, RecordEvaluation, SpecialCheck
from supervision.services import checks, clue_items, clues
from supervision.services import oversight as oversights
from supervision.services.admissions import admit
from supervision.services.evaluations import evaluate
from tests import acts, cast
from tests.accountability.test_races import at_once, winners
from tests.supervision import watching
from tests.supervision.watching import DUE, admit_to_clues, answer, item_of, sent
from tests.waiting import needs_postgresql, told_after

pytestmark = pytest.mark.django_db(transaction=True)


def allowed(deed):
    """A refusal by permission is a refusal like any other here."""
    try:
        return deed()
    except PermissionDenied as refusal:
        raise ValidationError(str(refusal)) from refusal


def fresh(person) -> Person:
    return Person.objects.get(pk=person.pk)


def test_the_same_supervision_entered_by_two_is_one(people):
    results = at_once(lambda _: watching.oversight(fresh(people["discipline"])))
    assert len(winners(results)) == 1
    assert Oversight.objects.count() == 1


def test_a_problem_is_told_once(people):
    found = watching.problem(watching.oversight(people["discipline"]), people["discipline"])
    results = at_once(lambda _: watching.asked(found, fresh(people["discipline"])))
    assert len(winners(results)) == 1
    assert FoundProblem.objects.get().requirement.replies.count() == 1


def test_concluded_and_dropped_at_once_has_one_outcome(people):
    row = watching.check(people["discipline"])
    reason = "两个单位都改期，另行安排检查。"
    deeds = [
        lambda: checks.conclude(row, by=fresh(people["discipline"]), reason=reason),
        lambda: checks.perform(row, "drop", by=fresh(people["discipline"]), reason=reason),
    ]
    results = at_once(lambda number: deeds[number]())
    assert len(winners(results)) == 1
    row = SpecialCheck.objects.get()
    assert (row.state == "concluded") == (row.oversight_id is not None)


def test_two_evaluations_of_one_evaluator_leave_one_standing(people):
    record = acts.record(people["unit_secretary"], cast.organisation(cast.OURS), "duty-report")
    words = ("数据与台账不符，请核对。", "内容与去年雷同，请补充。")
    at_once(lambda number: evaluate(record, by=fresh(people["discipline"]), grade="mend", words=words[number]))
    assert RecordEvaluation.objects.current().count() == 1
    assert RecordEvaluation.objects.count() == 2


def test_adopted_and_sent_back_at_once_has_one_outcome(people):
    item = item_of(sent(admit_to_clues(people)))
    answer(item, fresh(people["department"]))
    names = ("adopt", "send_back")
    results = at_once(
        lambda number: clue_items.perform(
            item, names[number], by=fresh(people["discipline"]), reason="没有说明抽查的范围和年份。"
        )
    )
    assert len(winners(results)) == 1
    assert ClueItem.history.filter(id=item.pk, state__in=("adopted", "returned")).count() == 1


def test_two_receive_it_and_one_has_it(people):
    admit_to_clues(people)
    head = watching.commission_head()
    admit(by=people["secretary"], person=head, secret="clue", reason="分管线索工作")
    clue = watching.handed_in(people["unit_secretary"])
    both = [people["discipline"], head]
    results = at_once(lambda number: clues.perform(clue, "receive", by=fresh(both[number])))
    assert len(winners(results)) == 1
    assert Clue.objects.get().received_by == winners(results)[0].received_by


def test_forwarded_to_one_person_twice_is_once(people):
    by = admit_to_clues(people)
    clue = sent(by, "审计处")
    asked = clues.Asked(watching.post_in("财务处"), "提供制度执行情况", DUE)
    results = at_once(lambda _: clues.forward(clue, by=fresh(by), asked=asked, reason="需要核实"))
    assert len(winners(results)) == 1
    assert clue.items.filter(person=people["department"]).count() == 1


def test_answered_and_recalled_at_once_has_one_outcome(people):
    item = item_of(sent(admit_to_clues(people)))
    deeds = [
        lambda: answer(item, fresh(people["department"])),
        lambda: clue_items.perform(item, "recall", by=fresh(people["discipline"]), reason="不再需要"),
    ]
    results = at_once(lambda number: allowed(deeds[number]))
    assert len(winners(results)) == 1
    assert ClueItem.objects.get(pk=item.pk).state in ("answered", "recalled")


def test_two_reminders_at_once_are_one(people):
    from accountability.models import Notice

    sent(admit_to_clues(people))
    at_once(lambda _: clue_items.remind(DUE - timedelta(days=8)))
    assert Notice.objects.filter(recipient=people["department"], due_on=DUE).count() == 1


@needs_postgresql
def test_supervision_whose_record_is_withdrawn_is_not_followed_up(people):
    row = watching.oversight(people["discipline"])
    told = told_after(
        Oversight.objects.filter(pk=row.pk),
        lambda: Record.objects.filter(oversight=row).update(state=Record.State.WITHDRAWN),
        lambda: oversights.follow_up(
            row, by=fresh(people["discipline"]), happened_on=cast.TODAY, words="已补齐三次接待的审批单。"
        ),
    )
    assert isinstance(told, ValidationError)
    assert not row.steps.exists()
