"""廉政档案表单: why it is opened, what is filed, who must keep apart."""

from django import forms
from django.conf import settings
from django.db.models import Prefetch
from django.utils import timezone

from accountability.forms import DayField, FilesField
from accountability.models import Person, Tenure
from accountability.organisation_forms import PeopleField
from accountability.unclassified import UnclassifiedForm
from supervision.archives.access import relatives_of
from supervision.archives.cadres import titles_of
from supervision.models import Archive, Kinship, OpeningPurpose, PaperKind

CHOOSE = {"required": "请选择。", "invalid_choice": "请从列表中选择。"}


def _words(label: str, length: int, **kwargs) -> forms.CharField:
    kwargs.setdefault("error_messages", {"required": f"请写明{label}。"})
    return forms.CharField(label=label, max_length=length, **kwargs)


def _purpose() -> forms.ChoiceField:
    return forms.ChoiceField(label="查阅目的", choices=[("", "请选择"), *OpeningPurpose.choices], error_messages=CHOOSE)


class OpenForm(UnclassifiedForm):
    """写明查阅目的."""

    purpose = _purpose()
    words = _words("查阅事由", 200, help_text="至少 4 个字，记入查阅登记，不能修改。")


class ReasonForm(UnclassifiedForm):
    reason = forms.CharField(label="原因", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class PaperForm(UnclassifiedForm):
    """归档."""

    kind = forms.ModelChoiceField(
        label="材料类别", queryset=PaperKind.objects.none(), empty_label="请选择", error_messages=CHOOSE
    )
    title = _words("名称或文号", 120)
    dated_on = DayField(label="材料日期")
    words = _words(
        "要点", 500, required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="不写问题线索和家庭财产。"
    )
    files = FilesField(label="文件", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].queryset = PaperKind.objects.filter(is_dropped=False)


class UpdateForm(UnclassifiedForm):
    """年度更新."""

    words = _words(
        "更新内容", 500, widget=forms.Textarea(attrs={"rows": 2}), help_text="本年度有什么变化；没有的写“没有变化”。"
    )


class KindForm(UnclassifiedForm):
    """材料类别."""

    name = _words("类别名称", 30)
    needs_file = forms.BooleanField(label="须附文件", required=False, initial=True)


class CadreField(forms.ModelChoiceField):
    def label_from_instance(self, archive: Archive) -> str:
        return f"{archive.person.name}（{titles_of(archive.person.held) or '已离任'}）"


class AskForm(UnclassifiedForm):
    """申请查阅."""

    archive = CadreField(label="干部", queryset=Archive.objects.none(), empty_label="请选择", error_messages=CHOOSE)
    purpose = _purpose()
    words = _words("查阅事由", 200, help_text="至少 4 个字。")

    def __init__(self, *args, user: Person, **kwargs):
        super().__init__(*args, **kwargs)
        held = Tenure.objects.in_office(timezone.localdate()).select_related("post__organisation__parent")
        kept_apart = Archive.objects.exclude(person=user.pk).exclude(person__in=relatives_of(user))
        self.fields["archive"].queryset = (
            kept_apart.select_related("person")
            .prefetch_related(Prefetch("person__tenures", held, to_attr="held"))
            .order_by("person__name", "pk")
        )


class DecideForm(UnclassifiedForm):
    """批准查阅."""

    until_on = DayField(label="可查阅至", required=False)
    reason = forms.CharField(label="意见", required=False, max_length=200, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("initial", {"until_on": timezone.localdate() + timezone.timedelta(days=7)})
        super().__init__(*args, **kwargs)
        self.fields["until_on"].help_text = f"批准时必填，从今天起最长 {settings.ARCHIVE_GRANT_DAYS} 天。"


class KinshipForm(UnclassifiedForm):
    """登记回避关系."""

    person = PeopleField(
        label="干部或工作人员", queryset=Person.objects.none(), empty_label="请选择", error_messages=CHOOSE
    )
    relative = PeopleField(
        label="与之有关系的人", queryset=Person.objects.none(), empty_label="请选择", error_messages=CHOOSE
    )
    kind = forms.ChoiceField(label="关系", choices=[("", "请选择"), *Kinship.Kind.choices], error_messages=CHOOSE)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        people = Person.objects.filter(is_active=True, is_superuser=False).exclude(username="system")
        for name in ("person", "relative"):
            self.fields[name].queryset = people.order_by("name", "pk")
