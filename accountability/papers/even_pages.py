"""Even pages for WeasyPrint (written for 70.0; importing it is enough): ``break-before: left`` where it is needed only.

版记 stands at the foot of the last side of the last leaf, the even one (GB/T 9704 7.4). ``left`` would leave a page that
is a left one already and waste a leaf; here it breaks from a right page alone, and not from the first, which may be the
only one.
"""

from weasyprint.formatting_structure import boxes
from weasyprint.layout import block

_breaks = block.force_page_break
NUMBER = "—"


def force_page_break(page_break, context):
    if page_break == "left" and (context.current_page == 1 or context.current_page % 2 == 0):
        return False
    return _breaks(page_break, context)


block.force_page_break = force_page_break


def leave_unnumbered(document) -> None:
    """空白页: a blank page before 版记, and the page of 版记, bear no number (GB/T 9704 7.5)."""
    last = [page._page_box for page in document.pages[-2:]]
    if len(last) == 2 and not any(
        _drawn(child) for child in last[0].children if not isinstance(child, boxes.MarginBox)
    ):
        for page in last:
            page.children = tuple(child for child in page.children if not _is_number(child))


def _drawn(box) -> bool:
    return any(isinstance(each, boxes.TextBox | boxes.ReplacedBox) for each in box.descendants())


def _is_number(box) -> bool:
    if not isinstance(box, boxes.MarginBox):
        return False
    return any(isinstance(each, boxes.TextBox) and each.text.startswith(NUMBER) for each in box.descendants())
