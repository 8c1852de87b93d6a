"""考核表: one unit's or leader's, with the rows behind each score; self-assessment and review (四（四）)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability.forms import ReasonForm, refusals_in
from accountability.timeline import history_of_rows
from accountability.views.downloads import PDF, download
from supervision.assessment.access import may_confirm, sees_all
from supervision.assessment.forms import LinesForm
from supervision.assessment.reading import rows_of, seen
from supervision.models import AssessmentSheet, Objection, ScoreLine
from supervision.services import objections
from supervision.services import self_assessments as verbs
from supervision.services.assessment_sheets import pdf_of


def through_the_door(request, pk: int) -> AssessmentSheet:
    rows = AssessmentSheet.objects.visible_to(request.user).for_list()
    return get_object_or_404(rows.select_related("assessment__scheme__work_year", "confirmed_by", "drafted_by"), pk=pk)


@require_safe
def sheet(request, pk: int):
    return _page(request, through_the_door(request, pk))


def _page(request, row: AssessmentSheet, *, status: int = 200, back_form: ReasonForm | None = None):
    user = request.user
    is_handed = row.self_state == AssessmentSheet.SelfState.HANDED
    context = {
        "sheet": row,
        "assessment": row.assessment,
        "seen": seen(row, user, with_objections=True),
        "sees_all": sees_all(user),
        "refusal_to_draft": verbs.refusal_to_draft(row, user),
        "refusal_to_review": verbs.refusal_to_review(row, user),
        "may_object": may_confirm(user, row) and row.assessment.state == "published",
        "may_send_back": is_handed and may_confirm(user, row) and row.organisation_id,
        "back_form": back_form or ReasonForm(),
        "changes": history_of_rows(AssessmentSheet.history.filter(id=row.pk), _change)[::-1],
    }
    return render(request, "supervision/assessment/sheet_page.html", context, status=status)


def _change(before, now) -> str:
    states = dict(AssessmentSheet.SelfState.choices)
    if before is None or before.self_state == now.self_state:
        return now.grade
    return f"{states[before.self_state]} → {states[now.self_state]}"


def _offer(request, lines: list[ScoreLine], name: str) -> None:
    """预填: a score not yet given is offered as the system has it; nothing is kept until it is saved."""
    for line in lines:
        if request.method != "POST" and getattr(line, name) is None:
            setattr(line, name, line.system_points)


@require_safe
def line(request, pk: int):
    """一项的依据: the rows as they were counted, each with its address; a restricted item for few."""
    rows = ScoreLine.objects.visible_to(request.user).select_related(
        "item", "sheet__assessment__scheme", "sheet__organisation", "sheet__person", "reviewed_by"
    )
    row = get_object_or_404(rows, pk=pk)
    shown = seen(row.sheet, request.user, [row]).lines[0]
    if shown.is_withheld:
        raise PermissionDenied("这一项的内容限定范围，由被授权的同志、党委书记和本单位党组织书记（本人）查看。")
    context = {
        "line": row,
        "seen": shown,
        "rows": rows_of(row, request.user),
        "refusal_to_object": objections.refusal_to_object(row, request.user),
        "objections": list(Objection.objects.visible_to(request.user).filter(line=row).for_list()),
    }
    return render(request, "supervision/assessment/line_page.html", context)


@require_safe
def sheet_pdf(request, pk: int):
    row = through_the_door(request, pk)
    return download(pdf_of(row, request.user), PDF, f"{row.assessment}·{row.name}.pdf")


@require_http_methods(["GET", "HEAD", "POST"])
def sheet_self(request, pk: int):
    """自评. ``act``: save, hand (to the secretary) or confirm."""
    row = through_the_door(request, pk)
    if refusal := verbs.refusal_to_draft(row, request.user):
        raise PermissionDenied(refusal)
    shown = {one.line.pk: one for one in seen(row, request.user).lines if one.item.points}
    lines = [one.line for one in shown.values() if not one.is_withheld]
    _offer(request, lines, "self_points")
    initial = {"words": row.self_words, "turn": row.turn}
    form = LinesForm(
        request.POST or None, lines=lines, points="self_points", words="self_words", overall=True, initial=initial
    )
    act = request.POST.get("act", "save")
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with refusals_in(form):
            verbs.write_self(row, by=request.user, typed=form.typed(), words=data["words"], act=act, turn=data["turn"])
            words = {"hand": "自评已送书记确认。", "confirm": "自评已确认。"}
            messages.success(request, words.get(act, "自评已保存，还没有提交。"))
            return redirect("assessment_sheet", pk=row.pk)
    context = {
        "sheet": row,
        "form": form,
        "rows": form.rows(),
        "withheld": [one for one in shown.values() if one.is_withheld],
        "may_confirm": may_confirm(request.user, row),
    }
    return render(request, "supervision/assessment/self_page.html", context, status=400 if form.errors else 200)


@require_POST
def sheet_back(request, pk: int):
    """自评退回修改."""
    row, form = through_the_door(request, pk), ReasonForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            verbs.send_back(row, by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, "已退回，起草人收到通知。")
            return redirect("assessment_sheet", pk=row.pk)
    return _page(request, row, status=400, back_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def sheet_review(request, pk: int):
    """评议: the reviewer's score beside the system's."""
    row = through_the_door(request, pk)
    if refusal := verbs.refusal_to_review(row, request.user):
        raise PermissionDenied(refusal)
    shown = [one for one in seen(row, request.user).lines if one.item.points]
    lines = [one.line for one in shown if not one.is_withheld]
    _offer(request, lines, "human_points")
    form = LinesForm(
        request.POST or None,
        lines=lines,
        points="human_points",
        words="human_words",
        overall=False,
        initial={"turn": row.turn},
    )
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            verbs.review(row, by=request.user, typed=form.typed(), turn=form.cleaned_data["turn"])
            messages.success(request, "评议已保存。")
            return redirect("assessment_sheet", pk=row.pk)
    context = {
        "sheet": row,
        "form": form,
        "rows": form.rows(),
        "withheld": [one for one in shown if one.is_withheld],
    }
    return render(request, "supervision/assessment/review_page.html", context, status=400 if form.errors else 200)
