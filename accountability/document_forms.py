"""文件表单: what is typed, chosen, signed and uploaded around a document."""

from django import forms

from accountability.models import Person
from accountability.services.attachments import check_upload
from accountability.services.documents import TEXT_AT_MOST
from accountability.unclassified import UnclassifiedForm


class DraftForm(UnclassifiedForm):
    """正文编辑. ``revision`` is the one the editor began from."""

    title = forms.CharField(label="标题", max_length=120, error_messages={"required": "请填写标题。"})
    text = forms.CharField(
        label="正文",
        max_length=TEXT_AT_MOST,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"}),
        error_messages={"required": "正文不能为空。"},
        help_text="一、（一）1.（1）开头的行自动成为各级标题；以 | 分隔的行自动成为表格。",
    )
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class SignForm(forms.Form):
    """签署: the password again, and the hash of what was read."""

    password = forms.CharField(
        label="登录密码",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "请输入您本人的登录密码。"},
        help_text="签署须由本人再次输入登录密码确认。",
    )
    sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)


class WordForm(forms.Form):
    """上传 Word 文件."""

    file = forms.FileField(
        label="Word 文件",
        widget=forms.FileInput(attrs={"accept": ".docx"}),
        error_messages={"required": "请选择 .docx 文件。"},
        help_text="只收 .docx；上传后成为下一版，可与上一版比较。不得上传涉密文件。",
    )

    def __init__(self, *args, by: Person, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    def clean_file(self):
        file = self.cleaned_data["file"]
        if not file.name.lower().endswith(".docx"):
            raise forms.ValidationError(f"「{file.name}」不是 .docx 文件，请在 Word 或 WPS 中另存为 .docx 后上传。")
        check_upload(file, by=self.by)
        return file


class VerifyForm(forms.Form):
    """核验."""

    file = forms.FileField(
        label="PDF 文件",
        widget=forms.FileInput(attrs={"accept": ".pdf,application/pdf"}),
        error_messages={"required": "请选择要核验的 PDF 文件。", "empty": "选中的是空文件，请重新选择。"},
        help_text="系统只计算校验值并比对，不保存您上传的文件。",
    )


class CommentForm(UnclassifiedForm):
    text = forms.CharField(
        label="批注",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写下批注。", "max_length": "批注请控制在 1000 个字以内。"},
    )


class AnswerForm(UnclassifiedForm):
    text = forms.CharField(
        label="答复",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "请写明答复。", "max_length": "答复请控制在 5000 个字以内。"},
    )
