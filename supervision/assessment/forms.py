"""年度考核表单: the scheme item by item, the scores line by line, an objection and its answer."""

from decimal import Decimal, InvalidOperation

from django import forms
from django.core.exceptions import ValidationError

from accountability.forms import DayField, FilesField
from accountability.models import WorkYear
from accountability.unclassified import UnclassifiedForm
from supervision.assessment.item_form import PointsField
from supervision.assessment.rules import plain
from supervision.models import AssessedKind, Purpose, Scheme

PURPOSES = {purpose.label: purpose.value for purpose in Purpose}
DAYS_ERRORS = {
    "required": "请填写天数。",
    "invalid": "请填写整数。",
    "min_value": "须在 1 至 30 之间。",
    "max_value": "须在 1 至 30 之间。",
}


class DraftForm(forms.Form):
    """拟订方案."""

    year = forms.TypedChoiceField(
        label="工作年度", coerce=int, choices=(), error_messages={"invalid_choice": "请选择已开启、未封存的年度。"}
    )
    kind = forms.ChoiceField(
        label="考核对象", choices=AssessedKind.choices, error_messages={"invalid_choice": "请选择考核对象。"}
    )
    like = forms.ModelChoiceField(
        label="参照",
        queryset=Scheme.objects.none(),
        required=False,
        empty_label="系统附带的方案",
        help_text="可以参照往年的方案，再逐项修改。",
        error_messages={"invalid_choice": "请从列表中选择方案。"},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        years = WorkYear.objects.filter(closed_on=None).values_list("year", flat=True)
        self.fields["year"].choices = [(year, f"{year} 年度") for year in years]
        self.fields["like"].queryset = Scheme.objects.all()

    def clean(self) -> dict:
        data = super().clean()
        if (like := data.get("like")) and like.kind != data.get("kind"):
            self.add_error("like", "参照的方案须是同一类考核对象的。")
        return data


class SchemeForm(UnclassifiedForm):
    """修改方案."""

    title = forms.CharField(label="方案名称", max_length=120, error_messages={"required": "请填写方案名称。"})
    guidance = forms.CharField(
        label="考核说明", max_length=3000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    grades = forms.CharField(
        label="等次",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="每行一个：名称、最低分、不宜用于（可不填），如“差 0 评先评优、选拔任用”，从高到低。",
        error_messages={"required": "请填写等次。"},
    )
    objection_days = forms.IntegerField(
        label="公示天数（工作日）", min_value=1, max_value=30, error_messages=DAYS_ERRORS
    )
    answer_days = forms.IntegerField(
        label="异议答复期限（工作日）", min_value=1, max_value=30, error_messages=DAYS_ERRORS
    )

    @staticmethod
    def of(scheme: Scheme) -> dict:
        names = {value: label for label, value in PURPOSES.items()}
        lines = [
            f"{one['name']} {plain(Decimal(str(one['least'])))} {'、'.join(names[bar] for bar in one.get('bars', []))}".strip()
            for one in scheme.grades
        ]
        kept = ("title", "guidance", "objection_days", "answer_days")
        return {name: getattr(scheme, name) for name in kept} | {"grades": "\n".join(lines)}

    def clean_grades(self) -> list[dict]:
        grades = []
        for line in filter(None, map(str.strip, self.cleaned_data["grades"].splitlines())):
            words = line.split()
            try:
                least = Decimal(words[1])
                if not least.is_finite() or not 0 <= least <= 120:
                    raise ValueError
                bars = [PURPOSES[word] for word in "、".join(words[2:]).split("、") if word]
            except (IndexError, InvalidOperation, ValueError) as error:
                raise ValidationError(f"「{line[:20]}」看不懂，请写成“名称 最低分”，如“好 90”。") from error
            except KeyError as error:
                raise ValidationError(f"「{line[:20]}」中不宜用于的只能是{'、'.join(PURPOSES)}。") from error
            grades.append({"name": words[0], "least": least, "bars": bars})
        return grades


class OpenForm(forms.Form):
    """启动考核."""

    self_due_on = DayField(label="自评期限")


class ActForm(UnclassifiedForm):
    """办理 with words or a day."""

    reason = forms.CharField(required=False, max_length=500, label="原因")
    objections_until = DayField(label="异议截止日", required=False)


class LinesForm(UnclassifiedForm):
    """逐项 points and words; ``name_of`` ids are those of the lines."""

    turn = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=10**9)

    def __init__(self, *args, lines, points: str, words: str, overall: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.lines = list(lines)
        for line in self.lines:
            value = getattr(line, points)
            self.fields[f"points_{line.pk}"] = PointsField(
                label=f"{line.item.title}：分数", required=False, initial=None if value is None else plain(value)
            )
            self.fields[f"words_{line.pk}"] = forms.CharField(
                label=f"{line.item.title}：说明",
                required=False,
                max_length=500,
                initial=getattr(line, words),
                widget=forms.Textarea(attrs={"rows": 2}),
                error_messages={"max_length": "说明请控制在 500 个字以内。"},
            )
        if overall:
            self.fields["words"] = forms.CharField(
                label="总体情况",
                required=False,
                max_length=3000,
                widget=forms.Textarea(attrs={"rows": 5}),
                help_text="主要做法、存在问题和改进打算，至少 20 个字。",
            )

    def typed(self) -> dict:
        from supervision.services.self_assessments import Typed

        data = self.cleaned_data
        return {line.pk: Typed(data[f"points_{line.pk}"], data[f"words_{line.pk}"]) for line in self.lines}

    def rows(self) -> list[tuple]:
        """(line, bound points, bound words) for the page."""
        return [(line, self[f"points_{line.pk}"], self[f"words_{line.pk}"]) for line in self.lines]


class ObjectionForm(UnclassifiedForm):
    """提出异议."""

    words = forms.CharField(
        label="异议和理由",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="写明对哪一处得分有异议、依据是什么，至少 10 个字。",
        error_messages={"required": "请写明异议和理由。"},
    )
    files = FilesField(label="佐证材料", required=False)


class AnswerForm(UnclassifiedForm):
    """答复异议."""

    decision = forms.ChoiceField(
        label="处理",
        choices=[("", "请选择"), ("keep", "维持原分"), ("adjust", "调整得分")],
        error_messages={"required": "请选择维持原分或调整得分。", "invalid_choice": "请选择维持原分或调整得分。"},
    )
    points = PointsField(label="调整后得分", required=False, help_text="调整得分的填写。")
    words = forms.CharField(
        label="答复和理由",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="至少 10 个字，被考核的本人或单位可以看到。",
        error_messages={"required": "请写明答复和理由。"},
    )

    def clean(self) -> dict:
        data = super().clean()
        if data.get("decision") == "adjust" and data.get("points") is None and "points" not in self.errors:
            self.add_error("points", "请填写调整后得分。")
        if data.get("decision") == "keep" and data.get("points") is not None:
            self.add_error("points", "维持原分的不填。")
        return data
