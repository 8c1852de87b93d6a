from django.urls import path

from supervision.views import four_forms

urlpatterns = [
    path("", four_forms.four_forms, name="four_forms"),
    path("entries/", four_forms.entries, name="four_form_entries"),
    path("entries/export/", four_forms.export, name="four_forms_export"),
    path("entries/new/", four_forms.entry_new, name="four_form_new"),
    path("entries/<int:pk>/", four_forms.entry, name="four_form"),
    path("entries/<int:pk>/correct/", four_forms.entry_correct, name="four_form_correct"),
    path("entries/<int:pk>/check/", four_forms.entry_check, name="four_form_check"),
    path("entries/<int:pk>/withdraw/", four_forms.entry_withdraw, name="four_form_withdraw"),
]
