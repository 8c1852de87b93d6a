"""通知所指: what a notice is about, found by its address, and who may see it; apps register the pages of their things.

Who hears for somebody else hears only of what ``visible_to`` shows him. What nobody registered is not passed on.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable

from django.db.models import QuerySet
from django.urls import Resolver404, resolve

from accountability.models import Document, Duty, HandOver, Notice, Person, Record

_pages: dict[str, Callable[[Person], QuerySet]] = {}


def subject_at(*pages: str):
    """登记: the function of the user gives the rows he may see whose numbers stand in the addresses so named."""

    def register(function):
        _pages.update(dict.fromkeys(pages, function))
        return function

    return register


subject_at("duty")(Duty.objects.visible_to)
subject_at("record")(Record.objects.visible_to)
subject_at("document")(Document.objects.visible_to)
subject_at("handover")(HandOver.objects.visible_to)


def visible_among(user: Person, notices: Iterable[Notice]) -> set[int]:
    """The numbers of the notices whose subject ``user`` may see; one query per kind of page."""
    asked: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for notice in notices:
        page, number = _subject_of(notice)
        if page in _pages:
            asked[page][number].add(notice.pk)
    visible: set[int] = set()
    for page, numbers in asked.items():
        seen = _pages[page](user).filter(pk__in=list(numbers)).values_list("pk", flat=True)
        visible.update(pk for number in seen for pk in numbers[number])
    return visible


def _subject_of(notice: Notice) -> tuple[str, int]:
    if notice.duty_id:
        return "duty", notice.duty_id
    try:
        match = resolve(notice.url.partition("?")[0].partition("#")[0])
    except Resolver404:
        return "", 0
    return match.url_name or "", match.kwargs.get("pk", 0)
