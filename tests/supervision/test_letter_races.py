"""Two at the same moment: one wins, the other is told (三（二）1)."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accountability.models import Duty
from supervision.models import Letter, LetterAnswer, LetterMatter
from supervision.services import letter_answers, letters
from tests import cast
from tests.accountability.test_races import at_once, winners
from tests.supervision import letter_acts as deeds
from tests.waiting import needs_postgresql, told_after

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_evaluators_at_once_have_one_winner(people):
    letter = deeds.issued(people)
    deeds.answered(letter, people["unit_secretary"])
    evaluators, matter = [people["discipline"], deeds.commission_head()], deeds.first(letter)
    grades = ["good", "fair"]
    results = at_once(lambda number: letter_answers.evaluate(matter, by=evaluators[number], grade=grades[number]))
    assert len(winners(results)) == 1
    answer = LetterAnswer.objects.get()
    assert LetterAnswer.history.filter(id=answer.pk).exclude(grade="").count() == 1
    assert answer.grade == grades[evaluators.index(answer.evaluated_by)]


def test_two_signatures_at_once_give_two_numbers_in_a_row(people):
    drafted = [deeds.drafted(people["discipline"]) for _ in range(2)]
    for letter in drafted:
        letters.perform(letter, "propose", by=people["discipline"], signer=people["secretary"])
    results = at_once(lambda number: letters.perform(drafted[number], "sign", by=people["secretary"]))
    assert sorted(letter.number for letter in results) == ["纪督〔2026〕1号", "纪督〔2026〕2号"]


def test_a_matter_is_escalated_once(people, clock):
    letter = deeds.issued(people)
    clock.move_to(date(2026, 12, 23))
    matter, copied = deeds.first(letter), letters.copies_for(letter.recipient).first()

    def escalate(number: int):
        try:
            row = deeds.matter(due_on=date(2026, 12, 31))
            return deeds.drafted(people["discipline"], cast.OURS, row, escalates=matter, copied_to=copied)
        except IntegrityError:
            return None

    results = at_once(escalate)
    assert len([one for one in winners(results) if one]) == 1
    assert Letter.objects.filter(escalates=matter).count() == 1


@needs_postgresql
def test_a_matter_given_more_time_while_somebody_waits_is_not_escalated(people, clock):
    letter = deeds.issued(people)
    clock.move_to(date(2026, 12, 23))
    matter, copied = deeds.first(letter), letters.copies_for(letter.recipient).first()
    row = deeds.matter(due_on=date(2026, 12, 31))
    told = told_after(
        LetterMatter.objects.filter(pk=matter.pk),
        lambda: Duty.objects.filter(pk=matter.duty_id).update(due_on=date(2026, 12, 30)),
        lambda: deeds.drafted(people["discipline"], cast.OURS, row, escalates=matter, copied_to=copied),
    )
    assert isinstance(told, ValidationError)
    assert not Letter.objects.filter(escalates=matter).exists()
