"""接收设置与离岗代理: one's own ways to hear, one's own absences, and who of the units in sight is away."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accountability import access
from accountability.forms import DayField
from accountability.models import Absence, Organisation, Person, Tenure
from accountability.services import deputies, preferences
from accountability.unclassified import UnclassifiedForm

SHOWN = 50


class PauseForm(UnclassifiedForm):
    """暂停提醒."""

    from_on = DayField(label="开始日期")
    until_on = DayField(label="结束日期")
    reason = forms.CharField(
        label="原因",
        max_length=100,
        help_text="本单位的人能看到，如“外出培训”；不要写病情等个人隐私。",
        error_messages={"required": "请写明原因。"},
    )
    deputy = forms.ModelChoiceField(
        label="代理人",
        queryset=Person.objects.none(),
        required=False,
        empty_label="不指定",
        help_text="离岗期间，您收到的通知抄送给他；他没有权限查看的事项不抄送。",
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["deputy"].queryset = _colleagues(user)


def _colleagues(user) -> QuerySet:
    """Who may stand in: people in office in the organisations one's posts stand in, and those above and below."""
    today = timezone.localdate()
    own = [post.organisation for post in access.posts_held(user, today)]
    near = {organisation.pk for organisation in own} | {organisation.parent_id for organisation in own}
    below = Organisation.objects.filter(parent__in=[organisation.pk for organisation in own]).values_list(
        "pk", flat=True
    )
    held = Tenure.objects.in_office(today).filter(post__organisation__in=near | set(below)).values("person")
    return Person.objects.filter(pk__in=held, is_active=True).exclude(pk=user.pk).order_by("name", "pk")


@require_http_methods(["GET", "HEAD", "POST"])
def preference_page(request):
    """接收设置."""
    if request.method == "POST":
        chosen = {kind: request.POST[kind] for kind in preferences.WAYS if kind in request.POST}
        changed = preferences.prefer(chosen, by=request.user)
        messages.success(request, f"已保存，更改了 {changed} 项。" if changed else "没有更改。")
        return redirect("notice_preferences")
    return render(request, "notices/preferences_page.html", {"choices": preferences.choices_of(request.user)})


@require_http_methods(["GET", "HEAD", "POST"])
def absence_page(request):
    """暂停提醒与代理: register one, end one, see who else is away."""
    today = timezone.localdate()
    form = PauseForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            deputies.pause(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "已登记暂停提醒。")
            return redirect("absences")
    rows = Absence.objects.select_related("person", "deputy")
    near = Tenure.objects.in_office(today).filter(post__organisation__in=_in_sight(request.user)).values("person")
    context = {
        "form": form,
        "today": today,
        "mine": rows.filter(person=request.user)[:SHOWN],
        "deputising": rows.on(today).filter(deputy=request.user),
        "others": rows.filter(ended_at=None, until_on__gte=today, person__in=near).exclude(person=request.user)[:SHOWN],
    }
    return render(request, "notices/absence_page.html", context)


def _in_sight(user) -> set[int]:
    """The organisations whose people's absences one is shown: those of one's posts, and what one may look into."""
    own = {post.organisation_id for post in access.posts_held(user)}
    return own | set(Organisation.objects.visible_to(user).values_list("pk", flat=True))


@require_POST
def absence_end(request, pk: int):
    """提前结束."""
    absence = get_object_or_404(Absence, pk=pk, person=request.user)
    deputies.resume(absence, by=request.user)
    messages.success(request, "已恢复提醒；暂停期间的通知随下一个工作日的摘要发出。")
    return redirect("absences")
