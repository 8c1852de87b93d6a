from django.urls import path

from supervision.views import in_person

urlpatterns = [
    path("", in_person.in_person, name="in_person"),
    path("entries/", in_person.entries, name="in_person_entries"),
    path("entries/new/", in_person.entry_new, name="in_person_new"),
]
