"""导出花名册: every sheet sorted, every text as text, every day as a day."""

from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from accountability.models import Organisation, Person, Portfolio, Post
from accountability.services.grants import ADMINISTRATORS
from accountability.services.roster import sheets
from accountability.services.roster.sheets import NO, YES, Sheet

KINDS = {code: label for label, code in sheets.KINDS.items()}
ROLES = {code: label for label, code in sheets.ROLES.items()}
PORTFOLIOS = {code: label for label, code in sheets.PORTFOLIOS.items()}
HEAD = PatternFill("solid", fgColor="F1EEEA")
VALIDATED_ROWS = 2000


def workbook_of() -> bytes:
    """花名册 .xlsx of the whole school as it stands."""
    book = Workbook()
    book.remove(book.active)
    for sheet, rows in (
        (sheets.ORGANISATIONS, _organisations()),
        (sheets.PEOPLE, _people()),
        (sheets.POSTS, _posts()),
        (sheets.PORTFOLIO, _portfolio()),
    ):
        _write(book, sheet, rows)
    _explain(book)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def people_of_the_roster():
    """Everybody but the system, superusers and 三员: those are the system administrator's."""
    return (
        Person.objects.exclude(username="system")
        .exclude(is_superuser=True)
        .exclude(tenures__post__role__in=ADMINISTRATORS)
        .distinct()
    )


def _organisations():
    for row in Organisation.objects.select_related("parent").order_by("path"):
        yield row.name, row.parent.name if row.parent else "", KINDS[row.kind], row.key_area, row.abolished_on


def _people():
    for row in people_of_the_roster().order_by("username"):
        yield row.username, row.name, row.email


def _posts():
    posts = Post.objects.exclude(role__in=ADMINISTRATORS).select_related("organisation__parent")
    for post in posts.order_by("organisation__path", "rank", "id").prefetch_related("tenures__person"):
        head = (post.organisation.name, _parent_of_branch(post.organisation), post.title, ROLES[post.role])
        tenures = sorted(post.tenures.all(), key=lambda row: (row.started_on, row.pk))
        for row in tenures:
            acting = YES if row.is_acting else NO
            yield *head, row.person.username, row.started_on, row.ended_on, acting, post.abolished_on
        if not tenures:
            yield *head, "", None, None, "", post.abolished_on


def _parent_of_branch(organisation: Organisation) -> str:
    return organisation.parent.name if organisation.kind == Organisation.Kind.BRANCH else ""


def _portfolio():
    rows = Portfolio.objects.select_related("post", "organisation").order_by("post__rank", "post_id", "kind")
    for row in rows.order_by("post__rank", "post_id", "kind", "organisation__path", "started_on"):
        yield row.post.title, row.organisation.name, PORTFOLIOS[row.kind], row.started_on, row.ended_on


def _write(book: Workbook, sheet: Sheet, rows) -> None:
    page = book.create_sheet(sheet.name)
    page.freeze_panes = "A2"
    for position, column in enumerate(sheet.columns, 1):
        letter = get_column_letter(position)
        page.column_dimensions[letter].width = column.width
        head = page.cell(1, position, column.name)
        head.font, head.fill = Font(bold=True), HEAD
        if column.choices:
            choice = DataValidation("list", formula1=f'"{",".join(column.choices)}"', allow_blank=not column.required)
            choice.error = f"请从列表中选择{column.name}。"
            page.add_data_validation(choice)
            choice.add(f"{letter}2:{letter}{VALIDATED_ROWS}")
    for number, values in enumerate(rows, 2):
        for position, (column, value) in enumerate(zip(sheet.columns, values, strict=True), 1):
            cell = page.cell(number, position)
            if column.is_day:
                cell.value, cell.number_format = value, "yyyy-mm-dd"
            elif value:
                cell.value, cell.data_type = value, "s"  # text, whatever it begins with


def _explain(book: Workbook) -> None:
    page = book.create_sheet("填写说明")
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 26, 90
    lines = [
        ("导入规则", "先预览，再确定；有一行不对，全部不写。文件里没有的行保持原样，不会删除。"),
        ("日期", "写成 2026-07-01；也认 2026年7月1日、2026/7/1、2026.7.1。"),
        ("换人", "给新任者加一行，写起任日期；原任者那一行填离任日期。系统会生成交接清单。"),
        ("隶属、改名", "请在系统的「机构调整」里办理，不在这里改。"),
    ]
    for sheet in sheets.SHEETS:
        for column in sheet.columns:
            need = "必填。" if column.required else ""
            lines.append((f"{sheet.name} · {column.name}", f"{need}{column.hint}"))
    for number, (what, how) in enumerate(lines, 1):
        page.cell(number, 1, what).font = Font(bold=True)
        page.cell(number, 2, how).alignment = Alignment(wrap_text=True)
