"""清单表单: what is typed for a problem, a responsibility, a project, and a unit's own lists."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError

from accountability.models import Organisation, Post, Problem, Record, Role
from accountability.organisation_forms import OrganisationField, PostField
from accountability.services.lists import MILESTONE_LINE
from accountability.unclassified import UnclassifiedForm

LINES_AT_MOST = 60


def _leaders():
    return Post.objects.filter(role__in=(Role.MEMBER, Role.SECRETARY), abolished_on=None).select_related(
        "organisation__parent"
    )


class MeetingField(forms.ModelChoiceField):
    def label_from_instance(self, record: Record) -> str:
        return f"{record.happened_on} {record.title}"


class ProblemForm(UnclassifiedForm):
    """提出问题."""

    origin = OrganisationField(
        label="提出单位",
        queryset=Organisation.objects.none(),
        error_messages={"required": "请选择提出单位。", "invalid_choice": "请从列表中选择单位。"},
    )
    source = forms.ChoiceField(label="来源", choices=Problem.Source.choices)
    origin_words = forms.CharField(
        label="来源说明",
        max_length=200,
        help_text="如“2026年3月5日常委会”“一季度内控检查”。",
        error_messages={"required": "请写明问题从哪里来。"},
    )
    text = forms.CharField(label="问题", max_length=200, error_messages={"required": "请写明问题。"})
    shows = forms.CharField(
        label="具体表现",
        max_length=1500,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请写明问题怎样表现出来。"},
    )
    record = MeetingField(
        label="会议记录",
        queryset=Record.objects.none(),
        required=False,
        empty_label="不关联",
        help_text="问题是会上提出的，可关联已录入的会议。",
        error_messages={"invalid_choice": "请从列表中选择会议。"},
    )
    leader_post = PostField(
        label="研判的校领导",
        queryset=Post.objects.none(),
        required=False,
        empty_label="分管或联系该单位的校领导",
        error_messages={"invalid_choice": "请从列表中选择校领导。"},
    )

    def __init__(self, *args, organisations, meetings, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["origin"].queryset = organisations
        self.fields["record"].queryset = meetings
        self.fields["leader_post"].queryset = _leaders()


class OwnerForm(UnclassifiedForm):
    """责任人和牵头单位."""

    owner = PostField(
        label="责任人",
        queryset=Post.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择责任人。", "invalid_choice": "请从列表中选择责任人。"},
    )
    organisation = OrganisationField(
        label="牵头单位",
        queryset=Organisation.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择牵头单位。", "invalid_choice": "请从列表中选择单位。"},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        heads = Post.objects.filter(
            role__in=(Role.MEMBER, Role.SECRETARY, Role.UNIT_SECRETARY), abolished_on=None
        ).select_related("organisation__parent")
        self.fields["owner"].queryset = heads.order_by("organisation__path", "rank")
        self.fields["organisation"].queryset = Organisation.objects.active().units()


class ResponsibilityForm(OwnerForm):
    text = forms.CharField(label="责任", max_length=200, error_messages={"required": "请写明要落实的责任。"})
    field_order = ("text", "owner", "organisation")


class ProjectForm(UnclassifiedForm):
    """责任项目."""

    title = forms.CharField(label="项目", max_length=120, error_messages={"required": "请填写项目名称。"})
    goal = forms.CharField(label="目标", max_length=300, error_messages={"required": "请写明目标。"})
    measures = forms.CharField(
        label="措施",
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="一行一条。",
        error_messages={"required": "请写明措施。"},
    )
    milestones = forms.CharField(
        label="里程碑",
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 5, "placeholder": "2026-06-30 完成第一轮抽查"}),
        help_text="一行一个，先日期后内容；开始实施后列入台账，到期提醒。",
    )


class WordsForm(UnclassifiedForm):
    words = forms.CharField(label="说明", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class UnitListForm(UnclassifiedForm):
    """三张清单, each as lines: 内容；责任人；日期."""

    responsibility = forms.CharField(
        label="责任清单",
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="一行一条，写成：内容；责任人。",
    )
    task = forms.CharField(
        label="任务清单",
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="一行一条，写成：内容；责任人；2026-06-30。有日期的确认后列入台账。",
    )
    rule = forms.CharField(
        label="制度清单",
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="一行一条，写成：制度名称；文号；施行日期（没有的可不写）。",
    )

    def _entries(self, name: str) -> list[tuple[str, str, date | None]]:
        entries, wrong = [], []
        lines = [line.strip() for line in self.cleaned_data[name].splitlines() if line.strip()]
        if len(lines) > LINES_AT_MOST:
            raise ValidationError(f"最多 {LINES_AT_MOST} 条，现在有 {len(lines)} 条，请合并。")
        for number, line in enumerate(lines, 1):
            parts = [part.strip() for part in line.replace(";", "；").split("；")]
            text, owner, day = (*parts, "", "")[:3]
            if len(parts) > 3 or not text or len(text) > 200 or len(owner) > 60:
                second = "文号" if name == "rule" else "责任人"
                wrong.append(
                    f"第 {number} 行请写成“内容；{second}；日期”，内容不超过 200 个字，{second}不超过 60 个字。"
                )
                continue
            found = MILESTONE_LINE.match(f"{day} 日") if day else None
            try:
                entries.append((text, owner, date(*(int(part) for part in found.groups()[:3])) if day else None))
            except (AttributeError, ValueError):
                wrong.append(f"第 {number} 行的“{day[:20]}”不是日期，请写成 2026-06-30。")
        if wrong:
            raise ValidationError(wrong)
        return entries

    def clean_responsibility(self):
        return self._entries("responsibility")

    def clean_task(self):
        return self._entries("task")

    def clean_rule(self):
        return self._entries("rule")
