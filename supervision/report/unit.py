"""单位报告: 履行全面从严治党责任情况, from what the unit itself may see (三（三）2, 三（三）3)."""

from accountability.ledger import LedgerFilter
from accountability.models import Light, Obligation, Organisation, UnitItem
from inspections.models import CheckCampaign, Level, Reply, RiskAnswer, RiskPoint
from inspections.research_filters import ReplyFilter
from inspections.risk_filter import AnswerFilter, RiskFilter
from meetings.models import Meeting
from supervision.letters.filter import LetterFilter
from supervision.models import Letter
from supervision.report.commission import KINDS
from supervision.report.gatherings import counted
from supervision.report.ledger import IN_A_TABLE, Chapter, Ledger, Standing, column, columns, table
from supervision.report.narrative import count, listed, standing_words
from supervision.report.own import DUTIES, by_obligation, duty_list
from supervision.report.problems import LATE_LIST, LETTERS, late_list, next_steps
from supervision.report.rectification import rectification
from supervision.report.subjects import late_words, overview, progress
from supervision.report.units import LETTER, SPECIAL_MEETING, light_of_unit

BRANCHES, MEETINGS = "党支部责任落实情况", "会议召开情况"
WHY = "请在此写明存在的问题和产生问题的原因。"


def chapters(ledger: Ledger, tell) -> None:
    unit, year = ledger.scope.organisation, ledger.year
    chosen = ledger.everything.but(organisation=unit.pk)
    tell("责任落实")
    first = ledger.chapter("责任落实总体情况", "三（三）2、3")
    total = overview(ledger, first, chosen, "本单位")
    by_obligation(ledger, first, chosen, total, "三（三）2、3")
    progress(ledger, first, chosen, total["owed"])
    tell("责任书和三张清单")
    _letter_and_lists(ledger, ledger.chapter("责任书和三张清单", "三（三）2"), unit, chosen)
    tell("会议")
    _meetings(ledger, ledger.chapter("会议研究部署情况", "三（三）2"), unit, chosen)
    tell("廉政风险")
    _risks(ledger, ledger.chapter("廉政风险点自查自纠情况", "三（四）2"), unit)
    tell("党支部")
    _branches(ledger, ledger.chapter("党支部责任落实情况", "三（三）2"), unit)
    tell("接受监督")
    _asked(ledger, ledger.chapter("监督文书和工作要求办理情况", "三（二）1、三（四）3"), unit)
    tell("巡视巡察整改")
    told = rectification(ledger, ledger.chapter("巡视巡察整改情况", "三（四）1"), unit)
    tell("存在的问题")
    _problems(ledger, ledger.chapter("存在的主要问题", "三（三）3"), total, chosen)
    figures = {} if told.is_empty else told.overview
    next_steps(ledger, ledger.chapter("下一步工作打算", "三（三）3"), total["late"], figures)
    duty_list(ledger, chosen, f"{unit.full_name}责任事项")
    late_list(ledger, chosen)
    ledger.annex(f"{year}年度责任事项清单", DUTIES)
    ledger.annex(f"{year}年度党支部责任落实情况表", BRANCHES)
    ledger.annex(f"{year}年度逾期未完成责任事项清单", LATE_LIST)


def _asks(ledger: Ledger, chosen: LedgerFilter, act: str) -> Obligation | None:
    """What asks this act of the unit in this year."""
    owed = {row.obligation for row in ledger.select(chosen) if row.obligation}
    return Obligation.objects.filter(pk__in=owed, acts__code=act).prefetch_related("acts").first()


def _letter_and_lists(ledger: Ledger, chapter: Chapter, unit: Organisation, chosen: LedgerFilter) -> None:
    obligation = _asks(ledger, chosen, LETTER)
    if obligation is None:
        chapter.say("本年度没有列入签订责任书的责任事项。")
    else:
        narrowed = chosen.but(obligation=obligation.pk)
        owed = ledger.take("应签订责任书", narrowed, "份")
        done = ledger.take("已签订责任书", narrowed.but(states=(Light.DONE,)), "份")
        late = ledger.select(narrowed.but(states=(Light.LATE,)))
        said = f"已签订{count(done)}" if done["value"] else ("已过期限，尚未签订" if late else "尚未签订")
        chapter.say(f"全面从严治党责任书应签订{count(owed)}，{said}。")
    items = UnitItem.objects.filter(unit_list__organisation=unit, unit_list__work_year=ledger.year).order_by("pk")
    kinds = list(items.values_list("kind", "pk"))
    said = []
    for kind in UnitItem.Kind:
        figure = ledger.keep(f"{kind.label}条目", [pk for one, pk in kinds if one == kind], "条", "unit_item")
        said += [f"{kind.label}{count(figure)}"] if figure["value"] else []
    chapter.say(f"随责任书列出的清单条目：{'、'.join(said)}。" if said else "系统中尚未登记本单位的三张清单条目。")


def _meetings(ledger: Ledger, chapter: Chapter, unit: Organisation, chosen: LedgerFilter) -> None:
    """What was asked of the unit, and every meeting it held, by kind."""
    obligation = _asks(ledger, chosen, SPECIAL_MEETING)
    if obligation:
        chapter.say(counted(ledger, obligation, chosen)["words"])
    held = Meeting.objects.of_year(ledger.year).held().filter(organisation=unit).order_by("day", "pk")
    rows = list(held.select_related("act"))
    figure = ledger.keep("已归档的会议", [row.pk for row in rows], "次", "meeting")
    if not rows:
        chapter.say("系统中尚无本单位已归档的会议记录。")
        return
    chapter.say(f"已归档的会议共{count(figure)}。")
    cells = [[f"{row.day}", row.title, row.act.name] for row in rows]
    heads = [column(one, "left") for one in ("召开日期", "会议", "类型")]
    exhibit = table("会议召开情况", "三（三）2", "次", heads, [{"name": "", "rows": cells}])
    ledger.show(MEETINGS, exhibit, chapter)


def _risks(ledger: Ledger, chapter: Chapter, unit: Organisation) -> None:
    """风险点 in use by level, and what the year's self-check answered."""
    points = RiskPoint.objects.filter(organisation=unit)
    whole = RiskFilter(unit=unit.pk)
    in_use = _kept(ledger, "在用廉政风险点", whole, points, "risk_point")
    if not in_use["value"]:
        chapter.say("本单位没有在用的廉政风险点。")
        return
    levels = [
        _kept(ledger, f"{level.label}风险点", whole.but(level=level.value), points, "risk_point") for level in Level
    ]
    said = [f"{figure['label'].removesuffix('风险点')}{count(figure)}" for figure in levels if figure["value"]]
    chapter.say(f"在用的廉政风险点{count(in_use)}，其中{'、'.join(said)}。")
    if not CheckCampaign.objects.filter(work_year=ledger.year).exists():
        return
    answered = AnswerFilter(year=ledger.year, unit=unit.pk)
    answers = RiskAnswer.objects.handed_in()
    figures = {
        view: ledger.keep(
            label,
            answered.but(view=view).rows(answers).order_by("pk").values_list("pk", flat=True),
            "个",
            "risk_answer",
            answered.but(view=view).url,
        )
        for view, label in (
            ("all", "已自查的风险点"),
            ("problem", "自查发现问题的风险点"),
            ("loose", "防控措施未全部落实的风险点"),
        )
    }
    if not figures["all"]["value"]:
        chapter.say("年度自查自纠尚未提交。")
        return
    found = [
        f"{figures[name]['label']}{count(figures[name])}" for name in ("problem", "loose") if figures[name]["value"]
    ]
    rest = "，".join(found) if found else "自查未发现问题，防控措施均填报为已落实"
    chapter.say(f"年度自查自纠已自查风险点{count(figures['all'])}，{rest}。")


def _kept(ledger: Ledger, label: str, chosen: RiskFilter, points, model: str) -> dict:
    ids = chosen.rows(points, user=None).order_by("pk").values_list("pk", flat=True)
    return ledger.keep(label, ids, "个", model, chosen.url)


def _branches(ledger: Ledger, chapter: Chapter, unit: Organisation) -> None:
    """三级链条: each branch, one by one; their sum has no page of its own."""
    branches = list(unit.children.filter(kind=Organisation.Kind.BRANCH).order_by("rank", "pk"))
    figure = ledger.keep("党支部", [branch.pk for branch in branches], "个", "organisation")
    if not branches:
        chapter.say("本单位没有党支部。")
        return
    standings = [
        ledger.standing(branch.name, ledger.everything.but(organisation=branch.pk), "U", IN_A_TABLE)
        for branch in branches
    ]
    names = {name: [pk for one in standings for pk in one[name]["ids"]] for name in IN_A_TABLE}
    total = _sum(ledger, names)
    late = [branch.name for branch, one in zip(branches, standings, strict=True) if one.value("late")]
    chapter.say(
        f"本单位党支部{count(figure)}，{standing_words(total)}",
        f"有逾期未完成事项的党支部：{listed(late)}。" if late else "",
    )
    rows = [
        [
            branch.name, *one.cells("owed", "done", "done_late", "late", "rate"),
            light_of_unit(one.value("late"), one.value("owed")),
        ]
        for branch, one in zip(branches, standings, strict=True)
    ]  # fmt: skip
    heads = [*columns("党支部", "责任事项", "已完成", "逾期完成", "逾期未完成", "完成率"), column("状态", "left")]
    sums = ["合计", *total.cells("owed", "done", "done_late", "late", "rate"), ""]
    exhibit = table("党支部责任落实情况", "三（三）2", "项", heads, [{"name": "", "rows": rows}], total=sums)
    ledger.show(BRANCHES, exhibit, chapter)


def _sum(ledger: Ledger, ids: dict[str, list[int]]) -> Standing:
    labels = {
        "owed": "责任事项",
        "done": "已完成",
        "done_late": "逾期完成",
        "late": "逾期未完成",
        "due": "已完成和逾期未完成",
    }
    figures = {name: ledger.keep(f"党支部{label}", ids[name], "项", "duty") for name, label in labels.items()}
    formula = "已完成 ÷（已完成＋逾期未完成）"
    return Standing(figures | {"rate": ledger.rate("党支部完成率", figures["done"], figures["due"], formula)})


def _asked(ledger: Ledger, chapter: Chapter, unit: Organisation) -> None:
    """Letters and requirements addressed to the unit; never a 告知书, which is about a person."""
    letters = LETTERS.filter(state=Letter.State.ISSUED, recipient=unit)
    received = [_received(ledger, letters, unit, kind, label) for kind, label in KINDS.items()]
    said = [f"{figure['label'].removeprefix('收到的')}{count(figure)}" for figure in received if figure["value"]]
    if said:
        late = _letters(ledger, letters, "逾期未答复的监督文书", "late")
        done = _letters(ledger, letters, "已办结的监督文书", "concluded")
        chapter.say(f"收到{'、'.join(said)}，{_answered(done, late)}。")
    else:
        chapter.say("本年度没有收到督办单、意见书和建议书。")
    whole = ReplyFilter(unit=unit.pk, year=ledger.year)
    asked, answered, late = (
        _replies(ledger, whole.but(view=view), label)
        for view, label in (
            ("all", "收到的工作要求"),
            ("accepted", "答复已认可的工作要求"),
            ("late", "逾期未答复的工作要求"),
        )
    )
    if asked["value"]:
        done = f"答复已获认可{count(answered)}" if answered["value"] else "答复尚未获认可"
        rest = f"，逾期未答复{count(late)}" if late["value"] else "，没有逾期未答复的要求"
        chapter.say(f"收到纪委和校领导提出的工作要求{count(asked)}，{done}{rest}。")
    else:
        chapter.say("本年度没有收到纪委和校领导提出的工作要求。")


def _answered(done: dict, late: dict) -> str:
    parts = [f"已办结{count(done)}" if done["value"] else "尚未办结"]
    parts += [f"逾期未答复{count(late)}"] if late["value"] else ["没有逾期未答复的文书"]
    return "，".join(parts)


def _received(ledger: Ledger, letters, unit: Organisation, kind: str, label: str) -> dict:
    chosen = LetterFilter(unit=unit.pk, year=ledger.year, state=Letter.State.ISSUED.value, kind=kind)
    ids = chosen.rows(letters, on=ledger.on, user=None).order_by("pk").values_list("pk", flat=True)
    return ledger.keep(f"收到的{label}", ids, "份", "letter", chosen.url)


def _letters(ledger: Ledger, letters, label: str, view: str) -> dict:
    """Of all kinds, without an address: that page shows a 告知书 besides to who is told of one."""
    chosen = LetterFilter(year=ledger.year, view=view)
    ids = chosen.rows(letters, on=ledger.on, user=None).order_by("pk").values_list("pk", flat=True)
    return ledger.keep(label, ids, "份", "letter")


def _replies(ledger: Ledger, chosen: ReplyFilter, label: str) -> dict:
    ids = chosen.rows(Reply.objects.all(), on=ledger.on, user=None).order_by("pk").values_list("pk", flat=True)
    return ledger.keep(label, ids, "项", "reply", chosen.url)


def _problems(ledger: Ledger, chapter: Chapter, total: Standing, chosen: LedgerFilter) -> None:
    if total.value("late"):
        chapter.say(f"本单位逾期未完成的责任事项{count(total['late'])}。{late_words(ledger, chosen, with_titles=8)}")
    else:
        chapter.say("本单位没有逾期未完成的责任事项。")
    if total.value("done_late"):
        chapter.say(f"超过期限才完成的责任事项{count(total['done_late'])}。")
    chapter.say(WHY)
