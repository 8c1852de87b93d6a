"""制度版本的表单: a draft's name, its clauses, its obligations with their days; and the day it is put in force (五)."""

from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.urls import Resolver404, resolve

from accountability.forms import DayField
from accountability.models import UNIT_KINDS, ActKind, Clause, Obligation, Occurrence, Organisation, Regulation
from accountability.services.drafts import OWNER_ROLES, TIMES_AT_MOST, owner_refusal
from accountability.services.duties import REASON_AT_LEAST

BLANK_TIMES = 3
MONTH_ERRORS = dict.fromkeys(("invalid", "min_value", "max_value"), "请填写 1 至 12 的月份。")
DAY_OF_MONTH_ERRORS = dict.fromkeys(("invalid", "min_value", "max_value"), "请填写 1 至 31 的日子。")


class DraftForm(forms.ModelForm):
    """草稿的名称与文号."""

    issued_on = DayField(label="印发日期", required=False)

    class Meta:
        model = Regulation
        fields = ("title", "document_number", "issued_on")
        error_messages = {"title": {"required": "请填写新版本的名称。"}}


class ClauseForm(forms.ModelForm):
    """草稿的条款."""

    after = forms.ChoiceField(label="排在", required=False)

    class Meta:
        model = Clause
        fields = ("key", "number", "summary", "support", "support_path")
        widgets = {"summary": forms.Textarea(attrs={"rows": 2}), "support": forms.Textarea(attrs={"rows": 2})}
        help_texts = {"key": "如 3.1.2；与前一版本编号相同的条款互相比较"}
        error_messages = {
            "key": {"required": "请填写编号，如 3.1.2。"},
            "number": {"required": "请填写条款号，如 三（一）2。"},
            "summary": {"required": "请用一句话写明要点。"},
        }

    def __init__(self, *args, draft: Regulation, **kwargs):
        super().__init__(*args, **kwargs)
        self.others = [one for one in draft.clauses.order_by("rank", "pk") if one.pk != self.instance.pk]
        self.fields["after"].choices = [("", "最前")] + [(str(one.pk), f"{one.number} 之后") for one in self.others]
        before = [one for one in self.others if self.instance.pk is None or one.rank < self.instance.rank]
        self.initial.setdefault("after", str(before[-1].pk) if before else "")

    def clean_after(self) -> Clause | None:
        chosen = self.cleaned_data["after"]
        return next((one for one in self.others if str(one.pk) == chosen), None)

    def clean_support_path(self) -> str:
        path = self.cleaned_data["support_path"].strip()
        if not path:
            return ""
        try:
            resolve(path.partition("?")[0])
        except Resolver404 as error:
            raise ValidationError(f"系统里没有 {path} 这个页面，请从浏览器地址栏复制以 / 开头的部分。") from error
        return path

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("support_path") and not cleaned.get("support"):
            self.add_error("support", "请写明这个页面怎样落实本条。")
        return cleaned


@dataclass(frozen=True)
class PickGroup:
    """One heading and its boxes to tick: (id, value, label, ticked)."""

    label: str
    boxes: list[tuple[str, str, str, bool]]


class ObligationForm(forms.ModelForm):
    """草稿的责任要求; its days are asked for beside it."""

    owner_role = forms.ChoiceField(
        label="责任人角色", choices=[(role.value, role.label) for role in OWNER_ROLES], help_text="由谁答复和提醒谁"
    )
    acts = forms.ModelMultipleChoiceField(
        label="以何种方式履行",
        queryset=ActKind.objects.all(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选一种履责方式。"},
    )
    helper_names = forms.MultipleChoiceField(label="协同单位", required=False, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Obligation
        fields = (
            "clause", "title", "short_title", "requirement", "subject", "bearer", "owner_role", "acts", "helper_names",
            "is_open_ended",
        )  # fmt: skip
        widgets = {"requirement": forms.Textarea(attrs={"rows": 2})}
        help_texts = {"is_open_ended": "按需要办理，只记次数，不生成责任"}
        error_messages = {
            "title": {"required": "请填写责任要求。"},
            "short_title": {"required": "请填写简称，不超过 12 个字。"},
            "subject": {"required": "请选择责任主体。"},
            "bearer": {"required": "请选择承担者。"},
        }

    def __init__(self, *args, draft: Regulation, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["clause"].queryset = draft.clauses.order_by("rank")
        self.fields["clause"].empty_label = None
        self.units = list(Organisation.objects.active().filter(kind__in=UNIT_KINDS).order_by("rank", "id"))
        known = {unit.name for unit in self.units}
        self.strays = [name for name in self.instance.helper_names if name not in known]
        self.fields["helper_names"].choices = [
            (name, name) for name in [*(unit.name for unit in self.units), *self.strays]
        ]
        self.initial["helper_names"] = self.instance.helper_names

    def clean(self) -> dict:
        cleaned = super().clean()
        if refusal := owner_refusal(cleaned.get("bearer", ""), cleaned.get("owner_role", "")):
            self.add_error("owner_role", refusal)
        return cleaned

    def act_groups(self) -> list[PickGroup]:
        ticked = {str(getattr(value, "pk", value)) for value in self["acts"].value() or ()}
        acts = list(self.fields["acts"].queryset)
        return [
            PickGroup(
                category.label,
                [
                    (f"act-{one.pk}", str(one.pk), one.name, str(one.pk) in ticked)
                    for one in acts
                    if one.category == category
                ],
            )
            for category in ActKind.Category
        ]

    def helper_groups(self) -> list[PickGroup]:
        ticked = set(self["helper_names"].value() or ())
        groups = [
            PickGroup(
                kind.label,
                [
                    (f"helper-{one.pk}", one.name, one.name, one.name in ticked)
                    for one in self.units
                    if one.kind == kind
                ],
            )
            for kind in UNIT_KINDS
        ]
        if self.strays:
            boxes = [(f"stray-{number}", name, name, name in ticked) for number, name in enumerate(self.strays)]
            groups.append(PickGroup("组织中没有的名称", boxes))
        return [group for group in groups if group.boxes]


class OccurrenceForm(forms.Form):
    """应完成次: a row left empty is no time."""

    label = forms.CharField(label="本次名称", max_length=80, required=False)
    month = forms.IntegerField(label="月", min_value=1, max_value=12, required=False, error_messages=MONTH_ERRORS)
    day = forms.IntegerField(label="日", min_value=1, max_value=31, required=False, error_messages=DAY_OF_MONTH_ERRORS)
    is_next_year = forms.BooleanField(label="次年", required=False)
    is_removed = forms.BooleanField(label="删去", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        number = (self.prefix or "").rpartition("-")[2]
        row = f"第 {int(number) + 1} 行" if number.isdigit() else ""
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{row}{field.label}"

    @property
    def is_empty(self) -> bool:
        return not any(self.cleaned_data.get(name) for name in ("label", "month", "day", "is_next_year"))

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("is_removed") or self.errors or self.is_empty:
            return cleaned
        month, day = cleaned.get("month"), cleaned.get("day")
        if month is None or day is None:
            self.add_error("month" if month is None else "day", "月和日都要填写。")
            return cleaned
        try:
            Occurrence(month=month, day=day).falls_on(2025)
        except ValueError:
            self.add_error("day", f"不是每年都有 {month} 月 {day} 日，请改为存在的日子。")
        return cleaned

    @property
    def facts(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("label", "month", "day", "is_next_year")}


class OccurrenceFormSet(forms.BaseFormSet):
    def given(self) -> list[dict]:
        """The rows that stand, by their days: the n-th time is the n-th of the year."""
        rows = [form.facts for form in self.forms if not form.cleaned_data.get("is_removed") and not form.is_empty]
        return sorted(rows, key=lambda row: (row["is_next_year"], row["month"], row["day"]))


Occurrences = forms.formset_factory(
    OccurrenceForm, formset=OccurrenceFormSet, extra=BLANK_TIMES, max_num=TIMES_AT_MOST, absolute_max=TIMES_AT_MOST
)


def occurrences_of(obligation: Obligation | None, data=None) -> OccurrenceFormSet:
    rows = obligation.occurrences.order_by("number") if obligation else ()
    names = ("label", "month", "day", "is_next_year")
    return Occurrences(data, prefix="times", initial=[{name: getattr(one, name) for name in names} for one in rows])


class EnactDayForm(forms.Form):
    """施行日期, to look what it would do."""

    on = DayField(label="施行日期")


class EnactForm(EnactDayForm):
    """施行."""

    reason = forms.CharField(
        label="施行依据",
        min_length=REASON_AT_LEAST,
        max_length=200,
        help_text="如哪次党委会议审议通过；记入历史",
        error_messages={"required": "请写明依据。", "min_length": f"请写明依据，至少 {REASON_AT_LEAST} 个字。"},
    )
    announced = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
