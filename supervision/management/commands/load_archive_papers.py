"""装载廉政档案材料类别: manage.py load_archive_papers [FILE]"""

from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accountability.models import Person
from supervision.services.archives import DEFAULT_KINDS, load_paper_kinds


class Command(BaseCommand):
    help = "从 YAML 文件装载廉政档案的材料类别；重复执行不产生变化。"

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "file", nargs="?", type=Path, default=DEFAULT_KINDS, metavar="FILE", help="类别文件（YAML）"
        )

    def handle(self, *, file: Path, **options) -> None:
        try:
            changed = load_paper_kinds(file, by=Person.objects.system())
        except ValidationError as error:
            raise CommandError(f"{file.name} 没有装载：\n" + "\n".join(error.messages)) from error
        self.stdout.write(f"材料类别：新增 {changed} 项。")
