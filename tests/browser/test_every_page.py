"""Every page as each role: empty console, no serious accessibility violation, no sideways scrolling, two widths."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accountability.models import Person, Regulation
from accountability.services import roster
from accountability.services.drafts import draft_from
from accountability.services.tenures import appoint
from tests import acts, cast, letters, papers
from tests.accountability.test_lists import planned
from tests.browser.conftest import PHONE, WIDE
from tests.inspections.risk_points import campaign_by, point_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = {
    "office": [
        "/", "/ledger/", "/ledger/?state=late&state=soon&q=清单", "/ledger/?q=没有这样的事", "/records/", "/records/new/",
        "/meetings/", "/meetings/new/", "/meetings/new/?kind=warning-meeting", "/years/", "/years/?open=2027", "/clauses/",
        "/notices/", "/reports/", "/supervision/", "/documents/", "/inspections/", "/risks/", "/risks/map/", "/research/",
        "/inspections/units/", "/inspections/findings/", "/inspections/measures/", "/inspections/coverage/", "/style-guide/", "/password/",
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
    from accountability.services import records

    ours = cast.organisation(cast.OURS)
    files = [
        SimpleUploadedFile("自查表.pdf", acts.PDF),
        SimpleUploadedFile("照片.png", papers.picture(size=(800, 600))),
        SimpleUploadedFile("清单.xlsx", papers.xlsx(("序号", "风险点"))),
    ]
    counted = acts.record(people["unit_secretary"], ours, "risk-self-check", files=files)
    acts.record(people["liaison"], ours, "duty-report")
    returned = acts.record(people["liaison"], ours, "task-list")
    records.decide(returned, "return", by=people["unit_secretary"], reason="请补充责任人")
    return {"counted": counted, "returned": returned, "duty": acts.duty_of(ours, "risk-self-check")}


def more_pages(pages: dict[str, list[str]], people) -> None:
    """Documents, lists and organisations with something in them, as those who work in them see them."""
    ours = cast.organisation(cast.OURS)
    letter = letters.project_letter(people, to="to_sign")
    report = letters.draft(people["unit_secretary"], "duty-report", organisation=ours)
    project = planned(people)
    row = project.responsibility
    successor = Person.objects.create_user("successor", "继任䶮", cast.PASSWORD)
    branch = cast.organisation(f"{cast.OURS}/第一党支部")
    post = branch.posts.get()
    _, sheet = appoint(post, successor, from_on=cast.TODAY, by=people["office"], reason="校党干〔2026〕18号")
    imported, _ = roster.receive(SimpleUploadedFile("花名册.xlsx", roster.workbook_of()), by=people["office"])
    pages["office"] += [
        "/documents/all/", "/documents/new/", "/documents/batch/", "/verify/", f"/documents/?unit={ours.pk}",
        f"/documents/{letter.pk}/", f"/documents/{letter.pk}/versions/2/",
        "/lists/", "/lists/problems/new/", "/lists/responsibilities/new/", "/lists/units/", "/lists/measures/",
        f"/lists/problems/{row.problem_id}/", f"/lists/responsibilities/{row.pk}/", f"/lists/units/{ours.pk}/",
        "/organisations/", f"/organisations/{ours.pk}/", f"/organisations/{branch.pk}/", "/handovers/",
        f"/handovers/{sheet.pk}/", f"/posts/{post.pk}/appoint/", f"/organisations/{ours.pk}/reorganise/?kind=merge",
        f"/organisations/{ours.pk}/posts/new/", f"/organisations/{ours.pk}/portfolio/new/",
        f"/tenures/{post.tenures.first().pk}/end/", "/organisations/roster/", f"/organisations/roster/{imported.pk}/",
    ]  # fmt: skip
    risk = point_of(people["unit_secretary"], key_area="财务管理", factors="resources")
    campaign_by(people["discipline"])
    sheet = f"/risks/check/units/{ours.pk}/"
    pages["discipline"] += ["/risks/check/", "/risks/check/open/", "/risks/check/answers/", "/risks/changes/", sheet]
    pages["liaison"] += ["/risks/", "/risks/new/", f"/risks/{risk.pk}/", f"/risks/{risk.pk}/edit/", sheet]
    pages["member"] += [
        "/documents/", f"/documents/{letter.pk}/sign/", f"/lists/projects/{project.pk}/", f"/lists/projects/{project.pk}/edit/"
    ]  # fmt: skip
    pages["unit_secretary"] += [f"/documents/{report.pk}/edit/", f"/documents/{report.pk}/", "/lists/", "/documents/"]
    pages["liaison"] += [f"/lists/units/{ours.pk}/", "/documents/new/"]
    pages["discipline"] += [f"/documents/{letter.pk}/", "/organisations/"]
    pages["secretary"] += ["/documents/", "/lists/"]


def inspection_pages(people) -> list[str]:
    """A recheck with a result, a notice in preparation with something withheld."""
    from inspections.services import progress_notices, rechecks
    from inspections.services.withholding import withhold
    from tests.inspections.rounds import fed_back, finding_of
    from tests.inspections.test_rechecks import closed, record

    row = fed_back(people["discipline"])
    finding, _ = (closed(finding_of(row), people) for _ in range(2))
    recheck = rechecks.draw_recheck(by=people["discipline"], size=2, round=row)
    item, open_item = recheck.items.all()
    record(item, people["discipline"], "false")
    withhold(
        [finding],
        by=people["discipline"],
        scopes=["public"],
        parts=["problem"],
        category="privacy",
        reason="涉及个人隐私",
    )
    notice = progress_notices.make(row, by=people["discipline"], scope="public", as_of=cast.TODAY)
    return [
        "/inspections/rechecks/", "/inspections/rechecks/new/", "/inspections/rechecks/results/", f"/inspections/{row.pk}/",
        f"/inspections/rechecks/{recheck.pk}/", f"/inspections/rechecks/{recheck.pk}/draw/",
        f"/inspections/rechecks/items/{item.pk}/", f"/inspections/rechecks/items/{open_item.pk}/",
        f"/inspections/findings/{finding.pk}/", "/inspections/notices/", "/inspections/notices/new/",
        f"/inspections/notices/{notice.pk}/", f"/inspections/notices/{notice.pk}/prepare/",
        f"/inspections/notices/{notice.pk}/figures/F02/",
    ]  # fmt: skip


def assessment_pages(pages: dict[str, list[str]], people) -> None:
    """A scheme being drafted, an assessment published with an objection, two measures; as each reads them."""
    from supervision.services import objections, schemes
    from tests.supervision import assessments

    draft = schemes.draft_scheme(by=people["discipline"], year=cast.YEAR, kind="leader")
    assessment = assessments.published(people)
    sheet = assessments.sheet_of(assessment)
    line = assessments.line_of(sheet, "专题会议")
    words = "第一次会议的纪要已在会前提交，请复核。"
    objection = objections.raise_objection(line, by=people["unit_secretary"], words=words)
    by = assessments.admitted_to_measures(people)
    measures = [
        assessments.measure_on(by, organisation=cast.organisation(cast.OURS)),
        assessments.measure_on(by, person=people["member"], kind="admonition"),
    ]
    at, sheet_at = "/oversight/assessment/", f"/oversight/assessment/sheets/{sheet.pk}/"
    item = draft.items.first()
    pages["discipline"] += [
        "/oversight/", at, f"{at}{assessment.pk}/", f"{at}sheets/", f"{at}schemes/new/", f"{at}schemes/{draft.pk}/",
        f"{at}schemes/{draft.pk}/edit/", f"{at}schemes/{draft.pk}/items/new/", f"{at}schemes/items/{item.pk}/", sheet_at,
        f"{at}objections/", f"{at}objections/{objection.pk}/", f"{at}results/", "/oversight/measures/",
        "/oversight/measures/new/", "/oversight/measures/unanswered/", *(f"/oversight/measures/{row.pk}/" for row in measures),
    ]  # fmt: skip
    other = assessments.line_of(sheet, "责任文书签订")
    pages["unit_secretary"] += [
        at,
        sheet_at,
        f"{at}lines/{other.pk}/",
        f"{at}lines/{other.pk}/object/",
        "/oversight/measures/",
    ]
    pages["secretary"] += [f"{at}objections/{objection.pk}/", f"{at}lines/{line.pk}/"]
    pages["member"] += [at, sheet_at]


def all_pages(busy, people) -> dict[str, list[str]]:
    pages = {who: list(addresses) for who, addresses in PAGES.items()}
    pages["liaison"] += [
        f"/ledger/{busy['duty'].pk}/",
        f"/records/{busy['returned'].pk}/",
        f"/records/{busy['returned'].pk}/revise/",
    ]
    pages["office"] += [f"/ledger/{busy['duty'].pk}/", f"/ledger/{busy['duty'].pk}/history/", "/ledger/99999999/"]
    draft = draft_from(Regulation.objects.newest(), by=people["office"], title="新实施办法")
    clause, current = draft.clauses.get(key="3.1.1"), draft.former()
    pages["office"] += [f"/clauses/versions/{current.pk}/{page}" for page in ("", "compare/", "coverage/")]
    pages["office"] += [
        "/clauses/versions/new/",
        *(f"/clauses/versions/{draft.pk}/{page}" for page in ("", "compare/", "coverage/", "edit/", "effect/")),
        f"/clauses/versions/{draft.pk}/effect/?on=2026-12-01",
        f"/clauses/versions/{draft.pk}/effect/?on=2026-12-01&show=carried",
        f"/clauses/{clause.pk}/edit/",
        f"/clauses/obligations/{clause.obligations.first().pk}/edit/",
    ]
    pages["unit_secretary"] += [
        f"/records/{busy['counted'].pk}/",
        *(f"/attachments/{attachment.pk}/preview/" for attachment in busy["counted"].attachments.all()),
    ]
    more_pages(pages, people)
    pages["discipline"] += inspection_pages(people)
    assessment_pages(pages, people)
    return pages


def troubles_at(window, address: str) -> list[str]:
    """What a page has to say in the console, what axe finds and how far it can be pushed sideways, in both widths."""
    troubles = []
    expected = "404" if address.endswith("99999999/") else None
    window.complaints.clear()
    window.page.set_viewport_size(WIDE)
    window.open(address)
    for width in (WIDE, PHONE):
        window.page.set_viewport_size(width)
        said = [each for each in window.complaints if not (expected and expected in each)]
        too_wide = 0 if address.startswith("/admin") else max(0, window.overflow())
        said += window.violations() + ([f"{too_wide} px too wide"] if too_wide else [])
        troubles += [f"{address} {width['width']}: {each}" for each in said]
        window.complaints.clear()  # axe's own in the admin, which allows no inline style
    return troubles


@pytest.mark.parametrize("is_office", [True, False], ids=["office", "others"])
def test_every_page(visit, busy, people, is_office):
    """The office has as many pages as all others: the two run side by side."""
    troubles = []
    for who, addresses in all_pages(busy, people).items():
        if (who == "office") == is_office:
            window = visit().let_in(who)
            troubles += [f"{who} {each}" for address in addresses for each in troubles_at(window, address)]
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
