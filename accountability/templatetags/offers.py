from django import template

from accountability.offers import offered as _offered
from accountability.offers import told_of as _told_of

register = template.Library()


@register.simple_tag(takes_context=True)
def offered(context, kind: str, thing) -> list:
    """去办: what upper apps offer the reader beside this thing."""
    return _offered(kind, context["request"].user, thing)


@register.simple_tag(takes_context=True)
def told_of(context, kind: str, thing) -> list:
    """旁注: what upper apps tell the reader about this thing."""
    return _told_of(kind, context["request"].user, thing)
