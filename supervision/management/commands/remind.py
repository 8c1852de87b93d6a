"""提醒: manage.py remind [--on 2026-11-23] [--dry-run] [--json]"""

import json
from dataclasses import asdict
from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accountability.services import outbox
from accountability.services.digests import open_digests
from supervision.services.reminders import forecast, lines_of
from supervision.services.reminding import remind_on, why_nothing


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"「{text}」不是日期，请写成 2026-11-23。") from error


class Command(BaseCommand):
    help = "按提醒规则生成某一天的提醒、函和每日摘要；重复执行不会重复提醒。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--on", type=day, help="按这一天计算，默认今天")
        parser.add_argument("--dry-run", action="store_true", help="只说明会提醒谁，不写入、不发信")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出结果")

    def handle(self, *, on: date | None, dry_run: bool, **options) -> None:
        on = on or timezone.localdate()
        expected, why = forecast(on), why_nothing(on)
        told = {"on": on.isoformat(), "dry_run": dry_run, "nothing_because": why, "people": expected.people}
        if dry_run:
            told |= {"notices": expected.notices, "first": [asdict(line) for line in lines_of(expected)]}
        else:
            done = remind_on(on)
            told |= {"notices": done.notices, "papers": done.papers, "digests": open_digests(on, timezone.now())}
            outbox.wake()
        as_json = options["json"]
        self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) if as_json else _in_words(told))


def _in_words(told: dict) -> str:
    if told["nothing_because"]:
        return f"{told['on']}：{told['nothing_because']}"
    if not told["dry_run"]:
        done = f"发函 {told['papers']} 份，生成摘要 {told['digests']} 份，由后台发出"
        return f"{told['on']}：向 {told['people']} 人发出提醒 {told['notices']} 条，{done}。"
    head = f"{told['on']} 预演：将向 {told['people']} 人发出提醒 {told['notices']} 条；未写入，未发信。"
    lines = [f"  {each['name']}（{each['capacity']}）{each['step']}　{each['title']}" for each in told["first"]]
    return "\n".join([head, *lines])
