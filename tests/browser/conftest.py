"""A real Chromium, driven by Playwright; the console must stay empty and axe must find nothing serious."""

from collections.abc import Iterator
from shutil import which

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from accountability.models import Person
from tests import cast

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
AXE = Axe().axe_script
SERIOUS = """async (rules) => (await axe.run({resultTypes: ["violations"], rules})).violations
    .filter((each) => ["serious", "critical"].includes(each.impact))
    .map((each) => `${each.id}: ${each.help} ${each.nodes.slice(0, 3).map((node) => node.html.slice(0, 120))}`)"""
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = which("chromium") or which("chromium-browser") or which("google-chrome")
    assert path, "Chromium is missing: `make test` installs it (Debian package chromium)."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


class Visit:
    """One person at one browser: signs in by the form, keeps an eye on the console."""

    def __init__(self, context: BrowserContext, address: str):
        self.context, self.address = context, address
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

    def violations(self, *, colours: bool = True) -> list[str]:
        """Serious and critical accessibility violations on the page as it stands.

        ``colours`` may be left out where the same page was looked at in another width: contrast is half of axe's time.
        """
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        return self.page.evaluate(SERIOUS, {} if colours else {"color-contrast": {"enabled": False}})

    def overflow(self) -> int:
        """Pixels the page is wider than its window."""
        return self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


@pytest.fixture
def visit(chromium, live_server, people, transactional_db, settings):
    """``visit()`` opens a new wide window, ``visit(phone=True)`` a narrow one, ``script=False`` without JavaScript."""
    settings.ALLOWED_HOSTS = ["*"]
    contexts = []

    def open_window(*, phone: bool = False, script: bool = True) -> Visit:
        context = chromium.new_context(
            viewport=PHONE if phone else WIDE, locale="zh-CN", java_script_enabled=script, accept_downloads=True
        )
        context.set_default_timeout(30_000)
        contexts.append(context)
        return Visit(context, live_server.url)

    yield open_window
    for context in contexts:
        context.close()
