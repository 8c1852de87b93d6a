"""现任职务 of a cadre as a list shows them."""

from collections.abc import Iterable

from django import template

from accountability.models import Tenure
from supervision.archives.cadres import titles_of

register = template.Library()


@register.filter
def titles(held: Iterable[Tenure]) -> str:
    return titles_of(held)
