"""两道门: the second factor before anything else, and a fresh proof before what binds or is confidential.

The first stands before the address is looked up, so that a half signed-in session does not even learn what exists.
"""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from accountability import reauthentication, second_factor

# Whose session is old proves himself before he binds a device.
OWN_PAGES = {
    second_factor.CODE: {second_factor.CODE},
    second_factor.ENROL: {second_factor.ENROL, "reauthenticate"},
}
ALWAYS_OPEN = {"logout", "admin:logout"}


def second_factor_first(get_response):
    """二次验证: until it is done, only its own pages, the way out and what asks nobody."""

    def middleware(request: HttpRequest) -> HttpResponse:
        owed = second_factor.outstanding(request)
        request.is_half_signed_in = bool(owed)
        if owed and not _is_open(request, owed):
            address = reverse(owed)
            if request.method in ("GET", "HEAD") and not request.headers.get("HX-Request"):
                address += "?" + urlencode({"next": request.get_full_path()})
            return HttpResponseClientRedirect(address) if request.headers.get("HX-Request") else redirect(address)
        return get_response(request)

    return middleware


def _is_open(request: HttpRequest, owed: str) -> bool:
    try:
        found = resolve(request.path_info)
    except Resolver404:
        return False
    if found.view_name in OWN_PAGES[owed]:
        return True
    return found.view_name in ALWAYS_OPEN or not getattr(found.func, "login_required", True)


class ProofFirst:
    """重新验证: the registered addresses, when the last proof is older than REAUTH_MINUTES."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        door = reauthentication.doors.get(request.resolver_match.view_name)
        if door is None or not request.user.is_authenticated:
            return None
        try:
            return reauthentication.ask(request) if door.asks(request) else None
        except RequestDataTooBig:
            return None  # the view meets it again and says so
