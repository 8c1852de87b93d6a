"""Objects behind every address with an id: our college's, the other college's, and the whole school's.

``laid(people)`` makes them once; each is the answer to "whose is it?" for one address. A new address with an id needs a
row in ``_of_the_school`` when it belongs to nobody's college, otherwise in ``_of_a_college``. An id is a number, or a
tuple where the address takes more than one.
"""

from dataclasses import dataclass
from datetime import date, time, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accountability.models import Duty, Organisation, Person
from tests import acts, cast, letters


@dataclass(frozen=True)
class College:
    """One of the two colleges, with the user names of its secretary and its liaison officer."""

    name: str
    secretary: str
    liaison: str

    @property
    def unit(self) -> Organisation:
        return cast.organisation(self.name)


OURS = College(cast.OURS, "unit_secretary", "liaison")
THEIRS = College(cast.THEIRS, "other_secretary", "other_liaison")


@dataclass(frozen=True)
class Laid:
    """Ids by the name of the address: ``own`` and ``other`` have the same names, ``school`` has the rest."""

    own: dict
    other: dict
    school: dict


def laid(people: dict[str, Person]) -> Laid:
    admit_all(people)
    school = _of_the_school(people)
    return Laid(*(_of_a_college(college, people, school) for college in (OURS, THEIRS)), school)


def admit_all(people) -> None:
    """知悉授权 of every kind to who signs in as ``discipline``; the archives take two."""
    from supervision.models import Secret
    from supervision.services.admissions import admit
    from tests.supervision import archives as kept

    keeper, _ = kept.admitted(people)
    for secret in Secret.values:
        if secret != Secret.ARCHIVE:
            admit(by=people["secretary"], person=keeper, secret=secret, reason="分管这项工作")
    people["discipline"] = kept.fresh(keeper)


def _file(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, acts.PDF)


def named(prefix: str, *endings: str, pk) -> dict:
    return {f"{prefix}{ending}": pk for ending in endings}


# ── the whole school's ───────────────────────────────────────────────────────────────────────


def _of_the_school(people) -> dict:
    return {
        **_versions(people),
        **_lists(people),
        **_imports_and_batches(people),
        **_terms(people),
        **_schemes(people),
        **_rules_and_admissions(people),
        **_operated(people),
        **_admin_of_the_school(people),
    }


def _versions(people) -> dict:
    """制度草稿 not published, with its clauses and obligations."""
    from accountability.models import Obligation, Regulation
    from accountability.services.drafts import draft_from

    draft = draft_from(Regulation.objects.newest(), by=people["office"], title="未公布的草稿")
    clause, obligation = draft.clauses.first(), Obligation.objects.filter(clause__regulation=draft).first()
    return {
        **named("version", "", "_compare", "_coverage", "_effect", "_enact", "_edit", "_discard", pk=draft.pk),
        "clause_new": draft.pk,
        **dict.fromkeys(("clause_edit", "clause_remove", "obligation_new"), clause.pk),
        **dict.fromkeys(("obligation_edit", "obligation_remove"), obligation.pk),
    }


def _lists(people) -> dict:
    """The chain of the school's lists, claimed by the member of the leadership."""
    from tests.accountability.list_rows import planned

    project = planned(people)
    row = project.responsibility
    return {
        **named("problem", "", "_act", pk=row.problem_id),
        **named("responsibility", "", "_act", "_owner", pk=row.pk),
        **named("project", "", "_edit", "_act", pk=project.pk),
        "project_new": row.pk,
        "milestone_reach": project.milestones.first().pk,
    }


def _imports_and_batches(people) -> dict:
    from accountability.services import batches, roster
    from supervision.services import report_batches

    office, kind = people["office"], letters.kind("duty-report")
    batch = batches.order("print", kind, cast.YEAR, by=office)
    batch.file.save("theirs.pdf", _file("theirs.pdf"))
    imported, _ = roster.receive(SimpleUploadedFile("花名册.xlsx", roster.workbook_of()), by=office)
    reports = report_batches.order(kind, cast.YEAR, by=office)
    return {
        "document_batch_file": batch.pk,
        **named("roster_import", "", "_confirm", "_drop", pk=imported.pk),
        **named("report_batch", "", "_cancel", "_resume", "_archive", pk=reports.pk),
    }


def _terms(people) -> dict:
    from inspections.models import Round
    from inspections.services.terms import plan_inspections, plan_term

    by = people["discipline"]
    term = plan_term(by=by, name="本届", starts_on=date(2024, 6, 1), ends_on=date(2029, 5, 31))
    kind = Round.Kind.values[0]
    (planned,) = plan_inspections(term, by=by, year=2028, kind=kind, organisations=[cast.organisation("财务处")])
    return {"term": term.pk, "planned_withdraw": (term.pk, planned.pk)}


def _schemes(people) -> dict:
    """年度考核 of the units published; a scheme for the leaders being drafted."""
    from supervision.services import schemes
    from tests.supervision import assessments

    assessment = assessments.published(people)
    draft = schemes.draft_scheme(by=people["discipline"], year=cast.YEAR, kind="leader")
    return {
        **dict.fromkeys(("scheme", "scheme_edit", "scheme_act", "assessment_open", "scheme_item_new"), draft.pk),
        **named("scheme_item", "_edit", "_drop", pk=draft.items.first().pk),
        **named("assessment", "", "_act", "_file", pk=assessment.pk),
    }


def _rules_and_admissions(people) -> dict:
    from accountability.models import ReminderRule
    from supervision.models import Admission, PaperKind

    return {
        **named("reminder_rule", "", "_edit", "_switch", pk=ReminderRule.objects.first().pk),
        "admission_end": Admission.objects.filter(person=people["discipline"]).first().pk,
        "archive_kind_drop": PaperKind.objects.first().pk,
    }


def _operated(people) -> dict:
    from accountability.models import AuditEvent, Channel, Delivery, Job

    job = Job.objects.create(
        kind="hints", key="all", requested_by=people["discipline"], state="failed", created_at=timezone.now()
    )
    delivery = Delivery.objects.create(channel=Channel.objects.mail(), next_try_at=timezone.now(), state="dead")
    return {
        "second_factor_reset": people["other_liaison"].pk,
        "audit_event": AuditEvent.objects.create(at=timezone.now(), kind="login", result="failed").pk,
        "job_retry": job.pk,
        "delivery_retry": delivery.pk,
        **dict.fromkeys(("channel_test", "channel_switch"), delivery.channel_id),
    }


# ── a college's ──────────────────────────────────────────────────────────────────────────────


def _of_a_college(college: College, people, school: dict) -> dict:
    record = _counted(college, people)
    return {
        **_duties_and_records(record),
        **_meeting(college, people),
        **_documents(college, people),
        **_posts(college, people),
        **_own_messages(college, people),
        **_inspected(college, people),
        **_risks(college, people),
        **_research(college, people),
        **_talks(college, people),
        **_letters(college, people),
        **_assessed(college, people, school),
        **_archives(college, people),
        **_watched(college, people, record),
        **_hinted_and_reminded(college, people),
        **_admin_of_a_college(college, people),
    }


def _counted(college: College, people):
    return acts.record(people[college.liaison], college.unit, "duty-report", files=[_file("甲.pdf")])


def _duties_and_records(record) -> dict:
    duty, attachment = Duty.objects.get(evidence__record=record), record.attachments.get()
    return {
        **named("duty", "", "_history", "_move", "_waive", pk=duty.pk),
        **named("record", "", "_revise", "_decide", "_evaluate", pk=record.pk),
        **named("attachment", "", "_preview", "_content", "_thumbnail", "_verify", pk=attachment.pk),
    }


MEETING_PAGES = (
    "", "_act", "_ics", "_check_in", "_code", "_import", "_import_confirm", "_import_drop", "_pdf", "_docx", "_edit", "_agenda",
    "_people", "_minutes", "_resolutions", "_correct",
)  # fmt: skip


def _meeting(college: College, people) -> dict:
    """A meeting of the college today, convened, with a paper and a resolution; another one only recorded."""
    from accountability.models import ActKind, Post
    from meetings.services import planning, resolutions
    from meetings.services.recording import record_meeting

    liaison, act = people[college.liaison], ActKind.objects.get(code="unit-special-meeting")
    facts = {"organisation": college.unit, "act": act, "work_year": cast.YEAR}
    told = record_meeting(by=liaison, title="专题会议", happened_on=date(2026, 11, 2), chaired_by="某人", **facts)
    meeting = planning.plan_meeting(
        by=liaison,
        title="党委专题会议",
        day=cast.TODAY,
        starts_at=time(9, 30),
        ends_at=time(11, 30),
        place="学院会议室",
        chair=people[college.secretary],
        duties=[],
        **facts,
    )
    item = planning.add_item(meeting, by=liaison, title="通报情况")
    planning.add_papers(item, [_file("材料.pdf")], by=liaison)
    planning.convene(meeting, by=liaison)
    owner = Post.objects.get(organisation=college.unit, role="unit_secretary")
    decided = resolutions.add_resolution(meeting, by=liaison, text="修订办法", owner=owner, due_on=date(2026, 12, 18))
    paper = item.papers.get().pk
    return {
        **named("meeting", *MEETING_PAGES, pk=meeting.pk),
        "meeting_item": (meeting.pk, item.pk),
        **named("meeting_paper", "", "_withdraw", pk=(meeting.pk, paper)),
        "meeting_resolution_drop": (meeting.pk, decided.pk),
        "meeting_revise": told.record_id,
    }


DOCUMENT_PAGES = (
    "", "_edit", "_act", "_sign", "_comment", "_answer", "_pdf", "_docx", "_upload", "_last_year",
)  # fmt: skip
REPORT_PAGES = ("", "_refresh", "_addressees", "_preview", "_illustrated", "_statistics", "_reproduce", "_send")


def _documents(college: College, people) -> dict:
    """The college's annual report, sent somewhere else."""
    from supervision.models import Dispatch, Report

    secretary = people[college.secretary]
    document = letters.draft(secretary, "duty-report", organisation=college.unit)
    report = Report.objects.get(document=document)
    version = report.document.versions.first()
    sent = Dispatch(report=report, version=version, to="别处", means="system", sent_on=cast.TODAY, sent_by=secretary)
    sent.save()
    return {
        **named("document", *DOCUMENT_PAGES, pk=document.pk),
        "document_version": (document.pk, version.number if version else 1),
        **named("report", *REPORT_PAGES, pk=report.pk),
        "report_figure": (report.pk, "F-01"),
        "report_receive": sent.pk,
    }


def _posts(college: College, people) -> dict:
    from accountability.services import handovers

    unit = college.unit
    liaison_post = unit.posts.get(role="liaison")
    sheet = handovers.make(
        unit.posts.get(role="unit_secretary"),
        giver=people[college.secretary],
        taker=people[college.liaison],
        on=date(2026, 11, 1),
        by=people["office"],
    )
    return {
        **named("unit_list", "", "_act", pk=unit.pk),
        **dict.fromkeys(("organisation", "reorganise", "post_new", "portfolio_new", "burden_unit"), unit.pk),
        **dict.fromkeys(("appoint", "post_abolish"), liaison_post.pk),
        "tenure_end": liaison_post.tenures.get().pk,
        "portfolio_end": unit.in_portfolio_of.first().pk,
        **named("handover", "", "_sign", "_notes", "_redraw", "_close", pk=sheet.pk),
    }


def _own_messages(college: College, people) -> dict:
    """A notice, an absence and a calendar of the liaison officer; a guessed code opens no calendar."""
    from accountability.models import LoginSession, Notice
    from accountability.services import deputies, feeds
    from accountability.services.notices import notify

    person = people[college.liaison]
    notify([person], kind=Notice.Kind.RETURNED, title="只给他看")
    absence = deputies.pause(by=person, from_on=cast.TODAY, until_on=cast.TODAY, reason="公务外出")
    feed, code = feeds.open_feed(by=person, label="手机")
    Client().force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    session = LoginSession.objects.filter(person=person).latest("pk")
    return {
        "notice_read": Notice.objects.get(title="只给他看", recipient=person).pk,
        "absence_end": absence.pk,
        "login_session_end": session.pk,
        "calendar_feed": code if college is OURS else feed.pk,
        "calendar_feed_revoke": feed.pk,
    }


INSPECTION_PAGES = (
    "inspection",
    "inspection_edit",
    "inspection_act",
    "inspection_member_add",
    "ledger_upload",
    "ledger_file",
    "finding_new",
    "progress_round",
)
RECHECK_ITEM_PAGES = ("recheck_item", *(f"recheck_item_{end}" for end in ("record", "checker", "take_back", "reopen")))


def _inspected(college: College, people) -> dict:
    """A round with a problem of this college in rectification, and one closed, looked at again and withheld."""
    from inspections.services import ledger, progress_notices, rechecks
    from inspections.services.measures import ask_extension
    from inspections.services.rounds import name_member
    from inspections.services.withholding import withhold
    from tests.inspections.rounds import SAMPLE, fed_back, finding_of, kept_up
    from tests.inspections.test_rechecks import closed, record

    by = people["discipline"]
    round_ = fed_back(by, name=f"{college.name}巡察")
    member = name_member(
        round_, by=by, person=people["inspector"], duty="member", from_on=cast.TODAY, until_on=date(2026, 12, 31)
    )
    finding, done = finding_of(round_, college.name), finding_of(round_, college.name)
    measure = finding.measures.get()
    extension = ask_extension(
        measure, by=people[college.liaison], to=date(2027, 3, 31), reason="须经教代会审议后印发。"
    )
    closed(done, people)
    item = rechecks.draw_recheck(by=by, size=1, round=round_).items.get()
    record(item, by, files=[_file("现场.pdf")])
    withhold([done], by=by, scopes=["public"], parts=["problem"], category="privacy", reason="涉及个人隐私")
    notice = progress_notices.make(round_, by=by, scope="public", as_of=cast.TODAY)
    given, _ = ledger.receive(round_, SimpleUploadedFile("整改台账.xlsx", SAMPLE.read_bytes()), by=by)
    return {
        **dict.fromkeys(INSPECTION_PAGES, round_.pk),
        "inspection_member_dismiss": (round_.pk, member.pk),
        **named("ledger_import", "", "_confirm", "_drop", pk=given.pk),
        **named("finding", "", "_edit", "_act", "_plan", pk=finding.pk),
        "measure": measure.pk,
        "measure_drop": (finding.pk, measure.pk),
        "extension_decide": (measure.pk, extension.pk),
        **named("recheck", "", "_draw", "_file", "_act", pk=item.recheck_id),
        **dict.fromkeys(RECHECK_ITEM_PAGES, item.pk),
        "recheck_paper": item.papers.get().pk,
        **named("progress_notice", "", "_prepare", "_act", "_correct", "_pdf", "_docx", pk=notice.pk),
        "progress_notice_figure": (notice.pk, "F02"),
        "finding_withhold": done.pk,
        "withholding_lift": done.withholdings.get().pk,
        "progress_report": round_.progress_reports.first().pk,
        "long_term_review": kept_up(done, by=by).pk,
    }


def _risks(college: College, people) -> dict:
    """A point in use, with a change by the liaison officer that waits for the secretary."""
    from inspections.services import risks
    from tests.inspections.risk_points import CONTENT, point_of

    point = point_of(people[college.secretary], college.unit)
    change = risks.adjust(point, by=people[college.liaison], reason="情况变化", **(CONTENT | {"text": "改后"}))
    return {
        **named("risk", "", "_edit", "_act", "_retire", pk=point.pk),
        "risk_change_act": (point.pk, change.pk),
        "risk_check_unit": college.unit.pk,
    }


def _research(college: College, people) -> dict:
    from tests.inspections import research

    return research.of_unit(people, college.name)


def _talks(college: College, people) -> dict:
    """A talk of the secretary with the head of this college, confirmed, a report owed; an entry of the register."""
    from tests.supervision import talks as confidential

    head = people[college.secretary]
    talk = confidential.held(confidential.arranged(people["secretary"], head), people["secretary"])
    confidential.confirmed(talk, head)
    entry = confidential.entry(people["discipline"], head, unit=college.name)
    return {
        **named("talk", "", "_order", "_hold", "_confirm", "_track", "_report", "_act", "_pdf", pk=talk.pk),
        **named("four_form", "", "_correct", "_check", "_withdraw", pk=entry.pk),
    }


def _letters(college: College, people) -> dict:
    from tests.supervision import letter_acts

    letter = letter_acts.issued(people, college.name)
    return {
        **named("letter", "", "_edit", "_act", "_acknowledge", "_pdf", "_docx", "_typeset", pk=letter.pk),
        **named("letter", "_answer", "_evaluate", pk=letter.matters.get().pk),
    }


def _assessed(college: College, people, school: dict) -> dict:
    """The college's sheet with an objection of its secretary, and a measure on it."""
    from supervision.models import Assessment
    from supervision.services import objections
    from tests.supervision import assessments

    sheet = assessments.sheet_of(Assessment.objects.get(pk=school["assessment"]), college.name)
    line = assessments.line_of(sheet, "专题会议")
    objection = objections.raise_objection(
        line, by=people[college.secretary], words="纪要已在会前提交，请复核。", files=[_file("佐证.pdf")]
    )
    number = f"江海委〔2026〕{31 if college is OURS else 32}号"
    measure = assessments.measure_on(people["discipline"], organisation=college.unit, document_number=number)
    return {
        **named("assessment_sheet", "", "_self", "_back", "_review", "_pdf", pk=sheet.pk),
        **named("score_line", "", "_object", pk=line.pk),
        "objection": objection.pk,
        "objection_paper": objection.papers.get().pk,
        **named("accountability_measure", "", "_act", pk=measure.pk),
        "decision_paper": measure.papers.get().pk,
    }


def _archives(college: College, people) -> dict:
    """An archive of the college's secretary, with a paper, a request and a kinship; a list with his name."""
    from supervision.services import openings
    from tests.supervision import archives as kept

    keeper, cadre = people["discipline"], people[college.secretary]
    archive = kept.archive_of(cadre, keeper)
    paper = kept.paper(archive, keeper)
    request = openings.ask(archive, by=people["department"], purpose="other", words="工作需要查阅")
    opinion = kept.asked(kept.asker(), [cadre])
    return {
        **named("archive", "", "_open", "_export", "_paper_new", "_update", pk=archive.pk),
        **named("archive_paper", "", "_act", pk=paper.pk),
        **named("opening_request", "", "_act", pk=request.pk),
        "kinship_end": kept.related(cadre, people["branch"], by=keeper).pk,
        **named("opinion", "", "_act", "_pdf", pk=opinion.pk),
        **named("opinion_cadre", "_open", "_conclude", pk=opinion.cadres.get().pk),
    }


def _watched(college: College, people, record) -> dict:
    """Supervision of this college, a check that runs in it, a clue of its secretary forwarded and answered."""
    from supervision.services import checks, clues
    from tests.supervision import watching

    by = people["discipline"]
    row = watching.oversight(by, college.name)
    check = watching.check(by, college.name, name=f"{college.name}专项检查")
    unit = watching.unit_of(check, college.name)
    watching.answered(unit, by, "no")
    checks.add_papers(unit, by=by, item=check.items.first(), files=[_file("检查.pdf")])
    clue = watching.handed_in(people[college.secretary])
    clues.perform(clue, "receive", by=by)
    shared = clues.forward(clue, by=by, asked=watching.to("审计处")[0], reason="请审计处提供数据")
    watching.answer(shared, shared.person, files=[_file("答复.pdf")])
    return {
        **named("oversight", "", "_step", "_again", "_problem", pk=row.pk),
        "found_ask": watching.problem(row, by, college.name).pk,
        **named("special_check", "", "_edit", "_act", "_conclude", "_file", pk=check.pk),
        **named("check_unit", "", "_papers", "_problem", pk=unit.pk),
        "check_paper": unit.answers.get().papers.get().pk,
        **named("clue", "", "_act", "_again", "_forward", "_open_answers", "_close", pk=clue.pk),
        **named("clue_item", "", "_act", "_answer", "_pdf", pk=shared.pk),
        "clue_paper": shared.papers.get().pk,
    }


def _hinted_and_reminded(college: College, people) -> dict:
    """A hint about this college, which it does not learn of; a paper to it."""
    from accountability.models.history import save_as
    from supervision.models import Hint, ReminderPaper
    from supervision.services import reminder_papers

    unit, now = college.unit, timezone.now()
    hint = Hint(kind="burst", key=college.name, organisation=unit, work_year_id=2026, why="一天录入多条", found_at=now)
    save_as(hint, by=people["discipline"], reason="发现提示")
    late = Duty.objects.filter(organisation=unit, bearer_post=None, state="open").first()
    Duty.objects.filter(pk=late.pk).update(due_on=cast.TODAY - timedelta(days=7))
    reminder_papers.issue(cast.TODAY)
    paper = ReminderPaper.objects.get(kind="remind", organisation=unit)
    return {
        **named("hint", "", "_act", pk=hint.pk),
        **named("reminder_paper", "", "_read", "_pdf", "_typeset", pk=paper.pk),
    }


# ── the admin's ──────────────────────────────────────────────────────────────────────────────


ADMIN_PAGES = ("history", "delete", "change")


def _admin_pages(model, row) -> dict:
    """Every page of the admin of one row: its own, its history, a version of it, and the old address of it."""
    label = f"{model._meta.app_label}_{model._meta.model_name}"
    pages = {f"admin {label}_{page}": row.pk for page in ADMIN_PAGES}
    pages[f"admin admin {model._meta.app_label} {model._meta.model_name} {{}}"] = row.pk
    if hasattr(model, "history"):
        version = row.history.first()
        pages[f"admin {label}_simple_history"] = (row.pk, version.history_id if version else 0)
    return pages


def _admin_of_a_college(college: College, people) -> dict:
    from guardian.models import UserObjectPermission

    from accountability.models import Portfolio, Tenure

    unit, liaison = college.unit, people[college.liaison]
    rows = (
        unit,
        unit.posts.get(role="liaison"),
        Tenure.objects.get(person=liaison),
        Portfolio.objects.filter(organisation=unit).first(),
        liaison,
        UserObjectPermission.objects.filter(user=liaison).first(),
    )
    pages = {name: pk for row in rows for name, pk in _admin_pages(type(row), row).items()}
    return {**pages, "admin auth_user_password_change": liaison.pk}


def _admin_of_the_school(people) -> dict:
    """Reference data, an entry of the admin's own log; an application and an address that does not exist."""
    from django.contrib import admin
    from django.contrib.admin.models import LogEntry
    from django.contrib.contenttypes.models import ContentType

    from accountability.models import WorkdayOverride
    from accountability.models.history import save_as

    of_colleges = {"organisation", "post", "tenure", "portfolio", "person", "userobjectpermission"}
    kind = ContentType.objects.get_for_model(Organisation)
    LogEntry.objects.create(
        user=people["sysadmin"], content_type=kind, object_id="1", object_repr="某单位", action_flag=2
    )
    day = WorkdayOverride(day=date(2026, 10, 10), is_workday=True, reason="运动会")
    save_as(day, by=people["office"], reason="校历")
    pages = {}
    for model in admin.site._registry:
        if model._meta.model_name not in of_colleges and (row := model._base_manager.first()):
            pages |= _admin_pages(model, row)
    return pages | {
        "admin view_on_site": (kind.pk, 1),
        "admin app_list": "accountability",
        "admin admin {}": "nowhere",
    }
