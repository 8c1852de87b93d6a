"""登录的设备: where a person is signed in; he may end any of it."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accountability.devices import device_of
from accountability.services import sessions
from accountability.sessions import kept


@require_safe
def session_list(request):
    here = kept(request.session.session_key)
    rows = list(sessions.open_sessions(request.user))
    for row in rows:
        row.device, row.is_here = device_of(row.user_agent), row.key == here
    rows.sort(key=lambda row: not row.is_here)
    context = {
        "rows": rows,
        "others": sum(not row.is_here for row in rows),
        "idle": settings.SESSION_IDLE_MINUTES,
        "hours": settings.SESSION_HOURS,
    }
    return render(request, "sessions/session_list_page.html", context)


@require_POST
def session_end(request, pk: int):
    """结束: this one is ended by logging out."""
    row = get_object_or_404(sessions.open_sessions(request.user), pk=pk)
    sessions.end(row, by=request.user)
    messages.success(request, "已结束该设备上的登录。")
    return redirect("login_sessions")


@require_POST
def sessions_end(request):
    """全部结束, but for this one."""
    count = sessions.end_others(request.user, by=request.user, keeping=request.session.session_key)
    messages.success(request, f"已结束其他 {count} 处登录。" if count else "没有其他登录。")
    return redirect("login_sessions")
