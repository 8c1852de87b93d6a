"""装载问责方式: manage.py load_accountability_kinds [FILE]"""

from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accountability.models import Person
from supervision.services.accountability_measures import DEFAULT, load_kinds


class Command(BaseCommand):
    help = "从 YAML 文件装载问责方式和影响期；重复执行不产生变化。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=DEFAULT, metavar="FILE", help="问责方式文件（YAML）")

    def handle(self, *, file: Path, **options) -> None:
        try:
            changed = load_kinds(file, by=Person.objects.system())
        except ValidationError as error:
            raise CommandError(f"{file.name} 没有装载：\n" + "\n".join(error.messages)) from error
        self.stdout.write(f"问责方式：新增或修改 {changed} 项。")
