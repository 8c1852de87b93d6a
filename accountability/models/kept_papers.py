"""收存的文件: what somebody brings is kept under its hash; each room says what it belongs to and with what it is seen."""

from django.db import models
from django.db.models import Q

from accountability.models.people import Person


def kept_path(kept: "KeptFile", filename: str) -> str:
    """Stored under its own hash, never under a user's name for it."""
    return f"{kept.FOLDER}/{kept.sha256[:2]}/{kept.sha256}"


class KeptFile(models.Model):
    """文件, with the SHA-256 of its content; served only through a page that checks who asks."""

    class VirusScan(models.TextChoices):
        CLEAN = "clean", "已查毒"
        MISSED = "missed", "未查毒"
        OFF = "off", "未启用查毒"
        INFECTED = "infected", "查出病毒"

        @classmethod
        def of(cls, verdict: str) -> "KeptFile.VirusScan":
            """What a scanner's verdict means for a file that is kept."""
            return {"clean": cls.CLEAN, "unavailable": cls.MISSED, "infected": cls.INFECTED}.get(verdict, cls.OFF)

    FOLDER: str  # where in the storage

    file = models.FileField("文件", upload_to=kept_path, max_length=160, blank=True)
    name = models.CharField("文件名", max_length=160, blank=True)
    content_type = models.CharField("类型", max_length=100, blank=True)
    size = models.PositiveBigIntegerField("大小（字节）", default=0)
    sha256 = models.CharField("校验值", max_length=64, blank=True)
    virus_scan = models.CharField("查毒", max_length=8, choices=VirusScan, default=VirusScan.OFF)

    class Meta:
        abstract = True

    @property
    def is_infected(self) -> bool:
        """查出病毒: found by a later scan, no longer handed out."""
        return self.virus_scan == self.VirusScan.INFECTED


class KeptPaperQuerySet(models.QuerySet):
    def visible_to(self, user) -> "KeptPaperQuerySet":
        """Whoever sees what it belongs to sees the paper."""
        seen, path = self.model, self.model.SEEN_WITH
        for name in path.split("__"):
            seen = seen._meta.get_field(name).related_model
        return self.filter(**{f"{path}__in": seen.objects.visible_to(user).values("pk")})

    def standing(self) -> "KeptPaperQuerySet":
        """Those still handed out; a kind that can be withdrawn leaves those out."""
        return self


class KeptPaper(KeptFile):
    """材料 handed in with something; the same content once. Its model adds what it belongs to and keeps its history."""

    SEEN_WITH: str  # the way to what it is seen with: "item", "answer__unit"

    uploaded_at = models.DateTimeField("上传时间")
    uploaded_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="上传人")

    objects = KeptPaperQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(size__gte=1), name="%(class)s_not_empty", violation_error_message="文件是空的。"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def once(cls, owner: str, **options) -> list[models.BaseConstraint]:
        """The constraints of a kind of paper that belongs to ``owner``."""
        message = options.pop("message", "这份材料已上传。")
        same = models.UniqueConstraint(
            fields=(owner, "sha256"), name="%(class)s_once", violation_error_message=message, **options
        )
        return [*cls.Meta.constraints, same]
