"""监督文书的事项与答复: what is asked, the duty it became, each answer with its evaluation (三（二）1)."""

from datetime import date

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accountability.models import Duty, Obligation, Organisation, Person, Record
from accountability.models.history import kept_history
from inspections.models import Finding


class LetterMatterQuerySet(models.QuerySet):
    def unanswered(self) -> "LetterMatterQuerySet":
        """待答复: nothing confirmed has come, or it was sent back; what is no longer asked is not waited for."""
        return self.filter(state__in=LetterMatter.UNANSWERED).exclude(duty__state=Duty.State.WAIVED)

    def to_evaluate(self) -> "LetterMatterQuerySet":
        return self.filter(state=LetterMatter.State.ANSWERED)

    def unsettled(self) -> "LetterMatterQuerySet":
        return self.exclude(state=LetterMatter.State.SETTLED).exclude(duty__state=Duty.State.WAIVED)

    def late(self, on: date) -> "LetterMatterQuerySet":
        return self.unanswered().filter(duty__due_on__lt=on)

    def to_write_for(self, user) -> "LetterMatterQuerySet":
        """待我答复: of the units he keeps records for; of a 告知书, of the post he holds."""
        from accountability import access

        kept = Q(duty__organisation__in=access.organisations_where(user, "keep_record"), duty__bearer_post=None)
        open_ = self.filter(state__in=LetterMatter.TO_WRITE, duty__state=Duty.State.OPEN)
        return open_.filter(kept | Q(duty__bearer_post__in=access.posts_of(user)))

    def to_confirm_for(self, user) -> "LetterMatterQuerySet":
        """待我审核: an answer of my unit that another wrote."""
        waiting = Record.objects.waiting_for(user).filter(letter_answer__matter=OuterRef("pk"))
        return self.filter(Exists(waiting), state=LetterMatter.State.DRAFTED)

    def to_evaluate_for(self, user) -> "LetterMatterQuerySet":
        """待我评价: not of a unit he belongs to, not what he answered himself."""
        from inspections.research_access import own_units

        own = LetterAnswer.objects.filter(matter=OuterRef("pk"), answered_by=user)
        return self.to_evaluate().exclude(duty__organisation__in=own_units(user)).exclude(Exists(own))

    def whole(self) -> "LetterMatterQuerySet":
        """With all a page shows of it."""
        related = ("duty__organisation", "duty__owner__organisation__parent", "source_duty", "source_finding__round")
        return self.select_related(*related, "source_obligation").prefetch_related(
            models.Prefetch("answers", LetterAnswer.objects.with_people()), "escalations"
        )


class LetterMatter(models.Model):
    """事项: one thing that is asked, with what it came from; a duty once the letter is issued."""

    class State(models.TextChoices):
        WAITING = "waiting", "待答复"
        DRAFTED = "drafted", "待单位审核"
        ANSWERED = "answered", "待评价"
        SENT_BACK = "sent_back", "不满意，重新答复"
        SETTLED = "settled", "已办结"

    TO_WRITE = (State.WAITING, State.SENT_BACK)
    UNANSWERED = (State.WAITING, State.DRAFTED, State.SENT_BACK)
    AT_MOST = 10

    letter = models.ForeignKey("Letter", models.PROTECT, related_name="matters", verbose_name="文书")
    rank = models.PositiveSmallIntegerField("序号")
    text = models.TextField("内容", max_length=2000)
    basis = models.CharField("依据", max_length=300, blank=True)
    asked = models.TextField("要求", max_length=1000)
    due_on = models.DateField("答复期限")
    source_duty = models.ForeignKey(
        Duty, models.PROTECT, null=True, blank=True, related_name="letter_matters", verbose_name="来自责任事项"
    )
    source_finding = models.ForeignKey(
        Finding, models.PROTECT, null=True, blank=True, related_name="letter_matters", verbose_name="来自巡察问题"
    )
    source_obligation = models.ForeignKey(
        Obligation, models.PROTECT, null=True, blank=True, related_name="letter_matters", verbose_name="来自责任要求"
    )
    duty = models.OneToOneField(
        Duty, models.PROTECT, null=True, blank=True, related_name="letter_matter", verbose_name="责任事项"
    )
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    turns = models.PositiveSmallIntegerField("不满意次数", default=0)

    history = kept_history(sought_by=["letter"])
    objects = LetterMatterQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "文书事项"
        ordering = ("letter", "rank")
        constraints = [
            models.UniqueConstraint(
                fields=("letter", "rank"), name="letter_matter_rank_once", violation_error_message="序号重复。"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting") | Q(duty__isnull=False),
                name="letter_matter_moves_with_duty",
                violation_error_message="文书发出以后事项才能答复。",
            ),
            models.CheckConstraint(
                condition=~Q(text="") & ~Q(asked=""),
                name="letter_matter_is_written",
                violation_error_message="事项须有内容和要求。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter} 第{self.rank}项"

    @property
    def is_waived(self) -> bool:
        return self.duty is not None and self.duty.state == Duty.State.WAIVED

    @property
    def is_unanswered(self) -> bool:
        return self.state in self.UNANSWERED and not self.is_waived

    @property
    def answer(self) -> "LetterAnswer | None":
        """现在的答复: the last one that was not withdrawn. Reads what ``whole`` has fetched."""
        standing = [one for one in self.answers.all() if one.record.state != Record.State.WITHDRAWN]
        return standing[-1] if standing else None

    @property
    def former_answers(self) -> list["LetterAnswer"]:
        last = self.answer
        return [one for one in self.answers.all() if one != last]

    @property
    def unit(self) -> Organisation:
        """答复单位: where the duty stands now, after a unit was merged too."""
        return self.duty.organisation


class LetterAnswerQuerySet(models.QuerySet):
    def with_people(self) -> "LetterAnswerQuerySet":
        return self.select_related("record__entered_by", "record__decided_by", "answered_by", "evaluated_by").order_by(
            "pk"
        )


class LetterAnswer(models.Model):
    """答复: a record of the unit, and what the commission found of it."""

    class Grade(models.TextChoices):
        GOOD = "good", "满意"
        FAIR = "fair", "基本满意"
        POOR = "poor", "不满意"

    matter = models.ForeignKey(LetterMatter, models.PROTECT, related_name="answers", verbose_name="事项")
    record = models.OneToOneField(Record, models.PROTECT, related_name="letter_answer", verbose_name="答复记录")
    answered_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="答复人")
    answered_on = models.DateField("答复日期")
    grade = models.CharField("评价", max_length=8, choices=Grade, blank=True)
    words = models.CharField("评价意见", max_length=500, blank=True)
    evaluated_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="评价人"
    )
    evaluated_on = models.DateField("评价日期", null=True, blank=True)

    history = kept_history()
    objects = LetterAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "文书答复"
        ordering = ("matter", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(evaluated_by=None) | ~Q(evaluated_by=F("answered_by")),
                name="letter_evaluated_by_another",
                violation_error_message="答复人不能评价自己的答复。",
            ),
            models.CheckConstraint(
                condition=Q(grade="", words="", evaluated_by=None, evaluated_on=None)
                | ~Q(grade="") & Q(evaluated_by__isnull=False, evaluated_on__isnull=False),
                name="letter_evaluation_is_whole",
                violation_error_message="评价须有评价人和日期。",
            ),
            models.CheckConstraint(
                condition=~Q(grade="poor") | ~Q(words=""),
                name="letter_poor_says_why",
                violation_error_message="不满意须写明所缺事项。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.matter}的答复"
