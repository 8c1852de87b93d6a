"""整改进展情况通报: made from the ledger for one scope, approved by another, frozen when issued (三（四）1, 三（二）2)."""

from django.db import models
from django.db.models import F, Q

from accountability.models import Job, Person
from accountability.models.history import kept_history
from inspections.models.findings import Finding
from inspections.models.rounds import Round, manages


class Scope(models.TextChoices):
    """公开范围."""

    INSIDE = "inside", "党内公开"
    PUBLIC = "public", "社会公开"


class WithholdingQuerySet(models.QuerySet):
    def visible_to(self, user) -> "WithholdingQuerySet":
        """What is withheld, and why, only those see who decide it."""
        return self if manages(user) else self.none()

    def holding_for(self, scope: str) -> "WithholdingQuerySet":
        """What is kept back from a scope: what the party does not read, the public does not read either."""
        return self if scope == Scope.PUBLIC else self.filter(scope=Scope.INSIDE)


class Withholding(models.Model):
    """拟不公开: the problem's words or the rectification's, kept back from one scope, with a reason."""

    class Part(models.TextChoices):
        PROBLEM = "problem", "问题原文"
        RECTIFICATION = "rectification", "整改情况"

    class Category(models.TextChoices):
        PRIVACY = "privacy", "涉及个人隐私"
        UNDER_WAY = "under_way", "涉及正在办理的事项"
        WORK = "work", "涉及工作秘密或商业秘密"
        ORDER = "order", "公开可能影响安全稳定"
        OTHER = "other", "其他不宜公开的情形"

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="withholdings", verbose_name="问题")
    scope = models.CharField("公开范围", max_length=8, choices=Scope)
    part = models.CharField("不公开的内容", max_length=14, choices=Part)
    category = models.CharField("情形", max_length=10, choices=Category)
    reason = models.CharField("理由", max_length=300)
    set_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="设置人")
    set_at = models.DateTimeField("设置时间")

    history = kept_history()
    objects = WithholdingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "拟不公开"
        ordering = ("finding", "scope", "part")
        constraints = [
            models.UniqueConstraint(
                fields=("finding", "scope", "part"),
                name="withholding_once",
                violation_error_message="这项内容在这个范围已设为拟不公开。",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="withholding_has_reason", violation_error_message="拟不公开须有理由。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_part_display()}{self.get_scope_display()}拟不公开"


class ProgressNoticeQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ProgressNoticeQuerySet":
        """All for who manages; what is issued, for whoever sees the round."""
        if manages(user):
            return self
        return self.filter(state=ProgressNotice.State.ISSUED, round__in=Round.objects.visible_to(user).values("pk"))

    def for_list(self) -> "ProgressNoticeQuerySet":
        return self.select_related("round", "made_by", "approved_by").defer("items", "figures", "text")


class ProgressNotice(models.Model):
    """通报. ``items`` and ``figures`` are the ledger as it was read at ``taken_at``; ``text`` is what is printed of it."""

    class State(models.TextChoices):
        DRAFT = "draft", "拟稿"
        PROPOSED = "proposed", "待审定"
        APPROVED = "approved", "待印发"
        ISSUED = "issued", "已印发"
        WITHDRAWN = "withdrawn", "已作废"

    AUTHOR, THING = "拟稿人", "通报"
    Scope = Scope

    round = models.ForeignKey(Round, models.PROTECT, related_name="progress_notices", verbose_name="轮次")
    scope = models.CharField("公开范围", max_length=8, choices=Scope)
    as_of = models.DateField("截至日期")
    title = models.CharField("标题", max_length=150)
    number = models.CharField("文号", max_length=60, blank=True)
    opening = models.TextField("开头", max_length=2000)
    organising = models.TextField("组织落实情况", max_length=10_000)
    plans = models.TextField("下一步打算", max_length=10_000, blank=True)
    contact = models.TextField("联系方式", max_length=1000)
    items = models.JSONField("逐条落实情况", default=list, blank=True)
    figures = models.JSONField("数字与依据", default=dict, blank=True)
    withheld = models.JSONField("未公开的内容", default=list, blank=True)
    names = models.JSONField("隐去的姓名", default=list, blank=True)
    text = models.TextField("正文", default="")
    taken_at = models.DateTimeField("数据时间")
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    returned_reason = models.CharField("退回原因", max_length=500, blank=True)
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrections", verbose_name="更正的通报"
    )
    correction_reason = models.CharField("更正原因", max_length=300, blank=True)
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="拟稿人")
    made_at = models.DateTimeField("拟稿时间")
    edited_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="最后修改人")
    proposed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="送审人"
    )
    proposed_on = models.DateField("送审日期", null=True, blank=True)
    approved_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审定人"
    )
    approved_on = models.DateField("审定日期", null=True, blank=True)
    job = models.ForeignKey(Job, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="后台任务")
    issued_on = models.DateField("印发日期", null=True, blank=True)
    pdf = models.FileField("PDF", upload_to="progress-notices/", max_length=160, blank=True)
    pdf_sha256 = models.CharField("校验值", max_length=64, blank=True)
    pages = models.PositiveSmallIntegerField("页数", default=0)

    history = kept_history(excluded_fields=["items", "figures", "withheld", "names", "text"])
    objects = ProgressNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "整改进展情况通报"
        ordering = ("-made_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("round", "scope"),
                condition=Q(state__in=("draft", "proposed", "approved")),
                name="progress_notice_one_under_way",
                violation_error_message="本轮这个范围已有一份在办的通报。",
            ),
            models.UniqueConstraint(
                fields=("number",),
                condition=~Q(number="") & ~Q(state="withdrawn"),
                name="progress_notice_number_once",
                violation_error_message="这个文号已用于另一份通报。",
            ),
            models.UniqueConstraint(
                fields=("corrects",),
                condition=~Q(state="withdrawn"),
                name="progress_notice_corrected_once",
                violation_error_message="这份通报已有更正；请更正最新的一份。",
            ),
            models.CheckConstraint(
                condition=Q(corrects=None) | ~Q(correction_reason=""),
                name="progress_notice_correction_has_reason",
                violation_error_message="更正须写明原因。",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(approved_by=None) | Q(**{f"{one}_by": None}) | ~Q(approved_by=F(f"{one}_by")),
                    name=f"progress_notice_approver_not_{one}",
                    violation_error_message="拟稿、修改或送审的人不能审定。",
                )
                for one in ("made", "edited", "proposed")
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("approved", "issued"))
                | Q(proposed_by__isnull=False, approved_by__isnull=False, approved_on__isnull=False),
                name="progress_notice_approved_by_one",
                violation_error_message="审定须有送审人、审定人和日期。",
            ),
            models.CheckConstraint(
                condition=Q(state="issued", issued_on__isnull=False, pages__gt=0) & ~Q(pdf="") & ~Q(pdf_sha256="")
                | ~Q(state="issued") & Q(issued_on=None, pdf="", pdf_sha256=""),
                name="progress_notice_issued_is_frozen",
                violation_error_message="印发须有日期、PDF 和校验值。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    def is_own_work_of(self, person: Person) -> bool:
        return person.pk in (self.made_by_id, self.edited_by_id, self.proposed_by_id)
