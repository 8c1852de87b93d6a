"""整改台账导入: manage.py import_ledger FILE --round ROUND [--commit] [--json]; the page's twin for administrators."""

import json
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accountability.collecting import uncollected
from accountability.models import Person
from inspections.models import Round
from inspections.services.planning import Plan, Planner
from inspections.services.reading import read_content
from inspections.services.rounds import only_managers
from inspections.services.writing import write

HELP_ROUND = "轮次：编号（如 2026-1）、名称，或数据库主键"
PLACE = ("sheet", "row", "column", "reason")


def round_named(words: str) -> Round:
    """By number (2026-1), by name, or by id."""
    rows = Round.objects.all()
    found = rows.filter(number=words).first() or rows.filter(name=words).first()
    if found is None and words.isdecimal() and len(words) < 16:
        found = rows.filter(pk=int(words)).first()
    if found is None:
        known = "、".join(f"{row.number}（{row.name}）" for row in rows[:10]) or "无"
        raise CommandError(f"没有轮次「{words}」。现有轮次：{known}。")
    return found


class Command(BaseCommand):
    help = (
        "导入整改台账。不加 --commit 只预览，什么也不写；有一处不对就整份拒绝，退出码为 1。"
        "写入者记为 --as 指定的人，不指定则记为“系统”；变更原因记为“命令行导入台账：文件名”。"
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="台账文件（.xlsx）")
        parser.add_argument("--round", required=True, metavar="ROUND", help=HELP_ROUND)
        parser.add_argument("--commit", action="store_true", help="写入；不加则只预览")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出：计数和每一处问题所在的表、行、列、原因")
        parser.add_argument(
            "--as", dest="actor", metavar="USER", help="以哪个用户名的身份写入，须有权管理巡察；默认“系统”"
        )

    def handle(self, *, file: Path, round: str, commit: bool, json: bool, actor: str | None = None, **options) -> None:
        row, by, content = round_named(round), _actor(actor), _content(file)
        try:
            plan = self._import(row, content, by=by, commit=commit, name=file.name)
        except ValidationError as error:
            errors = [dict(zip(PLACE, ("", 0, "", words), strict=True)) for words in error.messages]
            self._say(Plan(), errors, as_json=json, commit=commit)
            raise SystemExit(1) from error
        errors = [{name: getattr(one, name) for name in PLACE} for one in plan.complaints]
        self._say(plan, errors, as_json=json, commit=commit)
        if errors:
            raise SystemExit(1)

    @uncollected()
    def _import(self, row: Round, content: bytes, *, by: Person, commit: bool, name: str) -> Plan:
        book = read_content(content)
        with transaction.atomic():
            if commit:  # what is planned is what is there when it is written
                row = Round.objects.select_for_update(of=("self",)).get(pk=row.pk)
            plan = Planner(row, book).make()
            if commit and not plan.complaints:
                write(row, plan, by=by, reason=f"命令行导入台账：{name}"[:200])
        return plan

    def _say(self, plan: Plan, errors: list[dict], *, as_json: bool, commit: bool) -> None:
        counts = plan.counts()
        if as_json:
            self.stdout.write(json.dumps(counts | {"errors": errors}, ensure_ascii=False))
            return
        for one in plan.notes:
            self.stdout.write(f"提示：{one.sheet} 第 {one.row} 行 {one.column} {one.value}：{one.reason}")
        for one in errors:
            place = f"{one['sheet']} 第 {one['row']} 行 {one['column']}：" if one["row"] else ""
            self.stdout.write(f"{place}{one['reason']}")
        if errors:
            self.stdout.write(f"有 {len(errors)} 处需要修改，没有写入任何一行。")
            return
        done = "已导入" if commit else "预览（未写入，加 --commit 写入）"
        self.stdout.write(
            f"{done}：问题 {counts['problems']} 个，措施 {counts['measures']} 条；"
            f"新增 {counts['created']}，更新 {counts['updated']}，不变 {counts['unchanged']}；"
            f"系统中有而表中没有的 {len(plan.absent_measures)} 条，保持原样。"
        )


def _actor(username: str | None) -> Person:
    if username is None:
        return Person.objects.system()
    try:
        person = Person.objects.get(username=username, is_active=True)
        only_managers(person)
    except ObjectDoesNotExist as error:
        raise CommandError(f"没有在用的用户「{username}」。") from error
    except PermissionDenied as error:
        raise CommandError(f"「{username}」无权管理巡察整改，不能以其身份导入。") from error
    return person


def _content(file: Path) -> bytes:
    """No more than a page would take: the limit of the upload is the command's too."""
    try:
        size = file.stat().st_size
        if size > settings.ATTACHMENT_MAX_BYTES:
            most = settings.ATTACHMENT_MAX_BYTES / 1024 / 1024
            raise CommandError(
                f"文件 {file} 有 {size / 1024 / 1024:.1f} 兆，超过 {most:.0f} 兆的上限，请拆成几个文件。"
            )
        return file.read_bytes()
    except OSError as error:
        raise CommandError(f"读不到文件 {file}：{error.strerror}。") from error
