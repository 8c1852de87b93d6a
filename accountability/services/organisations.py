"""组织导入: units, branches, leaders, their posts and portfolios from two tables as Excel saves them (三（三）2).

All or nothing: every bad cell is named by file, row, column and reason, and one of them stops the whole.
Importing again adds only what is missing; it never ends a portfolio or abolishes anything: that is for people to decide.
"""

import csv
import io
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import models, transaction

from accountability.models import UNIT_KINDS, Organisation, Person, Portfolio, Post, Role
from accountability.models.history import create_with_history, save_as

Kind = Organisation.Kind
REASON = "导入组织"
SCHOOL, COMMISSION = "学校党委", "学校纪委"
PORTFOLIOS_FROM = date(2021, 1, 1)
MOST_BRANCHES = 99

UNIT_TYPES = {
    "二级学院": Kind.COLLEGE,
    "直属单位": Kind.AFFILIATE,
    "党务部门": Kind.PARTY_OFFICE,
    "行政部门": Kind.ADMIN_OFFICE,
}
LEADER_ROLES = {"党委书记": Role.SECRETARY, "班子成员": Role.MEMBER}
ORGANISATION_COLUMNS = ("单位", "类型", "上级组织", "党支部数", "重点领域", "分管校领导")
LEADER_COLUMNS = ("职务", "责任主体", "分管部门", "联系单位")

# Posts that make the mechanism work. Of several who may answer for the 纪委 the lower rank answers first:
# the 监督检查室 keeps its records day by day.
OFFICE_POSTS = (
    ("党委办公室", "机制专员", Role.OFFICE),
    ("纪委办公室", "监督检查室主任", Role.DISCIPLINE),
    (COMMISSION, "纪委书记", Role.DISCIPLINE),
    ("组织部", "部长", Role.DEPARTMENT),
    ("教师工作部", "部长", Role.DEPARTMENT),
    ("人事处", "处长", Role.DEPARTMENT),
    ("财务处", "处长", Role.DEPARTMENT),
    ("审计处", "处长", Role.DEPARTMENT),
    ("招投标办公室", "主任", Role.DEPARTMENT),
    ("党委巡察办公室", "主任", Role.INSPECTION_OFFICE),
    (SCHOOL, "巡察组成员", Role.INSPECTOR),
    (SCHOOL, "系统管理员", Role.SYSTEM_ADMIN),
    (SCHOOL, "安全管理员", Role.SECURITY_ADMIN),
    (SCHOOL, "审计管理员", Role.AUDIT_ADMIN),
)
OFFICE_POST_RANK = 100


@dataclass
class ImportSummary:
    """导入结果."""

    organisations: int = 0
    posts: int = 0
    portfolios: int = 0
    changed: int = 0

    def __str__(self) -> str:
        if not (self.organisations or self.posts or self.portfolios or self.changed):
            return "组织、岗位和分工没有变化。"
        return (
            f"新增组织 {self.organisations} 个、岗位 {self.posts} 个、分工 {self.portfolios} 项，"
            f"修改组织 {self.changed} 个。"
        )


def import_organisation(
    organisations: Path, leaders: Path, *, by: Person, portfolios_from: date = PORTFOLIOS_FROM
) -> ImportSummary:
    """导入组织. Raises ValidationError naming every bad cell; writes nothing then."""
    complaints: list[str] = []
    unit_table = Table(organisations, ORGANISATION_COLUMNS, complaints)
    leader_table = Table(leaders, LEADER_COLUMNS, complaints)
    _refuse(complaints)
    units = _read_units(unit_table)
    heads = _read_leaders(leader_table, {unit.name for unit in units})
    _check_charges(unit_table, units, heads)
    _refuse(complaints)
    return _Importer(by=by, portfolios_from=portfolios_from).run(units, heads)


def _refuse(complaints: list[str]) -> None:
    if complaints:
        raise ValidationError(complaints)


# ── the tables ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Row:
    """一行 of a table, by column; ``number`` as Excel counts."""

    table: "Table"
    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def complain(self, column: str, reason: str) -> None:
        self.table.complaints.append(f"{self.table.name} 第 {self.number} 行“{column}”：{reason}")

    def names(self, column: str) -> list[str]:
        return [name.strip() for name in self[column].split("、") if name.strip()]


class Table:
    """表格: a CSV in UTF-8 or, as Excel saves it in China, GB18030."""

    def __init__(self, path: Path, columns: tuple[str, ...], complaints: list[str]) -> None:
        self.name, self.complaints = path.name, complaints
        self.rows: list[Row] = []
        reader = csv.reader(io.StringIO(_text_of(path), newline=""))
        try:
            head = [cell.strip() for cell in next(reader, [])]
            if tuple(head) != columns:
                complaints.append(f"{self.name} 第 1 行：表头应为“{'、'.join(columns)}”。")
                return
            for cells in reader:
                self._add(reader.line_num, columns, cells)
        except csv.Error as error:
            complaints.append(f"{self.name} 第 {reader.line_num} 行：不是正确的 CSV（{error}）。")

    def _add(self, number: int, columns: tuple[str, ...], cells: list[str]) -> None:
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            return
        if len(cells) != len(columns):
            self.complaints.append(f"{self.name} 第 {number} 行：有 {len(cells)} 列，应为 {len(columns)} 列。")
            return
        self.rows.append(Row(self, number, dict(zip(columns, cells, strict=True))))


def _text_of(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ValidationError(f"读不到文件 {path}，请检查路径。") from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValidationError(f"{path.name} 既不是 UTF-8 也不是 GB18030 编码，请用 Excel 另存为 CSV。")


@dataclass(frozen=True)
class Unit:
    """二级单位, as the table tells it."""

    row: Row
    name: str
    kind: str
    parent: str
    branches: int
    key_area: str
    leader: str


@dataclass(frozen=True)
class Leader:
    """校领导, as the table tells it."""

    title: str
    role: str
    portfolio: dict[str, str] = field(default_factory=dict)


def _checked_name(row: Row, column: str, model: type[models.Model], name: str) -> str:
    longest = model._meta.get_field(name).max_length
    value = row[column]
    if not value:
        row.complain(column, "没有填写。")
    elif len(value) > longest:
        row.complain(column, f"有 {len(value)} 个字，最多 {longest} 个。")
    return value


def _read_units(table: Table) -> list[Unit]:
    units: list[Unit] = []
    known = {SCHOOL, COMMISSION}
    for row in table.rows:
        name = _checked_name(row, "单位", Organisation, "name")
        if name in known:
            row.complain("单位", f"“{name}”重复出现。")
        if row["类型"] not in UNIT_TYPES:
            row.complain("类型", f"没有“{row['类型']}”这种类型，可填：{'、'.join(UNIT_TYPES)}。")
        if row["上级组织"] not in known - {COMMISSION}:
            row.complain("上级组织", f"“{row['上级组织']}”不是{SCHOOL}，也不是列在前面的单位。")
        _check_key_area(row)
        units.append(
            Unit(
                row=row,
                name=name,
                kind=UNIT_TYPES.get(row["类型"], ""),
                parent=row["上级组织"],
                branches=_read_branches(row),
                key_area=row["重点领域"],
                leader=row["分管校领导"],
            )
        )
        known.add(name)
    return units


def _check_key_area(row: Row) -> None:
    longest = Organisation._meta.get_field("key_area").max_length
    if len(row["重点领域"]) > longest:
        row.complain("重点领域", f"有 {len(row['重点领域'])} 个字，最多 {longest} 个。")


def _read_branches(row: Row) -> int:
    try:
        branches = int(row["党支部数"])
    except ValueError:
        row.complain("党支部数", f"“{row['党支部数']}”不是整数。")
        return 0
    if not 0 <= branches <= MOST_BRANCHES:
        row.complain("党支部数", f"{branches} 不在 0 至 {MOST_BRANCHES} 之间。")
        return 0
    standing = Organisation.objects.active().filter(kind=Kind.BRANCH, parent__name=row["单位"]).count()
    if branches < standing:
        row.complain("党支部数", f"{branches} 少于现有的 {standing} 个，请先在管理后台撤销多余的党支部。")
    return branches


def _read_leaders(table: Table, units: set[str]) -> list[Leader]:
    leaders: list[Leader] = []
    titles: set[str] = set()
    for row in table.rows:
        title = _checked_name(row, "职务", Post, "title")
        if title in titles:
            row.complain("职务", f"“{title}”重复出现。")
        titles.add(title)
        if row["责任主体"] not in LEADER_ROLES:
            row.complain("责任主体", f"没有“{row['责任主体']}”，可填：{'、'.join(LEADER_ROLES)}。")
        leaders.append(Leader(title, LEADER_ROLES.get(row["责任主体"], ""), _read_portfolio(row, units)))
    secretaries = sum(leader.role == Role.SECRETARY for leader in leaders)
    if secretaries != 1:
        table.complaints.append(f"{table.name}：责任主体为“党委书记”的应有 1 行，实有 {secretaries} 行。")
    return leaders


def _read_portfolio(row: Row, units: set[str]) -> dict[str, str]:
    portfolio: dict[str, str] = {}
    for column, kind in (("分管部门", Portfolio.Kind.CHARGE), ("联系单位", Portfolio.Kind.CONTACT)):
        for name in row.names(column):
            if name not in units:
                row.complain(column, f"组织表中没有“{name}”。")
            if name in portfolio:
                row.complain(column, f"“{name}”在这一行重复出现。")
            portfolio[name] = kind
    return portfolio


def _check_charges(table: Table, units: list[Unit], leaders: list[Leader]) -> None:
    """The two tables say the same thing from two sides; where they differ, people must decide."""
    portfolios = {leader.title: leader.portfolio for leader in leaders}
    for unit in units:
        if not unit.leader:
            continue
        if unit.leader not in portfolios:
            unit.row.complain("分管校领导", f"校领导表中没有“{unit.leader}”。")
        elif unit.name not in portfolios[unit.leader]:
            unit.row.complain("分管校领导", f"校领导表中“{unit.leader}”的分管部门和联系单位没有“{unit.name}”。")


# ── the database ─────────────────────────────────────────────────────────────────────────────


class _Importer:
    """Adds what is missing, level by level, in one transaction."""

    def __init__(self, *, by: Person, portfolios_from: date) -> None:
        self.by, self.portfolios_from = by, portfolios_from
        self.summary = ImportSummary()

    @transaction.atomic
    def run(self, units: list[Unit], leaders: list[Leader]) -> ImportSummary:
        school = self._organisation(Organisation.objects.filter(kind=Kind.SCHOOL).first(), SCHOOL, Kind.SCHOOL, None)
        commission = Organisation.objects.filter(kind=Kind.COMMISSION).first()
        self.named = {
            SCHOOL: school,
            COMMISSION: self._organisation(commission, COMMISSION, Kind.COMMISSION, school, rank=1),
        }
        self._import_units(units)
        self._import_posts(units, leaders)
        self._import_portfolios(leaders)
        return self.summary

    def _organisation(
        self,
        known: Organisation | None,
        name: str,
        kind: str,
        parent: Organisation | None,
        rank: int = 0,
        key_area: str = "",
    ) -> Organisation:
        facts = {"name": name, "kind": kind, "parent": parent, "rank": rank, "key_area": key_area}
        organisation = known or Organisation()
        if known and all(getattr(known, column) == value for column, value in facts.items()):
            return known
        for column, value in facts.items():
            setattr(organisation, column, value)
        save_as(organisation, by=self.by, reason=REASON)
        self.summary.changed += known is not None
        self.summary.organisations += known is None
        return organisation

    def _import_units(self, units: list[Unit]) -> None:
        known = {one.name: one for one in Organisation.objects.filter(kind__in=UNIT_KINDS).select_related("parent")}
        branches: dict[tuple[int, str], Organisation] = {
            (one.parent_id, one.name): one
            for one in Organisation.objects.filter(kind=Kind.BRANCH).select_related("parent")
        }
        self.branches: list[Organisation] = []
        for rank, unit in enumerate(units, 2):
            parent = self.named[unit.parent]
            organisation = self._organisation(
                known.get(unit.name), unit.name, unit.kind, parent, rank=rank, key_area=unit.key_area
            )
            self.named[unit.name] = organisation
            for number in range(1, unit.branches + 1):
                name = branch_name(number)
                branch = branches.get((organisation.pk, name))
                self.branches.append(self._organisation(branch, name, Kind.BRANCH, organisation, rank=number))

    def _import_posts(self, units: list[Unit], leaders: list[Leader]) -> None:
        school = self.named[SCHOOL]
        posts = [
            Post(organisation=school, title=one.title, role=one.role, rank=rank) for rank, one in enumerate(leaders)
        ]
        for unit in units:
            organisation = self.named[unit.name]
            posts.append(
                Post(organisation=organisation, title=_secretary_title(unit), role=Role.UNIT_SECRETARY, rank=1)
            )
            posts.append(Post(organisation=organisation, title="联络员", role=Role.LIAISON, rank=2))
        posts += [
            Post(organisation=one, title="党支部书记", role=Role.BRANCH_SECRETARY, rank=1) for one in self.branches
        ]
        posts += [
            Post(organisation=self.named[name], title=title, role=role, rank=rank)
            for rank, (name, title, role) in enumerate(OFFICE_POSTS, OFFICE_POST_RANK)
            if name in self.named
        ]
        known = set(Post.objects.values_list("organisation_id", "title"))
        self.summary.posts = self._create(Post, [one for one in posts if (one.organisation_id, one.title) not in known])

    def _import_portfolios(self, leaders: list[Leader]) -> None:
        posts = {post.title: post for post in Post.objects.filter(organisation=self.named[SCHOOL])}
        known = set(Portfolio.objects.values_list("post_id", "organisation_id", "kind"))
        portfolios = [
            Portfolio(
                post=posts[leader.title], organisation=self.named[name], kind=kind, started_on=self.portfolios_from
            )
            for leader in leaders
            for name, kind in leader.portfolio.items()
        ]
        self.summary.portfolios = self._create(
            Portfolio, [one for one in portfolios if (one.post_id, one.organisation_id, one.kind) not in known]
        )

    def _create(self, model: type[models.Model], rows: list) -> int:
        create_with_history(rows, by=self.by, reason=REASON)
        return len(rows)


def _secretary_title(unit: Unit) -> str:
    """党委书记 in a college; elsewhere by size: a unit of a single branch has a 直属党支部."""
    if unit.kind == Kind.COLLEGE:
        return "党委书记"
    return "党总支书记" if unit.branches > 1 else "直属党支部书记"


def branch_name(number: int) -> str:
    """第十一党支部."""
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    spoken = ("" if tens <= 1 else digits[tens]) + ("十" if tens else "") + (digits[ones] if ones else "")
    return f"第{spoken}党支部"
