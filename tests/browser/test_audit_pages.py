"""审计日志 in a real Chromium: the list, one event and an empty answer, at both widths without a complaint."""

import os

import pytest

from accountability import acting
from accountability.models import AuditEvent
from accountability.services import audit, audit_check, sealing
from tests.browser.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.once
def test_pages_of_the_audit_log(visit, people):
    act = acting.Act("talk_pdf", person=people["secretary"], address="2001:db8:1234:5678:9abc:def0:1234:5678")
    with acting.acting(act):
        for number in range(60):
            audit.record("export", row=people["liaison"], source="talk_pdf", form="PDF", bytes=number)
        audit.record("refused", row=people["liaison"], result=audit.REFUSED, source="record_decide", status=404)
        audit.record("login", username="somebody-with-a-very-long-name-of-forty-letters", result=audit.FAILED)
    sealing.seal_everything()
    audit_check.check_and_tell(by=people["auditor"])
    event = AuditEvent.objects.filter(kind="export").first()
    window = visit().let_in("auditor")
    addresses = ["/audit/", f"/audit/{event.pk}/", "/audit/?kind=export&who=nobody"]
    assert [trouble for address in addresses for trouble in window.troubles_at(address, examine=True)] == []
    if folder := os.environ.get("SHOTS"):
        for address, name in zip(addresses, ("list", "event", "nothing"), strict=True):
            for size, suffix in (({"width": 1440, "height": 900}, "wide"), (PHONE, "phone")):
                page = window.open(address)
                page.set_viewport_size(size)
                page.screenshot(path=f"{folder}/audit-{name}-{suffix}.png", full_page=True)
