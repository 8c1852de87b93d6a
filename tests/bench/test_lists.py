"""The benches know every list: one that comes in pages and is not measured would be slow unseen."""

from django.urls import URLPattern, URLResolver, get_resolver

from bench.lists import ASKED_BY, LISTS, NO_LISTS, is_paged


def paged_names(resolver: URLResolver) -> set[str]:
    names = set()
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            names |= paged_names(pattern)
        elif isinstance(pattern, URLPattern) and is_paged(pattern.callback):
            names.add(pattern.name)
    return names


def test_every_list_in_pages_is_measured():
    assert paged_names(get_resolver()) == LISTS.keys() | NO_LISTS


def test_nothing_is_both_a_list_and_none():
    assert not LISTS.keys() & NO_LISTS
    assert ASKED_BY.keys() <= LISTS.keys()
