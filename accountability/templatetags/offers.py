from django import template

from accountability.offers import offered as _offered

register = template.Library()


@register.simple_tag(takes_context=True)
def offered(context, kind: str, thing) -> list:
    """去办: what upper apps offer the reader beside this thing."""
    return _offered(kind, context["request"].user, thing)
