"""归档审计日志: manage.py archive_audit"""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accountability.models import Person
from accountability.services import audit_archive, sealing


class Command(BaseCommand):
    help = "把超过留存天数（AUDIT_KEEP_DAYS，不少于 180）的审计日志移入签名的归档文件，链条不断。"

    def handle(self, **options) -> None:
        sealing.seal_everything()
        try:
            made = audit_archive.archive_old(timezone.now(), by=Person.objects.system())
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        for archive in made:
            self.stdout.write(f"{audit_archive.folder() / archive.name}：{archive.count} 条，SHA-256 {archive.sha256}")
        if not made:
            self.stdout.write(f"没有超过 {settings.AUDIT_KEEP_DAYS} 天的审计日志。")
