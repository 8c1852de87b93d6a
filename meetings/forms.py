"""会议表单: 标题、时间、地点、主持、出席、缺席及原因、记录、决议."""

from django import forms

from accountability.forms import RecordForm


class MeetingForm(RecordForm):
    """记录会议. Kind, organisation and year are settled before, like every record's."""

    chaired_by = forms.CharField(label="主持人", max_length=40, error_messages={"required": "请填写主持人。"})
    place = forms.CharField(label="地点", max_length=80, required=False)
    expected_count = forms.IntegerField(
        label="应到人数", min_value=1, max_value=9999, required=False, error_messages={"invalid": "请填写整数。"}
    )
    present_count = forms.IntegerField(
        label="实到人数", min_value=0, max_value=9999, required=False, error_messages={"invalid": "请填写整数。"}
    )
    attendance = forms.CharField(
        label="出席与列席", max_length=4_000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    absence = forms.CharField(
        label="缺席及原因",
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="缺席的须写明原因，例如「某某，因公出差，已请假」。",
    )
    resolutions = forms.CharField(
        label="决议事项",
        max_length=8_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写明由谁、何时落实。",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["title"].label = "会议名称"
        self.fields["title"].error_messages["required"] = "请填写会议名称。"
        self.fields["happened_on"].label = "召开日期"
        self.fields["happened_on"].error_messages["required"] = "请填写召开日期。"
        self.fields["content"].label = "会议记录"
        self.fields["content"].help_text = "议题、汇报、讨论和结论。"

    def clean(self):
        data = super().clean()
        expected, present = data.get("expected_count"), data.get("present_count")
        if expected is not None and present is not None and present > expected:
            self.add_error("present_count", f"实到人数（{present}）不能多于应到人数（{expected}）。")
        return data
