"""提醒函、督办函的正文: facts alone, in the form of an official letter (四（三）, GB/T 9704; decision 23)."""

from collections.abc import Sequence

from django.conf import settings

from accountability.models import ReminderPaperKind
from accountability.papers.blocks import Paragraph, Table
from accountability.papers.sheet import Sheet
from supervision.letters.text import day_words
from supervision.models import ReminderPaper, ReminderPaperLine

OFFICE = "党委办公室"
COLUMNS = ("序号", "责任事项", "责任人", "到期日", "逾期")
OPENING = {
    ReminderPaperKind.REMIND: "截至{day}，{whom}以下 {count} 项责任已过到期日，尚未完成，现予提醒。",
    ReminderPaperKind.URGE: "截至{day}，{whom}以下 {count} 项责任逾期较久，仍未完成，现予督办。",
}
CLOSING = {
    ReminderPaperKind.REMIND: "请抓紧办理，办结后录入履责记录。确有困难的，请说明原因，商党委办公室调整。",
    ReminderPaperKind.URGE: "请立即办理，办结后录入履责记录；不能立即办结的，请书面说明原因和完成时间。",
}


def issuer() -> str:
    return f"中共{settings.UNIVERSITY_NAME}委员会办公室"


def word_of(kind: str) -> str:
    """发文字号的机关代字."""
    return settings.REMIND_PAPER_WORD if kind == ReminderPaperKind.REMIND else settings.URGE_PAPER_WORD


def title_of(paper: ReminderPaper) -> str:
    label = paper.get_kind_display()
    return f"关于按期落实全面从严治党责任的{label}"


def sheet_of(paper: ReminderPaper, lines: Sequence[ReminderPaperLine]) -> Sheet:
    """The paper as it was issued; nothing of it is read from today's ledger."""
    whom = "你单位" if paper.is_to_unit else "你岗位"
    opening = OPENING[paper.kind].format(day=day_words(paper.issued_on), whom=whom, count=len(lines))
    rows = tuple(
        (str(number), line.title, line.owner_title, line.due_on.isoformat(), f"{line.days_late} 天")
        for number, line in enumerate(lines, 1)
    )
    return Sheet(
        form="official",
        issuer=issuer(),
        number=paper.number,
        title=title_of(paper),
        addressee=paper.addressee,
        blocks=(Paragraph(opening), Table(COLUMNS, rows), Paragraph(CLOSING[paper.kind])),
        dated_on=paper.issued_on,
        copies_to=paper.copies_to,
        printed_by=OFFICE,
        printed_on=paper.issued_on,
    )
