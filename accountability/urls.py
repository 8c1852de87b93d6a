from django.urls import path

from accountability.views import clauses, duties, health, home, ledger, notices, pages, records, years

urlpatterns = [
    path("", home.home, name="home"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/export/", ledger.export, name="ledger_export"),
    path("ledger/<int:pk>/", duties.duty, name="duty"),
    path("ledger/<int:pk>/move/", duties.move, name="duty_move"),
    path("ledger/<int:pk>/waive/", duties.waive, name="duty_waive"),
    path("ledger/<int:pk>/history/", duties.history, name="duty_history"),
    path("records/", records.record_list, name="records"),
    path("records/new/", records.file, name="record_new"),
    path("records/<int:pk>/", records.record, name="record"),
    path("records/<int:pk>/revise/", records.revise, name="record_revise"),
    path("records/<int:pk>/decide/", records.decide, name="record_decide"),
    path("attachments/<int:pk>/", records.attachment, name="attachment"),
    path("documents/", pages.documents, name="documents"),
    path("clauses/", clauses.clause_list, name="clauses"),
    path("years/", years.year_list, name="years"),
    path("years/open/", years.open_year, name="year_open"),
    path("notices/", notices.notice_list, name="notices"),
    path("notices/read/", notices.read_all, name="notices_read"),
    path("notices/<int:pk>/read/", notices.read_one, name="notice_read"),
    path("style-guide/", pages.style_guide, name="style_guide"),
    path("favicon.ico", pages.favicon, name="favicon"),
    path("healthz", health.healthz, name="healthz"),
]
