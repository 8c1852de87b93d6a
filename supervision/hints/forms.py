"""提示表单: what somebody says who has looked."""

from django import forms

from accountability.unclassified import UnclassifiedForm


class HintForm(UnclassifiedForm):
    words = forms.CharField(
        label="意见",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": "意见请控制在 500 个字以内。"},
    )
