"""四书四会三报告: every obligation of the clause, by what kind of act it is; letters of the units apart (三（三）1)."""

from collections import defaultdict

from accountability.models import ActKind, Light, Obligation, Subject
from supervision.report.gatherings import light_of
from supervision.report.ledger import Chapter, Ledger, column, table
from supervision.report.narrative import count, days_words

FOUR_BOOKS = "3.3.1"
BOOKS = "四书四会三报告"
ORDER = ("四书及点评", "四会及例会", "三报告", "责任书")
MEASURES = {"四书及点评": "份", "四会及例会": "次", "三报告": "份", "责任书": "份"}
VERBS = {"四会及例会": ("应召开", "已召开")}


def books(ledger: Ledger, chapter: Chapter) -> None:
    owed = [pk for pk in ledger.duties().by["obligation"] if pk]
    obligations = Obligation.objects.filter(pk__in=owed, clause__key=FOUR_BOOKS).order_by("rank", "pk")
    groups: dict[str, list[dict]] = defaultdict(list)
    for obligation in obligations.prefetch_related("acts"):
        groups[_group_of(obligation)].append(_line(ledger, obligation, _group_of(obligation)))
    shown = [name for name in ORDER if groups[name]]
    if not shown:
        chapter.say("本年度没有列入四书四会三报告的责任事项。")
        return
    chapter.say(*(f"{name}方面，{'；'.join(line['words'] for line in groups[name])}。" for name in shown))
    heads = [
        column("名称", "left"), column("责任人", "left"), column("应完成"), column("已完成"), column("最近完成", "left"),
        column("下一期限", "left"), column("状态", "left"),
    ]  # fmt: skip
    rows = [{"name": name, "rows": [line["row"] for line in groups[name]]} for name in shown]
    exhibit = table(
        "四书四会三报告落实情况", "三（三）1", "份、次", heads, rows,
        note="工作年度的工作报告在次年年初作出，仍计入本年度。责任书不计入四书，单独列出。",
    )  # fmt: skip
    ledger.show(BOOKS, exhibit, chapter)


def _group_of(obligation: Obligation) -> str:
    if obligation.subject == Subject.UNIT:
        return "责任书"
    category = obligation.acts.all()[0].category
    return {ActKind.Category.MEETING: "四会及例会", ActKind.Category.REPORT: "三报告"}.get(category, "四书及点评")


def _line(ledger: Ledger, obligation: Obligation, group: str) -> dict:
    chosen, measure = ledger.everything.but(obligation=obligation.pk), MEASURES[group]
    owed = ledger.take(f"{obligation.title}应完成", chosen, measure)
    done = ledger.take(f"{obligation.title}已完成", chosen.but(states=(Light.DONE,)), measure)
    duties = ledger.select(chosen)
    days = [duty.fulfilled_on for duty in duties if duty.fulfilled_on]
    due = [duty.due_on for duty in duties if duty.is_open]
    title, (ask, have) = obligation.title, VERBS.get(group, ("应完成", "已完成"))
    if title.startswith("签订"):
        title, ask, have = title.removeprefix("签订"), "应签订", "已签订"
    not_yet = "尚未到期" if not any(duty.is_(Light.LATE, ledger.on) for duty in duties) else "尚未完成"
    said = f"{have}{count(done)}" if done["value"] else not_yet
    return {
        "words": f"{title}{ask}{count(owed)}，{said}",
        "row": [
            obligation.title, obligation.get_bearer_display(), {"figure": owed["code"]}, {"figure": done["code"]},
            days_words([max(days)], ledger.year) if days else "—",
            days_words([min(due)], ledger.year) if due else "—",
            light_of(duties, ledger.on, measure),
        ],
    }  # fmt: skip
