"""年度报告: manage.py annual_report 2025 [--official] [--of 会计学院] -o FILE.pdf"""

from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accountability import document_workflow as flow
from accountability.models import DocumentKind, Organisation, Person, Post, Role, WorkYear
from accountability.services import papers
from supervision.models import Report
from supervision.services import report_papers, reports


class Command(BaseCommand):
    help = "打印年度报告 PDF，不经过浏览器和后台任务。已有报告的打印该报告；没有的按台账现在的数字打印草稿，不留下任何记录。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("year", type=int, help="工作年度，例如 2025")
        parser.add_argument("-o", "--output", type=Path, required=True, help="写到哪个文件")
        parser.add_argument("--official", action="store_true", help="公文版（GB/T 9704）；不写则打印图文版")
        parser.add_argument(
            "--of", default="学校党委", help="学校党委、学校纪委、单位名称或校领导职务；不写则为学校党委"
        )

    def handle(self, *, year: int, output: Path, official: bool, of: str, **options) -> None:
        if not WorkYear.objects.filter(year=year).exists():
            raise CommandError(f"{year} 工作年度尚未开启，不能生成报告。")
        if not output.parent.is_dir():
            raise CommandError(f"没有 {output.parent} 这个文件夹，请先建立或换一个位置。")
        kind, organisation, post = _place(of)
        with transaction.atomic():
            known = reports.standing(kind, organisation, post, year)
            try:
                report = known or reports.make_now(kind, organisation, post, year, by=_on_behalf())
            except ValidationError as error:
                raise CommandError("；".join(error.messages)) from error
            content, pages = _printed(report, official)
            if known is None:
                transaction.set_rollback(True)
        output.write_bytes(content)
        self.stdout.write(f"已写入 {output}，共 {pages} 页，校验值 {papers.sha256_of(content)}")


def _place(of: str) -> tuple[DocumentKind, Organisation, Post | None]:
    """Whose report is meant, by name."""
    kinds = {kind.act.code: kind for kind in DocumentKind.objects.select_related("act")}
    if post := Post.objects.filter(role=Role.MEMBER, title=of).select_related("organisation").first():
        return kinds["democratic-life-report"], post.organisation, post
    organisation = Organisation.objects.exclude(kind=Organisation.Kind.BRANCH).filter(name=of).first()
    if organisation is None:
        raise CommandError(f"没有名为“{of}”的单位或校领导职务。")
    acts = {Organisation.Kind.SCHOOL: "written-report", Organisation.Kind.COMMISSION: "discipline-report"}
    return kinds[acts.get(organisation.kind, "duty-report")], organisation, None


def _on_behalf() -> Person:
    """Whoever runs the machine asks for the office; of a draft that is only printed nothing is kept."""
    offices = Post.objects.filter(role=Role.OFFICE, abolished_on=None)
    for post in offices:
        if people := flow.holders(post, timezone.localdate()):
            return people[0]
    raise CommandError("党委办公室无人任职，没有人可以起草报告。")


def _printed(report: Report, official: bool) -> tuple[bytes, int]:
    document = report.document
    version = document.versions.get(number=document.latest)
    row = getattr(version, "report_paper", None)
    if official and version.is_frozen:
        return papers.frozen_bytes(version), version.pages
    if not official and row and row.file:
        return report_papers.illustrated_bytes(row), row.pages
    paper = papers.render(document, version) if official else report_papers.illustrated(document, version, version.text)
    return paper.content, paper.pages
