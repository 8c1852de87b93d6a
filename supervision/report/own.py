"""本单位、本人的责任: obligation by obligation, and row by row for the annex (一（二）, 三（三）3)."""

from accountability.ledger import LedgerFilter
from accountability.models import Duty, Light, Obligation
from supervision.report.gatherings import light_of
from supervision.report.ledger import Chapter, Ledger, Owed, Standing, column, table
from supervision.report.narrative import days_words
from supervision.report.rows import state_words

OBLIGATIONS, DUTIES = "责任落实情况", "责任事项清单"
ASSIGNED = "交办事项"  # what no obligation asks: a milestone, a resolution, an answer to a letter


def by_obligation(ledger: Ledger, chapter: Chapter, chosen: LedgerFilter, total: Standing, clause: str) -> None:
    """Each obligation with its figures; what was assigned besides stands last and alone has no page."""
    duties = ledger.select(chosen)
    if not duties:
        return
    asked = Obligation.objects.filter(pk__in={row.obligation for row in duties if row.obligation})
    rows = [_row(ledger, one.title, chosen.but(obligation=one.pk)) for one in asked.order_by("rank", "pk")]
    if assigned := [row for row in duties if not row.obligation]:
        rows.append(_assigned(ledger, assigned))
    heads = [
        column("责任要求", "left"), column("应完成"), column("已完成"), column("逾期未完成"), column("最近完成", "left"),
        column("状态", "left"),
    ]  # fmt: skip
    sums = ["合计", *total.cells("owed", "done", "late"), "", ""]
    exhibit = table("责任要求落实情况", clause, "项", heads, [{"name": "", "rows": rows}], total=sums)
    ledger.show(OBLIGATIONS, exhibit, chapter)


def _row(ledger: Ledger, title: str, chosen: LedgerFilter) -> list:
    owed = ledger.take(f"{title}应完成", chosen)
    done = ledger.take(f"{title}已完成", chosen.but(states=(Light.DONE,)))
    late = ledger.take(f"{title}逾期未完成", chosen.but(states=(Light.LATE,)))
    return _cells(ledger, title, ledger.select(chosen), (owed, done, late))


def _assigned(ledger: Ledger, duties: list[Owed]) -> list:
    figures = [
        ledger.keep(f"{ASSIGNED}{label}", [row.pk for row in rows], "项", "duty")
        for label, rows in (
            ("应完成", duties),
            ("已完成", [row for row in duties if row.is_(Light.DONE, ledger.on)]),
            ("逾期未完成", [row for row in duties if row.is_(Light.LATE, ledger.on)]),
        )
    ]
    return _cells(ledger, ASSIGNED, duties, figures)


def _cells(ledger: Ledger, title: str, duties: list[Owed], figures) -> list:
    days = [row.fulfilled_on for row in duties if row.fulfilled_on]
    last = days_words([max(days)], ledger.year) if days else "—"
    return [title, *({"figure": figure["code"]} for figure in figures), last, light_of(duties, ledger.on)]


def duty_list(ledger: Ledger, chosen: LedgerFilter, title: str) -> None:
    """责任事项清单 for the annex: every duty of the year, the earliest day first."""
    pks = [row.pk for row in ledger.select(chosen)]
    duties = Duty.objects.filter(pk__in=pks).for_list().order_by("due_on", "pk")
    lights = {"按期完成": "ok", "逾期完成": "ok", "逾期未完成": "late", "未到期": "rest"}
    rows = []
    for duty in duties:
        words = state_words(duty, ledger.on)
        days = [f"{duty.due_on}", f"{duty.fulfilled_on or '—'}"]
        rows.append([duty.number, duty.title, duty.owner.full_title, *days, {"light": lights[words], "words": words}])
    if not rows:
        return
    heads = [column(one, "left") for one in ("编号", "责任事项", "责任人", "到期日", "完成日", "状态")]
    ledger.show(DUTIES, table(title, "一（二）", "项", heads, [{"name": "", "rows": rows}]))
