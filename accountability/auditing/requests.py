"""请求: every request is an act: who, from where, under which number; what it wrote, read or was refused is told of."""

import re
import secrets

from django.utils.functional import SimpleLazyObject

from accountability import acting
from accountability.addresses import client_address
from accountability.auditing import reading
from accountability.services import sealing

WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{8,32}")


class audited:
    """中间件. Among the first, so that what stands after it knows the request's number."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        act = acting.Act(
            source="",
            request_id=request_id_of(request),
            person=SimpleLazyObject(lambda: _person_of(request)),
            address=client_address(request),
        )
        with acting.acting(act):
            response = reading.answered(request, self.get_response(request), act)
            if act.is_unsealed:
                sealing.seal_soon()
        response["X-Request-ID"] = act.request_id
        return response

    def process_view(self, request, view, args, kwargs) -> None:
        if act := acting.current():
            act.source = request.resolver_match.view_name or ""


def request_id_of(request) -> str:
    """What a proxy before us calls it, if that is a plain word; else a number of our own."""
    told = request.META.get("HTTP_X_REQUEST_ID", "")
    return told if WELL_FORMED.fullmatch(told) else secrets.token_hex(8)


def _person_of(request):
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None
