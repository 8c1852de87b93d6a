"""专项检查: plan, begin, answer in each unit, conclude (二（二）, 三（二）1)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability import access
from accountability.confidential import told_of
from accountability.forms import refusals_in
from accountability.timeline import history_of_row
from accountability.views.downloads import sheet_response
from accountability.views.listing import Listing
from accountability.views.menus import Option
from accountability.years import year_in_view
from supervision.models import CheckUnit, FoundProblem, Oversight, SpecialCheck
from supervision.records.check_forms import AnswersForm, CheckForm, ConcludeForm, PapersForm
from supervision.records.check_workflow import TRANSITIONS, choices_for
from supervision.records.checklists import checklists
from supervision.records.forms import FoundProblemForm, LongReasonForm
from supervision.services import checks as verbs
from supervision.services import found_problems
from supervision.services.oversight_sheets import check_table
from supervision.views.oversight import business_only, sections

VIEWS = {"all": "全部", **dict(SpecialCheck.State.choices)}


@require_safe
def check_list(request):
    business_only(request.user)
    view = request.GET.get("view") if request.GET.get("view") in VIEWS else "all"

    def rows() -> QuerySet:
        visible = SpecialCheck.objects.visible_to(request.user).for_list()
        return visible if view == "all" else visible.filter(state=view)

    def lines() -> QuerySet:
        return SpecialCheck.objects.for_list().prefetch_related("units__organisation", "items")

    context = {
        "pager": Listing(request, view, told_of(request.user)).pager(rows, lines),
        "tabs": [Option(label, f"?view={key}", key == view) for key, label in VIEWS.items()],
        "narrows": view != "all",
        "may_plan": access.may_supervise(request.user),
        **sections("special_checks"),
    }
    return render(request, "supervision/records/check_list_page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def check_new(request):
    """立项; ``?list=`` begins with a sample checklist."""
    if not access.may_supervise(request.user):
        raise PermissionDenied(verbs.COMMISSION)
    sample = checklists().get(request.GET.get("list", ""))
    initial = {"source": "discipline"}
    if sample:
        initial |= {"name": sample.name, "kind": sample.kind, "items": sample.lines}
    form = CheckForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            row = verbs.plan_check(by=request.user, work_year=year_in_view(request), **_facts(form))
            messages.success(request, "已立项，核对后开始检查。")
            return redirect("special_check", pk=row.pk)
    return _form_page(request, form)


def _facts(form: CheckForm) -> dict:
    data = form.cleaned_data
    return data | {"units": list(data["units"]), "team": list(data["team"])}


def _form_page(request, form: CheckForm, row: SpecialCheck | None = None):
    context = {
        "form": form,
        "check": row,
        "samples": [] if row else list(checklists().values()),
        **sections("special_checks"),
    }
    return render(request, "supervision/records/check_form_page.html", context, status=400 if form.errors else 200)


def through_the_door(request, pk: int) -> SpecialCheck:
    rows = SpecialCheck.objects.visible_to(request.user).for_list().select_related("oversight__record")
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def check_edit(request, pk: int):
    """修改 before it begins."""
    row = through_the_door(request, pk)
    if not access.may_supervise(request.user):
        raise PermissionDenied(verbs.COMMISSION)
    if row.state != SpecialCheck.State.PLANNED:
        raise ValidationError(f"专项检查当前是「{row.get_state_display()}」，只有筹备中的可以修改。")
    form = CheckForm(request.POST or None, initial=_initial(row))
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            verbs.change_check(row, by=request.user, **_facts(form))
            messages.success(request, "已保存。")
            return redirect("special_check", pk=row.pk)
    return _form_page(request, form, row)


def _initial(row: SpecialCheck) -> dict:
    facts = {name: getattr(row, name) for name in ("name", "kind", "source", "starts_on", "ends_on", "plan")}
    return facts | {
        "items": "\n".join(row.items.values_list("text", flat=True)),
        "units": list(row.units.values_list("organisation", flat=True)),
        "team": list(row.team.values_list("person", flat=True)),
    }


@require_safe
def check(request, pk: int):
    return _page(request, through_the_door(request, pk))


def _page(request, row: SpecialCheck, *, status: int = 200, **more):
    user = request.user
    commission = access.may_supervise(user)
    oversight = Oversight.objects.visible_to(user).filter(pk=row.oversight_id or 0).select_related("record").first()
    items = list(row.items.all())
    context = {
        "check": row,
        "items": items,
        "units": list(CheckUnit.objects.visible_to(user).filter(special_check=row).counted()),
        "team": [member.person for member in row.team.select_related("person")],
        "oversight": oversight,
        "problems": list(FoundProblem.objects.visible_to(user).filter(unit__special_check=row).for_list()),
        "left": verbs.unanswered(row),
        "is_commission": commission,
        "may_edit": commission and row.state == SpecialCheck.State.PLANNED,
        "may_conclude": commission and row.state == SpecialCheck.State.RUNNING,
        "may_drop": any(choice.transition.name == "drop" for choice in choices_for(row, user)),
        "may_begin": any(choice.transition.name == "begin" for choice in choices_for(row, user)),
        "today": timezone.localdate(),
        "conclude_form": ConcludeForm(),
        "reason_form": LongReasonForm(),
        "changes": history_of_row(row) if commission else [],
        **more,
        **sections("special_checks"),
    }
    return render(request, "supervision/records/check_page.html", context, status=status)


@require_POST
def check_act(request, pk: int):
    """开始检查、撤销."""
    row, form, name = through_the_door(request, pk), LongReasonForm(request.POST), request.POST.get("act", "")
    if name not in ("begin", "drop"):
        raise ValidationError("没有这种办理，请返回专项检查页面重新选择。")
    if form.is_valid():
        with refusals_in(form):
            verbs.perform(row, name, by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, f"已{TRANSITIONS[name].label}。")
            return redirect("special_check", pk=row.pk)
    return _page(request, row, status=400, reason_form=form)


@require_POST
def check_conclude(request, pk: int):
    row, form = through_the_door(request, pk), ConcludeForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            row = verbs.conclude(row, by=request.user, **form.cleaned_data)
            messages.success(request, "已办结，登记为监督记录，受检单位可以查看本单位的结果。")
            return redirect("oversight", pk=row.oversight_id)
    return _page(request, row, status=400, conclude_form=form)


@require_safe
def check_file(request, pk: int):
    """导出: results as they stand; before any, the sheet to take along."""
    row = through_the_door(request, pk)
    units = CheckUnit.objects.visible_to(request.user).filter(special_check=row).select_related("organisation__parent")
    units = units.prefetch_related("answers__answered_by", "answers__papers")
    return sheet_response(row.name, check_table(row, units))


# ── 一个单位 ─────────────────────────────────────────────────────────────────────────────────


def _unit(request, pk: int) -> CheckUnit:
    rows = CheckUnit.objects.visible_to(request.user).select_related("special_check", "organisation__parent")
    return get_object_or_404(rows.prefetch_related("answers__papers", "answers__answered_by"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def unit(request, pk: int):
    """逐项登记 and reading; answers are posted here too."""
    row = _unit(request, pk)
    if request.method != "POST":
        return _unit_page(request, row)
    items = list(row.special_check.items.all())
    form = AnswersForm(request.POST, unit=row, items=items)
    if form.is_valid():
        with refusals_in(form):
            count = verbs.answer(row, by=request.user, answers=form.answers)
            messages.success(request, f"已保存 {count} 项结果。" if count else "没有改动。")
            return redirect("check_unit", pk=row.pk)
    return _unit_page(request, row, status=400, form=form)


def _unit_page(request, row: CheckUnit, *, status: int = 200, **forms):
    user, items = request.user, list(row.special_check.items.all())
    answers = {one.item_id: one for one in row.answers.all()}
    context = {
        "unit": row,
        "check": row.special_check,
        "lines": [{"item": item, "answer": answers.get(item.pk)} for item in items],
        "refusal": verbs.refusal_to_answer(row, user),
        "today": timezone.localdate(),
        "problems": list(FoundProblem.objects.visible_to(user).filter(unit=row).for_list()),
        "form": AnswersForm(unit=row, items=items),
        "papers_form": PapersForm(items=row.special_check.items.filter(pk__in=answers)),
        "problem_form": FoundProblemForm(units=None),
        "may_ask": access.may_supervise(user),
        **forms,
        **sections("special_checks"),
    }
    return render(request, "supervision/records/check_unit_page.html", context, status=status)


@require_POST
def unit_papers(request, pk: int):
    row = _unit(request, pk)
    form = PapersForm(request.POST, request.FILES, items=row.special_check.items.all())
    if form.is_valid():
        with refusals_in(form):
            verbs.add_papers(row, by=request.user, **form.cleaned_data)
            messages.success(request, "材料已上传。")
            return redirect("check_unit", pk=row.pk)
    return _unit_page(request, row, status=400, papers_form=form)


@require_POST
def unit_problem(request, pk: int):
    row, form = _unit(request, pk), FoundProblemForm(request.POST, units=None)
    if form.is_valid():
        with refusals_in(form):
            found_problems.note_problem(row, by=request.user, **form.cleaned_data)
            messages.success(request, "已列出问题。")
            return redirect("check_unit", pk=row.pk)
    return _unit_page(request, row, status=400, problem_form=form)
