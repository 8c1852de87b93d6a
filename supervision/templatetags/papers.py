"""纸面: what print templates ask of frozen figures."""

from datetime import date

from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def value(figures: dict, code: str):
    """The value of the figure with this code."""
    return figures[code]["value"]


@register.filter
def month_day(text: str) -> str:
    """2026-02-27 as 2月27日."""
    if not text:
        return "—"
    day = date.fromisoformat(text)
    return f"{day.month}月{day.day}日"


@register.simple_tag
def figure(figures: dict, code: str) -> SafeString:
    """A figure with its code in small print, so that it can be traced: 17 〔F-03〕."""
    return mark_safe(f'{int(figures[code]["value"])}<span class="f">〔{code}〕</span>')  # noqa: S308  (a number and our own code)
