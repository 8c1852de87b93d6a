"""问责处理 in templates: a state that depends on the day."""

from datetime import date

from django import template

from supervision.models import AccountabilityMeasure

register = template.Library()


@register.simple_tag
def counts_on(measure: AccountabilityMeasure, on: date) -> bool:
    """影响期内 on that day."""
    return measure.counts_on(on)
