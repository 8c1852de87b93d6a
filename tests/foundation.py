"""What every test stands on: regulation, sample university, cast, grants, the year 2026 opened."""

from datetime import date
from pathlib import Path

from accountability.models import Organisation, Person, Post, Tenure
from accountability.services.document_kinds import load_document_kinds
from accountability.services.grants import sync_grants
from accountability.services.opening import open_year
from accountability.services.organisations import import_organisation
from accountability.services.regulations import load_regulation
from inspections.services.risk_rules import load_risk_rules
from meetings.services.kinds import load_meeting_kinds
from supervision.services.accountability_measures import load_kinds
from supervision.services.four_forms import load_form_measures
from supervision.services.reminder_rules import load_rules
from tests import cast

DATA = Path(__file__).parent.parent / "accountability" / "data"


def lay() -> None:
    if Organisation.objects.exists():
        return
    system = Person.objects.system()
    lay_rules(by=system)
    import_organisation(DATA / "organisations.csv", DATA / "leaders.csv", by=system)
    for part in cast.PARTS:
        cast.enter(part)
    _fill_the_rest()
    sync_grants(cast.TODAY)
    open_year(cast.YEAR, by=Person.objects.get(username="office"))


def lay_rules(*, by: Person) -> None:
    """The regulation and all that is data beside it."""
    for name in ("regulation-2019.yaml", "regulation-2021.yaml"):
        load_regulation(DATA / name, by=by)
    load_document_kinds(DATA / "documents.yaml", by=by)
    load_meeting_kinds(by=by)
    load_risk_rules(by=by)
    load_form_measures(by=by)
    load_kinds(by=by)
    load_rules(by=by)


def _fill_the_rest() -> None:
    """People nobody plays, so that every unit and branch has its duties; one post stays vacant on purpose."""
    vacant = list(Post.objects.filter(tenures=None).exclude(organisation__name=cast.VACANT))
    extras = [
        Person(username=f"extra{number}", name=f"甲{number}", password="!", email=f"extra{number}@jhjm.example")
        for number, _ in enumerate(vacant)
    ]
    Person.objects.bulk_create(extras)
    Tenure.objects.bulk_create(
        Tenure(post=post, person=person, started_on=date(2025, 1, 1))
        for post, person in zip(vacant, extras, strict=True)
    )
