"""缺失检查: what ought to be there and is not; each a figure whose rows are one click away (三（二）2, 四（三）).

Rooms register figures; which of them are checks, with clause and weight, stands here in the order they are shown.
"""

from dataclasses import dataclass
from datetime import date

from django.conf import settings

from accountability.ledger import LedgerFilter
from accountability.models import Light, Record
from inspections.figures import INDICATORS, Scope
from supervision.board.indicators import Figure, Told, figure, ledger_figure

every = LedgerFilter()
DAYS = settings.PURSUE_AFTER_DAYS
ledger_figure("unpursued", f"逾期满 {DAYS} 日，既未督办也未问责", every.but(such=("unpursued",)))
ledger_figure("no_letter", "单位未签全面从严治党责任书", every.but(such=("no-letter",), level="unit"))
ledger_figure("no_rules", "单位未制定本单位实施办法", every.but(such=("no-rules",), level="unit"))
ledger_figure("no_hearing", "校领导到期未听取汇报", every.but(such=("no-hearing",), level="school"))
ledger_figure("no_answer", "工作要求逾期未答复", every.but(such=("no-answer",)))
ledger_figure("vacant", "责任人空缺", every.but(such=("vacant",)))
figure(
    "late_findings", "巡察问题逾期未销号", unit="个",
    rows=lambda user, year, on: INDICATORS["late"].rows(Scope(on=on, user=user, year=year)),
    url=lambda year: INDICATORS["late"].url(Scope(on=date.min, year=year)),
)  # fmt: skip
figure(
    "unproved", "整改措施填“已完成”而无佐证", unit="条",
    rows=lambda user, year, on: INDICATORS["measures_unproved"].rows(Scope(on=on, user=user, year=year)),
    url=lambda year: INDICATORS["measures_unproved"].url(Scope(on=date.min, year=year)),
)  # fmt: skip
figure(
    "late_entries", f"发生 {settings.LATE_ENTRY_DAYS} 日以后才补录", unit="条",
    rows=lambda user, year, on: Record.objects.visible_to(user).filter(work_year=year).entered_late(),
    url=lambda year: f"/records/?view=late&year={year}",
)  # fmt: skip


@dataclass(frozen=True)
class Check:
    """一类检查: the figure, the clause it stands on, the light it carries when it is not zero."""

    figure: str
    clause: str
    light: str = Light.SOON
    label: str = ""


CHECKS = (
    Check("unpursued", "三（二）2", Light.LATE),
    Check("no_letter", "三（三）1", Light.LATE),
    Check("no_rules", "四（一）", Light.LATE),
    Check("no_hearing", "三（三）3", Light.LATE),
    Check("letters_late", "三（二）1", Light.LATE, "监督文书逾期未答复"),
    Check("late_findings", "三（四）1", Light.LATE),
    Check("no_answer", "三（四）3"),
    Check("letters_unread", "三（二）1", label="监督文书发出后未签收"),
    Check("unanswered_problems", "三（二）2"),
    Check("late_clues", "三（二）3"),
    Check("talks_untracked", "二（三）", Light.LATE),
    Check("archives_missing", "二（二）", label="干部任职已满期限未建廉政档案"),
    Check("objections_open", "四（四）"),
    Check("vacant", "一（二）"),
    Check("unproved", "三（四）1"),
    Check("hints_open", "四（三）", Light.IDLE),
    Check("late_entries", "四（三）", Light.IDLE),
)


@dataclass(frozen=True)
class Gap:
    """What a check found: none is told as well, quietly."""

    check: Check
    told: Told

    @property
    def label(self) -> str:
        return self.check.label or self.figure.label

    @property
    def figure(self) -> Figure:
        return self.told.figure

    @property
    def count(self) -> int:
        return self.told.count

    @property
    def url(self) -> str:
        return self.told.url

    @property
    def light(self) -> str:
        return self.check.light if self.count else Light.DONE


def gaps(told: dict[str, Told]) -> list[Gap]:
    """All checks; a figure its reader may not know of is left out."""
    return [Gap(check, told[check.figure]) for check in CHECKS if check.figure in told]
