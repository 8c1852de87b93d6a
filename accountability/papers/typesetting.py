"""排版: a sheet to a PDF. Tables of the text are measured alone first, so that every row is whole lines of the grid."""

import re
from collections.abc import Iterator
from math import ceil

from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import mark_safe
from weasyprint.formatting_structure import boxes

from accountability.papers import layout
from accountability.papers.blocks import Block, Exhibit, Heading, Paragraph, Picture, Table, is_group, line_of
from accountability.papers.characters import missing_from
from accountability.papers.pictures import qr_code
from accountability.papers.printing import Paper, installed_fonts, lay_out, put_on_paper
from accountability.papers.references import without_references
from accountability.papers.sheet import Sheet

TYPE_AREA = 156  # mm
TITLE_WIDEST = {"official": 20, "plain": 20, "pledge": 15}
ON_THE_GRID = ("official", "plain")
PAGE_LINES = 20  # what is left of 22 under a table's head and caption
MM = 25.4 / 96  # of a CSS pixel
USUAL, CELL_PADDING = 4.3, 3.4  # mm: a character in a table, and both paddings of a cell
SIZES = ((11, 3.2, "dense densest"), (7, 3.75, "dense"))  # from how many columns a table is set smaller: mm, its class
IMPRINT_LINE, COPIES_A_LINE = 9, 26  # mm, characters
SHORT = 6  # rows of a table that a page break does not divide
TITLE, OPENING = re.compile("<title>.*?</title>", re.DOTALL), re.compile("<svg[^>]*>")


def typeset(sheet: Sheet) -> Paper:
    lines = {}
    if sheet.has_table and sheet.form in ON_THE_GRID:
        lines = lines_of_rows(lay_out(page_of(sheet, {}, tables_only=True)))
    return put_on_paper(lay_out(page_of(sheet, lines)), missing_from(sheet.words()))


def lines_of_rows(document) -> dict[str, int]:
    """How many lines of the grid each table row takes. A row of more than a page stays free."""
    lines: dict[str, int] = {}
    for page in document.pages:
        for box in page._page_box.descendants():  # WeasyPrint offers no other way to what it measured
            if isinstance(box, boxes.TableRowBox) and (name := box.element.get("data-row")):
                before = 0 if name.endswith("-0") else lines.get(name, 0)  # a head is repeated, a long row goes on
                lines[name] = before + layout.lines_of(box.height * MM)
    return {name: count for name, count in lines.items() if count < PAGE_LINES}


def page_of(sheet: Sheet, lines: dict[str, int], *, tables_only: bool = False) -> str:
    """The HTML that is printed, or what is measured of it."""
    issuer = line_of(sheet.issuer)
    mark = issuer if issuer.endswith("文件") else issuer + "文件"
    day = f"{sheet.dated_on:%Y年}0月00日" if sheet.dated_on else ""
    size, scale = layout.mark_shape(mark)
    names = layout.name_lines(line_of(sheet.signature))
    context = {
        "sheet": sheet,
        "blocks": list(_body(sheet, lines, tables_only)),
        "annex_pages": [] if tables_only else list(_annex_pages(sheet)),
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
        "imprint_height": imprint_height(sheet),
        "qr_code": mark_safe(qr_code(sheet.verify_url)) if sheet.verify_url else "",  # noqa: S308  (squares and a title)
    }
    return render_to_string(f"papers/{sheet.form}.html", context)


def imprint_height(sheet: Sheet) -> int:
    """版记 in mm, rather too much than too little, to know whether a page has room for it; 0 for none."""
    copies = ceil((layout.width(line_of(sheet.copies_to)) + 1) / COPIES_A_LINE) if sheet.copies_to else 0
    rows = copies + bool(sheet.printed_by)
    return IMPRINT_LINE * rows + 1 if rows else 0


def _body(sheet: Sheet, lines: dict[str, int], tables_only: bool) -> Iterator[dict]:
    """Exhibits are left out: the annexes hold them."""
    blocks = [block for block in sheet.blocks if not isinstance(block, Exhibit)]
    for number, block in enumerate(blocks, 1):
        if isinstance(block, Table) or not tables_only:
            yield shown(block, number, lines) | {"last": number == len(blocks)}


def _annex_pages(sheet: Sheet) -> Iterator[dict]:
    for number, annex in enumerate(sheet.annex_pages, 1):
        blocks = [block for block in annex.blocks if not isinstance(block, Exhibit)]
        yield {
            "mark": sheet.annex_mark(number),
            "title_lines": layout.title_lines(line_of(annex.title)) or [""],
            "blocks": [shown(block, 0, {}) for block in blocks],
        }


def shown(block: Block, number: int, lines: dict[str, int]) -> dict:
    """What the template asks of a block; ``number`` names a table whose rows are measured, 0 one that is not."""
    if isinstance(block, Heading):
        face = {1: "hei", 2: "kai"}.get(block.level, "fang")
        return {"kind": "heading", "rank": block.level + 1, "face": face, "text": without_references(block.text)}
    if isinstance(block, Table):
        return _shown_table(block, number, lines)
    if isinstance(block, Picture):
        return {"kind": "picture", "svg": mark_safe(_named(block)), "caption": block.caption}  # noqa: S308  (drawn by code)
    return {"kind": "paragraph", "paragraph": Paragraph(without_references(block.text))}


def _named(picture: Picture) -> str:
    """The drawing with its alternative as its title: that is what becomes /Alt."""
    title = f"<title>{escape(picture.alt)}</title>"
    if TITLE.search(picture.svg):
        return TITLE.sub(lambda _: title, picture.svg, count=1)
    return OPENING.sub(lambda opening: opening.group() + title, picture.svg, count=1)


def _shown_table(table: Table, number: int, lines: dict[str, int]) -> dict:
    table = table.with_cells(without_references)
    size = next((size for columns, size, _ in SIZES if len(table.header) >= columns), USUAL)
    widths = layout.column_widths(table, TYPE_AREA, size=size, padding=CELL_PADDING)
    centred = layout.centred_columns(table)
    return {
        "kind": "table",
        "number": number,
        "size": next((name for columns, _, name in SIZES if len(table.header) >= columns), ""),
        "is_short": len(table.rows) <= SHORT,
        "caption": table.caption,
        "widths": [f"{each:.2f}" for each in widths],
        "header": table.header,
        "header_lines": lines.get(f"{number}-0"),
        "rows": [
            {
                "lines": lines.get(f"{number}-{place}"),
                "is_group": is_group(row),
                "cells": [{"text": cell, "centred": middle} for cell, middle in zip(row, centred, strict=True)],
            }
            for place, row in enumerate(table.rows, 1)
        ],
    }
