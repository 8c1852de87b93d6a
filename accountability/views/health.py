"""健康检查: can the product do its work just now? For load balancers, monitors and the start script. No content."""

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accountability.services.operations import Life, condition


@never_cache
@login_not_required
@transaction.non_atomic_requests  # opening a transaction would fail before we could say what is down
@require_safe
def healthz(request):
    now = condition()
    parts = {
        "database": now.database,
        "queue": now.queue,
        "worker": now.worker.is_alive,
        "beat": now.beat.is_alive,
    }
    body = {
        "status": "ok" if now.is_well else "down",
        **{name: "ok" if well else "down" for name, well in parts.items()},
        "worker_seen": _moment(now.worker),
        "beat_seen": _moment(now.beat),
        "queue_depth": now.depth,
        "jobs": now.jobs,
        "deliveries": now.deliveries,
    }
    return JsonResponse(body, status=200 if now.is_well else 503)


def _moment(life: Life) -> str | None:
    return timezone.localtime(life.seen_at).isoformat() if life.seen_at else None
