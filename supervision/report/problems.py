"""存在的问题、下一步: what the checks of the board find, told only where every whole-school reader may know (三（二）2, 四（三）).

A figure of the board is scoped to its reader; a report is not. So each is read here for the whole school, without what
is confidential, and the tests hold it against what each whole-school reader is told.
"""

from collections.abc import Callable
from datetime import date

from django.db.models import QuerySet
from django.http import QueryDict

from accountability.ledger import LedgerFilter
from accountability.models import Duty, Light, Record, Subject
from accountability.record_filter import RecordFilter
from inspections.figures import INDICATORS, Scope
from supervision.board.indicators import FIGURES
from supervision.board.missing import CHECKS, Check
from supervision.hints.filter import HintFilter
from supervision.letters.filter import LetterFilter
from supervision.models import FoundProblem, Hint, Letter, Oversight, RecordEvaluation
from supervision.records.filters import EvaluationFilter, FoundFilter, OversightFilter
from supervision.report.ledger import Chapter, Ledger, Standing, column, table
from supervision.report.narrative import count, numbered

LATE_LIST, GAPS = "逾期未完成责任事项", "检查发现的缺失"
WHY = "请在此写明产生上述问题的原因。"
NEXT = "请在此写明下一年度的工作安排、责任人和时限。"
LETTERS = Letter.objects.exclude(kind=Letter.Kind.INFORM)  # a 告知书 is about a person

# How a check is said in a sentence; the board's labels are heads of columns.
SAID = {
    "unpursued": "逾期较久、尚未督办或问责的责任事项",
    "no_letter": "尚未签订全面从严治党责任书的单位责任",
    "no_rules": "尚未制定本单位实施办法的单位责任",
    "no_hearing": "校领导到期未听取汇报的责任事项",
    "letters_late": "逾期未答复的监督文书",
    "late_findings": "逾期未销号的巡视巡察问题",
    "no_answer": "逾期未答复的工作要求",
    "letters_unread": "发出后未签收的监督文书",
    "unanswered_problems": "监督发现后单位逾期未回应的问题",
    "vacant": "责任人空缺的责任事项",
    "unproved": "填报已完成而没有佐证的整改措施",
    "late_entries": "事后补录的履责记录",
    "letters_poor": "答复评价为不满意的监督文书",
    "disapproved": "评价为不认可的履责记录",
    "hints_confirmed": "经纪委查看确认的形式主义提示",
}
BESIDES = ("letters_poor", "disapproved", "hints_confirmed")  # no checks of the board, and yet problems

Rows = Callable[[int, date], QuerySet]
# name → kind of row, rows of the whole school. The ledger's own need no entry: their address is their filter.
WHOLE: dict[str, tuple[str, Rows]] = {
    "letters_late": ("letter", lambda year, on: _letters(year, on, view="late")),
    "letters_unread": ("letter", lambda year, on: _letters(year, on, view="unread")),
    "letters_poor": ("letter", lambda year, on: _letters(year, on, view="poor")),
    "late_findings": ("finding", lambda year, on: INDICATORS["late"].rows(Scope(on=on, year=year))),
    "unproved": ("measure", lambda year, on: INDICATORS["measures_unproved"].rows(Scope(on=on, year=year))),
    "unanswered_problems": (
        "found_problem",
        lambda year, on: FoundFilter(year=year, view="late").rows(
            FoundProblem.objects.exclude(oversight__record__is_confidential=True), on=on
        ),
    ),
    "disapproved": (
        "evaluation",
        lambda year, on: EvaluationFilter(year=year, grade=RecordEvaluation.Grade.BAD.value).rows(
            RecordEvaluation.objects.exclude(record__is_confidential=True), user=None
        ),
    ),
    "late_entries": (
        "record",
        lambda year, on: RecordFilter(year=year, view="late").rows(
            Record.objects.filter(is_confidential=False), user=None
        ),
    ),
}
# 只报数量: who may not read hints is told only how many the commission confirmed.
COUNTED_ONLY: dict[str, tuple[str, Rows]] = {
    "hints_confirmed": ("hint", lambda year, on: HintFilter(state="confirmed", year=year).rows(Hint.objects.all())),
}


def _letters(year: int, on: date, **chosen) -> QuerySet:
    return LetterFilter(year=year, **chosen).rows(LETTERS, on=on, user=None)


def figure_of(ledger: Ledger, name: str, label: str = "") -> dict | None:
    """A registered figure as of the whole school; none where not every whole-school reader may know of it.

    Letters have no address: the page shows a 告知书 besides to who is told of one.
    """
    if name not in FIGURES:
        return None
    told = FIGURES[name]
    label, url = label or told.label, told.url(ledger.year)
    if url.startswith(LedgerFilter().url):
        return ledger.take(label, LedgerFilter.read(QueryDict(url.partition("?")[2])), told.unit)
    known = WHOLE | COUNTED_ONLY
    if name not in known:
        return None
    model, rows = known[name]
    ids = rows(ledger.year, ledger.on).order_by("pk").values_list("pk", flat=True)
    return ledger.keep(label, ids, told.unit, model, "" if name in COUNTED_ONLY or model == "letter" else url)


def gaps(ledger: Ledger) -> list[tuple[Check, dict]]:
    """缺失检查 with what each found."""
    found = [(check, figure_of(ledger, check.figure, check.label)) for check in CHECKS]
    return [(check, figure) for check, figure in found if figure is not None]


def problems(ledger: Ledger, chapter: Chapter, total: Standing, by_subject: dict[str, Standing]) -> None:
    """What was found, named one by one; what is nought is not said."""
    checks = gaps(ledger)
    told = {check.figure: figure for check, figure in checks}
    told |= {name: figure for name in BESIDES if (figure := figure_of(ledger, name))}
    found = [f"{SAID[name]}{count(figure)}" for name, figure in told.items() if figure["value"]]
    if total.value("late"):
        chapter.say(f"责任落实还有差距，逾期未完成的责任事项{count(total['late'])}。{_where(total, by_subject)}")
    if found:
        chapter.say(f"按台账和检查记录核对，存在以下问题：{numbered(found)}")
    elif not total.value("late"):
        chapter.say("按台账和检查记录核对，所列检查事项未发现缺失。")
    chapter.say(WHY)
    rows = [
        [figure["label"], check.clause, {"figure": figure["code"]}, _light(check, figure)] for check, figure in checks
    ]
    heads = [column("检查事项", "left"), column("条款", "left"), column("数量"), column("状态", "left")]
    exhibit = table("缺失检查", "三（二）2、四（三）", "", heads, [{"name": "", "rows": rows}])
    ledger.show(GAPS, exhibit, chapter)


def _light(check: Check, figure: dict) -> dict:
    if not figure["value"]:
        return {"light": "ok", "words": "未发现"}
    lights = {Light.LATE: "late", Light.SOON: "soon", Light.IDLE: "rest", Light.DONE: "ok"}
    return {"light": lights[check.light], "words": f"{figure['value']}{figure['unit']}"}


def _where(total: Standing, by_subject: dict[str, Standing]) -> str:
    """其中…: only where one subject has more than half of them."""
    if not by_subject:
        return ""
    name, most = max(by_subject.items(), key=lambda item: item[1].value("late"))
    if most.value("late") == total.value("late"):
        return f"这些事项都属于{Subject(name).label}。"
    if most.value("late") * 2 > total.value("late"):
        return f"其中{Subject(name).label}{count(most['late'])}，较为集中。"
    return ""


def next_steps(ledger: Ledger, chapter: Chapter, late: dict, told: dict[str, dict], next_of: str = "下一年度") -> None:
    """下一步: what is carried over, and the words that only people can write. ``told``: rectification's figures."""
    carried = [f"对逾期未完成的责任事项{count(late)}逐项明确完成时限"] if late["value"] else []
    if told and told["late"]["value"]:
        carried.append(f"对逾期未销号的巡视巡察问题{count(told['late'])}继续整改")
    if told and told["long_term"]["value"]:
        carried.append(f"对转入长期坚持的问题{count(told['long_term'])}按期复核")
    undone = told and (told["measures"]["value"] - told["measures_done"]["value"])
    if undone:
        left = "、".join(
            f"{label}{count(told[name])}"
            for name, label in (("measures_mostly", "基本完成"), ("measures_undone", "未完成"))
            if told[name]["value"]
        )
        carried.append(f"对尚未全部完成的整改措施（{left}）继续推进")
    if carried:
        chapter.say(f"本年度结转的事项：{numbered(carried)}")
    else:
        chapter.say("本年度没有结转的逾期责任事项和整改事项。")
    chapter.say(NEXT.replace("下一年度", next_of))


def late_list(ledger: Ledger, chosen: LedgerFilter, title: str = LATE_LIST) -> None:
    """逾期未完成清单 for the annex: the same words as the frozen rows."""
    pks = [row.pk for row in ledger.select(chosen.but(states=(Light.LATE,)))]
    duties = Duty.objects.filter(pk__in=pks).for_list().order_by("due_on", "pk")
    rows = [
        [duty.number, duty.title, duty.organisation_name, duty.owner.full_title, f"{duty.due_on}"] for duty in duties
    ]
    if not rows:
        return
    heads = [column(one, "left") for one in ("编号", "责任事项", "单位", "责任人", "到期日")]
    ledger.show(LATE_LIST, table(title, "三（二）2", "项", heads, [{"name": "", "rows": rows}]))


def supervision_words(ledger: Ledger, chapter: Chapter) -> None:
    """监督工作 in the school's report: what the commission sent and recorded, in two figures."""
    letters = ledger.keep(
        "发出的督办单、意见书和建议书",
        _letters(ledger.year, ledger.on, state=Letter.State.ISSUED.value).order_by("pk").values_list("pk", flat=True),
        "份",
        "letter",
    )
    visible = Oversight.objects.filter(record__is_confidential=False)
    chosen = OversightFilter(year=ledger.year)
    ids = chosen.rows(visible).order_by("pk").values_list("pk", flat=True)
    records = ledger.keep("监督记录", ids, "次", "oversight", chosen.url)
    parts = [f"发出督办单、意见书和建议书{count(letters)}"] if letters["value"] else []
    parts += [f"登记监督记录{count(records)}"] if records["value"] else []
    chapter.say(f"{'，'.join(parts)}。" if parts else "")
