"""监督工作: the hub of the rooms, and who is admitted to the confidential ones."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability.forms import ReasonForm, refusals_in
from supervision.access import may_admit
from supervision.forms import AdmitForm
from supervision.models import Admission
from supervision.rooms import room, rooms_for, tabs_for
from supervision.services import admissions as verbs

room(
    900, "知悉授权", "admissions", "谈话、线索、档案等限定范围的内容，纪委哪些同志可以查看", icon="lock", may=may_admit
)


@require_safe
def work(request):
    """监督工作. What waits for one comes first in words; who has no room is told so."""
    rooms = [{"room": one, "waiting": one.waiting(request.user)} for one in rooms_for(request.user)]
    return render(request, "supervision/work_page.html", {"rooms": rooms})


@require_http_methods(["GET", "HEAD", "POST"])
def admissions(request):
    """知悉授权: those in force, those that ended, and a form for the next."""
    if not may_admit(request.user):
        raise PermissionDenied("知悉授权由党委书记或纪委办理。")
    form = AdmitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            row = verbs.admit(by=request.user, **form.cleaned_data)
            messages.success(request, f"{row.person.name}可以查看{row.get_secret_display()}了。")
            return redirect("admissions")
    rows = Admission.objects.visible_to(request.user).select_related("person", "named_by")
    in_force = rows.in_force()
    context = {
        "in_force": list(in_force),
        "ended": list(rows.exclude(pk__in=in_force.values("pk")).order_by("-until_on", "-pk")[:50]),
        "form": form,
        "tabs": tabs_for(request.user, "admissions"),
        "today": timezone.localdate(),
    }
    return render(request, "supervision/admissions_page.html", context, status=400 if form.errors else 200)


@require_POST
def admission_end(request, pk: int):
    row = get_object_or_404(Admission.objects.visible_to(request.user), pk=pk)
    form = ReasonForm(request.POST)
    try:
        verbs.end(row, by=request.user, reason=form.data.get("reason", ""))
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    else:
        messages.success(request, f"已终止{row.person.name}的{row.get_secret_display()}授权。")
    return redirect("admissions")
