"""预填: what the system already knows, put into a document's template, so that nobody types it again (四（三）).

Each word in braces has one function below; a template with a word that nobody knows is refused when it is loaded.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accountability.document_workflow import head_of, holders
from accountability.models import ActKind, Document, Duty, Person, Portfolio, Record, UnitItem
from accountability.services.jobs import Tell, silent
from accountability.services.lists import projects_of, three_lists

PLACEHOLDER = re.compile(r"\{([^{}\n]{1,12})\}")
AT_MOST = 30
NONE = "无"
NOTHING_DUE = "目前没有未完成的责任事项。"
NOTHING_DONE, NO_MEETINGS = "尚无记录。", "本年度尚无会议记录。"
TO_WRITE = "请在此填写。"
OWN_RULES = "执行学校党委“四责协同”实施办法和本单位制定的实施办法，并按年度任务健全本单位制度。"


class Known:
    """已知情况 for one document on a day; each property is read only when the template asks for it."""

    def __init__(self, document: Document, on: date, tell: Tell = silent, by: Person | None = None):
        self.document, self.on, self.tell, self.by = document, on, tell, by
        self.post, self.organisation, self.year = document.post, document.organisation, document.work_year_id

    def duties(self) -> QuerySet[Duty]:
        owed = Duty.objects.of_year(self.year).owed().ordinary().order_by("due_on", "id")
        if self.post:
            return owed.filter(bearer_post=self.post)
        return owed.filter(organisation=self.organisation, bearer_post=None)

    def name(self) -> str:
        return names_of(holders(self.post, self.on)) if self.post else self.organisation.full_name

    def post_title(self) -> str:
        return self.post.full_title if self.post else ""

    def last_year(self) -> str:
        return str(self.year - 1)

    def portfolio(self, kind: str) -> str:
        rows = Portfolio.objects.in_force(self.on).filter(post=self.post, kind=kind).select_related("organisation")
        return "、".join(row.organisation.name for row in rows) or NONE

    def owed(self) -> str:
        lines = [f"{duty.title}，{in_words(duty.due_on)}前完成" for duty in self.duties()[:AT_MOST]]
        return numbered(lines) or "本年度责任事项尚未下达。"

    def fulfilled(self) -> str:
        done = self.duties().fulfilled().order_by("fulfilled_on", "id")
        return numbered([f"{in_words(duty.fulfilled_on)}，{duty.title}" for duty in done[:AT_MOST]]) or NOTHING_DONE

    def unfulfilled(self) -> str:
        open_ones = self.duties().open()[:AT_MOST]
        lines = [still_open(duty.title, in_words(duty.due_on), is_late=duty.due_on < self.on) for duty in open_ones]
        return numbered(lines) or NOTHING_DUE

    def meetings(self) -> str:
        held = (
            Record.objects.accepted()
            .filter(organisation=self.organisation, work_year=self.year, act__category=ActKind.Category.MEETING)
            .order_by("happened_on", "id")
        )
        lines = [f"{in_words(record.happened_on)}召开{record.title}" for record in held[:AT_MOST]]
        return numbered(lines) or NO_MEETINGS

    def projects(self) -> str:
        """The projects he has claimed, with goal, measures and milestones."""
        lines = []
        for project in projects_of(self.post, self.year) if self.post else ():
            lines += [f"项目：{project.title}。", f"目标：{project.goal.rstrip('。')}。"]
            lines += [f"措施：{line.strip().rstrip('。')}。" for line in project.measures.splitlines() if line.strip()]
            days = "；".join(f"{in_words(one.due_on)}前{one.title}" for one in project.milestones.all())
            lines += [f"进度：{days}。"] if days else []
        return "\n".join(lines) or TO_WRITE

    def _items(self, kind: str) -> list[UnitItem]:
        if not hasattr(self, "_lists"):
            self._lists = three_lists(self.organisation, self.year)
        return self._lists[kind]

    def rules(self) -> str:
        return numbered([_rule(item) for item in self._items(UnitItem.Kind.RULE)]) or OWN_RULES

    def responsibilities(self) -> str:
        """The unit's own list; while it has none, what it answers for in the ledger, each obligation once."""
        if items := self._items(UnitItem.Kind.RESPONSIBILITY):
            return numbered([f"{item.text}{f'（{item.owner_words}）' if item.owner_words else ''}" for item in items])
        titles = self.duties().exclude(obligation=None).values_list("obligation__title", flat=True)
        return numbered(list(dict.fromkeys(titles))) or TO_WRITE

    def tasks(self) -> str:
        if items := self._items(UnitItem.Kind.TASK):
            rows = [f"| {one.text} | {one.owner_words or '本单位'} | {_until(one.due_on)} |" for one in items]
            return "\n".join(["| 任务 | 责任人 | 完成时限 |", *rows])
        rows = [f"| {duty.title} | {in_words(duty.due_on)}前 |" for duty in self.duties()]
        return "\n".join(["| 任务 | 完成时限 |", *rows]) if rows else TO_WRITE

    def leader(self) -> str:
        return names_of(holders(self.document.leader_post, self.on)) if self.document.leader_post else TO_WRITE

    def leader_title(self) -> str:
        return self.document.leader_post.full_title if self.document.leader_post else ""

    def head(self) -> str:
        post = head_of(self.organisation)
        return names_of(holders(post, self.on)) if post else TO_WRITE


WORDS: dict[str, Callable[[Known], str]] = {
    "姓名": Known.name,
    "职务": Known.post_title,
    "单位": lambda known: known.organisation.full_name,
    "学校": lambda known: settings.UNIVERSITY_NAME,
    "年度": lambda known: str(known.year),
    "上年": Known.last_year,
    "分管部门": lambda known: known.portfolio(Portfolio.Kind.CHARGE),
    "联系单位": lambda known: known.portfolio(Portfolio.Kind.CONTACT),
    "责任事项": Known.owed,
    "已完成事项": Known.fulfilled,
    "未完成事项": Known.unfulfilled,
    "应完成数": lambda known: str(known.duties().count()),
    "已完成数": lambda known: str(known.duties().fulfilled().count()),
    "未完成数": lambda known: str(known.duties().open().count()),
    "会议情况": Known.meetings,
    "校领导": Known.leader,
    "校领导职务": Known.leader_title,
    "单位负责人": Known.head,
    "责任项目": Known.projects,
    "责任清单": Known.responsibilities,
    "任务清单": Known.tasks,
    "制度清单": Known.rules,
}


def still_open(title: str, due: str, *, is_late: bool) -> str:
    return f"{title}尚未完成，应于{due}前完成{'，已逾期' if is_late else ''}"


def own_words(template: str, titles: Iterable[str]) -> list[str]:
    """系统自己的话: what this module makes of a template, whoever it is for, and of duties with these titles.

    Who looks for copied texts must not take it for anybody's own words. A number stands as 0.
    """
    lines = [
        f"{NOTHING_DUE}{NOTHING_DONE}{NO_MEETINGS}{OWN_RULES}",
        *(PLACEHOLDER.sub(by, template) for by in ("", "0")),
    ]
    for title in titles:
        told = [still_open(title, "0月0日", is_late=is_late) for is_late in (True, False)]
        told += [
            f"0月0日，{title}",
            f"0月0日召开{title}",
            f"{title}，0月0日前完成",
            f"{title}（第 0 次）尚未完成，应于",
        ]
        lines.append(numbered(told))
    return lines


def word(name: str):
    """登记 a word of templates: upper apps know more than this one, and fill it in with a function of ``Known``."""

    def register(function: Callable[[Known], str]):
        WORDS[name] = function
        return function

    return register


def filled(document: Document, on: date, tell: Tell = silent, by: Person | None = None) -> str:
    """预填后的正文 of a new document; ``tell`` hears how far a word is that takes its time."""
    known = Known(document, on, tell, by)
    return PLACEHOLDER.sub(lambda found: WORDS[found.group(1)](known), document.kind.template.strip())


def check_template(template: str) -> None:
    """Raises ValidationError naming every word in braces that nobody can fill."""
    unknown = sorted({word for word in PLACEHOLDER.findall(template) if word not in WORDS})
    if unknown:
        raise ValidationError(
            f"模板里的 {'、'.join(f'{{{word}}}' for word in unknown)} 系统不认识，可用的有：{'、'.join(WORDS)}。"
        )


def names_of(people: list[Person]) -> str:
    return "、".join(person.name for person in people) or "（暂无人任职）"


def numbered(lines: list[str]) -> str:
    return "\n".join(f"{number}. {line.rstrip('。')}。" for number, line in enumerate(lines, 1))


def _rule(item: UnitItem) -> str:
    """《采购管理办法》（会院〔2026〕3号，5月1日施行）; the year is named when it is not this one."""
    if item.due_on is None:
        return f"{item.text}（{item.number}）" if item.number else item.text
    year = "" if item.due_on.year == item.unit_list.work_year_id else f"{item.due_on.year}年"
    facts = [item.number] if item.number else []
    return f"{item.text}（{'，'.join([*facts, f'{year}{in_words(item.due_on)}施行'])}）"


def _until(day: date | None) -> str:
    return f"{in_words(day)}前" if day else "全年"


def in_words(day: date) -> str:
    """3月31日."""
    return f"{day.month}月{day.day}日"


TO_FILL = re.compile(r"请(?:在此|逐项|写明)[^。\n]*。|（暂无人任职）")


def unfilled(text: str) -> list[str]:
    """待填写之处: lines of the template nobody has written over yet."""
    return [found.group(0).rstrip("。") for found in TO_FILL.finditer(text)]
