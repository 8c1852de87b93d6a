"""整改进展情况通报: the list, one notice, its preparation, its figures and its papers (三（四）1, 三（二）2)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability.filters import number_in, whole_number
from accountability.forms import refusals_in
from accountability.models import Organisation
from accountability.timeline import history_of_row
from accountability.views.downloads import DOCX, PDF, download
from accountability.views.listing import Listing
from inspections.models import Finding, Measure, ProgressNotice, Round, Withholding
from inspections.models.rounds import manages
from inspections.progress_forms import AsOfForm, MakeForm, NoticeForm, ReasonForm, WithholdForm
from inspections.progress_workflow import TRANSITIONS, choices_for
from inspections.services import progress_notices as verbs
from inspections.services import withholding
from inspections.views import findings

DRAFT_AT_MOST = 12_000  # characters, 25 pages: some five seconds of a processor; longer would hold up a web process


def _only_managers(request) -> None:
    if not manages(request.user):
        raise PermissionDenied(verbs.MANAGERS)


@require_safe
def notice_list(request):
    user, chosen, wanted = request.user, None, number_in(request.GET, "round")
    if wanted:
        chosen = Round.objects.visible_to(user).filter(pk=wanted).first()

    def rows() -> QuerySet:
        visible = ProgressNotice.objects.visible_to(user).for_list()
        return visible.filter(round=wanted) if wanted else visible

    pager = Listing(request, wanted).pager(rows, ProgressNotice.objects.for_list)
    context = {"pager": pager, "chosen": chosen, "manages": manages(user)}
    return render(request, "inspections/notices/notice_list_page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def notice_new(request):
    """拟稿."""
    _only_managers(request)
    form = MakeForm(
        request.POST or None,
        user=request.user,
        initial={"round": number_in(request.GET, "round"), "scope": "inside"},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with refusals_in(form):
            notice = verbs.make(data["round"], by=request.user, scope=data["scope"], as_of=data["as_of"])
            messages.success(request, "已按台账拟稿，请核对手工填写的部分和拟不公开的内容。")
            return redirect("progress_notice_prepare", pk=notice.pk)
    return render(
        request, "inspections/notices/notice_form_page.html", {"form": form}, status=400 if form.errors else 200
    )


def through_the_door(request, pk: int) -> ProgressNotice:
    rows = ProgressNotice.objects.visible_to(request.user)
    people = ("made_by", "edited_by", "proposed_by", "approved_by")
    return get_object_or_404(rows.select_related("round", "corrects", "job", *people), pk=pk)


@require_safe
def notice(request, pk: int):
    return _page(request, through_the_door(request, pk))


def _page(request, row: ProgressNotice, *, status: int = 200, **more):
    user = request.user
    figures = list(row.figures.values())
    corrections = ProgressNotice.objects.visible_to(user).filter(corrects=row).exclude(state="withdrawn")
    context = {
        "notice": row,
        "figures": [figure for figure in figures if figure["code"].startswith("F")],
        "held": [figure for figure in figures if figure["code"].startswith("W") and figure["value"]]
        if manages(user)
        else [],
        "choices": choices_for(row, user),
        "lacking": verbs.lacking_for_proposal(row) if row.is_draft else [],
        "correction": corrections.for_list().first(),
        "manages": manages(user),
        "names": row.names if manages(user) else [],
        "changes": history_of_row(row) if manages(user) else [],
        "refused": "",
        "refusals": [],
        "typed": "",
        "correct_form": ReasonForm(),
        **more,
    }
    return render(request, "inspections/notices/notice_page.html", context, status=status)


@require_POST
def notice_act(request, pk: int):
    """送审、审定、退回、印发、作废."""
    row = through_the_door(request, pk)
    name = request.POST.get("act", "")
    if name not in TRANSITIONS:
        raise ValidationError("没有这种办理，请返回通报页面重新选择。")
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            verbs.perform(row, name, by=request.user, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            refusals = error.messages
        else:
            said = "已交付排版，完成后可以下载，不用守在本页。" if name == "issue" else f"已{TRANSITIONS[name].label}。"
            messages.success(request, said)
            return redirect("progress_notice", pk=row.pk)
    else:
        refusals = [str(error) for errors in form.errors.values() for error in errors]
    return _page(request, row, status=400, refused=name, refusals=refusals, typed=request.POST.get("reason", ""))


@require_POST
def notice_correct(request, pk: int):
    """更正."""
    row, form = through_the_door(request, pk), ReasonForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            new = verbs.correct(row, by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, "已拟更正稿，原通报保持不变。")
            return redirect("progress_notice_prepare", pk=new.pk)
    return _page(request, row, status=400, correct_form=form)


# ── 拟稿 ─────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
def prepare(request, pk: int):
    """修改、重新生成、设置拟不公开; ``act`` says which form is sent."""
    row = through_the_door(request, pk)
    _only_managers(request)
    if not row.is_draft:
        if request.method == "POST":
            raise ValidationError(f"通报当前是「{row.get_state_display()}」，不能再改；送审的可以先退回修改。")
        return redirect("progress_notice", pk=row.pk)
    sent = request.POST.get("act", "") if request.method == "POST" else ""
    forms = {
        "edit": NoticeForm.of(row, request.POST if sent == "edit" else None),
        "remake": AsOfForm(request.POST if sent == "remake" else None, initial={"as_of": row.as_of}),
        "withhold": WithholdForm(request.POST if sent == "withhold" else None, initial={"scopes": ["public"]}),
    }
    form = forms.get(sent)
    if request.method == "POST" and form is None:
        raise ValidationError("没有这种办理，请返回拟稿页面重新选择。")
    ticked = [number for value in request.POST.getlist("findings") if (number := whole_number(value))]
    if form is not None and form.is_valid():
        with refusals_in(form):
            said = _prepare(request.user, row, sent, form, ticked)
            messages.success(request, said)
            return redirect("progress_notice_prepare", pk=row.pk)
    return _prepare_page(request, row, forms, sent, ticked, status=400 if form is not None and form.errors else 200)


def _prepare(user, row: ProgressNotice, sent: str, form, ticked: list[int]) -> str:
    data = form.cleaned_data
    if sent == "edit":
        verbs.edit(row, by=user, **data)
        return "已保存。"
    if sent == "remake":
        verbs.remake(row, by=user, as_of=data["as_of"])
        return "已按台账重新生成，手工填写的部分没有改动。"
    chosen = Finding.objects.visible_to(user).filter(round=row.round, pk__in=ticked)
    added = withholding.withhold(chosen, by=user, **data)
    verbs.remake(row, by=user)
    return f"已新设 {added} 项拟不公开，并重新生成。"


def _prepare_page(request, row: ProgressNotice, forms: dict, sent: str, ticked: list[int], *, status: int):
    ids = row.figures["问题数"]["ids"]
    rows = Finding.objects.filter(pk__in=ids).select_related("round", "organisation__parent")
    context = {
        "notice": row,
        "forms": forms,
        "sent": sent,
        "ticked": ticked,
        "findings": list(rows.prefetch_related("withholdings__set_by").order_by("serial")),
        "figures": [figure for figure in row.figures.values() if figure["code"].startswith("F")],
        "lacking": verbs.lacking_for_proposal(row),
    }
    return render(request, "inspections/notices/prepare_page.html", context, status=status)


def _back(request, finding: Finding):
    """To the page one came from, if it is ours; else to the finding."""
    wanted = request.POST.get("next", "")
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return redirect(wanted)
    return redirect("finding", pk=finding.pk)


@require_POST
def finding_withhold(request, pk: int):
    """设为拟不公开, from the page of the finding."""
    row = findings.through_the_door(request, pk)
    form = WithholdForm(request.POST)
    if not manages(request.user):
        raise PermissionDenied("拟不公开由巡察办或纪委设置。")
    if form.is_valid():
        with refusals_in(form):
            added = withholding.withhold([row], by=request.user, **form.cleaned_data)
            messages.success(request, f"已新设 {added} 项拟不公开；在拟的通报请重新生成。")
            return redirect("finding", pk=row.pk)
    return findings._page(request, row, status=400, withhold_form=form)


@require_POST
def withholding_lift(request, pk: int):
    row = get_object_or_404(Withholding.objects.visible_to(request.user).select_related("finding__round"), pk=pk)
    withholding.lift(row, by=request.user, reason=request.POST.get("reason", "").replace("\x00", "")[:300])
    messages.success(request, "已取消；在拟的通报请重新生成。")
    return _back(request, row.finding)


# ── 数字与文件 ───────────────────────────────────────────────────────────────────────────────

ROWS = {
    "finding": lambda user: Finding.objects.visible_to(user).for_list(),
    "measure": lambda user: Measure.objects.visible_to(user).select_related("finding__round", "lead"),
    "organisation": lambda user: Organisation.objects.visible_to(user),
}


@require_safe
def figure(request, pk: int, code: str):
    """The rows behind one figure, as they were frozen; of these, what the reader may see."""
    row = through_the_door(request, pk)
    found = next((one for one in row.figures.values() if one["code"] == code), None)
    if found is None or (code.startswith("W") and not manages(request.user)):
        raise Http404
    rows = list(ROWS[found["model"]](request.user).filter(pk__in=found["ids"]))
    distinct = len(set(found["ids"]))
    context = {
        "notice": row,
        "figure": found,
        "rows": rows,
        "unseen": distinct - len(rows),
        "distinct": distinct,
        "today": timezone.localdate(),
    }
    return render(request, "inspections/notices/figure_page.html", context)


@require_safe
def notice_pdf(request, pk: int):
    """The frozen paper; one not issued is set on the spot and marked 草稿."""
    row = through_the_door(request, pk)
    if row.state == ProgressNotice.State.ISSUED:
        return download(verbs.issued_bytes(row), PDF, f"{row.title}（{row.get_scope_display()}）.pdf")
    if len(row.text) > DRAFT_AT_MOST:
        raise ValidationError(
            f"正文有 {len(row.text)} 个字，超过 {DRAFT_AT_MOST} 个字的草稿不即时排版；印发时由后台排版，现在可下载 Word 查看。"
        )
    return download(verbs.draft_pdf(row), PDF, f"{row.title}（草稿）.pdf")


@require_safe
def notice_docx(request, pk: int) -> HttpResponse:
    row = through_the_door(request, pk)
    return download(verbs.word_of(row), DOCX, f"{row.title}（{row.get_scope_display()}）.docx")
