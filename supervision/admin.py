"""管理后台: kinds of accountability measures; no measure, scheme or sheet itself is shown here."""

from django import forms
from django.contrib import admin

from accountability.admin import KeptAdmin
from supervision.models import AccountabilityKind, Purpose


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
