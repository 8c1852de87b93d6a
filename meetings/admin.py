"""管理后台: kinds of meeting and what they must deal with; no meeting itself is shown here."""

from django.contrib import admin

from accountability.admin import KeptAdmin, KeptInline
from meetings.models import MeetingKind, RequiredItem


class RequiredItemInline(KeptInline):
    model = RequiredItem
    fields = ("rank", "code", "title", "presenter", "is_dropped")


@admin.register(MeetingKind)
class MeetingKindAdmin(KeptAdmin):
    list_display = ("act", "convener", "gathers", "asks_trigger", "asks_decisions", "notice_days")
    list_select_related = ("act",)
    search_fields = ("act__name",)
    autocomplete_fields = ("act",)
    inlines = (RequiredItemInline,)


@admin.register(RequiredItem)
class RequiredItemAdmin(KeptAdmin):
    list_display = ("title", "kind", "presenter", "is_dropped", "rank")
    list_filter = ("kind", "is_dropped")
    list_select_related = ("kind__act",)
    search_fields = ("title", "code")
