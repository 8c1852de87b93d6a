"""Inter-character justification for WeasyPrint (written for 70.0; importing it is enough).

WeasyPrint stretches spaces only, so a Chinese line that kinsoku or digits cut short keeps a ragged end.
Line breaking is not touched: with or without this module every page holds the same text.
"""

from weasyprint.formatting_structure import boxes
from weasyprint.layout import inline
from weasyprint.text.line_break import create_layout

_stretch_spaces = inline.justify_line


def _texts(box):
    for child in box.children:
        if isinstance(child, boxes.TextBox):
            yield child
        elif isinstance(child, (boxes.LineBox, boxes.InlineBox)):
            yield from _texts(child)


def _shift(box, gap, advance, context):
    for child in box.children:
        if isinstance(child, boxes.TextBox):
            child.position_x += advance
            style = child.style.copy()
            spacing = style["letter_spacing"]
            style["letter_spacing"] = (0 if spacing == "normal" else spacing) + gap
            layout = create_layout(child.text, style, context, None, 0)
            layout.deactivate()
            child.style, child.pango_layout = style, layout
            child.width += gap * len(child.text)
            advance += gap * len(child.text)
        elif isinstance(child, boxes.InlineBox):
            child.position_x += advance
            before = advance
            advance = _shift(child, gap, advance, context)
            child.width += advance - before
        elif child.is_in_normal_flow():
            child.translate(advance, 0)
    return advance


def justify_line(context, line, extra_width):
    count = sum(len(box.text) for box in _texts(line))
    size = line.style["font_size"]
    if count < 8 or not 0 < extra_width < 2.2 * size:
        _stretch_spaces(context, line, extra_width)
        return
    line.width += _shift(line, extra_width / (count - 1), 0, context)


inline.justify_line = justify_line
