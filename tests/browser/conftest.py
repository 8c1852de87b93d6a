"""A real Chromium, driven by Playwright; the console must stay empty and axe must find nothing serious."""

from collections.abc import Iterator
from shutil import which

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests import cast

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
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

    def _listen(self, message) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def sign_in(self, username: str) -> "Visit":
        self.page.goto(f"{self.address}/login/")
        self.page.fill("input[name=username]", username)
        self.page.fill("input[name=password]", cast.PASSWORD)
        self.page.click("main button[type=submit], form button:not([type=button])")
        self.page.wait_for_url(lambda url: "/login/" not in url)
        return self

    def open(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page

    def violations(self) -> list[str]:
        """Serious and critical accessibility violations on the page as it stands."""
        found = Axe().run(self.page).response["violations"]
        return [
            f"{each['id']}: {each['help']} {[node['html'][:120] for node in each['nodes'][:3]]}"
            for each in found
            if each["impact"] in ("serious", "critical")
        ]

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
        context.set_default_timeout(15_000)
        contexts.append(context)
        return Visit(context, live_server.url)

    yield open_window
    for context in contexts:
        context.close()
