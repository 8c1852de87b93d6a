"""问责处理表单: what a decision says, its follow-up, its influence period."""

from django import forms
from django.db.models import Q

from accountability.forms import DayField, FilesField
from accountability.models import Duty, Organisation, Person, Role
from accountability.organisation_forms import OrganisationField, PeopleField
from accountability.unclassified import UnclassifiedForm
from inspections.models import Finding
from supervision.models import AccountabilityKind, AccountabilityMeasure

ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


class KindField(forms.ModelChoiceField):
    def label_from_instance(self, kind: AccountabilityKind) -> str:
        return f"{kind.get_target_display()}：{kind.name}"


class MeasureForm(UnclassifiedForm):
    """登记问责处理."""

    kind = KindField(
        label="问责方式",
        queryset=AccountabilityKind.objects.filter(is_dropped=False),
        empty_label="请选择",
        error_messages={"required": "请选择问责方式。", "invalid_choice": "请从列表中选择问责方式。"},
    )
    organisation = OrganisationField(
        label="组织",
        queryset=Organisation.objects.none(),
        required=False,
        empty_label="不是对组织的",
        error_messages={"invalid_choice": "请从列表中选择组织。"},
    )
    person = PeopleField(
        label="人员",
        queryset=Person.objects.none(),
        required=False,
        empty_label="不是对个人的",
        error_messages={"invalid_choice": "请从名单中选择人员。"},
    )
    liability = forms.ChoiceField(
        label="责任区分",
        required=False,
        choices=[("", "不区分"), *AccountabilityMeasure.Liability.choices],
        error_messages={"invalid_choice": "请从列表中选择责任区分。"},
    )
    duty = forms.CharField(
        label="失责事项编号", required=False, max_length=12, help_text="责任台账中的编号，如 2026-0123。"
    )
    finding = forms.CharField(
        label="巡察问题编号", required=False, max_length=20, help_text="整改台账中的编号，如 2026-1-05。"
    )
    reason = forms.CharField(
        label="问责事由",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="没有关联事项的必填，至少 10 个字；不写问题线索的细节。",
    )
    disclosure = forms.ChoiceField(
        label="如何发现",
        choices=AccountabilityMeasure.Disclosure.choices,
        initial=AccountabilityMeasure.Disclosure.FOUND,
        error_messages={"required": "请选择如何发现。", "invalid_choice": "请从列表中选择。"},
    )
    decided_by_body = forms.CharField(
        label="决定机关", max_length=80, error_messages={"required": "请填写作出决定的机关。"}
    )
    decided_on = DayField(label="决定日期")
    document_number = forms.CharField(label="决定文号", max_length=60, error_messages={"required": "请填写决定文号。"})
    files = FilesField(label="处理决定", required=False)
    requirements = forms.CharField(
        label="整改要求", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    follow_up_on = DayField(label="跟进日期", required=False, help_text="到期列入纪委的责任台账提醒跟进，不写对象。")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = (
            Organisation.objects.active().select_related("parent").order_by("kind", "rank", "pk")
        )
        people = Person.objects.filter(is_active=True, is_superuser=False).exclude(
            Q(tenures__post__role__in=ADMINISTRATORS) | Q(username="system")
        )
        self.fields["person"].queryset = people.order_by("name").distinct()

    def clean_duty(self) -> Duty | None:
        number = self.cleaned_data["duty"].strip()
        found = Duty.objects.filter(number=number).first() if number else None
        if number and found is None:
            raise forms.ValidationError(f"责任台账中没有编号 {number} 的事项。")
        return found

    def clean_finding(self) -> Finding | None:
        text = self.cleaned_data["finding"].strip()
        if not text:
            return None
        parts = text.upper().replace("-R", "-").split("-")
        if len(parts) in (3, 4) and all(part.isascii() and part.isdigit() and len(part) < 7 for part in parts):
            turn = int(parts[3]) if len(parts) == 4 else 1
            found = Finding.objects.filter(round__number="-".join(parts[:2]), serial=int(parts[2]), turn=turn).first()
            if found:
                return found
        raise forms.ValidationError(f"整改台账中没有编号 {text} 的问题。")


class FollowUpForm(UnclassifiedForm):
    """跟进情况."""

    words = forms.CharField(
        label="整改和跟进情况",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请写明整改和跟进情况。"},
    )
    on = DayField(label="跟进日期")


class InfluenceForm(UnclassifiedForm):
    """调整影响期."""

    influence_from = DayField(label="影响期自", required=False)
    influence_until = DayField(label="影响期至", required=False, help_text="都留空为没有影响期。")
    reason = forms.CharField(label="依据", max_length=300, error_messages={"required": "请写明调整的依据。"})


class LiftForm(UnclassifiedForm):
    """解除."""

    on = DayField(label="解除日期")
    reason = forms.CharField(
        label="依据", max_length=300, help_text="如解除决定的文号。", error_messages={"required": "请写明解除的依据。"}
    )


class WithdrawForm(UnclassifiedForm):
    """撤销登记."""

    reason = forms.CharField(
        label="原因",
        max_length=300,
        help_text="登记有误时用，至少 10 个字；原登记留在办理历史中。",
        error_messages={"required": "请写明撤销登记的原因。"},
    )
