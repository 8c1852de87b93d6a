from urllib.parse import urlencode

from django.contrib.auth import authenticate, login
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import path
from django.views.decorators.http import require_safe
from django_cas_ng.utils import get_cas_client

from accountability.single_sign_on import CAS
from accountability.single_sign_on.views import refusals_at_the_door, signed_in
from accountability.views.onward import safe_next

TICKET_AT_MOST = 512
STARTED = "cas_started"


def service_address(request: HttpRequest) -> str:
    """The address a ticket is meant for: this very one, with where to go on, which stays within this site."""
    onward = safe_next(request)
    asked = "?" + urlencode({"next": onward}) if onward != resolve_url("home") else ""
    return request.build_absolute_uri(request.path + asked)


@login_not_required
@transaction.non_atomic_requests  # while another server is asked, no lock of ours stands
@require_safe
@refusals_at_the_door
def sign_in(request: HttpRequest) -> HttpResponse:
    """CAS 登录: to the server, and back from there with a ticket."""
    if request.user.is_authenticated:
        return redirect(safe_next(request))
    service, ticket = service_address(request), request.GET.get("ticket", "")[:TICKET_AT_MOST]
    if not ticket or not request.session.pop(STARTED, False):
        # A ticket nobody here asked for is not taken: it might be another's, to sign the reader in under his name.
        request.session[STARTED] = True
        return redirect(get_cas_client(service_url=service, request=request).get_login_url())
    person = authenticate(request, ticket=ticket, service=service)
    if person is None:
        return redirect("login")
    login(request, person, backend=CAS.backend)
    signed_in(request, "CAS")
    return redirect(safe_next(request))


urlpatterns = [path("", sign_in, name="cas_sign_in")]
