"""风险点与自查表单: what is typed for a point, a campaign and the answers to all points of a unit."""

from django import forms
from django.core.exceptions import ValidationError

from accountability.forms import DayField
from accountability.models import Organisation
from accountability.organisation_forms import OrganisationField
from accountability.unclassified import UnclassifiedForm
from inspections.models import RiskAnswer, RiskFactor, RiskPoint
from inspections.risk_workflow import REASON_AT_LEAST
from inspections.services.risk_checks import TYPED, Typed

YES_NO = (("yes", "是"), ("no", "否"))


class RiskForm(UnclassifiedForm):
    """填报、修改、调整风险点."""

    power_item = forms.CharField(
        label="权力事项",
        max_length=80,
        error_messages={"required": "请填写权力事项。"},
        help_text="如“采购验收”“经费报销审批”。",
    )
    category = forms.ChoiceField(
        label="风险类别",
        choices=[("", "请选择"), *RiskPoint.Category.choices],
        error_messages={"required": "请选择风险类别。", "invalid_choice": "请从列表中选择风险类别。"},
    )
    key_area = forms.ChoiceField(
        label="重点领域", required=False, error_messages={"invalid_choice": "请从列表中选择重点领域。"}
    )
    text = forms.CharField(label="风险点", max_length=200, error_messages={"required": "请写明风险点。"})
    manifestation = forms.CharField(
        label="表现形式",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明风险怎样表现出来。"},
    )
    factors = forms.MultipleChoiceField(
        label="风险情形",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "请选择风险情形，至少一项；等级由此推算。",
            "invalid_choice": "请从列表中选择风险情形。",
        },
    )
    measures = forms.CharField(
        label="防控措施",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请写明防控措施。"},
    )

    def __init__(self, *args, areas: list[str], point: RiskPoint | None = None, **kwargs):
        if point is not None:
            names = ("power_item", "category", "key_area", "text", "manifestation", "measures")
            kwargs["initial"] = {name: getattr(point, name) for name in names} | {"factors": point.factor_codes}
        super().__init__(*args, **kwargs)
        known = dict.fromkeys([*areas, *([point.key_area] if point and point.key_area else [])])
        self.fields["key_area"].choices = [("", "不属于重点领域"), *((area, area) for area in known)]
        self.lifting = {factor.code for factor in RiskFactor.objects.filter(is_dropped=False, lifts_to__isnull=False)}
        kept = set(point.factor_codes) if point else set()
        self.fields["factors"].choices = [
            (
                factor.code,
                f"{factor.name}（一票定为{factor.get_lifts_to_display()}）" if factor.lifts_to else factor.name,
            )
            for factor in RiskFactor.objects.all()
            if not factor.is_dropped or factor.code in kept
        ]

    def clean_factors(self) -> str:
        return ",".join(self.cleaned_data["factors"])


class NewRiskForm(RiskForm):
    """填报: for which unit is asked where one keeps several."""

    organisation = OrganisationField(
        label="单位",
        queryset=Organisation.objects.none(),
        empty_label=None,
        error_messages={"required": "请选择单位。", "invalid_choice": "请从列表中选择单位。"},
    )
    field_order = ("organisation",)

    def __init__(self, *args, organisations, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations


def reason_field(label: str) -> forms.CharField:
    words = f"请写明{label}，至少 {REASON_AT_LEAST} 个字。"
    return forms.CharField(
        label=label,
        min_length=REASON_AT_LEAST,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": words, "min_length": words},
    )


class AdjustForm(RiskForm):
    """调整在用的风险点."""

    reason = reason_field("调整原因")


class RetireForm(UnclassifiedForm):
    """退出."""

    reason = reason_field("退出原因")


class ReasonForm(UnclassifiedForm):
    reason = forms.CharField(label="说明", required=False, max_length=300)


class CampaignForm(UnclassifiedForm):
    """部署年度自查自纠."""

    due_on = DayField(label="完成期限")
    guidance = forms.CharField(
        label="自查要求",
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": "请写明自查要求。"},
        help_text="写明重点看什么、问题怎样改、何时交；每个单位的答卷页面都会显示。",
    )


class ChoiceOrNothing(forms.ChoiceField):
    """One of a few, or not answered yet."""

    def __init__(self, **kwargs):
        errors = {"invalid_choice": "请选择其中一项。"}
        super().__init__(required=False, widget=forms.RadioSelect, error_messages=errors, **kwargs)


def _text(label: str, at_most: int) -> forms.CharField:
    rows = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(label=label, max_length=at_most, required=False, widget=rows)


QUESTIONS = {
    "has_problem": lambda: ChoiceOrNothing(label="是否存在问题", choices=YES_NO),
    "problem": lambda: _text("问题说明", 1000),
    "carried_out": lambda: ChoiceOrNothing(label="防控措施是否落实", choices=RiskAnswer.CarriedOut.choices),
    "needs_change": lambda: ChoiceOrNothing(label="是否调整等级或措施", choices=YES_NO),
    "change_words": lambda: _text("调整建议", 500),
    "plan": lambda: _text("整改打算", 1000),
}


class AnswersForm(UnclassifiedForm):
    """逐点作答: every question of every point on one form; nothing is required of a draft."""

    turn = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1, required=False)

    def __init__(self, *args, points: list[RiskPoint], answers: dict[int, RiskAnswer], turn: int, **kwargs):
        super().__init__(*args, **kwargs)
        self.points = points
        self.fields["turn"].initial = turn
        for point in points:
            for name, make in QUESTIONS.items():
                self.fields[f"{name}_{point.pk}"] = make()
                if answer := answers.get(point.pk):
                    self.initial[f"{name}_{point.pk}"] = _shown(getattr(answer, name))

    def clean_turn(self) -> int:
        turn = self.cleaned_data["turn"]
        if turn is None:
            raise ValidationError("页面不完整，请刷新后重新填写。")
        return turn

    def typed(self) -> dict[int, Typed]:
        return {point.pk: Typed(**{name: self._read(name, point.pk) for name in TYPED}) for point in self.points}

    def _read(self, name: str, pk: int):
        value = self.cleaned_data[f"{name}_{pk}"]
        if name in ("has_problem", "needs_change"):
            return {"yes": True, "no": False}.get(value)
        return value

    def questions_of(self, point: RiskPoint) -> dict[str, forms.BoundField]:
        return {name: self[f"{name}_{point.pk}"] for name in QUESTIONS}


def _shown(value) -> str:
    return {True: "yes", False: "no", None: ""}.get(value, value) if not isinstance(value, str) else value
