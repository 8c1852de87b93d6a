"""巡察规划表单: a term, and what it puts into a year."""

from django import forms

from accountability.forms import DayField
from accountability.models import Organisation
from accountability.unclassified import UnclassifiedForm
from inspections.forms import UnitsField
from inspections.models import Term
from inspections.models.kinds import RoundKind


class TermForm(UnclassifiedForm):
    """登记届次."""

    name = forms.CharField(
        label="届次", max_length=40, help_text="如“第三届党委”。", error_messages={"required": "请填写届次。"}
    )
    starts_on = DayField(label="开始日期")
    ends_on = DayField(label="届满日期")


def key_areas() -> list[str]:
    named = Organisation.objects.active().units().exclude(key_area="").order_by("rank", "pk")
    return list(dict.fromkeys(named.values_list("key_area", flat=True)))


class PlannedForm(UnclassifiedForm):
    """列入规划."""

    year = forms.TypedChoiceField(
        label="计划年度",
        coerce=int,
        error_messages={"required": "请选择年度。", "invalid_choice": "请从列表中选择年度。"},
    )
    kind = forms.ChoiceField(
        label="类型",
        choices=[(kind.value, kind.label) for kind in (RoundKind.SCHOOL, RoundKind.SPECIAL, RoundKind.REVISIT)],
        error_messages={"invalid_choice": "请从列表中选择类型。"},
    )
    organisations = UnitsField(
        label="单位",
        queryset=Organisation.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "请从列表中选择单位。", "invalid_pk_value": "请从列表中选择单位。"},
    )
    key_areas = forms.MultipleChoiceField(
        label="重点领域",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="三（四）2 所列领域，按专项巡察安排。",
        error_messages={"invalid_choice": "请从列表中选择重点领域。"},
    )

    def __init__(self, *args, term: Term, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [(year, f"{year} 年") for year in term.years]
        self.fields["organisations"].queryset = Organisation.objects.active().units().order_by("rank", "pk")
        self.fields["key_areas"].choices = [(area, area) for area in key_areas()]
