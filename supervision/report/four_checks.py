"""四项检查: 分解、落实、协同、追究, each a share of two figures, with its formula (四（三）)."""

from accountability.models import Duty
from supervision.board.questions import Answer, Question, answered, questions
from supervision.board.tally import tally
from supervision.report.ledger import Chapter, Ledger, columns, table
from supervision.report.narrative import compared_words, count

CHECKS, RATES = "四项检查结果", "四项检查走势"
ASKED = {
    "clear": "责任分解是否明确",
    "carried_out": "责任项目是否落实",
    "joint": "责任履行是否协同",
    "strict": "责任追究是否严格",
}
# What counts, what of it is well, what is not, and how it is said when none is well.
SAID = {
    "clear": ("列入台账的责任事项", "责任人在任的", "责任人空缺的", "责任人均空缺"),
    "carried_out": ("已到期或已完成的责任事项", "按期完成的", "未按期完成的", "均未按期完成"),
    "joint": ("已到期或已完成的协同事项", "按期完成的", "未按期完成的", "均未按期完成"),
    "strict": ("逾期超过规定天数仍未完成的责任事项", "已督办或问责的", "尚未督办或问责的", "均尚未督办或问责"),
}


def four_checks(ledger: Ledger, chapter: Chapter) -> list[dict]:
    """Each with its two figures, what is lacking, the month's ends, and last year's share where there was one."""
    answers = _answers(ledger)
    before = questions(ledger.year - 1) if ledger.has_last_year else [None] * len(answers)
    lines = [_line(ledger, answer, former) for answer, former in zip(answers, before, strict=True)]
    chapter.say(*(line["words"] for line in lines))
    heads = columns(
        "检查内容", "应计", "符合", "未符合", "占比", *([f"{ledger.year - 1}年"] if ledger.has_last_year else [])
    )
    rows = [
        [
            line["asked"], *({"figure": line[name]["code"]} for name in ("whole", "well", "lacking", "rate")),
            *([{"figure": line["before"]["code"]}] if line["before"] else []),
        ]
        for line in lines
    ]  # fmt: skip
    formulas = "；".join(f"{line['label']}：{line['formula']}" for line in lines)
    exhibit = table("责任落实四项检查", "四（三）", "项", heads, [{"name": "", "rows": rows}], note=f"{formulas}。")
    ledger.show(CHECKS, exhibit, chapter)
    ledger.show(RATES, _rates(ledger, lines), chapter)
    return lines


def _answers(ledger: Ledger) -> list[Answer]:
    duties = Duty.objects.ordinary()
    return answered(tally(duties, ledger.year, ledger.on), duties, ledger.year, ledger.on)


def _line(ledger: Ledger, answer: Answer, former: Question | None) -> dict:
    asked = answer.question
    whole = ledger.take(f"{asked.label}应计", asked.whole)
    well = ledger.take(f"{asked.label}符合", asked.well)
    lacking = ledger.take(f"{asked.label}{asked.lacking_words}", asked.lacking)
    rate = ledger.rate(asked.label, well, whole, asked.formula)
    before = None
    if former:
        parts = [
            ledger.take(f"{ledger.year - 1}年{asked.label}{label}", chosen, series="Y")
            for label, chosen in (("符合", former.well), ("应计", former.whole))
        ]
        before = ledger.rate(f"{ledger.year - 1}年{asked.label}", *parts, asked.formula, "Y")
    line = {
        "name": asked.name, "label": asked.label, "asked": ASKED[asked.name], "formula": asked.formula,
        "whole": whole, "well": well, "lacking": lacking, "rate": rate, "before": before, "months": answer.months,
        "lacking_words": asked.lacking_words,
    }  # fmt: skip
    return line | {"words": _words(ledger, line)}


def _words(ledger: Ledger, line: dict) -> str:
    """The formula in words: of what, how much of it is well, how much is not."""
    whole, well, lacking, none = SAID[line["name"]]
    if not line["whole"]["value"]:
        return f"{line['asked']}：本年度没有{whole}。"
    said, rest = f"{whole}{count(line['whole'])}", ""
    if not line["well"]["value"]:
        said += f"，{none}，占比为{count(line['rate'])}"
    else:
        said += f"，其中{well}{count(line['well'])}，占{count(line['rate'])}"
        rest = f"；{lacking}{count(line['lacking'])}" if line["lacking"]["value"] else ""
    compared = compared_words(line["rate"], line["before"], "该项占比", ledger.year - 1) if line["before"] else ""
    return f"{line['asked']}：{said}{rest}。{compared}"


def _rates(ledger: Ledger, lines: list[dict]) -> dict:
    told = [line for line in lines if line["whole"]["value"]]
    worst = min(told, key=lambda line: line["well"]["value"] / line["whole"]["value"], default=None)
    full = [line for line in told if line["well"]["value"] == line["whole"]["value"]]
    if worst is None:
        title = "四项检查没有应计的事项"
    elif len(full) == len(told):
        title = "有应计事项的各项检查均全部符合"
    else:
        title = f"四项检查中{worst['label']}占比最低，为{worst['rate']['value']}"
    return {
        "kind": "rates",
        "title": title,
        "unit": "%",
        "note": "折线为各月末数值；没有应计事项的不显示百分比。来源：责任台账"
        + "".join(f"〔{line['rate']['code']}〕" for line in lines)
        + "。",
        "alt": "；".join(f"{line['asked']}：{line['rate']['value']}" for line in lines) + "。",
        "year": ledger.year,
        "rows": [
            {
                "label": line["label"],
                "asked": line["asked"],
                "figure": line["rate"]["code"],
                "well": line["well"]["code"],
                "whole": line["whole"]["code"],
                "lacking": line["lacking"]["code"],
                "before": line["before"]["code"] if line["before"] else None,
                "months": [None if month is None else round(month, 1) for month in line["months"]],
            }
            for line in lines
        ],
    }
