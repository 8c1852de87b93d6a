"""Hands on the keyboard alone: what is reached by Tab must be seen to have the focus."""

import re

FOCUSED = "document.activeElement.innerText || document.activeElement.ariaLabel || document.activeElement.name || ''"
SHOWN = """() => {
    const style = getComputedStyle(document.activeElement);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none";
}"""


def tab_to(page, words: str, most: int = 200) -> None:
    """Press Tab until what has the focus says so (a pattern); it must be seen to have it."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if re.search(words, page.evaluate(FOCUSED)):
            assert page.evaluate(SHOWN), f"{words}: nothing shows where the focus is"
            return
    raise AssertionError(f"{words} is not reached by Tab")


def press(page, words: str) -> None:
    tab_to(page, words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def type_in(page, name: str, text: str) -> None:
    tab_to(page, f"^{name}$")
    page.keyboard.type(text)
