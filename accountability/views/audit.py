"""审计日志: for the auditor alone, who reads what was done, by whom and to what number, and no business content."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accountability import access
from accountability.auditing import sources
from accountability.auditing.filter import COUNTED, AuditFilter, leaf_of, models_offered
from accountability.models import AuditEvent
from accountability.services import audit, audit_state
from accountability.sheets import Table
from accountability.views.downloads import sheet_response

EXPORTED = 20_000
DETAILS = {
    "source": "所做的事", "status": "状态码", "method": "方法", "form": "格式", "bytes": "字节数", "change": "变动",
    "added": "新增授权", "removed": "收回授权", "links": "校验条数", "faults": "问题数", "last_seq": "末条链序号",
    "first": "起始链序号", "last": "截止链序号", "reason": "原因", "before": "原锚点",
}  # fmt: skip


@require_safe
def audit_list(request):
    if not access.may_audit(request.user):
        raise PermissionDenied("审计日志由审计管理员查看。")
    chosen = AuditFilter.read(request.GET)
    leaf = leaf_of(chosen, request.GET)
    count = chosen.count()
    context = {
        "chosen": chosen,
        "rows": [Line(event) for event in leaf.rows],
        "leaf": leaf,
        "count": f"超过 {COUNTED}" if count > COUNTED else str(count),
        "is_empty": not count,
        "kinds": sorted(audit.labels.items(), key=lambda pair: pair[1]),
        "results": AuditEvent.Result.choices,
        "models": models_offered(),
        "state": audit_state.state(timezone.now()),
        "keep_days": settings.AUDIT_KEEP_DAYS,
    }
    return render(request, "audit/audit_list_page.html", context)


@require_safe
def audit_event(request, pk: int):
    """One event, and whether its seal holds."""
    if not access.may_audit(request.user):
        raise Http404("没有这个页面。")
    event = get_object_or_404(AuditEvent.objects.select_related("person", "seal"), pk=pk)
    context = {"line": Line(event), "event": event, "seal": audit_state.seal_of(event), "details": _details(event)}
    return render(request, "audit/audit_event_page.html", context)


@require_safe
def export(request):
    """导出, newest first, as many as a sheet is still handy with; the middleware tells of it."""
    if not access.may_audit(request.user):
        raise PermissionDenied("审计日志由审计管理员导出。")
    chosen = AuditFilter.read(request.GET)
    count = chosen.count()
    rows = chosen.rows().select_related("person", "seal")[:EXPORTED]
    table = Table(
        name="审计日志",
        title="审计日志",
        note=(
            f"{timezone.localtime():%Y-%m-%d %H:%M} 由 {request.user.name} 导出。时间为北京时间。"
            f"按时间从新到旧，一次最多 {EXPORTED} 条{_left_out(count, chosen)}。"
        ),
        heads=(
            ("编号", 10), ("时间", 20), ("事件类型", 18), ("所做的事", 24), ("结果", 8), ("用户名", 16), ("姓名", 12),
            ("来源地址", 18), ("对象", 24), ("请求编号", 34), ("其他信息", 30), ("链序号", 10), ("哈希", 66),
        ),
        rows=(_cells(Line(event)) for event in rows.iterator(chunk_size=1000)),
        fixed_columns=2,
    )  # fmt: skip
    return sheet_response(f"审计日志-{timezone.localdate():%Y%m%d}", table)


def _left_out(count: int, chosen: AuditFilter) -> str:
    """Said plainly, so that nobody takes a part for the whole."""
    if count <= COUNTED:
        return f"，符合条件的 {count} 条全部在内"
    is_all = not chosen.rows()[EXPORTED : EXPORTED + 1].exists()
    return "，符合条件的全部在内" if is_all else "，更早的未导出，请按日期分段导出"


class Line:
    """一条 as it is shown: words in place of codes."""

    def __init__(self, event: AuditEvent) -> None:
        self.event = event
        self.kind = audit.labels.get(event.kind, event.kind)
        self.deed = sources.label(event.detail["source"]) if "source" in event.detail else ""
        self.state = {"done": "done", "failed": "late", "refused": "soon"}.get(event.result, "idle")
        self.person = event.person.name if event.person else ""
        self.seal = getattr(event, "seal", None)


def _details(event: AuditEvent) -> list[tuple[str, str]]:
    return [
        (DETAILS.get(name, name), sources.label(str(value)) if name == "source" else str(value))
        for name, value in event.detail.items()
    ]


def _cells(line: Line) -> tuple:
    event = line.event
    at = f"{timezone.localtime(event.at):%Y-%m-%d %H:%M:%S}"
    rest = "；".join(f"{name} {value}" for name, value in _details(event) if name != DETAILS["source"])
    return (
        event.pk, at, line.kind, line.deed, event.get_result_display(), event.username, line.person, event.address,
        event.row_words, event.request_id, rest, line.seal and line.seal.seq, line.seal.hash if line.seal else "尚未封存",
    )  # fmt: skip
