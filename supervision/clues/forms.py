"""线索移送的表单: no field asks for a detail, and every text is refused a mark of secrecy (三（二）3)."""

from django import forms

from accountability.forms import DayField, FilesField
from accountability.models import Organisation, Post
from accountability.organisation_forms import OrganisationField, PostField
from accountability.unclassified import UnclassifiedForm
from inspections.models import Sign
from supervision.models import Clue, Source
from supervision.records.forms import choice_field, text_field

NO_DETAILS = "只写类别和请求，不写人名、金额、举报内容等细节；细节当面交接。不得填写国家秘密。"


def _concerned() -> OrganisationField:
    return OrganisationField(
        label="涉及单位",
        queryset=Organisation.objects.none(),
        required=False,
        empty_label="不写明",
        help_text="写明后，在该单位任职的同志一律回避，看不到这一事项。",
        error_messages={"invalid_choice": "请从列表中选择单位。"},
    )


class PostsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, post: Post) -> str:
        return post.full_title


class ClueForm(UnclassifiedForm):
    """移送纪委: what is handed in."""

    source = choice_field("监督来源", Source.choices)
    category = choice_field("类别", Sign.Category.choices)
    organisation = _concerned()
    words = text_field("事项", 500, 4, help_text=f"{NO_DETAILS}至少 10 个字。")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.active().units().order_by("rank", "pk")


class HandInForm(ClueForm):
    post = PostField(
        label="以何职务移送",
        queryset=Post.objects.none(),
        empty_label=None,
        error_messages={"required": "请选择职务。", "invalid_choice": "请从列表中选择职务。"},
    )

    def __init__(self, *args, posts: list[Post], **kwargs):
        super().__init__(*args, **kwargs)
        rows = Post.objects.filter(pk__in=[post.pk for post in posts]).select_related("organisation__parent")
        self.fields["post"].queryset = rows


class SendForm(ClueForm):
    """移送: to whom, what he is asked, by which day."""

    posts = PostsField(
        label="移送给",
        queryset=Post.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text="各人只看到自己收到的；要请不同的人协助不同的事，保存后逐个追加。",
        error_messages={
            "required": "请选择移送给谁。",
            "invalid_choice": "请从列表中选择。",
            "invalid_pk_value": "请从列表中选择。",
        },
    )
    asked = text_field("请协助的事项", 300, 2, help_text=f"至少 4 个字。{NO_DETAILS}")
    due_on = DayField(label="答复期限")
    reason = text_field("移送理由", 200, help_text="为什么移送给这些同志，至少 4 个字；留在办理历史中。")

    def __init__(self, *args, posts, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["posts"].queryset = posts


class ForwardForm(UnclassifiedForm):
    """追加移送."""

    post = PostField(
        label="移送给",
        queryset=Post.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择移送给谁。", "invalid_choice": "请从列表中选择。"},
    )
    asked = text_field("请协助的事项", 300, 2, help_text="至少 4 个字，不写细节。")
    due_on = DayField(label="答复期限")
    reason = text_field("移送理由", 200, help_text="至少 4 个字；留在办理历史中。")

    def __init__(self, *args, posts, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["post"].queryset = posts


class AgainForm(UnclassifiedForm):
    """补充后再移送."""

    words = text_field("事项", 500, 4, help_text=f"{NO_DETAILS}至少 10 个字。")


class CloseForm(UnclassifiedForm):
    """办结."""

    result = choice_field("办理结果", Clue.Result.choices, help_text="移送人和接收人只看到这一项。")
    closing = text_field("办结说明", 300, 2, required=False, help_text="只有知悉范围内的同志能看到，不写细节。")


class ActForm(UnclassifiedForm):
    reason = text_field("说明", 300, required=False)
    due_on = DayField(label="新的期限", required=False)


class ClueAnswerForm(UnclassifiedForm):
    """答复."""

    text = text_field("答复", 2000, 5, help_text="至少 10 个字；只写结论和建议，不写细节。")
    files = FilesField(label="材料", required=False)
