"""Addresses under /oversight/records/ (二（二）, 三（二）2)."""

from django.urls import path

from accountability.views.downloads import kept_paper
from supervision.models import CheckPaper
from supervision.views import checks, evaluations, oversight

urlpatterns = [
    path("", oversight.oversight_list, name="oversights"),
    path("export/", oversight.export, name="oversights_export"),
    path("new/", oversight.oversight_new, name="oversight_new"),
    path("<int:pk>/", oversight.oversight, name="oversight"),
    path("<int:pk>/step/", oversight.oversight_step, name="oversight_step"),
    path("<int:pk>/again/", oversight.oversight_again, name="oversight_again"),
    path("<int:pk>/problem/", oversight.problem_new, name="oversight_problem"),
    path("problems/", oversight.found_list, name="found_problems"),
    path("problems/<int:pk>/ask/", oversight.found_ask, name="found_ask"),
    path("checks/", checks.check_list, name="special_checks"),
    path("checks/new/", checks.check_new, name="special_check_new"),
    path("checks/<int:pk>/", checks.check, name="special_check"),
    path("checks/<int:pk>/edit/", checks.check_edit, name="special_check_edit"),
    path("checks/<int:pk>/act/", checks.check_act, name="special_check_act"),
    path("checks/<int:pk>/conclude/", checks.check_conclude, name="special_check_conclude"),
    path("checks/<int:pk>/file/", checks.check_file, name="special_check_file"),
    path("checks/units/<int:pk>/", checks.unit, name="check_unit"),
    path("checks/units/<int:pk>/papers/", checks.unit_papers, name="check_unit_papers"),
    path("checks/units/<int:pk>/problem/", checks.unit_problem, name="check_unit_problem"),
    path("checks/papers/<int:pk>/", kept_paper, {"model": CheckPaper}, name="check_paper"),
    path("evaluations/", evaluations.evaluation_list, name="record_evaluations"),
    path("evaluations/export/", evaluations.export, name="record_evaluations_export"),
    path("evaluate/<int:pk>/", evaluations.evaluate, name="record_evaluate"),
]
