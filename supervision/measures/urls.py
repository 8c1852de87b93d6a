from django.urls import path

from accountability.views.downloads import kept_paper
from supervision.models import DecisionPaper
from supervision.views import accountability_measures as measures

urlpatterns = [
    path("", measures.measure_list, name="accountability_measures"),
    path("new/", measures.measure_new, name="accountability_measure_new"),
    path("file/", measures.measure_file, name="accountability_measures_file"),
    path("<int:pk>/", measures.measure, name="accountability_measure"),
    path("<int:pk>/act/", measures.measure_act, name="accountability_measure_act"),
    path("papers/<int:pk>/", kept_paper, {"model": DecisionPaper}, name="decision_paper"),
]
