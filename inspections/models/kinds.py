"""巡察类型: shared by what is planned and what is carried out."""

from django.db import models


class RoundKind(models.TextChoices):
    EXTERNAL = "external", "巡视"
    SCHOOL = "school", "校内巡察"
    SPECIAL = "special", "专项巡察"
    REVISIT = "revisit", "回头看"
