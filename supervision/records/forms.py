"""监督记录、发现的问题、监督评价的表单 (二（二）, 三（二）2)."""

from django import forms
from django.utils import timezone

from accountability.forms import DayField, FilesField
from accountability.models import Organisation
from accountability.organisation_forms import OrganisationField
from accountability.unclassified import UnclassifiedForm
from inspections.forms import UnitsField
from inspections.models import Sign
from inspections.research_forms import CHOOSE_UNITS, PastDayField
from supervision.models import Oversight, RecordEvaluation
from supervision.models.oversight import OPEN_SOURCES

NO_NAMES = "只写现象，不写线索细节，不写人名；线索请走「线索移送」。"


def text_field(label: str, length: int, rows: int = 0, **kwargs) -> forms.CharField:
    if rows:
        kwargs["widget"] = forms.Textarea(attrs={"rows": rows})
    kwargs.setdefault("error_messages", {"required": f"请填写{label}。"})
    return forms.CharField(label=label, max_length=length, **kwargs)


def choice_field(label: str, choices, **kwargs) -> forms.ChoiceField:
    errors = {"required": f"请选择{label}。", "invalid_choice": f"请从列表中选择{label}。"}
    return forms.ChoiceField(label=label, choices=[("", "请选择"), *choices], error_messages=errors, **kwargs)


def units_field(label: str, **kwargs) -> UnitsField:
    kwargs.setdefault("error_messages", {"required": f"请选择{label}。", **CHOOSE_UNITS})
    return UnitsField(label=label, queryset=Organisation.objects.none(), widget=forms.CheckboxSelectMultiple, **kwargs)


def source_choices() -> list[tuple[str, str]]:
    return [(one.value, one.label) for one in OPEN_SOURCES]


class OversightForm(UnclassifiedForm):
    """登记监督记录."""

    body = OrganisationField(
        label="监督主体",
        queryset=Organisation.objects.none(),
        empty_label=None,
        error_messages={"required": "请选择监督主体。", "invalid_choice": "请从列表中选择监督主体。"},
    )
    kind = choice_field("类别", [])
    source = choice_field("监督来源", source_choices())
    happened_on = PastDayField(label="监督日期")
    units = units_field("被监督单位")
    title = text_field("名称", 120, required=False, help_text="不填的，按类别和单位生成。")
    did = text_field("监督情况", 8000, 5, help_text="查了什么、怎样查的，至少 10 个字。被监督单位看不到这一栏。")
    findings = text_field(
        "发现的问题", 4000, 4, required=False, help_text=f"没有发现的不填。{NO_NAMES}被监督单位看不到这一栏。"
    )
    feedback = text_field(
        "反馈意见", 2000, 3, required=False, help_text="填了的，被监督单位能看到这次监督和这一栏，并收到通知。"
    )
    late_reason = text_field("补录原因", 200, required=False, help_text="晚于发生日录入会标明「补录」，不影响计入。")
    files = FilesField(label="附件", required=False)

    def __init__(self, *args, bodies: list[Organisation], kinds: list[str], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["body"].queryset = Organisation.objects.filter(pk__in=[one.pk for one in bodies])
        self.fields["kind"].choices = [("", "请选择"), *((one, Oversight.Kind(one).label) for one in kinds)]
        self.fields["units"].queryset = Organisation.objects.active().units().order_by("rank", "pk")


class StepForm(UnclassifiedForm):
    """登记后续."""

    happened_on = PastDayField(label="日期")
    words = text_field("后续情况", 1000, 3, help_text="做了什么、有什么结果，至少 10 个字。")
    settles = forms.BooleanField(label="就此办结", required=False, help_text="向单位提出的问题都认可了才能办结。")

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("initial", {"happened_on": timezone.localdate()})
        super().__init__(*args, **kwargs)


class LongReasonForm(UnclassifiedForm):
    reason = text_field("原因", 300, 2, required=False)


class FoundProblemForm(UnclassifiedForm):
    """列出发现的问题."""

    organisation = OrganisationField(
        label="涉及单位",
        queryset=Organisation.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择涉及单位。", "invalid_choice": "请从被监督单位中选择。"},
    )
    category = choice_field("问题类别", Sign.Category.choices)
    text = text_field("问题", 500, 3, help_text=f"{NO_NAMES}至少 10 个字；向单位提出要求后，单位能看到这段话。")

    def __init__(self, *args, units, **kwargs):
        super().__init__(*args, **kwargs)
        if units is None:
            del self.fields["organisation"]
        else:
            self.fields["organisation"].queryset = units


class AskForm(UnclassifiedForm):
    """向单位提出整改要求."""

    title = text_field("要求", 100, help_text="一句话，如“整改公务接待审批不全问题并报告结果”。")
    text = text_field("具体内容", 2000, 4, help_text="要单位做什么、答复里写清什么，至少 10 个字。")
    due_on = DayField(label="答复期限")


class EvaluationForm(UnclassifiedForm):
    """监督评价."""

    grade = choice_field("评价", RecordEvaluation.Grade.choices)
    words = text_field(
        "评价意见", 500, 3, required=False, help_text="需改进的至少 4 个字，不认可的至少 10 个字；录入人和单位能看到。"
    )
