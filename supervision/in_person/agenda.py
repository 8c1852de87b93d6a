"""本周需要书记亲自办理: read from what stands in every room, typed in by nobody (二（三）)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import QuerySet
from django.urls import reverse

from accountability.document_workflow import waiting_for as documents_waiting
from accountability.ledger import LedgerFilter
from accountability.list_workflow import problems_waiting, projects_waiting, responsibilities_waiting
from accountability.models import Duty, Light, Person, Record
from accountability.services.lists import address
from inspections.finding_filter import FindingFilter
from inspections.models import Finding
from supervision.models import FollowUp, Talk
from supervision.talks.filter import TalkFilter

ROWS = 6
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Item:
    """One line: what it is, what is said of it, where it is done, and how urgent it is."""

    title: str
    url: str
    words: str = ""
    light: str = Light.SOON


@dataclass(frozen=True)
class Group:
    """``url`` lists all of them; where there is no such page, all stand here and ``url`` is empty."""

    label: str
    count: int
    items: list[Item] = field(default_factory=list)
    url: str = ""

    @property
    def left_out(self) -> int:
        return self.count - len(self.items)


def agenda(user: Person, year: int, on: date) -> list[Group]:
    """What needs him; groups with nothing in them are left out."""
    mine = LedgerFilter(year=year, mine=True)
    owed = Duty.objects.visible_to(user).owed_by(user).of_year(year).with_light(on).for_list().order_by("due_on", "pk")
    groups = [
        _group(
            "等您签署、审核的文件",
            documents_waiting(user).for_list(),
            _document,
            reverse("documents_all") + "?view=waiting",
        ),
        _group(
            "谈话",
            Talk.objects.waiting_for(user).for_list(),
            lambda talk: _talk(talk, user, on),
            TalkFilter(view="mine").url,
        ),
        _group("等您确认的履责记录", _records(user), _record, reverse("records") + f"?view=waiting&year={year}"),
        _whole("等您研判、认领、点评的清单事项", _of_lists(user)),
        _group("已经逾期的责任", owed.late(on), lambda duty: _duty(duty, on), mine.but(states=(Light.LATE,)).url),
        _whole("一周内到期的责任", [_duty(duty, on) for duty in owed.soon(on).filter(due_on__lte=on + WEEK)]),
        _group(
            "重点关注、逾期未销号的巡察问题",
            _findings(user, on),
            _finding,
            FindingFilter(view="late_focus").url,
        ),
    ]
    return [group for group in groups if group.count]


def _group(label: str, rows: QuerySet, tell: Callable, url: str) -> Group:
    count = rows.count()
    return Group(label, count, [tell(row) for row in rows[:ROWS]] if count else [], url)


def _whole(label: str, items: list[Item]) -> Group:
    return Group(label, len(items), items)


def _document(document) -> Item:
    return Item(document.title, reverse("document", args=[document.pk]), document.kind.act.name)


def _talk(talk: Talk, user: Person, on: date) -> Item:
    """Here the name may stand: the page is his own, and he is a party."""
    S = Talk.State
    light, words = Light.SOON, ""
    if talk.state == S.PROPOSED:
        words = "提请您安排"
    elif talk.state == S.ORDERED:
        words, light = f"{talk.due_on} 前谈话", Light.LATE if talk.due_on < on else Light.SOON
    elif talk.person_id == user.pk:
        words = "请您确认或报告落实情况"
    elif talk.report is not None and talk.report.state == FollowUp.State.REPORTED:
        words = "落实情况待认可"
    else:
        words = "可以办结"
    return Item(f"{talk.get_kind_display()}：{talk.person.name}", reverse("talk", args=[talk.pk]), words, light)


def _records(user: Person) -> QuerySet:
    return Record.objects.visible_to(user).waiting_for(user).for_list().order_by("entered_at")


def _record(record: Record) -> Item:
    return Item(record.title, reverse("record", args=[record.pk]), f"{record.entered_by.name} {record.entered_on} 录入")


def _of_lists(user: Person) -> list[Item]:
    found = (
        (problems_waiting(user), "待研判"),
        (responsibilities_waiting(user), "待认领"),
        (projects_waiting(user), "待点评"),
    )
    return [Item(str(row), address(row), words) for rows, words in found for row in rows]


def _duty(duty: Duty, on: date) -> Item:
    late = duty.due_on < on
    words = f"逾期 {(on - duty.due_on).days} 天" if late else f"{duty.due_on} 到期"
    return Item(duty.title, reverse("duty", args=[duty.pk]), words, Light.LATE if late else Light.SOON)


def _findings(user: Person, on: date) -> QuerySet:
    rows = FindingFilter(view="late_focus").rows(Finding.objects.visible_to(user), on=on, user=user)
    return rows.select_related("organisation").order_by("due_on", "pk")


def _finding(finding: Finding) -> Item:
    words = f"{finding.organisation.name}，应于 {finding.due_on} 销号"
    return Item(finding.text, reverse("finding", args=[finding.pk]), words, Light.LATE)
