"""提醒: manage.py remind [--on 2026-11-23] [--dry-run]"""

from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accountability.services import outbox
from accountability.services.digests import open_digests
from supervision.services.reminders import forecast, sweep
from supervision.services.talk_reminders import sweep as sweep_talks


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"「{text}」不是日期，请写成 2026-11-23。") from error


class Command(BaseCommand):
    help = "生成到期提醒和每日摘要；重复执行不会重复提醒。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--on", type=day, help="按这一天计算，默认今天")
        parser.add_argument("--dry-run", action="store_true", help="只说明会提醒多少人，不写入、不发信")

    def handle(self, *, on: date | None, dry_run: bool, **options) -> None:
        on = on or timezone.localdate()
        expected = forecast(on)
        if dry_run:
            self.stdout.write(f"{on} 预演：将向 {expected.people} 人发出提醒 {expected.notices} 条；未写入，未发信。")
            return
        made = sweep(on)
        sweep_talks(on)  # known to the parties alone: not counted aloud
        digests = open_digests(on, timezone.now())
        outbox.wake()
        self.stdout.write(f"{on}：向 {expected.people} 人发出提醒 {made} 条，生成摘要 {digests} 份，由后台发出。")
