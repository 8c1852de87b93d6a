"""全局搜索 of the supervisors' rooms: a letter and a talk are found by those who may see them, by nobody else."""

import pytest

from tests import cast
from tests.supervision import letter_acts, talks

pytestmark = pytest.mark.django_db


def told(client, words: str) -> str:
    return client.get("/search/", {"q": words}).content.decode()


def test_a_letter_is_found_by_the_unit_it_is_addressed_to_alone(login, people):
    letter = letter_acts.issued(people)
    address = f"/oversight/letters/{letter.pk}/"
    for who in ("discipline", "secretary", "unit_secretary", "liaison"):
        assert address in told(login(who), letter.number), who
    for who in ("other_secretary", "other_liaison", "branch", "inspector", "sysadmin", "outsider"):
        assert address not in told(login(who), letter.number), who


def test_a_talk_is_found_by_its_parties_and_who_is_admitted_alone(login, people):
    talk = talks.arranged(people["secretary"], people["member"])
    address, name = f"/oversight/talks/{talk.pk}/", people["member"].name
    for who in ("secretary", "member"):
        assert address in told(login(who), name), who
    for who in ("discipline", "office", "liaison", "other_secretary", "sysadmin", "outsider"):
        page = told(login(who), name)
        assert address not in page, who
        assert "/oversight/talks/" not in page, "no count betrays it"
    talks.admitted(people)
    assert address in told(login("discipline"), name)


def test_what_is_found_equals_the_list(login, people):
    letter_acts.issued(people)
    client = login("discipline")
    page = client.get("/search/", {"q": cast.OURS})
    result = next(one for one in page.context["results"] if one.source.name == "letters")
    assert result.count == client.get(result.url).context["pager"].total == 1
