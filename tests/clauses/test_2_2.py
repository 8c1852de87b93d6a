"""二（二）: the commission records its own supervision by kind with follow-up, and edits nobody else's record."""

import pytest

from supervision.models import Oversight
from tests import acts, cast
from tests.supervision import watching

pytestmark = pytest.mark.django_db


def post_oversight(client, duty=None, **fields):
    """The commission records a supervision through the page its duty leads to."""
    data = {
        "body": watching.body().pk,
        "kind": "risk",
        "source": "discipline",
        "happened_on": "2026-11-18",
        "units": [cast.organisation(name).pk for name in ("财务处", "基建处")],
        "did": "逐项核对风险点和防控措施，抽查业务二十笔。",
        "findings": "基建处两个风险点没有责任人。",
        "feedback": "请明确责任人并补充防控措施。",
    } | fields
    return client.post(f"/oversight/records/new/{f'?duty={duty.pk}' if duty else ''}", data)


def test_the_commission_records_its_supervision(login, people):
    """廉政风险防控督查: recorded once, a fulfilled duty, fed back to the units, followed up."""
    duty = acts.duty_of(cast.organisation("学校纪委"), "risk-control-inspection")
    client = login("discipline")
    assert client.get(f"/records/new/?duty={duty.pk}&act=risk-control-inspection")["Location"].startswith(
        "/oversight/records/new/"
    )
    assert post_oversight(client, duty).status_code == 302
    assert acts.state(duty) == "fulfilled"
    row = Oversight.objects.get()
    step = {"happened_on": "2026-11-23", "words": "基建处已明确责任人，措施已补充。", "settles": "on"}
    assert client.post(f"/oversight/records/{row.pk}/step/", step).status_code == 302
    row.refresh_from_db()
    assert row.state == "settled"


@pytest.mark.parametrize("kind", ["political", "daily", "top", "key_area"])
def test_by_kind(login, people, kind):
    """政治监督、日常监督、一把手和班子、重点领域: each a kind one can list."""
    client = login("discipline")
    assert post_oversight(client, kind=kind).status_code == 302
    assert client.get(f"/oversight/records/?kind={kind}").context["pager"].total == 1
    assert client.get("/oversight/records/?kind=mechanism").context["pager"].total == 0


def test_it_evaluates_and_does_not_edit(login, people):
    """监督评价: beside the record of a unit, which stays as the unit wrote it."""
    record = acts.record(people["unit_secretary"], cast.organisation(cast.OURS), "duty-report")
    client = login("discipline")
    assert client.post(f"/records/{record.pk}/revise/", {"title": "改写"}).status_code == 403
    told = {"grade": "mend", "words": "请补充数据和责任人。"}
    assert client.post(f"/oversight/records/evaluate/{record.pk}/", told).status_code == 302
    assert "请补充数据和责任人" in login("unit_secretary").get(f"/records/{record.pk}/").content.decode()
    record.refresh_from_db()
    assert record.title == "一次履责"


def test_it_cannot_record_for_a_subject(login, people):
    duty = acts.duty_of(cast.organisation(cast.OURS), "duty-report")
    assert acts.post_record(login("discipline"), duty, "duty-report").status_code == 403
    assert acts.state(duty) == "open"
