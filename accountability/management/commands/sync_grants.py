"""授权同步: manage.py sync_grants"""

from django.core.management.base import BaseCommand

from accountability.services.grants import sync_grants


class Command(BaseCommand):
    help = "按今日在任岗位同步授权和三员权限；重复执行不产生变化。"

    def handle(self, **options) -> None:
        added, removed = sync_grants()
        self.stdout.write(f"新增授权 {added} 项，收回 {removed} 项。")
