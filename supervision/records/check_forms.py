"""专项检查的表单: the plan with its checklist, the answers in one unit, the conclusion (二（二）)."""

from django import forms

from accountability.forms import DayField, FilesField
from accountability.models import Organisation, Person
from accountability.unclassified import UnclassifiedForm
from inspections.research_forms import TeamField
from supervision.models import CheckAnswer, CheckItem, CheckUnit, Oversight
from supervision.records.forms import choice_field, source_choices, text_field, units_field


class CheckForm(UnclassifiedForm):
    """专项检查立项、修改."""

    name = text_field("名称", 100)
    kind = choice_field("类别", Oversight.Kind.choices)
    source = choice_field("监督来源", source_choices())
    starts_on = DayField(label="开始日期")
    ends_on = DayField(label="结束日期")
    plan = text_field("检查方案", 3000, 4, help_text="查什么、怎么查、依据是什么，至少 10 个字。")
    items = text_field("检查内容", 20_000, 8, help_text="一行一项，最多 60 项；开始检查后不再改动。")
    units = units_field("受检单位")
    team = TeamField(
        label="检查组成员",
        queryset=Person.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="纪委以外参加检查的同志；只能看到这一次检查，办结后不再能看，本单位的回避。",
        error_messages={"invalid_choice": "请从名单中选择。", "invalid_pk_value": "请从名单中选择。"},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["units"].queryset = Organisation.objects.active().units().order_by("rank", "pk")
        people = Person.objects.filter(
            is_active=True,
            tenures__ended_on=None,
            tenures__post__role__in=("department", "inspection_office", "inspector"),
        )
        self.fields["team"].queryset = people.order_by("name").distinct()

    def clean_items(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["items"].splitlines() if line.strip()]


class AnswersForm(UnclassifiedForm):
    """逐项登记结果: a choice and words for every item."""

    def __init__(self, *args, unit: CheckUnit, items: list[CheckItem], **kwargs):
        standing = {one.item_id: one for one in unit.answers.all()}
        super().__init__(*args, **kwargs)
        self.items = items
        for item in items:
            one = standing.get(item.pk)
            self.fields[f"answer_{item.pk}"] = forms.ChoiceField(
                label=f"第 {item.rank} 项结果",
                choices=[("", "未查"), *CheckAnswer.Answer.choices],
                required=False,
                initial=one.answer if one else "",
                error_messages={"invalid_choice": "请从列表中选择结果。"},
            )
            self.fields[f"words_{item.pk}"] = forms.CharField(
                label=f"第 {item.rank} 项检查情况",
                required=False,
                max_length=1000,
                widget=forms.Textarea(attrs={"rows": 2}),
                initial=one.words if one else "",
            )

    @property
    def lines(self) -> list[dict]:
        return [
            {"item": item, "answer": self[f"answer_{item.pk}"], "words": self[f"words_{item.pk}"]}
            for item in self.items
        ]

    @property
    def answers(self) -> dict[int, tuple[str, str]]:
        data = self.cleaned_data
        return {item.pk: (data[f"answer_{item.pk}"], data[f"words_{item.pk}"]) for item in self.items}


class ItemField(forms.ModelChoiceField):
    def label_from_instance(self, item: CheckItem) -> str:
        return f"{item.rank}. {item.text[:40]}"


class PapersForm(forms.Form):
    """上传检查材料."""

    item = ItemField(
        label="检查内容",
        queryset=CheckItem.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择检查内容。", "invalid_choice": "请从列表中选择检查内容。"},
    )
    files = FilesField(label="材料", error_messages={"required": "请选择文件。"})

    def __init__(self, *args, items, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["item"].queryset = items


class ConcludeForm(UnclassifiedForm):
    """办结专项检查."""

    findings = text_field(
        "发现的问题", 4000, 4, required=False, help_text="综合写明；没有发现的不填。受检单位看不到这一栏。"
    )
    feedback = text_field("反馈意见", 2000, 3, required=False, help_text="受检单位能看到，并收到通知。")
    reason = text_field("未查原因", 300, 2, required=False, help_text="还有项目没有结果的必填，至少 10 个字。")
