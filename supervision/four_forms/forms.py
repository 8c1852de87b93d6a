"""四种形态登记表单."""

from django import forms
from django.utils import timezone

from accountability.forms import DayField
from accountability.models import Organisation, Person, Role
from accountability.organisation_forms import OrganisationField, PeopleField
from accountability.unclassified import UnclassifiedForm
from supervision.models import Form, FormEntry, FormMeasure

ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


class MeasureField(forms.ModelChoiceField):
    def grouped(self) -> list:
        """Under their forms; one query."""
        rows = list(self.queryset)
        return [
            (form.label, [(row.pk, row.name) for row in rows if row.form == form])
            for form in Form
            if any(row.form == form for row in rows)
        ]


def _text(label: str, length: int, **kwargs) -> forms.CharField:
    errors = {"required": f"请填写{label}。", "max_length": f"{label}请控制在 {length} 个字以内。"}
    return forms.CharField(label=label, max_length=length, error_messages=errors, **kwargs)


class EntryForm(UnclassifiedForm):
    """登记."""

    target = forms.ChoiceField(label="对象", choices=FormEntry.Target.choices)
    person = PeopleField(
        label="人员",
        queryset=Person.objects.none(),
        required=False,
        empty_label="名单里没有，填写姓名",
        error_messages={"invalid_choice": "请从名单中选择人员。"},
    )
    person_name = _text("姓名", 40, required=False, help_text="名单里没有的人员填写；对象是党组织的不填。")
    organisation = OrganisationField(
        label="单位",
        queryset=Organisation.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择单位。", "invalid_choice": "请从列表中选择单位。"},
        help_text="个人所在的单位，或者被处置的党组织。",
    )
    measure = MeasureField(
        label="形态和处置方式",
        queryset=FormMeasure.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择处置方式。", "invalid_choice": "请从列表中选择处置方式。"},
    )
    decided_by = _text("决定机关", 80, help_text="作出决定的党组织或机关，例如学校党委、学校纪委。")
    decided_on = DayField(label="决定日期")
    document_number = _text("文号", 60, help_text="没有文号的，写会议名称和日期。")
    notes = _text("备注", 200, required=False, help_text="不写违纪事实和线索细节。")

    def __init__(self, *args, user, measure: FormMeasure | None = None, **kwargs):
        kwargs.setdefault("initial", {"decided_on": timezone.localdate()})
        super().__init__(*args, **kwargs)
        people = Person.objects.filter(is_active=True).exclude(is_superuser=True).exclude(username="system")
        people = people.exclude(tenures__post__role__in=ADMINISTRATORS).exclude(pk=user.pk)
        self.fields["person"].queryset = people.order_by("name", "pk").distinct()
        self.fields["organisation"].queryset = Organisation.objects.select_related("parent").order_by("path")
        measures = FormMeasure.objects.filter(is_dropped=False)
        if measure is not None:
            measures = measures | FormMeasure.objects.filter(pk=measure.pk)
        field = self.fields["measure"]
        field.queryset = measures
        field.widget.choices = [("", "请选择"), *field.grouped()]


class CorrectForm(EntryForm):
    """更正, with why."""

    reason = forms.CharField(
        label="更正原因",
        max_length=200,
        min_length=4,
        error_messages={"required": "请写明更正原因。", "min_length": "更正原因至少 4 个字。"},
    )


class ReasonForm(UnclassifiedForm):
    reason = forms.CharField(label="原因", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}))
