"""指标: for a monitor that has the token; for anybody else, and where no token is set, there is no such page."""

import os
import secrets

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from accountability.metrics.counting import COUNTED
from accountability.metrics.standing import Standing


@never_cache
@login_not_required
@transaction.non_atomic_requests  # a database that is down is one of the numbers
@require_safe
def metrics(request):
    if not _is_monitor(request):
        raise Http404
    return HttpResponse(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


def _is_monitor(request) -> bool:
    wanted, given = settings.METRICS_TOKEN, request.headers.get("Authorization", "")
    return bool(wanted) and secrets.compare_digest(f"Bearer {wanted}".encode(), given.encode())


def _registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(Standing())
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)
    else:
        for metric in COUNTED:
            registry.register(metric)
    return registry
