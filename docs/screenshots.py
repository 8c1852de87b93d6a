"""Draw the screenshots of the documents from a running demo: ``make screenshots``.

Usage: docs/screenshots.py ADDRESS PASSWORD. Signs in as each role and writes docs/screenshots/*.png.
"""

import sys
from pathlib import Path
from shutil import which

from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).parent / "screenshots"
WIDE, PHONE = (1440, 900), (390, 844)
PICTURES = (
    ("dashboard", "discipline", "/supervision/", WIDE),
    ("ledger", "office", "/ledger/?state=late&state=soon", WIDE),
    ("home-secretary", "secretary", "/", WIDE),
    ("home-liaison", "liaison", "/", WIDE),
    ("home-liaison-phone", "liaison", "/", PHONE),
    ("meeting-form", "office", "/meetings/new/?kind=warning-meeting", WIDE),
    ("documents", "office", "/documents/", WIDE),
    ("lists", "office", "/lists/", WIDE),
    ("reports", "secretary", "/reports/?view=unit", WIDE),
    ("report", "office", "/reports/1/", WIDE),
)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def main(address: str, password: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=which("chromium"), args=ARGUMENTS)
        for name, username, path, size in PICTURES:
            draw(browser, address, password, name, username, path, size)
        browser.close()


def draw(browser: Browser, address: str, password: str, name: str, username: str, path: str, size: tuple) -> None:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{address}/login/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", password)
    page.click("form button[type=submit]")
    page.goto(address + path)
    page.screenshot(path=FOLDER / f"{name}.png")
    context.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
