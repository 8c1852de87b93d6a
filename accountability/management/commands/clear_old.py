"""清理痕迹: manage.py clear_old [--dry-run]"""

from django.core.management.base import BaseCommand
from django.utils import timezone

from accountability.services.clearing import clear_old


class Command(BaseCommand):
    help = "清理过期的任务、投递、会话和临时文件（每晚自动执行）；业务数据、变更历史和审计日志从不清理。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="只报数，不删除。")

    def handle(self, *, dry_run: bool, **options) -> None:
        for label, count in clear_old(timezone.now(), dry_run=dry_run).items():
            self.stdout.write(f"{label}：{'可清理' if dry_run else '已清理'} {count}")
