from django.urls import path

from supervision.views import archives, openings

urlpatterns = [
    path("", archives.archive_list, name="archives"),
    path("export/", archives.archive_list_export, name="archives_export"),
    path("establish/", archives.establish, name="archives_establish"),
    path("updates/", archives.updates, name="archive_updates"),
    path("kinds/", archives.kinds, name="archive_kinds"),
    path("kinds/<int:pk>/drop/", archives.kind_drop, name="archive_kind_drop"),
    path("openings/", openings.opening_list, name="archive_openings"),
    path("openings/export/", openings.opening_list_export, name="archive_openings_export"),
    path("kinships/", openings.kinships, name="kinships"),
    path("kinships/<int:pk>/end/", openings.kinship_end, name="kinship_end"),
    path("requests/", openings.request_list, name="opening_requests"),
    path("requests/new/", openings.request_new, name="opening_request_new"),
    path("requests/<int:pk>/", openings.request_page, name="opening_request"),
    path("requests/<int:pk>/act/", openings.request_act, name="opening_request_act"),
    path("papers/<int:pk>/", archives.paper, name="archive_paper"),
    path("papers/<int:pk>/act/", archives.paper_act, name="archive_paper_act"),
    path("<int:pk>/", archives.archive, name="archive"),
    path("<int:pk>/open/", archives.archive_open, name="archive_open"),
    path("<int:pk>/export/", archives.archive_export, name="archive_export"),
    path("<int:pk>/papers/", archives.paper_new, name="archive_paper_new"),
    path("<int:pk>/update/", archives.update, name="archive_update"),
]
