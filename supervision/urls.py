from django.urls import path

from supervision.views import dashboard, reports

urlpatterns = [
    path("supervision/", dashboard.dashboard, name="supervision"),
    path("reports/", reports.report_list, name="reports"),
    path("reports/make/", reports.make, name="reports_make"),
    path("reports/<int:pk>/", reports.report, name="report"),
    path("reports/<int:pk>/download/", reports.download, name="report_download"),
]
