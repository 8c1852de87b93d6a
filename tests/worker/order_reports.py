"""Lays the sample university and orders the reports of six units: ``python -m tests.worker.order_reports``."""

import django

django.setup()

from accountability.models import Duty, Person  # noqa: E402
from supervision.services import report_batches  # noqa: E402
from tests import cast  # noqa: E402
from tests.foundation import lay  # noqa: E402

COUNT = 6

if __name__ == "__main__":
    lay()
    kind = report_batches.kind_of("unit")
    owed = Duty.objects.filter(obligation__acts=kind.act)
    few = owed.order_by("organisation__rank").values_list("organisation", flat=True)[:COUNT]
    owed.exclude(organisation__in=list(few)).update(state="waived")
    report_batches.order(kind, cast.YEAR, by=Person.objects.get(username="office"))
