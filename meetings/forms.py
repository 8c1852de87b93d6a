"""会议表单: what is typed for a plan, an agenda item, the list of participants, minutes, a resolution."""

import re
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from accountability.forms import DayField, DutyChoices, FilesField, RecordForm
from accountability.models import Duty, Organisation, Person, Post, Role, Tenure
from accountability.organisation_forms import PostField
from accountability.unclassified import UnclassifiedForm
from meetings.models import Participant, RequiredItem
from meetings.services.planning import EVERY, SERIES_AT_MOST

NAMES = re.compile(r"[、,，;；\s]+")
GROUPS = {
    "leaders": ("校领导", (Role.SECRETARY, Role.MEMBER)),
    "units": ("二级党组织书记", (Role.UNIT_SECRETARY,)),
    "departments": ("职能部门负责人", (Role.DEPARTMENT,)),
    "commission": ("纪委", (Role.DISCIPLINE,)),
    "office": ("党委办公室", (Role.OFFICE,)),
    "liaisons": ("联络员", (Role.LIAISON,)),
    "branches": ("党支部书记", (Role.BRANCH_SECRETARY,)),
}


class MeetingForm(RecordForm):
    """记录会议. Kind, organisation and year are settled before, like every record's."""

    chaired_by = forms.CharField(label="主持人", max_length=40, error_messages={"required": "请填写主持人。"})
    place = forms.CharField(label="地点", max_length=80, required=False)
    trigger = forms.CharField(
        label="召开依据",
        max_length=200,
        required=False,
        error_messages={"required": "请写明召开依据。"},
        help_text="传达哪次上级会议、哪份文件，或因何事项。",
    )
    expected_count = forms.IntegerField(
        label="应到人数", min_value=1, max_value=9999, required=False, error_messages={"invalid": "请填写整数。"}
    )
    present_count = forms.IntegerField(
        label="实到人数", min_value=0, max_value=9999, required=False, error_messages={"invalid": "请填写整数。"}
    )
    attendance = forms.CharField(
        label="出席与列席", max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    absence = forms.CharField(
        label="缺席及原因",
        max_length=8_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="缺席的须写明原因，例如「某某，因公出差，已请假」。",
    )
    resolutions = forms.CharField(
        label="决议事项",
        max_length=8_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写明由谁、何时落实。",
    )
    dealt_with = forms.ModelMultipleChoiceField(
        label="必议事项",
        queryset=RequiredItem.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args, required_items: list[RequiredItem] = (), asks_trigger: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        self.required_items = list(required_items)
        self.fields["dealt_with"].queryset = RequiredItem.objects.filter(pk__in=[item.pk for item in required_items])
        if asks_trigger:
            self.fields["trigger"].required = True
        else:
            del self.fields["trigger"]
        self.fields["title"].label = "会议名称"
        self.fields["title"].error_messages["required"] = "请填写会议名称。"
        self.fields["happened_on"].label = "召开日期"
        self.fields["happened_on"].error_messages["required"] = "请填写召开日期。"
        self.fields["content"].label = "会议记录"
        self.fields["content"].help_text = "议题、汇报、讨论和结论。"

    def clean(self):
        data = super().clean()
        expected, present = data.get("expected_count"), data.get("present_count")
        if expected is not None and present is not None and present > expected:
            self.add_error("present_count", f"实到人数（{present}）不能多于应到人数（{expected}）。")
        return data


class HourField(forms.TimeField):
    """时间, as 09:30; a Chinese colon is read as well."""

    def __init__(self, **kwargs):
        kwargs.setdefault("error_messages", {"invalid": "请按 14:00 的样式填写时间。"})
        attributes = {"autocomplete": "off", "placeholder": "14:00", "maxlength": 5}
        super().__init__(
            widget=forms.TimeInput(format="%H:%M", attrs=attributes), input_formats=["%H:%M", "%H:%M:%S"], **kwargs
        )

    def to_python(self, value):
        return super().to_python(value.replace("：", ":").strip() if isinstance(value, str) else value)


def chairs_of(organisation: Organisation, on: date):
    """可主持的人: who holds a leading post in the organisation or above it."""
    roles = (Role.SECRETARY, Role.MEMBER, Role.UNIT_SECRETARY, Role.BRANCH_SECRETARY, Role.DISCIPLINE)
    places = organisation.path.strip("/").split("/")
    tenures = Tenure.objects.in_office(on).filter(post__role__in=roles, person__is_active=True)
    tenures = tenures.filter(Q(post__organisation=organisation) | Q(post__organisation__in=places))
    return Person.objects.filter(pk__in=tenures.values("person")).order_by("name")


class PlanForm(UnclassifiedForm):
    """安排会议: kind, organisation and year are settled before."""

    title = forms.CharField(label="会议名称", max_length=120, error_messages={"required": "请填写会议名称。"})
    day = DayField(label="召开日期")
    starts_at = HourField(label="开始时间", required=False)
    ends_at = HourField(label="结束时间", required=False)
    place = forms.CharField(label="地点", max_length=80, required=False)
    chair = forms.ModelChoiceField(
        label="主持人",
        queryset=Person.objects.none(),
        required=False,
        empty_label="不在名单中",
        help_text="由主持人确认会议纪要。",
        error_messages={"invalid_choice": "请从列表中选择主持人。"},
    )
    chaired_by = forms.CharField(
        label="主持人姓名", max_length=40, required=False, help_text="名单中没有主持人时填写；纪要由本单位书记确认。"
    )
    trigger = forms.CharField(
        label="召开依据",
        max_length=200,
        required=False,
        error_messages={"required": "请写明召开依据。"},
        help_text="传达哪次上级会议、哪份文件，或因何事项。",
    )
    duties = DutyChoices(
        label="计入责任", queryset=Duty.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    every = forms.ChoiceField(
        label="定期召开", choices=[("", "只这一次"), *EVERY.items()], required=False, help_text="遇非工作日顺延。"
    )
    times = forms.IntegerField(
        label="共几次",
        min_value=2,
        max_value=SERIES_AT_MOST,
        required=False,
        error_messages={
            "invalid": "请填写整数。",
            "min_value": "至少 2 次。",
            "max_value": f"最多 {SERIES_AT_MOST} 次。",
        },
    )
    reason = forms.CharField(
        label="改期原因",
        max_length=200,
        required=False,
        help_text="通知发出之后改日期、时间或地点时必填，会告知参会人员。",
    )

    def __init__(
        self,
        *args,
        organisation: Organisation,
        countable: list[Duty],
        asks_trigger: bool,
        is_called=False,
        is_new=False,
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        self.fields["chair"].queryset = chairs_of(organisation, timezone.localdate())
        self.fields["duties"].queryset = Duty.objects.filter(pk__in=[duty.pk for duty in countable])
        self.fields["duties"].initial = [duty.pk for duty in countable]
        if asks_trigger:
            self.fields["trigger"].required = True
        else:
            del self.fields["trigger"]
        if not is_called:
            del self.fields["reason"]
        if not is_new:
            del self.fields["every"], self.fields["times"]

    def clean(self):
        data = super().clean()
        starts, ends = data.get("starts_at"), data.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", "结束时间须晚于开始时间。")
        if ends and not starts and "starts_at" not in self.errors:
            self.add_error("starts_at", "请先填写开始时间。")
        if data.get("every") and not data.get("times") and "times" not in self.errors:
            self.add_error("times", "请填写共召开几次。")
        if data.get("chair"):
            data["chaired_by"] = data["chair"].name
        return data


class ItemForm(UnclassifiedForm):
    """议题."""

    title = forms.CharField(label="议题", max_length=120, error_messages={"required": "请填写议题。"})
    presenter = forms.CharField(label="汇报人", max_length=60, required=False)
    minutes_planned = forms.IntegerField(
        label="预计时长（分钟）",
        min_value=1,
        max_value=600,
        required=False,
        error_messages={"invalid": "请填写整数。", "max_value": "最多 600 分钟。", "min_value": "至少 1 分钟。"},
    )
    is_confidential = forms.BooleanField(
        label="限知事项", required=False, help_text="只有知情人员、主持人和会议登记人能看到内容；不是国家秘密。"
    )
    admitted = forms.CharField(
        label="知情人员", max_length=400, required=False, help_text="参会人员的姓名，用顿号分开。"
    )

    def __init__(self, *args, meeting, is_required=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.meeting = meeting
        if is_required:
            for name in ("title", "is_confidential", "admitted"):
                del self.fields[name]

    def clean_admitted(self) -> list[Person]:
        names = [name for name in NAMES.split(self.cleaned_data["admitted"]) if name]
        listed = {row.name: row.person for row in self.meeting.participants.exclude(person=None)}
        unknown = [name for name in names if name not in listed]
        if unknown:
            raise ValidationError(f"参会名单中没有：{'、'.join(unknown)}。请先列入名单，再设为知情人员。")
        return [listed[name] for name in names]


class PapersForm(UnclassifiedForm):
    """会议材料."""

    files = FilesField(label="会议材料", error_messages={"required": "请选择文件。"})


class InviteForm(UnclassifiedForm):
    """列入名单: whole groups by post, or names one a line."""

    groups = forms.MultipleChoiceField(
        label="按岗位列入",
        choices=[(key, label) for key, (label, _) in GROUPS.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    names = forms.CharField(
        label="按姓名列入",
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="一行一人，可以写「姓名 职务」；系统里有账号的会收到通知。",
    )
    seat = forms.ChoiceField(label="席位", choices=Participant.Seat.choices, initial=Participant.Seat.ATTENDS)

    def __init__(self, *args, organisation: Organisation, on: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.organisation, self.on = organisation, on

    def clean(self):
        data = super().clean()
        if not data.get("groups") and not (data.get("names") or "").strip():
            self.add_error("names", "请选择岗位，或填写至少一个姓名。")
        return data

    def people(self) -> list[tuple[Person | None, str, str]]:
        """(account, name, title) of everybody asked for; a name that two people bear goes without an account."""
        tenures = Tenure.objects.in_office(self.on).filter(person__is_active=True)
        if self.organisation.kind not in (Organisation.Kind.SCHOOL, Organisation.Kind.COMMISSION):
            tenures = tenures.filter(post__organisation__path__startswith=self.organisation.path)
        tenures = tenures.select_related("person", "post__organisation__parent").order_by("post__rank", "pk")
        roles = {role for key in self.cleaned_data["groups"] for role in GROUPS[key][1]}
        found = [(row.person, row.person.name, row.post.full_title) for row in tenures.filter(post__role__in=roles)]
        for line in self.cleaned_data["names"].splitlines():
            name, _, title = line.strip().replace("\u3000", " ").partition(" ")
            if not name:
                continue
            known = {row.person_id: row for row in tenures.filter(person__name=name)}
            row = next(iter(known.values())) if len(known) == 1 else None
            title = title.strip() or (row.post.full_title if row else "")
            found.append((row.person if row else None, name[:40], title))
        return found


class MinutesForm(UnclassifiedForm):
    """会议记录, and what was said to each item; saved as it is typed."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    minutes = forms.CharField(
        label="会议记录",
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="主持人讲话、发言讨论、结论。",
    )

    def __init__(self, *args, items, **kwargs):
        super().__init__(*args, **kwargs)
        self.items = list(items)
        for item in self.items:
            words = {"required": False, "max_length": 4_000, "widget": forms.Textarea(attrs={"rows": 2})}
            self.fields[f"dealt-{item.pk}"] = forms.BooleanField(
                label="已议", required=False, initial=item.is_dealt_with
            )
            self.fields[f"report-{item.pk}"] = forms.CharField(label="汇报要点", initial=item.report, **words)
            self.fields[f"discussion-{item.pk}"] = forms.CharField(label="讨论情况", initial=item.discussion, **words)

    def rows(self):
        """Each item with its three fields, for the page."""
        return [
            (item, self[f"dealt-{item.pk}"], self[f"report-{item.pk}"], self[f"discussion-{item.pk}"])
            for item in self.items
        ]

    def item_facts(self) -> dict[int, dict]:
        data = self.cleaned_data
        return {
            item.pk: {
                "is_dealt_with": data[f"dealt-{item.pk}"],
                "report": data[f"report-{item.pk}"],
                "discussion": data[f"discussion-{item.pk}"],
            }
            for item in self.items
        }


class ResolutionForm(UnclassifiedForm):
    """决议: what, who, by which day."""

    text = forms.CharField(
        label="决议内容",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请填写决议内容。"},
    )
    owner = PostField(
        label="责任人",
        queryset=Post.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择责任人。", "invalid_choice": "请从列表中选择责任人。"},
    )
    due_on = DayField(label="完成日期")

    def __init__(self, *args, organisation: Organisation, **kwargs):
        super().__init__(*args, **kwargs)
        posts = Post.objects.filter(abolished_on=None).exclude(
            role__in=(Role.INSPECTOR, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, Role.LIAISON)
        )
        if organisation.kind in (Organisation.Kind.SCHOOL, Organisation.Kind.COMMISSION):
            posts = posts.exclude(role=Role.BRANCH_SECRETARY)
        else:
            posts = posts.filter(organisation__path__startswith=organisation.path)
        self.fields["owner"].queryset = posts.select_related("organisation__parent").order_by(
            "organisation__path", "rank"
        )


class HandInForm(UnclassifiedForm):
    """提交纪要."""

    late_reason = forms.CharField(label="补录原因", max_length=200, required=False)
    sitting = forms.IntegerField(
        label="当日第几次",
        min_value=1,
        max_value=20,
        required=False,
        error_messages={"invalid": "请填写 1 至 20 的整数。"},
        help_text="同一单位当天已录入过同类会议；确是另一次的，请填第几次。",
    )
    files = FilesField(label="附件", required=False)


class CorrectionForm(UnclassifiedForm):
    """更正."""

    reason = forms.CharField(label="更正原因", max_length=200, error_messages={"required": "请写明更正的原因。"})
    minutes = forms.CharField(
        label="更正后的会议记录",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 12}),
        error_messages={"required": "更正后的会议记录不能是空的。"},
    )


class CodeForm(UnclassifiedForm):
    """签到码."""

    code = forms.CharField(
        label="签到码",
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "autofocus": True}),
        error_messages={"required": "请输入会场屏幕上的六位签到码。"},
        help_text="会场屏幕上的六位数字，半分钟换一次。",
    )

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].split())
