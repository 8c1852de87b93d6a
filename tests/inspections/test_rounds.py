"""轮次: who sees it, until when; the figures open their rows; what was never inspected (三（四）1)."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from inspections.coverage import Coverage
from inspections.finding_filter import FindingFilter
from inspections.models import Finding, Round, RoundMember
from inspections.services.rounds import (
    begin,
    dismiss_member,
    end_round,
    feed_back,
    months_after,
    name_member,
    plan_round,
    rectified_by,
)
from tests import cast
from tests.inspections.rounds import fed_back, finding_of, imported

pytestmark = pytest.mark.django_db


def named(people, row: Round, **days) -> RoundMember:
    fields = {"from_on": date(2026, 11, 1), "until_on": date(2026, 12, 31)} | days
    return name_member(row, by=people["discipline"], person=people["inspector"], duty="member", **fields)


def test_the_clock_runs_three_or_six_months():
    assert months_after(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert rectified_by(Round.Kind.EXTERNAL, date(2026, 5, 15)) == date(2026, 11, 15)
    assert rectified_by(Round.Kind.SCHOOL, date(2026, 5, 15)) == date(2026, 8, 15)


def test_only_who_manages_plans_and_feeds_back(people):
    with pytest.raises(PermissionDenied):
        fed_back(people["office"])
    row = fed_back(people["discipline"])
    with pytest.raises(ValidationError, match="不能登记反馈"):
        feed_back(row, by=people["discipline"], on=date(2026, 6, 1))


def test_a_member_sees_his_round_and_nothing_else(login, people):
    row, other = fed_back(people["discipline"]), fed_back(people["discipline"], name="另一轮")
    mine, theirs = finding_of(row, cast.THEIRS), finding_of(other, cast.THEIRS)
    client = login("inspector")
    assert client.get(f"/inspections/{row.pk}/").status_code == 404
    named(people, row)
    assert mine.text in client.get(f"/inspections/{row.pk}/").content.decode()
    assert client.get(f"/inspections/findings/{mine.pk}/").status_code == 200
    assert client.get(f"/inspections/{other.pk}/").status_code == 404
    assert client.get(f"/inspections/findings/{theirs.pk}/").status_code == 404
    assert list(Finding.objects.visible_to(people["inspector"])) == [mine]
    assert "责任台账" not in client.get("/inspections/").content.decode().split("</nav>")[0]


def test_a_member_loses_access_with_his_days_his_dismissal_and_the_round(login, people):
    row = fed_back(people["discipline"])
    finding = finding_of(row, cast.THEIRS)
    member = named(people, row)
    client = login("inspector")
    member.until_on = date(2026, 11, 22)
    member.save()
    assert client.get(f"/inspections/{row.pk}/").status_code == 404
    member = named(people, row)
    assert client.get(f"/inspections/{row.pk}/").status_code == 200
    dismiss_member(member, by=people["discipline"], reason="工作调动")
    assert client.get(f"/inspections/{row.pk}/").status_code == 404
    named(people, row)
    with pytest.raises(ValidationError, match="还有 1 个问题未销号"):
        end_round(row, by=people["discipline"])
    Finding.objects.filter(pk=finding.pk).update(
        state="long_term", review_on=date(2027, 5, 1), verified_by=people["discipline"]
    )
    end_round(row, by=people["discipline"])
    assert client.get(f"/inspections/{row.pk}/").status_code == 404
    assert client.get(f"/inspections/findings/{finding.pk}/").status_code == 404


def test_nobody_inspects_his_own_unit(people):
    unit = cast.organisation(cast.OURS)
    row = plan_round(
        by=people["discipline"],
        units=[unit],
        name="巡察会计学院",
        kind="school",
        starts_on=date(2026, 11, 2),
        ends_on=date(2026, 12, 4),
    )
    with pytest.raises(ValidationError, match="应当回避"):
        name_member(
            row,
            by=people["discipline"],
            person=people["liaison"],
            duty="member",
            from_on=row.starts_on,
            until_on=row.ends_on,
        )


@pytest.mark.parametrize("who", ["discipline", "secretary", "unit_secretary", "other_secretary"])
def test_every_figure_equals_the_rows_it_opens(login, people, who):
    row = imported(people["discipline"])
    Finding.objects.filter(round=row, serial__in=(3, 9)).update(
        state="long_term", review_on=date(2027, 5, 1), verified_by=people["discipline"]
    )
    client = login(who)
    page = client.get(f"/inspections/{row.pk}/")
    for figure in page.context["figures"]:
        assert client.get(figure.url).context["pager"].total == figure.value, figure.label
    visible = Finding.objects.visible_to(people[who]).filter(round=row)
    counted = {
        view: FindingFilter(view=view).rows(visible, on=cast.TODAY, user=people[who]).count()
        for view in FindingFilter.VIEWS
    }
    assert counted["all"] == counted["working"] + counted["waiting"] + counted["closed"] + counted["long_term"]
    assert counted["all"] > 0


def test_coverage_names_what_was_never_inspected(login, people):
    unit = cast.organisation(cast.OURS)
    row = plan_round(
        by=people["discipline"],
        units=[unit],
        name="巡察会计学院",
        kind="school",
        starts_on=date(2026, 11, 2),
        ends_on=date(2026, 12, 4),
    )
    assert unit in [one.organisation for one in Coverage(people["discipline"], on=cast.TODAY).units_of("never")], (
        "a plan covers nobody"
    )
    begin(row, by=people["discipline"])
    found = Coverage(people["discipline"], on=cast.TODAY)
    assert [one.organisation for one in found.units_of("inspected")] == [unit]
    assert len(found.units_of("inspected")) + len(found.units_of("never")) == len(found.units)
    page = login("discipline").get("/inspections/coverage/?show=inspected")
    assert [one.organisation for one in page.context["units"]] == [unit]


def test_a_ledger_page_costs_the_same_at_one_finding_and_at_many(login, people, django_assert_max_num_queries):
    from tests.test_house import queries

    row = fed_back(people["discipline"])
    finding_of(row)
    client = login("discipline")
    few = queries(client, f"/inspections/{row.pk}/")
    imported(people["discipline"], row=fed_back(people["discipline"], name="大轮"))
    many = Round.objects.get(name="大轮")
    assert queries(client, f"/inspections/{many.pk}/") == few
