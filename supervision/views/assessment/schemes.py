"""考核方案: drafted, edited item by item, proposed and approved (四（四）)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability.forms import refusals_in
from accountability.timeline import history_of_row
from supervision.assessment.access import prepares, sees_all
from supervision.assessment.forms import ActForm, DraftForm, OpenForm, SchemeForm
from supervision.assessment.item_form import ItemForm
from supervision.assessment.workflow import SCHEME_TRANSITIONS, choices_for
from supervision.models import Assessment, Purpose, Scheme, SchemeItem
from supervision.services import assessments, schemes


@require_http_methods(["GET", "HEAD", "POST"])
def scheme_new(request):
    """拟订方案."""
    if not prepares(request.user):
        raise PermissionDenied(schemes.PREPARERS)
    form = DraftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            row = schemes.draft_scheme(by=request.user, **form.cleaned_data)
            messages.success(request, "方案已拟订，请逐项核对后送审。")
            return redirect("scheme", pk=row.pk)
    return render(
        request, "supervision/assessment/scheme_new_page.html", {"form": form}, status=400 if form.errors else 200
    )


def _through_the_door(request, pk: int) -> Scheme:
    return get_object_or_404(Scheme.objects.visible_to(request.user).for_list(), pk=pk)


@require_safe
def scheme(request, pk: int):
    return _page(request, _through_the_door(request, pk))


def _page(request, row: Scheme, *, status: int = 200, **more):
    purposes = {purpose.value: purpose.label for purpose in Purpose}
    may_edit = row.may_change and prepares(request.user)
    assessment = Assessment.objects.visible_to(request.user).filter(scheme=row).first()
    context = {
        "scheme": row,
        "items": list(row.items.filter(is_dropped=False)),
        "grades": [{**one, "bars": [purposes[bar] for bar in one.get("bars", [])]} for one in row.grades],
        "lacking": schemes.lacking_for_proposal(row) if may_edit else [],
        "may_edit": may_edit,
        "may_open": row.state == Scheme.State.APPROVED and prepares(request.user),
        "assessment": assessment,
        "assessment_url": _address_of(assessment, request.user) if assessment else "",
        "choices": choices_for(row, request.user),
        "changes": history_of_row(row),
        "open_form": OpenForm(),
        "refused": "",
        "refusals": [],
        "typed": "",
        **more,
    }
    return render(request, "supervision/assessment/scheme_page.html", context, status=status)


def _address_of(assessment: Assessment, user) -> str:
    return reverse("assessment", args=[assessment.pk]) if sees_all(user) else reverse("assessments")


@require_POST
def scheme_act(request, pk: int):
    """办理 one named transition."""
    row, name = _through_the_door(request, pk), request.POST.get("act", "")
    if name not in SCHEME_TRANSITIONS:
        raise ValidationError("没有这种办理，请返回方案页面重新选择。")
    form = ActForm(request.POST)
    refusals = [] if form.is_valid() else [str(error) for errors in form.errors.values() for error in errors]
    if not refusals:
        try:
            schemes.perform(row, name, by=request.user, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            refusals = error.messages
        else:
            messages.success(request, f"已{SCHEME_TRANSITIONS[name].label}。")
            return redirect("scheme", pk=row.pk)
    typed = request.POST.get("reason", "")
    return _page(request, row, status=400, refused=name, refusals=refusals, typed=typed)


@require_POST
def assessment_open(request, pk: int):
    """启动考核."""
    row, form = _through_the_door(request, pk), OpenForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            opened = assessments.open_assessment(row, by=request.user, **form.cleaned_data)
            messages.success(request, f"考核已启动，{opened.sheets.count()} 个考核对象收到自评通知。")
            return redirect("assessment", pk=opened.pk)
    return _page(request, row, status=400, open_form=form)


def _to_edit(request) -> None:
    if not prepares(request.user):
        raise PermissionDenied(schemes.PREPARERS)


@require_http_methods(["GET", "HEAD", "POST"])
def scheme_edit(request, pk: int):
    row = _through_the_door(request, pk)
    _to_edit(request)
    form = SchemeForm(request.POST or None, initial=SchemeForm.of(row))
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            schemes.edit_scheme(row, by=request.user, **form.cleaned_data)
            messages.success(request, "方案已保存。")
            return redirect("scheme", pk=row.pk)
    context = {"form": form, "scheme": row}
    return render(request, "supervision/assessment/scheme_form_page.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def item_new(request, pk: int):
    row = _through_the_door(request, pk)
    _to_edit(request)
    form = ItemForm(request.POST or None, kind=row.kind, initial={"form": "each"})
    return _item_form(request, row, form, lambda fields: schemes.add_item(row, by=request.user, **fields))


def _item(request, pk: int) -> SchemeItem:
    seen = Scheme.objects.visible_to(request.user).values("pk")
    return get_object_or_404(SchemeItem.objects.select_related("scheme"), scheme__in=seen, is_dropped=False, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def item_edit(request, pk: int):
    item = _item(request, pk)
    _to_edit(request)
    form = ItemForm(request.POST or None, kind=item.scheme.kind, initial=ItemForm.of_item(item))
    verb = lambda fields: schemes.edit_item(item, by=request.user, **fields)  # noqa: E731
    return _item_form(request, item.scheme, form, verb, item)


def _item_form(request, row: Scheme, form: ItemForm, verb, item: SchemeItem | None = None):
    if request.method == "POST" and form.is_valid():
        names = ("group", "title", "standard", "points", "rule")
        with refusals_in(form):
            verb({name: form.cleaned_data[name] for name in names})
            messages.success(request, "考核项目已保存。")
            return redirect("scheme", pk=row.pk)
    context = {
        "form": form,
        "scheme": row,
        "item": item,
        "about": [form[name] for name in ("group", "title", "standard", "points")],
        "rule": [form[name] for name in ItemForm.RULE],
        "filter": [form[name] for name in ItemForm.FILTER],
    }
    return render(request, "supervision/assessment/item_form_page.html", context, status=400 if form.errors else 200)


@require_POST
def item_drop(request, pk: int):
    item = _item(request, pk)
    try:
        schemes.drop_item(item, by=request.user)
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    else:
        messages.success(request, f"已删去「{item.title}」。")
    return redirect("scheme", pk=item.scheme_id)
