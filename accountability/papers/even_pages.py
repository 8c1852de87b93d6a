"""Even pages for WeasyPrint (written for 70.0; importing it is enough): ``break-before: left`` where it is needed only.

版记 stands at the foot of the last side of the last leaf, the even one (GB/T 9704 7.4). ``left`` would leave a page that
is a left one already and waste a leaf; here it breaks from a right page alone, and not from the first, which may be the
only one. ``verso`` breaks always.
"""

from weasyprint.layout import block

_breaks = block.force_page_break


def force_page_break(page_break, context):
    if page_break == "left" and (context.current_page == 1 or context.current_page % 2 == 0):
        return False
    return _breaks(page_break, context)


block.force_page_break = force_page_break
