from django.urls import path

from supervision.views import opinions

urlpatterns = [
    path("", opinions.opinion_list, name="opinions"),
    path("export/", opinions.opinion_list_export, name="opinions_export"),
    path("new/", opinions.opinion_new, name="opinion_new"),
    path("<int:pk>/", opinions.opinion, name="opinion"),
    path("<int:pk>/act/", opinions.opinion_act, name="opinion_act"),
    path("<int:pk>/pdf/", opinions.opinion_pdf, name="opinion_pdf"),
    path("cadres/<int:pk>/open/", opinions.cadre_open, name="opinion_cadre_open"),
    path("cadres/<int:pk>/conclude/", opinions.cadre_conclude, name="opinion_cadre_conclude"),
]
