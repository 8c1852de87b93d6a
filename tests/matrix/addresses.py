"""地址: every address of the product, the admin's included, walked from the resolver: a new one is covered the day it is added."""

import re
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

ARGUMENT = re.compile(r"<[^>]+>|\(\[\^/\]\+\)|\(\?P<[^>]+>[^)]*\)")


@dataclass(frozen=True)
class Address:
    """A named address: ``path`` with ``{}`` where an argument stands, ``arguments`` many."""

    name: str
    path: str
    arguments: int

    @property
    def is_admin(self) -> bool:
        return self.path.startswith("/admin/")

    def at(self, *values) -> str:
        """The path with these arguments; one alone stands for all of them."""
        return self.path.format(*(values if len(values) == self.arguments else values[:1] * self.arguments))


def addresses(resolver: URLResolver | None = None, prefix: str = "") -> list[Address]:
    found = []
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += addresses(pattern, route)
        elif isinstance(pattern, URLPattern):
            found.append(_address(pattern, route))
    return found


def _address(pattern: URLPattern, route: str) -> Address:
    path = "/" + ARGUMENT.sub("{}", route.replace("^", "", 1) if route.startswith("^") else route)
    path = re.sub(r"/\^", "/", path).rstrip("$")
    path = path.replace("\\", "")
    name = pattern.name or path.strip("/").replace("/", " ")
    return Address(f"admin {name}" if path.startswith("/admin/") else name, path, path.count("{}"))
