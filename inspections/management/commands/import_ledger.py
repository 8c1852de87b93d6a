"""整改台账导入: manage.py import_ledger FILE --round ROUND [--commit] [--json]"""

import json
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accountability.models import Person
from inspections.models import Round
from inspections.services.ledger import plan_ledger, write
from inspections.services.planning import Plan


def round_named(words: str) -> Round:
    """By number (2026-1), by name, or by id."""
    rows = Round.objects.all()
    found = rows.filter(number=words).first() or rows.filter(name=words).first()
    if found is None and words.isdigit():
        found = rows.filter(pk=int(words)).first()
    if found is None:
        known = "、".join(f"{row.number}（{row.name}）" for row in rows[:10]) or "无"
        raise CommandError(f"没有轮次「{words}」。现有轮次：{known}。")
    return found


class Command(BaseCommand):
    help = "导入整改台账；不加 --commit 只预览。有一处不对就整份拒绝，退出码为 1。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="台账文件（.xlsx）")
        parser.add_argument("--round", required=True, metavar="ROUND", help="轮次的编号或名称")
        parser.add_argument("--commit", action="store_true", help="写入；不加则只预览")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出结果")

    def handle(self, *, file: Path, round: str, commit: bool, json: bool, **options) -> None:
        row = round_named(round)
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(f"读不到文件 {file}：{error.strerror}。") from error
        try:
            with transaction.atomic():
                plan = plan_ledger(row, content)
                if commit and not plan.complaints:
                    write(row, plan, by=Person.objects.system(), reason=f"导入台账：{file.name}")
        except ValidationError as error:
            self._say(Plan(), [refused(words) for words in error.messages], as_json=json, commit=commit)
            raise SystemExit(1) from error
        errors = [
            {"sheet": one.sheet, "row": one.row, "column": one.column, "reason": one.reason} for one in plan.complaints
        ]
        self._say(plan, errors, as_json=json, commit=commit)
        if errors:
            raise SystemExit(1)

    def _say(self, plan: Plan, errors: list[dict], *, as_json: bool, commit: bool) -> None:
        counts = plan.counts()
        if as_json:
            self.stdout.write(json.dumps(counts | {"errors": errors}, ensure_ascii=False))
            return
        for one in errors:
            self.stdout.write(f"{one['sheet']} 第 {one['row']} 行 {one['column']}：{one['reason']}")
        if errors:
            self.stdout.write(f"有 {len(errors)} 处需要修改，没有写入任何一行。")
            return
        done = "已导入" if commit else "预览（未写入，加 --commit 写入）"
        self.stdout.write(
            f"{done}：问题 {counts['problems']} 个，措施 {counts['measures']} 条；"
            f"新增 {counts['created']}，更新 {counts['updated']}，不变 {counts['unchanged']}。"
        )


def refused(words: str) -> dict:
    return {"sheet": "", "row": 0, "column": "", "reason": words}
