"""通报表单: what is published of which round to whom, the parts the office writes, what is withheld."""

from django import forms
from django.utils import timezone

from accountability.forms import DayField
from accountability.unclassified import UnclassifiedForm
from inspections.forms import RoundField
from inspections.models import ProgressNotice, Round, Withholding
from inspections.models.progress_notices import Scope


class MakeForm(forms.Form):
    """拟稿."""

    round = RoundField(
        label="轮次",
        queryset=Round.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择轮次。", "invalid_choice": "请从列表中选择轮次。"},
    )
    scope = forms.ChoiceField(
        label="公开范围",
        choices=Scope.choices,
        error_messages={"required": "请选择公开范围。", "invalid_choice": "请选择公开范围。"},
    )
    as_of = DayField(label="数据截至", help_text="早于今天的，按当日的台账历史汇总。")

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["round"].queryset = Round.objects.visible_to(user).exclude(feedback_on=None)
        self.fields["as_of"].initial = timezone.localdate()


class NoticeForm(UnclassifiedForm):
    """手工填写的部分; 【问题数】 and the like stand for figures of the ledger."""

    title = forms.CharField(label="标题", max_length=150, error_messages={"required": "请填写标题。"})
    number = forms.CharField(
        label="文号", max_length=60, required=False, help_text="如“江海经贸委〔2026〕12号”，送审前须填。"
    )
    opening = forms.CharField(
        label="开头",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请填写开头。"},
    )
    organising = forms.CharField(
        label="一、组织落实情况",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 9}),
        error_messages={"required": "请填写组织落实情况。"},
        help_text="数字用【】引用，如【问题数】，随台账更新，不用手填。",
    )
    plans = forms.CharField(
        label="三、需长期坚持事项与下一步打算",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        required=False,
        help_text="长期坚持的问题由台账列出，这里写下一步打算。",
    )
    contact = forms.CharField(
        label="联系方式",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "请填写联系方式。"},
    )

    @classmethod
    def of(cls, notice: ProgressNotice, data=None) -> "NoticeForm":
        return cls(data, initial={name: getattr(notice, name) for name in cls.base_fields})


class WithholdForm(UnclassifiedForm):
    """设为拟不公开."""

    scopes = forms.MultipleChoiceField(
        label="对谁不公开",
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请选择公开范围。", "invalid_choice": "请选择公开范围。"},
    )
    parts = forms.MultipleChoiceField(
        label="不公开的内容",
        choices=Withholding.Part.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请选择不公开的内容。", "invalid_choice": "请选择不公开的内容。"},
    )
    category = forms.ChoiceField(
        label="情形",
        choices=[("", "请选择"), *Withholding.Category.choices],
        error_messages={"required": "请选择情形。", "invalid_choice": "请选择情形。"},
        help_text="通报中只写情形和数量。",
    )
    reason = forms.CharField(
        label="理由",
        max_length=300,
        error_messages={"required": "请写明理由，至少 4 个字。"},
        help_text="至少 4 个字，只有巡察办和纪委能看到。",
    )


class AsOfForm(forms.Form):
    as_of = DayField(label="数据截至")


class ReasonForm(UnclassifiedForm):
    reason = forms.CharField(label="原因", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
