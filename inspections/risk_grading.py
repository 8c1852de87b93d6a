"""风险定级: the level of a point by the rule as the data stand, and the post that answers for a point of that level (三（四）2)."""

from datetime import date

from django.core.exceptions import ValidationError

from accountability.models import Organisation, Portfolio, Post, Role
from inspections.models import LevelRule, RiskFactor

NOT_A_HEAD = (Role.LIAISON, Role.INSPECTOR, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


class Grading:
    """定级: rules and factors read once, then asked for each point."""

    def __init__(self) -> None:
        self.rules = {rule.level: rule for rule in LevelRule.objects.all()}
        self.factors = {factor.code: factor for factor in RiskFactor.objects.all()}

    def level_of(self, codes: list[str]) -> int | None:
        """The graver of what the number of kinds and what the gravest kind by itself say; None when neither says anything."""
        chosen = [self.factors[code] for code in codes if code in self.factors and not self.factors[code].is_dropped]
        lifted = [factor.lifts_to for factor in chosen if factor.lifts_to]
        counted = [level for level, rule in self.rules.items() if len(chosen) >= rule.least]
        return min([*lifted, *counted], default=None)

    def graded(self, codes: list[str]) -> int:
        """Raises ValidationError when the rule has no level for these."""
        if not self.rules:
            raise ValidationError("还没有设定风险定级规则，请系统管理员在管理后台设定后再填报。")
        if unknown := [code for code in codes if code not in self.factors]:
            raise ValidationError({"factors": f"没有这种风险情形：{'、'.join(unknown)}。"})
        level = self.level_of(codes)
        if level is None:
            raise ValidationError({"factors": f"请选择风险情形，至少 {min(r.least for r in self.rules.values())} 项。"})
        return level

    def names_of(self, codes: list[str]) -> list[str]:
        return [self.factors[code].name if code in self.factors else code for code in codes]

    def owner_of(self, organisation: Organisation, level: int) -> Post | None:
        """责任岗位: a post with one of the rule's titles, else the unit's secretary, else its head."""
        posts = list(
            Post.objects.filter(organisation=organisation, abolished_on=None)
            .exclude(role__in=NOT_A_HEAD)
            .select_related("organisation__parent")
            .order_by("rank", "pk")
        )
        titles = self.rules[level].owner_titles.split("、") if level in self.rules else []
        for title in filter(None, titles):
            if post := next((one for one in posts if title in one.title), None):
                return post
        return min(posts, key=lambda post: (post.role != Role.UNIT_SECRETARY, post.rank), default=None)

    def leaders_of(self, organisation_ids: set[int], on: date) -> dict[int, list[Post]]:
        """分管（联系）校领导 of these units."""
        leaders: dict[int, list[Post]] = {}
        rows = Portfolio.objects.in_force(on).filter(organisation__in=organisation_ids)
        for row in rows.select_related("post__organisation"):
            leaders.setdefault(row.organisation_id, []).append(row.post)
        return leaders

    def names_leader(self, level: int) -> bool:
        return level in self.rules and self.rules[level].names_leader
