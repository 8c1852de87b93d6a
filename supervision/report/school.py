"""学校报告: 党委落实主体责任情况, chapter by chapter in the order such reports have (三（三）1, 四（三）)."""

from accountability.models import Record, Subject
from accountability.record_filter import RecordFilter
from supervision.models.in_person import ACTS
from supervision.report.books import BOOKS, books
from supervision.report.four_checks import four_checks
from supervision.report.gatherings import MEETINGS, three_two_n
from supervision.report.ledger import Chapter, Ledger, Standing
from supervision.report.narrative import count, standing_words
from supervision.report.posts import LEADERS, leaders
from supervision.report.problems import (
    LATE_LIST,
    late_list,
    next_steps,
    problems,
    supervision_words,
)
from supervision.report.rectification import ROUNDS, rectification
from supervision.report.rectification import UNITS as RECTIFIED
from supervision.report.subjects import by_subject, late_words, overview, progress
from supervision.report.units import UNITS, units

IN_PERSON = dict(
    zip(ACTS, ("重要工作亲自部署", "重大问题亲自过问", "重要环节亲自协调", "重要案件亲自督办"), strict=True)
)
SECTIONS = {
    Subject.COMMITTEE: "党委主体责任",
    Subject.DISCIPLINE: "纪委监督责任",
    Subject.SECRETARY: "党委书记第一责任人责任",
    Subject.MEMBER: "班子成员“一岗双责”",
    Subject.UNIT: "二级党组织责任",
}


def chapters(ledger: Ledger, tell) -> None:
    year = ledger.year
    tell("总体情况")
    first = ledger.chapter("总体情况", "四（三）")
    total = overview(ledger, first, ledger.everything)
    standings = by_subject(ledger, total, first)
    progress(ledger, first, ledger.everything, total["owed"])
    tell("四个责任主体")
    _subjects(ledger, ledger.chapter("四个责任主体履行责任情况", "二（一）至二（四）"), standings)
    tell("“3+2+N”会议")
    three_two_n(ledger, ledger.chapter("“3+2+N”会议召开情况", "三（一）1至3"))
    tell("四书四会三报告")
    books(ledger, ledger.chapter("四书四会三报告落实情况", "三（三）1"))
    tell("二级单位")
    units(ledger, ledger.chapter("二级单位责任落实情况", "三（三）2、3"))
    tell("巡视巡察整改")
    told = rectification(ledger, ledger.chapter("巡视巡察整改情况", "三（四）1"))
    tell("四项检查")
    four_checks(ledger, ledger.chapter("责任落实四项检查情况", "四（三）"))
    tell("存在的问题")
    problems(ledger, ledger.chapter("存在的主要问题", "三（二）2、四（三）"), total, standings)
    next_steps(ledger, ledger.chapter("下一步工作打算", "四（三）"), total["late"], told.overview)
    tell("附件")
    leaders(ledger)
    late_list(ledger, ledger.everything)
    ledger.annex(f"{year}年度“3+2+N”会议召开情况表", MEETINGS)
    ledger.annex(f"{year}年度四书四会三报告落实情况表", BOOKS)
    ledger.annex(f"{year}年度各单位责任落实情况表", UNITS)
    ledger.annex(f"{year}年度巡视巡察整改情况表", ROUNDS, RECTIFIED)
    ledger.annex(f"{year}年度逾期未完成责任事项清单", LATE_LIST)
    ledger.annex(f"{year}年度校领导履责情况表", LEADERS)


def _subjects(ledger: Ledger, chapter: Chapter, standings: dict[str, Standing]) -> None:
    more = {Subject.DISCIPLINE: supervision_words, Subject.SECRETARY: in_person, Subject.MEMBER: acts_of_members}
    for number, (subject, title) in zip("一二三四五", SECTIONS.items(), strict=True):
        chapter.say(f"（{number}）{title}")
        chapter.say(standing_words(standings[subject], none="本年度没有列入台账的责任事项。"))
        if subject != Subject.UNIT:  # the units' own chapter names theirs
            chapter.say(late_words(ledger, ledger.everything.but(subject=subject.value)))
        if subject in more:
            more[subject](ledger, chapter)


def in_person(ledger: Ledger, chapter: Chapter) -> None:
    """四个亲自, as recorded."""
    figures = {label: records_of(ledger, act, label) for act, label in IN_PERSON.items()}
    said = [f"{label}{count(figure)}" for label, figure in figures.items() if figure["value"]]
    chapter.say(f"登记的履责纪实中，{'、'.join(said)}。" if said else "")


def acts_of_members(ledger: Ledger, chapter: Chapter) -> None:
    labels = {"hearing": "听取汇报", "research-visit": "调研督查"}
    figures = {label: records_of(ledger, act, label) for act, label in labels.items()}
    said = [f"{label}{count(figure)}" for label, figure in figures.items() if figure["value"]]
    chapter.say(f"登记的履责纪实中，{'、'.join(said)}。" if said else "")


def records_of(ledger: Ledger, act: str, label: str) -> dict:
    """履责纪实 of one act, counted by the list's own filter; not what is confidential."""
    chosen = RecordFilter(year=ledger.year, act=(act,))
    ids = chosen.rows(Record.objects.filter(is_confidential=False), user=None).order_by("pk")
    return ledger.keep(f"{label}记录", ids.values_list("pk", flat=True), "次", "record", chosen.url)
