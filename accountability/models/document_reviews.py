"""What people say of a document: 审核意见, 签署, 批注, 答复 (三（三）1, 三（三）3).

A signature is bound to the SHA-256 of one version's frozen PDF: a later version leaves it standing, as being for the old one.
"""

from django.db import models
from django.db.models import F, Q

from accountability.models.documents import Document, DocumentVersion
from accountability.models.history import kept_history
from accountability.models.people import Person, Post
from accountability.models.records import Record


class Review(models.Model):
    """审核意见: one verdict of one step on one version; who sent the document up never gives it (四眼)."""

    class Verdict(models.TextChoices):
        PASSED = "passed", "通过"
        RETURNED = "returned", "退回"

    document = models.ForeignKey(Document, models.PROTECT, related_name="reviews", verbose_name="文件")
    version = models.ForeignKey(DocumentVersion, models.PROTECT, related_name="reviews", verbose_name="版本")
    step = models.PositiveSmallIntegerField("第几步")
    label = models.CharField("环节", max_length=20)
    verdict = models.CharField("结论", max_length=10, choices=Verdict)
    reason = models.CharField("意见", max_length=300, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="审核人")
    # Kept here, so that the database can refuse a verdict on one's own work.
    submitted_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="送审人")
    at = models.DateTimeField("时间")

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "审核意见"
        ordering = ("at", "id")
        constraints = [
            models.CheckConstraint(
                condition=~Q(by=F("submitted_by")),
                name="review_four_eyes",
                violation_error_message="送审人不能审核自己送审的文件。",
            ),
            models.UniqueConstraint(
                fields=("version", "step"),
                condition=Q(verdict="passed"),
                name="review_passed_once",
                violation_error_message="这一版的这一步已经审核通过。",
            ),
            models.CheckConstraint(
                condition=Q(verdict="passed") | ~Q(reason=""),
                name="review_return_has_reason",
                violation_error_message="退回须写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label}{self.get_verdict_display()}"


class Signature(models.Model):
    """签署: an act of a named person with his password entered again, bound to the SHA-256 of the frozen PDF."""

    class Capacity(models.TextChoices):
        OWNER = "owner", "本人"
        LEADER = "leader", "校领导"
        HEAD = "head", "单位负责人"
        SECRETARY = "secretary", "签发人"

    document = models.ForeignKey(Document, models.PROTECT, related_name="signatures", verbose_name="文件")
    version = models.ForeignKey(DocumentVersion, models.PROTECT, related_name="signatures", verbose_name="版本")
    capacity = models.CharField("身份", max_length=10, choices=Capacity)
    person = models.ForeignKey(Person, models.PROTECT, related_name="signatures", verbose_name="签署人")
    post = models.ForeignKey(Post, models.PROTECT, related_name="+", verbose_name="岗位")
    post_title = models.CharField("签署时职务", max_length=80)
    # Who let it pass, kept here so that the database can refuse a signer who approved (四眼).
    approved_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审定人"
    )
    pdf_sha256 = models.CharField("PDF 校验值", max_length=64)
    signed_at = models.DateTimeField("签署时间")
    address = models.GenericIPAddressField("签署地址", null=True, blank=True)

    history = kept_history(sought_by=["document"])

    class Meta:
        verbose_name = verbose_name_plural = "签署"
        ordering = ("signed_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("version", "capacity"),
                name="signature_once_per_capacity",
                violation_error_message="这一版已由该身份签署。",
            ),
            models.UniqueConstraint(
                fields=("version", "person"),
                name="signature_once_per_person",
                violation_error_message="同一人不能代表双方签署。",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("person")),
                name="signature_four_eyes",
                violation_error_message="审定人不能签署自己审定的文件。",
            ),
            models.CheckConstraint(
                condition=Q(pdf_sha256__length=64),
                name="signature_is_bound",
                violation_error_message="签署须绑定冻结文件的校验值。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_capacity_display()} {self.person}"


class Comment(models.Model):
    """批注: what the commission, the secretary or another reader says about a version; it changes nothing in it."""

    document = models.ForeignKey(Document, models.PROTECT, related_name="comments", verbose_name="文件")
    version = models.ForeignKey(DocumentVersion, models.PROTECT, related_name="comments", verbose_name="版本")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="批注人")
    by_title = models.CharField("批注人职务", max_length=80, blank=True)
    text = models.CharField("批注", max_length=1000)
    at = models.DateTimeField("时间")

    history = kept_history(sought_by=["document"])

    class Meta:
        verbose_name = verbose_name_plural = "批注"
        ordering = ("at", "id")
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""), name="comment_says_something", violation_error_message="批注不能为空。"
            )
        ]

    def __str__(self) -> str:
        return self.text[:30]


class Answer(models.Model):
    """答复: what the school committee or the commission answers to a report from below (三（三）3)."""

    document = models.OneToOneField(Document, models.PROTECT, related_name="answer", verbose_name="报告")
    record = models.OneToOneField(Record, models.PROTECT, related_name="answer", verbose_name="履责记录")
    text = models.TextField("答复", max_length=5000)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="答复人")
    at = models.DateTimeField("答复时间")

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "答复"
        ordering = ("-at",)

    def __str__(self) -> str:
        return self.text[:30]
