"""廉洁意见回复: its paper, set from what was checked and approved (二（二）)."""

from datetime import date

from django.conf import settings
from django.utils import timezone

from accountability.papers.blocks import Paragraph, Table
from accountability.papers.sheet import Sheet
from supervision.models import Opinion


def commission() -> str:
    return f"中共{settings.UNIVERSITY_NAME}纪律检查委员会"


def day_words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def sheet_of(opinion: Opinion, *, on: date) -> Sheet:
    """公文 with one table for the whole list."""
    cadres = list(opinion.cadres.select_related("person").order_by("rank"))
    opening = (
        f"你单位{day_words(timezone.localdate(opinion.asked_at))}就{opinion.get_purpose_display()}"
        f"（{opinion.words.rstrip('。')}）征求 {len(cadres)} 名同志廉洁意见收悉。经查核廉政档案并按程序审核，现回复如下。"
    )
    rows = tuple(
        (f"{one.rank}", one.person.name, one.post_words, one.get_conclusion_display(), one.statement or "—")
        for one in cadres
    )
    return Sheet(
        form="official",
        issuer=commission(),
        number=opinion.number,
        title="关于有关人选廉洁意见的回复",
        addressee=opinion.organisation.name,
        blocks=(
            Paragraph(opening),
            Table(header=("序号", "姓名", "现任职务", "廉洁意见", "说明"), rows=rows),
            Paragraph("本意见只用于本次征求的事项，不得扩散。"),
        ),
        dated_on=on,
        printed_by=commission(),
        printed_on=on,
    )
