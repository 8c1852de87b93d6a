"""表单: parse and validate what people type; nothing typed is lost, every refusal names field and remedy."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from accountability.models import Duty
from accountability.services.attachments import ALLOWED, ALLOWED_WORDS, check_outside
from accountability.services.duties import REASON_AT_LEAST
from accountability.unclassified import UnclassifiedForm

FILES_AT_MOST = 10
CHOOSE_AGAIN = "已选的附件没有保存，改好其他各项后请重新选择。"
DAY_ERRORS = {"required": "请填写日期。", "invalid": "请按 2026-11-20 的样式填写日期。"}


class WorkbookField(forms.FileField):
    """表格文件."""

    def __init__(self, **kwargs):
        errors = {"required": "请选择 .xlsx 文件。", "empty": "选中的是空文件，请重新选择。"}
        super().__init__(widget=forms.FileInput(attrs={"accept": ".xlsx"}), error_messages=errors, **kwargs)


class DayField(forms.DateField):
    """日期, shown and read as 2026-11-20; years outside 2000–2100 are a slip of the finger."""

    def __init__(self, **kwargs):
        kwargs.setdefault("error_messages", DAY_ERRORS)
        # Plain text, not the browser's own picker: that one speaks the computer's language, not ours.
        attributes = {"inputmode": "numeric", "autocomplete": "off", "placeholder": "2026-11-20", "maxlength": 12}
        widget = forms.DateInput(format="%Y-%m-%d", attrs=attributes)
        super().__init__(widget=widget, **kwargs)

    def clean(self, value) -> date | None:
        day = super().clean(value)
        if day is not None and not 2000 <= day.year <= 2100:
            raise ValidationError(f"年份 {day.year} 不在 2000 至 2100 之间，请检查日期。")
        return day


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """附件: any number of files up to ten, each checked by name, type and size; what is inside the service checks."""

    def __init__(self, **kwargs):
        accept = ",".join(f".{extension}" for extension in ALLOWED)
        kwargs.setdefault("widget", FilesInput(attrs={"multiple": True, "accept": accept}))
        limit = settings.ATTACHMENT_MAX_BYTES // 1024 // 1024
        kwargs.setdefault("help_text", f"{ALLOWED_WORDS}，单个不超过 {limit} 兆，不得上传涉密文件。")
        super().__init__(**kwargs)

    def clean(self, data, initial=None) -> list:
        files = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        if len(files) > FILES_AT_MOST:
            raise ValidationError(f"一次最多上传 {FILES_AT_MOST} 个文件，现在选了 {len(files)} 个。")
        errors = []
        for file in files:
            try:
                check_outside(file)
            except ValidationError as error:
                errors.extend(error.messages)
        if errors:
            raise ValidationError(errors)
        return files


class DutyChoices(forms.ModelMultipleChoiceField):
    def label_from_instance(self, duty: Duty) -> str:
        return duty.title


class RecordForm(UnclassifiedForm):
    """履责记录: bearer, act and year are settled before; the form asks only what nobody knows yet."""

    title = forms.CharField(label="名称", max_length=120, error_messages={"required": "请填写名称。"})
    happened_on = DayField(label="发生日期")
    sitting = forms.IntegerField(
        label="当日第几次",
        initial=1,
        min_value=1,
        max_value=20,
        required=False,
        error_messages={"invalid": "请填写 1 至 20 的整数。"},
        help_text="同一天只有一次时不用改。",
    )
    content = forms.CharField(
        label="内容",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="做了什么、有什么结论，写清楚即可，不求长。",
    )
    late_reason = forms.CharField(
        label="补录原因",
        required=False,
        max_length=200,
        help_text=f"晚于发生日 {settings.LATE_ENTRY_DAYS} 天录入会标明「补录」，不影响计入。",
    )
    duties = DutyChoices(
        label="计入责任", queryset=Duty.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    files = FilesField(label="附件", required=False)

    def __init__(self, *args, countable: list[Duty], **kwargs):
        super().__init__(*args, **kwargs)
        self.countable = countable
        self.fields["duties"].queryset = Duty.objects.filter(pk__in=[duty.pk for duty in countable])
        self.fields["duties"].initial = [duty.pk for duty in countable]

    def full_clean(self) -> None:
        super().full_clean()
        _ask_for_files_again(self)

    def clean_happened_on(self) -> date:
        day = self.cleaned_data["happened_on"]
        if day > timezone.localdate():
            raise ValidationError("发生日期不能晚于今天；尚未发生的事请在发生后记录。")
        return day

    def clean_sitting(self) -> int:
        return self.cleaned_data["sitting"] or 1

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    @property
    def shows_sitting(self) -> bool:
        """Asked only where it matters: after the same act was found on that day."""
        return "sitting" in self.errors or str(self["sitting"].value() or "1") != "1"


class ReasonForm(UnclassifiedForm):
    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}), required=False)


class WaiveForm(UnclassifiedForm):
    """不再要求."""

    reason = forms.CharField(
        label="原因",
        min_length=REASON_AT_LEAST,
        max_length=200,
        error_messages={
            "required": "请写明原因。",
            "min_length": f"请写明原因，至少 {REASON_AT_LEAST} 个字。",
        },
    )


class MoveForm(WaiveForm):
    """调整到期日."""

    due_on = DayField(label="新的到期日")
    field_order = ("due_on", "reason")


class YearForm(forms.Form):
    """开启工作年度."""

    year = forms.IntegerField(
        label="工作年度",
        min_value=2000,
        max_value=2100,
        error_messages={
            "required": "请填写年度，例如 2026。",
            "invalid": "请填写四位数的年度，例如 2026。",
            "min_value": "年度须在 2000 至 2100 之间。",
            "max_value": "年度须在 2000 至 2100 之间。",
        },
    )


@contextmanager
def refusals_in(form: forms.Form, beside: str = "") -> Iterator[None]:
    """What a service refuses inside the block is told in ``form`` (all of it ``beside`` one field); the block ends there."""
    try:
        yield
    except ValidationError as error:
        add_refusal(form, ValidationError({beside: error.messages}) if beside else error)


def add_refusal(form: forms.Form, error: ValidationError) -> None:
    """Put a service's refusal beside the field it names, or on top of the form."""
    if hasattr(error, "error_dict"):
        for name, errors in error.error_dict.items():
            form.add_error(name if name in form.fields else None, errors)
    else:
        form.add_error(None, error)
    _ask_for_files_again(form)


def _ask_for_files_again(form: forms.Form) -> None:
    """A browser does not keep chosen files when a form comes back: say so, lest they are missed."""
    if form.errors and "files" in form.files and "files" not in form.errors:
        form.add_error("files", CHOOSE_AGAIN)
