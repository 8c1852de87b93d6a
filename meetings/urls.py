from django.urls import path

from meetings import views

urlpatterns = [
    path("", views.meeting_list, name="meetings"),
    path("new/", views.record, name="meeting_new"),
    path("<int:pk>/", views.meeting, name="meeting"),
    path("revise/<int:pk>/", views.revise, name="meeting_revise"),
]
