"""谈话表单: what is typed to arrange a talk, to record it, to confirm it and to report on it."""

from itertools import groupby

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from accountability.forms import DayField
from accountability.models import Organisation, Person, Tenure
from accountability.unclassified import UnclassifiedForm
from supervision.models import Talk, TalkKind
from supervision.talks import access as door

DECISION = ("decided_by", "decided_on", "document_number")
NO_CLUES = "只写类别和现象，不写线索细节，不写举报人；问题线索按规定另行管理，不进入本系统。"


def _text(label: str, length: int, rows: int = 0, **kwargs) -> forms.CharField:
    if rows:
        kwargs["widget"] = forms.Textarea(attrs={"rows": rows})
    kwargs.setdefault("error_messages", {"required": f"请填写{label}。"})
    return forms.CharField(label=label, max_length=length, **kwargs)


def _choice(label: str, choices, **kwargs) -> forms.ChoiceField:
    errors = {"required": f"请选择{label}。", "invalid_choice": f"请从列表中选择{label}。"}
    return forms.ChoiceField(label=label, choices=[("", "请选择"), *choices], error_messages=errors, **kwargs)


class TenureField(forms.ModelChoiceField):
    """谈话对象 as holders of posts, under the units they serve in."""

    def label_from_instance(self, tenure: Tenure) -> str:
        return f"{tenure.person.name}（{tenure.post.title}）"

    def grouped(self) -> list:
        """Choices of the widget, by unit; one query."""
        units = Organisation.Kind
        order = "post__organisation__path", "post__rank", "pk"
        rows = self.queryset.select_related("person", "post__organisation__parent").order_by(*order)

        def place(tenure: Tenure) -> str:
            unit = tenure.post.organisation
            return unit.full_name if unit.kind == units.BRANCH else unit.party_name

        named = [(place(tenure), tenure) for tenure in rows]
        groups = groupby(named, key=lambda pair: pair[0])
        return [(unit, [(row.pk, self.label_from_instance(row)) for _, row in pairs]) for unit, pairs in groups]


class HolderField(forms.ModelChoiceField):
    """People by name and post; one query for all of them."""

    def offer(self, people: QuerySet[Person]) -> None:
        self.queryset = people
        rows = Tenure.objects.in_office(timezone.localdate()).filter(person__in=people)
        rows = rows.select_related("person", "post__organisation__parent").order_by(
            "post__organisation__path", "post__rank", "pk"
        )
        named: dict[int, str] = {}
        for row in rows:
            named.setdefault(row.person_id, f"{row.person.name}（{row.post.full_title}）")
        self.widget.choices = [("", self.empty_label), *named.items()]


def _person(label: str, **kwargs) -> HolderField:
    errors = {"required": f"请选择{label}。", "invalid_choice": f"请从列表中选择{label}。"}
    return HolderField(label=label, queryset=Person.objects.none(), error_messages=errors, **kwargs)


class TalkForm(UnclassifiedForm):
    """安排谈话, or 提请 a leader to arrange it."""

    tenure = TenureField(
        label="谈话对象",
        queryset=Tenure.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择谈话对象。", "invalid_choice": "请从列表中选择谈话对象。"},
    )
    kind = _choice("谈话类型", TalkKind.choices)
    matter = _choice("事由类别", Talk.Matter.choices)
    words = _text("事由", 300, 3, help_text=NO_CLUES)
    leader = _person(
        "由谁安排",
        required=False,
        empty_label="本人安排",
        help_text="选了其他领导的，提请其安排，谈话人和期限由其确定。",
    )
    talker = _person("谈话人", required=False, empty_label="本人谈")
    due_on = DayField(label="谈话期限", required=False, help_text="本人安排的必填。")
    decided_by = _text(
        "决定机关", 80, required=False, help_text="只有诫勉填写；诫勉由有权限的党组织决定，本系统只作登记。"
    )
    decided_on = DayField(label="决定日期", required=False)
    document_number = _text("决定文号", 60, required=False)

    def __init__(self, *args, user, may_propose: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["tenure"].queryset = door.to_talk_to(user)
        self.fields["tenure"].widget.choices = [("", "请选择"), *self.fields["tenure"].grouped()]
        self.fields["talker"].offer(door.talkers_for(user).exclude(pk=user.pk))
        if may_propose:
            self.fields["leader"].offer(door.leaders_to_ask().exclude(pk=user.pk))
        else:
            del self.fields["leader"]
            self.fields["due_on"].required, self.fields["due_on"].help_text = True, ""
        if not door.reaches_all(user):
            for name in DECISION:
                del self.fields[name]
            kept = [choice for choice in self.fields["kind"].choices if choice[0] != TalkKind.ADMONITION]
            self.fields["kind"].choices = kept

    @property
    def main(self) -> list:
        return [field for field in self if field.name not in DECISION]

    @property
    def decision(self) -> list:
        """诫勉 alone asks for these."""
        return [field for field in self if field.name in DECISION]

    @property
    def shows_decision(self) -> bool:
        return any(field.errors or field.value() for field in self.decision)

    def clean(self) -> dict:
        data = super().clean()
        if not data.get("leader") and "due_on" not in self.errors and not data.get("due_on"):
            self.add_error("due_on", "请填写谈话期限。")
        return data


class OrderForm(UnclassifiedForm):
    """安排 what was proposed."""

    talker = _person("谈话人", required=False, empty_label="本人谈")
    due_on = DayField(label="谈话期限")

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["talker"].offer(door.talkers_for(user).exclude(pk=user.pk))


class HoldForm(UnclassifiedForm):
    """谈话记录."""

    held_on = DayField(label="谈话日期")
    place = _text("谈话地点", 80, help_text="函询的写“书面”。")
    recorder = _text("记录人", 40, help_text="记录人应当是应知悉的人员；没有的写谈话人。")
    issues = _text("指出的问题", 800, 4, help_text=NO_CLUES)
    said = _text("本人说明和表态", 800, 4)
    requirements = _text("提出的要求", 500, 3, required=False)
    report_by = DayField(label="报告期限", required=False, help_text="要求本人报告落实情况的，填写期限。")
    is_first_form = forms.BooleanField(label="运用监督执纪第一种形态", required=False)

    def clean_held_on(self):
        day = self.cleaned_data["held_on"]
        if day > timezone.localdate():
            raise ValidationError("谈话日期不能晚于今天。")
        return day


class ConfirmForm(UnclassifiedForm):
    words = _text("说明", 300, 2, required=False, help_text="对记录有不同意见的，写在这里，随记录保存。")


class TrackForm(UnclassifiedForm):
    requirements = _text("提出的要求", 500, 3)
    report_by = DayField(label="报告期限")


class ReportForm(UnclassifiedForm):
    words = _text(
        "落实情况", 1000, 4, help_text="做了什么、结果如何，至少 10 个字；只有谈话双方和获准知悉的同志能看到。"
    )


class ReasonForm(UnclassifiedForm):
    """A reason, and a new day where a report is sent back."""

    reason = forms.CharField(label="原因", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    report_by = DayField(label="新的报告期限", required=False)
