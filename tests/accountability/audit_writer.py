"""A writer of its own process: ``python -m tests.accountability.audit_writer first last``; a line for each write that was acknowledged.

It goes on when a write fails, as a web worker does, and is killed whenever the test likes.
"""

import os
import sys
from datetime import date, timedelta

FIRST_DAY = date(2200, 1, 1)


def write(number: int) -> None:
    """One business row in one transaction, as a request would, and its seal afterwards."""
    from django.db import transaction

    from accountability.auditing.outside import acting_outside
    from accountability.models import Person, WorkdayOverride
    from accountability.models.history import save_as

    with acting_outside("command:sync_grants"), transaction.atomic():
        day = FIRST_DAY + timedelta(days=number)
        save_as(WorkdayOverride(day=day, is_workday=True, reason="校历"), by=Person.objects.system(), reason="校历")


def main(first: int, last: int) -> None:
    import django
    from django.conf import settings

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    settings.DATABASES["default"]["NAME"] = os.environ["AUDIT_TEST_DATABASE"]
    django.setup()
    from django.db import Error, connection

    for number in range(first, last):
        try:
            write(number)
        except Error:
            connection.close()
            continue
        print(number, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
