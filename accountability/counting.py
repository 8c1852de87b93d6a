"""计数: several counts in one query, each as a value of the one row of its reader."""

from django.db.models import F, Func, IntegerField, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accountability.models import Person


def counts_of(user: Person, rows: dict[str, QuerySet]) -> dict[str, int]:
    """How many rows each queryset holds: one query for all of them."""
    if not rows:
        return {}
    counted = {f"count_of_{name}": _count_of(queryset) for name, queryset in rows.items()}  # no field is called so
    told = Person.objects.filter(pk=user.pk).values(**counted).get()
    return {name: told[f"count_of_{name}"] for name in rows}


def _count_of(rows: QuerySet) -> Coalesce | Value:
    if rows.query.is_empty():
        return Value(0)
    counted = rows.order_by().annotate(counted=Func(F("pk"), function="COUNT")).values("counted")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
