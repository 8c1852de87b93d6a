from django.urls import path

from inspections import views

urlpatterns = [path("", views.not_built, name="inspections")]
