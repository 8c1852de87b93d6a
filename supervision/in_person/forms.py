"""四个亲自表单."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accountability.filters import whole_number
from accountability.forms import DayField, FilesField
from accountability.models import ActKind, Duty, Organisation, Person, Problem
from accountability.unclassified import UnclassifiedForm
from inspections.models import Finding
from meetings.models import Meeting
from supervision.models import Talk
from supervision.models.in_person import ACTS
from supervision.services.in_person import MODELS

OFFERED = 20
LABELS = {
    "duty": "逾期的责任", "finding": "重点关注的巡察问题", "meeting": "近期的学校会议", "problem": "清单上的问题", "talk": "谈话",
}  # fmt: skip


def words_of(name: str, row) -> str:
    """所办事项 in a line; a talk by its number alone."""
    if name == "talk":
        return f"{row.number} 号谈话"
    if name == "meeting":
        return f"{row.day} {row.title}"
    return str(row.title if name == "duty" else row.text)[:60]


def about_choices(user: Person, year: int) -> list:
    """所办事项 to choose from: what matters now, as far as ``user`` may see it."""
    today = timezone.localdate()
    rows = {
        "duty": Duty.objects.visible_to(user).of_year(year).late(today).order_by("due_on", "pk"),
        "finding": Finding.objects.visible_to(user)
        .unclosed()
        .filter(is_focus=True)
        .select_related("round")
        .order_by("due_on"),
        "meeting": Meeting.objects.visible_to(user)
        .standing()
        .filter(organisation__kind=Organisation.Kind.SCHOOL, day__lte=today)
        .order_by("-day"),
        "problem": Problem.objects.visible_to(user).standing().filter(work_year=year).order_by("-pk"),
        "talk": Talk.objects.visible_to(user).exclude(state__in=Talk.BEFORE).order_by("-pk"),
    }
    groups = [
        (LABELS[name], [(f"{name}-{row.pk}", words_of(name, row)) for row in found[:OFFERED]])
        for name, found in rows.items()
    ]
    return [group for group in groups if group[1]]


def thing_of(user: Person, value: str):
    """``duty-12`` → the duty, if ``user`` may see it; anything else, or nothing, gives None."""
    name, _, number = value.partition("-")
    return MODELS[name].objects.visible_to(user).filter(pk=whole_number(number)).first() if name in MODELS else None


class InPersonForm(UnclassifiedForm):
    """记录亲自办理."""

    act = forms.ChoiceField(
        label="类别", error_messages={"required": "请选择类别。", "invalid_choice": "请从列表中选择类别。"}
    )
    happened_on = DayField(label="日期")
    title = forms.CharField(
        label="事项",
        max_length=120,
        error_messages={"required": "请填写事项。"},
        help_text="与谈话、信访有关的，不写姓名和事由。",
    )
    words = forms.CharField(
        label="内容",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="做了什么、提出什么要求、结果如何；记录在责任台账上可见，不写案情和线索。",
        error_messages={"required": "请写明做了什么、提出什么要求。"},
    )
    about = forms.ChoiceField(
        label="所办事项", required=False, error_messages={"invalid_choice": "请从列表中选择所办的事项。"}
    )
    late_reason = forms.CharField(
        label="补录原因", required=False, max_length=200, help_text="晚于发生日录入会标明「补录」，不影响计入。"
    )
    files = FilesField(label="附件", required=False)

    def __init__(self, *args, user, year: int, given: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        kinds = ActKind.objects.filter(code__in=ACTS).order_by("rank", "pk")
        self.fields["act"].choices = [("", "请选择"), *kinds.values_list("code", "name")]
        groups = about_choices(user, year)
        thing = thing_of(user, given)
        if thing is not None and not any(given == value for _, rows in groups for value, _ in rows):
            groups.insert(0, ("来自页面", [(given, words_of(given.partition("-")[0], thing))]))
        self.fields["about"].choices = [("", "不关联"), *groups]

    def clean_happened_on(self):
        day = self.cleaned_data["happened_on"]
        if day > timezone.localdate():
            raise ValidationError("日期不能晚于今天。")
        return day

    def clean_about(self):
        return thing_of(self.user, self.cleaned_data["about"])
