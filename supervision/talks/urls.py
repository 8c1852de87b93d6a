from django.urls import path

from supervision.views import talks

urlpatterns = [
    path("", talks.talk_list, name="talks"),
    path("export/", talks.export, name="talks_export"),
    path("new/", talks.talk_new, name="talk_new"),
    path("<int:pk>/", talks.talk, name="talk"),
    path("<int:pk>/order/", talks.talk_order, name="talk_order"),
    path("<int:pk>/hold/", talks.talk_hold, name="talk_hold"),
    path("<int:pk>/confirm/", talks.talk_confirm, name="talk_confirm"),
    path("<int:pk>/track/", talks.talk_track, name="talk_track"),
    path("<int:pk>/report/", talks.talk_report, name="talk_report"),
    path("<int:pk>/act/", talks.talk_act, name="talk_act"),
    path("<int:pk>/pdf/", talks.pdf, name="talk_pdf"),
]
