"""排版: a sheet to a PDF. Where it holds tables it is laid out twice: the second time every row is whole lines of the grid."""

from django.template.loader import render_to_string
from weasyprint.formatting_structure import boxes

from accountability.papers import layout
from accountability.papers.blocks import Block, Heading, Table, line_of
from accountability.papers.characters import missing_from
from accountability.papers.printing import Paper, installed_fonts, lay_out, put_on_paper
from accountability.papers.sheet import Sheet

TYPE_AREA = 156  # mm
TITLE_WIDEST = {"official": 20, "plain": 20, "pledge": 15}
ON_THE_GRID = ("official", "plain")
PAGE_LINES = 20  # what is left of 22 under a table's head and caption
MM = 25.4 / 96  # of a CSS pixel
USUAL, DENSE, CELL_PADDING = 4.3, 3.75, 3.4  # mm: a character in a table, and both paddings of a cell
SHORT = 6  # rows of a table that a page break does not divide
DENSE_FROM = 7  # columns from which a table is set smaller


def typeset(sheet: Sheet) -> Paper:
    document = lay_out(page_of(sheet, {}))
    if sheet.has_table and sheet.form in ON_THE_GRID:
        document = lay_out(page_of(sheet, lines_of_rows(document)))
    return put_on_paper(document, missing_from(sheet.words()))


def lines_of_rows(document) -> dict[str, int]:
    """How many lines of the grid each table row takes, read from the first layout. A row of more than a page stays free."""
    lines: dict[str, int] = {}
    for page in document.pages:
        for box in page._page_box.descendants():  # WeasyPrint offers no other way to what it measured
            if isinstance(box, boxes.TableRowBox) and (name := box.element.get("data-row")):
                before = 0 if name.endswith("-0") else lines.get(name, 0)  # a head is repeated, a long row goes on
                lines[name] = before + layout.lines_of(box.height * MM)
    return {name: count for name, count in lines.items() if count < PAGE_LINES}


def page_of(sheet: Sheet, lines: dict[str, int]) -> str:
    issuer = line_of(sheet.issuer)
    mark = issuer if issuer.endswith("文件") else issuer + "文件"
    day = f"{sheet.dated_on:%Y年}0月00日" if sheet.dated_on else ""
    size, scale = layout.mark_shape(mark)
    names = layout.name_lines(line_of(sheet.signature))
    context = {
        "sheet": sheet,
        "blocks": [
            shown(block, number, lines) | {"last": number == len(sheet.blocks)}
            for number, block in enumerate(sheet.blocks, 1)
        ],
        "fonts": installed_fonts(),
        "author": line_of(sheet.signature),
        "plain_title": line_of(sheet.title),
        "title_lines": layout.title_lines(sheet.title, issuer, TITLE_WIDEST[sheet.form]) or [""],
        "mark": mark,
        "mark_size": size,
        "mark_scale": scale,
        "date_indent": round(layout.date_indent(max(names, key=len), day), 2),
        "name_lines": names,
        "parties": [signer for signer in sheet.signers if signer.organisation],
    }
    return render_to_string(f"papers/{sheet.form}.html", context)


def shown(block: Block, number: int, lines: dict[str, int]) -> dict:
    """What the template asks of a block."""
    if isinstance(block, Heading):
        face = {1: "hei", 2: "kai"}.get(block.level, "fang")
        return {"kind": "heading", "rank": block.level + 1, "face": face, "text": block.text}
    if isinstance(block, Table):
        return _shown_table(block, number, lines)
    return {"kind": "paragraph", "paragraph": block}


def _shown_table(table: Table, number: int, lines: dict[str, int]) -> dict:
    dense = len(table.header) >= DENSE_FROM
    widths = layout.column_widths(table, TYPE_AREA, size=DENSE if dense else USUAL, padding=CELL_PADDING)
    centred = layout.centred_columns(table)
    return {
        "kind": "table",
        "number": number,
        "dense": dense,
        "is_short": len(table.rows) <= SHORT,
        "caption": table.caption,
        "widths": [f"{each:.2f}" for each in widths],
        "header": table.header,
        "header_lines": lines.get(f"{number}-0"),
        "rows": [
            {
                "lines": lines.get(f"{number}-{place}"),
                "cells": [{"text": cell, "centred": middle} for cell, middle in zip(row, centred, strict=True)],
            }
            for place, row in enumerate(table.rows, 1)
        ],
    }
