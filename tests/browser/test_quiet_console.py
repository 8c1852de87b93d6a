"""浏览器控制台: every page each role may open, the admin's too, says nothing in the console, wide and at a phone.

The pages are those of the matrix: whatever answers 200 there to GET is asked for here, so that a new page is walked the day
it has its row. It is opened in the browser where this role is shown a kind of element no role before was shown at this
address (``skeleton``). None can be pushed sideways; what axe finds is the matter of test_every_page. Each says that nothing
secret may be here, and its forms carry tokens.
"""

import pytest
from django.test import Client

from tests import cast
from tests.browser.skeleton import Seen, kinds_of
from tests.matrix import drawing, objects
from tests.test_house import SECRECY, assert_forms_carry_tokens

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
EVERYBODY = tuple(part.username for part in cast.PARTS)
# Downloads, and the door itself once one is through it.
FILES = (
    "docx", "pdf", "export", "file", "ics", "paper", "content", "thumbnail", "archive", "feed", "typeset", "favicon",
    "healthz", "attachment", "jsi18n", "logout", "autocomplete",
)  # fmt: skip


def is_page(name: str) -> bool:
    return not any(name == word or name.endswith(("_" + word, " " + word)) for word in FILES)


def is_html(answer) -> bool:
    """A file has no console."""
    return answer["Content-Type"].startswith("text/html")


def pages_for(role: str, laid: objects.Laid) -> dict[str, str]:
    """Each page once, by the name of its address: an object of one's own where there is one, otherwise the other college's."""
    kept = drawing.read(drawing.TABLE.read_text(encoding="utf-8"))
    found: dict[str, str] = {}
    for block, address, path in drawing.asked_for(laid):
        if kept.get((block, address.name, role), "").startswith("200") and is_page(address.name):
            found.setdefault(address.name, path)
    return found


def test_no_page_says_anything_in_the_console(visit, people):
    laid, seen, said = objects.laid(people), Seen(), []
    for role in EVERYBODY:
        pages = pages_for(role, laid)
        assert len(pages) > 10, f"{role}: nothing to walk"
        client, window = Client(), visit().let_in(role)
        client.force_login(people[role], backend="django.contrib.auth.backends.ModelBackend")
        for name, path in pages.items():
            answer = client.get(path)
            if not is_html(answer):
                continue
            assert SECRECY in answer.content.decode(), (role, path)
            assert_forms_carry_tokens(answer)
            if seen.is_new(name, answer.content.decode()):
                said += [f"{role} {each}" for each in window.troubles_at(path)]
        window.context.close()
    assert said == []


def test_a_page_is_new_where_it_holds_an_element_of_another_kind():
    seen = Seen()
    assert seen.is_new("duty", '<p class="a">甲<img src="/x/1/"></p>')
    assert not seen.is_new("duty", '<p class="a">乙<img src="/x/22/"></p>')
    assert seen.is_new("other", '<p class="a">乙</p>')
    for another in (
        '<p class="b">',
        '<p class="a" onclick="go()">',
        "<P style='color: red' class='a'>",
        '<img src="/y/1/">',
    ):
        assert seen.is_new("duty", another), another
    assert kinds_of('<input name=a value="1 > 0" disabled>') == {("input", frozenset({"name", "value", "disabled"}))}


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
