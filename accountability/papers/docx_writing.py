"""出 Word: a sheet as .docx with real styles, real tables and the grid of 22 lines and 28 characters, for Word and WPS."""

from collections.abc import Mapping
from datetime import date
from io import BytesIO

from docx import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph as DocxParagraph

from accountability.papers import layout
from accountability.papers.blocks import Block, Exhibit, Heading, Paragraph, Picture, Table, is_group, line_of
from accountability.papers.docx_styles import (
    ANNEX_MARK,
    ANNEX_TITLE,
    EXHIBIT_CELL,
    EXHIBIT_PICTURE,
    EXHIBIT_TITLE,
    FACES,
    add_styles,
    insert_borders,
)
from accountability.papers.pictures import png
from accountability.papers.references import CODE, without_references
from accountability.papers.sheet import Sheet, Signer

MARGINS = {
    "official": (37, 26, 35, 28),
    "plain": (37, 26, 35, 28),
    "pledge": (25, 26, 25, 28),
}  # mm, clockwise from the top
LINES = {"official": 225 / 22, "plain": 225 / 22, "pledge": 9.5}  # mm
CHARACTER = 156 / 28  # mm
CELL_PADDING = 4.0  # mm
CELL_SIZES = ((11, 9, 3.4), (7, 10.5, 3.95), (0, 12, 4.5))  # from how many columns: points, and mm of a character
ROW_HEIGHT = 480  # twentieths of a point
NO_DAY = "　　　　年　　月　　日"


def write_docx(sheet: Sheet, exhibits: Mapping[str, Block]) -> bytes:
    document = Document()
    _describe(document, sheet)
    _set_page(document, sheet)
    add_styles(document, LINES[sheet.form])
    _set_corners(document, sheet)
    {"official": _official_head, "pledge": _pledge_head, "plain": _plain_head}[sheet.form](document, sheet)
    if sheet.addressee:
        _line(document, line_of(sheet.addressee) + "：", "公文主送")
    for block in sheet.blocks:
        _add_exhibit(document, block, exhibits) if isinstance(block, Exhibit) else _add_block(document, block)
    {"official": _official_foot, "pledge": _pledge_foot, "plain": _plain_foot}[sheet.form](document, sheet)
    content = BytesIO()
    document.save(content)
    return content.getvalue()


def _describe(document, sheet: Sheet) -> None:
    told = document.core_properties
    told.title, told.author, told.language = line_of(sheet.title), line_of(sheet.signature), sheet.language
    told.comments = told.keywords = told.last_modified_by = ""
    for element in list(told._element):
        if element.tag.endswith(("}created", "}modified")):  # the template's: 2013
            told._element.remove(element)


# The page: margins, grid, corners


def _set_page(document, sheet: Sheet) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    top, right, bottom, left = MARGINS[sheet.form]
    section.top_margin, section.right_margin, section.bottom_margin, section.left_margin = map(
        Mm, (top, right, bottom, left)
    )
    section.header_distance, section.footer_distance = Mm(15), Mm(max(8, bottom - 13))
    for old in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(old)
    pitch = round(LINES[sheet.form] / 25.4 * 1440)
    spacing = round((CHARACTER / 25.4 * 72 - 16) * 4096)  # of a point, from the 16 pt of the body text
    grid = _element("w:docGrid", type="linesAndChars", linePitch=pitch - 1, charSpace=spacing)
    section._sectPr.append(grid)


def _set_corners(document, sheet: Sheet) -> None:
    """Page numbers at the outer corner, so odd and even pages differ; the draft mark and the verification beside them."""
    section = document.sections[0]
    document.settings.odd_and_even_pages_header_footer = sheet.form != "pledge"
    _footer(section.footer, sheet, WD_ALIGN_PARAGRAPH.CENTER if sheet.form == "pledge" else WD_ALIGN_PARAGRAPH.RIGHT)
    _header(section.header, sheet)
    if sheet.form != "pledge":
        _footer(section.even_page_footer, sheet, WD_ALIGN_PARAGRAPH.LEFT)
        _header(section.even_page_header, sheet)


def _footer(footer, sheet: Sheet, corner) -> None:
    number = footer.paragraphs[0]
    number.style, number.alignment = "公文页码", corner
    _indent(number, leftChars=100, rightChars=100)
    number.add_run("— ")
    _field(number, "PAGE")
    number.add_run(" —")
    if sheet.verification:
        footer.add_paragraph(line_of(sheet.verification), "公文核验")


def _header(header, sheet: Sheet) -> None:
    mark = header.paragraphs[0]
    mark.style = "公文草稿"
    if sheet.is_draft:
        mark.add_run("草稿　未经签发，不作为正式文书")


def _field(paragraph: DocxParagraph, code: str) -> None:
    for kind, inside in (("begin", ""), ("", code), ("separate", ""), ("text", "1"), ("end", "")):
        run = paragraph.add_run(inside if kind == "text" else "")
        if kind in ("begin", "separate", "end"):
            run._r.append(_element("w:fldChar", fldCharType=kind))
        elif not kind:
            told = _element("w:instrText")
            told.text = f" {inside} "
            run._r.append(told)


# Heads


def _official_head(document, sheet: Sheet) -> None:
    issuer = line_of(sheet.issuer)
    if issuer:
        mark = issuer if issuer.endswith("文件") else issuer + "文件"
        run = _line(document, mark, "公文红头").runs[0]
        size, scale = layout.mark_shape(mark)
        run._r.get_or_add_rPr().append(_element("w:w", val=round(scale * 100)))
        run.font.size = Pt(size)
    number = _line(document, line_of(sheet.shown_number), "公文文号")
    for signer in sheet.signers:
        number.add_run(f"\t{line_of(signer.label) or '签发人'}：")
        _face(number.add_run(line_of(signer.name)), "kai")
    if sheet.signers:  # one character in on both sides, by a space and a tab: the red line below keeps its full width
        number.runs[0].text = "　" + number.runs[0].text
        number.alignment = WD_ALIGN_PARAGRAPH.LEFT
        number.paragraph_format.tab_stops.add_tab_stop(Mm(150), WD_TAB_ALIGNMENT.RIGHT)
    _blank(document, 2)
    _title(document, sheet)
    _blank(document)


def _pledge_head(document, sheet: Sheet) -> None:
    document.styles["Title"].paragraph_format.space_before = Mm(3)
    top = _line(document, f"编号：{line_of(sheet.shown_number)}", "签署编号")
    if sheet.copies_to:
        top.add_run("\t" + line_of(sheet.copies_to))
        top.paragraph_format.tab_stops.add_tab_stop(Mm(156), WD_TAB_ALIGNMENT.RIGHT)
    _title(document, sheet)
    if sheet.subtitle:
        _line(document, line_of(sheet.subtitle), "公文副题")
    insert_borders(document.paragraphs[-1]._p.get_or_add_pPr(), bottom=(12, "D7000F", 6))
    document.paragraphs[-1].paragraph_format.space_after = Mm(3)
    for signer in sheet.signers:
        if signer.organisation:
            party = _line(document, "", "签署栏")
            _face(party.add_run(f"{line_of(signer.label)}："), "hei")
            party.add_run(line_of(signer.organisation))


def _plain_head(document, sheet: Sheet) -> None:
    _title(document, sheet)
    for told in (sheet.signature, sheet.subtitle):
        if told:
            _line(document, line_of(told), "公文副题")
    _blank(document)


def _title(document, sheet: Sheet) -> None:
    rows = layout.title_lines(sheet.title, line_of(sheet.issuer), 15 if sheet.form == "pledge" else 20)
    _break_lines(_line(document, "", "Title"), rows)


def _break_lines(paragraph: DocxParagraph, rows: list[str]) -> None:
    for number, row in enumerate(rows):
        run = paragraph.add_run(line_of(row))
        if number < len(rows) - 1:
            run.add_break()


# The body


def _add_block(document, block: Block) -> None:
    if isinstance(block, Heading):
        _add_text(_line(document, "", f"Heading {block.level}"), block.text)
    elif isinstance(block, Table):
        if block.caption:
            _line(document, block.caption, "Caption")
        _add_table(document, block, "表格文字")
    else:
        _add_paragraph(document, block)


def _add_paragraph(document, block: Paragraph) -> None:
    paragraph = _line(document, "", "Normal")
    if block.lead:
        _add_text(paragraph, block.lead, "hei" if block.level == 1 else "kai")
    _add_text(paragraph, block.text[len(block.lead) :])


def _add_text(paragraph: DocxParagraph, text: str, face: str = "") -> None:
    """Codes of figures are there but hidden, so that a number edited in Word still says where it comes from."""
    at = 0
    for code in CODE.finditer(text):
        _add_run(paragraph, text[at : code.start()], face)
        paragraph.add_run(code.group()).font.hidden = True
        at = code.end()
    _add_run(paragraph, text[at:], face)


def _add_run(paragraph: DocxParagraph, text: str, face: str) -> None:
    if text and face:
        _face(paragraph.add_run(text), face)
    elif text:
        paragraph.add_run(text)


def _add_exhibit(document, exhibit: Exhibit, exhibits: Mapping[str, Block]) -> None:
    """What the line stands for, the line itself hidden in its title; a name that nothing is known of stays to be read."""
    drawn = exhibits.get(exhibit.name)
    if isinstance(drawn, Picture | Table):
        _draw(document, drawn, drawn.caption or exhibit.name, exhibit.text)
        _blank(document)
        document.paragraphs[-1].paragraph_format.line_spacing = Pt(8)
    else:
        _line(document, exhibit.text, "Normal")


def _draw(document, drawn: Picture | Table, title: str, hidden: str = "") -> None:
    """A table under its title, a picture above it."""
    if isinstance(drawn, Picture):
        _add_picture(document, drawn)
    if title or hidden:
        line = _line(document, "", EXHIBIT_TITLE)
        if hidden:
            line.add_run(hidden).font.hidden = True
        line.add_run(line_of(title))
        line.paragraph_format.keep_with_next = isinstance(drawn, Table)
    if isinstance(drawn, Table):
        _add_table(document, drawn, EXHIBIT_CELL)


def _add_picture(document, picture: Picture) -> None:
    run = _line(document, "", EXHIBIT_PICTURE).add_run()
    told = run.add_picture(BytesIO(png(picture.svg)), width=Mm(156))._inline.docPr
    told.set("descr", line_of(picture.alt))
    told.set("title", line_of(picture.caption))


def _add_table(document, block: Table, style: str) -> None:
    read = block.with_cells(without_references)
    size, character = next((size, width) for columns, size, width in CELL_SIZES if len(block.header) >= columns)
    table = document.add_table(0, len(block.header), "Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    widths = layout.column_widths(read, 156, character, CELL_PADDING)
    centred = layout.centred_columns(read)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for number, row in enumerate((block.header, *block.rows)):
        added = table.add_row()
        _set_row(added, is_head=number == 0)
        for cell, text, width, middle in zip(added.cells, row, widths, centred, strict=True):
            cell.width = Mm(width)
            _fill(cell, text, style, size, is_head=number == 0, middle=middle)
        if number and style == EXHIBIT_CELL and is_group(row):  # what is read again stays as it was typed
            added.cells[0].merge(added.cells[-1])
            _keep_with_next(added)


def _keep_with_next(row) -> None:
    """A group's name does not stand alone at the foot of a page."""
    for paragraph in row.cells[0].paragraphs:
        paragraph.paragraph_format.keep_with_next = True


def _set_row(row, *, is_head: bool) -> None:
    rules = row._tr.get_or_add_trPr()
    rules.append(_element("w:cantSplit"))
    rules.append(_element("w:trHeight", val=ROW_HEIGHT, hRule="atLeast"))
    if is_head:
        rules.append(_element("w:tblHeader"))


def _fill(cell, text: str, style: str, size: float, *, is_head: bool, middle: bool) -> None:
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    paragraph = cell.paragraphs[0]
    paragraph.style = style
    if is_head or middle:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _add_text(paragraph, text, "hei" if is_head else "")
    if size < 12:
        paragraph.paragraph_format.line_spacing = Pt(size + 4)
        for run in paragraph.runs:
            run.font.size = Pt(size)


# Feet


def _official_foot(document, sheet: Sheet) -> None:
    _list_annexes(document, sheet)
    if sheet.signature or sheet.dated_on:
        _stamp(document, sheet)
    _add_annexes(document, sheet)
    if sheet.copies_to or sheet.printed_by:
        _blank(document)
    if sheet.copies_to:
        _line(document, f"抄送：{line_of(sheet.copies_to)}", "公文版记")
    if sheet.printed_by:
        last = _line(document, line_of(sheet.printed_by), "公文版记")
        last.add_run(f"\t{_day(sheet.printed_on)}印发" if sheet.printed_on else "")
        last.paragraph_format.tab_stops.add_tab_stop(Mm(151), WD_TAB_ALIGNMENT.RIGHT)


def _list_annexes(document, sheet: Sheet) -> None:
    titles = sheet.annex_titles
    if titles:
        _blank(document)
    for number, annex in enumerate(titles, 1):
        numeral = f"{number}." if len(titles) > 1 else ""
        line = _line(document, ("附件：" if number == 1 else "") + numeral + line_of(annex), "公文附件")
        _indent(line, leftChars=500, **({"hangingChars": 300} if number == 1 else {}))


def _add_annexes(document, sheet: Sheet) -> None:
    for number, annex in enumerate(sheet.annex_pages, 1):
        _line(document, sheet.annex_mark(number), ANNEX_MARK)
        _blank(document)
        document.paragraphs[-1].paragraph_format.keep_with_next = True
        _break_lines(_line(document, "", ANNEX_TITLE), layout.title_lines(line_of(annex.title)))
        for block in annex.blocks:
            _draw(document, block, block.caption) if isinstance(block, Picture | Table) else _add_block(document, block)


def _stamp(document, sheet: Sheet) -> None:
    """The name centred over a date that ends four characters from the right; both stay on one page."""
    _blank(document, 2)
    names, day = layout.name_lines(line_of(sheet.signature)), _day(sheet.dated_on)
    name = max(names, key=len)
    edge, overhang = layout.date_indent(name, day), (layout.width(name) - layout.width(day)) / 2
    for name in names:
        line = _line(document, name, "公文署名")
        line.paragraph_format.keep_with_next = True
        _indent(line, rightChars=round((edge + max(0, -overhang)) * 100))
    _indent(_line(document, day, "公文署名"), rightChars=round((edge + max(0, overhang)) * 100))


def _pledge_foot(document, sheet: Sheet) -> None:
    if not sheet.signers:
        return
    table = document.add_table(1, max(2, len(sheet.signers)))
    table.autofit = False
    cells = table.rows[0].cells
    for cell in cells:
        cell.width = Mm(156 / len(cells))
    for cell, signer in zip(cells[-len(sheet.signers) :], sheet.signers, strict=True):
        _sign(cell, signer)
    if len(sheet.signers) == 1:  # he signs on the right
        cells[0].paragraphs[0].style = "签署栏"
    table.rows[0]._tr.get_or_add_trPr().append(_element("w:cantSplit"))
    last = _line(document, "", "签署栏")  # Word wants a paragraph after a table; it must not open a page
    last.paragraph_format.line_spacing = Pt(1)


def _sign(cell, signer: Signer) -> None:
    first = cell.paragraphs[0]
    first.style, first.paragraph_format.space_before = "签署栏", Mm(6)
    _face(first.add_run(line_of(signer.label)), "hei")
    signed = (
        _face_line(cell, line_of(signer.name), "kai") if signer.signed_on else cell.add_paragraph("（签字）", "签署栏")
    )
    signed.paragraph_format.space_before = Mm(5)
    insert_borders(signed._p.get_or_add_pPr(), bottom=(6, "000000", 1))
    post = "　　".join(filter(None, (line_of(signer.post_title), line_of(signer.name))))
    cell.add_paragraph(post, "签署栏")
    cell.add_paragraph(_day(signer.signed_on), "签署栏").alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if signer.note:
        cell.add_paragraph(("电子签署　" if signer.signed_on else "") + line_of(signer.note), "公文核验")
    for paragraph in cell.paragraphs:
        paragraph.paragraph_format.keep_with_next = True


def _plain_foot(document, sheet: Sheet) -> None:
    _list_annexes(document, sheet)
    _blank(document)
    lines = []
    for signer in sheet.signers:
        lines.append((f"{line_of(signer.label)}：" if signer.label else "") + line_of(signer.name))
        lines += [_day(signer.signed_on)] if signer.signed_on else []
        lines += [line_of(signer.note)] if signer.note else []
    lines += [] if sheet.signers else [line_of(sheet.signature)]
    lines += [_day(sheet.dated_on)] if sheet.dated_on else []
    for line in lines:
        _indent(_line(document, line, "公文署名"), rightChars=200)
    _add_annexes(document, sheet)


# Small things


def _day(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else NO_DAY


def _line(document, text: str, style: str) -> DocxParagraph:
    return document.add_paragraph(line_of(text), style)


def _blank(document, count: int = 1) -> None:
    for _ in range(count):
        document.add_paragraph("", "公文空行")


def _face(run, face: str):
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FACES[face])
    return run


def _face_line(cell, text: str, face: str) -> DocxParagraph:
    paragraph = cell.add_paragraph("", "签署栏")
    _face(paragraph.add_run(text), face).font.size = Pt(22)
    return paragraph


def _indent(paragraph: DocxParagraph, **sides: int) -> None:
    """In hundredths of a character, as Word counts Chinese indents."""
    indents = paragraph._p.get_or_add_pPr().get_or_add_ind()
    if "hangingChars" not in sides:
        sides = {"firstLineChars": 0, **sides}
    for side, value in sides.items():
        indents.set(qn(f"w:{side}"), str(value))
        indents.set(qn(f"w:{side.removesuffix('Chars')}"), str(round(value / 100 * CHARACTER / 25.4 * 1440)))


def _element(tag: str, **attributes):
    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), str(value))
    return element
