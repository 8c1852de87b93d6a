"""年度报告: manage.py annual_report 2025 -o FILE.pdf"""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accountability.models import WorkYear
from supervision.services.annual_report import compile_report


class Command(BaseCommand):
    help = "生成年度报告 PDF，不经过浏览器和后台任务。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("year", type=int, help="工作年度，例如 2025")
        parser.add_argument("-o", "--output", type=Path, required=True, help="写到哪个文件")

    def handle(self, *, year: int, output: Path, **options) -> None:
        if not WorkYear.objects.filter(year=year).exists():
            raise CommandError(f"{year} 工作年度尚未开启，不能生成报告。")
        if not output.parent.is_dir():
            raise CommandError(f"没有 {output.parent} 这个文件夹，请先建立或换一个位置。")
        _, paper = compile_report(year, timezone.localdate())
        output.write_bytes(paper.content)
        self.stdout.write(f"已写入 {output}，共 {paper.pages} 页，校验值 {paper.sha256}")
