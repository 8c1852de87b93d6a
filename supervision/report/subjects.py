"""总体情况、责任主体、进度: how the ledger stands, whose it is, month by month, beside last year (一（二）, 四（三）)."""

from datetime import date

from accountability.ledger import LedgerFilter
from accountability.models import Light, Subject
from supervision.report.ledger import Chapter, Ledger, Standing, columns, table
from supervision.report.narrative import compared_words, count, day_words, listed, standing_words

SUBJECTS, COMPARED, BARS, PROGRESS = "责任完成情况", "与上年比较", "各主体完成情况", "年度进度"
HEADS = ("责任事项", "按期完成", "逾期完成", "逾期未完成", "未到期", "完成率")
CELLS = ("owed", "in_time", "done_late", "late", "to_come", "rate")
# Last year's ledger as it stands on the same day; what is closed by then is as good as its end.
BEFORE = ("owed", "done", "late", "due")


def overview(ledger: Ledger, chapter: Chapter, chosen: LedgerFilter, label: str = "全年") -> Standing:
    """总数, and last year's where there was one."""
    standing = ledger.standing(label, chosen)
    chapter.say(f"{ledger.year}年{standing_words(standing)}")
    if ledger.has_last_year:
        _compare(ledger, chapter, standing, chosen)
    return standing


def _compare(ledger: Ledger, chapter: Chapter, standing: Standing, chosen: LedgerFilter) -> None:
    last_year = ledger.year - 1
    before = ledger.standing(f"{last_year}年", chosen.but(year=last_year), "Y", BEFORE)
    if not before.value("owed"):
        return
    chapter.say(
        f"{last_year}年同口径列入责任事项{count(before['owed'])}，截至本报告数据时间完成{count(before['done'])}。"
        + compared_words(standing["rate"], before["rate"], "完成率", last_year)
    )
    names = {"owed": "责任事项", "done": "已完成", "late": "逾期未完成", "rate": "完成率"}
    rows = [[label, standing.cell(name), before.cell(name)] for name, label in names.items()]
    heads = columns("内容", f"{ledger.year}年", f"{last_year}年")
    note = f"两年均按{ledger.on}的台账计算。"
    exhibit = table("责任事项与上年比较", "四（三）", "项", heads, [{"name": "", "rows": rows}], note=note)
    ledger.show(COMPARED, exhibit, chapter)


def by_subject(ledger: Ledger, total: Standing, chapter: Chapter, clause: str = "四（三）") -> dict[str, Standing]:
    """四个责任主体和二级党组织: the table adds up to the overview; the same again as bars."""
    standings = {
        subject.value: ledger.standing(subject.label, ledger.everything.but(subject=subject.value))
        for subject in Subject
    }
    rows = [[Subject(name).label, *standing.cells(*CELLS)] for name, standing in standings.items()]
    exhibit = table(
        "各责任主体责任事项完成情况", clause, "项", columns("责任主体", *HEADS), [{"name": "", "rows": rows}],
        total=["合计", *total.cells(*CELLS)], note="完成率＝已完成 ÷（已完成＋逾期未完成），未到期的不计。",
    )  # fmt: skip
    ledger.show(SUBJECTS, exhibit, chapter)
    ledger.show(BARS, bars({Subject(name).label: one for name, one in standings.items()}, total), chapter)
    return standings


def bars(standings: dict[str, Standing], total: Standing) -> dict:
    """条形: done in time, done late, late and to come of each; every part is a figure."""
    kinds = {"in_time": "done", "done_late": "partly", "late": "late", "to_come": "open"}
    return {
        "kind": "bars",
        "title": _finding_of_bars(standings),
        "unit": "项",
        "note": f"条长为各主体内部占比，数字为项数。来源：责任台账〔{total['owed']['code']}〕。",
        "alt": "；".join(_said(label, standing) for label, standing in standings.items()) + "。",
        "legend": {"done": "按期完成", "partly": "逾期完成", "late": "逾期未完成", "open": "未到期"},
        "rows": [
            {
                "label": label,
                "owed": standing["owed"]["code"],
                "rate": standing["rate"]["code"],
                "parts": [{"kind": kind, "figure": standing[name]["code"]} for name, kind in kinds.items()],
            }
            for label, standing in standings.items()
        ],
    }


def _said(label: str, standing: Standing) -> str:
    return (
        f"{label}责任事项{standing.value('owed')}项，按期完成{standing.value('in_time')}项，"
        f"逾期完成{standing.value('done_late')}项，逾期未完成{standing.value('late')}项，"
        f"未到期{standing.value('to_come')}项"
    )


def _finding_of_bars(standings: dict[str, Standing]) -> str:
    late = {label: standing.value("late") for label, standing in standings.items() if standing.value("late")}
    if not any(standing.value("owed") for standing in standings.values()):
        return "本年度没有列入台账的责任事项"
    if not late:
        done = all(standing.value("done") == standing.value("owed") for standing in standings.values())
        return "列入台账的责任事项均已完成" if done else "各责任主体没有逾期未完成的责任事项"
    if len(late) == 1:
        return f"逾期未完成的责任事项都在{next(iter(late))}"
    most = max(late, key=late.get)
    return (
        f"逾期未完成的责任事项以{most}为多" if late[most] * 2 > sum(late.values()) else "多个责任主体有逾期未完成事项"
    )


def late_words(ledger: Ledger, chosen: LedgerFilter, *, with_titles: int = 5) -> str:
    """逾期未完成的是什么, when they are few enough to be named."""
    late = ledger.select(chosen.but(states=(Light.LATE,)))
    titles = list(dict.fromkeys(row.title for row in late))
    if not titles:
        return ""
    return f"逾期未完成的有：{listed(titles, with_titles)}。"


# ── 进度 ─────────────────────────────────────────────────────────────────────────────────────


def progress(ledger: Ledger, chapter: Chapter, chosen: LedgerFilter, source: dict) -> None:
    """按月累计: due and done by each month's end, and done by the same month of last year."""
    months = months_of(ledger, chosen)
    exhibit = {
        "kind": "progress",
        "title": _finding_of_progress(ledger, months, chosen),
        "unit": "项",
        "note": f"累计数。虚线：按期限应完成；实线：已完成。来源：责任台账〔{source['code']}〕。",
        "alt": "；".join(
            f"{one['month']}月底应完成{one['due']}项" + ("" if one["done"] is None else f"，已完成{one['done']}项")
            for one in months
        )
        + "。",
        "year": ledger.year,
        "last_year": ledger.year - 1 if ledger.has_last_year else None,
        "months": months,
    }
    ledger.show(PROGRESS, exhibit, chapter)


def months_of(ledger: Ledger, chosen: LedgerFilter) -> list[dict]:
    this = ledger.select(chosen)
    last = ledger.select(chosen.but(year=ledger.year - 1)) if ledger.has_last_year else None
    months = []
    for month in range(1, 13):
        end = _after(ledger.year, month)
        is_past = date(ledger.year, month, 1) <= ledger.on
        months.append(
            {
                "month": month,
                "due": sum(row.due_on < end for row in this),
                "done": _done_before(this, end) if is_past else None,
                "before": None if last is None else _done_before(last, _after(ledger.year - 1, month)),
            }
        )
    return months


def _after(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1)


def _done_before(rows, end: date) -> int:
    return sum(row.fulfilled_on is not None and row.fulfilled_on < end for row in rows)


def _finding_of_progress(ledger: Ledger, months: list[dict], chosen: LedgerFilter) -> str:
    known = [one for one in months if one["done"] is not None]
    if not months[-1]["due"]:
        return "年内没有到期的责任事项"
    if not known:
        return "年度工作尚未开始"
    at, due = known[-1], known[-1]["due"]
    when = f"{at['month']}月底"
    if (ledger.on.year, ledger.on.month) == (ledger.year, at["month"]):  # the month still runs
        when = f"截至{day_words(ledger.on)}"
        due = sum(row.due_on < ledger.on for row in ledger.select(chosen))
    return f"{when}累计完成{at['done']}项，按期限应完成{due}项"
