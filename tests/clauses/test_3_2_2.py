"""三（二）2: 巡视巡察整改落实到位. Our part: what is late and unanswered shows to the commission, and cannot be talked away.

Accountability for poor performance (责任追究) linked to the failed finding belongs to a later chapter of the product.
"""

from datetime import UTC, datetime

import pytest

from accountability.models import Duty
from inspections.services.measures import report_progress
from tests.inspections.rounds import fed_back, finding_of, measures_of
from tests.supervision import watching

pytestmark = pytest.mark.django_db


def test_a_finding_late_without_answer_shows_to_the_commission(login, people, clock):
    """As 纪委, the day after: the finding, its measure's duty, the unit's missing report; each opens its rows."""
    finding = finding_of(fed_back(people["discipline"]))
    clock.move_to(datetime(2026, 12, 21, 1, 0, tzinfo=UTC))
    client = login("discipline")
    page = client.get(f"/inspections/{finding.round_id}/?view=late")
    assert [row.pk for row in page.context["pager"].page] == [finding.pk]
    assert "逾期未销号" in page.content.decode()
    units = client.get("/inspections/units/")
    line = units.context["lines"][0]
    assert (line.name, line.value("late"), line.rate) == ("会计学院", 1, "0.0%")
    missing = client.get(f"/inspections/{finding.round_id}/progress/?view=late")
    assert missing.context["pager"].total == 1, "the report of November was never given"
    measure = measures_of(finding)[0]
    assert Duty.objects.late(datetime(2026, 12, 21, tzinfo=UTC).date()).filter(pk=measure.duty_id).exists()


def test_words_do_not_make_it_done(login, people, clock):
    """As the unit: 基本完成 is said, and the finding stays late until it is proved and verified."""
    finding = finding_of(fed_back(people["discipline"]))
    clock.move_to(datetime(2026, 12, 21, 1, 0, tzinfo=UTC))
    report_progress(
        measures_of(finding)[0], by=people["liaison"], progress="各项工作已经基本完成。", is_mostly_done=True
    )
    page = login("discipline").get(f"/inspections/{finding.round_id}/?view=late")
    assert page.context["pager"].total == 1


def test_another_unit_does_not_read_it(login, people):
    finding = finding_of(fed_back(people["discipline"]))
    assert login("other_liaison").get(f"/inspections/findings/{finding.pk}/").status_code == 404


def test_supervision_that_the_unit_did_not_answer_is_shown(login, people, clock):
    """各类监督发现的问题: told to the unit, overdue, one click from the board."""
    found = watching.problem(watching.oversight(people["discipline"], source="audit"), people["discipline"])
    watching.asked(found, people["discipline"])
    clock.move_to(datetime(2026, 12, 21, 1, 0, tzinfo=UTC))
    client = login("discipline")
    gap = {gap.figure.name: gap for gap in client.get("/supervision/").context["gaps"]}["unanswered_problems"]
    assert gap.count == client.get(gap.url).context["pager"].total == 1
    assert client.get(f"{gap.url}&source=audit").context["pager"].total == 1
    assert login("other_secretary").get(gap.url).context["pager"].total == 0
