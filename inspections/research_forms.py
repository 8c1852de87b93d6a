"""调研督查表单: what is typed for a visit, a sign, a topic, a requirement, an answer and a rule."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accountability.forms import DayField, FilesField
from accountability.models import Organisation, Person, Post, Role
from accountability.organisation_forms import OrganisationField, PeopleField, PostField
from accountability.unclassified import UnclassifiedForm
from inspections.forms import UnitsField
from inspections.models import Requirement, Rule, Sign, Topic
from inspections.models.topics import key_areas
from inspections.services.requirements import SCOPES

NO_NAMES = "只写现象，不写线索细节，不写人名；线索请走信访举报和问题线索的专门渠道。"
CHOOSE_UNITS = {"invalid_choice": "请从列表中选择单位。", "invalid_pk_value": "请从列表中选择单位。"}


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def _units(label: str = "单位", **kwargs) -> UnitsField:
    kwargs.setdefault("error_messages", {"required": "请选择单位。", **CHOOSE_UNITS})
    return UnitsField(label=label, queryset=Organisation.objects.none(), widget=forms.CheckboxSelectMultiple, **kwargs)


def _unit(label: str, **kwargs) -> OrganisationField:
    kwargs.setdefault("error_messages", {"required": f"请选择{label}。", "invalid_choice": "请从列表中选择单位。"})
    return OrganisationField(label=label, queryset=Organisation.objects.none(), empty_label="请选择", **kwargs)


def _text(label: str, length: int, rows: int = 0, **kwargs) -> forms.CharField:
    if rows:
        kwargs["widget"] = _area(rows)
    kwargs.setdefault("error_messages", {"required": f"请填写{label}。"})
    return forms.CharField(label=label, max_length=length, **kwargs)


def area_choices() -> list[tuple[str, str]]:
    return [("", "不属于重点领域"), *((area, area) for area in key_areas())]


class PastDayField(DayField):
    """A day that has come."""

    def clean(self, value):
        day = super().clean(value)
        if day is not None and day > timezone.localdate():
            raise ValidationError("日期不能晚于今天。")
        return day


class VisitForm(UnclassifiedForm):
    """登记调研督查."""

    post = PostField(
        label="校领导",
        queryset=Post.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择校领导。", "invalid_choice": "请从列表中选择校领导。"},
    )
    happened_on = PastDayField(label="调研日期")
    units = _units("走访单位", help_text="到支部、系、实验室的，选所在单位，地点栏写明。")
    place = _text("地点", 80)
    companions = _text("陪同和参加人员", 200, required=False, help_text="写部门和人数即可。")
    learned = _text("了解的情况", 8000, 5)
    found = _text("发现的问题", 2000, 3, required=False, help_text="走访单位看不到这一栏和「了解的情况」。")
    asked = _text("提出的要求", 2000, 3, help_text="走访单位能看到；没有的写“无”。")
    promised = _text("答应办理的事项", 2000, 3, required=False, help_text="答应为单位协调、办理的事，走访单位能看到。")
    title = _text("名称", 120, required=False, help_text="不填的，按校领导和走访单位生成。")
    late_reason = _text("补录原因", 200, required=False, help_text="晚于发生日录入会标明「补录」，不影响计入。")
    files = FilesField(label="附件", required=False)

    def __init__(self, *args, posts, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["post"].queryset = posts
        self.fields["units"].queryset = Organisation.objects.active().units().order_by("rank", "pk")


class SignForm(UnclassifiedForm):
    """录入苗头."""

    organisation = _unit("涉及单位")
    source = forms.ChoiceField(
        label="来源",
        choices=[("", "请选择"), *Sign.Source.choices],
        error_messages={"required": "请选择来源。", "invalid_choice": "请从列表中选择来源。"},
    )
    category = forms.ChoiceField(
        label="类别",
        choices=[("", "请选择"), *Sign.Category.choices],
        error_messages={"required": "请选择类别。", "invalid_choice": "请从列表中选择类别。"},
    )
    noticed_on = PastDayField(label="发现日期")
    text = _text("苗头表现", 500, 4, help_text=NO_NAMES)

    def __init__(self, *args, units, takes_petitions: bool, visit=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = units.order_by("rank", "pk")
        if not takes_petitions:
            kept = [choice for choice in self.fields["source"].choices if choice[0] != Sign.Source.PETITION]
            self.fields["source"].choices = kept
        if visit:
            self.fields["source"].choices = [(Sign.Source.VISIT, Sign.Source.VISIT.label)]


class ReasonForm(UnclassifiedForm):
    reason = forms.CharField(label="说明", required=False, max_length=300)
    due_on = DayField(label="新的期限", required=False)


class TeamField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, person: Person) -> str:
        return f"{person.name}（{person.username}）"


class TopicForm(UnclassifiedForm):
    """专题立项与方案."""

    title = _text("题目", 80, help_text="会写在发给单位的工作要求上，不写单位名称和人名。")
    key_area = forms.ChoiceField(label="重点领域", required=False)
    lead = PeopleField(
        label="牵头人",
        queryset=Person.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择牵头人。", "invalid_choice": "请从名单中选择。"},
    )
    team = TeamField(
        label="调研组成员",
        queryset=Person.objects.none(),
        required=False,
        help_text="列入后，专题在办期间能看到纳入的苗头（本单位的除外）。",
        error_messages={"invalid_choice": "请从名单中选择。", "invalid_pk_value": "请从名单中选择。"},
    )
    plan = _text("调研方案", 3000, 5, help_text="查什么、找谁谈、看哪些材料。")
    due_on = DayField(label="计划完成日期", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["key_area"].choices = area_choices()
        people = Person.objects.filter(
            is_active=True,
            tenures__ended_on=None,
            tenures__post__role__in=(
                Role.DISCIPLINE, Role.MEMBER, Role.SECRETARY, Role.OFFICE, Role.DEPARTMENT, Role.INSPECTION_OFFICE,
            ),
        )  # fmt: skip
        for name in ("lead", "team"):
            self.fields[name].queryset = people.order_by("name").distinct()


class FindingsForm(UnclassifiedForm):
    """专题结论."""

    causes = _text("深层次原因", 5000, 6)
    advice = _text("建议", 5000, 6)


class SignsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, sign: Sign) -> str:
        return f"{sign.noticed_on} {sign.organisation.name} · {sign.get_category_display()} · {sign.text}"


class CollectForm(forms.Form):
    """纳入苗头."""

    signs = SignsField(
        label="苗头",
        queryset=Sign.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "请选择要纳入的苗头。",
            "invalid_choice": "所选苗头已不能纳入，请重新选择。",
            "invalid_pk_value": "请从列表中选择苗头。",
        },
    )

    def __init__(self, *args, signs, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["signs"].queryset = signs


class RequirementForm(UnclassifiedForm):
    """提出工作要求."""

    title = _text("要求", 100, help_text="一句话，如“开展设备验收自查并报告结果”。")
    text = _text("具体内容", 2000, 4, help_text="要单位做什么、答复里写清什么；收到的单位都能看到。")
    due_on = DayField(label="答复期限")
    units = _units()

    def __init__(self, *args, units, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["units"].queryset = units.order_by("rank", "pk").distinct()


class SpreadForm(RequirementForm):
    """举一反三."""

    scope = forms.ChoiceField(
        label="发给",
        choices=SCOPES.items(),
        initial="kind",
        error_messages={"required": "请选择发给哪些单位。", "invalid_choice": "请从列表中选择。"},
    )
    field_order = ("title", "text", "due_on", "scope", "units")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["units"].required = False
        self.fields["units"].help_text = "选“所选单位”时在这里勾选；已收到这项要求的单位不再列出。"


class AnswerForm(UnclassifiedForm):
    """答复工作要求."""

    text = _text("办理情况", 8000, 6, help_text="做了什么、查出什么、怎样改的，至少 10 个字。")
    files = FilesField(label="佐证材料", required=False)


class RequirementField(forms.ModelChoiceField):
    def label_from_instance(self, requirement: Requirement) -> str:
        return f"{requirement.issued_at:%Y} {requirement.title}"


class TopicField(forms.ModelChoiceField):
    def label_from_instance(self, topic: Topic) -> str:
        return topic.title


class MeasureField(forms.ModelChoiceField):
    def label_from_instance(self, measure) -> str:
        return f"{measure.finding.number} {measure.text[:40]}"


class RuleForm(UnclassifiedForm):
    """登记制度成果."""

    title = _text("制度名称", 120)
    document_number = _text("文号", 40, required=False)
    organisation = _unit("制定单位")
    key_area = forms.ChoiceField(label="重点领域", required=False, help_text="不选的，按制定单位的重点领域。")
    status = forms.ChoiceField(label="立改废", choices=Rule.Status.choices)
    in_force_on = DayField(label="施行日期")
    repealed_on = DayField(label="废止日期", required=False, help_text="只有废止的才填。")
    summary = _text("解决什么问题", 300, 2)
    topic = TopicField(label="来自专题", queryset=Topic.objects.none(), required=False, empty_label="不是")
    requirement = RequirementField(
        label="来自工作要求", queryset=Requirement.objects.none(), required=False, empty_label="不是"
    )
    measure = MeasureField(
        label="来自整改措施",
        queryset=None,
        required=False,
        empty_label="不是",
        help_text="类型为“建章立制”的措施；三项来源至少选一项。",
    )

    def __init__(self, *args, units, topics, requirements, measures, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["key_area"].choices = area_choices()
        self.fields["organisation"].queryset = units.order_by("rank", "pk")
        for name, rows in (("topic", topics), ("requirement", requirements), ("measure", measures)):
            self.fields[name].queryset = rows
            self.fields[name].error_messages["invalid_choice"] = "请从列表中选择。"
        if not topics.exists():  # a unit takes no part in topics: what it cannot choose it is not asked
            del self.fields["topic"]

    @property
    def facts(self) -> dict:
        """What the service takes; a source that was not asked stays as it is."""
        return {name: value for name, value in self.cleaned_data.items() if name != "reason"}


class RuleChangeForm(RuleForm):
    """更正、修订、废止."""

    reason = _text("更改的依据或原因", 200, help_text="如会议决定、文号；至少 4 个字。")
