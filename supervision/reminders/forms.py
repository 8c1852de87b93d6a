"""提醒规则表单: the rule, its steps and its quiet periods in as many rows as wanted; a row left blank is no row."""

from django import forms
from django.core.exceptions import ValidationError

from accountability.forms import DayField
from accountability.models import ActKind, Capacity, Matter, QuietPeriod, ReminderPaperKind, ReminderRule, ReminderStep
from accountability.models.reminders import FURTHEST, LATEST, OF_ACTS
from accountability.unclassified import UnclassifiedForm
from supervision.reminders.matters import Obligations
from supervision.services.reminder_rules import PERIODS_AT_MOST, STEPS_AT_MOST

BEFORE, AFTER = "before", "after"
SPARE = 2  # blank rows at the foot


class RuleForm(UnclassifiedForm):
    """规则本身; what it applies to is settled when it is made."""

    name = forms.CharField(
        label="规则名称",
        max_length=40,
        help_text="收到提醒的人会看到这个名称。",
        error_messages={"required": "请填写规则名称。", "max_length": "规则名称请控制在 40 个字以内。"},
    )
    matter = forms.ChoiceField(
        label="适用事项",
        choices=Matter.choices,
        error_messages={"required": "请选择适用事项。", "invalid_choice": "请从列表中选择适用事项。"},
    )
    act = forms.ModelChoiceField(
        label="只用于",
        queryset=ActKind.objects.none(),
        required=False,
        empty_label="这类事项的全部",
        help_text="选一种履责方式的，这种责任只按本规则提醒，不再按这类事项的总规则。",
        error_messages={"invalid_choice": "请从列表中选择履责方式。"},
    )

    def __init__(self, *args, rule: ReminderRule, **kwargs):
        initial = {"name": rule.name, "matter": rule.matter, "act": rule.act_id}
        super().__init__(*args, initial=initial, **kwargs)
        if rule.pk:
            del self.fields["matter"], self.fields["act"]
            return
        obligations = Obligations()
        acts = set().union(*(obligations.acts_of(matter) for matter in OF_ACTS))
        self.fields["act"].queryset = ActKind.objects.filter(pk__in=acts).order_by("category", "rank")


class StepForm(forms.Form):
    """一个节点. Without a number of days it is none."""

    side = forms.ChoiceField(label="何时", choices=[(BEFORE, "到期前"), (AFTER, "逾期")], required=False)
    days = forms.IntegerField(
        label="天数",
        min_value=0,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "maxlength": 4}),
        error_messages={"invalid": "天数请填整数。", "min_value": "天数不能为负数。"},
    )
    audience = forms.MultipleChoiceField(
        label="告知",
        choices=Capacity.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "请从列表中选择告知对象。"},
    )
    paper = forms.ChoiceField(
        label="函",
        choices=[("", "不发函"), *ReminderPaperKind.choices],
        required=False,
        error_messages={"invalid_choice": "请从列表中选择函的种类。"},
    )

    def clean(self) -> dict:
        data = super().clean()
        days, is_late = data.get("days"), data.get("side") == AFTER
        if days is None:
            return data
        if days > (-LATEST if is_late else FURTHEST):
            self.add_error("days", f"到期前至多 {FURTHEST} 天，逾期至多 {-LATEST} 天。")
        if data.get("paper") and not (is_late and days):
            self.add_error("paper", "逾期以后才发函。")
        return data

    @property
    def row(self) -> ReminderStep | None:
        data = self.cleaned_data
        if data.get("days") is None:
            return None
        step = -data["days"] if data["side"] == AFTER else data["days"]
        return ReminderStep(step=step, audience=data["audience"], paper=data["paper"])


class PeriodForm(UnclassifiedForm):
    """一个静默期. Wholly blank it is none."""

    name = forms.CharField(
        label="名称",
        max_length=20,
        required=False,
        error_messages={"max_length": "名称请控制在 20 个字以内。"},
        widget=forms.TextInput(attrs={"placeholder": "如：寒假"}),
    )
    from_on = DayField(label="从", required=False)
    until_on = DayField(label="到", required=False)

    def clean(self) -> dict:
        data = super().clean()
        given = [bool(data.get(name)) for name in ("name", "from_on", "until_on")]
        if any(given) and not all(given) and not self.errors:
            raise ValidationError("静默期须填写名称、开始和结束日期。")
        if all(given) and data["until_on"] < data["from_on"]:
            self.add_error("until_on", "结束日期不能早于开始日期。")
        return data

    @property
    def row(self) -> QuietPeriod | None:
        data = self.cleaned_data
        return QuietPeriod(**data) if data.get("name") else None


def _rows(form: type[forms.Form], at_most: int):
    return forms.formset_factory(form, extra=SPARE, max_num=at_most, absolute_max=at_most + SPARE, validate_max=True)


def _words(what: str, at_most: int) -> dict[str, str]:
    return {
        "missing_management_form": f"{what}没有完整提交，请返回规则页重新打开。",
        "too_many_forms": f"{what}至多 {at_most} 个。",
    }


Steps, Periods = _rows(StepForm, STEPS_AT_MOST), _rows(PeriodForm, PERIODS_AT_MOST)


class Desk:
    """The three parts of the page together, as shown or as typed."""

    def __init__(self, rule: ReminderRule, data=None):
        self.rule = rule
        self.form = RuleForm(data, rule=rule)
        self.steps = Steps(
            data, initial=_steps_of(rule), prefix="steps", error_messages=_words("提醒节点", STEPS_AT_MOST)
        )
        self.periods = Periods(
            data, initial=_periods_of(rule), prefix="periods", error_messages=_words("静默期", PERIODS_AT_MOST)
        )

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), self.steps.is_valid(), self.periods.is_valid()])

    @property
    def refusals(self) -> list[str]:
        """What is wrong with the rows as a whole; each row tells its own."""
        return [*self.steps.non_form_errors(), *self.periods.non_form_errors()]

    def typed(self) -> tuple[ReminderRule, list[ReminderStep], list[QuietPeriod]]:
        for name, value in self.form.cleaned_data.items():
            setattr(self.rule, name, value)
        steps = [form.row for form in self.steps if form.row]
        return self.rule, steps, [form.row for form in self.periods if form.row]


def _steps_of(rule: ReminderRule) -> list[dict]:
    rows = rule.steps.all() if rule.pk else ()
    return [
        {
            "side": AFTER if row.step < 0 else BEFORE,
            "days": abs(row.step),
            "audience": row.audience,
            "paper": row.paper,
        }
        for row in rows
    ]


def _periods_of(rule: ReminderRule) -> list[dict]:
    rows = rule.quiet_periods.all() if rule.pk else ()
    return [{"name": row.name, "from_on": row.from_on, "until_on": row.until_on} for row in rows]
