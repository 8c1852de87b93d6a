from django import forms

from accountability.forms import DayField
from accountability.organisation_forms import PeopleField
from accountability.unclassified import UnclassifiedForm
from supervision.models import Secret
from supervision.services.admissions import candidates


class AdmitForm(UnclassifiedForm):
    """知悉授权."""

    person = PeopleField(
        label="人员",
        queryset=None,
        empty_label="请选择",
        error_messages={"required": "请选择人员。", "invalid_choice": "请从列表中选择纪委的同志。"},
    )
    secret = forms.ChoiceField(
        label="知悉类别",
        choices=Secret.choices,
        error_messages={"required": "请选择知悉类别。", "invalid_choice": "请从列表中选择知悉类别。"},
    )
    until_on = DayField(label="截止日期", required=False, help_text="留空为长期有效，离开纪委岗位时自动失效。")
    reason = forms.CharField(
        label="理由",
        max_length=200,
        error_messages={"required": "请写明理由。", "max_length": "理由请控制在 200 个字以内。"},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = candidates()
