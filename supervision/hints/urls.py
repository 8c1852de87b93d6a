"""Addresses under /oversight/hints/ (四（三）)."""

from django.urls import path

from supervision.views import hints

urlpatterns = [
    path("", hints.hint_list, name="hints"),
    path("look/", hints.look, name="hints_look"),
    path("export/", hints.export, name="hints_export"),
    path("<int:pk>/", hints.hint, name="hint"),
    path("<int:pk>/act/", hints.act, name="hint_act"),
]
