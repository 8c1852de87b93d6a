"""What every test stands on: regulation, sample university, cast, grants, the year 2026 opened."""

from pathlib import Path

from accountability.models import Organisation, Person
from accountability.services.grants import sync_grants
from accountability.services.opening import open_year
from accountability.services.organisations import import_organisation
from accountability.services.regulations import load_regulation
from tests import cast

DATA = Path(__file__).parent.parent / "accountability" / "data"


def lay() -> None:
    if Organisation.objects.exists():
        return
    system = Person.objects.system()
    for name in ("regulation-2019.yaml", "regulation-2021.yaml"):
        load_regulation(DATA / name, by=system)
    import_organisation(DATA / "organisations.csv", DATA / "leaders.csv", by=system)
    for part in cast.PARTS:
        cast.enter(part)
    sync_grants(cast.TODAY)
    open_year(cast.YEAR, by=Person.objects.get(username="office"))
