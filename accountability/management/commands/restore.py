"""恢复: manage.py restore FILE [--replace --yes]"""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accountability.backups import Refusal, restoring


class Command(BaseCommand):
    help = "把一份备份恢复到空的数据库和数据文件夹；先核验，后改动。执行前请停止 web、worker、beat。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path, metavar="文件")
        parser.add_argument("--replace", action="store_true", help="取代现有数据（现有数据另存）。")
        parser.add_argument("--yes", action="store_true", help="确认取代，不再询问。")

    def handle(self, *, file: Path, replace: bool, yes: bool, **options) -> None:
        if replace and not yes:
            self._ask(file)
        try:
            done = restoring.restore(file, replace=replace, tell=self.stdout.write)
        except Refusal as error:
            raise CommandError(str(error)) from error
        manifest = done.manifest
        self.stdout.write(
            f"恢复完成，与清单一致：{len(manifest.tables)} 张表 {manifest.rows} 行，{len(manifest.files) - 1} 个文件"
            f"（备份于 {manifest.started_at}）。{'表结构已升级。' if done.migrated else ''}所有人须重新登录。"
        )
        for aside in done.aside:
            self.stdout.write(f"原有数据另存于 {aside}。")
        if manifest.missing:
            self.stderr.write(f"备份时已有 {len(manifest.missing)} 个文件缺失：" + "、".join(manifest.missing[:10]))
        if done.keys:
            self.stderr.write(f"警告：{'、'.join(done.keys)} 与备份时不同，请换回原来的密钥，见 docs/operations.md。")
        self.stdout.write("请接着执行 manage.py verify_audit 核对审计链，再启动 web、worker、beat。")

    def _ask(self, file: Path) -> None:
        self.stdout.write(f"将以 {file} 取代现有数据库和文件；现有数据另存。输入「恢复」并回车继续：", ending="")
        self.stdout.flush()
        try:
            said = input().strip()
        except EOFError:
            said = ""
        if said != "恢复":
            raise CommandError("没有确认，未作任何改动。（无人值守时请加 --yes。）")
