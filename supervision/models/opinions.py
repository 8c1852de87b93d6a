"""廉洁意见: asked for by those who choose cadres, checked against each archive, answered under a number (二（二）)."""

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accountability.counting import number_of
from accountability.models import Duty, Job, Organisation, Person, Record, WorkYear
from accountability.models.history import kept_history


class OpinionQuerySet(models.QuerySet):
    def visible_to(self, user) -> "OpinionQuerySet":
        """All for the admitted; for who approves, what was checked; for the asking unit, its own.

        Nobody sees a list with himself or a relative on it, in whatever capacity.
        """
        from supervision.archives.access import approves_opinions, asking_units, is_keeper, relatives_of

        if not user.is_authenticated:
            return self.none()
        near = OpinionCadre.objects.filter(Q(person=user.pk) | Q(person__in=relatives_of(user)))
        kept_apart = self.exclude(pk__in=near.values("opinion"))
        if is_keeper(user):
            return kept_apart
        seen = Q(organisation__in=asking_units(user))
        if approves_opinions(user):
            seen |= Q(state__in=Opinion.CHECKED)
        return kept_apart.filter(seen)

    def open(self) -> "OpinionQuerySet":
        return self.filter(state__in=(Opinion.State.ASKED, Opinion.State.CHECKED))

    def waiting_for(self, user) -> "OpinionQuerySet":
        """待我办理: lists to check for the admitted; to approve for those who did not check them."""
        from supervision.archives.access import approves_opinions, is_keeper

        S = Opinion.State
        if not (is_keeper(user) or approves_opinions(user)):
            return self.none()
        own = OpinionCadre.objects.filter(opinion=OuterRef("pk"), checked_by=user.pk)
        mine = Q(state=S.CHECKED) & ~Q(proposed_by=user.pk) & ~Exists(own)
        if is_keeper(user):
            mine |= Q(state=S.ASKED)
        return self.visible_to(user).filter(mine)

    def for_list(self) -> "OpinionQuerySet":
        cadres = OpinionCadre.objects.filter(opinion=OuterRef("pk"))
        checked = number_of(cadres.exclude(conclusion=""))
        rows = self.select_related("organisation", "asked_by").annotate(asked_of=number_of(cadres), checked=checked)
        return rows.order_by("-asked_at", "-pk")


def reply_path(opinion: "Opinion", filename: str) -> str:
    return f"opinions/{opinion.pdf_sha256[:2]}/{opinion.pdf_sha256}"


class Opinion(models.Model):
    """廉洁意见征求与回复, one for a list of cadres. Its answer is a duty of the commission, without names."""

    class Purpose(models.TextChoices):
        PROMOTION = "promotion", "提拔任用"
        HONOURS = "honours", "评先评优"
        ELECTION = "election", "换届"
        OTHER = "other", "其他"

    class State(models.TextChoices):
        ASKED = "asked", "待查核"
        CHECKED = "checked", "待审核"
        APPROVED = "approved", "排版中"
        REPLIED = "replied", "已回复"
        WITHDRAWN = "withdrawn", "已撤回"

    AUTHOR, THING = "查核人", "廉洁意见"
    CHECKED = (State.CHECKED, State.APPROVED, State.REPLIED)

    purpose = models.CharField("用途", max_length=10, choices=Purpose)
    words = models.CharField("事项", max_length=200)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="征求单位")
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="征求人")
    asked_at = models.DateTimeField("征求时间")
    due_on = models.DateField("答复期限")
    work_year = models.ForeignKey(WorkYear, models.PROTECT, related_name="+", verbose_name="工作年度")
    duty = models.OneToOneField(Duty, models.PROTECT, related_name="opinion", verbose_name="责任事项")
    state = models.CharField("状态", max_length=10, choices=State, default=State.ASKED)
    proposed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提交人"
    )
    proposed_on = models.DateField("提交日期", null=True, blank=True)
    approved_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审核人"
    )
    approved_on = models.DateField("审核日期", null=True, blank=True)
    reason = models.CharField("退回或撤回原因", max_length=300, blank=True)
    # 文号 is given once, on approval, and stays though typesetting fails: the series has no gaps.
    number = models.CharField("文号", max_length=40, blank=True)
    replied_on = models.DateField("回复日期", null=True, blank=True)
    job = models.ForeignKey(
        Job, models.PROTECT, null=True, blank=True, related_name="opinions", verbose_name="后台任务"
    )
    pdf = models.FileField("PDF", upload_to=reply_path, max_length=160, blank=True)
    pdf_sha256 = models.CharField("PDF 校验值", max_length=64, blank=True)
    pages = models.PositiveSmallIntegerField("页数", default=0)
    record = models.OneToOneField(
        Record, models.PROTECT, null=True, blank=True, related_name="opinion", verbose_name="履责记录"
    )

    history = kept_history()
    objects = OpinionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "廉洁意见"
        ordering = ("-asked_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("number",),
                condition=~Q(number=""),
                name="opinion_number_once",
                violation_error_message="文号重复。",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("proposed_by")),
                name="opinion_four_eyes",
                violation_error_message="查核人不能审核自己查核的意见。",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("approved", "replied")) | (Q(approved_by__isnull=False) & ~Q(number="")),
                name="opinion_approved_has_number",
                violation_error_message="审核通过的意见须有审核人和文号。",
            ),
            models.CheckConstraint(
                condition=~Q(state="replied") | (Q(replied_on__isnull=False) & ~Q(pdf_sha256="")),
                name="opinion_replied_is_frozen",
                violation_error_message="已回复的意见须有日期和冻结的文件。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation.name}征求廉洁意见（{self.get_purpose_display()}）"

    def is_own_work_of(self, person: Person) -> bool:
        """Who checked any of them, or handed the list on."""
        return person.pk == self.proposed_by_id or self.cadres.filter(checked_by=person.pk).exists()


class OpinionCadre(models.Model):
    """人选: one line of the list, its check and what the reply says of it."""

    class Conclusion(models.TextChoices):
        NONE = "none", "无影响"
        EXPLAINED = "explained", "有影响需说明"
        DEFER = "defer", "建议暂缓"
        RECUSED = "recused", "因回避不出具意见"

    opinion = models.ForeignKey(Opinion, models.PROTECT, related_name="cadres", verbose_name="廉洁意见")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="人选")
    rank = models.PositiveSmallIntegerField("序号")
    post_words = models.CharField("现任职务", max_length=200, blank=True)
    conclusion = models.CharField("结论", max_length=10, choices=Conclusion, blank=True)
    statement = models.CharField("回复说明", max_length=300, blank=True)
    notes = models.TextField("查核情况", max_length=1000, blank=True)
    checked_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="查核人"
    )
    checked_at = models.DateTimeField("查核时间", null=True, blank=True)
    # Who approved the list, kept here so that the database can refuse one who checked (四眼).
    approved_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审核人"
    )

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "廉洁意见人选"
        ordering = ("opinion", "rank")
        constraints = [
            models.UniqueConstraint(
                fields=("opinion", "person"),
                name="opinion_cadre_once",
                violation_error_message="这位同志已在名单中。",
            ),
            models.CheckConstraint(
                condition=(Q(checked_by=None) | ~Q(checked_by=F("person")))
                & (Q(approved_by=None) | ~Q(approved_by=F("person"))),
                name="opinion_not_of_oneself",
                violation_error_message="本人不能查核或审核自己的廉洁意见。",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("checked_by")),
                name="opinion_cadre_four_eyes",
                violation_error_message="查核人不能审核自己查核的意见。",
            ),
            models.CheckConstraint(
                condition=Q(conclusion="", checked_by=None, checked_at=None)
                | (~Q(conclusion="") & Q(checked_by__isnull=False, checked_at__isnull=False)),
                name="opinion_conclusion_whole",
                violation_error_message="结论须有查核人和时间。",
            ),
            models.CheckConstraint(
                condition=~Q(conclusion__in=("explained", "defer")) | ~Q(statement=""),
                name="opinion_explained_in_words",
                violation_error_message="有影响和建议暂缓的，须写明说明。",
            ),
        ]

    def __str__(self) -> str:
        return self.person.name
