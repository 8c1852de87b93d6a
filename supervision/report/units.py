"""二级单位: one row a unit, its letter, its meetings, what is late; units and branches as levels (三（三）2)."""

from collections import defaultdict

from accountability.models import Light, Obligation, Organisation
from supervision.report.gatherings import light_of
from supervision.report.ledger import IN_A_TABLE, Chapter, Ledger, column, table
from supervision.report.narrative import count, listed, standing_words

UNITS = "各单位责任落实情况"
LETTER, SPECIAL_MEETING = "responsibility-letter", "unit-special-meeting"


def units(ledger: Ledger, chapter: Chapter) -> None:
    rows = list(Organisation.objects.units().order_by("rank", "pk"))
    rows = [unit for unit in rows if unit.abolished_on is None or ledger.duties().by["organisation"].get(unit.pk)]
    everybody = ledger.keep("二级单位和部门", [unit.pk for unit in rows], "个", "organisation")
    branches = _branches(rows)
    every_branch = ledger.keep("党支部", [pk for pks in branches.values() for pk in pks], "个", "organisation")
    own = ledger.standing("二级单位本级", ledger.everything.but(level="unit"))
    below = ledger.standing("党支部", ledger.everything.but(level="branch"))
    lines = [_line(ledger, unit, branches[unit.pk], obligations(ledger)) for unit in rows]
    late = ledger.keep(
        "有逾期未完成事项的单位", [line["unit"].pk for line in lines if line["late"]], "个", "organisation"
    )
    uncovered = ledger.keep(
        "没有责任事项的单位", [line["unit"].pk for line in lines if not line["owed"]], "个", "organisation"
    )
    chapter.say(
        f"全校二级单位和部门{count(everybody)}、党支部{count(every_branch)}。",
        f"单位本级{standing_words(own)}",
        f"党支部{standing_words(below)}",
        _late_words(late, [line["unit"].name for line in lines if line["late"]]),
        f"没有列入责任事项的单位{count(uncovered)}，需查明原因。" if uncovered["value"] else "",
    )
    groups: dict[str, list[list]] = defaultdict(list)
    for line in lines:
        groups[line["unit"].get_kind_display()].append(line["row"])
    heads = [
        column("单位", "left"), column("党支部"), column("责任书", "left"), column("专题会议"), column("责任事项"),
        column("已完成"), column("逾期完成"), column("逾期未完成"), column("完成率"), column("状态", "left"),
    ]  # fmt: skip
    named = [{"name": f"{name}（{len(members)}个）", "rows": members} for name, members in groups.items()]
    exhibit = table(
        "各单位责任落实情况", "三（三）2、3", "项", heads, named,
        total=["合计", {"figure": every_branch["code"]}, "", "", *own.cells("owed", "done", "done_late", "late", "rate"), ""],
        note="责任事项为单位本级的责任，不含党支部。专题会议为已召开次数，“—”为没有规定次数的单位。",
    )  # fmt: skip
    ledger.show(UNITS, exhibit, chapter)


def obligations(ledger: Ledger) -> dict[str, int]:
    """act → the obligation of the year that asks it of units."""
    owed = [pk for pk in ledger.duties().by["obligation"] if pk]
    found = Obligation.objects.filter(pk__in=owed, subject="unit", acts__code__in=(LETTER, SPECIAL_MEETING))
    return {act: pk for pk, act in found.values_list("pk", "acts__code")}


def _branches(rows: list[Organisation]) -> dict[int, list[int]]:
    below: dict[int, list[int]] = defaultdict(list)
    for pk, parent in (
        Organisation.objects.active()
        .filter(parent__in=[unit.pk for unit in rows], kind=Organisation.Kind.BRANCH)
        .order_by("pk")
        .values_list("pk", "parent")
    ):
        below[parent].append(pk)
    return below


def _line(ledger: Ledger, unit: Organisation, branches: list[int], asked: dict[str, int]) -> dict:
    chosen = ledger.everything.but(organisation=unit.pk)
    standing = ledger.standing(unit.name, chosen, "U", IN_A_TABLE)
    below = ledger.keep(f"{unit.name}党支部", branches, "个", "organisation", series="U")
    late, owed = standing.value("late"), standing.value("owed")
    return {
        "unit": unit,
        "late": late,
        "owed": owed,
        "row": [
            unit.name, {"figure": below["code"]}, _letter(ledger, chosen, asked), _meetings(ledger, unit, chosen, asked),
            *standing.cells("owed", "done", "done_late", "late", "rate"), light_of_unit(late, owed),
        ],
    }  # fmt: skip


def _letter(ledger: Ledger, chosen, asked: dict[str, int]) -> dict | str:
    if LETTER not in asked:
        return "—"
    duties = ledger.select(chosen.but(obligation=asked[LETTER]))
    light = light_of(duties, ledger.on)
    words = {"ok": "已签", "late": "逾期未签", "none": "不适用"}.get(light["light"], "未签")
    return {"light": light["light"], "words": words}


def _meetings(ledger: Ledger, unit: Organisation, chosen, asked: dict[str, int]) -> dict | str:
    if SPECIAL_MEETING not in asked or not ledger.select(chosen.but(obligation=asked[SPECIAL_MEETING])):
        return "—"
    held = chosen.but(obligation=asked[SPECIAL_MEETING], states=(Light.DONE,))
    return {"figure": ledger.take(f"{unit.name}专题会议已召开", held, "次", "U")["code"]}


def light_of_unit(late: int, owed: int) -> dict:
    """正常 only where something was owed: a unit without duties is a gap in coverage, not a good one."""
    if late:
        return {"light": "late", "words": f"逾期 {late} 项"}
    return {"light": "ok", "words": "无逾期"} if owed else {"light": "none", "words": "未覆盖"}


def _late_words(late: dict, names: list[str]) -> str:
    if not names:
        return "各单位本级没有逾期未完成的责任事项。"
    return f"单位本级有逾期未完成事项的{count(late)}：{listed(names, 8)}。"
