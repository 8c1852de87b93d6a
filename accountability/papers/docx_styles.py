"""样式: the styles of our .docx. Built-in ones where Word has them, so that its navigation and its table of contents work."""

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor, Twips

RED = RGBColor(0xD7, 0x00, 0x0F)
FACES = {"fang": "仿宋_GB2312", "kai": "楷体_GB2312", "hei": "黑体", "biaosong": "方正小标宋简体", "song": "宋体"}
LATIN = "Times New Roman"
LEFT, CENTER, RIGHT, BOTH = (
    WD_ALIGN_PARAGRAPH.LEFT,
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.RIGHT,
    WD_ALIGN_PARAGRAPH.JUSTIFY,
)
EXHIBIT_TITLE, EXHIBIT_PICTURE, EXHIBIT_CELL = "图表题", "图表图", "图表文字"
ANNEX_MARK, ANNEX_TITLE = "附件标记", "附件标题"
# What stands around the text and is no part of it: left out when the file comes back. So are tables and charts drawn
# from figures, but for the line that names them, and everything from the first annex on.
FURNITURE = {
    "公文红头": ("biaosong", 45, CENTER),
    "公文文号": ("fang", 16, CENTER),
    "公文主送": ("fang", 16, BOTH),
    "公文副题": ("kai", 16, CENTER),
    "公文附件": ("fang", 16, LEFT),
    "公文署名": ("fang", 16, RIGHT),
    "公文版记": ("fang", 14, LEFT),
    "公文空行": ("fang", 16, LEFT),
    "公文页码": ("song", 14, LEFT),
    "公文核验": ("song", 7.5, LEFT),
    "公文草稿": ("hei", 10.5, RIGHT),
    "签署编号": ("song", 10.5, LEFT),
    "签署栏": ("fang", 14, LEFT),
    EXHIBIT_TITLE: ("hei", 12, CENTER),
    EXHIBIT_PICTURE: ("fang", 12, CENTER),
    EXHIBIT_CELL: ("fang", 12, LEFT),
    ANNEX_MARK: ("hei", 16, LEFT),
}
TEXT = {  # style, face, size, alignment, first-line indent in characters
    "Title": ("biaosong", 22, CENTER, 0),
    "Heading 1": ("hei", 16, BOTH, 2),
    "Heading 2": ("kai", 16, BOTH, 2),
    "Heading 3": ("fang", 16, BOTH, 2),
    "Heading 4": ("fang", 16, BOTH, 2),
    "Caption": ("hei", 14, CENTER, 0),
    "表格文字": ("fang", 12, LEFT, 0),
    ANNEX_TITLE: ("biaosong", 22, CENTER, 0),
}
CELLS = ("表格文字", EXHIBIT_CELL)

AFTER_SNAP = (
    "w:spacing", "w:ind", "w:contextualSpacing", "w:mirrorIndents", "w:suppressOverlap", "w:jc", "w:textDirection",
    "w:textAlignment", "w:textboxTightWrap", "w:outlineLvl", "w:divId", "w:cnfStyle", "w:rPr", "w:sectPr", "w:pPrChange",
)  # fmt: skip
AFTER_BORDERS = (
    "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:wordWrap", "w:overflowPunct", "w:topLinePunct",
    "w:autoSpaceDE", "w:autoSpaceDN", "w:bidi", "w:adjustRightInd", "w:snapToGrid", *AFTER_SNAP,
)  # fmt: skip
# 16 pt is wider than a 28th of 156 mm. The pitch is a property of the characters, so that every program sets 28;
# the grid of the page says the same, but Word, WPS and LibreOffice each snap to it differently.
TIGHT = -6  # twentieths of a point: 28 characters fit with a rest that justification spreads, 29 do not


def add_styles(document, line: float) -> None:
    """``line``: the pitch of the lines in mm."""
    _set(document.styles["Normal"], "fang", 16, BOTH, 2, line)
    _speak_chinese(document)
    for name, (face, size, alignment, indent) in TEXT.items():
        _set(_style(document, name), face, size, alignment, indent, 6 if name in CELLS else line)
    for name, (face, size, alignment) in FURNITURE.items():
        _set(_style(document, name), face, size, alignment, 0, 6 if name in CELLS else line)
    _finish(document)


def _style(document, name: str):
    if name in (style.name for style in document.styles):
        return document.styles[name]
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Normal"]
    style.element.styleId = f"Sheet{len(document.styles)}"  # some programs expect plain letters
    style.quick_style = True
    return style


def _set(style, face: str, size: float, alignment, indent: int, line: float) -> None:
    rules = style.element.get_or_add_rPr()
    for old in list(rules):
        rules.remove(old)
    fonts = rules.get_or_add_rFonts()
    for name in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{name}"), LATIN)
    fonts.set(qn("w:eastAsia"), FACES[face])
    style.font.size, style.font.color.rgb = Pt(size), RGBColor(0, 0, 0)
    style.font.bold = style.font.italic = False
    _leave_grid(style, tight=size == 16)
    _set_paragraph(style, alignment, indent, line)


def _leave_grid(style, *, tight: bool) -> None:
    characters = style.element.get_or_add_rPr()
    colour = characters.find(qn("w:color"))
    colour.addprevious(_off("w:snapToGrid"))
    if tight:
        spacing = OxmlElement("w:spacing")
        spacing.set(qn("w:val"), str(TIGHT))
        colour.addnext(spacing)
    lines = style.element.get_or_add_pPr()
    for tag in ("w:autoSpaceDE", "w:autoSpaceDN", "w:snapToGrid"):  # 2026年 is as wide as it is in the PDF
        for old in lines.findall(qn(tag)):
            lines.remove(old)
        lines.insert_element_before(_off(tag), *AFTER_SNAP)


def _off(tag: str):
    element = OxmlElement(tag)
    element.set(qn("w:val"), "0")
    return element


def _set_paragraph(style, alignment, indent: int, line: float) -> None:
    rules = style.element.get_or_add_pPr()
    for tag in ("w:pBdr", "w:ind", "w:contextualSpacing", "w:spacing"):
        for old in rules.findall(qn(tag)):
            rules.remove(old)
    shape = style.paragraph_format
    shape.alignment, shape.space_before, shape.space_after = alignment, Pt(0), Pt(0)
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Twips(int(line / 25.4 * 1440))
    shape.widow_control = False  # it would break the 22 lines
    indents = rules.get_or_add_ind()
    indents.set(qn("w:firstLineChars"), str(indent * 100))
    indents.set(qn("w:firstLine"), str(round(indent * 156 / 28 / 25.4 * 1440)))


def _finish(document) -> None:
    """What a single style has of its own."""
    styles = document.styles
    mark = styles["公文红头"]
    mark.font.color.rgb = styles["公文草稿"].font.color.rgb = RED
    mark.paragraph_format.space_before, mark.paragraph_format.space_after = Mm(33), Mm(20)
    mark.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    insert_borders(styles["公文文号"].element.get_or_add_pPr(), bottom=(18, "D7000F", 11))
    insert_borders(styles["公文版记"].element.get_or_add_pPr(), top=(8, "000000", 1), bottom=(8, "000000", 1))
    styles["公文版记"].element.get_or_add_pPr().get_or_add_ind().set(qn("w:leftChars"), "100")
    styles["Caption"].paragraph_format.keep_with_next = True
    styles[ANNEX_TITLE].element.get_or_add_pPr().append(outline := OxmlElement("w:outlineLvl"))
    outline.set(qn("w:val"), "0")  # a heading of its own, to which Word's navigation leads
    styles[ANNEX_TITLE].paragraph_format.space_after = Mm(4)
    styles[ANNEX_MARK].paragraph_format.page_break_before = True
    for name in (ANNEX_MARK, ANNEX_TITLE, EXHIBIT_PICTURE):
        styles[name].paragraph_format.keep_with_next = True
    for name in (ANNEX_TITLE, EXHIBIT_TITLE, EXHIBIT_PICTURE):  # who goes on typing behind it types text
        styles[name].next_paragraph_style = styles["Normal"]
    styles[EXHIBIT_PICTURE].paragraph_format.space_before = Mm(2)
    for name in ("公文核验", "公文页码", EXHIBIT_PICTURE):
        styles[name].paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE


def insert_borders(rules, **sides: tuple[int, str, int]) -> None:
    """Rules of a paragraph, at the place the schema wants them: bottom=(eighths of a point, colour, points away)."""
    borders = OxmlElement("w:pBdr")
    for side, (size, colour, space) in sides.items():
        border = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", size), ("space", space), ("color", colour)):
            border.set(qn(f"w:{name}"), str(value))
        borders.append(border)
    rules.insert_element_before(borders, *AFTER_BORDERS)


def _speak_chinese(document) -> None:
    defaults = document.styles.element.find(qn("w:docDefaults"))
    for language in defaults.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-US")
        language.set(qn("w:eastAsia"), "zh-CN")
