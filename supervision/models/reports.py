"""年度报告: figures frozen with the rows behind them, the paper for the meeting, and its way upward (三（三）1, 四（三）).

A report is a ``Document``: text, review, number, signature and the paper in official form are the document's own
(docs/decisions/0025). Here stands what a report has besides.
"""

from django.db import models
from django.db.models import F, Q

from accountability.access import may_manage_duties
from accountability.models import (
    Document,
    DocumentKind,
    DocumentVersion,
    Job,
    Organisation,
    Person,
    Post,
    Regulation,
    WorkYear,
)
from accountability.models.history import kept_history


class ReportQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ReportQuerySet":
        """Whoever sees the document sees the report."""
        return self.filter(document__in=Document.objects.visible_to(user).values("pk"))

    def of_year(self, year: int) -> "ReportQuerySet":
        return self.filter(document__work_year=year)

    def standing(self) -> "ReportQuerySet":
        return self.exclude(document__state=Document.State.WITHDRAWN)

    def for_list(self) -> "ReportQuerySet":
        return self.select_related(
            "document__kind__act",
            "document__organisation__parent",
            "document__post__organisation__parent",
            "document__drafted_by",
        )


class Report(models.Model):
    """年度报告 of the school, the commission, a unit or a leader: its document, and to whom it goes."""

    document = models.OneToOneField(Document, models.PROTECT, related_name="report", verbose_name="文件")
    addressee = models.CharField("主送", max_length=80, blank=True)
    copies_to = models.CharField("抄送", max_length=160, blank=True)
    # 预览: the illustrated paper of what is being written, made when asked for.
    preview = models.FileField("预览", upload_to="reports/previews/", max_length=160, blank=True)
    preview_pages = models.PositiveSmallIntegerField("预览页数", default=0)
    preview_at = models.DateTimeField("预览时间", null=True, blank=True)

    history = kept_history(excluded_fields=["preview", "preview_pages", "preview_at"])
    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度报告"
        ordering = ("-document__work_year_id", "document__kind__rank", "document__organisation__rank", "id")

    def __str__(self) -> str:
        return self.document.title

    @property
    def year(self) -> int:
        return self.document.work_year_id


class FigureSet(models.Model):
    """数字快照: every figure with the ids of its rows, and the rows in words, as they were at ``taken_at``; never changed."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="figure_sets", verbose_name="报告")
    number = models.PositiveSmallIntegerField("第几次")
    taken_at = models.DateTimeField("数据时间")
    taken_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="读取人")
    regulation = models.ForeignKey(
        Regulation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="制度版本"
    )
    figures = models.JSONField("数字与依据")
    rows = models.JSONField("当时的各行")
    sha256 = models.CharField("数字校验值", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "数字快照"
        ordering = ("report", "-number")
        constraints = [
            models.UniqueConstraint(
                fields=("report", "number"), name="figure_set_once", violation_error_message="这次读取已经保存。"
            ),
            models.CheckConstraint(
                condition=Q(sha256__length=64),
                name="figure_set_has_hash",
                violation_error_message="数字快照须有校验值。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report} 第 {self.number} 次读取"


def illustrated_path(paper: "ReportPaper", filename: str) -> str:
    return f"reports/{paper.sha256[:2]}/{paper.sha256}"


def illustrated_source_path(paper: "ReportPaper", filename: str) -> str:
    return f"{illustrated_path(paper, filename)}.source"


class ReportPaper(models.Model):
    """报告印本: which figures a frozen version was printed with, and its illustrated paper for the meeting."""

    version = models.OneToOneField(DocumentVersion, models.PROTECT, related_name="report_paper", verbose_name="版本")
    figure_set = models.ForeignKey(FigureSet, models.PROTECT, related_name="papers", verbose_name="数字快照")
    file = models.FileField("图文版", upload_to=illustrated_path, max_length=160, blank=True)
    source = models.FileField("排版源", upload_to=illustrated_source_path, max_length=170, blank=True)
    sha256 = models.CharField("图文版校验值", max_length=64, blank=True)
    size = models.PositiveBigIntegerField("大小（字节）", default=0)
    pages = models.PositiveSmallIntegerField("页数", default=0)
    made_at = models.DateTimeField("排印时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "报告印本"
        constraints = [
            models.CheckConstraint(
                condition=Q(file="", sha256="", made_at=None)
                | (Q(sha256__length=64, made_at__isnull=False) & ~Q(file="") & ~Q(source="")),
                name="report_paper_has_hash",
                violation_error_message="图文版须有校验值和排印时间。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.version} 图文版"


class Dispatch(models.Model):
    """报送: one issued version sent upward, by whom and how, and the receipt that came back (三（三）1)."""

    class Means(models.TextChoices):
        EXCHANGE = "exchange", "公文交换"
        CONFIDENTIAL = "confidential", "机要通道"
        BY_HAND = "by_hand", "当面报送"
        SYSTEM = "system", "系统内报送"

    report = models.ForeignKey(Report, models.PROTECT, related_name="dispatches", verbose_name="报告")
    version = models.ForeignKey(DocumentVersion, models.PROTECT, related_name="dispatches", verbose_name="版本")
    to = models.CharField("报送单位", max_length=80)
    means = models.CharField("报送方式", max_length=14, choices=Means)
    sent_on = models.DateField("报送日期")
    sent_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="报送登记人")
    received_on = models.DateField("收文日期", null=True, blank=True)
    receipt_number = models.CharField("收文编号", max_length=40, blank=True)
    received_by = models.CharField("收文人", max_length=40, blank=True)
    receipt_kept_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="回执登记人"
    )

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "报送"
        ordering = ("sent_on", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("version", "to"), name="dispatch_once", violation_error_message="这一版已经报送该单位。"
            ),
            models.CheckConstraint(
                condition=Q(received_on=None) | Q(received_on__gte=F("sent_on")),
                name="dispatch_received_after_sent",
                violation_error_message="收文日期不能早于报送日期。",
            ),
            models.CheckConstraint(
                condition=Q(received_on=None, receipt_kept_by=None)
                | Q(received_on__isnull=False, receipt_kept_by__isnull=False),
                name="dispatch_receipt_is_whole",
                violation_error_message="回执须有收文日期和登记人。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report}报送{self.to}"


class ReportBatchQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ReportBatchQuerySet":
        """The office alone: an archive holds the papers of every unit."""
        return self if may_manage_duties(user) else self.none()

    def under_way(self) -> "ReportBatchQuerySet":
        return self.filter(finished_at=None, cancelled_at=None)

    def for_list(self) -> "ReportBatchQuerySet":
        return self.select_related("kind__act", "requested_by", "cancelled_by", "archive_job")


class ReportBatch(models.Model):
    """批量生成: the reports of a year for all units or leaders, made by as many workers as there are, in one archive file."""

    kind = models.ForeignKey(DocumentKind, models.PROTECT, related_name="+", verbose_name="文种")
    work_year = models.ForeignKey(WorkYear, models.PROTECT, related_name="+", verbose_name="工作年度")
    requested_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="发起人")
    created_at = models.DateTimeField("发起时间")
    cancelled_at = models.DateTimeField("取消时间", null=True, blank=True)
    cancelled_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="取消人"
    )
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    # 打包: ordered by whoever settles the last of the items.
    archive_job = models.OneToOneField(
        Job, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="打包任务"
    )
    file = models.FileField("压缩包", upload_to="reports/batches/", max_length=160, blank=True)
    sha256 = models.CharField("校验值", max_length=64, blank=True)
    size = models.PositiveBigIntegerField("大小（字节）", default=0)

    history = kept_history()
    objects = ReportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报告批量生成"
        ordering = ("-created_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("kind", "work_year"),
                condition=Q(finished_at=None, cancelled_at=None),
                name="report_batch_one_under_way",
                violation_error_message="这一年度的批量生成正在进行。",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at=None, cancelled_by=None)
                | Q(cancelled_at__isnull=False, cancelled_by__isnull=False),
                name="report_batch_cancelled_by_somebody",
                violation_error_message="取消须有取消人和时间。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.work_year_id} 年度{self.kind}批量生成"

    @property
    def is_under_way(self) -> bool:
        return self.finished_at is None and self.cancelled_at is None


class ReportBatchItemQuerySet(models.QuerySet):
    def for_list(self) -> "ReportBatchItemQuerySet":
        return self.select_related(
            "organisation__parent", "post__organisation__parent", "job", "report__document", "batch__kind__act"
        )


class ReportBatchItem(models.Model):
    """批量中的一份, each with a job of its own."""

    class State(models.TextChoices):
        WAITING = "waiting", "等待"
        DONE = "done", "已生成"
        REFUSED = "refused", "未生成"
        CANCELLED = "cancelled", "已取消"

    batch = models.ForeignKey(ReportBatch, models.PROTECT, related_name="items", verbose_name="批次")
    position = models.PositiveSmallIntegerField("序号")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="单位")
    post = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="岗位")
    job = models.OneToOneField(Job, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="后台任务")
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    said = models.CharField("说明", max_length=200, blank=True)
    report = models.ForeignKey(Report, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="报告")
    name = models.CharField("文件名", max_length=160, blank=True)
    file = models.FileField("文件", upload_to="reports/batches/", max_length=160, blank=True)
    sha256 = models.CharField("校验值", max_length=64, blank=True)
    pages = models.PositiveSmallIntegerField("页数", default=0)

    objects = ReportBatchItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "批量中的一份"
        ordering = ("batch", "position")
        constraints = [
            models.UniqueConstraint(
                fields=("batch", "position"), name="report_batch_item_once", violation_error_message="序号重复。"
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | (Q(sha256__length=64) & ~Q(file="")),
                name="report_batch_item_done_has_file",
                violation_error_message="已生成的须有文件和校验值。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch} {self.position}"

    @property
    def whose(self) -> str:
        return self.post.full_title if self.post else self.organisation.full_name
