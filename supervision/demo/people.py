"""演示大学里的人: who acts in the scenes. Always a fresh object: grants and admissions are cached on it."""

from accountability.models import Organisation, Person, Role, Tenure


def person_of(username: str) -> Person:
    return Person.objects.get(username=username)


def unit_named(name: str) -> Organisation:
    return Organisation.objects.units().get(name=name)


def tenure_at(place: str, *roles: str) -> Tenure:
    """The newest, so that who came after another is meant."""
    return Tenure.objects.filter(post__organisation=unit_named(place), post__role__in=roles).latest("started_on")


def holder_at(place: str, *roles: str) -> Person:
    return tenure_at(place, *roles).person


def commission_head() -> Person:
    """纪委书记."""
    return Tenure.objects.filter(post__organisation__kind="commission", post__role=Role.DISCIPLINE).latest("pk").person
