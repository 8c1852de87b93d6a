"""四种形态: a register of what competent bodies decided; it decides nothing (二（二）, 党内监督条例第七条)."""

from django.db import models
from django.db.models import F, Q

from accountability.models import Organisation, Person
from accountability.models.history import kept_history


class Form(models.IntegerChoices):
    FIRST = 1, "第一种形态"
    SECOND = 2, "第二种形态"
    THIRD = 3, "第三种形态"
    FOURTH = 4, "第四种形态"


class FormMeasure(models.Model):
    """处置方式 of a form. Data: loaded from ``data/form-measures.yaml``, edited in Django admin."""

    code = models.SlugField("代码", max_length=40, unique=True)
    form = models.PositiveSmallIntegerField("形态", choices=Form)
    name = models.CharField("处置方式", max_length=40, unique=True)
    rank = models.PositiveSmallIntegerField("排序", default=0)
    is_dropped = models.BooleanField("停用", default=False, help_text="停用后不再选用，已登记的不变。")

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "四种形态处置方式"
        ordering = ("form", "rank", "id")

    def __str__(self) -> str:
        return self.name


class FormEntryQuerySet(models.QuerySet):
    def visible_to(self, user) -> "FormEntryQuerySet":
        """Who of the commission is admitted to 四种形态, except what is about himself. Nobody else."""
        from supervision.access import admitted
        from supervision.models.admissions import Secret

        if not admitted(user, Secret.FORM):
            return self.none()
        return self.exclude(person=user)

    def standing(self) -> "FormEntryQuerySet":
        """All but what was entered in error."""
        return self.filter(state=FormEntry.State.STANDING)

    def of_form(self, form: int) -> "FormEntryQuerySet":
        return self.filter(form=form)

    def for_list(self) -> "FormEntryQuerySet":
        return self.select_related("organisation__parent", "person", "measure", "entered_by", "checked_by")


class FormEntry(models.Model):
    """登记: whom, of which unit, which form and measure, decided by whom, when and by which document."""

    class Target(models.TextChoices):
        PERSON = "person", "个人"
        ORGANISATION = "organisation", "党组织"

    class State(models.TextChoices):
        STANDING = "standing", "有效"
        WITHDRAWN = "withdrawn", "登记有误已撤销"

    AUTHOR, THING = "登记人", "登记"

    target = models.CharField("对象", max_length=12, choices=Target)
    # 个人: one of the system's people, or by name who is none of them.
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="人员")
    person_name = models.CharField("姓名", max_length=40, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="单位")
    # Kept beside the measure: the register stays true when the measure is moved to another form.
    form = models.PositiveSmallIntegerField("形态", choices=Form)
    measure = models.ForeignKey(FormMeasure, models.PROTECT, related_name="entries", verbose_name="处置方式")
    decided_by = models.CharField("决定机关", max_length=80)
    decided_on = models.DateField("决定日期")
    document_number = models.CharField("文号", max_length=60)
    year = models.PositiveSmallIntegerField("年度")
    notes = models.CharField("备注", max_length=200, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.STANDING)
    entered_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="登记人")
    entered_at = models.DateTimeField("登记时间")
    # 复核 by another admitted; a correction asks for it anew.
    checked_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="复核人"
    )
    checked_on = models.DateField("复核日期", null=True, blank=True)

    history = kept_history()
    objects = FormEntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "四种形态登记"
        ordering = ("-decided_on", "-id")
        indexes = [models.Index(fields=("year", "form", "organisation"), name="form_entry_counts")]
        constraints = [
            models.CheckConstraint(
                condition=Q(target="person", person__isnull=False, person_name="")
                | (Q(target="person", person=None) & ~Q(person_name=""))
                | Q(target="organisation", person=None, person_name=""),
                name="form_entry_names_one",
                violation_error_message="个人须选择人员或者填写姓名；党组织不填人员。",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by="") & ~Q(document_number=""),
                name="form_entry_was_decided",
                violation_error_message="须写明决定机关和文号。",
            ),
            models.CheckConstraint(
                condition=Q(form__gte=1, form__lte=4),
                name="form_entry_of_four",
                violation_error_message="形态只有第一至第四种。",
            ),
            models.CheckConstraint(
                condition=Q(checked_by=None, checked_on=None)
                | (Q(checked_by__isnull=False, checked_on__isnull=False) & ~Q(checked_by=F("entered_by"))),
                name="form_entry_checked_by_another",
                violation_error_message="登记人不能复核自己的登记。",
            ),
            models.CheckConstraint(
                condition=Q(person=None) | ~Q(person=F("entered_by")),
                name="form_entry_not_of_himself",
                violation_error_message="不能登记本人。",
            ),
            models.UniqueConstraint(
                fields=("person", "document_number", "measure"),
                condition=Q(state="standing", person__isnull=False),
                name="form_entry_once",
                violation_error_message="这个人员的这项处置已按同一文号登记过。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_form_display()} · {self.measure}"

    def is_own_work_of(self, person: Person) -> bool:
        return self.entered_by_id == person.pk

    @property
    def target_name(self) -> str:
        if self.target == self.Target.ORGANISATION:
            return self.organisation.party_name
        return self.person.name if self.person_id else self.person_name

    @property
    def is_standing(self) -> bool:
        return self.state == self.State.STANDING
