"""Two at the same moment answer, confirm, approve or record: one wins, the other is told (四（四）, 三（二）2)."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from supervision.models import AccountabilityMeasure, Assessment, AssessmentSheet, Objection
from supervision.services import assessments, objections, schemes
from tests import cast
from tests.accountability.test_races import at_once, winners
from tests.supervision.assessments import (
    admitted_one,
    admitted_to_measures,
    approved,
    head_of_commission,
    line_of,
    measure_on,
    opened,
    published,
    self_assessed,
    sheet_for,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_answers_to_one_objection_have_one_winner(people):
    sheet = sheet_for(published(people, "leader"), people["member"])
    line = line_of(sheet, "本人责任完成")
    objection = objections.raise_objection(line, by=people["member"], words="年初的教育提醒已在会上开展。")
    hands = [people["secretary"], head_of_commission()]
    results = at_once(
        lambda number: objections.answer(objection, by=hands[number], words=f"第 {number} 个答复，维持原来的得分。")
    )
    assert len(winners(results)) == 1
    assert Objection.history.filter(id=objection.pk, state="kept").count() == 1


def test_a_scheme_is_opened_once(people):
    scheme = approved(people, "leader")
    results = at_once(
        lambda number: assessments.open_assessment(
            scheme, by=people["discipline"], self_due_on=cast.TODAY.replace(day=30)
        )
    )
    assert len(winners(results)) == 1
    assert Assessment.objects.count() == 1
    assert AssessmentSheet.objects.count() == 22


def test_approving_and_sending_back_at_once(people):
    scheme = schemes.draft_scheme(by=people["discipline"], year=cast.YEAR, kind="leader")
    schemes.perform(scheme, "propose", by=people["discipline"])

    def decide(number: int):
        name, reason = (("approve", ""), ("send_back", "等次再核对一下"))[number]
        try:
            return schemes.perform(scheme, name, by=people["secretary"], reason=reason)
        except PermissionDenied as refusal:
            raise ValidationError(str(refusal)) from refusal

    results = at_once(decide)
    scheme.refresh_from_db()
    assert 1 <= len(winners(results)) <= 2, "approved first it may still be sent back before it is opened"
    assert (scheme.state == "draft") == (scheme.approved_by is None)


def test_a_self_assessment_is_confirmed_once(people):
    sheet = sheet_for(opened(people, "leader"), people["member"])
    results = at_once(lambda number: self_assessed(sheet, people["member"]))
    assert len(winners(results)) == 1
    assert sheet.duty.evidence.count() == 1


def test_two_measures_at_once_have_two_numbers(people):
    hands = [admitted_to_measures(people), admitted_one(people, head_of_commission())]
    unit = cast.organisation(cast.OURS)
    at_once(lambda number: measure_on(hands[number], organisation=unit, document_number=f"江海委〔2026〕{number}号"))
    assert sorted(AccountabilityMeasure.objects.values_list("number", flat=True)) == ["2026-1", "2026-2"]
