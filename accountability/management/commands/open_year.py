"""开启年度: manage.py open_year 2026 [--dry-run]"""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accountability.models import Person
from accountability.services.opening import Opening, open_year, plan_year
from accountability.services.workdays import ESTIMATED


class Command(BaseCommand):
    help = "按施行中的制度开启工作年度；再次运行只补缺，不重复。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("year", type=int, help="工作年度，如 2026")
        parser.add_argument("--dry-run", action="store_true", help="只预览，不写入")

    def handle(self, *, year: int, dry_run: bool, **options) -> None:
        try:
            if dry_run:
                self._print(plan_year(year, timezone.localdate()), "将新增")
            else:
                self._print(open_year(year, by=Person.objects.system()), "已新增")
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error

    def _print(self, opening: Opening, verb: str) -> None:
        write = self.stdout.write
        write(f"{opening.year} 工作年度，依据《{opening.regulation}》")
        write(f"{verb} {len(opening.duties)} 项责任，原有 {opening.existing} 项。")
        for row in opening.by_subject():
            write(f"  {row.label}：{row.count} 项")
        for row in opening.by_clause():
            write(f"  {row.clause.number}　{row.obligation.title}：{row.count} 项，{row.first_due} 至 {row.last_due}")
        for year in opening.estimated_years:
            write(f"注意：{year} 年的到期日为推算（{ESTIMATED}）。")
        if opening.open_ended:
            write("不设次数（N），不生成责任：" + "、".join(one.title for one in opening.open_ended))
        if opening.gaps:
            write(f"未覆盖 {len(opening.gaps)} 处：")
        for gap in opening.gaps:
            write(f"  {gap.obligation.clause.number}　{gap.obligation.title} — {gap.whom}：{gap.reason}")
