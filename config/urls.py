"""Addresses. Those without an argument are stable: people bookmark them."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from accountability.transactions import where_they_write
from accountability.views import login, sign_in

urlpatterns = [
    path("", include("accountability.urls")),
    path("meetings/", include("meetings.urls")),
    path("inspections/", include("inspections.urls")),
    path("risks/", include("inspections.risk_urls")),
    path("research/", include("inspections.research_urls")),
    path("", include("supervision.urls")),
    path("login/", login.Login.as_view(), name="login"),
    path("logout/", sign_in.SignOut.as_view(), name="logout"),
    path("password/", login.PasswordChange.as_view(), name="password_change"),
    path("admin/login/", login.admin_login),
    path("admin/password_change/", RedirectView.as_view(pattern_name="password_change")),
    path("admin/", admin.site.urls),
]
# 统一身份认证, only where it is set up.
if settings.CAS_SERVER_URL:
    urlpatterns.append(path("sso/cas/", include("accountability.single_sign_on.cas_urls")))
if settings.OIDC_ISSUER:
    urlpatterns.append(path("sso/oidc/", include("accountability.single_sign_on.oidc_urls")))

urlpatterns = where_they_write(urlpatterns)

handler400 = "accountability.views.errors.bad_request"
handler403 = "accountability.views.errors.forbidden"
handler404 = "accountability.views.errors.not_found"
handler500 = "accountability.views.errors.broken"
