"""装载定级规则: manage.py load_risk_rules [FILE]"""

from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accountability.models import Person
from inspections.services.risk_rules import DEFAULT, load_risk_rules


class Command(BaseCommand):
    help = "从 YAML 文件装载廉政风险点的定级规则和风险情形；重复执行不产生变化。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=DEFAULT, metavar="FILE", help="规则文件（YAML）")

    def handle(self, *, file: Path, **options) -> None:
        try:
            changed = load_risk_rules(file, by=Person.objects.system())
        except ValidationError as error:
            raise CommandError(f"{file.name} 没有装载：\n" + "\n".join(error.messages)) from error
        self.stdout.write(f"定级规则：新增或修改 {changed} 项。")
