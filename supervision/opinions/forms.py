"""廉洁意见表单: the list as it is pasted, the conclusion of each."""

from django import forms

from accountability.forms import DayField
from accountability.models import Organisation
from accountability.organisation_forms import OrganisationField
from accountability.unclassified import UnclassifiedForm
from supervision.models import Opinion, OpinionCadre
from supervision.opinions.name_lists import people_named

CHOOSE = {"required": "请选择。", "invalid_choice": "请从列表中选择。"}


class OpinionForm(UnclassifiedForm):
    """征求廉洁意见."""

    organisation = OrganisationField(
        label="征求单位", queryset=Organisation.objects.none(), empty_label=None, error_messages=CHOOSE
    )
    purpose = forms.ChoiceField(label="用途", choices=[("", "请选择"), *Opinion.Purpose.choices], error_messages=CHOOSE)
    words = forms.CharField(
        label="事项",
        max_length=200,
        help_text="如：拟提任处级干部；2026 年度优秀党务工作者评选。会写进回复。",
        error_messages={"required": "请写明事项。"},
    )
    due_on = DayField(label="答复期限")
    names = forms.CharField(
        label="人选名单",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="每行一人，可从表格粘贴；重名的在姓名后空一格写单位或用户名。",
        error_messages={"required": "请写明人选，每行一人。", "max_length": "名单过长，请分次征求。"},
    )

    def __init__(self, *args, units, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.filter(pk__in=units)

    def clean_names(self) -> str:
        """Read once; ``people`` are whom the lines name."""
        self.people = people_named(self.cleaned_data["names"].replace("\x00", ""))
        return self.cleaned_data["names"]


class ConclusionForm(UnclassifiedForm):
    """登记查核结论."""

    conclusion = forms.ChoiceField(
        label="结论", choices=[("", "请选择"), *OpinionCadre.Conclusion.choices], error_messages=CHOOSE
    )
    statement = forms.CharField(
        label="回复说明", required=False, max_length=300, help_text="写进回复；有影响和建议暂缓的必填。"
    )
    notes = forms.CharField(
        label="查核情况",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="查核了什么，只有查核、审核的同志能看到。",
        error_messages={"required": "请写明查核了什么。"},
    )
