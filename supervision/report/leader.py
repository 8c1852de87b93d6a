"""校领导述责述廉: 本人责任, what he is in charge of, what he did; integrity is for himself to write (三（三）3, 二（四）)."""

from accountability.models import Portfolio, Project, Record
from inspections.models import Visit
from inspections.research_filters import VisitFilter
from supervision.report.ledger import IN_A_TABLE, Chapter, Ledger, Standing, column, table
from supervision.report.narrative import count, listed, standing_words
from supervision.report.own import DUTIES, by_obligation, duty_list
from supervision.report.subjects import late_words, overview, progress
from supervision.report.units import light_of_unit

PORTFOLIO = "分管部门和联系单位责任落实情况"


def chapters(ledger: Ledger, tell) -> None:
    post, year = ledger.scope.post, ledger.year
    chosen = ledger.everything.but(owner=post.pk)
    tell("本人责任")
    first = ledger.chapter("履行责任情况", "二（三）、二（四）")
    total = overview(ledger, first, chosen, "本人")
    by_obligation(ledger, first, chosen, total, "二（三）、二（四）")
    progress(ledger, first, chosen, total["owed"])
    tell("分管部门和联系单位")
    _portfolio(ledger, ledger.chapter("分管部门和联系单位责任落实情况", "二（四）"))
    tell("听取汇报、调研督查和谈话")
    _acts(ledger, ledger.chapter("听取汇报、调研督查和谈话情况", "三（三）3、三（四）3"))
    tell("责任项目")
    _projects(ledger, ledger.chapter("责任项目推进情况", "三（三）1"))
    ledger.chapter("廉洁自律情况", "三（三）3").say("请在此写明本人遵守廉洁纪律的情况。")
    tell("存在的问题")
    problems = ledger.chapter("存在的主要问题", "三（三）3")
    _late(ledger, problems, total, chosen)
    problems.say("请在此写明存在的问题和产生问题的原因。")
    steps = ledger.chapter("下一步整改措施", "三（三）3")
    steps.say(
        f"对逾期未完成的责任事项{count(total['late'])}逐项明确完成时限。" if total.value("late") else "",
        "请在此写明整改措施和时限。",
    )
    duty_list(ledger, chosen, f"{post.full_title}责任事项")
    ledger.annex(f"{year}年度本人责任事项清单", DUTIES)


def _portfolio(ledger: Ledger, chapter: Chapter) -> None:
    """分管、联系的单位 of the day of the report, each with its own duties."""
    rows = Portfolio.objects.in_force(ledger.on).filter(post=ledger.scope.post).select_related("organisation")
    rows = list(rows.order_by("kind", "organisation__rank", "organisation"))
    if not rows:
        chapter.say("目前没有登记分管部门和联系单位。")
        return
    named = {kind: [row.organisation.name for row in rows if row.kind == kind] for kind in Portfolio.Kind.values}
    said = [f"{Portfolio.Kind(kind).label}：{'、'.join(names)}" for kind, names in named.items() if names]
    chapter.say(f"{'；'.join(said)}。")
    lines, late = [], []
    for row in rows:
        unit = row.organisation
        standing = ledger.standing(unit.name, ledger.everything.but(organisation=unit.pk), "U", IN_A_TABLE)
        late += [unit.name] if standing.value("late") else []
        lines.append(_line(row, standing))
        chapter.say(f"{unit.name}{standing_words(standing, none='没有列入台账的责任事项。')}")
    heads = [
        column("单位", "left"), column("分工", "left"), column("责任事项"), column("已完成"), column("逾期完成"),
        column("逾期未完成"), column("完成率"), column("状态", "left"),
    ]  # fmt: skip
    exhibit = table("分管部门和联系单位责任落实情况", "二（四）", "项", heads, [{"name": "", "rows": lines}],
                    note="分工按本报告数据时间，责任事项为单位本级的责任。")  # fmt: skip
    ledger.show(PORTFOLIO, exhibit, chapter)
    if late:
        chapter.say(f"有逾期未完成事项的单位：{listed(late)}。")


def _line(row: Portfolio, standing: Standing) -> list:
    light = light_of_unit(standing.value("late"), standing.value("owed"))
    cells = standing.cells("owed", "done", "done_late", "late", "rate")
    return [row.organisation.name, row.get_kind_display(), *cells, light]


def _acts(ledger: Ledger, chapter: Chapter) -> None:
    post, year = ledger.scope.post, ledger.year
    records = Record.objects.accepted().filter(post=post, work_year=year, is_confidential=False)
    heard = records.filter(act__code="hearing").order_by("pk").values_list("pk", flat=True)
    hearings = ledger.keep("听取汇报", heard, "次", "record")
    visited = VisitFilter(leader=post.pk, year=year)
    ids = visited.rows(Visit.objects.filter(record__is_confidential=False), on=ledger.on, user=None).order_by("pk")
    visits = ledger.keep("调研督查", ids.values_list("pk", flat=True), "次", "visit", visited.url)
    said = [f"{figure['label']}{count(figure)}" for figure in (hearings, visits) if figure["value"]]
    chapter.say(f"登记的{'、'.join(said)}。" if said else "系统中尚无听取汇报和调研督查的登记。")
    chapter.say("请在此写明听取汇报、调研督查和谈话中发现的主要问题和处理情况。")


def _projects(ledger: Ledger, chapter: Chapter) -> None:
    rows = Project.objects.filter(responsibility__owner=ledger.scope.post, responsibility__work_year=ledger.year)
    rows = list(rows.order_by("pk"))
    if not rows:
        chapter.say("本年度没有登记认领的责任项目。")
        return
    every = ledger.keep("责任项目", [row.pk for row in rows], "个", "project")
    said = []
    for state in Project.State:
        figure = ledger.keep(f"责任项目{state.label}", [row.pk for row in rows if row.state == state], "个", "project")
        said += [f"{state.label}{count(figure)}"] if figure["value"] else []
    chapter.say(f"认领责任项目{count(every)}，其中{'、'.join(said)}：{listed([row.title for row in rows])}。")


def _late(ledger: Ledger, chapter: Chapter, total: Standing, chosen) -> None:
    if total.value("late"):
        chapter.say(f"逾期未完成的责任事项{count(total['late'])}。{late_words(ledger, chosen, with_titles=8)}")
    else:
        chapter.say("没有逾期未完成的责任事项。")
