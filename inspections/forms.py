"""巡察整改表单: what is typed for a round, its team, its ledger, a finding and a measure."""

from django import forms
from django.core.exceptions import ValidationError

from accountability.forms import DayField, FilesField, WorkbookField
from accountability.models import Organisation, Person, Post, Role
from accountability.organisation_forms import OrganisationField, PeopleField, PostField
from accountability.unclassified import UnclassifiedForm
from inspections.models import Finding, Round, RoundMember, Term
from inspections.models.findings import KINDS


class RoundField(forms.ModelChoiceField):
    def label_from_instance(self, row: Round) -> str:
        return f"{row.number} {row.name}"


class UnitsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, organisation: Organisation) -> str:
        return organisation.full_name


class RoundForm(UnclassifiedForm):
    """登记巡察轮次."""

    name = forms.CharField(label="名称", max_length=80, error_messages={"required": "请填写名称。"})
    kind = forms.ChoiceField(label="类型", choices=Round.Kind.choices)
    term = forms.ModelChoiceField(
        label="届次",
        queryset=Term.objects.none(),
        required=False,
        empty_label="不属于任何一届",
        error_messages={"invalid_choice": "请从列表中选择届次。"},
    )
    starts_on = DayField(label="进驻日期")
    ends_on = DayField(label="撤点日期")
    units = UnitsField(
        label="被巡察单位",
        queryset=Organisation.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="巡视全校的可不选。",
        error_messages={"invalid_choice": "请从列表中选择单位。", "invalid_pk_value": "请从列表中选择单位。"},
    )
    key_area = forms.ChoiceField(label="重点领域", required=False, help_text="专项巡察的领域。")
    revisits = RoundField(
        label="回头看的轮次",
        queryset=Round.objects.none(),
        required=False,
        empty_label="不是回头看",
        error_messages={"invalid_choice": "请从列表中选择轮次。"},
    )
    scope = forms.CharField(
        label="范围与重点", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        units = Organisation.objects.active().units().order_by("rank", "pk")
        self.fields["units"].queryset = units
        areas = sorted({unit.key_area for unit in units if unit.key_area})
        self.fields["key_area"].choices = [("", "没有"), *((area, area) for area in areas)]
        self.fields["term"].queryset = Term.objects.visible_to(user)
        self.fields["revisits"].queryset = Round.objects.visible_to(user).exclude(stage=Round.Stage.PLANNED)

    def clean(self) -> dict:
        data = super().clean()
        if data.get("kind") == Round.Kind.REVISIT and not data.get("revisits"):
            self.add_error("revisits", "回头看须选择是对哪一轮的回头看。")
        if data.get("kind") == Round.Kind.SPECIAL and not data.get("units") and not data.get("key_area"):
            self.add_error("units", "专项巡察请选择涉及的单位或重点领域。")
        if data.get("starts_on") and data.get("ends_on") and data["ends_on"] < data["starts_on"]:
            self.add_error("ends_on", f"撤点日期不能早于进驻日期 {data['starts_on']}。")
        return data


class RoundEditForm(RoundForm):
    """修改轮次, with why."""

    reason = forms.CharField(
        label="修改原因",
        max_length=100,
        min_length=4,
        error_messages={"required": "请写明修改原因。", "min_length": "修改原因至少 4 个字。"},
    )

    def __init__(self, *args, row: Round, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["revisits"].queryset = self.fields["revisits"].queryset.exclude(pk=row.pk)


class FeedbackForm(UnclassifiedForm):
    feedback_on = DayField(label="反馈日期")
    rectify_by = DayField(
        label="集中整改截止日", required=False, help_text="不填的，巡视按 6 个月、其他按 3 个月推算。"
    )


class MemberForm(UnclassifiedForm):
    """巡察组成员."""

    person = PeopleField(
        label="人员",
        queryset=Person.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择人员。", "invalid_choice": "请从名单中选择人员。"},
    )
    duty = forms.ChoiceField(label="职务", choices=RoundMember.Duty.choices, initial=RoundMember.Duty.MEMBER)
    from_on = DayField(label="自")
    until_on = DayField(label="至")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = Person.objects.filter(is_active=True, is_superuser=False).exclude(
            username="system"
        )


class LedgerForm(forms.Form):
    file = WorkbookField(
        label="整改台账",
        help_text="办公室现用的台账即可，表头、合并单元格、日期写法不用改；只收 .xlsx。",
    )


class MappingForm(forms.Form):
    """选定单位 for the names a ledger has and the system does not; what was probably meant is proposed."""

    AT_ONCE = 60

    def __init__(self, *args, names: list[str], proposals: dict[str, Organisation] | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.names = names[: self.AT_ONCE]
        units = Organisation.objects.active().exclude(kind=Organisation.Kind.BRANCH).order_by("rank", "pk")
        self.units = {str(unit.pk): unit for unit in units} if names else {}
        choices = [("", "请选定单位"), *((pk, unit.name) for pk, unit in self.units.items())]
        for number, name in enumerate(self.names):
            near = (proposals or {}).get(name)
            self.fields[f"unit{number}"] = forms.ChoiceField(
                label=name,
                choices=choices,
                required=False,
                initial=str(near.pk) if near else "",
                help_text=f"可能是“{near.name}”，请核对" if near else "",
                error_messages={"invalid_choice": "请从列表中选择单位。"},
            )

    def chosen(self) -> dict[str, Organisation]:
        pairs = ((name, self.cleaned_data.get(f"unit{number}")) for number, name in enumerate(self.names))
        return {name: self.units[pk] for name, pk in pairs if pk}


class ActForm(UnclassifiedForm):
    reason = forms.CharField(label="说明", required=False, max_length=500)
    review_on = DayField(label="下次复核日期", required=False)


class ProgressForm(UnclassifiedForm):
    """填报进展."""

    progress = forms.CharField(
        label="整改进展",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请写明进展。"},
    )
    is_mostly_done = forms.BooleanField(label="已基本完成", required=False)


class CompleteForm(UnclassifiedForm):
    """完成措施: a text for each kind it is of."""

    progress = forms.CharField(
        label="完成内容",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请写明完成内容。"},
        help_text="做了什么、有什么结果，至少 10 个字。",
    )
    happened_on = DayField(label="完成日期")
    files = FilesField(label="佐证材料", required=False)

    def __init__(self, *args, kinds: list[str], **kwargs):
        super().__init__(*args, **kwargs)
        self.kinds = kinds
        for kind in kinds:
            self.fields[f"result_{kind}"] = forms.CharField(
                label=f"{kind}的成效",
                max_length=1000,
                widget=forms.Textarea(attrs={"rows": 2}),
                error_messages={"required": f"请写明{kind}的成效。"},
            )
        self.order_fields(["progress", *(f"result_{kind}" for kind in kinds), "happened_on", "files"])

    @property
    def results(self) -> dict[str, str]:
        return {kind: self.cleaned_data[f"result_{kind}"] for kind in self.kinds}

    @property
    def result_fields(self) -> list:
        return [self[f"result_{kind}"] for kind in self.kinds]


class ExtensionForm(UnclassifiedForm):
    """申请延期."""

    to_on = DayField(label="延至")
    reason = forms.CharField(
        label="延期原因",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明延期原因。"},
    )

    def clean_reason(self) -> str:
        reason = self.cleaned_data["reason"].strip()
        if len(reason) < 10:
            raise ValidationError("请写明延期原因，至少 10 个字。")
        return reason


class FindingForm(UnclassifiedForm):
    """登记问题."""

    organisation = OrganisationField(
        label="责任单位",
        queryset=Organisation.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择责任单位。", "invalid_choice": "请从列表中选择单位。"},
    )
    category = forms.CharField(label="问题类别", max_length=200, required=False)
    sub_category = forms.CharField(label="问题子类", max_length=200, required=False)
    text = forms.CharField(label="具体问题", max_length=500, error_messages={"required": "请写明问题。"})
    symptoms = forms.CharField(
        label="具体表现",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="一行一条。",
        error_messages={"required": "请写明问题怎样表现出来。"},
    )
    implementation = forms.ChoiceField(
        label="对应四落实", required=False, choices=[("", "未定"), *Finding.Implementation.choices]
    )
    is_focus = forms.TypedChoiceField(
        label="重点关注", choices=[("", "否"), ("1", "是")], required=False, coerce=bool, empty_value=False
    )

    def __init__(self, *args, units=(), **kwargs):
        super().__init__(*args, **kwargs)
        every = Organisation.objects.active().exclude(kind=Organisation.Kind.BRANCH).order_by("rank", "pk")
        self.fields["organisation"].queryset = every.filter(pk__in=units) if units else every


class FindingEditForm(FindingForm):
    """修改问题, with why."""

    reason = forms.CharField(
        label="修改原因",
        max_length=100,
        min_length=4,
        error_messages={"required": "请写明修改原因。", "min_length": "修改原因至少 4 个字。"},
    )


class GoalForm(UnclassifiedForm):
    goal = forms.CharField(
        label="整改目标",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请填写整改目标。"},
    )


class MeasureForm(UnclassifiedForm):
    """添加措施."""

    text = forms.CharField(
        label="整改措施",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明措施。"},
    )
    kinds = forms.MultipleChoiceField(
        label="措施类型", choices=[(kind, kind) for kind in KINDS], required=False, widget=forms.CheckboxSelectMultiple
    )
    lead = OrganisationField(
        label="牵头单位",
        queryset=Organisation.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择牵头单位。", "invalid_choice": "请从列表中选择单位。"},
    )
    owner = PostField(
        label="责任人",
        queryset=Post.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择责任人。", "invalid_choice": "请从列表中选择责任人。"},
    )
    leader = PostField(
        label="责任领导",
        queryset=Post.objects.none(),
        required=False,
        empty_label="未定",
        error_messages={"invalid_choice": "请从列表中选择校领导。"},
    )
    helpers = UnitsField(
        label="配合单位",
        queryset=Organisation.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "请从列表中选择单位。", "invalid_pk_value": "请从列表中选择单位。"},
    )
    due_on = DayField(label="整改时限", required=False)
    is_long_term = forms.BooleanField(label="长期坚持", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        units = Organisation.objects.active().exclude(kind=Organisation.Kind.BRANCH).order_by("rank", "pk")
        posts = Post.objects.filter(abolished_on=None).select_related("organisation__parent")
        self.fields["lead"].queryset = self.fields["helpers"].queryset = units
        self.fields["owner"].queryset = (
            posts.filter(organisation__in=units.values("pk"))
            .exclude(role__in=(Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, Role.INSPECTOR))
            .order_by("organisation__path", "rank")
        )
        self.fields["leader"].queryset = posts.filter(role__in=(Role.SECRETARY, Role.MEMBER)).order_by("rank")

    def clean(self) -> dict:
        data = super().clean()
        if data.get("lead") and data["lead"] in data.get("helpers", ()):
            self.add_error("helpers", f"{data['lead'].name}是牵头单位，不用再选为配合单位。")
        return data
