"""二次验证: who must have it, and what a session still owes before anything else is reachable (8.1.4.1 d).

What a session proved is the moment its device was bound: bound anew, or taken away, no older session has proved it.
"""

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY
from django.http import HttpRequest

from accountability import access
from accountability.models import Person

PROVED = "second_factor_proved"
CODE, ENROL = "second_factor_code", "second_factor_enrol"


def is_required_of(person: Person) -> bool:
    """必须启用: by the role of a post, where the installation asks for it."""
    return settings.SECOND_FACTOR_REQUIRED and access.holds(person, *settings.SECOND_FACTOR_ROLES)


def outstanding(request: HttpRequest) -> str:
    """The name of the page that comes first: of the code, of enrolment, or none. Asks the database only who is unbound."""
    person = request.user
    if not person.is_authenticated or _proved_elsewhere(request):
        return ""
    if person.second_factor_since:
        return "" if request.session.get(PROVED) == _mark(person) else CODE
    return ENROL if is_required_of(person) else ""


def is_proved(request: HttpRequest) -> bool:
    since = request.user.second_factor_since
    return since is not None and request.session.get(PROVED) == _mark(request.user)


def mark_proved(request: HttpRequest, person: Person) -> None:
    """本次登录已验证. The session gets a new key: whoever knew the old one knows nothing."""
    request.session.cycle_key()
    request.session[PROVED] = _mark(person)


def signed_in_elsewhere(request: HttpRequest, *backends: str) -> bool:
    """Whether 统一身份认证 vouched for this session (by one of ``backends``, or by any)."""
    return request.session.get(BACKEND_SESSION_KEY) in (backends or settings.SINGLE_SIGN_ON_BACKENDS)


def _proved_elsewhere(request: HttpRequest) -> bool:
    return settings.SSO_HAS_SECOND_FACTOR and signed_in_elsewhere(request)


def _mark(person: Person) -> str:
    return person.second_factor_since.isoformat()
