"""谈话记录表 on one page, and the list of talks as a workbook: set on the spot for who may see them, never kept."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string

from accountability.sheets import Table
from supervision.models import Talk

if TYPE_CHECKING:
    from accountability.papers.printing import Paper

SIZES = (12, 10.5, 9, 8, 7, 6)  # points: the largest at which everything stands on one page
HEADS = (
    ("编号", 9), ("类型", 11), ("事由类别", 13), ("谈话对象", 11), ("职务", 24), ("谈话人", 11), ("安排人", 11),
    ("谈话期限", 12), ("谈话日期", 12), ("地点", 18), ("本人确认", 11), ("报告期限", 12), ("第一种形态", 10), ("进展", 14),
)  # fmt: skip


def record_paper(talk: Talk) -> "Paper":
    """谈话记录表. However long it was, one page: the words are set smaller instead."""
    from accountability.papers.characters import missing_from
    from accountability.papers.printing import installed_fonts, lay_out, put_on_paper

    for size in SIZES:
        context = {
            "talk": talk,
            "report": talk.report,
            "size": size,
            "line": round(size * (1.5 if size > 9 else 1.36), 1),
            "fonts": installed_fonts(),
            "university": settings.UNIVERSITY_NAME,
        }
        page = render_to_string("papers/talk_record.html", context)
        document = lay_out(page)
        if len(document.pages) == 1:
            break
    return put_on_paper(document, missing_from(page))


def talks_table(talks: Iterable[Talk], *, note: str) -> Table:
    """谈话清单: who, when and how far; what was said stays in each talk."""
    return Table("谈话清单", HEADS, (_row(talk) for talk in talks), title="谈话清单", note=note)


def _row(talk: Talk) -> list:
    return [
        talk.number,
        talk.get_kind_display(),
        talk.get_matter_display(),
        talk.person.name,
        talk.person_post.full_title,
        talk.talker.name if talk.talker else "",
        talk.leader.name,
        talk.due_on,
        talk.held_on,
        talk.place,
        talk.get_answer_display(),
        talk.report.due_on if talk.report else None,
        "是" if talk.is_first_form else "",
        talk.where,
    ]
