from django.urls import path

from meetings.views import backlog, calendars, check_in, meetings, one, preparing

urlpatterns = [
    path("", meetings.meeting_list, name="meetings"),
    path("new/", meetings.record, name="meeting_new"),
    path("plan/", preparing.plan, name="meeting_plan"),
    path("quota/", meetings.quota, name="meeting_quota"),
    path("calendar/", calendars.month, name="meeting_calendar"),
    path("backlog/", backlog.backlog, name="meeting_backlog"),
    path("backlog/export/", backlog.export, name="meeting_export"),
    path("backlog/<int:pk>/", backlog.preview, name="meeting_import"),
    path("backlog/<int:pk>/confirm/", backlog.confirm, name="meeting_import_confirm"),
    path("backlog/<int:pk>/drop/", backlog.drop, name="meeting_import_drop"),
    path("revise/<int:pk>/", meetings.revise, name="meeting_revise"),
    path("<int:pk>/", one.meeting, name="meeting"),
    path("<int:pk>/act/", one.act, name="meeting_act"),
    path("<int:pk>/pdf/", one.pdf, name="meeting_pdf"),
    path("<int:pk>/docx/", one.docx, name="meeting_docx"),
    path("<int:pk>/meeting.ics", calendars.ics, name="meeting_ics"),
    path("<int:pk>/edit/", preparing.edit, name="meeting_edit"),
    path("<int:pk>/agenda/", preparing.agenda, name="meeting_agenda"),
    path("<int:pk>/agenda/<int:item>/", preparing.item, name="meeting_item"),
    path("<int:pk>/papers/<int:paper>/", one.paper, name="meeting_paper"),
    path("<int:pk>/papers/<int:paper>/withdraw/", preparing.withdraw_paper, name="meeting_paper_withdraw"),
    path("<int:pk>/people/", preparing.people, name="meeting_people"),
    path("<int:pk>/check-in/", check_in.check_in, name="meeting_check_in"),
    path("<int:pk>/check-in/code/", check_in.code, name="meeting_code"),
    path("<int:pk>/minutes/", preparing.minutes, name="meeting_minutes"),
    path("<int:pk>/resolutions/", preparing.decide, name="meeting_resolutions"),
    path("<int:pk>/resolutions/<int:resolution>/drop/", preparing.drop_resolution, name="meeting_resolution_drop"),
    path("<int:pk>/correct/", preparing.correct, name="meeting_correct"),
]
