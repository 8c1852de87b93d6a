"""管理后台: the measures of the four forms. No talk and no entry of the register is shown here, to anybody."""

from django.contrib import admin

from accountability.admin import KeptAdmin
from supervision.models import FormMeasure


@admin.register(FormMeasure)
class FormMeasureAdmin(KeptAdmin):
    """处置方式. Moved to another form, what was registered before stays under the form it was registered with."""

    list_display = ("name", "code", "form", "is_dropped", "rank")
    list_filter = ("form", "is_dropped")
    search_fields = ("name", "code")

    def get_readonly_fields(self, request, obj=None) -> tuple[str, ...]:
        return ("code",) if obj else ()
