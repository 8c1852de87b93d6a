"""Every page as each role: empty console, no serious accessibility violation, no sideways scrolling, two widths."""

import pytest

from tests import acts, cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = {
    "office": [
        "/", "/ledger/", "/ledger/?state=late&state=soon&q=清单", "/ledger/?q=没有这样的事", "/records/", "/records/new/",
        "/meetings/", "/meetings/new/", "/meetings/new/?kind=warning-meeting", "/years/", "/years/?open=2027", "/clauses/",
        "/notices/", "/reports/", "/supervision/", "/documents/", "/inspections/", "/style-guide/", "/password/",
    ],
    "discipline": ["/", "/supervision/", "/ledger/", "/reports/"],
    "secretary": ["/", "/reports/", "/supervision/"],
    "member": ["/", "/ledger/?mine=1"],
    "unit_secretary": ["/", "/records/?view=waiting"],
    "liaison": ["/", "/ledger/", "/meetings/"],
    "branch": ["/", "/ledger/"],
    "department": ["/", "/ledger/"],
    "inspector": ["/"],
    "sysadmin": [
        "/", "/admin/", "/admin/accountability/person/", "/admin/accountability/person/add/",
        "/admin/accountability/organisation/", "/admin/accountability/obligation/", "/admin/accountability/regulation/",
    ],
    "secadmin": ["/", "/admin/", "/admin/accountability/tenure/"],
    "auditor": ["/", "/admin/", "/admin/admin/logentry/"],
}  # fmt: skip


@pytest.fixture
def busy(people):
    """Something on every page: a counted record with a file, one waiting, one returned."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from accountability.services import records

    ours = cast.organisation(cast.OURS)
    counted = acts.record(
        people["unit_secretary"], ours, "risk-self-check", files=[SimpleUploadedFile("自查表.pdf", acts.PDF)]
    )
    acts.record(people["liaison"], ours, "duty-report")
    returned = acts.record(people["liaison"], ours, "task-list")
    records.decide(returned, "return", by=people["unit_secretary"], reason="请补充责任人")
    return {"counted": counted, "returned": returned, "duty": acts.duty_of(ours, "risk-self-check")}


@pytest.mark.parametrize("phone", [False, True], ids=["1440", "390"])
def test_every_page(visit, busy, phone):
    troubles = []
    pages = {who: list(addresses) for who, addresses in PAGES.items()}
    pages["liaison"] += [
        f"/ledger/{busy['duty'].pk}/",
        f"/records/{busy['returned'].pk}/",
        f"/records/{busy['returned'].pk}/revise/",
    ]
    pages["office"] += [f"/ledger/{busy['duty'].pk}/", f"/ledger/{busy['duty'].pk}/history/", "/ledger/99999999/"]
    for who, addresses in pages.items():
        window = visit(phone=phone).sign_in(who)
        for address in addresses:
            window.complaints.clear()
            window.open(address)
            expected = ["404"] if address.endswith("99999999/") else []
            said = [each for each in window.complaints if not any(word in each for word in expected)]
            troubles += [f"{who} {address}: {each}" for each in said]
            troubles += [f"{who} {address}: {each}" for each in window.violations()]
            if window.overflow() > 0 and not address.startswith("/admin"):
                troubles.append(f"{who} {address}: {window.overflow()} px too wide")
    assert troubles == []


def test_the_login_page(visit, people):
    window = visit()
    window.open("/login/")
    assert window.violations() == []
    window.page.fill("input[name=username]", "office")
    window.page.fill("input[name=password]", "wrong")
    window.page.click("form button:not([type=button])")
    assert "密码" in window.page.inner_text("main")
    assert window.complaints == []
