from django.urls import path

from inspections.views import risk_checks, risks

urlpatterns = [
    path("", risks.risk_list, name="risks"),
    path("export/", risks.export, name="risk_export"),
    path("map/", risks.risk_map, name="risk_map"),
    path("changes/", risks.change_list, name="risk_changes"),
    path("new/", risks.risk_new, name="risk_new"),
    path("<int:pk>/", risks.risk, name="risk"),
    path("<int:pk>/edit/", risks.risk_edit, name="risk_edit"),
    path("<int:pk>/act/", risks.risk_act, name="risk_act"),
    path("<int:pk>/retire/", risks.risk_retire, name="risk_retire"),
    path("<int:pk>/changes/<int:change>/", risks.change_act, name="risk_change_act"),
    path("check/", risk_checks.campaign, name="risk_check"),
    path("check/open/", risk_checks.campaign_open, name="risk_check_open"),
    path("check/answers/", risk_checks.answer_list, name="risk_answers"),
    path("check/answers/export/", risk_checks.answer_export, name="risk_answer_export"),
    path("check/units/<int:pk>/", risk_checks.unit_check, name="risk_check_unit"),
]
