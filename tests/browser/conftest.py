"""A real Chromium, driven by Playwright; the console must stay empty and axe must find nothing serious."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from shutil import which

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.core.servers.basehttp import WSGIRequestHandler
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

from accountability.models import Person
from tests import cast

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--disable-features=RenderDocument",  # a frame made anew for each page costs a fifth of the page
]  # fmt: skip
WHOLE = ("chromium", "chromium-browser", "google-chrome")
# Chromium without the window around the page, which costs as much as the page; it shows no PDF within one.
SHELL = ("chromium-headless-shell", *WHOLE)
AXE = Axe().axe_script
# Rules that can find nothing serious are not asked: they take a fifth of the time.
SERIOUS = """async (again) => {
    const grave = (impact) => ["serious", "critical"].includes(impact);
    const checks = (rule) => [...rule.any, ...rule.all, ...rule.none].map((check) => axe._audit.checks[check.id || check]);
    const mild = axe._audit.rules.filter((rule) => ![rule, ...checks(rule)].some((each) => grave(each.impact)));
    const left = [...mild.map((rule) => rule.id), ...again];
    const rules = Object.fromEntries(left.map((name) => [name, {enabled: false}]));
    const found = await axe.run({rules, resultTypes: ["violations"]});
    return found.violations.filter((each) => grave(each.impact))
        .map((each) => `${each.id}: ${each.help} ${each.nodes.slice(0, 3).map((node) => node.html.slice(0, 120))}`);
}"""
# The head of an answer and its body are sent one after the other: without this the second waits for a word from the
# browser, which waits in turn, 40 ms each time.
WSGIRequestHandler.disable_nagle_algorithm = True
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# Once the page has been drawn as it stands: the pixels it is wider than its window, whether it shows a file within, what
# its text lacks. A component included with ``only`` does not get the token by itself.
DRAWN = """async (secrecy) => {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const page = document.documentElement, lacks = [];
    for (const form of document.querySelectorAll('form[method="post"]'))
        if (!/^\\w{20,}$/.test(form.elements.csrfmiddlewaretoken?.value ?? "")) lacks.push("no token in " + form.outerHTML.slice(0, 200));
    if (!page.textContent.includes(secrecy)) lacks.push("nothing said of secrets");
    return [page.scrollWidth - window.innerWidth, document.querySelector("object, embed, iframe") !== null, lacks];
}"""


@pytest.fixture(scope="session")
def browsers() -> Iterator[Callable[[Sequence[str]], Browser]]:
    """``browsers(names)`` gives the first of these programs that is installed, started once."""
    with sync_playwright() as playwright:
        started: dict[str, Browser] = {}

        def first_of(names: Sequence[str]) -> Browser:
            path = next(filter(None, map(which, names)), None)
            assert path, "Chromium is missing: `make test` installs it (Debian package chromium)."
            if path not in started:
                started[path] = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
            return started[path]

        yield first_of
        for browser in started.values():
            browser.close()


class Visit:
    """One person at one browser: signs in by the form, keeps an eye on the console."""

    def __init__(self, context: BrowserContext, address: str, in_whole: Callable[[], "Visit"]):
        self.context, self.address, self.in_whole = context, address, in_whole
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)

    def _listen(self, message) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def _failed(self, request) -> None:
        """What could not be fetched; a page left before its icon came, and a download, are no failures."""
        if request.failure not in ("net::ERR_ABORTED", None):
            self.complaints.append(f"{request.failure}: {request.url}")

    def _answered(self, response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            self.complaints.append(f"{response.status}: {response.url}")

    def sign_in(self, username: str) -> "Visit":
        self.page.goto(f"{self.address}/login/")
        self.page.fill("input[name=username]", username)
        self.page.fill("input[name=password]", cast.PASSWORD)
        self.page.click("main button[type=submit], form button:not([type=button])")
        self.page.wait_for_url(lambda url: "/login/" not in url)
        return self

    def let_in(self, username: str) -> "Visit":
        """Signed in without the form, for who looks at pages only."""
        client = Client()
        client.force_login(Person.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        self.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.address}])
        return self

    def open(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page

    def violations(self, *, again: bool = False) -> list[str]:
        """Serious and critical accessibility violations on the page as it stands.

        ``again`` where it was looked at in another width: contrast is half of axe's time.
        """
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        return self.page.evaluate(SERIOUS, ["color-contrast"] if again else [])

    def overflow(self) -> int:
        """Pixels the page is wider than its window."""
        return self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")

    def troubles_at(self, path: str, *, examine: bool = False, expected: str | None = None) -> list[str]:
        """What a page says in the console, its policy, how far it can be pushed sideways: at a desk and at a phone.

        It is opened in the width the page before was left in. ``examine`` lets axe look at it, which takes longer than
        all else; ``expected`` is a complaint that belongs to the page.
        """
        self.complaints.clear()
        try:
            answer = self.page.goto(self.address + path)
        except Error as error:
            if "Download is starting" in str(error):  # a file has no console
                return []
            raise
        policy = answer.headers.get("content-security-policy", "")
        is_strict = "script-src 'self'" in policy and "unsafe" not in policy
        troubles = [] if is_strict else [f"{path}: no strict policy"]
        first = self.page.viewport_size
        for size in (first, PHONE if first == WIDE else WIDE):
            if size != first:
                self.page.set_viewport_size(size)
            too_wide, shows_file, lacks = self.page.evaluate(DRAWN, cast.SECRECY)
            said = [each for each in self.complaints if not (expected and expected in each)] + lacks
            if too_wide > 0 and not path.startswith("/admin"):
                said.append(f"{too_wide} px too wide")
            said += self.violations(again=size == PHONE) if examine else []
            troubles += [f"{path} {size['width']}: {each}" for each in said]
            self.complaints.clear()  # axe's own in the admin, which allows no inline style
        return troubles + (self.said_in_whole(path) if shows_file else [])

    def said_in_whole(self, path: str) -> list[str]:
        """What a page that shows a PDF says where there is a viewer for it."""
        whole = self.in_whole()
        whole.context.add_cookies(self.context.cookies())
        whole.open(path)
        for size in (WIDE, PHONE):
            whole.page.set_viewport_size(size)
            whole.page.evaluate(DRAWN, cast.SECRECY)
        has_viewer = whole.page.evaluate("navigator.pdfViewerEnabled")
        said = whole.complaints if has_viewer else [*whole.complaints, "no viewer"]
        whole.context.close()
        return [f"{path} in whole: {each}" for each in said]


@pytest.fixture
def visit(browsers, live_server, people, transactional_db, settings):
    """``visit()`` opens a new wide window, ``visit(phone=True)`` a narrow one, ``script=False`` without JavaScript.

    ``names`` are the browsers it may be opened in.
    """
    settings.ALLOWED_HOSTS = ["*"]
    contexts = []

    def open_window(*, phone: bool = False, script: bool = True, names: Sequence[str] = SHELL) -> Visit:
        context = browsers(names).new_context(
            viewport=PHONE if phone else WIDE, locale="zh-CN", java_script_enabled=script, accept_downloads=True
        )
        context.set_default_timeout(30_000)
        contexts.append(context)
        return Visit(context, live_server.url, in_whole=partial(open_window, names=WHOLE))

    yield open_window
    for context in contexts:
        context.close()
