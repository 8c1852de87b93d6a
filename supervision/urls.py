from django.urls import include, path

from supervision.views import dashboard, work

urlpatterns = [
    path("supervision/", dashboard.dashboard, name="supervision"),
    path("supervision/export/", dashboard.export, name="supervision_export"),
    path("supervision/paper/", dashboard.paper, name="supervision_paper"),
    path("oversight/", work.work, name="supervision_work"),
    path("oversight/admissions/", work.admissions, name="admissions"),
    path("oversight/admissions/<int:pk>/end/", work.admission_end, name="admission_end"),
    path("oversight/letters/", include("supervision.letters.urls")),
    path("oversight/talks/", include("supervision.talks.urls")),
    path("oversight/in-person/", include("supervision.in_person.urls")),
    path("oversight/forms/", include("supervision.four_forms.urls")),
    path("oversight/assessment/", include("supervision.assessment.urls")),
    path("oversight/measures/", include("supervision.measures.urls")),
    path("oversight/burden/", include("supervision.burden.urls")),
    path("oversight/hints/", include("supervision.hints.urls")),
    path("oversight/archives/", include("supervision.archives.urls")),
    path("oversight/opinions/", include("supervision.opinions.urls")),
    path("oversight/records/", include("supervision.records.urls")),
    path("oversight/clues/", include("supervision.clues.urls")),
    path("reminders/", include("supervision.reminders.urls")),
    path("reports/", include("supervision.report.urls")),
]
