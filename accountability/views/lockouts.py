"""登录锁定 under 运行状况: seen and lifted by the system administrator."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accountability import access
from accountability.services import lockouts


@require_http_methods(["GET", "HEAD", "POST"])
def lock_list(request):
    if not access.may_operate(request.user):
        raise PermissionDenied("登录锁定由系统管理员查看和解除。")
    if request.method == "POST":
        lockouts.lift(request.POST.get("kind", ""), request.POST.get("value", "")[:255], by=request.user)
        messages.success(request, "已解除锁定，可以马上登录。")
        return redirect("login_locks")
    context = {
        "locks": lockouts.locks(timezone.now()),
        "failures": settings.LOGIN_FAILURES,
        "address_failures": settings.LOGIN_FAILURES_PER_ADDRESS,
        "minutes": settings.LOGIN_LOCK_MINUTES,
    }
    return render(request, "operations/lock_list_page.html", context)
