"""Two verifiers at the same moment: one wins, the other is told (三（四）1)."""

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile

from accountability.models import Person
from accountability.services.records import decide
from inspections.models import Finding, Round
from inspections.services.closing import perform
from inspections.services.drafting import revise_finding
from tests import acts
from tests.accountability.test_races import at_once, winners
from tests.inspections.rounds import fed_back, finding_of, inspection_officer, measures_of
from tests.inspections.test_closing import prove
from tests.waiting import needs_postgresql, told_after

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_verifiers_at_once_have_one_winner(people):
    finding = finding_of(fed_back(people["discipline"]))
    record = prove(measures_of(finding)[0], people["liaison"], files=[SimpleUploadedFile("办法.pdf", acts.PDF)])
    decide(record, "accept", by=people["unit_secretary"])
    perform(finding, "apply", by=people["liaison"])
    perform(finding, "review", by=people["unit_secretary"])
    verifiers = [people["discipline"], inspection_officer()]
    results = at_once(lambda number: perform(finding, "close", by=verifiers[number]))
    assert len(winners(results)) == 1
    assert Finding.objects.get(pk=finding.pk).verified_by == winners(results)[0].verified_by
    assert Finding.history.filter(id=finding.pk, state="closed").count() == 1


@needs_postgresql
def test_a_problem_is_not_reworded_once_its_round_is_over(people):
    finding, officer = finding_of(fed_back(people["discipline"])), people["discipline"]
    told = told_after(
        Finding.objects.filter(pk=finding.pk),
        lambda: Round.objects.filter(pk=finding.round_id).update(stage=Round.Stage.ENDED),
        lambda: revise_finding(
            finding,
            by=Person.objects.get(pk=officer.pk),
            reason="核对原文",
            organisation=finding.organisation,
            text="改写的问题",
        ),
    )
    assert isinstance(told, PermissionDenied)
    assert Finding.objects.get(pk=finding.pk).text == finding.text
