"""组织导入: manage.py import_organisation --organisations FILE --leaders FILE"""

from datetime import date
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accountability.models import Person
from accountability.services.organisations import PORTFOLIOS_FROM, import_organisation


class Command(BaseCommand):
    help = "从两张 CSV 导入二级单位、党支部、校领导岗位和分工；要么全部导入，要么全不导入。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--organisations", required=True, type=Path, metavar="FILE", help="组织表")
        parser.add_argument("--leaders", required=True, type=Path, metavar="FILE", help="校领导表")
        parser.add_argument(
            "--portfolios-from", type=date.fromisoformat, default=PORTFOLIOS_FROM, help="分工起始日期，如 2021-01-01"
        )

    def handle(self, *, organisations: Path, leaders: Path, portfolios_from: date, **options) -> None:
        system = Person.objects.system()
        try:
            summary = import_organisation(organisations, leaders, by=system, portfolios_from=portfolios_from)
        except ValidationError as error:
            raise CommandError("没有导入：\n" + "\n".join(error.messages)) from error
        self.stdout.write(str(summary))
