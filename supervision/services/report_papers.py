"""报告印本: what a report adds to its document's paper, and the illustrated paper for the meeting, in a worker (三（三）1)."""

import gzip
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accountability import document_workflow as flow
from accountability.additions import Additions, adds
from accountability.frozen import FrozenPaper, frozen_papers
from accountability.models import Document, DocumentVersion, Job, Notice, Organisation, Person
from accountability.models.history import save_as
from accountability.papers.blocks import Block, Table
from accountability.papers.sheet import AnnexPage, Sheet, Signer
from accountability.services import jobs, papers
from accountability.services.notices import notify
from accountability.services.safekeeping import intact_bytes
from supervision.models import Report, ReportPaper
from supervision.report.exhibits import block_of
from supervision.report.scope import KIND_OF_ACT
from supervision.services import report_sending, reports

PRINT, PREVIEW, REPRODUCE = "report_paper", "report_preview", "report_reproduction"


# ── the paper in official form ───────────────────────────────────────────────────────────────


def complete(sheet: Sheet, document: Document, version: DocumentVersion) -> Sheet:
    """主送、抄送、签发人、附件、印发机关."""
    report, taken = document.report, reports.figures_of(version).figures
    annexes = tuple(AnnexPage(annex["title"], _blocks_of(annex, taken)) for annex in taken["annexes"])
    more = {"annex_pages": annexes, "verify_url": verify_url(document)}
    if sheet.form == "official":
        is_school = document.organisation.kind in (Organisation.Kind.SCHOOL, Organisation.Kind.COMMISSION)
        more |= {
            "addressee": report.addressee,
            "copies_to": report.copies_to,
            "signers": (_issuing(document),),
            "printed_by": f"{document.organisation.formal_name}办公室"
            if is_school
            else document.organisation.formal_name,
            "printed_on": sheet.dated_on,
        }
    return replace(sheet, **more)


def _blocks_of(annex: dict, taken: dict) -> tuple[Block, ...]:
    """Under the title of an annex that holds one table the table needs no title of its own."""
    drawn = tuple(block_of(taken["exhibits"][name], taken) for name in annex["exhibits"])
    if len(drawn) == 1 and isinstance(drawn[0], Table):
        return (replace(drawn[0], caption=""),)
    return drawn


def _issuing(document: Document) -> Signer:
    """签发人 of what goes upward (GB/T 9704 7.2.5)."""
    post = flow.signing_post(document, document.kind.capacities[0])
    people = flow.holders(post, timezone.localdate())
    return Signer("签发人", people[0].name if people else "")


def verify_url(document: Document) -> str:
    query = urlencode({"code": document.verify_code})
    return f"{settings.SITE_ADDRESS.rstrip('/')}{reverse('verify')}?{query}"


def exhibits(document: Document, version: DocumentVersion) -> Mapping[str, Block]:
    """Tables and charts by name, for the Word file."""
    taken = reports.figures_of(version).figures
    return {name: block_of(exhibit, taken) for name, exhibit in taken["exhibits"].items()}


# ── the illustrated paper ────────────────────────────────────────────────────────────────────


def illustrated(document: Document, version: DocumentVersion, text: str) -> tuple:
    """The paper for the meeting, from the same text and figures."""
    from supervision.report.rendering import (  # 50 MB that no web process should carry
        Facts,
        illustrated_page,
        print_page,
    )

    figure_set = reports.figures_of(version)
    facts = Facts(
        title=version.title,
        number=document.number_text,
        issuer=document.organisation.formal_name,
        verify_code=document.verify_code,
        verify_url=verify_url(document),
        figures_sha256=figure_set.sha256,
        is_draft=not version.is_frozen,
    )
    return print_page(illustrated_page(figure_set.figures, text, facts))


@transaction.atomic
def follow_freezing(document: Document, version: DocumentVersion, by: Person) -> None:
    """冻结之后: the figures stay with the version, and the illustrated paper is ordered."""
    ReportPaper.objects.get_or_create(version=version, defaults={"figure_set": reports.latest_figures(document.report)})
    jobs.queue(PRINT, str(version.pk), by=by)


@jobs.runs(PRINT, "年度报告图文版")
def print_illustrated(run: jobs.Run) -> None:
    """In the worker. What is printed is never printed again or overwritten."""
    version = DocumentVersion.objects.select_related("report_paper__figure_set").get(pk=int(run.job.key))
    row = version.report_paper
    if row.file:
        return
    document = Document.objects.for_list().get(pk=version.document_id)
    run.tell(20, "正在排版")
    paper = illustrated(document, version, version.text)
    run.tell(90, "正在保存")
    with transaction.atomic():
        row.sha256, row.size, row.pages, row.made_at = (
            paper.sha256, len(paper.content), paper.pages, timezone.now(),
        )  # fmt: skip
        row.source.save("paper.source", ContentFile(papers.packed(paper.source)), save=False)
        row.file.save("paper.pdf", ContentFile(paper.content), save=False)
        row.full_clean()
        row.save()
        notify(
            [run.job.requested_by],
            kind=Notice.Kind.REPORT,
            title=f"{version.title}图文版已排印",
            body=f"共 {paper.pages} 页，可以下载。",
            url=reverse("report", args=[document.report.pk]),
        )


def illustrated_bytes(row: ReportPaper) -> bytes:
    return intact_bytes(row.file, row.sha256, "报告图文版")


# ── a look at the draft ──────────────────────────────────────────────────────────────────────


@transaction.atomic
def order_preview(report: Report, *, by: Person) -> Job:
    """预览图文版: set in a worker, marked 草稿."""
    job, _ = jobs.queue(PREVIEW, str(report.pk), by=by)
    return job


@jobs.runs(PREVIEW, "年度报告预览")
def preview(run: jobs.Run) -> None:
    report = Report.objects.for_list().get(pk=int(run.job.key))
    document = report.document
    version = document.versions.get(number=document.latest)
    text = document.draft.text if document.may_change else version.text
    run.tell(20, "正在排版")
    paper = illustrated(document, version, text)
    run.tell(90, "正在保存")
    with transaction.atomic():
        if report.preview:
            report.preview.delete(save=False)
        report.preview_pages, report.preview_at = paper.pages, timezone.now()
        report.preview.save("preview.pdf", ContentFile(paper.content), save=False)
        save_as(report, by=run.job.requested_by, reason="预览图文版")


# ── printed again ────────────────────────────────────────────────────────────────────────────


def reproduce(version: DocumentVersion) -> list[tuple[str, bool]]:
    """重印比对: each paper of a frozen version printed again from what was set then; is it the same byte for byte?"""
    from accountability.papers.printing import reprint

    told = [("公文版", papers.sha256_of(papers.reproduced(version)) == version.pdf_sha256)]
    row = getattr(version, "report_paper", None)
    if row and row.file:
        with row.source.open("rb") as stream:
            again = reprint(gzip.decompress(stream.read()).decode())
        told.append(("图文版", again.sha256 == row.sha256))
    return told


@jobs.runs(REPRODUCE, "年度报告重印比对")
def compare_again(run: jobs.Run) -> None:
    version = DocumentVersion.objects.select_related("document__report").get(pk=int(run.job.key))
    run.tell(20, "正在按当时的排版源重印")
    told = reproduce(version)
    same = all(is_same for _, is_same in told)
    words = "；".join(f"{name}{'逐字节相同' if is_same else '不相同'}" for name, is_same in told)
    notify(
        [run.job.requested_by],
        kind=Notice.Kind.REPORT,
        title=f"{version.title}重印比对：{'相同' if same else '不相同'}",
        body=words + ("。" if same else "。字体或排版软件可能已更换，原件仍以系统保存的为准。"),
        url=reverse("report", args=[version.document.report.pk]),
    )


@transaction.atomic
def order_reproduction(report: Report, *, by: Person) -> Job:
    job, _ = jobs.queue(REPRODUCE, str(frozen_version(report).pk), by=by)
    return job


def frozen_version(report: Report) -> DocumentVersion | None:
    """The newest version that has its paper."""
    return report.document.versions.exclude(pdf="").first()


@frozen_papers
def illustrated_report(sha256: str, user: Person) -> FrozenPaper | None:
    """核验: an illustrated paper by the hash of its PDF."""
    row = ReportPaper.objects.filter(sha256=sha256).select_related("version__document__kind__act").first()
    if row is None:
        return None
    document = row.version.document
    may_open = Report.objects.visible_to(user).filter(document=document).exists()
    notes = {Document.State.WITHDRAWN: "该报告已作废。"}
    note = notes.get(document.state, "" if row.version.number == document.latest else "这是旧版，该报告已有新版。")
    return FrozenPaper(
        f"{row.version.title}（图文版）",
        document.number_text,
        timezone.localdate(row.made_at),
        reverse("report", args=[document.report.pk]) if may_open else "",
        note,
    )


for act in KIND_OF_ACT:
    adds(
        act,
        Additions(
            sheet=complete,
            exhibits=exhibits,
            checks=(reports.refuse_contradictions,),
            frozen=follow_freezing,
            begin=reports.begin_at,
            told=report_sending.told,
            of_closed_years=True,
        ),
    )
