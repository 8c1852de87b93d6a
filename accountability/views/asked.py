"""What an address names by its number."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accountability.filters import number_in


def asked_for(request, name: str, rows: QuerySet):
    """The row of ``?name=``: none where nothing is asked for, 404 where ``rows``, which come scoped, have it not."""
    return get_object_or_404(rows, pk=number_in(request.GET, name)) if request.GET.get(name) else None
