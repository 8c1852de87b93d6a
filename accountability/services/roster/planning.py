"""导入计划: what the file would add or change, row by row, against what stands; nothing is written here.

Cross-row rules live here: unknown organisations and people, duplicates, overlapping holders, the order of days.
"""

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accountability.models import Organisation, Person, Portfolio, Post, Tenure
from accountability.services.grants import ADMINISTRATORS
from accountability.services.roster import sheets
from accountability.services.roster.export import people_of_the_roster
from accountability.services.roster.reading import Book, Line

FAR = date(2101, 1, 1)
Key = tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """一处变化: added, or changed field by field."""

    sheet: str
    row: int
    what: str
    is_new: bool
    fields: tuple[tuple[str, str, str], ...] = ()


@dataclass
class Plan:
    """拟导入: rows to write in this order, what the reader sees of them, and what is wrong."""

    book: Book
    rows: list = field(default_factory=list)  # unsaved or changed model rows, parents before children
    changes: list[Change] = field(default_factory=list)
    unchanged: int = 0

    @property
    def added(self) -> list[Change]:
        return [change for change in self.changes if change.is_new]

    @property
    def changed(self) -> list[Change]:
        return [change for change in self.changes if not change.is_new]

    @property
    def fingerprint(self) -> str:
        told = [[c.sheet, c.row, c.what, c.is_new, c.fields] for c in self.changes]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False, default=str).encode()).hexdigest()


class Planner:
    """One reading of the database, then sheet by sheet."""

    def __init__(self, book: Book):
        self.plan, self.book = Plan(book), book
        self.organisations: dict[Key, Organisation] = {
            (row.name, row.parent.name if row.parent else ""): row
            for row in Organisation.objects.select_related("parent")
        }
        self.people = {person.username: person for person in Person.objects.all()}
        self.managed = set(people_of_the_roster().values_list("username", flat=True))
        self.posts: dict[tuple, Post] = {
            (post.organisation_id, post.title): post for post in Post.objects.select_related("organisation__parent")
        }
        self.tenures: dict[tuple, Tenure] = {
            (row.post_id, row.person.username, row.started_on): row for row in Tenure.objects.select_related("person")
        }
        self.portfolio = {
            (row.post_id, row.organisation_id, row.kind, row.started_on): row for row in Portfolio.objects.all()
        }
        self.seen: dict[tuple, int] = {}

    def make(self) -> Plan:
        self._organisations()
        for line in self.book.of(sheets.PEOPLE):
            self._person(line)
        for line in self.book.of(sheets.POSTS):
            self._post_and_tenure(line)
        self._check_overlaps()
        for line in self.book.of(sheets.PORTFOLIO):
            self._portfolio(line)
        return self.plan

    # ── sheets ───────────────────────────────────────────────────────────────────────────────

    def _organisations(self) -> None:
        """Parents before children, whatever the order of the rows; what is left over hangs in a circle or nowhere."""
        waiting = [line for line in self.book.of(sheets.ORGANISATIONS) if not line.is_broken]
        names = {line["名称"] for line in waiting}
        while waiting:
            ready = [line for line in waiting if self._parent_is_known(line)]
            if not ready:
                for line in waiting:
                    reason = (
                        "上级组织成了一圈，请检查隶属。"
                        if line["上级组织"] in names
                        else "没有这个上级组织，请先在表中加上或改正名称。"
                    )
                    self.book.complain(line, "上级组织", reason)
                return
            for line in ready:
                self._organisation(line)
            waiting = [line for line in waiting if line not in ready]

    def _parent_is_known(self, line: Line) -> bool:
        return not line["上级组织"] or self._unit(line["上级组织"]) is not None

    def _unit(self, name: str) -> Organisation | None:
        """An organisation that is no branch, by its name alone."""
        return next((row for (one, _), row in self.organisations.items() if one == name and row.kind != "branch"), None)

    def _organisation(self, line: Line) -> None:
        key = (line["名称"], line["上级组织"])
        kind = sheets.KINDS[line["类型"]]
        if not self._once(line, ("organisation", *key), "名称"):
            return
        if (kind == "school") != (not line["上级组织"]):
            self.book.complain(line, "上级组织", "只有学校党委没有上级组织，请填写上级组织。")
            return
        known = self.organisations.get(key)
        if known is None and kind != "branch" and (elsewhere := self._unit(line["名称"])):
            now = elsewhere.parent.name if elsewhere.parent else "无上级"
            self.book.complain(line, "上级组织", f"该组织现隶属{now}；调整隶属请用系统的「机构调整」。")
            return
        if known is None and kind in ("school", "commission") and self._stands(kind):
            self.book.complain(line, "类型", "学校党委和学校纪委各只有一个；改名请用「机构调整」。")
            return
        row = known or Organisation(name=key[0], parent=self._unit(key[1]) if key[1] else None)
        if known is None:
            row.rank = self._next_rank(row.parent)
        self._compare(
            line, row, line["名称"], kind=kind, key_area=line["重点领域"] or "", abolished_on=line["撤销日期"]
        )
        self.organisations[key] = row

    def _stands(self, kind: str) -> bool:
        return any(row.kind == kind for row in self.organisations.values())

    def _next_rank(self, parent: Organisation | None) -> int:
        below = [row.rank for row in self.organisations.values() if row.parent is parent or row.parent == parent]
        return max(below, default=0) + 1

    def _person(self, line: Line) -> None:
        if line.is_broken or not self._once(line, ("person", line["用户名"]), "用户名"):
            return
        known = self.people.get(line["用户名"])
        if known is not None and known.username not in self.managed:
            self.book.complain(line, "用户名", "这个账号由系统管理员维护，请从表中删去这一行。")
            return
        person = known or Person(username=line["用户名"], is_active=True, must_change_password=True)
        if known is None:
            person.set_unusable_password()
        if line["电子邮箱"]:
            try:
                validate_email(line["电子邮箱"])
            except ValidationError:
                self.book.complain(line, "电子邮箱", "不是电子邮箱地址，请改正或留空。")
                return
        self._compare(line, person, f"{line['姓名']}（{line['用户名']}）", name=line["姓名"], email=line["电子邮箱"])
        try:
            person.clean_fields(exclude=["password"])
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                column = {"username": "用户名", "name": "姓名", "email": "电子邮箱"}.get(name, "用户名")
                self.book.complain(line, column, " ".join(messages))
        self.people[person.username] = person

    def _post_and_tenure(self, line: Line) -> None:
        if line.is_broken:
            return
        organisation = self._named(line, "组织", line["上级组织"])
        if organisation is None:
            return
        post = self._post(line, organisation)
        if post is None or not line["用户名"]:
            if post is not None and (line["起任日期"] or line["离任日期"]):
                self.book.complain(line, "用户名", "填了任职日期，就要填任职的人。")
            return
        self._tenure(line, post)

    def _named(self, line: Line, column: str, parent: str = "") -> Organisation | None:
        name = line[column]
        found = self.organisations.get((name, parent)) if parent else self._unit(name)
        if found is None:
            where = f"{parent}下面" if parent else ""
            self.book.complain(line, column, f"「组织」中{where}没有这个名称，请核对；党支部还要填上级组织。")
        return found

    def _post(self, line: Line, organisation: Organisation) -> Post | None:
        key = (organisation.pk or id(organisation), line["职务"])
        role = sheets.ROLES[line["角色"]]
        known = self.posts.get(key)
        if known is not None and known.role in ADMINISTRATORS:
            self.book.complain(line, "职务", "三员岗位由系统管理员设置，请从表中删去这一行。")
            return None
        earlier = self.seen.get(("post", *key))
        post = known or Post(organisation=organisation, title=line["职务"], rank=self._next_post_rank(organisation))
        if earlier is not None:  # the same post again, with another holder
            if (post.role, post.abolished_on) != (role, line["岗位撤销日期"]):
                self.book.complain(line, "角色", f"与第 {earlier} 行同一岗位的角色或撤销日期不一致。")
                return None
            return post
        self.seen["post", *key] = line.number
        what = f"{organisation.full_name} {line['职务']}"
        self._compare(line, post, what, role=role, abolished_on=line["岗位撤销日期"])
        self.posts[key] = post
        return post

    def _next_post_rank(self, organisation: Organisation) -> int:
        ranks = [post.rank for post in self.posts.values() if post.organisation is organisation]
        ranks += [
            post.rank for post in self.posts.values() if post.organisation_id == organisation.pk and organisation.pk
        ]
        return max(ranks, default=0) + 1

    def _tenure(self, line: Line, post: Post) -> None:
        person = self.people.get(line["用户名"])
        if person is None or (person.pk and person.username not in self.managed):
            self.book.complain(line, "用户名", "「人员」中没有这个用户名，请先在人员表加上。")
            return
        start, end = line["起任日期"], line["离任日期"]
        if start is None:
            self.book.complain(line, "起任日期", "填了用户名，就要填起任日期。")
            return
        if end is not None and end < start:
            self.book.complain(line, "离任日期", "离任日期不能早于起任日期。")
            return
        key = (post.pk or id(post), person.username, start)
        if not self._once(line, ("tenure", *key), "起任日期"):
            return
        row = self.tenures.get(key) or Tenure(post=post, person=person, started_on=start)
        acting = line["主持工作"] == sheets.YES
        self._compare(line, row, f"{person.name} 任 {post.full_title}", ended_on=end, is_acting=acting)
        if any(each is row for each in self.plan.rows):  # what stands already is not this file's business
            row.of_line = line
        self.tenures[key] = row

    def _check_overlaps(self) -> None:
        """Two full holders of one post at the same time: the later row is named."""
        by_post = defaultdict(list)
        for (post, *_), row in self.tenures.items():
            if not row.is_acting:
                by_post[post].append(row)
        for rows in by_post.values():
            rows.sort(key=lambda row: row.started_on)
            for earlier, later in zip(rows, rows[1:], strict=False):
                line = getattr(later, "of_line", None) or getattr(earlier, "of_line", None)
                if line is not None and (earlier.ended_on or FAR) >= later.started_on:
                    until = f"至 {earlier.ended_on}" if earlier.ended_on else "在任"
                    self.book.complain(
                        line,
                        "起任日期",
                        f"{earlier.person.name}自 {earlier.started_on} {until}，同一岗位不能有两名任职者；请填前任的离任日期。",
                    )

    def _portfolio(self, line: Line) -> None:
        if line.is_broken:
            return
        organisation = self._named(line, "单位")
        school = next((row for row in self.organisations.values() if row.kind == "school"), None)
        post = self.posts.get((school.pk or id(school), line["校领导职务"])) if school else None
        if post is None or post.role not in ("secretary", "member"):
            self.book.complain(line, "校领导职务", "学校党委没有这个校领导岗位，请核对「岗位与任职」。")
        if organisation is None or post is None or line.is_broken:
            return
        start, end, kind = line["起始日期"], line["终止日期"], sheets.PORTFOLIOS[line["分工"]]
        if end is not None and end < start:
            self.book.complain(line, "终止日期", "终止日期不能早于起始日期。")
            return
        key = (post.pk or id(post), organisation.pk or id(organisation), kind, start)
        if not self._once(line, ("portfolio", *key), "单位"):
            return
        row = self.portfolio.get(key) or Portfolio(post=post, organisation=organisation, kind=kind, started_on=start)
        self._compare(line, row, f"{post.title} {line['分工'][:2]} {organisation.name}", ended_on=end)

    # ── shared ───────────────────────────────────────────────────────────────────────────────

    def _once(self, line: Line, key: tuple, column: str) -> bool:
        if earlier := self.seen.get(key):
            self.book.complain(line, column, f"与第 {earlier} 行重复，请删去一行。")
            return False
        self.seen[key] = line.number
        return True

    def _compare(self, line: Line, row, what: str, **after) -> None:
        """Set the fields; note what is new or different. The row is written only if something is."""
        differing = tuple(
            (row._meta.get_field(name).verbose_name, _shown(row, name, getattr(row, name)), _shown(row, name, value))
            for name, value in after.items()
            if getattr(row, name) != value
        )
        for name, value in after.items():
            setattr(row, name, value)
        if row.pk and not differing:
            self.plan.unchanged += 1
            return
        is_new = row.pk is None
        self.plan.rows.append(row)
        self.plan.changes.append(Change(line.sheet.name, line.number, what, is_new, () if is_new else differing))


def _shown(row, name: str, value) -> str:
    if value in (None, ""):
        return "空"
    if isinstance(value, bool):
        return sheets.YES if value else sheets.NO
    choices = dict(row._meta.get_field(name).flatchoices)
    return str(choices.get(value, value))
