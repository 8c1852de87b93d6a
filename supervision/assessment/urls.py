from django.urls import path

from accountability.views.downloads import kept_paper
from supervision.models import ObjectionPaper
from supervision.views.assessment import assessments, objections, results, schemes, sheets

urlpatterns = [
    path("", assessments.assessment_list, name="assessments"),
    path("schemes/new/", schemes.scheme_new, name="scheme_new"),
    path("schemes/<int:pk>/", schemes.scheme, name="scheme"),
    path("schemes/<int:pk>/edit/", schemes.scheme_edit, name="scheme_edit"),
    path("schemes/<int:pk>/act/", schemes.scheme_act, name="scheme_act"),
    path("schemes/<int:pk>/open/", schemes.assessment_open, name="assessment_open"),
    path("schemes/<int:pk>/items/new/", schemes.item_new, name="scheme_item_new"),
    path("schemes/items/<int:pk>/", schemes.item_edit, name="scheme_item_edit"),
    path("schemes/items/<int:pk>/drop/", schemes.item_drop, name="scheme_item_drop"),
    path("<int:pk>/", assessments.assessment, name="assessment"),
    path("<int:pk>/act/", assessments.assessment_act, name="assessment_act"),
    path("<int:pk>/file/", assessments.assessment_file, name="assessment_file"),
    path("sheets/", assessments.sheet_list, name="assessment_sheets"),
    path("sheets/<int:pk>/", sheets.sheet, name="assessment_sheet"),
    path("sheets/<int:pk>/self/", sheets.sheet_self, name="assessment_sheet_self"),
    path("sheets/<int:pk>/back/", sheets.sheet_back, name="assessment_sheet_back"),
    path("sheets/<int:pk>/review/", sheets.sheet_review, name="assessment_sheet_review"),
    path("sheets/<int:pk>/pdf/", sheets.sheet_pdf, name="assessment_sheet_pdf"),
    path("lines/<int:pk>/", sheets.line, name="score_line"),
    path("lines/<int:pk>/object/", objections.object_to, name="score_line_object"),
    path("objections/", objections.objection_list, name="objections"),
    path("objections/<int:pk>/", objections.objection, name="objection"),
    path("objections/papers/<int:pk>/", kept_paper, {"model": ObjectionPaper}, name="objection_paper"),
    path("results/", results.result_list, name="assessment_results"),
    path("results/file/", results.result_file, name="assessment_results_file"),
]
