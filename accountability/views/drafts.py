"""起草: the office writes a draft in the browser, clause by clause (五)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accountability import access
from accountability.forms import add_refusal
from accountability.models import Clause, Obligation, Regulation
from accountability.services import drafts as verbs
from accountability.version_forms import ClauseForm, DraftForm, ObligationForm, occurrences_of
from accountability.views.versions import through_the_door

EDIT = require_http_methods(["GET", "HEAD", "POST"])


def _only_office(request) -> None:
    if not access.may_manage_duties(request.user):
        raise PermissionDenied("制度由党委办公室起草。")


def _to_edit(request, regulation: Regulation) -> Regulation:
    """Who sees it but may not write is told so; what is in force is no draft for anybody."""
    _only_office(request)
    if not regulation.is_draft:
        raise PermissionDenied(verbs.NOT_A_DRAFT.format(regulation))
    return regulation


def _draft(request, pk: int) -> Regulation:
    return _to_edit(request, through_the_door(request, pk))


def _clause(request, pk: int) -> Clause:
    visible = Clause.objects.filter(regulation__in=Regulation.objects.visible_to(request.user))
    clause = get_object_or_404(visible.select_related("regulation"), pk=pk)
    _to_edit(request, clause.regulation)
    return clause


def _obligation(request, pk: int) -> Obligation:
    visible = Obligation.objects.filter(clause__regulation__in=Regulation.objects.visible_to(request.user))
    obligation = get_object_or_404(visible.select_related("clause__regulation"), pk=pk)
    _to_edit(request, obligation.clause.regulation)
    return obligation


def _done(request, forms, verb):
    """Run ``verb`` when every form is good; what the service refuses goes to the first form. None: show again."""
    answers = [form.is_valid() for form in forms]  # each, so that every mistake is told at once
    if request.method != "POST" or not all(answers):
        return None
    try:
        return verb()
    except ValidationError as error:
        add_refusal(forms[0], error)
        return None


def _shown(request, template: str, forms, **context):
    refused = any(form.is_bound and not form.is_valid() for form in forms)
    return render(request, template, context, status=400 if refused else 200)


@EDIT
def version_new(request):
    """以现行版本起草新版本."""
    _only_office(request)
    source = Regulation.objects.newest()
    initial = {"title": source.title} if source else {}
    form = DraftForm(request.POST or None, initial=initial)
    if draft := _done(request, [form], lambda: verbs.draft_from(source, by=request.user, **form.cleaned_data)):
        messages.success(request, "草稿已建立，逐条修改后可比较、预览和施行。")
        return redirect("version", pk=draft.pk)
    return _shown(request, "clauses/version_form_page.html", [form], form=form, source=source, version=None)


@EDIT
def version_edit(request, pk: int):
    draft = _draft(request, pk)
    form = DraftForm(request.POST or None, instance=draft)
    if _done(request, [form], lambda: _true(verbs.revise_draft(draft, by=request.user, **form.cleaned_data))):
        messages.success(request, "已保存。")
        return redirect("version", pk=draft.pk)
    return _shown(request, "clauses/version_form_page.html", [form], form=form, version=draft, source=None)


def _true(_) -> bool:
    """A verb that returns nothing has succeeded."""
    return True


@require_POST
def version_discard(request, pk: int):
    """作废草稿."""
    draft = _draft(request, pk)
    verbs.discard_draft(draft, by=request.user)
    messages.success(request, f"草稿《{draft}》已作废。")
    return redirect("clauses")


def _back(clause: Clause) -> str:
    return reverse("version", args=[clause.regulation_id]) + f"#clause-{clause.key}"


@EDIT
def clause_new(request, pk: int):
    draft = _draft(request, pk)
    form = ClauseForm(request.POST or None, draft=draft)
    if clause := _done(request, [form], lambda: verbs.add_clause(draft, by=request.user, **form.cleaned_data)):
        messages.success(request, f"已增加条款 {clause.number}。")
        return redirect(_back(clause))
    return _shown(request, "clauses/clause_form_page.html", [form], form=form, version=draft, clause=None)


@EDIT
def clause_edit(request, pk: int):
    clause = _clause(request, pk)
    form = ClauseForm(request.POST or None, instance=clause, draft=clause.regulation)
    if saved := _done(request, [form], lambda: verbs.revise_clause(clause, by=request.user, **form.cleaned_data)):
        messages.success(request, f"条款 {saved.number} 已保存。")
        return redirect(_back(saved))
    known = Clause.objects.get(pk=pk)  # the form has written on its own copy
    return _shown(request, "clauses/clause_form_page.html", [form], form=form, version=clause.regulation, clause=known)


@require_POST
def clause_remove(request, pk: int):
    clause = _clause(request, pk)
    verbs.remove_clause(clause, by=request.user)
    messages.success(request, f"已从草稿删去条款 {clause.number} 及其责任要求。")
    return redirect("version", pk=clause.regulation_id)


@EDIT
def obligation_new(request, pk: int):
    clause = _clause(request, pk)
    form = ObligationForm(request.POST or None, draft=clause.regulation, initial={"clause": clause})
    times = occurrences_of(None, request.POST or None)
    if made := _done(request, [form, times], lambda: verbs.add_obligation(by=request.user, **_facts(form, times))):
        messages.success(request, f"已增加责任要求「{made.title}」。")
        return redirect(_back(made.clause))
    return _obligation_page(request, form, times, clause.regulation, None)


@EDIT
def obligation_edit(request, pk: int):
    obligation = _obligation(request, pk)
    draft = obligation.clause.regulation
    form = ObligationForm(request.POST or None, instance=obligation, draft=draft)
    times = occurrences_of(obligation, request.POST or None)
    if saved := _done(
        request,
        [form, times],
        lambda: verbs.revise_obligation(Obligation.objects.get(pk=pk), by=request.user, **_facts(form, times)),
    ):
        messages.success(request, f"责任要求「{saved.title}」已保存。")
        return redirect(_back(saved.clause))
    return _obligation_page(request, form, times, draft, Obligation.objects.get(pk=pk))


def _facts(form: ObligationForm, times) -> dict:
    return form.cleaned_data | {"acts": list(form.cleaned_data["acts"]), "occurrences": times.given()}


def _obligation_page(request, form, times, version: Regulation, obligation: Obligation | None):
    context = {"form": form, "times": times, "version": version, "obligation": obligation}
    return _shown(request, "clauses/obligation_form_page.html", [form, times], **context)


@require_POST
def obligation_remove(request, pk: int):
    obligation = _obligation(request, pk)
    verbs.remove_obligation(obligation, by=request.user)
    messages.success(request, f"已从草稿删去责任要求「{obligation.title}」。")
    return redirect(_back(obligation.clause))
