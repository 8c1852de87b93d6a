"""运行状况: worker, beat, queue, jobs, deliveries; the office reads how the jobs it asked for stand."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accountability import access
from accountability.models import Job
from accountability.services import jobs
from accountability.services.operations import condition
from accountability.views.listing import Listing
from accountability.views.menus import Option

VIEWS = {"all": "全部", "under_way": "进行中", "failed": "未完成"}


def _jobs_of(user) -> QuerySet:
    """Every job for the system administrator, one's own for whoever may ask for one."""
    if access.may_operate(user):
        return Job.objects.all()
    return Job.objects.filter(requested_by=user) if access.may_manage_duties(user) else Job.objects.none()


@require_safe
def operations(request):
    if not access.may_operate(request.user) and not access.may_manage_duties(request.user):
        raise PermissionDenied("运行状况由系统管理员查看；党委办公室可以查看自己发起的任务。")
    user, view = request.user, request.GET.get("view") if request.GET.get("view") in VIEWS else "all"
    rows = {
        "all": lambda: _jobs_of(user),
        "under_way": lambda: _jobs_of(user).filter(state__in=(Job.State.QUEUED, Job.State.RUNNING)),
        "failed": lambda: _jobs_of(user).filter(state=Job.State.FAILED),
    }
    listing = Listing(request, view)
    counts = listing.counts({name: rows[name] for name in ("under_way", "failed")})
    pager = listing.pager(
        lambda: rows[view]().order_by("-created_at", "-pk"), lambda: Job.objects.select_related("requested_by")
    )
    for job in pager.page:
        job.label = jobs.labels.get(job.kind, job.kind)
    context = {
        "now": condition(),
        "operates": access.may_operate(request.user),
        "pager": pager,
        "view": view,
        "tabs": [Option(label, f"?view={key}", key == view, counts.get(key)) for key, label in VIEWS.items()],
    }
    template = "operations/_state.html" if request.htmx else "operations/operations_page.html"
    return render(request, template, context)


@require_POST
def job_retry(request, pk: int):
    """重试."""
    job = get_object_or_404(_jobs_of(request.user), pk=pk)
    jobs.retry(job, by=request.user)
    messages.success(request, "已重新排队，可以离开本页。")
    return redirect("operations")
