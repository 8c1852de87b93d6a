"""装载会议类型: manage.py load_meeting_kinds [FILE]"""

from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accountability.models import Person
from meetings.services.kinds import DEFAULT, load_meeting_kinds


class Command(BaseCommand):
    help = "从 YAML 文件装载会议类型和必议事项；重复执行不产生变化。先用 load_regulation 装载制度。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=DEFAULT, metavar="FILE", help="会议类型文件（YAML）")

    def handle(self, *, file: Path, **options) -> None:
        try:
            changed = load_meeting_kinds(file, by=Person.objects.system())
        except ValidationError as error:
            raise CommandError(f"{file.name} 没有装载：\n" + "\n".join(error.messages)) from error
        self.stdout.write(f"会议类型：新增或修改 {changed} 项。")
