"""数值范围: a number that no column can hold is in no list.

Django answers so for ``exact`` and ``gt``, and lets SQLite fall over at ``in`` (OverflowError): a form of many choices asks
``pk__in`` with whatever was posted, and the admin with whatever an address says.
"""

from django.db import models
from django.db.models.fields.related_lookups import RelatedIn
from django.db.models.lookups import In


class WithinReach:
    """Drops from the listed numbers those that the column could not hold."""

    def process_rhs(self, compiler, connection):
        if self.rhs_is_direct_value():
            column = getattr(self.lhs.output_field, "target_field", self.lhs.output_field)
            if isinstance(column, models.IntegerField):
                least, most = connection.ops.integer_field_range(column.get_internal_type())
                self.rhs = [value for value in self.rhs if not isinstance(value, int) or least <= value <= most]
        return super().process_rhs(compiler, connection)


@models.IntegerField.register_lookup
class InWithinReach(WithinReach, In):
    """``in`` of a number's column."""


@models.ForeignKey.register_lookup
class RelatedInWithinReach(WithinReach, RelatedIn):
    """``in`` of a column that refers to another table."""
