"""Addresses. Those without an argument are stable: people bookmark them."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path
from django.views.generic import RedirectView

from accountability.views import login

urlpatterns = [
    path("", include("accountability.urls")),
    path("meetings/", include("meetings.urls")),
    path("inspections/", include("inspections.urls")),
    path("risks/", include("inspections.risk_urls")),
    path("research/", include("inspections.research_urls")),
    path("", include("supervision.urls")),
    path("login/", login.Login.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("password/", login.PasswordChange.as_view(), name="password_change"),
    path("admin/login/", login.admin_login),
    path("admin/password_change/", RedirectView.as_view(pattern_name="password_change")),
    path("admin/", admin.site.urls),
]

handler400 = "accountability.views.errors.bad_request"
handler403 = "accountability.views.errors.forbidden"
handler404 = "accountability.views.errors.not_found"
handler500 = "accountability.views.errors.broken"
