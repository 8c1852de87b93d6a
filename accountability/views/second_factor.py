"""二次验证: the page of one's own, the code at the door, enrolment, recovery codes; and another's reset (8.1.4.1 d)."""

from functools import partial

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability import access, reauthentication
from accountability import second_factor as policy
from accountability.forms import refusals_in
from accountability.models import Authenticator, Person, RecoveryCode, Tenure
from accountability.models.second_factor import new_sealed_key
from accountability.services import second_factor as verbs
from accountability.unclassified import UnclassifiedForm
from accountability.views.listing import Listing
from accountability.views.menus import Option
from accountability.views.onward import safe_next

OFFERED = "authenticator_offered"


class CodeForm(forms.Form):
    """动态码, or a recovery code where there are any."""

    code = forms.CharField(
        label="动态码",
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True, "spellcheck": "false"}
        ),
        error_messages={"required": "请输入动态码。", "max_length": "动态码是 6 位数字，恢复码是 10 位字母和数字。"},
    )


# ── at the door ──────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """登录时的动态码. Too many wrong ones, and the password is asked again."""
    if policy.outstanding(request) != policy.CODE:
        return redirect(safe_next(request))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        refusal = reauthentication.prove(request, form.cleaned_data["code"])
        if not refusal:
            policy.mark_proved(request, request.user)
            _say_how_many_are_left(request)
            return redirect(safe_next(request))
        if gone := reauthentication.turned_out(request):
            return gone
        form.add_error("code", refusal)
    status = 400 if form.errors else 200
    return render(request, "second_factor/code_page.html", {"form": form}, status=status)


def _say_how_many_are_left(request: HttpRequest) -> None:
    left = RecoveryCode.objects.unused().filter(person=request.user).count()
    if left < 4:
        messages.warning(request, f"恢复码只剩 {left} 个，请在「二次验证」页重新生成。")


@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """绑定验证器: where it is required, nothing else is reachable before. The key waits in the session, encrypted."""
    person = request.user
    sealed = request.session.get(OFFERED, "")
    if request.method == "POST" and not sealed:
        messages.warning(request, "这一页已用过或已过期，请用新的二维码重新绑定。")
        return redirect("second_factor_enrol")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            codes = verbs.bind(person, sealed_key=sealed, code=form.cleaned_data["code"])
            del request.session[OFFERED]
            _signed_in_with_it(request)
            return _codes_page(request, codes)
    device = Authenticator(user=person, sealed_key=sealed)
    if not sealed or device.key() is None:
        device.sealed_key = request.session[OFFERED] = new_sealed_key()
    context = {
        "form": form,
        "picture": _picture(device),
        "typed_key": device.typed_key(),
        "is_required": policy.is_required_of(person),
        "is_another": person.second_factor_since is not None,
    }
    return render(request, "second_factor/enrol_page.html", context, status=400 if form.errors else 200)


def _picture(device: Authenticator) -> str:
    """二维码, inside the page: the key goes through no address and no cache."""
    import segno  # heavy, and seldom needed

    return segno.make(device.address(), error="m", micro=False).png_data_uri(scale=6, border=4)


def _signed_in_with_it(request: HttpRequest) -> None:
    """The session that bound the device has proved it; its person is read anew, with the moment of binding."""
    request.user.refresh_from_db(fields=["second_factor_since"])
    policy.mark_proved(request, request.user)
    reauthentication.mark(request)
    request.is_half_signed_in = False


def _codes_page(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """恢复码, shown this once: the answer to the very form that made them."""
    context = {"codes": codes, "today": timezone.localdate()}
    return render(request, "second_factor/codes_page.html", context)


# ── one's own ────────────────────────────────────────────────────────────────────────────────


@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    person = request.user
    context = {
        "since": person.second_factor_since,
        "device": Authenticator.objects.filter(user=person).first(),
        "left": RecoveryCode.objects.unused().filter(person=person).count(),
        "all_codes": verbs.RECOVERY_CODES,
        "is_required": policy.is_required_of(person),
        "remove_at": reverse("second_factor_remove"),
    }
    return render(request, "second_factor/second_factor_page.html", context)


@require_POST
def renew_codes(request: HttpRequest) -> HttpResponse:
    """重新生成恢复码."""
    return _codes_page(request, verbs.renew_codes(request.user))


@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    """停用."""
    verbs.remove(request.user)
    messages.success(request, "已停用二次验证，今后登录只需密码。")
    return redirect("second_factor")


# ── another's ────────────────────────────────────────────────────────────────────────────────

VIEWS = {"bound": "已启用", "missing": "应启用未启用"}


class ResetForm(UnclassifiedForm):
    """重置原因."""

    reason = forms.CharField(
        label="原因",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="谁在什么时候、怎样核实的，如“本人当面说明手机遗失”。",
        error_messages={"required": "请写明为什么重置。"},
    )


def _only_operators(request: HttpRequest) -> None:
    if not access.may_operate(request.user):
        raise PermissionDenied("人员的二次验证由系统管理员办理。")


def _people_in(view: str) -> QuerySet:
    people = Person.objects.filter(is_active=True)
    if view == "bound":
        return people.filter(second_factor_since__isnull=False)
    in_office = Tenure.objects.in_office(timezone.localdate()).filter(post__role__in=settings.SECOND_FACTOR_ROLES)
    return people.filter(second_factor_since=None, pk__in=in_office.values("person"))


@require_safe
def person_list(request: HttpRequest) -> HttpResponse:
    """人员的二次验证: who has it, and whose post asks for it and who has not."""
    _only_operators(request)
    view = request.GET.get("view") if request.GET.get("view") in VIEWS else "bound"
    words = request.GET.get("q", "").replace("\x00", "").strip()[:40]
    listing = Listing(request, view, words, tuple(settings.SECOND_FACTOR_ROLES))

    def rows() -> QuerySet:
        rows = _people_in(view).annotate(last_used_at=F("authenticator__last_used_at")).order_by("username")
        return rows.filter(Q(name__icontains=words) | Q(username__icontains=words)) if words else rows

    counts = listing.counts({key: partial(_people_in, key) for key in VIEWS})
    context = {
        "pager": listing.pager(rows),
        "view": view,
        "words": words,
        "tabs": [Option(label, f"?view={key}", key == view, counts[key]) for key, label in VIEWS.items()],
    }
    return render(request, "second_factor/person_list_page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    """重置: for who lost telephone and codes."""
    _only_operators(request)
    person = get_object_or_404(Person.objects.filter(is_active=True), pk=pk)
    form = ResetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            verbs.reset(person, by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, f"已重置{person.name}的二次验证，并通知本人。")
            return redirect("second_factors")
    context = {"person": person, "form": form, "is_own": person.pk == request.user.pk}
    return render(request, "second_factor/reset_page.html", context, status=400 if form.errors else 200)
