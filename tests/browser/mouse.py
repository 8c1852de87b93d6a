"""A click that leads to another page."""

from playwright.sync_api import Page


def follow(page: Page, selector: str) -> None:
    """Click it, and go on when the page it leads to has come: a slow machine shows the page before for a while."""
    with page.expect_navigation():
        page.click(selector)
