"""纪委报告: 履行监督责任情况 (二（二）, 三（二）, 四（二）).

Talks, four forms, clues and measures on persons are not read: not every whole-school reader is told even how many.
"""

from accountability.models import Subject
from inspections.models import Reply
from inspections.research_filters import ReplyFilter
from supervision.letters.filter import LetterFilter
from supervision.models import Letter, Oversight, RecordEvaluation, SpecialCheck
from supervision.records.filters import SOURCES, EvaluationFilter, OversightFilter
from supervision.report.four_checks import four_checks
from supervision.report.ledger import Chapter, Ledger, columns, table
from supervision.report.narrative import count, standing_words
from supervision.report.own import DUTIES, by_obligation, duty_list
from supervision.report.problems import LATE_LIST, LETTERS, late_list, next_steps, problems
from supervision.report.rectification import ROUNDS, rectification
from supervision.report.rectification import UNITS as RECTIFIED
from supervision.report.subjects import by_subject, overview, progress

LETTERS_TABLE, OVERSIGHTS = "监督文书", "监督记录"
KINDS = {Letter.Kind.ORDER: "督办单", Letter.Kind.OPINION: "意见书", Letter.Kind.ADVICE: "建议书"}
FORMS = "请在此写明运用监督执纪“四种形态”、谈话提醒和责任追究的情况。"


def chapters(ledger: Ledger, tell) -> None:
    year = ledger.year
    own = ledger.everything.but(subject=Subject.DISCIPLINE.value)
    tell("本级责任")
    first = ledger.chapter("监督责任落实情况", "二（二）、三（二）")
    total = overview(ledger, first, own, "监督责任")
    by_obligation(ledger, first, own, total, "二（二）、三（二）")
    progress(ledger, first, own, total["owed"])
    tell("机制运行")
    second = ledger.chapter("对“四责协同”机制运行的监督情况", "三（二）1")
    whole = ledger.standing("全校", ledger.everything)
    second.say(f"全校{standing_words(whole)}")
    standings = by_subject(ledger, whole, second)
    tell("监督文书")
    _letters(ledger, second)
    _requirements(ledger, second)
    tell("监督检查")
    third = ledger.chapter("开展监督检查情况", "二（二）、三（二）3")
    _oversights(ledger, third)
    _checks_and_evaluations(ledger, third)
    ledger.chapter("监督执纪问责情况", "二（二）、三（二）2").say(FORMS)
    tell("巡视巡察整改")
    told = rectification(ledger, ledger.chapter("巡视巡察整改监督情况", "三（四）1"))
    tell("四项检查")
    four_checks(ledger, ledger.chapter("责任落实四项检查情况", "四（三）"))
    tell("存在的问题")
    problems(ledger, ledger.chapter("监督发现的主要问题", "三（二）2"), whole, standings)
    next_steps(ledger, ledger.chapter("下一步工作打算", "三（二）"), whole["late"], told.overview)
    tell("附件")
    duty_list(ledger, own, "纪委监督责任事项")
    late_list(ledger, ledger.everything, "全校逾期未完成责任事项")
    ledger.annex(f"{year}年度纪委监督责任事项清单", DUTIES)
    ledger.annex(f"{year}年度监督文书和监督记录统计表", LETTERS_TABLE, OVERSIGHTS)
    ledger.annex(f"{year}年度巡视巡察整改情况表", ROUNDS, RECTIFIED)
    ledger.annex(f"{year}年度全校逾期未完成责任事项清单", LATE_LIST)


def _letters(ledger: Ledger, chapter: Chapter) -> None:
    """Of each kind: sent, not acknowledged, late, found wanting, concluded. A 告知书 is about a person: not here."""
    views = {"all": "发出", "unread": "未签收", "late": "逾期未答复", "poor": "不满意", "concluded": "已办结"}
    kept = {kind: {view: _letter(ledger, kind, view, label) for view, label in views.items()} for kind in KINDS}
    sent = [f"{label}{count(kept[kind]['all'])}" for kind, label in KINDS.items() if kept[kind]["all"]["value"]]
    if not sent:
        chapter.say("本年度没有发出督办单、意见书和建议书。")
        return
    chapter.say(f"发出{'、'.join(sent)}。")
    for view, label in (
        ("concluded", "已办结"),
        ("late", "逾期未答复"),
        ("unread", "发出后未签收"),
        ("poor", "答复评价为不满意"),
    ):
        told = [f"{KINDS[kind]}{count(kept[kind][view])}" for kind in KINDS if kept[kind][view]["value"]]
        chapter.say(f"{label}的有{'、'.join(told)}。" if told else "")
    rows = [[KINDS[kind], *({"figure": kept[kind][view]["code"]} for view in views)] for kind in KINDS]
    exhibit = table(
        "监督文书发出和办理情况", "三（二）1", "份", columns("种类", *views.values()), [{"name": "", "rows": rows}]
    )
    ledger.show(LETTERS_TABLE, exhibit, chapter)


def _letter(ledger: Ledger, kind: Letter.Kind, view: str, label: str) -> dict:
    chosen = LetterFilter(year=ledger.year, kind=kind.value, view=view, state=Letter.State.ISSUED.value)
    ids = chosen.rows(LETTERS, on=ledger.on, user=None).order_by("pk").values_list("pk", flat=True)
    return ledger.keep(f"{KINDS[kind]}{label}", ids, "份", "letter", chosen.url)


def _requirements(ledger: Ledger, chapter: Chapter) -> None:
    whole = ReplyFilter(year=ledger.year)
    asked, accepted, late = (
        ledger.keep(
            label,
            whole.but(view=view)
            .rows(Reply.objects.all(), on=ledger.on, user=None)
            .order_by("pk")
            .values_list("pk", flat=True),
            "项",
            "reply",
            whole.but(view=view).url,
        )
        for view, label in (("all", "向单位提出的工作要求"), ("accepted", "答复已认可"), ("late", "工作要求逾期未答复"))
    )
    if not asked["value"]:
        return
    rest = f"，逾期未答复{count(late)}" if late["value"] else "，没有逾期未答复的要求"
    done = f"答复已认可{count(accepted)}" if accepted["value"] else "答复尚未认可"
    chapter.say(f"因调研和监督向单位提出的工作要求{count(asked)}，{done}{rest}。")


def _oversights(ledger: Ledger, chapter: Chapter) -> None:
    """监督记录 by source; what came by petition is no open record and is not here."""
    open_ones = Oversight.objects.filter(record__is_confidential=False)
    views = {"all": "监督次数", "found": "发现问题", "open": "跟踪中", "settled": "已办结"}
    rows = []
    whole = {view: _oversight(ledger, open_ones, label, view=view) for view, label in views.items()}
    for source, label in SOURCES.items():
        kept = [
            _oversight(ledger, open_ones, f"{label}{words}", view=view, source=source) for view, words in views.items()
        ]
        if kept[0]["value"]:
            rows.append([label, *({"figure": figure["code"]} for figure in kept)])
    if not rows:
        chapter.say("本年度没有登记监督记录。")
        return
    found = f"其中发现问题的{count(whole['found'])}" if whole["found"]["value"] else "均未发现问题"
    follow = [
        f"{label}{count(whole[view])}"
        for view, label in (("settled", "已办结"), ("open", "仍在跟踪"))
        if whole[view]["value"]
    ]
    chapter.say(f"登记监督记录{count(whole['all'])}，{'，'.join([found, *follow])}。")
    exhibit = table(
        "监督记录（按监督来源）", "三（二）3", "次", columns("监督来源", *views.values()), [{"name": "", "rows": rows}],
        total=["合计", *({"figure": whole[view]["code"]} for view in views)],
    )  # fmt: skip
    ledger.show(OVERSIGHTS, exhibit, chapter)


def _oversight(ledger: Ledger, rows, label: str, **narrowed) -> dict:
    chosen = OversightFilter(year=ledger.year, **narrowed)
    ids = chosen.rows(rows).order_by("pk").values_list("pk", flat=True)
    return ledger.keep(f"监督记录{label}", ids, "次", "oversight", chosen.url)


def _checks_and_evaluations(ledger: Ledger, chapter: Chapter) -> None:
    """专项检查 that are concluded, and what was thought of the records of others."""
    checks = SpecialCheck.objects.filter(work_year=ledger.year, state=SpecialCheck.State.CONCLUDED).order_by("pk")
    names = dict(checks.values_list("pk", "name"))
    figure = ledger.keep("办结的专项检查", names, "次", "special_check")
    chapter.say(f"办结专项检查{count(figure)}：{'、'.join(names.values())}。" if names else "")
    standing = RecordEvaluation.objects.exclude(record__is_confidential=True)
    said = []
    for grade in RecordEvaluation.Grade:
        chosen = EvaluationFilter(year=ledger.year, grade=grade.value)
        ids = chosen.rows(standing, user=None).order_by("pk").values_list("pk", flat=True)
        figure = ledger.keep(f"评价为{grade.label}的履责记录", ids, "条", "evaluation", chosen.url)
        said += [f"评价为{grade.label}的{count(figure)}"] if figure["value"] else []
    chapter.say(f"对履责记录作出监督评价，{'、'.join(said)}。" if said else "")
