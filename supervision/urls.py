from django.urls import include, path

from supervision.views import dashboard, reports, work

urlpatterns = [
    path("supervision/", dashboard.dashboard, name="supervision"),
    path("supervision/export/", dashboard.export, name="supervision_export"),
    path("supervision/paper/", dashboard.paper, name="supervision_paper"),
    path("oversight/", work.work, name="supervision_work"),
    path("oversight/admissions/", work.admissions, name="admissions"),
    path("oversight/admissions/<int:pk>/end/", work.admission_end, name="admission_end"),
    path("oversight/letters/", include("supervision.letters_urls")),
    path("oversight/talks/", include("supervision.talk_urls")),
    path("oversight/in-person/", include("supervision.in_person_urls")),
    path("oversight/forms/", include("supervision.four_form_urls")),
    path("oversight/assessment/", include("supervision.assessment_urls")),
    path("oversight/measures/", include("supervision.measure_urls")),
    path("oversight/burden/", include("supervision.burden_urls")),
    path("oversight/hints/", include("supervision.hints_urls")),
    path("oversight/archives/", include("supervision.archives_urls")),
    path("oversight/opinions/", include("supervision.opinions_urls")),
    path("oversight/records/", include("supervision.records_urls")),
    path("oversight/clues/", include("supervision.clues_urls")),
    path("reports/", reports.report_list, name="reports"),
    path("reports/make/", reports.make, name="reports_make"),
    path("reports/<int:pk>/", reports.report, name="report"),
    path("reports/<int:pk>/download/", reports.download, name="report_download"),
]
