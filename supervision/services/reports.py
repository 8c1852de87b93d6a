"""年度报告: begin one from its figures, take them anew, set what it looks like; the document does the rest (三（三）1, 四（三）).

Begun in a worker, for taking the figures of a school lasts some seconds: two who ask share one job, a killed worker's
job is taken up again, and what was begun meanwhile is found and not begun twice.
"""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from accountability import access
from accountability import document_workflow as flow
from accountability.models import (
    Document,
    DocumentKind,
    DocumentVersion,
    Duty,
    Job,
    Notice,
    Organisation,
    Person,
    Post,
    Regulation,
)
from accountability.models.history import save_as
from accountability.services import documents, jobs
from accountability.services.notices import notify
from accountability.services.prefill import Known, word
from supervision.models import FigureSet, Report
from supervision.report.figures import Taken, figures_sha256, take
from supervision.report.narrative import prewritten
from supervision.report.scope import KIND_OF_ACT, LEADER, SCHOOL, Scope
from supervision.report.tracing import contradictions, refreshed
from supervision.services import report_sending

BEGIN, REFRESH = "report", "report_figures"


def scope_of(document: Document) -> Scope:
    return Scope.of(document.kind.act.code, document.organisation, document.post)


# ── whose reports there are ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Owed:
    """应有的一份: of whom, and what there is of it; ``sent`` says whether it went up and was received."""

    kind: DocumentKind
    organisation: Organisation
    post: Post | None
    year: int
    report: Report | None = None
    job: Job | None = None
    taken_at: datetime | None = None
    sent: str = ""

    @property
    def whose(self) -> str:
        return self.post.full_title if self.post else self.organisation.full_name

    @property
    def begin_url(self) -> str:
        return begin_at(self.kind.pk, self.organisation.pk, self.post.pk if self.post else None, self.year)

    @property
    def key(self) -> str:
        return key_of(self.kind, self.organisation, self.post, self.year)


def begin_at(kind: int, organisation: int, post: int | None, year: int) -> str:
    """The page where such a report is begun."""
    query = {"year": year, "kind": kind, "organisation": organisation} | ({"post": post} if post else {})
    return f"{reverse('report_new')}?{urlencode(query)}"


def key_of(kind: DocumentKind, organisation: Organisation, post: Post | None, year: int) -> str:
    return f"{kind.pk}-{organisation.pk}-{post.pk if post else 0}-{year}"


def owed_to(user: Person, year: int) -> list[Owed]:
    """Every report the ledger of the year asks for, as far as ``user`` sees it, by rank."""
    kinds = {kind.act_id: kind for kind in DocumentKind.objects.filter(act__code__in=KIND_OF_ACT).select_related("act")}
    duties = (
        Duty.objects.visible_to(user)
        .of_year(year)
        .owed()
        .filter(obligation__acts__in=kinds)
        .order_by("organisation__rank", "organisation_id", "bearer_post__rank", "id")
        .values_list("obligation__acts", "organisation", "bearer_post")
    )
    places = list(dict.fromkeys(row for row in duties if row[0] in kinds))
    organisations = Organisation.objects.select_related("parent").in_bulk([row[1] for row in places])
    posts = Post.objects.select_related("organisation__parent").in_bulk([row[2] for row in places if row[2]])
    reports = {}
    visible = Report.objects.visible_to(user).standing().of_year(year).for_list()
    for report in visible.annotate(taken_at=Max("figure_sets__taken_at")).order_by("document__serial"):
        document = report.document
        reports[document.kind.act_id, document.organisation_id, document.post_id] = report
    under_way = {
        job.key: job
        for job in Job.objects.filter(
            kind=BEGIN, state__in=(Job.State.QUEUED, Job.State.RUNNING), key__endswith=f"-{year}"
        )
    }
    signed = [each.document_id for each in reports.values() if each.document.state == Document.State.SIGNED]
    sent = report_sending.told(signed) if signed else {}
    rows = []
    for act, organisation, post in sorted(places, key=lambda row: kinds[row[0]].rank):
        report, place = (
            reports.get((act, organisation, post)),
            (kinds[act], organisations[organisation], posts.get(post)),
        )
        job = under_way.get(key_of(*place, year))
        taken_at = report.taken_at if report else None
        words = sent.get(report.document_id, "") if report else ""
        rows.append(Owed(*place, year, report, job, taken_at, words))
    return rows


def may_begin(user: Person, kind: DocumentKind, organisation: Organisation, post: Post | None) -> bool:
    """Who may write it; the office may have a unit's begun, which goes on writing itself."""
    return flow.may_write(user, kind, organisation, post) or access.may_manage_duties(user)


# ── begin ────────────────────────────────────────────────────────────────────────────────────


def standing(kind: DocumentKind, organisation: Organisation, post: Post | None, year: int) -> Report | None:
    """The report that exists; of a kind with several a year the last one, as long as it is not signed."""
    found = Report.objects.standing().of_year(year).for_list().order_by("-document__serial")
    report = found.filter(document__kind=kind, document__organisation=organisation, document__post=post).first()
    if report and kind.many_a_year and report.document.state == Document.State.SIGNED:
        return None
    return report


@transaction.atomic
def begin(kind: DocumentKind, organisation: Organisation, post: Post | None, year: int, *, by: Person) -> Report | Job:
    """生成报告: the report if it exists, else the job that makes it, shared by all who ask."""
    if kind.act.code not in KIND_OF_ACT:
        raise ValidationError(f"{kind}不是年度报告。")
    if report := standing(kind, organisation, post, year):
        return report
    if not may_begin(by, kind, organisation, post):
        raise PermissionDenied(f"您不能为{post.full_title if post else organisation.full_name}生成{kind}。")
    documents.refuse_unless_fits(kind, organisation, post, year)
    job, _ = jobs.queue(BEGIN, key_of(kind, organisation, post, year), by=by)
    return job


@jobs.runs(BEGIN, "年度报告生成")
def make(run: jobs.Run) -> None:
    """In the worker. What was begun before a crash is found."""
    report = make_now(*_place(run.job.key), by=run.job.requested_by, tell=run.tell)
    notify(
        [run.job.requested_by],
        kind=Notice.Kind.REPORT,
        title=f"{report} 已生成",
        body="已按台账填好数字，请核对、补写后送审。",
        url=reverse("report", args=[report.pk]),
    )


def _place(key: str) -> tuple[DocumentKind, Organisation, Post | None, int]:
    kind, organisation, post, year = map(int, key.split("-"))
    return (
        DocumentKind.objects.select_related("act").get(pk=kind),
        Organisation.objects.select_related("parent").get(pk=organisation),
        Post.objects.select_related("organisation__parent").get(pk=post) if post else None,
        year,
    )


def make_now(
    kind: DocumentKind,
    organisation: Organisation,
    post: Post | None,
    year: int,
    *,
    by: Person,
    tell: jobs.Tell = jobs.silent,
) -> Report:
    """The report with its figures and its text, or the one that exists."""
    if report := standing(kind, organisation, post, year):
        return report
    document = documents.make(
        by=by, kind=kind, organisation=organisation, post=post, work_year=year, is_ordered=True, tell=tell
    )
    return document.report


@word("报告正文")
def body(known: Known) -> str:
    """The text written from the figures; they are taken here and kept beside the document that is being begun."""
    document = known.document
    taken = _take(document, known.tell)
    report = Report(document=document, addressee=addressee_of(document), copies_to=copies_of(document))
    report.full_clean()
    save_as(report, by=known.by, reason="生成年度报告")
    _keep(report, taken, by=known.by)
    document.title = taken.figures["title"][:120]
    return prewritten(taken.figures)


def _take(document: Document, tell: jobs.Tell) -> Taken:
    return take(scope_of(document), document.work_year_id, timezone.localdate(), tell)


def _keep(report: Report, taken: Taken, *, by: Person) -> FigureSet:
    number = (report.figure_sets.order_by("-number").values_list("number", flat=True).first() or 0) + 1
    figure_set = FigureSet(
        report=report,
        number=number,
        taken_at=timezone.now(),
        taken_by=by,
        regulation=Regulation.objects.governing(report.year),
        figures=taken.figures,
        rows=taken.rows,
        sha256=figures_sha256(taken),
    )
    figure_set.full_clean()
    figure_set.save()
    return figure_set


def addressee_of(document: Document) -> str:
    """主送: the higher committee for the school's, the school for those of its units and its commission."""
    kind = KIND_OF_ACT[document.kind.act.code]
    if kind == SCHOOL:
        return settings.HIGHER_COMMITTEE
    return "" if kind == LEADER else f"中共{settings.UNIVERSITY_NAME}委员会"


def copies_of(document: Document) -> str:
    """抄送: the school's report goes to the higher commission too (三（三）1)."""
    return settings.HIGHER_COMMISSION if KIND_OF_ACT[document.kind.act.code] == SCHOOL else ""


# ── figures ──────────────────────────────────────────────────────────────────────────────────


def latest_figures(report: Report) -> FigureSet:
    return report.figure_sets.first()


def figures_of(version: DocumentVersion) -> FigureSet:
    """Those a frozen version was printed with; of a draft the latest."""
    paper = getattr(version, "report_paper", None)
    return paper.figure_set if paper else latest_figures(version.document.report)


def refusal_to_refresh(report: Report, user: Person) -> str:
    return flow.DOCUMENT_TRANSITIONS["submit"].refusal(report.document, user)


@transaction.atomic
def order_refresh(report: Report, *, by: Person) -> Job:
    """更新数字: take them anew while the text is still being written."""
    if refusal := refusal_to_refresh(report, by):
        raise ValidationError(refusal) if not report.document.may_change else PermissionDenied(refusal)
    job, _ = jobs.queue(REFRESH, str(report.pk), by=by)
    return job


@jobs.runs(REFRESH, "年度报告更新数字")
def refresh(run: jobs.Run) -> None:
    report = Report.objects.for_list().get(pk=int(run.job.key))
    by = run.job.requested_by
    with transaction.atomic():
        taken = _take(report.document, run.tell)
    run.tell(90, "正在更新正文里的数字")
    with transaction.atomic():
        document = documents.locked(report.document)
        if not document.may_change:
            raise ValidationError(f"报告当前是「{document.get_state_display()}」，数字不再更新。")
        report.document = document
        _keep(report, taken, by=by)
        draft = document.draft
        text = refreshed(draft.text, taken.figures)
        documents.autosave(document, by=by, title=draft.title, text=text, revision=draft.revision)


def refuse_contradictions(document: Document, version: DocumentVersion) -> None:
    """Before it goes up: every traced number is what its figure says."""
    complaints = contradictions(version.text, figures_of(version).figures)
    if complaints:
        raise ValidationError([*complaints[:8], "请改回依据的数，或删去编号；数字有变化的请先“更新数字”。"])


# ── what stands on the paper ─────────────────────────────────────────────────────────────────


@transaction.atomic
def set_addressees(report: Report, *, by: Person, addressee: str, copies_to: str) -> None:
    """改主送、抄送, as long as the text may change."""
    document = documents.locked(report.document)
    refusal = flow.DOCUMENT_TRANSITIONS["submit"].refusal(document, by)
    if refusal:
        raise ValidationError(refusal) if not document.may_change else PermissionDenied(refusal)
    report.addressee, report.copies_to = " ".join(addressee.split()), " ".join(copies_to.split())
    report.full_clean()
    save_as(report, by=by, reason="修改主送、抄送")
