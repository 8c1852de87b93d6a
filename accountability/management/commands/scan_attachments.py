"""补查毒: manage.py scan_attachments [--all]"""

from django.core.management.base import BaseCommand

from accountability.models import Attachment, Person
from accountability.services.scanning import scan_missed


class Command(BaseCommand):
    help = "对标为「未查毒」的附件补查毒；查出病毒的停止提供查看和下载。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--all", action="store_true", help="启用查毒之前上传的附件也一并查毒。")

    def handle(self, **options) -> None:
        counts = scan_missed(by=Person.objects.system(), before_there_was_one=options["all"])
        scan = Attachment.VirusScan
        self.stdout.write(
            f"干净 {counts[scan.CLEAN]} 个，查出病毒 {counts[scan.INFECTED]} 个，仍未查 {counts[scan.MISSED]} 个。"
        )
