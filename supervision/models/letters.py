"""一单三书: letters by which the commission asks a unit to answer, matter by matter, by a day (三（二）1, 三（二）2, 四（三）)."""

from datetime import date

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery

from accountability.counting import number_of
from accountability.models import Duty, Job, Organisation, Person, Portfolio, Post, Role, WorkYear
from accountability.models.history import kept_history
from supervision.models.admissions import Secret
from supervision.models.letter_matters import LetterMatter

ADMINISTRATORS = {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN}


class LetterQuerySet(models.QuerySet):
    def visible_to(self, user, on: date | None = None) -> "LetterQuerySet":
        """All for the commission; what is issued for secretary, office, the unit, its leader in charge, who got a copy.

        A 告知书 is about a person: for who is admitted, drafted or signed it, for himself and for his unit's head alone.
        """
        from accountability import access

        if not user.is_authenticated or access.roles_of(user) & ADMINISTRATORS:
            return self.none()
        return self.filter(
            ~Q(kind=Letter.Kind.INFORM) & _open_to(user, on) | Q(kind=Letter.Kind.INFORM) & _told_to(user)
        )

    def confidential(self) -> "LetterQuerySet":
        return self.filter(kind=Letter.Kind.INFORM)

    def issued(self) -> "LetterQuerySet":
        """已发出: in force, whatever became of it; neither drafts nor what was revoked."""
        return self.filter(state=Letter.State.ISSUED)

    def unread(self) -> "LetterQuerySet":
        return self.issued().filter(read_at=None)

    def waiting(self) -> "LetterQuerySet":
        """待答复: a matter has no confirmed answer, or it was sent back."""
        return self.issued().filter(_has(LetterMatter.objects.unanswered()))

    def to_evaluate(self) -> "LetterQuerySet":
        return self.issued().filter(_has(LetterMatter.objects.to_evaluate()))

    def late(self, on: date) -> "LetterQuerySet":
        """逾期未答复: the day of a matter has passed without a confirmed answer."""
        return self.issued().filter(_has(LetterMatter.objects.late(on)))

    def poor(self) -> "LetterQuerySet":
        """不满意: an answer was found wanting, whether or not another came since."""
        return self.issued().filter(_has(LetterMatter.objects.filter(turns__gt=0)))

    def concluded(self) -> "LetterQuerySet":
        """已办结: every matter is evaluated, or no longer asked."""
        return self.issued().exclude(_has(LetterMatter.objects.unsettled()))

    def waiting_for(self, user) -> "LetterQuerySet":
        """待我办理: to sign, to mend, to acknowledge, to answer, to confirm, to evaluate. Comes scoped."""
        from accountability import access

        matters = LetterMatter.objects
        here = access.organisations_where(user, "confirm_record")
        to_read = Q(state=Letter.State.ISSUED, read_at=None)
        to_read &= Q(head__in=access.posts_of(user)) | Q(recipient__in=here) & ~Q(kind=Letter.Kind.INFORM)
        mine = Q(state=Letter.State.PROPOSED, signer=user) | to_read
        issued = _has(matters.to_write_for(user)) | _has(matters.to_confirm_for(user))
        if access.may_supervise(user):
            mine |= Q(state=Letter.State.DRAFT, drafted_by=user)
            issued |= _has(matters.to_evaluate_for(user))
        return self.filter(mine | Q(state=Letter.State.ISSUED) & issued)

    def for_list(self) -> "LetterQuerySet":
        """With what a line shows: matters, how many are answered and settled, the first day still waited for."""
        matters = LetterMatter.objects.filter(letter=OuterRef("pk")).order_by()
        waited = matters.filter(state__in=LetterMatter.UNANSWERED).exclude(duty__state=Duty.State.WAIVED)
        counted = self.annotate(
            asked=number_of(matters),
            waited=number_of(waited),
            answered=number_of(matters.filter(state=LetterMatter.State.ANSWERED)),
            next_due=Subquery(waited.order_by("duty__due_on").values("duty__due_on")[:1]),
        )
        rows = counted.select_related("recipient__parent", "person", "escalates__letter", "drafted_by", "signer")
        return rows.order_by(F("issued_at").desc(nulls_first=True), "-pk")


def _has(matters) -> Exists:
    return Exists(matters.filter(letter=OuterRef("pk")))


def _hands(user) -> Q:
    """拟稿人、签发人, as long as they hold the office that made them so."""
    from accountability import access

    hands = Q(pk__in=[])
    if access.may_supervise(user):
        hands |= Q(drafted_by=user)
    if access.may_supervise(user) or access.holds(user, Role.SECRETARY):
        hands |= Q(signer=user)
    return hands


def _open_to(user, on: date | None) -> Q:
    from django.utils import timezone

    from accountability import access

    if access.may_supervise(user):
        return Q()
    issued = Q(issued_at__isnull=False)
    if access.may_manage_duties(user) or access.holds(user, Role.SECRETARY):
        return issued | _hands(user)
    posts = access.posts_of(user)
    here = access.organisations_where(user, "keep_record") | access.organisations_where(user, "confirm_record")
    led = Portfolio.objects.in_force(on or timezone.localdate()).filter(post__in=posts).values("organisation")
    addressed = Q(recipient__in=here) | Q(recipient__merged_into__in=here)
    return issued & (addressed | Q(recipient__in=led) | Q(copied_to__in=posts))


def _told_to(user) -> Q:
    from accountability import access
    from supervision.access import named_for

    told = _hands(user) | Q(issued_at__isnull=False) & (Q(person=user) | Q(head__in=access.posts_of(user)))
    return told | named_for(user, Secret.FORM) & ~Q(person=user)


class Letter(models.Model):
    """监督文书. Issued it never changes; each matter of it is a duty of the recipient."""

    class Kind(models.TextChoices):
        ORDER = "order", "督办单（抄告单）"
        OPINION = "opinion", "监督意见书"
        ADVICE = "advice", "监督建议书"
        INFORM = "inform", "第一种形态告知书"

    class State(models.TextChoices):
        DRAFT = "draft", "拟稿"
        PROPOSED = "proposed", "待签发"
        ISSUED = "issued", "已发出"
        WITHDRAWN = "withdrawn", "已作废"
        REVOKED = "revoked", "已撤销"

    AUTHOR, THING = "拟稿、修改或送审的人", "文书"

    kind = models.CharField("文书种类", max_length=10, choices=Kind)
    number = models.CharField("文号", max_length=60, blank=True)
    work_year = models.ForeignKey(WorkYear, models.PROTECT, related_name="letters", verbose_name="工作年度")
    recipient = models.ForeignKey(Organisation, models.PROTECT, related_name="letters", verbose_name="收文单位")
    # 单位负责人: whose holder acknowledges it; kept, so that a 告知书 stays with the post it was sent to.
    head = models.ForeignKey(Post, models.PROTECT, related_name="letters_received", verbose_name="单位负责人岗位")
    responsible = models.ForeignKey(
        Post, models.PROTECT, null=True, blank=True, related_name="letters_answered_for", verbose_name="责任人"
    )
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="letters_about", verbose_name="被告知人"
    )
    copied_to = models.ForeignKey(
        Post, models.PROTECT, null=True, blank=True, related_name="letters_copied", verbose_name="抄送"
    )
    subject = models.CharField("事由", max_length=80)
    escalates = models.ForeignKey(
        LetterMatter, models.PROTECT, null=True, blank=True, related_name="escalations", verbose_name="提级督办的事项"
    )
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    returned_reason = models.CharField("退回原因", max_length=300, blank=True)
    drafted_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="拟稿人")
    drafted_at = models.DateTimeField("拟稿时间")
    edited_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="最后修改人")
    proposed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="送审人"
    )
    proposed_on = models.DateField("送审日期", null=True, blank=True)
    signer = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="签发人")
    issued_at = models.DateTimeField("签发时间", null=True, blank=True)
    issued_on = models.DateField("签发日期", null=True, blank=True)
    read_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="签收人")
    read_at = models.DateTimeField("签收时间", null=True, blank=True)
    closed_reason = models.CharField("作废或撤销的原因", max_length=300, blank=True)
    closed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="作废或撤销人"
    )
    closed_on = models.DateField("作废或撤销日期", null=True, blank=True)
    job = models.ForeignKey(Job, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="后台任务")
    pdf = models.FileField("PDF", upload_to="letters/", max_length=160, blank=True)
    pdf_sha256 = models.CharField("校验值", max_length=64, blank=True)
    pages = models.PositiveSmallIntegerField("页数", default=0)

    history = kept_history()
    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "监督文书"
        ordering = ("-drafted_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("number",),
                condition=~Q(number=""),
                name="letter_number_once",
                violation_error_message="这个文号已用于另一份文书。",
            ),
            models.UniqueConstraint(
                fields=("escalates",),
                condition=~Q(state__in=("withdrawn", "revoked")),
                name="letter_escalates_once",
                violation_error_message="这件事项已经提级督办。",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(signer=None) | Q(**{f"{hand}_by": None}) | ~Q(signer=F(f"{hand}_by")),
                    name=f"letter_signer_not_{hand}",
                    violation_error_message="拟稿、修改或送审的人不能签发。",
                )
                for hand in ("drafted", "edited", "proposed")
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "withdrawn"), signer=None, issued_at=None, issued_on=None, number="")
                | Q(state="proposed", signer__isnull=False, proposed_by__isnull=False, issued_at=None, number="")
                | Q(
                    state__in=("issued", "revoked"),
                    signer__isnull=False,
                    proposed_by__isnull=False,
                    issued_at__isnull=False,
                    issued_on__isnull=False,
                )
                & ~Q(number=""),
                name="letter_issued_is_whole",
                violation_error_message="签发须有送审人、签发人、日期和文号。",
            ),
            models.CheckConstraint(
                condition=Q(kind="inform", person__isnull=False, copied_to=None, escalates=None)
                | ~Q(kind="inform") & Q(person=None),
                name="letter_inform_is_about_one",
                violation_error_message="告知书须有被告知人，不抄送、不用于提级；其他文书不写被告知人。",
            ),
            models.CheckConstraint(
                condition=Q(read_by=None, read_at=None)
                | Q(read_by__isnull=False, read_at__isnull=False, issued_at__isnull=False),
                name="letter_read_by_one",
                violation_error_message="签收须有签收人和时间，且文书已发出。",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("withdrawn", "revoked"), closed_by__isnull=False, closed_on__isnull=False)
                & ~Q(closed_reason="")
                | ~Q(state__in=("withdrawn", "revoked")) & Q(closed_by=None, closed_on=None, closed_reason=""),
                name="letter_closed_says_why",
                violation_error_message="作废或撤销须有原因、办理人和日期。",
            ),
            models.CheckConstraint(
                condition=Q(pdf="", pdf_sha256="", pages=0)
                | ~Q(pdf="") & ~Q(pdf_sha256="") & Q(pages__gt=0, issued_at__isnull=False),
                name="letter_pdf_is_frozen",
                violation_error_message="PDF 须有校验值和页数，且文书已发出。",
            ),
        ]

    def __str__(self) -> str:
        return self.number or self.title

    @property
    def kind_word(self) -> str:
        """督办单, without its second name."""
        return self.get_kind_display().partition("（")[0]

    @property
    def title(self) -> str:
        return f"关于{self.subject}的{self.kind_word}"

    @property
    def is_confidential(self) -> bool:
        return self.kind == self.Kind.INFORM

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def is_issued(self) -> bool:
        return self.state == self.State.ISSUED

    def is_own_work_of(self, person: Person) -> bool:
        return person.pk in (self.drafted_by_id, self.edited_by_id, self.proposed_by_id)
