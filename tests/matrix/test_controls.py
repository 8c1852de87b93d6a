"""The matrix is not blind: with a scope or a door taken away, the table tells where."""

import pytest

from accountability.models import Duty, Record
from inspections.models import Finding
from meetings.models import Meeting
from supervision.models import Letter
from tests.matrix import drawing
from tests.matrix.test_matrix import differences

pytestmark = [pytest.mark.django_db, pytest.mark.once]
OPENED = ((Record, "record"), (Duty, "duty"), (Meeting, "meeting"), (Finding, "finding"), (Letter, "letter"))


def asked(laid, people, names: set[str], role: str) -> list[str]:
    """What differs from the table at these addresses of the other college."""
    kept = drawing.read(drawing.TABLE.read_text(encoding="utf-8"))
    cells = drawing.drawn(
        laid, people, roles=(role,), only=lambda block, address: block == "other" and address.name in names
    )
    return differences({key: kept[key] for key in cells}, cells)


def test_a_scope_taken_away_is_told_by_address(laid, people, monkeypatch):
    names = {name for _, name in OPENED}
    assert asked(laid, people, names, "outsider") == []
    for model, name in OPENED:
        with monkeypatch.context() as open_door:
            open_door.setattr(type(model._default_manager.all()), "visible_to", lambda rows, user: rows)
            told = asked(laid, people, {name}, "outsider")
        assert told, f"{name} stands open to the outsider, and nobody noticed"
        assert told[0].startswith(f"[other] {name} as outsider: 404")


def test_a_door_taken_away_is_told(laid, people, monkeypatch, settings):
    """Without the middleware that asks for a login, a stranger is at no door any more."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "LoginRequired" not in name]
    assert asked(laid, people, {"organisation", "record"}, drawing.NOBODY)


def test_an_address_nobody_reviewed_is_told():
    kept = drawing.read(drawing.TABLE.read_text(encoding="utf-8"))
    new = ("no object", "a_new_page", "outsider")
    assert differences(kept, kept | {new: "200 405"}) == ["[no object] a_new_page as outsider: no row → 200 405"]
    key = next(iter(kept))
    assert differences(kept, kept | {key: "200 200"})[0].endswith(f"{kept[key]} → 200 200")
