"""可见范围 within other scopes: ids as one statement, written once for a standing (``statements``)."""

from collections.abc import Callable

from django.db.models import Model, Q, QuerySet

from accountability import statements


def kept_ids(name: str, user, find: Callable[[], QuerySet]):
    """Ids that ``find`` gives, for ``…__in=``; nothing shapes it but who asks and what he is told of one by one."""
    from accountability import access, confidential

    return statements.ids((name, access.standing_of(user), confidential.told_of(user)), find)


def each_by_its_index(model: type[Model], ways: list[Q]) -> QuerySet:
    """Ids of the rows that any of ``ways`` gives: for an OR of as many a database reads all rows there are."""
    return together(*(model._default_manager.filter(way).values("pk") for way in ways))


def together(*ids: QuerySet) -> QuerySet:
    first, *others = (some.order_by() for some in ids)
    return first.union(*others)
