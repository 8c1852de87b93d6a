"""四书四会三报告一览: who owes which document or meeting of a year, in which state, each opening what it is (三（三）1).

One reading for the page and its export: duties say what is owed, documents how far it is. A handful of queries for
the whole school, whatever its size.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse

from accountability import additions
from accountability.models import (
    ActKind,
    Document,
    DocumentKind,
    Duty,
    Evidence,
    Organisation,
    Post,
    Role,
    Tenure,
)

Panel = DocumentKind.Panel
FOUR_MEETINGS_CLAUSE = "3.3.1"
LIGHTS = {
    Document.State.SIGNED: "done",
    Document.State.RETURNED: "late",
    Document.State.DRAFT: "idle",
}
LATE, DONE = "late", "done"
# 三级链条 upwards: what a reader without rows of his own is told.
NOT_OWED = "不承担"


@dataclass(frozen=True)
class Column:
    """列: a kind of document, or an obligation of meetings."""

    key: str
    label: str
    title: str


@dataclass(frozen=True)
class Cell:
    """One thing owed: light and words, and what opens it."""

    light: str
    label: str
    url: str
    note: str = ""


@dataclass
class Row:
    label: str
    sub: str
    url: str
    cells: list[list[Cell]] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return all(cell.light == DONE for cells in self.cells for cell in cells)


@dataclass(frozen=True)
class Table:
    """一栏: one panel of the matrix with its counts."""

    panel: str
    label: str
    columns: list[Column]
    rows: list[Row]

    @property
    def owed(self) -> int:
        return sum(len(cells) for row in self.rows for cells in row.cells)

    @property
    def done(self) -> int:
        return self._count(DONE)

    @property
    def late(self) -> int:
        return self._count(LATE)

    def _count(self, light: str) -> int:
        return sum(cell.light == light for row in self.rows for cells in row.cells for cell in cells)


class Matrix:
    """一览 for one user, year and day; ``unit`` narrows it to a unit and its branches."""

    def __init__(self, user, year: int, on: date, unit: Organisation | None = None):
        self.user, self.year, self.on, self.unit = user, year, on, unit
        self.kinds = list(DocumentKind.objects.select_related("act"))
        self.documents = self._documents()
        self.duties = self._duties()

    def _documents(self) -> dict[tuple, list[Document]]:
        rows = Document.objects.visible_to(self.user).standing().of_year(self.year).order_by("serial")
        found = defaultdict(list)
        for row in rows.only(
            "id", "kind_id", "organisation_id", "post_id", "state", "number", "serial", "work_year_id"
        ):
            found[row.kind_id, row.organisation_id, row.post_id].append(row)
        self.told = self._told_since(found)
        return found

    def _told_since(self, found: dict[tuple, list[Document]]) -> dict[int, str]:
        """已报送, 已回执: what upper apps say became of signed documents, one query for each kind that has anything to say."""
        told: dict[int, str] = {}
        for kind in self.kinds:
            say = additions.of_act(kind.act.code).told
            rows = [row for (pk, *_), rows in found.items() if pk == kind.pk for row in rows]
            signed = [row.pk for row in rows if row.state == Document.State.SIGNED]
            if say and signed:
                told |= say(signed)
        return told

    def _duties(self) -> list[dict]:
        acts = Q(obligation__acts__in=[kind.act_id for kind in self.kinds])
        meetings = Q(obligation__clause__key=FOUR_MEETINGS_CLAUSE, obligation__acts__category=ActKind.Category.MEETING)
        proof = Evidence.objects.counted().filter(duty=OuterRef("pk")).order_by("record__happened_on", "id")
        rows = (
            Duty.objects.visible_to(self.user)
            .of_year(self.year)
            .owed()
            .filter(acts | meetings)
            .with_light(self.on)
            .annotate(act=F("obligation__acts"), record=Subquery(proof.values("record")[:1]))
            .order_by("obligation__rank", "obligation_id", "occurrence")
        )
        if self.unit is not None:
            rows = rows.filter(organisation__path__startswith=self.unit.path)
        return list(
            rows.values(
                *("pk", "organisation_id", "bearer_post_id", "obligation_id", "act", "light", "due_on", "record"),
                *("obligation__title", "obligation__short_title", "obligation__acts__category", "occurrence"),
                *("fulfilled_on", "organisation__kind"),
            )
        )

    def tables(self) -> list[Table]:
        tables = [self._units(), self._branches()] if self.unit else [self._school(), self._leaders(), self._units()]
        return [table for table in tables if table.rows and table.columns]

    # ── the four panels ──────────────────────────────────────────────────────────────────────

    def _school(self) -> Table:
        held = [duty for duty in self.duties if duty["organisation__kind"] == Organisation.Kind.SCHOOL]
        held = [duty for duty in held if duty["bearer_post_id"] is None]
        kinds = self._kinds(Panel.SCHOOL)
        meetings: dict[int, list[dict]] = defaultdict(list)
        for duty in held:
            if duty["obligation__acts__category"] == ActKind.Category.MEETING:
                meetings[duty["obligation_id"]].append(duty)
        columns = [
            Column(f"m{pk}", duties[0]["obligation__short_title"], duties[0]["obligation__title"])
            for pk, duties in meetings.items()
        ]
        row = Row("学校党委", "四会和党委的文件", reverse("ledger"))
        row.cells = [[self._meeting(duty) for duty in duties] for duties in meetings.values()]
        row.cells += [self._cells(kind, [duty for duty in held if duty["act"] == kind.act_id]) for kind in kinds]
        return Table(Panel.SCHOOL, "学校党委", [*columns, *map(_column, kinds)], [row] if held else [])

    def _leaders(self) -> Table:
        holder = Tenure.objects.in_office(self.on).filter(post=OuterRef("pk")).order_by("is_acting", "id")
        posts = (
            Post.objects.filter(role__in=(Role.SECRETARY, Role.MEMBER), abolished_on=None)
            .select_related("organisation")
            .annotate(holder=Subquery(holder.values("person__name")[:1]))
        )
        kinds = self._kinds(Panel.LEADER)
        by_post = self._grouped("bearer_post_id")
        rows = []
        for post in posts:
            if post.pk in by_post:
                row = Row(post.full_title, post.holder or "暂无人任职", f"{reverse('documents_all')}?post={post.pk}")
                row.cells = self._row(kinds, by_post[post.pk])
                rows.append(row)
        return Table(Panel.LEADER, "校领导", [_column(kind) for kind in kinds], rows)

    def _units(self) -> Table:
        units = Organisation.objects.visible_to(self.user).units().active()
        if self.unit is not None:
            units = units.filter(pk=self.unit.pk)
        return self._of_organisations(Panel.UNIT, "二级单位和部门", units)

    def _branches(self) -> Table:
        branches = Organisation.objects.visible_to(self.user).active().filter(parent=self.unit).select_related("parent")
        return self._of_organisations(Panel.BRANCH, "党支部", branches)

    def _of_organisations(self, panel: str, label: str, organisations: Iterable[Organisation]) -> Table:
        kinds = self._kinds(panel)
        by_organisation = self._grouped("organisation_id")
        rows = []
        for organisation in organisations:
            owed = by_organisation.get(organisation.pk, [])
            row = Row(organisation.full_name, "", self._down(organisation))
            row.cells = self._row(kinds, owed)
            if not owed:
                row.sub = "没有责任人，未下达"
            rows.append(row)
        return Table(panel, label, [_column(kind) for kind in kinds], rows)

    def _down(self, organisation: Organisation) -> str:
        if self.unit is not None:
            return f"{reverse('documents_all')}?organisation={organisation.pk}"
        return f"{reverse('documents')}?unit={organisation.pk}&year={self.year}"

    # ── cells ────────────────────────────────────────────────────────────────────────────────

    def _kinds(self, panel: str) -> list[DocumentKind]:
        """The kinds of a panel that anybody owes by a day; what comes as needed (N) has no cell to be empty."""
        owed = {duty["act"] for duty in self.duties}
        return [kind for kind in self.kinds if kind.panel == panel and kind.act_id in owed]

    def _grouped(self, key: str) -> dict[int, list[dict]]:
        grouped = defaultdict(list)
        for duty in self.duties:
            grouped[duty[key]].append(duty)
        return grouped

    def _row(self, kinds: list[DocumentKind], duties: list[dict]) -> list[list[Cell]]:
        return [self._cells(kind, [duty for duty in duties if duty["act"] == kind.act_id]) for kind in kinds]

    def _cells(self, kind: DocumentKind, duties: list[dict]) -> list[Cell]:
        return [self._document(kind, duty) for duty in duties]

    def _document(self, kind: DocumentKind, duty: dict) -> Cell:
        """The document while it lives; otherwise the record that counted; otherwise the duty, to begin from."""
        documents = self.documents.get((kind.pk, duty["organisation_id"], duty["bearer_post_id"]), [])
        if documents and not (duty["light"] == DONE and documents[-1].state != Document.State.SIGNED):
            document = documents[-1]
            overdue = duty["light"] == LATE and document.state != Document.State.SIGNED
            light = LATE if overdue else LIGHTS.get(document.state, "soon")
            note = f"应于 {duty['due_on']} 前完成" if overdue else ""
            words = self.told.get(document.pk) or document.get_state_display()
            return Cell(light, words, reverse("document", args=[document.pk]), note)
        if duty["record"]:
            return Cell(DONE, "已归档", reverse("record", args=[duty["record"]]), f"{duty['fulfilled_on']}")
        label = {"late": "逾期未交", "soon": "将到期", "idle": "未起草"}[duty["light"]]
        return Cell(duty["light"], label, reverse("duty", args=[duty["pk"]]), f"应于 {duty['due_on']} 前完成")

    def _meeting(self, duty: dict) -> Cell:
        if duty["record"]:
            return Cell(DONE, "已召开", reverse("record", args=[duty["record"]]), f"{duty['fulfilled_on']}")
        label = {"late": "逾期未开", "soon": "将到期", "idle": "未到"}[duty["light"]]
        return Cell(duty["light"], label, reverse("duty", args=[duty["pk"]]), f"应于 {duty['due_on']} 前召开")


def _column(kind: DocumentKind) -> Column:
    return Column(f"k{kind.pk}", kind.act.name, kind.act.name)
