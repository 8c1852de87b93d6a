"""考核表的阅读: what one reader sees of a sheet: restricted items, the review before it is told, rows he may open (四（四）)."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from accountability.models import Duty, Person, Record
from inspections.models import Finding, RecheckItem, RiskPoint
from supervision.assessment import access as assessment_access
from supervision.models import AccountabilityMeasure, AssessmentSheet, Objection, ScoreLine

WITHHELD = "限定范围"
# kind of row → model that says who sees it, address that shows it, its name.
KINDS = {
    "duty": (Duty, "duty", "责任事项"),
    "record": (Record, "record", "履责记录"),
    "finding": (Finding, "finding", "巡察问题"),
    "recheck": (RecheckItem, "recheck_item", "销号抽查"),
    "risk": (RiskPoint, "risk", "廉政风险点"),
    "measure": (AccountabilityMeasure, "accountability_measure", "问责处理"),
}


@dataclass(frozen=True)
class SeenLine:
    """一项 as the reader sees it; what is withheld is empty."""

    line: ScoreLine
    is_withheld: bool
    sees_review: bool
    objections: tuple[Objection, ...] = ()

    @property
    def item(self):
        return self.line.item

    @property
    def system_points(self) -> Decimal | None:
        return None if self.is_withheld else self.line.system_points

    @property
    def system_words(self) -> str:
        return "" if self.is_withheld else self.line.system_words

    @property
    def self_points(self) -> Decimal | None:
        return None if self.is_withheld else self.line.self_points

    @property
    def self_words(self) -> str:
        return "" if self.is_withheld else self.line.self_words

    @property
    def human_points(self) -> Decimal | None:
        return self.line.human_points if self.sees_review and not self.is_withheld else None

    @property
    def human_words(self) -> str:
        return self.line.human_words if self.sees_review and not self.is_withheld else ""

    @property
    def final_points(self) -> Decimal | None:
        return self.line.final_points if self.sees_review and not self.is_withheld else None

    @property
    def differs(self) -> bool:
        return self.sees_review and not self.is_withheld and self.line.differs

    @property
    def row_count(self) -> int:
        return 0 if self.is_withheld else len(self.line.rows)


@dataclass(frozen=True)
class SeenSheet:
    """考核表 as the reader sees it. A total that would give away a withheld item is withheld with it."""

    sheet: AssessmentSheet
    lines: tuple[SeenLine, ...]
    sees_review: bool

    @property
    def is_withheld(self) -> bool:
        return any(seen.is_withheld and seen.line.item.points for seen in self.lines)

    @property
    def weight(self) -> Decimal:
        """基本分: what all items but the bonuses add up to."""
        return sum((seen.item.points for seen in self.lines if not seen.item.is_bonus), Decimal(0))

    @property
    def system_total(self) -> Decimal | None:
        return None if self.is_withheld else self.sheet.system_total

    @property
    def self_total(self) -> Decimal | None:
        return None if self.is_withheld else self.sheet.self_total

    @property
    def human_total(self) -> Decimal | None:
        return None if self.is_withheld or not self.sees_review else self.sheet.human_total

    @property
    def final_total(self) -> Decimal | None:
        return None if self.is_withheld or not self.sees_review else self.sheet.final_total


def seen(sheet: AssessmentSheet, user: Person, lines=None, *, with_objections: bool = False) -> SeenSheet:
    """``lines`` come with their items; without them one query fetches them."""
    if lines is None:
        lines = sheet.lines.select_related("item", "reviewed_by").order_by("item__rank", "pk")
    raised: dict[int, list[Objection]] = defaultdict(list)
    if with_objections:
        for row in Objection.objects.filter(line__sheet=sheet).select_related("answered_by").order_by("pk"):
            raised[row.line_id].append(row)
    may_read = assessment_access.sees_restricted(user, sheet)
    sees_review = assessment_access.sees_review(user, sheet)
    told = [
        SeenLine(line, line.is_restricted and not may_read, sees_review, tuple(raised.get(line.pk, ())))
        for line in lines
    ]
    return SeenSheet(sheet, tuple(told), sees_review)


def seen_all(sheets, user: Person) -> list[SeenSheet]:
    """Many sheets at once, in one query more than the sheets themselves."""
    sheets = list(sheets)
    lines: dict[int, list[ScoreLine]] = defaultdict(list)
    rows = ScoreLine.objects.filter(sheet__in=[sheet.pk for sheet in sheets]).select_related("item")
    for line in rows.defer("rows").order_by("item__rank", "pk"):
        lines[line.sheet_id].append(line)
    return [seen(sheet, user, lines.get(sheet.pk, [])) for sheet in sheets]


@dataclass(frozen=True)
class SeenRow:
    """One row behind a score, with its address when the reader may open it."""

    kind: str
    label: str
    on: str
    url: str


def rows_of(line: ScoreLine, user: Person) -> list[SeenRow]:
    """依据 as they were counted; at most one query for each kind of row."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for row in line.rows:
        wanted[row["kind"]].append(row["pk"])
    open_to = {
        kind: set(KINDS[kind][0].objects.visible_to(user).filter(pk__in=pks).values_list("pk", flat=True))
        for kind, pks in wanted.items()
    }
    return [
        SeenRow(
            KINDS[row["kind"]][2],
            row["label"],
            row["on"],
            reverse(KINDS[row["kind"]][1], args=[row["pk"]]) if row["pk"] in open_to[row["kind"]] else "",
        )
        for row in line.rows
    ]
