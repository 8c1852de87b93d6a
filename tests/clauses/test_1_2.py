"""一（二）: every organisation and leader has duties; what is not covered is listed with its reason."""

import pytest

from accountability.models import Duty, Organisation, Post
from tests import cast

pytestmark = pytest.mark.django_db


def test_everybody_owes_something(people):
    owing = set(Duty.objects.of_year(cast.YEAR).values_list("organisation", flat=True))
    units = Organisation.objects.units().exclude(name=cast.VACANT)
    assert set(units.values_list("pk", flat=True)) <= owing
    leaders = Post.objects.filter(role__in=("secretary", "member"))
    assert set(leaders.values_list("pk", flat=True)) <= set(Duty.objects.values_list("owner", flat=True))


def test_gaps_in_coverage_are_listed(login):
    page = login("office").get(f"/years/?open={cast.YEAR}").content.decode()
    assert "岗位暂无人任职" in page
    assert cast.VACANT in page
    assert "没有分管部门和联系单位" in page


def test_the_chain_reaches_the_branch(login):
    duties = login("branch").get("/ledger/").context["pager"].page.object_list
    assert {duty.organisation.name for duty in duties} == {"第一党支部"}
