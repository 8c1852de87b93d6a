"""会议: what was asked, what was held, what was decided there; N with a count alone (三（一）1至3, 三（三）2)."""

from datetime import date

from django.db.models import Q, QuerySet

from accountability.ledger import LedgerFilter
from accountability.models import ActKind, Duty, Light, Obligation
from meetings.models import Meeting, Resolution
from supervision.report.ledger import Chapter, Ledger, Owed, columns, table
from supervision.report.narrative import count, days_words

THREE_TWO_N = "3.1"
MEETINGS, TIMELINE = "会议召开情况", "会议分布"


def three_two_n(ledger: Ledger, chapter: Chapter) -> None:
    """“3+2+N”: required, held with their days, still to hold; resolutions made there and carried out."""
    lines = [_line(ledger, obligation) for obligation in _obligations(ledger)]
    chapter.say(*(line["words"] for line in lines))
    _resolutions(ledger, chapter, [line["obligation"] for line in lines])
    if not lines:
        chapter.say("本年度没有列入“3+2+N”会议的要求。")
        return
    rows = [
        [line["obligation"].title, line["obligation"].clause.number, *line["cells"], line["days_words"], line["light"]]
        for line in lines
    ]
    heads = [*columns("会议", "条款", "应召开", "已召开"), *columns("召开日期", "状态")]
    for head in (heads[1], heads[-2], heads[-1]):
        head["align"] = "left"
    exhibit = table(
        "“3+2+N”会议的要求与召开", "三（一）1至3", "次", heads, [{"name": "", "rows": rows}],
        note="N 次会议根据工作需要召开，不设次数要求，不计完成率。",
    )  # fmt: skip
    ledger.show(MEETINGS, exhibit, chapter)
    ledger.show(TIMELINE, timeline(ledger, lines), chapter)


def _obligations(ledger: Ledger) -> QuerySet[Obligation]:
    asked = Obligation.objects.filter(
        acts__category=ActKind.Category.MEETING, clause__key__startswith=f"{THREE_TWO_N}."
    )
    owed = asked.filter(pk__in=[pk for pk in ledger.duties().by["obligation"] if pk])
    n = asked.filter(is_open_ended=True, pk__in=Obligation.objects.governing(ledger.year).values("pk"))
    return (owed | n).distinct().select_related("clause").prefetch_related("acts").order_by("rank", "pk")


def _line(ledger: Ledger, obligation: Obligation) -> dict:
    line = _uncounted(ledger, obligation) if obligation.is_open_ended else counted(ledger, obligation)
    return {"obligation": obligation, "days_words": days_words(line["days"], ledger.year) or "—", **line}


def counted(ledger: Ledger, obligation: Obligation, chosen: LedgerFilter | None = None, series: str = "F") -> dict:
    """应召开、已召开 of one obligation; of the whole ledger or of a narrower filter."""
    chosen = (chosen or ledger.everything).but(obligation=obligation.pk)
    required = ledger.take(f"{obligation.title}应召开", chosen, "次", series)
    held = ledger.take(f"{obligation.title}已召开", chosen.but(states=(Light.DONE,)), "次", series)
    duties = sorted(ledger.select(chosen), key=lambda duty: (duty.occurrence, duty.due_on))
    days = sorted(duty.fulfilled_on for duty in duties if duty.fulfilled_on)
    return {
        "cells": [{"figure": required["code"]}, {"figure": held["code"]}],
        "figures": (required, held),
        "days": days,
        "next": next((duty.due_on for duty in duties if duty.is_open), None),
        "light": light_of(duties, ledger.on, "次"),
        "words": _words(ledger, obligation, required, held, days, duties),
    }


def _words(ledger: Ledger, obligation: Obligation, required, held, days: list[date], duties: list[Owed]) -> str:
    title = obligation.title
    opening = f"{title}全年应召开{count(required)}，"
    when = f"（{days_words(days, ledger.year)}）" if days else ""
    late = [duty for duty in duties if duty.is_(Light.LATE, ledger.on)]
    to_come = [duty for duty in duties if duty.is_open and duty not in late]
    if not days:
        said = "尚未召开" if late else "均未到规定时间"
    elif len(days) == len(duties):
        said = f"实际召开{count(held)}{when}"
    else:
        said = f"已召开{count(held)}{when}"
    rest = ["有会议已过规定时间仍未召开"] if late and days else []
    rest += [f"下一次应于{day_before(to_come, ledger.year)}前召开"] if to_come and days else []
    return "，".join([opening + said, *rest]) + "。"


def day_before(duties: list[Owed], year: int) -> str:
    return days_words([min(duty.due_on for duty in duties)], year)


def _uncounted(ledger: Ledger, obligation: Obligation) -> dict:
    """N: how many were held, never how many should have been."""
    held = Meeting.objects.of_year(ledger.year).held().fulfilling(obligation).order_by("day", "pk")
    rows = list(held.values_list("pk", "day"))
    acts = [act.code for act in obligation.acts.all()]
    url = f"/meetings/?year={ledger.year}&kind={acts[0]}&view=held" if len(acts) == 1 else ""
    figure = ledger.keep(f"{obligation.title}已召开", [pk for pk, _ in rows], "次", "meeting", url)
    said = (
        f"根据工作需要召开{obligation.title}{count(figure)}，不设次数要求。"
        if rows
        else f"{obligation.title}不设次数要求，本年度尚无召开记录。"
    )
    return {
        "cells": ["不设", {"figure": figure["code"]}],
        "figures": (None, figure),
        "days": [day for _, day in rows],
        "next": None,
        "light": {"light": "none", "words": "不设次数"},
        "words": said,
    }


def light_of(duties: list[Owed], on: date, measure: str = "项") -> dict:
    """The worst light of several duties on the day of the report, in words."""
    late = sum(duty.is_(Light.LATE, on) for duty in duties)
    if late:
        return {"light": "late", "words": f"逾期 {late} {measure}"}
    if any(duty.is_(Light.SOON, on) for duty in duties):
        return {"light": "soon", "words": "将到期"}
    if any(duty.is_open for duty in duties):
        return {"light": "rest", "words": "未到期"}
    return {"light": "ok", "words": "已完成"} if duties else {"light": "none", "words": "不适用"}


def _resolutions(ledger: Ledger, chapter: Chapter, obligations: list[Obligation]) -> None:
    """决议: only what became a duty and is open to all who see the meeting; 限知事项 are not counted."""
    acts = [act.pk for obligation in obligations for act in obligation.acts.all()]
    held = Meeting.objects.of_year(ledger.year).held().filter(act__in=acts)
    open_to_all = Q(item=None) | Q(item__is_confidential=False)
    made = Resolution.objects.filter(open_to_all, meeting__in=held, duty__is_confidential=False)
    made = made.exclude(duty__state=Duty.State.WAIVED)
    rows = list(made.order_by("duty").values_list("duty", "duty__state"))
    decided = ledger.keep("“3+2+N”会议形成并列入台账的决议", [pk for pk, _ in rows], "项", "duty")
    if not rows:
        return
    carried_out = [pk for pk, state in rows if state == Duty.State.FULFILLED]
    done = ledger.keep("“3+2+N”会议决议已落实", carried_out, "项", "duty")
    if len(carried_out) == len(rows):
        chapter.say(f"会议形成并列入台账的决议{count(decided)}，已落实{count(done)}。")
    elif carried_out:
        chapter.say(f"会议形成并列入台账的决议{count(decided)}，已落实{count(done)}，其余正在办理。")
    else:
        chapter.say(f"会议形成并列入台账的决议{count(decided)}，正在办理。")


def timeline(ledger: Ledger, lines: list[dict]) -> dict:
    """会议分布: the days of what was held, the next one due, N apart."""
    asked = [line for line in lines if not line["obligation"].is_open_ended]
    sources = "".join(f"〔{line['figures'][1]['code']}〕" for line in lines)
    return {
        "kind": "timeline",
        "title": _finding(asked),
        "unit": "次",
        "note": f"实心：已召开；虚线：应召开的下一次期限；菱形：N 次会议，不设次数要求。来源：会议和责任台账{sources}。",
        "alt": "；".join(
            f"{line['obligation'].title}：{days_words(line['days'], ledger.year) or '尚未召开'}" for line in lines
        )
        + "。",
        "year": ledger.year,
        "on": f"{ledger.on}",
        "rows": [
            {
                "label": line["obligation"].short_title,
                "title": line["obligation"].title,
                "held": [f"{day}" for day in line["days"]],
                "next": f"{line['next'] or ''}",
                "open_ended": line["obligation"].is_open_ended,
                "figure": line["figures"][1]["code"],
            }
            for line in lines
        ],
    }


def _finding(asked: list[dict]) -> str:
    required = sum(line["figures"][0]["value"] for line in asked)
    held = sum(line["figures"][1]["value"] for line in asked)
    late = [line for line in asked if line["light"]["light"] == "late"]
    if not required:
        return "本年度没有规定次数的会议"
    if held == required:
        return "规定次数的会议均已召开"
    if late:
        return (
            f"规定会议已召开{held}次，{late[0]['obligation'].title}等已过期限"
            if len(late) > 1
            else (f"规定会议已召开{held}次，{late[0]['obligation'].title}已过期限仍有未开")
        )
    return f"规定会议已召开{held}次，其余未到期限" if held else "规定会议均未到期限"
