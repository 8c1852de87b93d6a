"""销号抽查表单: what is drawn, who looks, what was found."""

from django import forms
from django.utils import timezone

from accountability.forms import DayField, FilesField
from accountability.models import Person
from accountability.organisation_forms import PeopleField
from accountability.unclassified import UnclassifiedForm
from inspections.forms import RoundField
from inspections.models import RecheckItem, Round

NUMBER_ERRORS = {
    "required": "请填写抽查数量。",
    "invalid": "请填写整数。",
    "min_value": "至少抽查 1 个。",
    "max_value": "一次最多抽查 500 个。",
}


class DrawForm(UnclassifiedForm):
    """抽取: one round, or what any round closed in a period."""

    round = RoundField(
        label="轮次",
        queryset=Round.objects.none(),
        required=False,
        empty_label="不限轮次，按销号日期",
        error_messages={"invalid_choice": "请从列表中选择轮次。"},
    )
    closed_from = DayField(label="销号日期自", required=False)
    closed_until = DayField(label="销号日期至", required=False, help_text="选了轮次的，不填起止日期。")
    size = forms.IntegerField(label="抽查数量", min_value=1, max_value=500, error_messages=NUMBER_ERRORS)
    seed = forms.CharField(
        label="种子",
        required=False,
        max_length=40,
        help_text="可填会上当场报出的数字或文字；不填的由系统生成。同一份名单、同一个种子，抽出的总是同样的问题。",
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        rounds = Round.objects.visible_to(user)
        self.fields["round"].queryset = rounds.filter(findings__state="closed").distinct()

    def clean(self) -> dict:
        data = super().clean()
        days = [data.get("closed_from"), data.get("closed_until")]
        if data.get("round") and any(days):
            self.add_error("closed_from", "已选轮次，请留空起止日期；要按日期抽查，请不选轮次。")
        elif not data.get("round") and not all(days) and not self.errors:
            self.add_error("round", "请选择一个轮次，或者填写销号日期的起止。")
        elif all(days) and days[1] < days[0]:
            self.add_error("closed_until", f"不能早于 {days[0]}。")
        return data


class ResultForm(UnclassifiedForm):
    """登记核查结果."""

    result = forms.ChoiceField(
        label="核查结果",
        choices=[("", "请选择"), *RecheckItem.Result.choices],
        error_messages={"required": "请选择核查结果。", "invalid_choice": "请选择核查结果。"},
    )
    words = forms.CharField(
        label="现场情况",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="看了什么、问了谁、与销号材料是否一致，至少 10 个字。",
        error_messages={"required": "请写明现场看到的情况。"},
    )
    requirement = forms.CharField(
        label="整改要求",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="部分属实的必填。",
    )
    checked_on = DayField(label="核查日期")
    place = forms.CharField(label="核查地点", max_length=100, error_messages={"required": "请填写核查地点。"})
    files = FilesField(label="照片和材料", required=False)

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("initial", {"checked_on": timezone.localdate()})
        super().__init__(*args, **kwargs)


class CheckerForm(forms.Form):
    """指定核查人."""

    person = PeopleField(
        label="核查人",
        queryset=Person.objects.none(),
        required=False,
        empty_label="不指定，由巡察办或纪委核查",
        error_messages={"invalid_choice": "请从名单中选择人员。"},
    )

    def __init__(self, *args, barred=(), **kwargs):
        super().__init__(*args, **kwargs)
        people = Person.objects.filter(is_active=True, is_superuser=False).exclude(username="system")
        self.fields["person"].queryset = people.exclude(pk__in=barred)


class ReasonForm(UnclassifiedForm):
    reason = forms.CharField(label="原因", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
