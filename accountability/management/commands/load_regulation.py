"""装载制度: manage.py load_regulation FILE …"""

from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accountability.models import Person
from accountability.services.regulations import load_regulation


class Command(BaseCommand):
    help = "从 YAML 文件装载制度、条款和责任要求；重复执行不产生变化。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="制度文件（YAML）")

    def handle(self, *, files: list[Path], **options) -> None:
        system = Person.objects.system()
        for file in files:
            try:
                summary = load_regulation(file, by=system)
            except ValidationError as error:
                raise CommandError(f"{file.name} 没有装载：\n" + "\n".join(error.messages)) from error
            self.stdout.write(str(summary))
