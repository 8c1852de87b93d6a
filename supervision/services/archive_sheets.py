"""档案导出: the register of archives, of openings, of opinions and one archive's index, as Excel opens them (二（二）)."""

from collections.abc import Iterable

from django.utils import timezone

from accountability.models import Person
from accountability.sheets import Table
from supervision.archives.cadres import titles_of
from supervision.archives.lines import Section
from supervision.models import Archive, ArchiveOpening, ArchivePaper, Opinion

OF_CADRES = (("姓名", 12), ("现任职务", 36), ("档案", 10), ("建档日期", 13), ("年度更新", 12))
OF_OPENINGS = (
    ("查阅时间", 18),
    ("查阅人", 12),
    ("干部", 12),
    ("查阅目的", 12),
    ("事由", 44),
    ("有效至", 18),
    ("依据", 16),
)
OF_OPINIONS = (
    ("文号", 20), ("征求单位", 14), ("用途", 12), ("事项", 40), ("人数", 8), ("征求日期", 13), ("答复期限", 13),
    ("回复日期", 13), ("状态", 10),
)  # fmt: skip
OF_INDEX = (("栏目", 18), ("日期", 13), ("内容", 80))


def cadres_table(title: str, people: Iterable[Person]) -> Table:
    return Table("目录", OF_CADRES, (_cadre(one) for one in people), title=title)


def _cadre(one: Person) -> tuple:
    return (
        one.name,
        titles_of(one.held) or "已离任",
        "有" if one.kept else "无",
        one.kept.established_on if one.kept else None,
        "已更新" if one.is_updated else "未更新",
    )


def openings_table(title: str, openings: Iterable[ArchiveOpening]) -> Table:
    return Table("目录", OF_OPENINGS, (_opening(one) for one in openings), title=title)


def _opening(one: ArchiveOpening) -> tuple:
    return (
        one.opened_at,
        one.opened_by.name,
        one.person.name,
        one.get_purpose_display(),
        one.words,
        one.valid_until,
        basis_of(one),
    )


def basis_of(opening: ArchiveOpening) -> str:
    """查阅依据."""
    if opening.cadre_id:
        return "廉洁意见查核"
    return "批准的申请" if opening.request_id else "知悉授权"


def opinions_table(title: str, opinions: Iterable[Opinion]) -> Table:
    """The register of replies: numbers of people, no names."""
    return Table("目录", OF_OPINIONS, (_opinion(one) for one in opinions), title=title)


def _opinion(one: Opinion) -> tuple:
    return (
        one.number,
        one.organisation.name,
        one.get_purpose_display(),
        one.words,
        one.asked_of,
        timezone.localdate(one.asked_at),
        one.due_on,
        one.replied_on,
        one.get_state_display(),
    )


def index_table(archive: Archive, sections: Iterable[Section], papers: Iterable[ArchivePaper]) -> Table:
    """档案目录: what the page shows under the same opening."""
    rows = [(paper.kind.name, paper.dated_on, paper.title) for paper in papers]
    for section in sections:
        rows += [(section.label, line.day, line.words) for line in section.lines]
    return Table("目录", OF_INDEX, rows, title=f"{archive}目录")
