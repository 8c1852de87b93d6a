"""Every page as each role: empty console, no serious accessibility violation, no sideways scrolling, two widths."""

from collections import defaultdict

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import resolve

from accountability.models import Person, Regulation
from accountability.services import roster
from accountability.services.drafts import draft_from
from accountability.services.tenures import appoint
from supervision.models import Report
from tests import acts, cast, letters, papers
from tests.accountability.list_rows import planned
from tests.browser.mouse import follow
from tests.inspections.risk_points import campaign_by, point_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = {
    "office": [
        "/", "/ledger/", "/ledger/?state=late&state=soon&q=清单", "/ledger/?q=没有这样的事", "/records/", "/records/new/",
        "/meetings/", "/meetings/new/", "/meetings/new/?kind=warning-meeting", "/years/", "/years/?open=2027", "/clauses/",
        "/notices/", "/reports/", "/supervision/", "/documents/", "/inspections/", "/risks/", "/risks/map/", "/research/",
        "/inspections/units/", "/inspections/findings/", "/inspections/measures/", "/inspections/coverage/", "/style-guide/", "/password/",
        "/operations/", "/calendar/", "/notices/preferences/", "/notices/absences/",
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
        "/", "/operations/", "/operations/channels/", "/operations/deliveries/", "/admin/", "/admin/accountability/person/", "/admin/accountability/person/add/",
        "/admin/accountability/organisation/", "/admin/accountability/obligation/", "/admin/accountability/regulation/",
    ],
    "secadmin": ["/", "/admin/", "/admin/accountability/tenure/"],
    "auditor": ["/", "/audit/", "/audit/?kind=export", "/admin/", "/admin/admin/logentry/"],
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
    annual = f"/reports/{Report.objects.get(document=report).pk}/"
    pages["unit_secretary"] += [f"/documents/{report.pk}/edit/", f"/documents/{report.pk}/", "/lists/", "/documents/"]
    pages["unit_secretary"] += ["/reports/", annual, f"{annual}figures/F-01/", f"{annual}figures/F-08/"]
    school = f"/reports/new/?kind={letters.kind('written-report').pk}&organisation={cast.organisation('学校党委').pk}"
    pages["secretary"] += [f"{school}&year={cast.YEAR}", "/reports/?view=unit"]
    pages["office"] += ["/reports/batches/", "/reports/?view=leader"]
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


def confidential_pages(pages: dict[str, list[str]], people) -> None:
    """Talks in each state and the register of the four forms, as those who may see them see them."""
    from tests.supervision import talks as made

    commission = made.admitted(people)
    proposed = made.arranged(commission, people["department"], leader=people["secretary"], due_on=None)
    waiting = made.arranged(people["secretary"], people["member"])
    told = made.held(made.arranged(people["secretary"], people["liaison"]), people["secretary"])
    whole = made.in_full(people)
    entry = made.entry(made.admitted(people, "form"), people["member"])
    pages["secretary"] += [
        "/oversight/", "/oversight/in-person/", "/oversight/in-person/entries/", "/oversight/in-person/entries/new/",
        "/oversight/talks/", "/oversight/talks/new/", "/oversight/forms/", f"/oversight/talks/{proposed.pk}/",
        f"/oversight/talks/{waiting.pk}/", f"/oversight/talks/{told.pk}/", f"/oversight/talks/{whole.pk}/",
    ]  # fmt: skip
    pages["unit_secretary"] += [f"/oversight/talks/{whole.pk}/", "/oversight/talks/"]
    pages["liaison"] += [f"/oversight/talks/{told.pk}/", "/oversight/talks/"]
    pages["discipline"] += [
        "/oversight/forms/", "/oversight/forms/entries/", "/oversight/forms/entries/new/", "/oversight/talks/new/",
        f"/oversight/forms/entries/{entry.pk}/", f"/oversight/forms/entries/{entry.pk}/correct/", "/oversight/talks/",
    ]  # fmt: skip


def hint_pages(people) -> list[str]:
    """A copied report and a photo used again, side by side; a unit's burden and what it was asked twice."""
    from datetime import date

    from accountability.services.duties import assign
    from supervision.models import Hint
    from supervision.services import hints
    from tests.supervision.reports import kept

    ours, picture = cast.organisation(cast.OURS), papers.picture(size=(640, 480))
    for who, unit, words, day in (
        ("other_secretary", cast.THEIRS, "copied-3-a", 12),
        ("unit_secretary", cast.OURS, "copied-3-b", 16),
    ):
        files = [SimpleUploadedFile("现场.png", picture)]
        more = {"content": kept(words), "credit": False, "on": date(2026, 11, day), "files": files}
        acts.record(people[who], cast.organisation(unit), "half-year-report", **more)
    for day in (1, 8):
        owner = ours.posts.get(role="unit_secretary")
        asked = {"title": "报送师德专题教育情况", "due_on": date(2026, 12, day), "work_year": cast.YEAR}
        assign(organisation=ours, owner=owner, by=people["office"], **asked)
    hints.look(by=people["discipline"])
    text, photo = (Hint.objects.get(kind=kind) for kind in ("between", "photo"))
    hints.perform(text, "dismiss", by=people["discipline"], words="两院联合研判，共用一稿。")
    return [
        "/oversight/hints/", "/oversight/hints/?state=all", "/oversight/hints/?state=gone", f"/oversight/hints/{text.pk}/",
        f"/oversight/hints/{photo.pk}/", "/oversight/burden/", "/oversight/burden/twice/", f"/oversight/burden/{ours.pk}/",
    ]  # fmt: skip


def archive_pages(people) -> list[str]:
    """An archive that is open, with a paper to confirm, one that is not; a list being checked."""
    from accountability.services.grants import sync_grants
    from supervision.services import openings
    from tests.supervision import archives as kept

    sync_grants(cast.TODAY)
    keeper, other = kept.admitted(people)
    archive, closed = (kept.archive_of(people[name], keeper) for name in ("member", "department"))
    kept.paper(archive, other)
    kept.opened(archive, keeper)
    kept.related(people["liaison"], people["branch"], by=keeper)
    request = openings.ask(closed, by=people["office"], purpose="other", words="工作需要查阅")
    opinion = kept.asked(kept.asker(), [people["member"], people["unit_secretary"]])
    kept.concluded(opinion.cadres.first(), keeper)
    return [
        "/oversight/", "/oversight/admissions/", "/oversight/archives/", "/oversight/archives/?view=kept",
        "/oversight/archives/updates/", "/oversight/archives/kinds/", "/oversight/archives/openings/",
        "/oversight/archives/requests/", f"/oversight/archives/requests/{request.pk}/", "/oversight/archives/kinships/",
        f"/oversight/archives/{archive.pk}/", f"/oversight/archives/{closed.pk}/",
        "/oversight/opinions/", f"/oversight/opinions/{opinion.pk}/",
    ]  # fmt: skip


def supervision_pages(pages: dict[str, list[str]], people) -> None:
    """Supervision told to a unit, a check with answers, evaluations, clues: as each of the parties sees them."""
    from supervision.services import checks
    from tests.supervision import watching

    commission = people["discipline"]
    row = watching.oversight(commission, source="audit")
    found = watching.problem(row, commission)
    watching.asked(watching.problem(row, commission), commission)
    check = watching.check(commission)
    unit = watching.unit_of(check)
    watching.answered(unit, commission, "yes", "no")
    watching.check(commission, begun=False, name="还在筹备的专项检查")
    done = watching.concluded(watching.check(commission, name="已办结的专项检查", kind="special"), commission)
    report = watching.evaluation(commission, people["unit_secretary"]).record_id
    by = watching.admit_to_clues(people)
    clue = watching.sent(by, "财务处", "审计处")
    other = watching.item_of(clue, "审计处")
    watching.answer(other, other.person)
    mine, inbound = watching.item_of(clue), watching.handed_in(people["unit_secretary"])
    records, clues = "/oversight/records/", "/oversight/clues/"
    pages["discipline"] += [
        "/oversight/", records, f"{records}?view=settled&q=没有", f"{records}new/", f"{records}{row.pk}/",
        f"{records}problems/", f"{records}problems/{found.pk}/ask/", f"{records}checks/", f"{records}checks/new/?list=top",
        f"{records}checks/{check.pk}/", f"{records}checks/{done.pk}/", f"{records}checks/units/{unit.pk}/",
        f"{records}evaluations/", f"{records}evaluate/{report}/", f"/records/{report}/",
        clues, f"{clues}items/", f"{clues}counts/", f"{clues}new/", f"{clues}{clue.pk}/", f"{clues}{inbound.pk}/",
        f"{clues}items/{other.pk}/",
    ]  # fmt: skip
    theirs = checks.SpecialCheck.objects.get(pk=done.pk).units.get(organisation__name=cast.OURS)
    pages["unit_secretary"] += [
        records, f"{records}{row.pk}/", f"{records}problems/", f"{records}checks/units/{theirs.pk}/",
        f"{records}evaluations/", f"/records/{report}/", clues, f"{clues}hand-in/", f"{clues}{inbound.pk}/",
    ]  # fmt: skip
    pages["department"] += ["/oversight/", f"{records}new/", f"{clues}items/", f"{clues}items/{mine.pk}/", f"{records}"]
    pages["secretary"] += [f"{clues}counts/", records]


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
        "/oversight/measures/new/", *(f"/oversight/measures/{row.pk}/" for row in measures),
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


def reminder_pages(pages: dict[str, list[str]], people) -> None:
    """提醒规则 with one about to be made, and a paper to our college with the chain on the page of its duty."""
    from datetime import timedelta

    from accountability.models import Duty, ReminderRule
    from supervision.models import ReminderPaper
    from supervision.services.reminding import remind_on

    late = acts.duty_of(cast.organisation(cast.OURS), "implementing-measures")
    Duty.objects.filter(pk=late.pk).update(due_on=cast.TODAY - timedelta(days=7))
    remind_on(cast.TODAY)
    paper = ReminderPaper.objects.get(organisation=cast.organisation(cast.OURS), kind="remind")
    rule = f"/reminders/{ReminderRule.objects.get(matter='form').pk}/"
    pages["office"] += ["/reminders/", rule, f"{rule}edit/", "/reminders/new/", "/reminders/papers/?view=open"]
    pages["unit_secretary"] += [
        "/reminders/papers/",
        f"/reminders/papers/{paper.pk}/",
        f"/ledger/{late.pk}/",
        "/notices/",
    ]


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
    confidential_pages(pages, people)
    letter_pages(pages, people)
    pages["discipline"] += inspection_pages(people) + hint_pages(people) + archive_pages(people)
    pages["office"] += [
        "/search/",
        "/search/?q=会议",
        "/search/?q=没有这样的词",
        "/oversight/hints/",
        "/oversight/burden/",
    ]
    pages["liaison"] += ["/search/?q=自查", "/oversight/burden/"]
    pages["office"] += ["/oversight/archives/requests/new/", "/oversight/opinions/", "/oversight/opinions/new/"]
    supervision_pages(pages, people)
    pages["discipline"] += inspection_pages(people)
    assessment_pages(pages, people)
    reminder_pages(pages, people)
    return pages


def letter_pages(pages: dict[str, list[str]], people) -> None:
    """一单三书 in each state, as each who works on them sees them."""
    from tests.supervision import letter_acts as deeds

    draft, sent, answered = deeds.drafted(people["discipline"]), deeds.issued(people), deeds.issued(people)
    deeds.answered(answered, people["unit_secretary"])
    matters = [deeds.first(letter).pk for letter in (sent, answered)]
    unit, address = cast.organisation(cast.OURS), "/oversight/letters/"
    pages["discipline"] += [
        "/oversight/", address, f"{address}?q=没有这样的事", f"{address}new/", f"{address}new/?organisation={unit.pk}",
        f"{address}{draft.pk}/", f"{address}{draft.pk}/edit/", f"{address}{answered.pk}/", f"{address}matters/{matters[1]}/evaluate/",
    ]  # fmt: skip
    pages["liaison"] += [address, f"{address}{sent.pk}/", f"{address}matters/{matters[0]}/answer/"]
    pages["unit_secretary"] += [f"{address}{sent.pk}/", f"{address}{answered.pk}/"]
    pages["branch"] += [address]


def troubles_of(window, who: str, addresses: list[str], *, examined: set[str]) -> list[str]:
    """What is wrong with these pages as one of the cast sees them.

    axe looks at each page once, whoever reads it; ``examined`` are the names it has seen.
    """
    troubles = []
    for address in addresses:
        name, expected = page_of(address), "404" if address.endswith("99999999/") else None
        found = window.troubles_at(address, examine=name not in examined, expected=expected)
        troubles += [f"{who} {each}" for each in found]
        examined.add(name)
    return troubles


def page_of(address: str) -> str:
    """The address without what tells one row from another: filters of a list draw other parts, so they stay."""
    path, _, query = address.partition("?")
    return f"{resolve(path).view_name}?{query}"


APART = ("office", "discipline")


@pytest.mark.once
def test_every_page(visit, busy, people):
    """axe looks for the office, the commission and all others on their own."""
    troubles, examined = [], defaultdict(set)
    for who, addresses in all_pages(busy, people).items():
        whose = who if who in APART else "others"
        troubles += troubles_of(visit().let_in(who), who, addresses, examined=examined[whose])
    assert troubles == []


def test_the_login_page(visit, people):
    window = visit()
    window.open("/login/")
    assert window.violations() == []
    window.page.fill("input[name=username]", "office")
    window.page.fill("input[name=password]", "wrong")
    follow(window.page, "form button:not([type=button])")
    assert "密码" in window.page.inner_text("main")
    assert window.complaints == []
