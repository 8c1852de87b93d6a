"""装载四种形态处置方式: manage.py load_form_measures [FILE]"""

from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accountability.models import Person
from supervision.services.four_forms import DEFAULT, load_form_measures


class Command(BaseCommand):
    help = "从 YAML 文件装载四种形态的处置方式；重复执行不产生变化。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=DEFAULT, metavar="FILE", help="处置方式文件（YAML）")

    def handle(self, *, file: Path, **options) -> None:
        try:
            changed = load_form_measures(file, by=Person.objects.system())
        except ValidationError as error:
            raise CommandError(f"{file.name} 没有装载：\n" + "\n".join(error.messages)) from error
        self.stdout.write(f"四种形态处置方式：新增或修改 {changed} 项。")
