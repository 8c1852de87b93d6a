"""整改台账导出: manage.py export_ledger --round ROUND -o FILE"""

from contextlib import suppress
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from inspections.management.commands.import_ledger import HELP_ROUND, round_named
from inspections.services.export import write_workbook


class Command(BaseCommand):
    help = "把一轮的整改台账写成 Excel，版式与导入相同，可以改好后再导入。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--round", required=True, metavar="ROUND", help=HELP_ROUND)
        parser.add_argument("-o", "--output", required=True, type=Path, metavar="FILE", help="写到哪个文件（.xlsx）")

    def handle(self, *, round: str, output: Path, **options) -> None:
        row = round_named(round)
        try:
            self._write(output, row)
        except OSError as error:
            raise CommandError(f"写不了文件 {output}：{error.strerror}。") from error
        count = row.findings.filter(successor=None).count()
        self.stdout.write(f"已写出 {output}：{count} 个问题。")

    def _write(self, output: Path, row) -> None:
        """Whole or not at all: a file half written never stands under the name that was asked for."""
        unfinished = output.with_name(f".{output.name}.part")
        try:
            with unfinished.open("wb") as file:
                write_workbook(file, row)
            unfinished.replace(output)
        finally:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
