"""演示数据: manage.py load_demo [--once] [--reset [--yes]]"""

import os
import shutil
from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accountability.auditing import triggers
from supervision.demo.accounts import account_table, demo_password, set_password
from supervision.demo.diary import CLOSED_ON
from supervision.demo.university import PAST, PRESENT, found, is_founded


class Command(BaseCommand):
    help = "装入演示大学（江海经贸大学）两年的数据，并打印演示账号。只能在 DEBUG 模式下使用。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--once", action="store_true", help="已有数据时保持不动，只打印账号")
        parser.add_argument("--reset", action="store_true", help="清空全部数据和附件后重新装入")
        parser.add_argument("--yes", action="store_true", help="清空前不询问（等同环境变量 YES=1）")

    def handle(self, *, once: bool, reset: bool, yes: bool, **options) -> None:
        if not settings.DEBUG:
            raise CommandError("演示数据只能在 DEBUG 模式下装入。")
        if reset:
            self._empty(is_sure=yes or os.environ.get("YES") == "1")
        if not is_founded():
            self._found(timezone.localdate())
        elif not once:
            raise CommandError("已有数据，未作改动：加 --once 保留现有数据，或加 --reset 清空后重新装入。")
        password = demo_password()
        set_password(password)
        self.stdout.write(f"演示账号：\n{account_table(password)}")

    def _found(self, today: date) -> None:
        if today <= CLOSED_ON[PAST]:
            raise CommandError(f"演示数据讲到 {PRESENT} 年，本机日期 {today} 太早，请先校准时钟。")
        self.stdout.write("正在装入演示数据……")
        found(today)

    def _empty(self, *, is_sure: bool) -> None:
        if not is_sure and input("是否清空并重新装入演示数据？(yes/no) ").strip().lower() != "yes":
            raise CommandError("已取消，数据未作改动。")
        triggers.drop()  # the demonstration's audit log goes with it; flush makes them again
        call_command("flush", interactive=False, verbosity=0)
        shutil.rmtree(settings.AUDIT_DIR, ignore_errors=True)
        for path in Path(settings.MEDIA_ROOT).glob("*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
