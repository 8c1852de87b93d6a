from django.urls import path

from supervision.views import report_batches, reports

urlpatterns = [
    path("", reports.report_list, name="reports"),
    path("new/", reports.new, name="report_new"),
    path("batches/", report_batches.batches, name="report_batches"),
    path("batches/<int:pk>/", report_batches.batch, name="report_batch"),
    path("batches/<int:pk>/cancel/", report_batches.cancel, name="report_batch_cancel"),
    path("batches/<int:pk>/resume/", report_batches.resume, name="report_batch_resume"),
    path("batches/<int:pk>/download/", report_batches.archive, name="report_batch_archive"),
    path("dispatches/<int:pk>/receive/", reports.receive, name="report_receive"),
    path("<int:pk>/", reports.report, name="report"),
    path("<int:pk>/figures/<str:code>/", reports.figure, name="report_figure"),
    path("<int:pk>/refresh/", reports.refresh, name="report_refresh"),
    path("<int:pk>/addressees/", reports.addressees, name="report_addressees"),
    path("<int:pk>/preview/", reports.preview, name="report_preview"),
    path("<int:pk>/illustrated/", reports.illustrated, name="report_illustrated"),
    path("<int:pk>/statistics/", reports.statistics, name="report_statistics"),
    path("<int:pk>/reproduce/", reports.reproduce, name="report_reproduce"),
    path("<int:pk>/send/", reports.send, name="report_send"),
]
