"""浏览器控制台: every page each role may open, the admin's too, says nothing in the console, wide and at a phone; says in
its text that no secrets may be here; and each of its forms carries a token.

The pages are those of the matrix: whatever answers 200 there to GET is opened here, so that a new page is walked the day
it has its row. None can be pushed sideways; what axe finds is the matter of test_every_page.
"""

import pytest

from tests import cast
from tests.browser.conftest import DRAWN
from tests.matrix import drawing, objects

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.once]
EVERYBODY = tuple(part.username for part in cast.PARTS)
PARTS = 3
# Downloads, and the door itself once one is through it.
FILES = (
    "docx", "pdf", "export", "file", "ics", "paper", "content", "thumbnail", "archive", "feed", "typeset", "favicon",
    "healthz", "attachment", "jsi18n", "logout", "autocomplete",
)  # fmt: skip


def is_page(name: str) -> bool:
    return not any(name == word or name.endswith(("_" + word, " " + word)) for word in FILES)


def pages_for(role: str, laid: objects.Laid) -> list[str]:
    """Each page once: an object of one's own where there is one, otherwise the other college's."""
    kept = drawing.read(drawing.TABLE.read_text(encoding="utf-8"))
    found: dict[str, str] = {}
    for block, address, path in drawing.asked_for(laid):
        if kept.get((block, address.name, role), "").startswith("200") and is_page(address.name):
            found.setdefault(address.name, path)
    return list(found.values())


@pytest.mark.parametrize("part", range(PARTS))  # each soon enough over not to be the last that runs
def test_no_page_says_anything_in_the_console(visit, people, part):
    laid = objects.laid(people)
    said = []
    for role in EVERYBODY[part::PARTS]:
        addresses = pages_for(role, laid)
        assert len(addresses) > 10, f"{role}: nothing to walk"
        window = visit().let_in(role)
        said += [f"{role} {each}" for address in addresses for each in window.troubles_at(address)]
        window.context.close()
    assert said == []


def test_what_breaks_the_policy_is_heard(visit, people):
    """The control: a style and a script in the line, a picture that is not there, an error in a script."""
    window = visit().let_in("office")
    window.open("/style-guide/")
    assert window.complaints == []
    window.page.evaluate(
        """() => {
            document.body.insertAdjacentHTML('beforeend', '<p style="color: red" onclick="alert()">x</p>');
            const picture = new Image(); picture.src = '/static/nothing.png'; document.body.append(picture);
            setTimeout(() => { throw new Error('broken') });
        }"""
    )
    window.page.wait_for_timeout(800)
    heard = " ".join(window.complaints)
    assert "style" in heard
    assert "404" in heard
    assert "broken" in heard


def test_what_a_page_lacks_is_told(visit, people):
    """The control: a form without its token, a page that says nothing of secrets."""
    window = visit().let_in("office")
    window.open("/style-guide/")
    assert window.page.evaluate(DRAWN, cast.SECRECY)[2] == []
    window.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<form method=\"post\"><input></form>')")
    lacks = window.page.evaluate(DRAWN, "words that stand on no page")[2]
    assert len(lacks) == 2
    assert "no token in <form" in lacks[0]
    assert lacks[1] == "nothing said of secrets"
