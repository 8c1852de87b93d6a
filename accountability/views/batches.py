"""批量办理: choose a kind, see how far its documents are, order the next step for all, download the joined file."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accountability import access
from accountability.models import DocumentBatch, DocumentKind
from accountability.services import batches as verbs
from accountability.services.safekeeping import opened
from accountability.views.menus import Option
from accountability.years import year_in_view

Action = DocumentBatch.Action
HINTS = {
    Action.MAKE: "为台账上每个应交的单位或个人制作一份，预填已知内容；已有的不动。",
    Action.SUBMIT: "把起草中和被退回的全部送审；没有填全的会逐份说明。",
    Action.PASS: "把等您审定的全部通过并排版编号。",
    Action.PRINT: "把已排版的合成一个 PDF，便于双面打印。",
}


def _only_who_may(request) -> None:
    if not any(verbs.may_order(request.user, action) for action in Action):
        raise PermissionDenied("批量办理由党委办公室和党委书记使用。")


@require_http_methods(["GET", "HEAD", "POST"])
def batches(request):
    _only_who_may(request)
    year = year_in_view(request)
    kinds = list(DocumentKind.objects.select_related("act").filter(many_a_year=False).exclude(panel="school"))
    kind = next((one for one in kinds if one.act.code == request.GET.get("kind")), None)
    kind = kind or next((one for one in kinds if "leader" in one.capacities), kinds[0] if kinds else None)
    if kind is None:
        raise ValidationError("还没有装载文种，请系统管理员执行 load_documents。")
    if request.method == "POST":
        return _order(request, kind, year)
    lines = verbs.owed(kind, year)
    rows = DocumentBatch.objects.filter(kind=kind, work_year=year).select_related("job", "requested_by", "kind__act")
    context = {
        "kind": kind,
        "year": year,
        "kinds": [Option(one.act.name, f"?kind={one.act.code}&year={year}", one == kind) for one in kinds],
        "counts": verbs.counts(lines),
        "total": len(lines),
        "batches": list(rows[:8]),
        "under_way": any(row.job.is_under_way for row in rows[:8]),
        "actions": [
            {"value": action.value, "label": action.label, "hint": HINTS[action]}
            for action in Action
            if verbs.may_order(request.user, action)
        ],
    }
    template = "documents/_batches.html" if request.htmx else "documents/batch_page.html"
    return render(request, template, context)


def _order(request, kind: DocumentKind, year: int):
    action = request.POST.get("action", "")
    if action not in Action.values:
        raise ValidationError("没有这种批量办理，请返回重新选择。")
    verbs.order(action, kind, year, by=request.user)
    messages.success(request, f"{Action(action).label}已开始，可以离开本页，完成后会通知您。")
    return redirect(f"{reverse('document_batches')}?kind={kind.act.code}&year={year}")


@require_safe
def batch_file(request, pk: int):
    """合并打印的文件: for who ordered it, and only while he may still see all of it."""
    batch = get_object_or_404(DocumentBatch.objects.exclude(file=""), pk=pk, requested_by=request.user)
    if not access.may_see_whole_school(request.user):
        raise PermissionDenied("您已不能查看全校的文件。")
    name = f"{batch.work_year_id}年度{batch.kind}（合并打印）.pdf"
    return FileResponse(
        opened(batch.file, "合并打印的文件"), as_attachment=True, filename=name, content_type="application/pdf"
    )
