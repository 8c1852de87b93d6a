"""会议类型: what the regulation asks of a kind of meeting, as data (三（一）, 三（三）1, 三（三）2)."""

from django.core.exceptions import ValidationError
from django.db import models

from accountability.models import ActKind, Role
from accountability.models.history import kept_history
from accountability.models.regulations import check_words


class MeetingKind(models.Model):
    """会议类型. Which obligations it counts for its act says (``Obligation.acts``); this says how it is held."""

    act = models.OneToOneField(ActKind, models.PROTECT, related_name="meeting_kind", verbose_name="履责方式")
    convener = models.CharField("召集人", max_length=40)
    gathers = models.CharField("应到范围", max_length=120)
    # The roles whose holders are put on the list of participants: at the school all of them, in a unit its own.
    gathers_roles = models.JSONField("应到岗位角色", default=list, blank=True, help_text='角色代号，如 ["member"]')
    asks_trigger = models.BooleanField("须写明依据", default=False, help_text="N 次会议：因哪次上级会议或哪份文件召开")
    # 须有决议: a meeting of this kind that decides nothing is looked at; one that only informs or teaches is not (四（三）).
    asks_decisions = models.BooleanField("须有决议", default=False, help_text="开了会而没有决议的，提示纪委查看")
    notice_days = models.PositiveSmallIntegerField("提前通知（工作日）", default=3)
    rank = models.PositiveSmallIntegerField("排序", default=0)

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "会议类型"
        ordering = ("rank", "id")

    def __str__(self) -> str:
        return self.act.name

    def clean(self) -> None:
        check_words(self, "gathers_roles")
        strange = set(self.gathers_roles) - set(Role.values)
        if strange:
            raise ValidationError({"gathers_roles": f"没有这种岗位角色：{'、'.join(sorted(strange))}。"})


class RequiredItem(models.Model):
    """必议事项: an agenda item without which a meeting of this kind does not count (三（一）2)."""

    kind = models.ForeignKey(MeetingKind, models.PROTECT, related_name="required_items", verbose_name="会议类型")
    code = models.SlugField("代号", max_length=40)
    title = models.CharField("事项", max_length=80)
    presenter = models.CharField("汇报方", max_length=40, blank=True)
    is_dropped = models.BooleanField("不再要求", default=False)
    rank = models.PositiveSmallIntegerField("排序", default=0)

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "必议事项"
        ordering = ("kind", "rank", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("kind", "code"), name="required_item_once", violation_error_message="该会议类型已有此代号。"
            )
        ]

    def __str__(self) -> str:
        return self.title
