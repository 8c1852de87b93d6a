"""表单控件: a bound field with the classes and aria attributes every control of ours wears."""

from django import template
from django.forms import BoundField, CheckboxInput, FileInput

register = template.Library()


@register.filter
def control(field: BoundField):
    """The field's widget, tied to its hint and its error."""
    attributes = {}
    if not isinstance(field.field.widget, CheckboxInput | FileInput):
        attributes["class"] = "input"
    described = [f"{field.id_for_label}_error"] if field.errors else []
    if field.help_text:
        described.append(f"{field.id_for_label}_helptext")
    if described:
        attributes["aria-describedby"] = " ".join(described)
    if field.errors:
        attributes["aria-invalid"] = "true"
    return field.as_widget(attrs=attributes)
