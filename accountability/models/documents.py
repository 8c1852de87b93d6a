"""文件: 四书、责任书、三报告 and more, from the draft to the frozen paper (三（三）1, 三（三）2, 三（三）3).

A document has versions; a version that went up for review never changes again.
"""

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce, Length

from accountability.models.document_kinds import DocumentKind
from accountability.models.duties import Duty, WorkYear
from accountability.models.history import kept_history
from accountability.models.jobs import Job
from accountability.models.organisations import Organisation
from accountability.models.people import Person, Post, Role
from accountability.models.records import Record

models.CharField.register_lookup(Length, "length")


class DocumentQuerySet(models.QuerySet):
    def visible_to(self, user) -> "DocumentQuerySet":
        """Documents of organisations in reach, of his own posts, those he is to sign, and those he signed or drafted."""
        from accountability.access import may_see_whole_school, posts_of
        from accountability.models.document_reviews import Signature

        if may_see_whole_school(user):
            return self.all()
        within = Organisation.objects.reach_of(user)
        posts = posts_of(user)
        signed = Signature.objects.filter(person=user).values("document")
        return self.filter(
            Q(organisation__in=within)
            | Q(post__in=posts)
            | Q(leader_post__in=posts)
            | Q(drafted_by=user)
            | Q(pk__in=signed)
        )

    def standing(self) -> "DocumentQuerySet":
        return self.exclude(state=Document.State.WITHDRAWN)

    def of_year(self, year: int) -> "DocumentQuerySet":
        return self.filter(work_year=year)

    def unrecorded(self) -> "DocumentQuerySet":
        """起草和办理中: no record of it yet, neither signed nor withdrawn."""
        return self.standing().filter(record=None).exclude(state=Document.State.SIGNED)

    def saying(self, words: str) -> "DocumentQuerySet":
        """In its title or in its latest version; what is still being typed is not searched."""
        latest = DocumentVersion.objects.filter(document=OuterRef("pk"), number=OuterRef("latest"))
        return self.filter(Q(title__icontains=words) | Exists(latest.filter(text__icontains=words)))

    def for_list(self) -> "DocumentQuerySet":
        return self.select_related(
            "kind__act", "organisation__parent", "post__organisation__parent", "leader_post__organisation", "drafted_by"
        )


class Document(models.Model):
    """文件. Its text lives in versions; its number is given once, on approval, and stays with it."""

    class State(models.TextChoices):
        DRAFT = "draft", "起草中"
        IN_REVIEW = "in_review", "审核中"
        RETURNED = "returned", "已退回"
        APPROVED = "approved", "排版中"
        TO_SIGN = "to_sign", "待签署"
        SIGNED = "signed", "已签署"
        WITHDRAWN = "withdrawn", "已作废"

    class Addressee(models.TextChoices):
        COMMITTEE = "committee", "学校党委"
        COMMISSION = "commission", "学校纪委"

    kind = models.ForeignKey(DocumentKind, models.PROTECT, related_name="documents", verbose_name="文种")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="documents", verbose_name="单位")
    # 本人的文件: the post that makes it in person; empty when the organisation makes it.
    post = models.ForeignKey(
        Post, models.PROTECT, null=True, blank=True, related_name="documents", verbose_name="本人岗位"
    )
    leader_post = models.ForeignKey(
        Post, models.PROTECT, null=True, blank=True, related_name="documents_led", verbose_name="签署的校领导"
    )
    work_year = models.ForeignKey(WorkYear, models.PROTECT, related_name="documents", verbose_name="工作年度")
    serial = models.PositiveSmallIntegerField("年内第几份", default=1)
    title = models.CharField("标题", max_length=120)
    addressee = models.CharField("报送", max_length=12, choices=Addressee, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    step = models.PositiveSmallIntegerField("审核到第几步", default=0)
    latest = models.PositiveSmallIntegerField("最新版本", default=0)
    number = models.PositiveIntegerField("文号", null=True, blank=True)
    # 发文年份, which is not the working year of a report written in the year after (GB/T 9704 7.2.5).
    number_year = models.PositiveSmallIntegerField("文号年份", null=True, blank=True)
    verify_code = models.CharField("核验码", max_length=20, unique=True)
    drafted_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="起草人")
    created_at = models.DateTimeField("起草时间")
    submitted_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="送审人"
    )
    submitted_at = models.DateTimeField("送审时间", null=True, blank=True)
    returned_reason = models.CharField("退回原因", max_length=300, blank=True)
    signed_on = models.DateField("签署完毕日期", null=True, blank=True)
    record = models.OneToOneField(
        Record, models.PROTECT, null=True, blank=True, related_name="document", verbose_name="履责记录"
    )
    answer_duty = models.OneToOneField(
        Duty, models.PROTECT, null=True, blank=True, related_name="answers_document", verbose_name="答复责任"
    )

    history = kept_history()
    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "文件"
        ordering = ("-work_year_id", "kind__rank", "organisation__rank", "id")
        indexes = [models.Index(fields=("work_year", "kind", "state"), name="document_by_year")]
        constraints = [
            models.UniqueConstraint(
                "kind",
                "work_year",
                "organisation",
                Coalesce("post", 0),
                "serial",
                condition=~Q(state="withdrawn"),
                name="document_once",
                violation_error_message="该单位或岗位本年度已有这种文件。",
            ),
            models.UniqueConstraint(
                fields=("kind", "number_year", "number"),
                condition=Q(number__isnull=False),
                name="document_number_once",
                violation_error_message="文号重复。",
            ),
            models.CheckConstraint(
                condition=Q(number=None, number_year=None, state__in=("draft", "in_review", "returned", "withdrawn"))
                | Q(number__isnull=False, number_year__isnull=False),
                name="document_approved_has_number",
                violation_error_message="审核通过的文件须有文号。",
            ),
            models.CheckConstraint(
                condition=Q(state="signed", signed_on__isnull=False) | ~Q(state="signed"),
                name="document_signed_has_day",
                violation_error_message="已签署的文件须有日期。",
            ),
        ]

    # Words of the workflow's refusals.
    AUTHOR, THING = "送审人", "文件"

    def __str__(self) -> str:
        return self.title

    def is_own_work_of(self, person: Person) -> bool:
        return self.submitted_by_id == person.pk

    @property
    def number_text(self) -> str:
        """江经党承〔2026〕3号; empty before approval."""
        return f"{self.kind.number_prefix}〔{self.number_year}〕{self.number}号" if self.number else ""

    @property
    def whose(self) -> str:
        """Whose paper it is: 分管财务副校长, 会计学院."""
        return self.post.full_title if self.post_id else self.organisation.full_name

    @property
    def may_change(self) -> bool:
        return self.state in (self.State.DRAFT, self.State.RETURNED)

    @property
    def steps(self) -> list[str]:
        """The review steps of this one, as it was sent up."""
        return self.steps_sent_by(self.submitted_by)

    def steps_sent_by(self, person: Person | None) -> list[str]:
        """The review steps when ``person`` sends it up: the secretary does not review what he himself owes.

        What he signs for the committee goes to him unreviewed when his office sends it up, for then his is the second
        pair of eyes; what he sends up himself his office looks at first (四眼).
        """
        from accountability.access import holds

        kind, own = self.kind, self.post is not None and self.post.role == Role.SECRETARY
        for_committee = not kind.steps and kind.signing == DocumentKind.Signing.SECRETARY
        if for_committee and person is not None and holds(person, Role.SECRETARY):
            return ["office"]
        return [step for step in kind.steps if not (own and step == "secretary")]


class DocumentDraft(models.Model):
    """工作稿: what is being typed, saved as it is typed; ``revision`` keeps two editors from overwriting one another."""

    document = models.OneToOneField(Document, models.CASCADE, related_name="draft", verbose_name="文件")
    title = models.CharField("标题", max_length=120)
    text = models.TextField("正文", blank=True)
    revision = models.PositiveIntegerField("修改次数", default=0)
    saved_at = models.DateTimeField("保存时间")
    saved_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="保存人")

    class Meta:
        verbose_name = verbose_name_plural = "工作稿"

    def __str__(self) -> str:
        return self.title


def frozen_path(version: "DocumentVersion", filename: str) -> str:
    return f"documents/{version.pdf_sha256[:2]}/{version.pdf_sha256}"


def source_path(version: "DocumentVersion", filename: str) -> str:
    return f"{frozen_path(version, filename)}.source"


class DocumentVersion(models.Model):
    """版本: a text that was kept. Frozen once it has its PDF; the PDF is stored under its own hash."""

    class Source(models.TextChoices):
        TEMPLATE = "template", "由模板生成"
        TYPED = "typed", "网页编辑"
        UPLOADED = "uploaded", "上传 Word 文件"
        LAST_YEAR = "last_year", "带入上年文本"

    document = models.ForeignKey(Document, models.PROTECT, related_name="versions", verbose_name="文件")
    number = models.PositiveSmallIntegerField("版本")
    title = models.CharField("标题", max_length=120)
    text = models.TextField("正文", max_length=100_000)
    source = models.CharField("来源", max_length=10, choices=Source)
    edited_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="修改人")
    # In which capacity he wrote it: what the database needs to refuse the commission (三（二）1).
    edited_as = models.CharField("修改人身份", max_length=20, choices=Role)
    of_commission = models.BooleanField("纪委自己的文件", default=False)
    edited_at = models.DateTimeField("修改时间")
    pdf = models.FileField("PDF", upload_to=frozen_path, max_length=160, blank=True)
    pdf_sha256 = models.CharField("PDF 校验值", max_length=64, blank=True)
    pages = models.PositiveSmallIntegerField("页数", default=0)
    size = models.PositiveBigIntegerField("大小（字节）", default=0)
    frozen_at = models.DateTimeField("冻结时间", null=True, blank=True)
    missing = models.CharField("没有字形的字", max_length=60, blank=True)
    # What was set, compressed: from it the very same bytes are printed again.
    print_source = models.FileField("排版源", upload_to=source_path, max_length=170, blank=True)

    history = kept_history(excluded_fields=["text"])

    class Meta:
        verbose_name = verbose_name_plural = "文件版本"
        ordering = ("document", "-number")
        constraints = [
            models.UniqueConstraint(
                fields=("document", "number"),
                name="document_version_once",
                violation_error_message="该文件已有这个版本。",
            ),
            models.CheckConstraint(
                condition=Q(pdf="", pdf_sha256="", frozen_at=None)
                | (Q(pdf_sha256__length=64, frozen_at__isnull=False) & ~Q(pdf="")),
                name="document_version_frozen_has_hash",
                violation_error_message="冻结的版本须有文件和校验值。",
            ),
            models.CheckConstraint(
                condition=~Q(edited_as="discipline") | Q(of_commission=True),
                name="document_not_edited_by_commission",
                violation_error_message="纪委可以查阅和批注，不能修改责任主体的文件。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} 第 {self.number} 版"

    @property
    def is_frozen(self) -> bool:
        return bool(self.pdf_sha256)


class DocumentBatch(models.Model):
    """批量制作、送签、打印: one order with its job, its result line by line and, for printing, its file."""

    class Action(models.TextChoices):
        MAKE = "make", "批量制作"
        SUBMIT = "submit", "批量送审"
        PASS = "pass", "批量审定"
        PRINT = "print", "合并打印"

    action = models.CharField("办理", max_length=10, choices=Action)
    kind = models.ForeignKey(DocumentKind, models.PROTECT, related_name="+", verbose_name="文种")
    work_year = models.ForeignKey(WorkYear, models.PROTECT, related_name="+", verbose_name="工作年度")
    job = models.OneToOneField(Job, models.PROTECT, related_name="document_batch", verbose_name="后台任务")
    requested_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="发起人")
    created_at = models.DateTimeField("发起时间")
    # [{"whose": "会计学院", "done": true, "said": "已制作", "document": 12}, …]
    lines = models.JSONField("结果", default=list)
    file = models.FileField("文件", upload_to="batches/", max_length=160, blank=True)
    pages = models.PositiveIntegerField("页数", default=0)

    history = kept_history(excluded_fields=["lines"])

    class Meta:
        verbose_name = verbose_name_plural = "批量办理"
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return f"{self.get_action_display()}{self.kind}"

    @property
    def done(self) -> int:
        return sum(line["done"] for line in self.lines)

    @property
    def refused(self) -> list[dict]:
        return [line for line in self.lines if not line["done"]]
