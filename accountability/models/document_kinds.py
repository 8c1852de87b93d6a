"""文种: template, form, who reviews and who signs are data, not code (三（三）1, 三（三）2)."""

from django.db import models
from django.db.models import Q

from accountability.models.history import kept_history
from accountability.models.regulations import ActKind


class DocumentKind(models.Model):
    """文种: one kind of document; template, form, who reviews and who signs are data, not code."""

    class Form(models.TextChoices):
        OFFICIAL = "official", "公文"
        PLEDGE = "pledge", "承诺书、责任书"
        PLAIN = "plain", "个人报告"

    class Panel(models.TextChoices):
        LEADER = "leader", "校领导"
        SCHOOL = "school", "学校党委"
        COMMISSION = "commission", "学校纪委"
        UNIT = "unit", "二级单位"
        BRANCH = "branch", "党支部"

    class Review(models.TextChoices):
        NONE = "none", "不经审核，直接送签"
        OFFICE = "office", "党委办公室审核"
        SECRETARY = "secretary", "党委书记审定"
        OFFICE_SECRETARY = "office,secretary", "党委办公室审核，党委书记审定"
        UNIT = "unit", "上级单位党组织书记审核"

    class Signing(models.TextChoices):
        OWNER = "owner", "本人签署"
        BOTH = "leader,head", "校领导和单位负责人双方签署"
        HEAD = "head", "单位负责人签发"
        SECRETARY = "secretary", "党委书记签发"

    act = models.OneToOneField(ActKind, models.PROTECT, related_name="document_kind", verbose_name="履责方式")
    panel = models.CharField("由谁制作", max_length=12, choices=Panel)
    form = models.CharField("版式", max_length=10, choices=Form)
    review = models.CharField("审核", max_length=20, choices=Review, default=Review.OFFICE)
    signing = models.CharField("签署", max_length=20, choices=Signing)
    number_prefix = models.CharField("机关代字", max_length=20, help_text="文号〔2026〕1号之前的字，如 江经党承")
    template = models.TextField("模板", help_text="花括号里的词由系统填写，如 {姓名}、{职务}、{分管部门}")
    answer_days = models.PositiveSmallIntegerField(
        "答复期限（工作日）", null=True, blank=True, help_text="需要上级答复的报告填写；不需要则留空"
    )
    many_a_year = models.BooleanField("一年可有多份", default=False)
    rank = models.PositiveSmallIntegerField("排序", default=0)

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "文种"
        ordering = ("rank", "id")
        constraints = [
            models.CheckConstraint(
                condition=~Q(template="") & ~Q(number_prefix=""),
                name="document_kind_is_whole",
                violation_error_message="文种须有模板和机关代字。",
            )
        ]

    def __str__(self) -> str:
        return self.act.name

    @property
    def is_personal(self) -> bool:
        """Made and signed by the holder of a post, for himself."""
        return self.signing == self.Signing.OWNER

    @property
    def steps(self) -> list[str]:
        return [] if self.review == self.Review.NONE else self.review.split(",")

    @property
    def capacities(self) -> list[str]:
        return self.signing.split(",")
