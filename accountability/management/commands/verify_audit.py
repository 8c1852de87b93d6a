"""校验审计链: manage.py verify_audit [--json] [--without-archives]"""

import json

from django.core.management.base import BaseCommand, CommandError

from accountability.models import Person
from accountability.services import audit_check, sealing


class Command(BaseCommand):
    help = "从头校验审计日志的哈希链、归档和库外锚点，指出被修改、删除、插入、调换、截断的记录。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")
        parser.add_argument("--without-archives", action="store_true", help="不读归档文件（已移出本机时），只看其登记")

    def handle(self, *, json: bool, without_archives: bool, **options) -> None:
        sealing.seal_everything()
        found = audit_check.check_and_tell(by=Person.objects.system(), with_archives=not without_archives)
        self.stdout.write(_as_json(found) if json else _in_words(found))
        if not found.is_sound:
            raise CommandError(f"审计链不完整：发现 {found.count} 处问题。", returncode=1)


def _as_json(found: audit_check.Finding) -> str:
    return json.dumps(found.as_data(), ensure_ascii=False, indent=2)


def _in_words(found: audit_check.Finding) -> str:
    lines = [f"{audit_check.LABELS[fault.what]}：{fault.words}" for fault in found.faults]
    if found.count > len(found.faults):
        lines.append(f"另有 {found.count - len(found.faults)} 处未逐一列出。")
    lines.append(
        f"已校验 {found.events + found.archived} 条（其中归档 {found.archived} 条），到第 {found.last_seq} 条，"
        f"另有 {found.young} 条待封存；用时 {found.seconds} 秒。"
    )
    if found.is_sound:
        lines.append("审计链完整。")
    return "\n".join(lines)
