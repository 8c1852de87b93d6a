"""月报与复核表单: what is said of every measure in one sitting; an account, and what is decided on it."""

from django import forms

from accountability.forms import DayField, FilesField
from accountability.unclassified import UnclassifiedForm
from inspections.models import Measure, ProgressLine
from inspections.services.measures import DESCRIBED_AT_LEAST
from inspections.services.progress import Said, is_told

COMPLETIONS = [(each.value, each.label) for each in (Measure.Completion.UNDONE, Measure.Completion.MOSTLY)]


class ReportForm(UnclassifiedForm):
    """整改进展月报: two fields for each measure that is told of, prefilled with what stands."""

    def __init__(self, *args, measures: list[Measure], lines: dict[int, ProgressLine], note: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.told = [measure for measure in measures if is_told(measure)]
        for measure in self.told:
            said = lines.get(measure.pk, measure)  # a report that came back keeps what was typed
            self.fields[f"progress_{measure.pk}"] = forms.CharField(
                label=f"{measure.finding.number} 第 {measure.rank} 条",
                max_length=5000,
                min_length=DESCRIBED_AT_LEAST,
                initial=said.progress,
                widget=forms.Textarea(attrs={"rows": 3}),
                error_messages={
                    "required": f"请写明这条措施的进展，至少 {DESCRIBED_AT_LEAST} 个字。",
                    "min_length": f"请写明这条措施的进展，至少 {DESCRIBED_AT_LEAST} 个字。",
                    "max_length": "进展最多 5000 个字。",
                },
            )
            self.fields[f"completion_{measure.pk}"] = forms.ChoiceField(
                label="完成情况",
                choices=COMPLETIONS,
                initial=said.completion,
                error_messages={"required": "请选择完成情况。", "invalid_choice": "请选择未完成或基本完成。"},
            )
        self.fields["note"] = forms.CharField(
            label="总体情况",
            max_length=2000,
            required=False,
            initial=note,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text="本月整改的总体情况、困难和下月打算，没有可不填。",
        )

    def fields_of(self, measure: Measure) -> tuple | None:
        name = f"progress_{measure.pk}"
        return (self[name], self[f"completion_{measure.pk}"]) if name in self.fields else None

    @property
    def said(self) -> dict[int, Said]:
        data = self.cleaned_data
        return {
            measure.pk: Said(
                data[f"progress_{measure.pk}"], data[f"completion_{measure.pk}"] == Measure.Completion.MOSTLY
            )
            for measure in self.told
        }


class AccountForm(UnclassifiedForm):
    """报告长期坚持情况."""

    text = forms.CharField(
        label="坚持的情况和成效",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "请写明坚持的情况和成效。"},
        help_text="这一段时间怎样坚持、有什么成效、有没有反复，至少 10 个字。",
    )
    files = FilesField(label="佐证材料", required=False)


class DecisionForm(UnclassifiedForm):
    """核验."""

    opinion = forms.CharField(
        label="核验意见", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    review_on = DayField(label="下次复核日期", required=False)
