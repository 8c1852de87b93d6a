"""The house keeps its own rules: imports, doors, query counts, clauses, migrations."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver

from accountability.models import Clause, Duty
from tests import acts, cast

ROOT = Path(__file__).parent.parent
OPEN_TO_ALL = {"login", "healthz", "favicon"}
OPEN_BY_CODE = {"calendar_feed", "metrics"}


def test_imports_point_downwards():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def routes(resolver=None, prefix="") -> list[tuple[str, str]]:
    """(name, path) of every address of our own, walked from the resolver: a new one is covered the day it is added."""
    found = []
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if not path.startswith("admin/"):
                found += routes(pattern, path)
        elif isinstance(pattern, URLPattern):
            found.append((pattern.name, "/" + re.sub(r"<[^>]+>", "{pk}", path)))
    return found


ROUTES = routes()


def test_the_walk_is_not_vacuous():
    names = {name for name, _ in ROUTES}
    assert {"home", "ledger", "duty", "meeting", "report_illustrated", "notices", "attachment"} <= names


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "path"), ROUTES, ids=[name for name, _ in ROUTES])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_is_sent_to_the_door(client, name, path, method):
    answer = getattr(client, method)(path.format(pk=1))
    if name in OPEN_TO_ALL:
        assert answer.status_code in (200, 302, 405, 503)
    elif name in OPEN_BY_CODE:
        assert answer.status_code in (404, 405)
    elif name == "logout":
        assert answer.status_code in (302, 405)
    else:
        assert answer.status_code == 302
        assert answer["Location"].startswith("/login/?next=")


DOCUMENT_PAGES = (
    "",
    "_edit",
    "_act",
    "_sign",
    "_comment",
    "_answer",
    "_pdf",
    "_docx",
    "_upload",
    "_version",
    "_last_year",
)


MEETING_PAGES = (
    "act",
    "ics",
    "check_in",
    "code",
    "paper",
    "paper_withdraw",
    "import",
    "import_confirm",
    "import_drop",
    "pdf",
    "docx",
    "edit",
    "agenda",
    "item",
    "people",
    "minutes",
    "resolutions",
    "resolution_drop",
    "correct",
)


INSPECTION_PAGES = (
    "inspection",
    "inspection_edit",
    "inspection_act",
    "inspection_member_add",
    "inspection_member_dismiss",
    "ledger_upload",
    "ledger_file",
    "finding_new",
    "progress_round",
)

RECHECK_PAGES = ("recheck", "recheck_draw", "recheck_file", "recheck_act")
RECHECK_ITEM_PAGES = (
    "recheck_item",
    "recheck_item_record",
    "recheck_item_checker",
    "recheck_item_take_back",
    "recheck_item_reopen",
)
PROGRESS_NOTICE_PAGES = ("", "_prepare", "_act", "_correct", "_figure", "_pdf", "_docx")


LETTER_PAGES = ("", "_edit", "_act", "_acknowledge", "_pdf", "_docx", "_typeset")


REPORT_PAGES = ("", "_refresh", "_addressees", "_preview", "_illustrated", "_statistics", "_reproduce", "_send")
TALK_PAGES = ("", "_order", "_hold", "_confirm", "_track", "_report", "_act", "_pdf")
FORM_PAGES = ("", "_correct", "_check", "_withdraw")
SCHEME_PAGES = ("scheme", "scheme_edit", "scheme_act", "assessment_open", "scheme_item_new")
SHEET_PAGES = ("", "_self", "_back", "_review", "_pdf")
ARCHIVE_PAGES = ("archive", "archive_open", "archive_export", "archive_paper_new", "archive_update")
OPINION_PAGES = ("opinion", "opinion_act", "opinion_pdf")
OVERSIGHT_PAGES = ("oversight", "oversight_step", "oversight_again", "oversight_problem")
CHECK_PAGES = ("", "_edit", "_act", "_conclude", "_file")
CHECK_UNIT_PAGES = ("check_unit", "check_unit_papers", "check_unit_problem")
CLUE_PAGES = ("", "_act", "_again", "_forward", "_open_answers", "_close")
CLUE_ITEM_PAGES = ("", "_act", "_answer", "_pdf")
REMINDER_RULE_PAGES = ("", "_edit", "_switch")
REMINDER_PAPER_PAGES = ("", "_read", "_pdf", "_typeset")
RISK_PAGES = ("risk", "risk_edit", "risk_act", "risk_retire", "risk_change_act")


# 系统管理员's own work: channels, deliveries and jobs, without content.
OPERATED = {"second_factor_reset", "job_retry", "delivery_retry", "channel_test", "channel_switch"}


@pytest.fixture
def theirs(people) -> dict[str, int]:
    """Ids of what belongs to the other college, by the name of the address that shows it."""
    from datetime import date

    from django.core.files.uploadedfile import SimpleUploadedFile

    from accountability.models import ActKind, Notice, Obligation, Regulation
    from accountability.services import audit, batches, handovers, roster
    from accountability.services.drafts import draft_from
    from accountability.services.notices import notify
    from inspections.services import ledger
    from inspections.services.terms import plan_term
    from meetings.services.recording import record_meeting
    from supervision.models import Dispatch, Report
    from supervision.services import report_batches
    from supervision.services.admissions import admit
    from tests import letters
    from tests.accountability.test_lists import planned
    from tests.inspections import research
    from tests.inspections.risk_points import point_of
    from tests.inspections.rounds import SAMPLE, fed_back, finding_of, kept_up
    from tests.supervision import letter_acts
    from tests.supervision import talks as confidential

    term = plan_term(by=people["discipline"], name="本届", starts_on=date(2024, 6, 1), ends_on=date(2029, 5, 31))
    unit = cast.organisation(cast.THEIRS)
    files = [SimpleUploadedFile("甲.pdf", acts.PDF)]
    record = acts.record(people["other_liaison"], unit, "duty-report", files=files)
    meeting = record_meeting(
        by=people["other_liaison"],
        organisation=unit,
        act=ActKind.objects.get(code="unit-special-meeting"),
        work_year=cast.YEAR,
        title="专题会议",
        happened_on=date(2026, 11, 2),
        chaired_by="骆喆",
    )
    document = letters.draft(people["other_secretary"], "duty-report", organisation=unit).pk
    batch = batches.order("print", letters.kind("duty-report"), cast.YEAR, by=people["office"])
    sheet = handovers.make(
        unit.posts.get(role="unit_secretary"),
        giver=people["other_secretary"],
        taker=people["other_liaison"],
        on=date(2026, 11, 1),
        by=people["office"],
    )
    imported, _ = roster.receive(
        SimpleUploadedFile("花名册.xlsx", roster.workbook_of()),
        by=people["office"],
    )
    round_ = fed_back(people["discipline"])
    finding = finding_of(round_, cast.THEIRS)
    ledger_import, _ = ledger.receive(
        round_, SimpleUploadedFile("整改台账.xlsx", SAMPLE.read_bytes()), by=people["discipline"]
    )
    checked, notice = rechecked_and_told(people, finding)
    letter = letter_acts.issued(people, cast.THEIRS)
    project = planned(people)
    responsibility, problem = project.responsibility, project.responsibility.problem
    batch.file = "batches/theirs.pdf"
    batch.save()
    notify([people["other_liaison"]], kind=Notice.Kind.RETURNED, title="只给他看")
    duty = Duty.objects.get(evidence__record=record).pk
    report = Report.objects.get(document=document)
    sent = Dispatch(
        report=report, version=report.document.versions.first(), to="别处", means="system", sent_on=cast.TODAY
    )
    sent.sent_by = people["other_secretary"]
    sent.save()
    all_reports = report_batches.order(letters.kind("duty-report"), cast.YEAR, by=people["office"])
    draft = draft_from(Regulation.objects.newest(), by=people["office"], title="未公布的草稿")
    clause = draft.clauses.first()
    obligation = Obligation.objects.filter(clause__regulation=draft).first()
    talk = confidential.in_full(people).pk
    entry = confidential.entry(confidential.admitted(people, "form"), people["other_secretary"]).pk
    versions = ("", "_compare", "_coverage", "_effect", "_enact", "_edit", "_discard")
    return {
        **{f"version{name}": draft.pk for name in versions},
        "clause_new": draft.pk,
        **dict.fromkeys(("clause_edit", "clause_remove", "obligation_new"), clause.pk),
        **dict.fromkeys(("obligation_edit", "obligation_remove"), obligation.pk),
        "audit_event": audit.record("logout", by=people["other_liaison"]).pk,
        "duty": duty,
        "duty_history": duty,
        "duty_move": duty,
        "duty_waive": duty,
        "record": record.pk,
        "record_revise": record.pk,
        "record_decide": record.pk,
        "meeting": meeting.pk,
        **{f"meeting_{name}": meeting.pk for name in MEETING_PAGES},
        "meeting_revise": meeting.record_id,
        "attachment": record.attachments.get().pk,
        "attachment_preview": record.attachments.get().pk,
        "attachment_content": record.attachments.get().pk,
        "attachment_thumbnail": record.attachments.get().pk,
        "attachment_verify": record.attachments.get().pk,
        **operated(people),
        "notice_read": Notice.objects.get(title="只给他看").pk,
        "document_batch_file": batch.pk,
        **{f"problem{name}": problem.pk for name in ("", "_act")},
        **{f"responsibility{name}": responsibility.pk for name in ("", "_act", "_owner")},
        **{f"project_{name}": project.pk for name in ("edit", "act")},
        "project": project.pk,
        "project_new": responsibility.pk,
        "milestone_reach": project.milestones.first().pk,
        **{f"unit_list{name}": unit.pk for name in ("", "_act")},
        **dict.fromkeys(("roster_import", "roster_import_confirm", "roster_import_drop"), imported.pk),
        **dict.fromkeys(("organisation", "reorganise", "post_new", "portfolio_new"), unit.pk),
        **{name: unit.posts.get(role="liaison").pk for name in ("appoint", "post_abolish")},
        "tenure_end": unit.posts.get(role="liaison").tenures.get().pk,
        "portfolio_end": unit.in_portfolio_of.first().pk,
        **{f"handover{name}": sheet.pk for name in ("", "_sign", "_notes", "_redraw", "_close")},
        **{f"document{name}": document for name in DOCUMENT_PAGES},
        **{f"report{name}": report.pk for name in REPORT_PAGES},
        "report_figure": report.pk,
        "report_receive": sent.pk,
        **dict.fromkeys(
            ("report_batch", "report_batch_cancel", "report_batch_resume", "report_batch_archive"), all_reports.pk
        ),
        **dict.fromkeys(INSPECTION_PAGES, round_.pk),
        **dict.fromkeys(("ledger_import", "ledger_import_confirm", "ledger_import_drop"), ledger_import.pk),
        **dict.fromkeys(("finding", "finding_edit", "finding_act", "finding_plan", "measure_drop"), finding.pk),
        **dict.fromkeys(("measure", "extension_decide"), finding.measures.get().pk),
        **dict.fromkeys(RECHECK_PAGES, checked.recheck_id),
        **dict.fromkeys(RECHECK_ITEM_PAGES, checked.pk),
        "recheck_paper": checked.papers.get().pk,
        **{f"progress_notice{name}": notice.pk for name in PROGRESS_NOTICE_PAGES},
        "finding_withhold": finding.pk,
        "withholding_lift": finding.withholdings.get().pk,
        **dict.fromkeys(RISK_PAGES, point_of(people["other_secretary"], unit).pk),
        "risk_check_unit": unit.pk,
        **research.of_others(people),
        **dict.fromkeys(("term", "planned_withdraw"), term.pk),
        "progress_report": round_.progress_reports.first().pk,
        "admission_end": admit(
            by=people["secretary"], person=people["discipline"], secret="talk", reason="分管谈话工作"
        ).pk,
        **{f"talk{name}": talk for name in TALK_PAGES},
        **{f"four_form{name}": entry for name in FORM_PAGES},
        **dict.fromkeys(("hint", "hint_act"), hint_of(people, unit).pk),
        "burden_unit": unit.pk,
        **archives_and_opinions(people),
        **watched(people, record),
        **reminded(),
        "long_term_review": kept_up(finding, by=people["discipline"]).pk,
        **{f"letter{name}": letter.pk for name in LETTER_PAGES},
        **dict.fromkeys(("letter_answer", "letter_evaluate"), letter.matters.get().pk),
        **assessed_and_pursued(people),
    }


def reminded() -> dict[str, int]:
    """A rule, and a paper to the other college."""
    from datetime import timedelta

    from accountability.models import ReminderRule
    from supervision.models import ReminderPaper
    from supervision.services import reminder_papers

    late = Duty.objects.filter(organisation=cast.organisation(cast.THEIRS), bearer_post=None).first()
    Duty.objects.filter(pk=late.pk).update(due_on=cast.TODAY - timedelta(days=7))
    reminder_papers.issue(cast.TODAY)
    paper = ReminderPaper.objects.get(kind="remind", organisation=cast.organisation(cast.THEIRS))
    rule = ReminderRule.objects.first()
    return {
        **{f"reminder_rule{name}": rule.pk for name in REMINDER_RULE_PAGES},
        **{f"reminder_paper{name}": paper.pk for name in REMINDER_PAPER_PAGES},
    }


def assessed_and_pursued(people) -> dict[str, int]:
    """A leader's sheet with an objection, and a measure on the other college."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from supervision.services import objections
    from tests.supervision import assessments

    files = [SimpleUploadedFile("佐证.pdf", acts.PDF)]
    assessment = assessments.published(people, "leader")
    sheet = assessments.sheet_for(assessment, people["member"])
    line = assessments.line_of(sheet, "本人责任完成")
    words = "年初的教育提醒已在会上开展，请复核。"
    objection = objections.raise_objection(line, by=people["member"], words=words, files=files)
    measure = assessments.measure_on(
        assessments.admitted_to_measures(people), organisation=cast.organisation(cast.THEIRS)
    )
    return {
        **dict.fromkeys(SCHEME_PAGES, assessment.scheme_id),
        **dict.fromkeys(("scheme_item_edit", "scheme_item_drop"), line.item_id),
        **dict.fromkeys(("assessment", "assessment_act", "assessment_file"), assessment.pk),
        **{f"assessment_sheet{name}": sheet.pk for name in SHEET_PAGES},
        **dict.fromkeys(("score_line", "score_line_object"), line.pk),
        "objection": objection.pk,
        "objection_paper": objection.papers.get().pk,
        **dict.fromkeys(("accountability_measure", "accountability_measure_act"), measure.pk),
        "decision_paper": measure.papers.get().pk,
    }


def operated(people) -> dict[str, int]:
    """Somebody else's absence, subscription and job; a channel and a delivery, which only the system administrator sees."""
    from django.utils import timezone

    from accountability.models import Channel, Delivery, Job, LoginSession
    from accountability.services import deputies, feeds

    absence = deputies.pause(by=people["other_liaison"], from_on=cast.TODAY, until_on=cast.TODAY, reason="公务外出")
    feed, _ = feeds.open_feed(by=people["other_liaison"], label="手机")
    session = LoginSession.objects.create(
        person=people["other_liaison"], key="theirs", began_at=timezone.now(), seen_at=timezone.now()
    )
    job = Job.objects.create(
        kind="hints", key="all", requested_by=people["discipline"], state="failed", created_at=timezone.now()
    )
    delivery = Delivery.objects.create(channel=Channel.objects.mail(), next_try_at=timezone.now(), state="dead")
    return {
        "absence_end": absence.pk,
        "second_factor_reset": people["other_liaison"].pk,
        **dict.fromkeys(("calendar_feed", "calendar_feed_revoke"), feed.pk),
        "job_retry": job.pk,
        "login_session_end": session.pk,
        "delivery_retry": delivery.pk,
        **dict.fromkeys(("channel_test", "channel_switch"), delivery.channel_id),
    }


def hint_of(people, unit):
    """A hint about this unit, which it does not learn of."""
    from django.utils import timezone

    from accountability.models.history import save_as
    from supervision.models import Hint

    hint = Hint(
        kind="burst", key="a", organisation=unit, work_year_id=2026, why="一天录入多条", found_at=timezone.now()
    )
    save_as(hint, by=people["discipline"], reason="发现提示")
    return hint


def archives_and_opinions(people) -> dict[str, int]:
    """An archive of the other college's secretary, with a paper, a request and a kinship; a list with his name."""
    from supervision.services import openings
    from tests.supervision import archives as kept

    keeper, _ = kept.admitted(people)
    archive = kept.archive_of(people["other_secretary"], keeper)
    paper = kept.paper(archive, keeper)
    request = openings.ask(archive, by=people["department"], purpose="other", words="工作需要查阅")
    opinion = kept.asked(kept.asker(), [people["other_secretary"]])
    return {
        **dict.fromkeys(ARCHIVE_PAGES, archive.pk),
        **dict.fromkeys(("archive_paper", "archive_paper_act"), paper.pk),
        **dict.fromkeys(("opening_request", "opening_request_act"), request.pk),
        "kinship_end": kept.related(people["other_secretary"], people["branch"], by=keeper).pk,
        "archive_kind_drop": paper.kind_id,
        **dict.fromkeys(OPINION_PAGES, opinion.pk),
        **dict.fromkeys(("opinion_cadre_open", "opinion_cadre_conclude"), opinion.cadres.get().pk),
    }


def watched(people, record) -> dict[str, int]:
    """Supervision of the other college, a check that runs in it, a clue of its secretary forwarded and answered."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from supervision.services import checks, clues
    from tests.supervision import watching

    commission = people["discipline"]
    row = watching.oversight(commission, cast.THEIRS)
    check = watching.check(commission, cast.THEIRS)
    unit = watching.unit_of(check, cast.THEIRS)
    watching.answered(unit, commission, "no")
    item = unit.special_check.items.first()
    checks.add_papers(unit, by=commission, item=item, files=[SimpleUploadedFile("检查.pdf", acts.PDF)])
    by = watching.admit_to_clues(people)
    clue = watching.handed_in(people["other_secretary"])
    clues.perform(clue, "receive", by=by)
    shared = clues.forward(clue, by=by, asked=watching.to("审计处")[0], reason="请审计处提供数据")
    watching.answer(shared, shared.person, files=[SimpleUploadedFile("答复.pdf", acts.PDF)])
    return {
        **dict.fromkeys(OVERSIGHT_PAGES, row.pk),
        "found_ask": watching.problem(row, commission, cast.THEIRS).pk,
        **{f"special_check{name}": check.pk for name in CHECK_PAGES},
        **dict.fromkeys(CHECK_UNIT_PAGES, unit.pk),
        "check_paper": unit.answers.get().papers.get().pk,
        "record_evaluate": record.pk,
        **{f"clue{name}": clue.pk for name in CLUE_PAGES},
        **{f"clue_item{name}": shared.pk for name in CLUE_ITEM_PAGES},
        "clue_paper": shared.papers.get().pk,
    }


def rechecked_and_told(people, finding):
    """A closed finding looked at again, with a photo; a notice of its round with something withheld."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from inspections.services import progress_notices, rechecks
    from inspections.services.withholding import withhold
    from tests.inspections.test_rechecks import closed, record

    closed(finding, people)
    item = rechecks.draw_recheck(by=people["discipline"], size=1, round=finding.round).items.get()
    record(item, people["discipline"], files=[SimpleUploadedFile("现场.pdf", acts.PDF)])
    withhold(
        [finding],
        by=people["discipline"],
        scopes=["public"],
        parts=["problem"],
        category="privacy",
        reason="涉及个人隐私",
    )
    return item, progress_notices.make(finding.round, by=people["discipline"], scope="public", as_of=cast.TODAY)


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["liaison", "outsider", "inspector", "sysadmin"])
def test_nothing_of_others_is_found_by_address(login, theirs, who):
    objects = [(name, path) for name, path in ROUTES if "{pk}" in path]
    assert {name for name, _ in objects} == set(theirs), "a new address with an id needs a row in `theirs`"
    client = login(who)
    for name, path in objects:
        if who == "sysadmin" and name in OPERATED:
            continue
        for method in ("get", "post"):
            status = getattr(client, method)(path.format(pk=theirs[name])).status_code
            assert status in (404, 405), (who, method, name, status)


@pytest.mark.django_db
@pytest.mark.parametrize("who", [part.username for part in cast.PARTS])
def test_no_page_falls_over_for_anybody(login, who):
    client = login(who)
    for name, path in ROUTES:
        if "{pk}" not in path and name not in ("logout", "metrics"):
            answer = client.get(path)
            assert answer.status_code in (200, 302, 400, 403, 405, 503), (who, path)
            assert_forms_carry_tokens(answer)
            if is_page(answer) and name != "healthz":
                assert SECRECY in answer.content.decode(), (who, path)


SECRECY = "本系统不得存储、处理、传输国家秘密信息"


def is_page(answer) -> bool:
    is_html = answer.get("Content-Type", "").startswith("text/html")
    return is_html and not answer.streaming and bool(answer.content)


@pytest.mark.django_db
def test_doors_say_that_no_secrets_may_be_here_too(client, login):
    """涉密信息不上网: in the frame of every page, found or not, signed in or not, the admin included."""
    assert SECRECY in client.get("/login/").content.decode()
    visitor = login("sysadmin")
    for path in ("/admin/", "/ledger/99999999/", "/nowhere/"):
        assert SECRECY in visitor.get(path).content.decode(), path


def assert_forms_carry_tokens(answer) -> None:
    """A component included with ``only`` does not get the token by itself, and the test client would not notice."""
    if is_page(answer):
        for form in re.findall(r'<form[^>]*method="post".*?</form>', answer.content.decode(), re.DOTALL):
            assert re.search(r'name="csrfmiddlewaretoken" value="\w{20,}"', form), form[:200]


@pytest.mark.django_db
def test_forms_on_pages_of_one_thing_carry_tokens(login, people):
    record = acts.record(people["liaison"], cast.organisation(cast.OURS), "duty-report")
    duty = Duty.objects.get(evidence__record=record)
    for who, path in (
        ("unit_secretary", f"/records/{record.pk}/"),
        ("liaison", f"/records/{record.pk}/"),
        ("office", f"/ledger/{duty.pk}/"),
        ("office", "/years/?open=2027"),
        ("office", "/meetings/new/?kind=warning-meeting"),
        ("unit_secretary", "/notices/"),
    ):
        answer = login(who).get(path)
        assert 'method="post"' in answer.content.decode(), path
        assert_forms_carry_tokens(answer)


def queries(client, path: str) -> int:
    client.get(path)  # warm: content types and the like
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


LISTS = [
    "/ledger/?organisation={unit}",
    "/records/",
    "/meetings/",
    "/notices/",
    "/",
    "/clauses/",
    "/documents/all/",
    "/handovers/",
    "/inspections/",
    "/risks/",
    "/research/",
    "/research/contacts/",
    "/inspections/findings/",
    "/inspections/measures/",
    "/inspections/units/",
    "/oversight/letters/",
    "/oversight/",
    "/oversight/talks/",
    "/oversight/assessment/",
    "/oversight/assessment/sheets/",
    "/oversight/assessment/objections/",
    "/oversight/burden/",
    "/oversight/burden/twice/",
    "/search/?q=会议",
    "/oversight/records/",
    "/oversight/records/problems/",
    "/oversight/records/checks/",
    "/oversight/records/evaluations/",
    "/reminders/papers/",
]


@pytest.mark.django_db
def test_a_list_costs_the_same_at_one_row_and_at_fifty(login, people):
    from datetime import date, timedelta

    from accountability.models import ActKind, Notice
    from accountability.services.notices import notify
    from meetings.services.recording import record_meeting

    unit = cast.organisation(cast.OURS)
    client = login("liaison")

    def costs() -> dict[str, int]:
        return {path: queries(client, path.format(unit=unit.pk)) for path in LISTS}

    def add(count: int, since: date) -> None:
        for number in range(count):
            record_meeting(
                by=people["liaison"],
                organisation=unit,
                act=ActKind.objects.get(code="unit-special-meeting"),
                work_year=cast.YEAR,
                title=f"第 {number} 次会议",
                happened_on=since + timedelta(days=number),
                chaired_by="沈若愚",
            )
            notify([people["liaison"]], kind=Notice.Kind.RETURNED, title=f"通知 {number}")

    add(1, date(2026, 1, 4))
    Duty.objects.filter(organisation=unit).exclude(obligation__code="unit-special-meetings").update(state="waived")
    few = costs()
    add(50, date(2026, 2, 1))
    Duty.objects.filter(organisation=unit).update(state="open")
    assert costs() == few


@pytest.mark.django_db
def test_every_clause_is_accounted_for():
    """docs/clauses.md names every clause with its page and test, or says what is missing; the tests it names exist."""
    page = (ROOT / "docs/clauses.md").read_text(encoding="utf-8")
    rows = {cells[1].strip(): cells for line in page.splitlines() if len(cells := line.split("|")) > 5}
    keys = set(Clause.objects.filter(regulation__repealed_on=None).values_list("key", flat=True))
    assert keys <= set(rows), "a clause without a row"
    for key in keys:
        named = re.findall(r"tests/[\w/]+\.py", "|".join(rows[key]))
        missing = rows[key][-2].strip()
        assert named or missing, f"clause {key}: neither test nor a word on what is missing"
        assert all((ROOT / path).exists() for path in named), key


def test_no_bare_update_on_tracked_models():
    """What history must know is never written past it (docs/decisions)."""
    allowed = {"accountability/models/organisations.py"}  # the derived path column
    tracked = (
        r"(Duty|Record|Evidence|Attachment|Meeting|Post|Tenure|Portfolio|Organisation|WorkYear|Report|FigureSet|Dispatch|Obligation"
        r"|Round|RoundUnit|RoundMember|Finding|Measure|KindResult|Extension|LedgerImport|UnitAlias"
        r"|Recheck|RecheckItem|RecheckPaper|Withholding|ProgressNotice"
        r"|RiskPoint|RiskChange|CheckCampaign|UnitCheck|RiskAnswer|RiskFactor|LevelRule"
        r"|Visit|VisitUnit|Sign|Topic|TopicSign|Requirement|Reply|Rule"
        r"|Letter|LetterMatter|LetterAnswer"
        r"|Admission|Talk|FollowUp|InPerson|FormEntry|FormMeasure"
        r"|Hint"
        r"|Oversight|OversightUnit|OversightStep|FoundProblem|SpecialCheck|CheckItem|CheckMember|CheckUnit|CheckAnswer|CheckPaper"
        r"|RecordEvaluation|Clue|ClueItem|CluePaper"
        r"|ProgressReport|ProgressLine|LongTermReview|Term|PlannedInspection"
        r"|Scheme|SchemeItem|Assessment|AssessmentSheet|ScoreLine|Objection|ObjectionPaper"
        r"|AccountabilityKind|AccountabilityMeasure|DecisionPaper"
        r"|Archive|ArchivePaper|ArchiveUpdate|ArchiveOpening|OpeningRequest|Kinship|PaperKind|Opinion|OpinionCadre"
        r"|ReminderRule|ReminderStep|QuietPeriod|ReminderPaper|ReminderPaperLine"
        r"|RosterImport|Problem|Responsibility|Project|Milestone|UnitList|UnitItem|HandOver|HandOverLine|FormerName|Document|DocumentVersion|Review|Signature|Comment|Answer|DocumentKind)"
    )
    for app in ("accountability", "meetings", "inspections", "supervision"):
        for path in (ROOT / app).rglob("*.py"):
            relative = str(path.relative_to(ROOT))
            if "migrations" in relative or relative in allowed or "demo" in relative:
                continue
            text = path.read_text(encoding="utf-8")
            assert not re.search(tracked + r"\.objects[^\n]*\.(update|bulk_create|bulk_update)\(", text), relative


def test_every_business_model_keeps_its_history():
    """Notices, digests, deliveries, jobs and heartbeats are traces themselves, as is the register of numbers; a draft's history
    are its versions; a report's figures and papers are written once. Everything else keeps who, when and why."""
    from django.apps import apps

    traces = {"Notice", "Digest", "Delivery", "Job", "Heartbeat", "DocumentDraft", "NumberSeries"}
    traces |= {"FigureSet", "ReportPaper", "ReportBatchItem", "AuditEvent", "AuditSeal", "AuditArchive"}
    traces |= {"FormerPassword", "LoginSession", "RateCount"}
    traces |= {"Authenticator", "RecoveryCode"}  # their history is the person's
    ours = [
        model
        for app in ("accountability", "meetings", "inspections", "supervision")
        for model in apps.get_app_config(app).get_models()
        if not model.__name__.startswith("Historical")
    ]
    assert len(ours) > 20
    assert {model.__name__ for model in ours if not hasattr(model, "history")} == traces
