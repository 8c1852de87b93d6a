"""Who sees which letter, everywhere it could show: list, counts, page, papers, export, history, ledger, records, notices."""

import io
import random
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accountability import ledger
from accountability.models import Duty, Notice, Person, Record, Tenure
from accountability.models.history import save_as
from accountability.services.grants import sync_grants
from accountability.services.records import decide
from supervision.board.indicators import FIGURES
from supervision.letters.filter import LetterFilter
from supervision.models import Letter
from supervision.rooms import rooms_for
from supervision.services import letters
from supervision.services.reminders import sweep
from tests import cast
from tests.letters import set_papers
from tests.supervision import letter_acts as deeds

pytestmark = pytest.mark.django_db

NAMES = [part.username for part in cast.PARTS]
SEE_OURS = {"office", "discipline", "secretary", "member", "unit_secretary", "liaison"}
SEE_THEIRS = {"office", "discipline", "secretary", "other_secretary", "other_liaison"}


@pytest.fixture
def story(people, clock, quick_papers) -> dict[str, Letter]:
    """One letter to us, one to them, a draft to us, and a 告知书 about a branch secretary of ours, answered."""
    by_head = deeds.commission_head()
    told = {
        "ours": deeds.issued(people),
        "theirs": deeds.issued(people, cast.THEIRS),
        "draft": deeds.drafted(people["discipline"]),
        "inform": deeds.informed_by(by_head, people),
    }
    set_papers()
    deeds.answered(told["inform"], people["unit_secretary"])
    return {name: Letter.objects.get(pk=letter.pk) for name, letter in told.items()}


SEEN = {
    "ours": SEE_OURS,
    "theirs": SEE_THEIRS,
    "draft": {"discipline"},
    "inform": {"secretary", "unit_secretary", "branch"},
}


def rows_of_export(client) -> set[str]:
    book = openpyxl.load_workbook(io.BytesIO(client.get("/oversight/letters/export/").content))
    return {row[3] for row in book["监督文书"].iter_rows(min_row=2, values_only=True)}


@pytest.mark.parametrize("who", NAMES)
def test_every_place_tells_the_same(login, story, who):
    """Matrix: role × letter × list, count, export, page, papers, answer and evaluation."""
    client = login(who)
    seen = {name for name in SEEN if who in SEEN[name]}
    answer = client.get("/oversight/letters/")
    if who in cast.ADMINISTRATORS:
        assert answer.status_code == 403
        assert client.get("/oversight/letters/export/").status_code == 403
    else:
        assert {letter.pk for letter in answer.context["pager"].page} == {story[name].pk for name in seen}
        assert answer.context["pager"].total == len(seen)
        assert rows_of_export(client) == {story[name].subject for name in seen}
        units = {unit.name for unit in answer.context["units"]}
        assert units == {story[name].recipient.name for name in seen}
    for name, letter in story.items():
        expected = 200 if name in seen else 404
        address = f"/oversight/letters/{letter.pk}/"
        assert client.get(address).status_code == expected, name
        for paper in ("pdf/", "docx/"):
            assert client.get(address + paper).status_code == expected, (name, paper)
        for page in ("act/", "acknowledge/", "typeset/"):
            status = client.post(address + page).status_code
            assert status == 404 if name not in seen else status != 404, (name, page)
        matter = letter.matters.get().pk
        for page in ("answer", "evaluate"):
            address = f"/oversight/letters/matters/{matter}/{page}/"
            for answer in (client.get(address), client.post(address, {})):
                assert (answer.status_code == 404) == (name not in seen or name == "draft"), (name, page)


@pytest.mark.parametrize("who", NAMES)
def test_a_notice_of_the_first_form_shows_nowhere_else(login, story, people, who):
    """告知书: neither duty, record, attachment, ledger, search, count nor notice tells of it to who may not see it."""
    letter = story["inform"]
    matter = deeds.first(letter)
    knows = who in SEEN["inform"]
    person = Person.objects.get(username=who)
    assert Duty.objects.visible_to(person).filter(pk=matter.duty_id).exists() == knows
    assert Record.objects.visible_to(person).filter(pk=matter.answer.record_id).exists() == knows
    client = login(who)
    for address in (
        f"/ledger/{matter.duty_id}/",
        f"/ledger/{matter.duty_id}/history/",
        f"/records/{matter.answer.record_id}/",
    ):
        assert client.get(address).status_code == (200 if knows else 404), address
    if not knows:
        for address in (
            "/",
            "/ledger/?q=办理监督事项",
            "/records/",
            "/oversight/",
            "/notices/",
            f"/organisations/{letter.recipient_id}/",
        ):
            page = client.get(address).content.decode()
            for words in (matter.duty.number, letter.number, letter.subject, "告知书纪告"):
                assert words not in page, (address, words)
        assert not Notice.objects.filter(recipient=person, url=f"/oversight/letters/{letter.pk}/").exists()
    if who not in cast.ADMINISTRATORS:
        found = client.get(f"/oversight/letters/?q={letter.subject}").context["pager"].total
        assert found == int(knows)


def test_the_admitted_one_sees_it_and_the_not_admitted_does_not(people, story):
    letter = story["inform"]
    other = people["discipline"]
    assert not Letter.objects.visible_to(other).filter(pk=letter.pk).exists()
    from supervision.services.admissions import admit

    admit(by=people["secretary"], person=other, secret="form", reason="分管第一种形态")
    other = Person.objects.get(pk=other.pk)
    assert Letter.objects.visible_to(other).filter(pk=letter.pk).exists()
    assert Duty.objects.visible_to(other).filter(letter_matter__letter=letter).exists()


def test_who_left_the_commission_sees_nothing_of_what_he_drafted(people):
    letter = deeds.informed(people)
    tenure = Tenure.objects.get(person=people["discipline"])
    tenure.ended_on = cast.TODAY - timedelta(days=1)
    save_as(tenure, by=people["office"], reason="调离")
    sync_grants(cast.TODAY)
    gone = Person.objects.get(pk=people["discipline"].pk)
    assert not Letter.objects.visible_to(gone).exists()
    assert Letter.objects.visible_to(people["unit_secretary"]).get() == letter


def test_reminders_of_a_notice_of_the_first_form_go_to_the_head_alone(people, clock):
    letter = deeds.informed(people)
    clock.shift(timedelta(days=18))
    sweep(timezone.localdate())
    told = Notice.objects.filter(duty=deeds.duty_of(letter), kind=Notice.Kind.REMINDER)
    assert [notice.recipient for notice in told] == [people["unit_secretary"]]
    assert told.get().title.endswith("：办理监督事项并答复")


def test_the_units_history_begins_with_the_issue(login, people):
    letter = letters.perform(
        deeds.drafted(people["discipline"]), "propose", by=people["discipline"], signer=people["secretary"]
    )
    letters.perform(letter, "send_back", by=people["secretary"], reason="内部意见不外传")
    letters.perform(letter, "propose", by=people["discipline"], signer=people["secretary"])
    letters.perform(letter, "sign", by=people["secretary"])
    address = f"/oversight/letters/{letter.pk}/"
    assert "内部意见不外传" in login("discipline").get(address).content.decode()
    for who in ("unit_secretary", "liaison", "office", "member"):
        page = login(who).get(address).content.decode()
        assert "内部意见不外传" not in page
        assert "签发" in page


def test_the_room_is_found_by_who_has_letters(people):
    def has_room(who: str) -> bool:
        return "letters" in [room.url_name for room in rooms_for(Person.objects.get(username=who))]

    assert [who for who in NAMES if has_room(who)] == ["discipline"]
    deeds.issued(people)
    assert {who for who in NAMES if has_room(who)} == SEE_OURS
    deeds.informed(people)
    assert {who for who in NAMES if has_room(who)} == SEE_OURS | {"branch"}


def test_what_waits_for_each(people):
    def waiting() -> dict[str, int]:
        rooms = {who: rooms_for(Person.objects.get(username=who)) for who in NAMES}
        counted = {
            who: sum(room.waiting(Person.objects.get(username=who)) for room in found) for who, found in rooms.items()
        }
        return {who: count for who, count in counted.items() if count}

    letter = deeds.drafted(people["discipline"])
    assert waiting() == {"discipline": 1}
    letters.perform(letter, "propose", by=people["discipline"], signer=people["secretary"])
    assert Letter.objects.visible_to(people["secretary"]).waiting_for(people["secretary"]).get() == letter
    letters.perform(letter, "sign", by=people["secretary"])
    assert waiting() == {"unit_secretary": 1, "liaison": 1}
    letters.acknowledge(letter, by=people["unit_secretary"])
    deeds.answered(letter, people["liaison"])
    assert waiting() == {"unit_secretary": 1}
    decide(deeds.first(letter).answer.record, "accept", by=people["unit_secretary"])
    assert waiting() == {"discipline": 1}
    deeds.evaluated(letter, people["discipline"], "poor")
    assert waiting() == {"unit_secretary": 1, "liaison": 1}


# ── figures ──────────────────────────────────────────────────────────────────────────────────

FIGURE_NAMES = ("letters_issued", "letters_unread", "letters_late", "letters_poor")


@pytest.mark.parametrize("seed", [3, 11])
def test_each_figure_is_the_rows_under_its_address(login, people, clock, seed):
    """Random letters in random states; for several roles, each figure equals the list it opens, page after page."""
    chance = random.Random(seed)
    by_head = deeds.commission_head()
    for _ in range(12):
        unit = chance.choice([cast.OURS, cast.THEIRS, "财务处"])
        if chance.random() < 0.25:
            deeds.informed_by(by_head, people) if chance.random() < 0.5 else deeds.informed(people)
            continue
        letter = deeds.drafted(people["discipline"], unit) if chance.random() < 0.15 else deeds.issued(people, unit)
        if letter.state == "issued" and unit == cast.OURS:
            fate = chance.choice(["none", "read", "answered", "good", "poor", "revoked"])
            if fate == "revoked":
                letters.perform(letter, "revoke", by=people["discipline"], reason="所依据的记录已经补入台账。")
            if fate == "read":
                letters.acknowledge(letter, by=people["unit_secretary"])
            if fate in ("answered", "good", "poor"):
                deeds.answered(letter, people["unit_secretary"])
            if fate in ("good", "poor"):
                deeds.evaluated(letter, people["discipline"], fate)
    clock.shift(timedelta(days=chance.choice([0, 30])))
    for who in ("discipline", "secretary", "office", "member", "unit_secretary", "liaison", "branch", "other_liaison"):
        client, user, today = login(who), Person.objects.get(username=who), timezone.localdate()
        for name in FIGURE_NAMES:
            figure = FIGURES[name]
            page = client.get(figure.url(cast.YEAR))
            assert page.context["pager"].total == figure.value(user, cast.YEAR, today), (who, name)
            assert {letter.pk for letter in page.context["pager"].page} == set(
                figure.rows(user, cast.YEAR, today).values_list("pk", flat=True)
            )
        for view in LetterFilter.VIEWS:
            page = client.get(f"/oversight/letters/?view={view}")
            counted = {option.url: option.count for option in page.context["tabs"]}
            count = counted[LetterFilter(view=view).url]
            assert count in (None, page.context["pager"].total), (who, view)


def test_a_list_costs_the_same_at_one_row_and_at_many(login, people):
    def cost(who: str, address: str) -> int:
        client = login(who)
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    first = deeds.issued(people)
    addresses = [("discipline", "/oversight/letters/"), ("liaison", "/oversight/letters/?view=mine"),
                 ("discipline", "/oversight/letters/export/"), ("unit_secretary", "/oversight/"),
                 ("office", f"/oversight/letters/{first.pk}/")]  # fmt: skip
    few = [cost(*one) for one in addresses]
    for _ in range(12):
        deeds.issued(people)
    deeds.answered(deeds.issued(people), people["unit_secretary"])
    assert [cost(*one) for one in addresses] == few


def test_the_page_of_a_letter_costs_the_same_with_more_matters(login, people):
    def cost(letter: Letter) -> int:
        client = login("discipline")
        client.get(f"/oversight/letters/{letter.pk}/")
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/oversight/letters/{letter.pk}/")
        return len(captured)

    one = deeds.issued(people)
    many = deeds.issued(
        people, cast.OURS, *(deeds.matter(text=f"第 {number} 项的内容也写得够长。") for number in range(8))
    )
    assert cost(one) == cost(many)


def test_the_ledger_filter_counts_no_hidden_duty(people):
    deeds.informed(people)
    liaison = people["liaison"]
    chosen = ledger.LedgerFilter(year=cast.YEAR, q="办理监督事项")
    assert chosen.rows(Duty.objects.visible_to(liaison), on=cast.TODAY, user=liaison).count() == 0
    assert chosen.rows(Duty.objects.visible_to(people["unit_secretary"]), on=cast.TODAY).count() == 1
    assert Duty.objects.owed_by(liaison).filter(is_confidential=True).count() == 0
