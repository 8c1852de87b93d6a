"""Two at the same moment over an archive or a list: exactly one wins, the other is told (二（二）)."""

import pytest

from accountability.models import Record
from accountability.services import jobs
from supervision.models import Archive, Opinion
from supervision.services import archives, opinions
from tests.accountability.test_races import at_once, winners
from tests.supervision.archives import admitted, asked, asker, checked, fresh

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_approve_at_once(people):
    keeper, other = admitted(people)
    opinion = checked(asked(asker(), [people["member"]]), keeper)
    approvers = [fresh(other), fresh(people["secretary"])]
    results = at_once(lambda number: opinions.perform(opinion, "approve", by=approvers[number]))
    assert len(winners(results)) == 1
    assert "不能审核并回复" in str(next(each for each in results if isinstance(each, Exception)))
    jobs.run(Opinion.objects.get().job_id)
    assert Opinion.objects.get().number == "纪廉意〔2026〕1号"
    assert Record.objects.filter(act__code="integrity-opinion").count() == 1


def test_two_establish_at_once(people):
    keeper, other = admitted(people)
    both = [fresh(keeper), fresh(other)]
    at_once(lambda number: archives.establish([people["member"]], by=both[number]))
    assert Archive.objects.filter(person=people["member"]).count() == 1
