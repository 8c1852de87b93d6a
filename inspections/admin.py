"""管理后台: the rule by which risk points are graded; no point, finding or round itself is shown here."""

from django.contrib import admin

from accountability.admin import KeptAdmin
from inspections.models import LevelRule, RiskFactor
from inspections.services.risk_rules import regrade


class GradingAdmin(KeptAdmin):
    """Rows the levels depend on: a save grades every point anew."""

    def save_related(self, request, form, formsets, change) -> None:
        super().save_related(request, form, formsets, change)
        if changed := regrade(by=request.user):
            self.message_user(request, f"已按新规则重新定级，{changed} 个风险点的等级有变化。")


@admin.register(LevelRule)
class LevelRuleAdmin(GradingAdmin):
    list_display = ("level", "least", "owner_titles", "names_leader")


@admin.register(RiskFactor)
class RiskFactorAdmin(GradingAdmin):
    """风险情形. The code is what points are kept under: it does not change once it is there."""

    list_display = ("name", "code", "lifts_to", "is_dropped", "rank")
    list_filter = ("is_dropped",)
    search_fields = ("name", "code")

    def get_readonly_fields(self, request, obj=None) -> tuple[str, ...]:
        return ("code",) if obj else ()
