"""报告表单: 主送抄送, 报送, 回执."""

from django import forms
from django.utils import timezone

from accountability.forms import DayField
from accountability.unclassified import UnclassifiedForm
from supervision.models import Dispatch, Report
from supervision.services import report_sending


class AddresseesForm(UnclassifiedForm):
    addressee = forms.CharField(
        label="主送", max_length=80, required=False, help_text="写单位全称或规范化简称，不写冒号。"
    )
    copies_to = forms.CharField(label="抄送", max_length=160, required=False, help_text="几个单位之间用顿号。")


class SendForm(UnclassifiedForm):
    """登记报送."""

    to = forms.CharField(label="报送单位", max_length=80, error_messages={"required": "请填写报送单位。"})
    means = forms.ChoiceField(label="报送方式", choices=Dispatch.Means)
    sent_on = DayField(label="报送日期", error_messages={"required": "请填写报送日期。"})

    def __init__(self, *args, report: Report, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        sent = set(report.dispatches.filter(version__number=report.document.latest).values_list("to", flat=True))
        left = [each for each in report_sending.receivers(report) if each not in sent]
        self.fields["to"].initial = left[0] if left else ""
        self.fields["sent_on"].initial = timezone.localdate()
        inside = left and left[0] == report_sending.own_committee()
        self.fields["means"].initial = Dispatch.Means.SYSTEM if inside else Dispatch.Means.EXCHANGE


class ReceiptForm(UnclassifiedForm):
    """登记回执."""

    received_on = DayField(
        label="收文日期", initial=timezone.localdate, error_messages={"required": "请填写收文日期。"}
    )
    receipt_number = forms.CharField(label="收文编号", max_length=40, required=False)
    received_by = forms.CharField(label="收文人", max_length=40, required=False, help_text="不填则记本人。")
