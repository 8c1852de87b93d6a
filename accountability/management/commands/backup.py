"""备份: manage.py backup FOLDER|FILE [--keep N]"""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accountability.backups import Refusal, making, places


class Command(BaseCommand):
    help = "把数据库、附件和审计锚点备份成一个经过核验的文件；不含密钥，运行中即可执行。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("target", type=Path, metavar="文件夹或文件", help="文件夹（自动取名）或尚不存在的文件。")
        parser.add_argument("--keep", type=int, metavar="N", help="新备份核验后，文件夹中只保留最新的 N 份。")

    def handle(self, *, target: Path, keep: int | None, **options) -> None:
        try:
            made = making.back_up(target, keep=keep, tell=self.stdout.write)
        except Refusal as error:
            raise CommandError(str(error)) from error
        manifest = made.manifest
        self.stdout.write(
            f"备份完成并已核验：{made.path}（{places.in_words(made.path.stat().st_size)}，"
            f"{len(manifest.tables)} 张表 {manifest.rows} 行，{len(manifest.files) - 1} 个文件）。"
        )
        for path in made.removed:
            self.stdout.write(f"已删除较早的备份 {path.name}。")
        self.stdout.write(
            f"以下环境变量不在备份中，请另行妥善保管：{'、'.join(manifest.secrets) or 'SECRET_KEY'}。"
            "备份含有个人信息和密码散列，请按重要数据保管。"
        )
        if manifest.missing:
            self.stderr.write(
                f"警告：{len(manifest.missing)} 个文件在数据库中有登记而磁盘上没有，较早的备份未删除："
                + "、".join(manifest.missing[:10])
            )
