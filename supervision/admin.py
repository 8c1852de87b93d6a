"""管理后台: what the registers choose from, as data. No talk, entry, measure, scheme or sheet is shown here, to anybody."""

from django import forms
from django.contrib import admin

from accountability.admin import KeptAdmin
from supervision.models import AccountabilityKind, FormMeasure, Purpose


@admin.register(FormMeasure)
class FormMeasureAdmin(KeptAdmin):
    """处置方式. Moved to another form, what was registered before stays under the form it was registered with."""

    list_display = ("name", "code", "form", "is_dropped", "rank")
    list_filter = ("form", "is_dropped")
    search_fields = ("name", "code")

    def get_readonly_fields(self, request, obj=None) -> tuple[str, ...]:
        return ("code",) if obj else ()


class AccountabilityKindForm(forms.ModelForm):
    bars = forms.MultipleChoiceField(
        label="影响期内影响", required=False, choices=Purpose.choices, widget=forms.CheckboxSelectMultiple
    )


@admin.register(AccountabilityKind)
class AccountabilityKindAdmin(KeptAdmin):
    """问责方式. The code is what data are loaded under: it does not change once it is there."""

    form = AccountabilityKindForm
    list_display = ("name", "target", "months", "is_dropped", "rank")
    list_filter = ("target", "is_dropped")
    search_fields = ("name", "code")

    def get_readonly_fields(self, request, obj=None) -> tuple[str, ...]:
        return ("code", "target") if obj else ()
