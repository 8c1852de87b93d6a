"""预写与核对: what is said comes from figures; each number has its code; an edited text is held against them."""

import re
from datetime import date
from itertools import product
from random import Random

import pytest

from accountability.models import Duty, Light
from accountability.papers.blocks import Heading, parse
from accountability.papers.references import REFERENCE, without_references
from accountability.services.prefill import unfilled
from supervision.report.figures import take
from supervision.report.ledger import STANDING, Standing, percent
from supervision.report.narrative import (
    compared_words,
    listed,
    numbered,
    ordinal,
    prewritten,
    standing_words,
)
from supervision.report.tracing import contradictions, refreshed, untraced
from tests import acts, cast
from tests.inspections.rounds import imported
from tests.supervision.test_report_figures import scope

KINDS = ("school", "commission", "unit", "leader")


def figure(value: int | str, code: str = "F-01", unit: str = "项", label: str = "责任事项") -> dict:
    return {"code": code, "value": value, "unit": unit, "label": label}


def standing(in_time: int = 0, done_late: int = 0, late: int = 0, to_come: int = 0) -> Standing:
    done = in_time + done_late
    values = {
        "owed": done + late + to_come, "done": done, "in_time": in_time, "done_late": done_late, "late": late,
        "to_come": to_come, "due": done + late,
    }  # fmt: skip
    assert set(values) == set(STANDING)
    figures = {name: figure(value, f"F-{at:02d}") for at, (name, value) in enumerate(values.items(), 1)}
    return Standing(figures | {"rate": figure(percent(done, done + late), "F-08", "")})


# ── sentences ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (standing(), "没有列入台账的责任事项。"),
        (standing(to_come=4), "列入责任事项4项，均未到期。"),
        (standing(in_time=3), "列入责任事项3项，已完成3项，均在期限内完成。"),
        (standing(done_late=2), "列入责任事项2项，已完成2项，完成时均已超过期限。"),
        (standing(in_time=3, done_late=1), "列入责任事项4项，已完成4项，其中按期完成3项、逾期完成1项。"),
        (
            standing(in_time=3, to_come=1),
            "列入责任事项4项，已完成3项，均在期限内完成，没有逾期未完成的事项，未到期1项。",
        ),
        (
            standing(in_time=3, late=1),
            "列入责任事项4项，已完成3项，均在期限内完成，逾期未完成1项。在已完成和逾期未完成的事项中，完成的占75.0%。",
        ),
        (
            standing(late=2),
            "列入责任事项2项，尚无事项完成，逾期未完成2项。在已完成和逾期未完成的事项中，完成的占0.0%。",
        ),
    ],
)
def test_a_standing_is_said_as_it_is(told, words):
    assert without_references(standing_words(told)) == words


@pytest.mark.parametrize("parts", list(product((0, 1, 300), repeat=4)))
def test_a_sentence_never_carries_a_number_without_its_code(parts):
    words = standing_words(standing(*parts))
    assert untraced(words) == []
    assert re.sub(r"\d", "", REFERENCE.sub("", words)) == REFERENCE.sub("", words)
    assert "  " not in words and "，。" not in words and "。。" not in words


def test_a_year_beside_the_last():
    def said(now: str, before: str) -> str:
        return compared_words(figure(now), figure(before, "Y-01"), "完成率", 2025)

    assert said("95.0%", "93.1%").endswith("高于上年。")
    assert said("93.1%", "95.0%").endswith("低于上年。")
    assert said("95.0%", "95.0%").endswith("与上年持平。")
    assert said("9.5%", "10.0%").endswith("低于上年。"), "as numbers, not as words"
    assert said("—", "95.0%") == said("95.0%", "—") == ""


def test_lists_in_words():
    assert listed(["甲", "乙"]) == "甲、乙"
    assert listed(["甲", "乙", "丙"], 2) == "甲、乙等"
    assert numbered(["甲。"]) == "甲。"
    assert numbered(["甲", "乙。"]) == "一是甲；二是乙。"
    assert numbered([]) == ""
    assert [ordinal(number) for number in (1, 9, 10, 11, 20, 21)] == ["一", "九", "十", "十一", "二十", "二十一"]


# ── the whole text ───────────────────────────────────────────────────────────────────────────


@pytest.fixture
def lived(people):
    ours = cast.organisation(cast.OURS)
    acts.record(people["office"], cast.organisation("学校党委"), "opening-meeting", on=date(2026, 2, 27))
    acts.record(people["unit_secretary"], ours, "responsibility-letter", on=date(2026, 5, 20))
    return people


def told(kind: str) -> tuple[str, dict]:
    figures = take(scope(kind), cast.YEAR, cast.TODAY).figures
    return prewritten(figures), figures


@pytest.mark.django_db
@pytest.mark.parametrize("rectified", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_the_text_agrees_with_its_figures(lived, kind, rectified):
    if rectified:
        imported(lived["discipline"])
    text, figures = told(kind)
    assert contradictions(text, figures) == []
    assert untraced(text) == []
    assert refreshed(text, figures) == text
    assert REFERENCE.search(text)
    assert unfilled(text), "somebody has to write what no figure says"
    for clumsy in ("None", "。。", "，。", "；。"):
        assert clumsy not in text
    assert not re.search(r"(?<![\d.])0〔", text), "nought is said in words"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_headings_are_the_chapters_in_order(lived, kind):
    text, figures = told(kind)
    heads = [block.text for block in parse(text) if isinstance(block, Heading) and block.level == 1]
    assert heads == [f"{ordinal(at)}、{one['title']}" for at, one in enumerate(figures["chapters"], 1)]
    for name in (name for one in figures["chapters"] for name in one["exhibits"]):
        assert re.search(rf"^〔(表|图)：{re.escape(name)}〕$", text, re.MULTILINE), name


@pytest.mark.django_db
def test_the_school_says_its_meetings(lived):
    text = without_references(told("school")[0])
    assert "中层以上干部警示教育大会全年应召开3次，已召开1次（2月27日），有会议已过规定时间仍未召开" in text
    assert "不设次数要求" in text
    assert "二级党组织" in text


@pytest.mark.django_db
def test_a_year_in_which_all_was_done(lived):
    """Nothing late, nothing to come: nobody is told of problems that are not."""
    for duty in Duty.objects.of_year(cast.YEAR).owed():
        Duty.objects.filter(pk=duty.pk).update(state=Duty.State.FULFILLED, fulfilled_on=duty.due_on)
    text = without_references(told("school")[0])
    assert "均在期限内完成" in text
    assert "逾期未完成的有" not in text
    assert "本年度没有结转的逾期责任事项和整改事项。" in text
    assert "责任落实还有差距" not in text


@pytest.mark.django_db
def test_a_year_that_owes_nothing(lived):
    Duty.objects.of_year(cast.YEAR).update(state=Duty.State.WAIVED, fulfilled_on=None)
    for kind in KINDS:
        text, figures = told(kind)
        assert "没有列入台账的责任事项" in text
        assert contradictions(text, figures) == untraced(text) == []


# ── an edited text ───────────────────────────────────────────────────────────────────────────

FIGURES = {
    "figures": {
        "F-05": figure(3, "F-05", "次", "警示教育大会应召开"),
        "F-06": figure(4, "F-06", "次", "警示教育大会已召开"),
        "F-08": figure("93.1%", "F-08", "", "完成率"),
        "F-09": figure("—", "F-09", "", "按期销号率"),
    }
}


def test_refreshed_puts_the_values_of_now_and_nothing_else():
    text = "全年应召开2〔F-05〕次，实际召开4〔F-06〕次，完成率—〔F-08〕，销号率50.0%〔F-09〕；另有2次，见7〔F-77〕。"
    assert refreshed(text, FIGURES) == (
        "全年应召开3〔F-05〕次，实际召开4〔F-06〕次，完成率93.1%〔F-08〕，销号率—〔F-09〕；另有2次，见7〔F-77〕。"
    )


def test_contradictions_name_the_figure_and_its_value():
    assert contradictions("应召开3〔F-05〕次，完成率93.1%〔F-08〕，销号率—〔F-09〕。", FIGURES) == []
    assert contradictions("应召开2〔F-05〕次，又应召开2〔F-05〕次。", FIGURES) == [
        "“2〔F-05〕”：警示教育大会应召开应为 3次。"
    ]
    assert contradictions("见7〔F-77〕。", FIGURES) == ["“7〔F-77〕”：本报告没有编号为 F-77 的数字。"]


def test_refreshing_twice_is_refreshing_once_and_leaves_no_wrong_value():
    random = Random(8)
    pieces = ["，3", "，12", "，93.1%", "，—", "〔F-05〕", "〔F-08〕", "〔F-77〕", "〔", "〕", "次", "，", "全年", "\n"]
    for _ in range(2000):
        text = "".join(random.choices(pieces, k=random.randint(0, 14)))
        once = refreshed(text, FIGURES)
        assert refreshed(once, FIGURES) == once
        assert all("没有编号" in complaint for complaint in contradictions(once, FIGURES))
        assert REFERENCE.sub("", once) == REFERENCE.sub("", text)


def test_untraced_numbers_are_hints():
    text = (
        "一、2025年3个重点\n2025年2月28日召开3〔F-05〕次会议，走访12个单位、谈话8人次，占70%。\n"
        "依据江海经贸委〔2026〕3号，第2次会议研究，学习3月5日文件。"
    )
    assert untraced(text) == ["12个", "8人", "70%"]


def test_lights_have_states():
    """Every light of the ledger belongs to a standing."""
    states = {state for _, states in STANDING.values() for state in states}
    assert set(Light.values) <= states
