from django.urls import path

from inspections.views import drafting, figures, findings, ledgers, long_term, progress, rounds

urlpatterns = [
    path("", rounds.round_list, name="inspections"),
    path("new/", rounds.round_new, name="inspection_new"),
    path("coverage/", rounds.coverage, name="inspection_coverage"),
    path("findings/", figures.finding_list, name="findings"),
    path("measures/", figures.measure_list, name="measures_listed"),
    path("units/", figures.units, name="inspection_units"),
    path("units/export/", figures.units_export, name="inspection_units_file"),
    path("<int:pk>/progress/", progress.progress_round, name="progress_round"),
    path("progress/<int:pk>/", progress.progress_report, name="progress_report"),
    path("reviews/<int:pk>/", long_term.long_term_review, name="long_term_review"),
    path("<int:pk>/", rounds.inspection, name="inspection"),
    path("<int:pk>/act/", rounds.round_act, name="inspection_act"),
    path("<int:pk>/members/", rounds.member_add, name="inspection_member_add"),
    path("<int:pk>/members/<int:member>/dismiss/", rounds.member_dismiss, name="inspection_member_dismiss"),
    path("<int:pk>/import/", ledgers.upload, name="ledger_upload"),
    path("<int:pk>/export/", ledgers.export, name="ledger_file"),
    path("imports/<int:pk>/", ledgers.preview, name="ledger_import"),
    path("imports/<int:pk>/confirm/", ledgers.confirm, name="ledger_import_confirm"),
    path("imports/<int:pk>/drop/", ledgers.drop, name="ledger_import_drop"),
    path("<int:pk>/findings/new/", drafting.finding_new, name="finding_new"),
    path("findings/<int:pk>/plan/", drafting.plan, name="finding_plan"),
    path("findings/<int:pk>/plan/<int:measure>/drop/", drafting.measure_drop, name="measure_drop"),
    path("findings/<int:pk>/", findings.finding, name="finding"),
    path("findings/<int:pk>/act/", findings.act, name="finding_act"),
    path("measures/<int:pk>/", findings.measure, name="measure"),
    path("measures/<int:pk>/extensions/<int:extension>/", findings.extension_decide, name="extension_decide"),
]
