"""选择项: no form offers what belongs to the other college, and none takes its id when somebody posts it all the same."""

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.forms import BaseForm, ModelChoiceField
from django.test.utils import CaptureQueriesContext

from accountability.models import Duty, Organisation, Person, Post, Record, Tenure
from inspections.models import Finding, RiskPoint, Sign
from meetings.models import Meeting
from supervision.models import Letter, Talk
from tests.matrix import drawing, objects
from tests.matrix.drawing import GET, POST, Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.once]


# What tells of the asking itself is written whatever was asked.
WRITES = re.compile(
    r'(INSERT INTO|UPDATE|DELETE FROM) "(?!accountability_(auditevent|loginsession|waiting)|django_session|axes_)'
)


def belongings(college: objects.College, ids: dict) -> dict:
    """Model → one row of this college."""
    unit = college.unit
    liaison = Person.objects.get(username=college.liaison)
    return {
        Organisation: unit.pk,
        Post: unit.posts.get(role="liaison").pk,
        Person: liaison.pk,
        Tenure: Tenure.objects.get(person=liaison).pk,
        Duty: ids["duty"],
        Record: ids["record"],
        Meeting: ids["meeting"],
        Finding: ids["finding"],
        RiskPoint: ids["risk"],
        Sign: ids["sign"],
        Letter: ids["letter"],
        Talk: ids["talk"],
    }


def forms_of(answer) -> Iterator[BaseForm]:
    """Every form the page shows, once; one that is handed to the template and not written is offered to nobody."""
    if not (answer.context and answer["Content-Type"].startswith("text/html")):  # a paper is written from templates too
        return
    seen, page = set(), answer.content.decode()
    for context in answer.context:
        for value in context.flatten().values() if hasattr(context, "flatten") else context.values():
            if isinstance(value, BaseForm) and id(value) not in seen:
                seen.add(id(value))
                if any(f'name="{value.add_prefix(name)}"' in page for name in value.fields):
                    yield value


def choices_of(form: BaseForm) -> Iterator[tuple[str, ModelChoiceField]]:
    yield from ((name, field) for name, field in form.fields.items() if isinstance(field, ModelChoiceField))


def pages_with_forms(role: str, laid: objects.Laid) -> list[tuple[str, str]]:
    kept = drawing.read(drawing.TABLE.read_text(encoding="utf-8"))
    return [
        (address.name, path)
        for block, address, path in drawing.asked_for(laid)
        if block != "other" and not address.is_admin and kept[block, address.name, role].startswith("200")
    ]


# What may be of another college: whom a matter handed to the commission is about. Nobody is told by it but the commission.
NAMED_BEYOND_ONES_OWN = {("clue_hand_in", "organisation")}


def test_forms_offer_ones_own_and_refuse_the_others(laid, people):
    for who in ("liaison", "unit_secretary"):
        assert_offers_ones_own_and_refuses_the_others(laid, people, who)


def assert_offers_ones_own_and_refuses_the_others(laid, people, who: str) -> None:
    visitor, theirs, ours = (
        Visitor(who, people),
        *(belongings(*each) for each in ((objects.THEIRS, laid.other), (objects.OURS, laid.own))),
    )
    offered, asked, wrong = 0, 0, []
    for name, path in pages_with_forms(who, laid):
        for form in forms_of(visitor.ask(GET, path)):
            foreign = {}
            for field, choice in choices_of(form):
                model = choice.queryset.model
                offered += choice.queryset.filter(pk=ours.get(model)).exists()
                if choice.queryset.filter(pk=theirs.get(model)).exists():
                    if (name, field) not in NAMED_BEYOND_ONES_OWN:
                        wrong.append(f"{name}.{field} offers {model.__name__} of the other college")
                elif model in theirs:
                    foreign[field] = theirs[model]
            if foreign:
                asked += len(foreign)
                wrong += [f"{name}.{field} takes it" for field in taken(visitor, path, form, foreign)]
    assert wrong == []
    assert offered
    assert asked


def taken(visitor: Visitor, path: str, form: BaseForm, foreign: dict) -> list[str]:
    """The fields that say nothing about a foreign id, or all of them when something was written."""
    data = {form.add_prefix(field): value for field, value in foreign.items()}
    with CaptureQueriesContext(connection) as captured:
        answer = visitor.ask(POST, path, data)
    if written := [query["sql"][:60] for query in captured if WRITES.match(query["sql"])]:
        return [f"{', '.join(foreign)} wrote {written}"]
    if answer.status_code in (403, 404, 405):  # 405: the form is posted to an address of its own, which the matrix asks
        return []
    told = {field for each in forms_of(answer) if type(each) is type(form) for field in each.errors}
    return [field for field in foreign if field not in told]
