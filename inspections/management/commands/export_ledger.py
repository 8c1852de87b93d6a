"""整改台账导出: manage.py export_ledger --round ROUND -o FILE"""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from inspections.management.commands.import_ledger import round_named
from inspections.services.export import workbook_of


class Command(BaseCommand):
    help = "把一轮的整改台账写成 Excel，版式与导入相同。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--round", required=True, metavar="ROUND", help="轮次的编号或名称")
        parser.add_argument("-o", "--output", required=True, type=Path, metavar="FILE", help="写到哪个文件")

    def handle(self, *, round: str, output: Path, **options) -> None:
        row = round_named(round)
        try:
            output.write_bytes(workbook_of(row).getbuffer())
        except OSError as error:
            raise CommandError(f"写不了文件 {output}：{error.strerror}。") from error
        self.stdout.write(f"已写出 {output}：{row.findings.filter(successor=None).count()} 个问题。")
