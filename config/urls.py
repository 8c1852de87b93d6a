"""Addresses. Those without an argument are stable: people bookmark them."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from accountability.views import sign_in

urlpatterns = [
    path("", include("accountability.urls")),
    path("meetings/", include("meetings.urls")),
    path("inspections/", include("inspections.urls")),
    path("risks/", include("inspections.risk_urls")),
    path("research/", include("inspections.research_urls")),
    path("", include("supervision.urls")),
    path("login/", sign_in.SignIn.as_view(), name="login"),
    path("logout/", sign_in.SignOut.as_view(), name="logout"),
    path("password/", auth.PasswordChangeView.as_view(), name="password_change"),
    path("password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("admin/", admin.site.urls),
]
# 统一身份认证, only where it is set up.
if settings.CAS_SERVER_URL:
    urlpatterns.append(path("sso/cas/", include("accountability.single_sign_on.cas_urls")))
if settings.OIDC_ISSUER:
    urlpatterns.append(path("sso/oidc/", include("accountability.single_sign_on.oidc_urls")))
