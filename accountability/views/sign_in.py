"""统一身份认证 at the door: its buttons on the page of login, and what is told on leaving."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accountability import second_factor
from accountability.single_sign_on import providers


class WithProviders:
    """A page of login with a button for each provider there is."""

    def get_context_data(self, **kwargs) -> dict:
        context = super().get_context_data(**kwargs)
        left = next((one for one in providers() if one.code == self.request.GET.get("left")), None)
        return {
            **context,
            "sso_label": settings.SSO_LABEL,
            "providers": [one.start(context.get("next", "")) for one in providers()],
            "left_at": left.left_at() if left else "",
        }


class SignOut(auth.LogoutView):
    """退出: who came from a provider is told that he is still signed in there, and how to leave."""

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        came_from = next(
            (one.code for one in providers() if second_factor.signed_in_elsewhere(request, one.backend)), ""
        )
        self.next_page = f"{reverse('login')}?left={came_from}" if came_from else None
        response = super().post(request, *args, **kwargs)
        if came_from:
            messages.info(request, "已退出本系统。")
        return response
