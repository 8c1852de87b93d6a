"""核验备份: manage.py check_backup FILE"""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accountability.backups import Refusal
from accountability.backups.archive import opened


class Command(BaseCommand):
    help = "逐字节核验一份备份，不改动任何数据。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path, metavar="文件")

    def handle(self, *, file: Path, **options) -> None:
        try:
            with opened(file) as reader:
                manifest = reader.verified()
        except Refusal as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"备份完好：{manifest.engine}，{manifest.started_at}，{len(manifest.tables)} 张表 {manifest.rows} 行，"
            f"{len(manifest.files) - 1} 个文件。"
        )
        if manifest.missing:
            self.stderr.write(f"备份时已有 {len(manifest.missing)} 个文件缺失：" + "、".join(manifest.missing[:10]))
