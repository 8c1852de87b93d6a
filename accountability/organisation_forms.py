"""组织、任职、分工与机构调整: what the office types; services refuse what must not be."""

from html import escape

from django import forms
from django.db.models import Q
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accountability.forms import DayField
from accountability.models import Organisation, Person, Portfolio, Post, Role, Suspension
from accountability.services.handovers import REASON_AT_LEAST
from accountability.unclassified import UnclassifiedForm

ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


class ReasonedForm(UnclassifiedForm):
    reason = forms.CharField(
        label="依据或原因",
        min_length=REASON_AT_LEAST,
        max_length=200,
        help_text="如任免文号、会议决定。",
        error_messages={
            "required": "请写明依据或原因。",
            "min_length": f"请写明依据或原因，至少 {REASON_AT_LEAST} 个字。",
        },
    )


class LongSelect(forms.Select):
    """下拉框 of hundreds: Django renders a template for each option, which for 600 people took longer than all else."""

    def render(self, name, value, attrs=None, renderer=None):
        chosen = set(self.format_value(value))
        options = "".join(
            f'<option value="{escape(str(key))}"{" selected" if str(key) in chosen else ""}>{escape(str(label))}</option>'
            for key, label in self.choices
        )
        return format_html(
            "<select{}>{}</select>",
            flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name})),
            SafeString(options),
        )


class PeopleChoices(forms.models.ModelChoiceIterator):
    """Names and accounts alone: hundreds of people are no objects here."""

    def __iter__(self):
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        for pk, name, username in self.queryset.values_list("pk", "name", "username"):
            yield pk, _called(name, username)


def _called(name: str, username: str) -> str:
    return f"{name}（{username}）"


class PeopleField(forms.ModelChoiceField):
    widget = LongSelect
    iterator = PeopleChoices

    def label_from_instance(self, person: Person) -> str:
        return _called(person.name, person.username)


class OrganisationField(forms.ModelChoiceField):
    widget = LongSelect

    def label_from_instance(self, organisation: Organisation) -> str:
        return organisation.full_name


class PostField(forms.ModelChoiceField):
    widget = LongSelect

    def label_from_instance(self, post: Post) -> str:
        return post.full_title


class AppointForm(ReasonedForm):
    """任命."""

    person = PeopleField(
        label="人员",
        queryset=Person.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择人员。", "invalid_choice": "请从名单中选择人员。"},
        help_text="名单里没有的人，请系统管理员先建立账号，或用花名册导入。",
    )
    from_on = DayField(label="起任日期")
    is_acting = forms.BooleanField(label="主持工作（代理）", required=False)
    field_order = ("person", "from_on", "is_acting", "reason")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        may_hold = Q(is_active=True) | Q(suspended_for=Suspension.NO_POST)  # a post brings the account back
        people = Person.objects.filter(may_hold).exclude(
            Q(tenures__post__role__in=ADMINISTRATORS) | Q(is_superuser=True) | Q(username="system")
        )
        self.fields["person"].queryset = people.order_by("name").distinct()


class LastDayForm(ReasonedForm):
    """离任、终止分工."""

    last_on = DayField(label="最后一天")
    field_order = ("last_on", "reason")


class AbolishPostForm(ReasonedForm):
    on = DayField(label="撤销日期")
    field_order = ("on", "reason")


class PostForm(ReasonedForm):
    """新设岗位."""

    title = forms.CharField(label="职务", max_length=40, error_messages={"required": "请填写职务。"})
    role = forms.ChoiceField(
        label="角色",
        choices=[(role.value, role.label) for role in Role if role not in ADMINISTRATORS],
        help_text="角色决定能看什么、能办什么。",
        error_messages={"invalid_choice": "请从列表中选择角色。"},
    )
    field_order = ("title", "role", "reason")


class PortfolioForm(ReasonedForm):
    """新增分工."""

    post = PostField(
        label="校领导",
        queryset=Post.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择校领导。", "invalid_choice": "请从列表中选择校领导。"},
    )
    kind = forms.ChoiceField(label="分工", choices=Portfolio.Kind.choices)
    from_on = DayField(label="起始日期")
    field_order = ("post", "kind", "from_on", "reason")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        of_commission = Q(role=Role.DISCIPLINE, organisation__kind=Organisation.Kind.COMMISSION)
        of_committee = Q(role__in=(Role.MEMBER, Role.SECRETARY))
        leaders = Post.objects.filter(of_committee | of_commission, abolished_on=None)
        self.fields["post"].queryset = leaders.select_related("organisation__parent")


class RenameForm(ReasonedForm):
    name = forms.CharField(label="新名称", max_length=60, error_messages={"required": "请填写新名称。"})
    on = DayField(label="生效日期")
    field_order = ("name", "on", "reason")


class TargetForm(ReasonedForm):
    """并入、调整隶属."""

    target = OrganisationField(
        label="单位",
        queryset=Organisation.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择单位。", "invalid_choice": "请从列表中选择单位。"},
    )
    on = DayField(label="生效日期")
    field_order = ("target", "on", "reason")

    def __init__(self, *args, organisation: Organisation, kind: str, **kwargs):
        super().__init__(*args, **kwargs)
        others = Organisation.objects.active().exclude(path__startswith=organisation.path).select_related("parent")
        if kind == "merge" and organisation.kind == Organisation.Kind.BRANCH:
            others = others.filter(kind=Organisation.Kind.BRANCH)
        else:
            others = others.exclude(kind=Organisation.Kind.BRANCH)
        self.fields["target"].queryset = others.order_by("kind", "rank", "id")


class AbolishForm(ReasonedForm):
    on = DayField(label="生效日期")
    field_order = ("on", "reason")


class HandOverSignForm(forms.Form):
    sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)
    password = forms.CharField(
        label="登录密码",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "请输入您本人的登录密码。"},
    )
