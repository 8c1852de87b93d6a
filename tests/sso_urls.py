"""The addresses of an installation with both ways of 统一身份认证 (config.urls adds them where the environment says so)."""

from django.urls import include, path

from config.urls import urlpatterns as ours

urlpatterns = [
    *ours,
    path("sso/cas/", include("accountability.single_sign_on.cas_urls")),
    path("sso/oidc/", include("accountability.single_sign_on.oidc_urls")),
]
