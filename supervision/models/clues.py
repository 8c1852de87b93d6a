"""线索移送: a clue shared with named people and with nobody else, each answering for himself (三（二）3, 四（二）).

Nothing here is a Duty: a duty is seen by the whole unit. Days are kept on the rows, and told to the person alone.
"""

from datetime import date

from django.db import models
from django.db.models import F, Q

from accountability.models import Organisation, Person, Post
from accountability.models.history import kept_history
from accountability.models.kept_papers import KeptPaper
from inspections.models import Sign
from supervision.models.admissions import Secret
from supervision.models.oversight import Source


class ClueQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ClueQuerySet":
        """Who is admitted, unless it is about his own unit; who handed it in. A recipient sees his item, not this."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(direction=Clue.Direction.IN, sender=user.pk) | self._known_to(user))

    def known_to(self, user) -> "ClueQuerySet":
        """知悉: all of it, recipients and answers included."""
        return self.filter(self._known_to(user))

    @staticmethod
    def _known_to(user) -> Q:
        from inspections.research_access import own_units
        from supervision.access import admitted

        if not admitted(user, Secret.CLUE):
            return Q(pk__in=[])
        return Q(organisation=None) | ~Q(organisation__in=own_units(user))

    def open(self) -> "ClueQuerySet":
        return self.exclude(state=Clue.State.CLOSED)

    def waiting_for(self, user) -> "ClueQuerySet":
        """待我办理: handed in and not received; returned to me; every answer adopted and still not concluded."""
        from supervision.access import admitted

        waits = Q(state=Clue.State.RETURNED, sender=user.pk)
        if admitted(user, Secret.CLUE):
            asked = ClueItem.objects.exclude(state=ClueItem.State.RECALLED)
            unsettled = asked.exclude(state=ClueItem.State.ADOPTED).values("clue")
            ripe = Q(state=Clue.State.OPEN, pk__in=asked.values("clue")) & ~Q(pk__in=unsettled)
            waits |= Q(state=Clue.State.HANDED) & ~Q(sender=user.pk) | ripe
        return self.visible_to(user).filter(waits)

    def for_list(self) -> "ClueQuerySet":
        return self.select_related("sender", "post__organisation__parent", "organisation").prefetch_related(
            "items__person", "items__post__organisation__parent"
        )


class Clue(models.Model):
    """移送事项. Words without details: no name, no sum, no report's text; those stay in the case files."""

    class Direction(models.TextChoices):
        OUT = "out", "纪委移送"
        IN = "in", "移送纪委"

    class State(models.TextChoices):
        HANDED = "handed", "待接收"
        RETURNED = "returned", "退回补充"
        OPEN = "open", "办理中"
        CLOSED = "closed", "已办结"

    class Result(models.TextChoices):
        HANDLED = "handled", "已处理"
        PARTLY = "partly", "部分处理，继续关注"
        UNFOUNDED = "unfounded", "了结"
        REFERRED = "referred", "转有关程序办理"
        ON_HOLD = "on_hold", "暂存待查"

    AUTHOR, THING = "移送人", "移送事项"

    # 编号 is for the admitted alone: a series tells how many there are.
    number = models.CharField("编号", max_length=40, unique=True)
    direction = models.CharField("方向", max_length=4, choices=Direction)
    source = models.CharField("监督来源", max_length=12, choices=Source)
    category = models.CharField("类别", max_length=12, choices=Sign.Category)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="涉及单位"
    )
    words = models.CharField("事项", max_length=500)
    sender = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="移送人")
    post = models.ForeignKey(Post, models.PROTECT, related_name="+", verbose_name="移送岗位")
    sent_on = models.DateField("移送日期")
    sent_at = models.DateTimeField("移送时间")
    state = models.CharField("状态", max_length=10, choices=State)
    received_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="接收人"
    )
    received_at = models.DateTimeField("接收时间", null=True, blank=True)
    lacking = models.CharField("所缺事项", max_length=300, blank=True)
    # 答复互见: recipients read each other's answers only when the sender's side says so.
    answers_open = models.BooleanField("答复互见", default=False)
    result = models.CharField("办理结果", max_length=10, choices=Result, blank=True)
    closing = models.CharField("办结说明", max_length=300, blank=True)
    closed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="办结人"
    )
    closed_on = models.DateField("办结日期", null=True, blank=True)

    history = kept_history()
    objects = ClueQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "移送事项"
        ordering = ("-sent_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=~Q(words=""), name="clue_says_what", violation_error_message="请写明事项。"
            ),
            models.CheckConstraint(
                condition=Q(received_by=None) | ~Q(received_by=F("sender")),
                name="clue_received_by_another",
                violation_error_message="移送人不能接收自己移送的事项。",
            ),
            models.CheckConstraint(
                condition=Q(direction="in") | (Q(received_by=None) & ~Q(state__in=("handed", "returned"))),
                name="clue_received_only_when_handed_in",
                violation_error_message="纪委移送的事项不需要接收。",
            ),
            models.CheckConstraint(
                condition=~Q(direction="in", state__in=("open", "closed")) | Q(received_by__isnull=False),
                name="clue_handed_in_is_received",
                violation_error_message="移送纪委的事项接收后才能办理。",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_by__isnull=False, closed_on__isnull=False) & ~Q(result="")
                | ~Q(state="closed") & Q(closed_by=None, closed_on=None, result=""),
                name="clue_closed_with_result",
                violation_error_message="办结须有结果、办结人和日期。",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | ~Q(lacking=""),
                name="clue_returned_says_why",
                violation_error_message="退回须写明所缺事项。",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def is_own_work_of(self, person: Person) -> bool:
        return self.sender_id == person.pk

    @property
    def is_inbound(self) -> bool:
        return self.direction == self.Direction.IN


class ClueItemQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ClueItemQuerySet":
        """Of clues one may see; the recipient's own, while he holds the post; others' answers where they were opened."""
        from accountability.access import posts_of
        from supervision.access import admitted

        if not user.is_authenticated:
            return self.none()
        seen = self._mine(user, posts_of(user))
        mine = ClueItem.objects.filter(seen)
        opened = Q(clue__answers_open=True, clue__in=mine.values("clue"), state__in=ClueItem.TOLD)
        seen = Q(pk__in=mine.values("pk")) | opened
        if admitted(user, Secret.CLUE):
            seen |= Q(clue__in=Clue.objects.known_to(user).values("pk"))
        return self.filter(seen)

    @staticmethod
    def _mine(user, posts) -> Q:
        return Q(person=user.pk, post__in=posts) & ~Q(state=ClueItem.State.RECALLED)

    def received_by(self, user) -> "ClueItemQuerySet":
        """我收到的."""
        from accountability.access import posts_of

        return self.filter(self._mine(user, posts_of(user)))

    def unanswered(self) -> "ClueItemQuerySet":
        return self.filter(state__in=ClueItem.TO_ANSWER, clue__state=Clue.State.OPEN)

    def late(self, on: date) -> "ClueItemQuerySet":
        """移送逾期未答复."""
        return self.unanswered().filter(due_on__lt=on)

    def to_decide(self) -> "ClueItemQuerySet":
        return self.filter(state=ClueItem.State.ANSWERED, clue__state=Clue.State.OPEN)

    def waiting_for(self, user) -> "ClueItemQuerySet":
        """待我办理: mine to answer; for the admitted, answers to decide that are not their own."""
        from supervision.access import admitted

        waits = Q(pk__in=self.model.objects.received_by(user).unanswered().values("pk"))
        if admitted(user, Secret.CLUE):
            waits |= Q(pk__in=self.model.objects.to_decide().exclude(person=user.pk).values("pk"))
        return self.visible_to(user).filter(waits)

    def for_list(self) -> "ClueItemQuerySet":
        return self.select_related("clue__organisation", "person", "post__organisation__parent", "named_by")


class ClueItem(models.Model):
    """移送给一个人的事项: what he is asked, by which day, and what he answered."""

    class State(models.TextChoices):
        SENT = "sent", "已送"
        READ = "read", "已阅"
        ANSWERED = "answered", "已答复"
        RETURNED = "returned", "退回补充"
        ADOPTED = "adopted", "已采纳"
        RECALLED = "recalled", "已撤回"

    AUTHOR, THING = "答复人", "答复"
    TO_ANSWER = ("sent", "read", "returned")
    TOLD = ("answered", "adopted")

    clue = models.ForeignKey(Clue, models.PROTECT, related_name="items", verbose_name="移送事项")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="接收人")
    post = models.ForeignKey(Post, models.PROTECT, related_name="+", verbose_name="岗位")
    asked = models.CharField("请协助事项", max_length=300)
    due_on = models.DateField("答复期限")
    state = models.CharField("状态", max_length=10, choices=State, default=State.SENT)
    named_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="移送人")
    named_at = models.DateTimeField("移送时间")
    reason = models.CharField("移送理由", max_length=200)
    read_at = models.DateTimeField("阅知时间", null=True, blank=True)
    answer = models.TextField("答复", max_length=2000, blank=True)
    answered_on = models.DateField("答复日期", null=True, blank=True)
    decided_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="采纳人"
    )
    decided_on = models.DateField("采纳日期", null=True, blank=True)
    lacking = models.CharField("所缺事项", max_length=300, blank=True)
    turns = models.PositiveSmallIntegerField("退回次数", default=0)

    history = kept_history(sought_by=["clue"])
    objects = ClueItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "移送接收"
        ordering = ("due_on", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("clue", "person"),
                condition=~Q(state="recalled"),
                name="clue_item_once",
                violation_error_message="这位同志已收到这一事项。",
            ),
            models.CheckConstraint(
                condition=~Q(named_by=F("person")),
                name="clue_item_named_by_another",
                violation_error_message="不能移送给自己。",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="clue_item_has_reason", violation_error_message="移送须有理由。"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("person")),
                name="clue_item_decided_by_another",
                violation_error_message="答复人不能采纳自己的答复。",
            ),
            models.CheckConstraint(
                condition=Q(state="adopted", decided_by__isnull=False, decided_on__isnull=False)
                | (~Q(state="adopted") & Q(decided_by=None, decided_on=None)),
                name="clue_item_adopted_is_whole",
                violation_error_message="采纳须有采纳人和日期。",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("answered", "adopted", "returned"))
                | (~Q(answer="") & Q(answered_on__isnull=False)),
                name="clue_item_answered_says_what",
                violation_error_message="答复须有内容和日期。",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | ~Q(lacking=""),
                name="clue_item_returned_says_why",
                violation_error_message="退回须写明所缺事项。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clue} · {self.person}"

    def is_own_work_of(self, person: Person) -> bool:
        return self.person_id == person.pk

    @property
    def is_unanswered(self) -> bool:
        return self.state in self.TO_ANSWER and self.clue.state == Clue.State.OPEN


class CluePaper(KeptPaper):
    """答复材料: seen by whoever sees the answer."""

    FOLDER, SEEN_WITH = "clues", "item"

    item = models.ForeignKey(ClueItem, models.PROTECT, related_name="papers", verbose_name="移送接收")

    history = kept_history()

    class Meta(KeptPaper.Meta):
        verbose_name = verbose_name_plural = "答复材料"
        constraints = KeptPaper.once("item")
