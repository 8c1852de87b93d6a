"""装载考核方案: manage.py load_assessment_scheme YEAR [FILE]"""

from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accountability.models import Person
from supervision.services.schemes import DEFAULT, load_schemes


class Command(BaseCommand):
    help = "从 YAML 文件为一个工作年度拟订考核方案（草稿）；已有方案的不动。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("year", type=int, metavar="YEAR", help="工作年度，如 2026")
        parser.add_argument("file", nargs="?", type=Path, default=DEFAULT, metavar="FILE", help="考核方案文件（YAML）")

    def handle(self, *, year: int, file: Path, **options) -> None:
        try:
            made = load_schemes(file, year=year, by=Person.objects.system())
        except ValidationError as error:
            raise CommandError(f"{file.name} 没有装载：\n" + "\n".join(error.messages)) from error
        self.stdout.write(f"{year} 年度考核方案：拟订 {made} 份。")
