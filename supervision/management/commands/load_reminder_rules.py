"""装载提醒规则: manage.py load_reminder_rules [FILE]"""

from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accountability.models import Person
from supervision.services.reminder_rules import DEFAULT, load_rules


class Command(BaseCommand):
    help = "从 YAML 文件装载提醒规则，自今天起启用；已有规则的事项保持不动。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=DEFAULT, metavar="FILE", help="提醒规则文件（YAML）")

    def handle(self, *, file: Path, **options) -> None:
        try:
            made = load_rules(file, by=Person.objects.system())
        except ValidationError as error:
            raise CommandError(f"{file.name} 没有装载：\n" + "\n".join(error.messages)) from error
        self.stdout.write(f"提醒规则：新增 {made} 条。")
