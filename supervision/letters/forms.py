"""监督文书表单: the letter, its matters in as many rows as wanted, the signer, an answer, an evaluation (三（二）1)."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accountability.forms import DayField, FilesField
from accountability.models import Duty, Obligation, Organisation, Person, Post
from accountability.organisation_forms import OrganisationField, PeopleField, PostField
from accountability.unclassified import UnclassifiedForm
from inspections.models import Finding
from supervision.models import Letter, LetterAnswer, LetterMatter
from supervision.services.letter_answers import ANSWER_AT_LEAST
from supervision.services.letters import ASKED_AT_LEAST, TEXT_AT_LEAST, copies_for, people_of, recipients

PREFIX = "matters"
NOT_CHOSEN = "请从列表中选择。"


class RecipientForm(forms.Form):
    """收文单位, asked first where nothing named it."""

    organisation = OrganisationField(
        label="收文单位",
        queryset=Organisation.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择收文单位。", "invalid_choice": "请从列表中选择单位。"},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = recipients()


class LetterForm(UnclassifiedForm):
    """文书本身; the unit is settled before."""

    kind = forms.ChoiceField(
        label="文书种类",
        choices=Letter.Kind.choices,
        help_text="告知书只有有知悉授权的纪委同志、拟稿人、签发人、本人和单位负责人能看到。",
        error_messages={"required": "请选择文书种类。", "invalid_choice": "请从列表中选择文书种类。"},
    )
    subject = forms.CharField(
        label="事由",
        max_length=80,
        min_length=4,
        help_text="写进标题：关于……的督办单。",
        error_messages={
            "required": "请填写事由。",
            "min_length": "请写明事由，至少 4 个字。",
            "max_length": "事由请控制在 80 个字以内。",
        },
    )
    person = PeopleField(
        label="被告知人",
        queryset=Person.objects.none(),
        required=False,
        empty_label="不是告知书",
        help_text="只有告知书填写。",
        error_messages={"invalid_choice": "请从本单位人员中选择。"},
    )
    responsible = PostField(
        label="责任人",
        queryset=Post.objects.none(),
        required=False,
        empty_label="单位负责人",
        error_messages={"invalid_choice": "请从本单位岗位中选择。"},
    )
    copied_to = PostField(
        label="抄送",
        queryset=Post.objects.none(),
        required=False,
        empty_label="不抄送",
        help_text="分管、联系的校领导或党委书记。",
        error_messages={"invalid_choice": NOT_CHOSEN},
    )

    def __init__(self, *args, unit: Organisation, escalates: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        posts = unit.posts.filter(abolished_on=None).select_related("organisation__parent").order_by("rank", "pk")
        self.fields["responsible"].queryset = posts
        self.fields["person"].queryset = people_of(unit)
        self.fields["copied_to"].queryset = copies_for(unit)
        if escalates:
            self.fields["kind"].choices = [(Letter.Kind.ORDER, Letter.Kind.ORDER.label)]
            self.fields["copied_to"].required = True
            self.fields["copied_to"].error_messages["required"] = "提级督办须抄送分管、联系的校领导或党委书记。"
            del self.fields["person"]

    def clean(self) -> dict:
        data = super().clean()
        if data.get("kind") == Letter.Kind.INFORM:
            if not data.get("person") and "person" not in self.errors:
                self.add_error("person", "请选择被告知人。")
            if data.get("copied_to"):
                self.add_error("copied_to", "告知书限定知悉范围，不抄送。")
        elif data.get("person"):
            self.add_error("person", "只有告知书写被告知人，请改选「不是告知书」。")
        return data


class MatterForm(UnclassifiedForm):
    """一项; a row left blank is no row."""

    text = forms.CharField(
        label="内容",
        min_length=TEXT_AT_LEAST,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="督办单、告知书写问题，意见书写意见，建议书写建议。",
        error_messages={
            "required": "请写明内容。",
            "min_length": f"请写明内容，至少 {TEXT_AT_LEAST} 个字。",
            "max_length": "内容请控制在 2000 个字以内。",
        },
    )
    basis = forms.CharField(label="依据", max_length=300, required=False)
    asked = forms.CharField(
        label="要求",
        min_length=ASKED_AT_LEAST,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": "请写明要求。",
            "min_length": f"请写明要求，至少 {ASKED_AT_LEAST} 个字。",
            "max_length": "要求请控制在 1000 个字以内。",
        },
    )
    due_on = DayField(label="答复期限")
    source_duty = forms.ModelChoiceField(
        label="来自责任事项", queryset=Duty.objects.none(), required=False, widget=forms.HiddenInput,
        error_messages={"invalid_choice": "关联的责任事项找不到。"},
    )  # fmt: skip
    source_finding = forms.ModelChoiceField(
        label="来自巡察问题", queryset=Finding.objects.none(), required=False, widget=forms.HiddenInput,
        error_messages={"invalid_choice": "关联的巡察问题找不到。"},
    )  # fmt: skip
    source_obligation = forms.ModelChoiceField(
        label="来自责任要求", queryset=Obligation.objects.all(), required=False, widget=forms.HiddenInput,
        error_messages={"invalid_choice": "关联的责任要求找不到。"},
    )  # fmt: skip

    def __init__(self, *args, user: Person, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["source_duty"].queryset = Duty.objects.visible_to(user).select_related("organisation")
        self.fields["source_finding"].queryset = Finding.objects.visible_to(user)

    def clean_due_on(self):
        day = self.cleaned_data["due_on"]
        if day <= timezone.localdate():
            raise ValidationError("答复期限须晚于今天。")
        return day


class MatterFormSet(forms.BaseFormSet):
    """各项, those left blank or struck out aside."""

    def clean(self) -> None:
        if not any(self.errors) and not self.matters:
            raise ValidationError("至少写一项。")

    @property
    def matters(self) -> list[dict]:
        kept = [form for form in self.forms if form.has_changed() and form not in self.deleted_forms]
        names = ("text", "basis", "asked", "due_on", "source_duty", "source_finding", "source_obligation")
        return [{name: form.cleaned_data.get(name) for name in names} for form in kept]


Matters = forms.formset_factory(
    MatterForm,
    formset=MatterFormSet,
    extra=0,
    can_delete=True,
    max_num=LetterMatter.AT_MOST,
    absolute_max=LetterMatter.AT_MOST,
    validate_max=True,
)


def typed_rows(data) -> list[dict]:
    """What stands on the form as typed, unchecked: for one more row, which works without a script."""
    total = data.get(f"{PREFIX}-TOTAL_FORMS", "")
    count = min(int(total), LetterMatter.AT_MOST) if total.isascii() and total.isdigit() and len(total) < 4 else 0
    names = MatterForm.base_fields
    return [{name: data.get(f"{PREFIX}-{row}-{name}", "") for name in names} for row in range(count)]


class SignerField(forms.ModelChoiceField):
    def label_from_instance(self, person: Person) -> str:
        return person.name


class StepForm(UnclassifiedForm):
    """办理: a reason, and on 送审 the signer."""

    reason = forms.CharField(label="原因", required=False, max_length=300)
    signer = SignerField(
        label="签发人",
        queryset=Person.objects.none(),
        required=False,
        empty_label="请选择",
        error_messages={"invalid_choice": "请从列表中选择签发人。"},
    )

    def __init__(self, *args, signers, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["signer"].queryset = signers


class AnswerForm(UnclassifiedForm):
    """答复一项."""

    text = forms.CharField(
        label="整改措施和落实情况",
        min_length=ANSWER_AT_LEAST,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={
            "required": "请写明整改措施和落实情况。",
            "min_length": f"请写明整改措施和落实情况，至少 {ANSWER_AT_LEAST} 个字。",
            "max_length": "答复请控制在 5000 个字以内。",
        },
    )
    files = FilesField(label="佐证材料", required=False)


class EvaluationForm(UnclassifiedForm):
    """评价一项答复."""

    grade = forms.ChoiceField(
        label="评价",
        choices=[("", "请选择"), *LetterAnswer.Grade.choices],
        error_messages={"required": "请选择评价。", "invalid_choice": "请选择评价。"},
    )
    words = forms.CharField(
        label="评价意见",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="不满意的必填，写明所缺事项，至少 10 个字。",
        error_messages={"max_length": "评价意见请控制在 500 个字以内。"},
    )
    due_on = DayField(label="新的答复期限", required=False, help_text="不满意的必填；满意、基本满意的不用填。")
