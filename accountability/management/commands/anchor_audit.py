"""重设审计锚点: manage.py anchor_audit --reason 原因"""

from django.core.management.base import BaseCommand, CommandError

from accountability.auditing import anchor
from accountability.models import AuditSeal, Person
from accountability.services import audit, audit_check, sealing


class Command(BaseCommand):
    help = "从备份恢复数据库后，让库外锚点从现有的链条重新开始；原来的锚点文件改名留存，并记入审计日志。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--reason", required=True, help="原因，如“2026-11-29 从 11-28 的备份恢复”")

    def handle(self, *, reason: str, **options) -> None:
        if not reason.strip():
            raise CommandError("请写明原因。")
        try:
            old = anchor.current()
        except ValueError:
            old = None
        before = old.seq if old else 0
        audit.record(audit_check.ANCHORED, by=Person.objects.system(), reason=reason.strip()[:200], before=before)
        sealing.seal_everything()
        last = AuditSeal.objects.order_by("-seq").first()
        anchor.begin_anew(last.seq, last.hash)
        self.stdout.write(f"锚点从第 {last.seq} 条重新开始（原为第 {before} 条）。")
