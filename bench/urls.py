"""The product's addresses, and Django's own list of duties as the peer it is measured against."""

from django.contrib.admin import AdminSite, ModelAdmin, register
from django.urls import include, path

from accountability.models import Duty

peer = AdminSite(name="peer")


@register(Duty, site=peer)
class DutyAdmin(ModelAdmin):
    list_display = ("number", "title", "organisation", "owner", "supervisor", "due_on", "state")
    list_filter = ("state", "work_year", "subject")
    list_select_related = ("organisation__parent", "owner__organisation__parent", "supervisor")
    search_fields = ("number", "title")
    list_per_page = 50


# Below /admin/, where the product shows no frame of its own: the peer is Django's page and nothing else.
urlpatterns = [path("admin/peer/", peer.urls), path("", include("config.urls"))]
handler400 = "accountability.views.errors.bad_request"
handler403 = "accountability.views.errors.forbidden"
handler404 = "accountability.views.errors.not_found"
handler500 = "accountability.views.errors.broken"
