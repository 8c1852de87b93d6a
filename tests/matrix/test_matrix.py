"""角色 × 地址: the table stands as it was reviewed; what is not one's own is not there at all (等保 8.1.4.2 访问控制)."""

import re
from pathlib import Path

import pytest

from tests import cast
from tests.matrix import drawing
from tests.matrix.addresses import addresses
from tests.matrix.drawing import NOBODY, NOWHERE, ROLES, TABLE, Visitor

pytestmark = pytest.mark.once
ROOT = Path(__file__).parent.parent.parent


def assert_every_address_with_an_id_has_an_object_behind_it(laid) -> None:
    names = {address.name for address in addresses() if address.arguments}
    assert set(laid.own) == set(laid.other)
    assert not set(laid.own) & set(laid.school)
    assert names == set(laid.own) | set(laid.school), "a new address with an id needs a row in tests/matrix/objects.py"


def test_every_address_has_a_row_for_every_role():
    """Cheap, and says what to do: ``--redraw-matrix``, look at the difference, keep it."""
    kept = drawing.read(TABLE.read_text(encoding="utf-8"))
    named = {(name, role) for _, name, role in kept}
    assert named == {(address.name, role) for address in addresses() for role in ROLES}


@pytest.mark.django_db
def test_the_matrix_stands_as_it_was_reviewed(laid, people, request):
    assert_every_address_with_an_id_has_an_object_behind_it(laid)
    bare = {}
    cells = drawing.drawn(laid, people, roles=ROLES, bare=bare)
    if request.config.getoption("--redraw-matrix"):
        drawing.keep(cells)
        return
    kept = drawing.read(TABLE.read_text(encoding="utf-8"))
    assert differences(kept, cells) == []
    assert bare == {}, "whatever reading writes has a transaction of its own"
    assert [key for key, word in cells.items() if "!policy" in word] == []
    assert [key for key, word in cells.items() if re.search(r"\b5\d\d\b", word) and key[1] != "healthz"] == []


def differences(kept: drawing.Cells, cells: drawing.Cells) -> list[str]:
    return [
        f"[{block}] {name} as {role}: {kept.get((block, name, role), 'no row')} → {cells.get((block, name, role), 'gone')}"
        for block, name, role in sorted(kept.keys() | cells.keys())
        if kept.get((block, name, role)) != cells.get((block, name, role))
    ]


def test_no_view_tells_head_from_get():
    """Why two roles ask by HEAD for all: a view that looks for GET alone would answer HEAD by another way."""
    rooms = ("accountability", "meetings", "inspections", "supervision")
    views = [path for room in rooms for path in (ROOT / room).rglob("*.py") if "views" in str(path)]
    assert len(views) > 50
    assert [path for path in views if re.search(r"method\s*(==|!=|in)\s*\(?\"GET\"\)?", path.read_text("utf-8"))] == []


# ── what the table must say, whoever redraws it ──────────────────────────────────────────────


OPEN_TO_ALL = {"login", "logout", "healthz", "favicon", "calendar_feed", "metrics", "admin login", "admin logout"}
"""calendar_feed is open to whoever knows its secret code, metrics to whoever has the token."""


@pytest.fixture(scope="module")
def kept() -> drawing.Cells:
    return drawing.read(TABLE.read_text(encoding="utf-8"))


def test_strangers_are_sent_to_the_door_everywhere(kept):
    assert {name for (_, name, role), word in kept.items() if role == NOBODY and word != "door door"} <= OPEN_TO_ALL


def test_who_is_nobody_here_finds_no_object(kept):
    """无岗人: no object of a college is there for him, by GET or POST."""
    seen = {
        name
        for (block, name, role), word in kept.items()
        if role == "outsider" and block in ("own", "other") and not set(word.split()[:2]) <= {"404", "405", "door"}
    }
    assert seen <= OPEN_TO_ALL | NAMED_TO_ALL


NAMED_TO_ALL: set[str] = set()


def test_colleges_do_not_see_one_another(kept):
    """The same post in another branch sees as much of the other college as the outsider does: nothing."""
    for block, roles in (
        ("other", ("unit_secretary", "liaison", "branch")),
        ("own", ("other_secretary", "other_liaison")),
    ):
        seen = {
            (name, role)
            for (where, name, role), word in kept.items()
            if where == block and role in roles and not set(word.split()[:2]) <= {"404", "405", "door"}
        }
        assert {name for name, _ in seen} <= OPEN_TO_ALL | NAMED_TO_ALL, seen


def test_administrators_read_no_business(kept):
    """三员: the admin's pages and the page of operation are theirs; no object of a college outside the admin is."""
    seen = {
        (name, role)
        for (block, name, role), word in kept.items()
        if role in cast.ADMINISTRATORS and block in ("own", "other") and not name.startswith("admin ")
        if not set(word.split()[:2]) <= {"404", "405"}
    }
    assert {name for name, _ in seen} <= OPEN_TO_ALL, seen


def test_the_admin_is_shut_to_everybody_else(kept):
    for (_, name, role), word in kept.items():
        if name.startswith("admin ") and role not in (*cast.ADMINISTRATORS, NOBODY):
            assert not set(word.split()[:2]) & {"200", "201"} or name in OPEN_TO_ALL, (name, role, word)


# ── no trace of what exists ──────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_what_is_not_there_for_him_reads_as_what_does_not_exist(laid, people):
    """The whole page word by word, by GET and POST, but for the tokens: nothing says that there is a row."""
    told = []
    for who in ("liaison", "outsider", "sysadmin"):
        visitor = Visitor(who, people)
        for block, address, path in drawing.asked_for(laid):
            if block == "other" and not address.is_admin:
                for method in (drawing.GET, drawing.POST):
                    answer = visitor.ask(method, path)
                    nothing = visitor.ask(method, address.at(NOWHERE))
                    if answer.status_code == 404 and plain(answer) != plain(nothing):
                        told.append((who, method, address.name))
    assert told == []


def plain(answer) -> str:
    text = re.sub(r'value="\w{64}"', "", answer.content.decode()).replace(answer["X-Request-ID"], "")
    return re.sub(r"hx-headers='[^']*'|content=\"\w{64}\"", "", text)
