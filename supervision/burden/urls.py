"""Addresses under /oversight/burden/ (四（三）)."""

from django.urls import path

from supervision.views import burden

urlpatterns = [
    path("", burden.burden, name="burden"),
    path("twice/", burden.twice, name="burden_twice"),
    path("<int:pk>/", burden.burden_unit, name="burden_unit"),
]
