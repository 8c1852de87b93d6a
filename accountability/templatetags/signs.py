"""图标与状态灯: the two marks that stand dozens of times on a page, so they are tags: an include costs twenty times as much.

Builtins of the template engine (config/settings.py); what is written out is settled when the template is read, where it can be.
"""

from django import template
from django.template.base import FilterExpression, Node, Parser, TextNode, Token
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


def icon_of(name: str) -> SafeString:
    """Decoration only: the words beside it carry the meaning. ``name``: a symbol of components/_sprite.html."""
    return mark_safe(f'<svg class="icon" aria-hidden="true"><use href="#i-{conditional_escape(name)}"/></svg>')  # noqa: S308


def light_of(state: str, label: str, *, is_tag: bool = False) -> SafeString:
    """状态灯: icon, word and colour. ``state``: done, soon, late or idle; ``is_tag``: for the head of a page."""
    kind = f"light light--{conditional_escape(state)}{' light--tag' if is_tag else ''}"
    return mark_safe(f'<span class="{kind}">{icon_of(str(state))}{conditional_escape(label)}</span>')  # noqa: S308


class Sign(Node):
    """What ``write`` makes of values that only the context knows."""

    def __init__(self, write, *values: FilterExpression):
        self.write, self.values = write, values

    def render(self, context) -> str:
        return self.write(*(value.resolve(context) for value in self.values))


@register.tag
def icon(parser: Parser, token: Token) -> Node:
    """``{% icon "right" %}``"""
    words = token.split_contents()[1:]
    if len(words) != 1:
        raise template.TemplateSyntaxError("icon takes the name of a symbol")
    return _sign(icon_of, parser, words)


@register.tag
def light(parser: Parser, token: Token) -> Node:
    """``{% light "late" "逾期" %}``, ``{% light row.light row.words tag=True %}``"""
    words = token.split_contents()[1:]
    if len(words) == 3 and words[2] == "tag=True":
        return _sign(_head_light, parser, words[:2])
    if len(words) == 3 and words[2].startswith("tag="):
        return _sign(_either_light, parser, [*words[:2], words[2].removeprefix("tag=")])
    if len(words) != 2:
        raise template.TemplateSyntaxError("light takes a state, a label and tag=…")
    return _sign(light_of, parser, words)


def _head_light(state, label) -> SafeString:
    return light_of(state, label, is_tag=True)


def _either_light(state, label, is_tag) -> SafeString:
    return light_of(state, label, is_tag=bool(is_tag))


def _sign(write, parser: Parser, words: list[str]) -> Node:
    """Text where every value stands in the template itself."""
    values = [parser.compile_filter(word) for word in words]
    is_settled = not any(value.filters or value.is_var for value in values)
    return TextNode(write(*(value.resolve({}) for value in values))) if is_settled else Sign(write, *values)
