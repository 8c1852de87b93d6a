"""装载文种: manage.py load_documents [FILE]"""

from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

import accountability
from accountability.models import Person
from accountability.services.document_kinds import load_document_kinds

DEFAULT = Path(accountability.__file__).parent / "data" / "documents.yaml"


class Command(BaseCommand):
    help = "从 YAML 文件装载文种和模板；重复执行不产生变化。先用 load_regulation 装载制度。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=DEFAULT, metavar="FILE", help="文种文件（YAML）")

    def handle(self, *, file: Path, **options) -> None:
        try:
            changed = load_document_kinds(file, by=Person.objects.system())
        except ValidationError as error:
            raise CommandError(f"{file.name} 没有装载：\n" + "\n".join(error.messages)) from error
        self.stdout.write(f"文种：新增或修改 {changed} 种。")
