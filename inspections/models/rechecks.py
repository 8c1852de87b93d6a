"""销号抽查: a sample of closed findings drawn by a seed, each looked at on the spot by a fourth person (三（四）1)."""

from datetime import date
from hashlib import sha256

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accountability.counting import number_of
from accountability.models import Organisation, Person
from accountability.models.history import kept_history
from accountability.models.kept_papers import KeptPaper
from inspections.models.findings import Finding
from inspections.models.rounds import Round, RoundMember, manages
from inspections.sampling import Candidate, draw


class RecheckQuerySet(models.QuerySet):
    def visible_to(self, user) -> "RecheckQuerySet":
        """All for who manages; what is concluded for who sees the school; while it runs, for who is named to check."""
        from accountability.access import may_see_whole_school

        if manages(user):
            return self
        named = RecheckItem.objects.named(user).values("recheck")
        concluded = Q(state=Recheck.State.CONCLUDED) if may_see_whole_school(user) else Q(pk__in=[])
        return self.filter(concluded | Q(pk__in=named))

    def running(self) -> "RecheckQuerySet":
        return self.filter(state=Recheck.State.RUNNING)

    def for_list(self) -> "RecheckQuerySet":
        items = RecheckItem.objects.filter(recheck=OuterRef("pk"))
        counted = self.select_related("round", "drawn_by").annotate(
            drawn=number_of(items),
            checked=number_of(items.exclude(result="")),
            false=number_of(items.filter(result=RecheckItem.Result.FALSE)),
        )
        return counted.order_by("-drawn_at", "-pk")


class Recheck(models.Model):
    """抽查. ``frame`` keeps every candidate of the moment, so that the draw can be repeated for ever."""

    class State(models.TextChoices):
        RUNNING = "running", "抽查中"
        CONCLUDED = "concluded", "已办结"

    number = models.CharField("编号", max_length=12, unique=True)
    round = models.ForeignKey(
        Round, models.PROTECT, null=True, blank=True, related_name="rechecks", verbose_name="轮次"
    )
    closed_from = models.DateField("销号日期自", null=True, blank=True)
    closed_until = models.DateField("销号日期至", null=True, blank=True)
    size = models.PositiveSmallIntegerField("抽查数量")
    seed = models.CharField("种子", max_length=40)
    # [{"number": …, "unit": …, "is_focus": …, "finding": id}]
    frame = models.JSONField("抽样框", default=list)
    frame_sha256 = models.CharField("抽样框校验值", max_length=64)
    state = models.CharField("状态", max_length=10, choices=State, default=State.RUNNING)
    drawn_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="抽取人")
    drawn_at = models.DateTimeField("抽取时间")
    concluded_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="办结人"
    )
    concluded_on = models.DateField("办结日期", null=True, blank=True)
    unchecked_reason = models.CharField("未查原因", max_length=300, blank=True)

    history = kept_history(excluded_fields=["frame"])
    objects = RecheckQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "销号抽查"
        ordering = ("-drawn_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(round__isnull=False, closed_from=None, closed_until=None)
                | Q(round=None, closed_from__isnull=False, closed_until__gte=F("closed_from")),
                name="recheck_of_round_or_period",
                violation_error_message="抽查一个轮次，或者一段日期内各轮销号的问题；起止日期不能颠倒。",
            ),
            models.CheckConstraint(
                condition=Q(size__gte=1), name="recheck_draws_some", violation_error_message="至少抽查 1 个问题。"
            ),
            models.CheckConstraint(
                condition=~Q(seed=""), name="recheck_has_seed", violation_error_message="抽查须有种子。"
            ),
            models.CheckConstraint(
                condition=Q(state="concluded", concluded_by__isnull=False, concluded_on__isnull=False)
                | Q(state="running", concluded_by=None, concluded_on=None),
                name="recheck_concluded_by_one",
                violation_error_message="办结须有办结人和日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} 号抽查"

    @property
    def scope_words(self) -> str:
        if self.round_id:
            return self.round.name
        return f"{self.closed_from} 至 {self.closed_until} 各轮销号的问题"

    @property
    def candidates(self) -> list[Candidate]:
        return [Candidate(row["number"], row["unit"], row["is_focus"]) for row in self.frame]

    def redraw(self) -> list[str]:
        """复算: what the kept list and the kept seed draw, now."""
        return draw(self.candidates, self.size, self.seed)


def frame_sha256(frame: list[dict]) -> str:
    """抽样框校验值: over its lines in the order of their numbers, as the page shows them."""
    lines = sorted(f"{row['number']}|{row['unit']}|{'是' if row['is_focus'] else '否'}" for row in frame)
    return sha256("\n".join(lines).encode()).hexdigest()


class RecheckItemQuerySet(models.QuerySet):
    def visible_to(self, user, on: date | None = None) -> "RecheckItemQuerySet":
        """All for who manages; one's own while it runs; a result, once recorded, for the unit and the round's team."""
        if manages(user):
            return self
        within = Organisation.objects.reach_of(user)
        told = Q(finding__organisation__in=within) | Q(finding__round__in=RoundMember.objects.at_work(user, on))
        return self.filter(Q(pk__in=RecheckItem.objects.named(user).values("pk")) | (~Q(result="") & told))

    def named(self, user) -> "RecheckItemQuerySet":
        """指定核查: what ``user`` is named to look at, while the recheck runs."""
        return self.filter(checker=user.pk, recheck__state=Recheck.State.RUNNING)

    def checked(self) -> "RecheckItemQuerySet":
        return self.exclude(result="")

    def false(self) -> "RecheckItemQuerySet":
        return self.filter(result=RecheckItem.Result.FALSE)

    def for_list(self) -> "RecheckItemQuerySet":
        again = Finding.objects.filter(predecessor=OuterRef("finding"))
        return self.select_related(
            "recheck__round", "finding__round", "finding__organisation__parent", "checker", "checked_by"
        ).annotate(is_reopened=Exists(again))


def _is_not_one_of_three(name: str) -> Q:
    return Q(**{name: None}) | (
        ~Q(**{name: F("applied_by")}) & ~Q(**{name: F("reviewed_by")}) & ~Q(**{name: F("verified_by")})
    )


class RecheckItem(models.Model):
    """被抽查的问题. The three who closed it are kept beside it: none of them looks at his own closing again."""

    class Result(models.TextChoices):
        REAL = "real", "属实"
        PARTIAL = "partial", "部分属实"
        FALSE = "false", "虚假销号"

    recheck = models.ForeignKey(Recheck, models.PROTECT, related_name="items", verbose_name="抽查")
    finding = models.ForeignKey(Finding, models.PROTECT, related_name="rechecks", verbose_name="问题")
    rank = models.PositiveSmallIntegerField("签序")
    applied_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="销号申请人")
    reviewed_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="单位审核人")
    verified_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="核验人")
    checker = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="指定核查人"
    )
    result = models.CharField("结果", max_length=8, choices=Result, blank=True)
    words = models.TextField("核查情况", max_length=2000, blank=True)
    requirement = models.CharField("整改要求", max_length=500, blank=True)
    checked_on = models.DateField("核查日期", null=True, blank=True)
    place = models.CharField("核查地点", max_length=100, blank=True)
    checked_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核查人"
    )
    checked_at = models.DateTimeField("登记时间", null=True, blank=True)

    history = kept_history()
    objects = RecheckItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "抽查问题"
        ordering = ("recheck", "rank")
        constraints = [
            models.UniqueConstraint(
                fields=("recheck", "finding"),
                name="recheck_item_once",
                violation_error_message="这个问题已在本次抽查之列。",
            ),
            models.UniqueConstraint(
                fields=("recheck", "rank"), name="recheck_rank_once", violation_error_message="签序重复。"
            ),
            models.CheckConstraint(
                condition=_is_not_one_of_three("checked_by"),
                name="recheck_by_a_fourth",
                violation_error_message="销号的申请人、单位审核人、核验人不能核查自己办理的销号。",
            ),
            models.CheckConstraint(
                condition=_is_not_one_of_three("checker"),
                name="recheck_names_a_fourth",
                violation_error_message="销号的申请人、单位审核人、核验人不能被指定核查自己办理的销号。",
            ),
            models.CheckConstraint(
                condition=Q(result="", checked_on=None, checked_by=None, checked_at=None)
                | (
                    ~Q(result="")
                    & ~Q(words="")
                    & ~Q(place="")
                    & Q(checked_on__isnull=False, checked_by__isnull=False, checked_at__isnull=False)
                ),
                name="recheck_result_whole",
                violation_error_message="核查结果须有情况、日期、地点和核查人。",
            ),
            models.CheckConstraint(
                condition=~Q(result="partial") | ~Q(requirement=""),
                name="recheck_partial_requires",
                violation_error_message="部分属实的，须写明整改要求。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recheck} · {self.finding}"

    @property
    def three(self) -> tuple[int, int, int]:
        return self.applied_by_id, self.reviewed_by_id, self.verified_by_id


class RecheckPaper(KeptPaper):
    """核查材料: a photo or paper taken on the spot, seen by whoever sees the item's result."""

    FOLDER, SEEN_WITH = "rechecks", "item"

    item = models.ForeignKey(RecheckItem, models.PROTECT, related_name="papers", verbose_name="抽查问题")

    history = kept_history()

    class Meta(KeptPaper.Meta):
        verbose_name = verbose_name_plural = "核查材料"
        constraints = KeptPaper.once("item")
