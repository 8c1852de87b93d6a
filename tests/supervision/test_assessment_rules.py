"""计分规则: what a rule gives, said in words; a score equals what plain arithmetic over the same rows would give (四（四）)."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accountability.models import Duty, Organisation, Record
from supervision.assessment.indicators import INDICATORS, Facts
from supervision.assessment.rules import FORMS, Row, check_rule, form_of, score, words_of
from supervision.models import AssessedKind
from supervision.services.schemes import DEFAULT, read_schemes
from tests import acts, cast


def rows(count: int, tag: str = "", tag_words: str = "", start: int = 1) -> list[Row]:
    return [
        Row("duty", number, f"第 {number} 项", "2026-03-31", tag, tag_words) for number in range(start, start + count)
    ]


def given(points: int, rule: dict, **counted):
    """The score where each indicator has these rows."""
    return score(Decimal(points), rule, lambda name, chosen: counted.get(name, []))


LATE = {"indicator": "duties_late", "deduct": 2, "at_most": 10}
RATE = {
    "indicator": "duties_on_time",
    "of": "duties_due",
    "steps": [{"below": 95, "deduct": 2}, {"below": 90, "deduct": 4}],
}
CLEAN = {"indicator": "duties_not_on_time", "of": "duties_due", "add": 3, "when": "none"}
WEIGHED = {"indicator": "measures_taken", "deduct": 2, "weigh": {"handled": 0, "reported": 0.5, "concealed": 2}}


@pytest.mark.parametrize(
    ("rule", "counted", "points", "words"),
    [
        (LATE, {}, 12, "没有逾期未完成责任，不扣分"),
        (LATE, {"duties_late": rows(2)}, 8, "逾期未完成责任 2 项 × 2 分，扣 4 分"),
        (LATE, {"duties_late": rows(8)}, 2, "逾期未完成责任 8 项 × 2 分，应扣 16 分，至多扣 10 分，扣 10 分"),
        (LATE | {"each": 3}, {"duties_late": rows(8)}, 8, "逾期未完成责任 8 项，计 2 次 × 2 分（每满 3 项），扣 4 分"),
        (RATE, {}, 12, "没有应完成责任，不扣分"),
        (RATE, {"duties_on_time": rows(19), "duties_due": rows(20)}, 12, "按期完成责任 19 ÷ 应完成责任 20 = 95%，不扣分"),
        (RATE, {"duties_on_time": rows(18), "duties_due": rows(20)}, 10, "按期完成责任 18 ÷ 应完成责任 20 = 90%，低于 95%，扣 2 分"),
        (RATE, {"duties_on_time": rows(2), "duties_due": rows(3)}, 8, "按期完成责任 2 ÷ 应完成责任 3 = 66.67%，低于 90%，扣 4 分"),
        (CLEAN, {}, 0, "没有应完成责任，不加分"),
        (CLEAN, {"duties_due": rows(9)}, 3, "应完成责任 9 项，没有未按期完成责任，加 3 分"),
        (CLEAN, {"duties_due": rows(9), "duties_not_on_time": rows(1)}, 0, "有未按期完成责任 1 项，不加分"),
        ({"indicator": "records", "add": 1}, {"records": rows(15)}, 12, "履责记录 15 项 × 1 分，应加 15 分，至多加 12 分，加 12 分"),
        (WEIGHED, {"measures_taken": rows(1, "reported", "主动报告")}, 11, "问责处理 1 项（主动报告 1 项各计 0.5），折合 0.5 项 × 2 分，扣 1 分"),
        (WEIGHED, {"measures_taken": rows(2, "concealed", "隐瞒不报")}, 4, "问责处理 2 项（隐瞒不报 2 项各计 2），折合 4 项 × 2 分，扣 8 分"),
        (WEIGHED, {"measures_taken": rows(2, "handled", "本单位主动处置")}, 12, "问责处理 2 项（本单位主动处置 2 项各计 0），折合 0 项 × 2 分，扣 0 分"),
    ],
)  # fmt: skip
def test_points_and_the_sentence(rule, counted, points, words):
    result = given(12, rule, **counted)
    assert (result.points, result.words) == (Decimal(points), words)


def test_people_score_what_has_no_rule():
    assert given(12, {}).points is None


def test_a_rate_names_the_rows_that_are_missing():
    result = given(5, RATE, duties_on_time=rows(17), duties_due=rows(20))
    assert [row.pk for row in result.rows] == [18, 19, 20]


def test_a_veto_has_a_grade_and_no_points():
    rule = {"indicator": "measures_in_influence", "at_least": 1, "grade": "差"}
    assert given(0, rule, measures_in_influence=rows(1)).grade == "差"
    assert given(0, rule).grade == ""


@pytest.mark.parametrize("seed", range(8))
def test_points_stay_between_nothing_and_full(seed):
    """Whatever the rule and the rows: never below nothing, never above what the item is worth."""
    chance = random.Random(seed)
    for _ in range(200):
        full = chance.randint(1, 40)
        count = chance.randint(0, 60)
        rule = chance.choice(
            [
                {"indicator": "duties_late", "deduct": chance.randint(1, 9), "each": chance.randint(1, 4)},
                {"indicator": "records", "add": chance.randint(1, 9)},
                RATE,
                CLEAN,
            ]
        )
        result = given(
            full,
            rule,
            duties_late=rows(count),
            records=rows(count),
            duties_due=rows(60),
            duties_on_time=rows(count),
            duties_not_on_time=rows(count),
        )
        assert 0 <= result.points <= full


# ── the check ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", AssessedKind.values)
def test_the_scheme_of_the_file_holds(kind):
    entry = read_schemes(DEFAULT)[kind]
    names = [grade["name"] for grade in entry["grades"]]
    for item in entry["items"]:
        check_rule(item.get("rule") or {}, kind, names)
        assert words_of(item.get("rule") or {})
    forms = {form_of(item.get("rule") or {}) for item in read_schemes(DEFAULT)["unit"]["items"]}
    assert forms == set(FORMS), "the file shows every form of rule"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"indicator": "nobody", "deduct": 1}, "没有「nobody」这个指标"),
        ({"indicator": ["duties_late"], "deduct": 1}, "这个指标"),
        ({"indicator": "risks_unanswered", "deduct": 1}, "不能用于这类考核对象"),
        ({"indicator": "duties_late"}, "须大于 0"),
        ({"indicator": "duties_late", "deduct": -1}, "须大于 0"),
        ({"indicator": "duties_late", "deduct": "多"}, "不是数字"),
        ({"indicator": "duties_late", "deduct": "NaN"}, "不是数字"),
        ({"indicator": "duties_late", "deduct": 1, "each": 0}, "整数"),
        ({"indicator": "duties_late", "deduct": 1, "each": True}, "整数"),
        ({"indicator": "duties_late", "deduct": 1, "often": 2}, "不认识的字段 often"),
        ({"indicator": "duties_late", "deduct": 1, "filter": {"who": 1}}, "不能按 who 筛选"),
        ({"indicator": "duties_late", "deduct": 1, "filter": {"scope": "branches"}}, "计分范围"),
        ({"indicator": "duties_late", "deduct": 1, "filter": {"days": -3}}, "天数"),
        ({"indicator": "duties_late", "deduct": 1, "filter": {"categories": ["party"]}}, "没有「party」这个类别"),
        ({"indicator": "records", "deduct": 1, "filter": {"acts": []}}, "不能按 acts 筛选"),
        ({"indicator": "duties_on_time", "of": "duties_due", "steps": []}, "至少有一档"),
        ({"indicator": "duties_on_time", "steps": [{"below": 90, "deduct": 1}]}, "这个指标"),
        ({"indicator": "measures_taken", "of": "duties_due", "steps": [{"below": 90, "deduct": 1}]}, "只能按项"),
        ({"indicator": "duties_late", "at_least": 1, "grade": "很差"}, "没有「很差」这个等次"),
        ({"indicator": "duties_late", "of": "duties_due", "add": 1, "when": "all"}, "when: none"),
    ],
)
def test_a_rule_that_cannot_be_counted_is_refused(rule, said):
    with pytest.raises(ValidationError, match=said):
        check_rule(rule, "leader", ["好", "差"])


# ── the oracle ───────────────────────────────────────────────────────────────────────────────


def scatter(seed: int, people) -> None:
    """Duties and records of three units as chance has it: done in time, late, never; entered at once or long after."""
    chance = random.Random(seed)
    units = [cast.organisation(name) for name in (cast.OURS, cast.THEIRS, "财务处")]
    branches = Organisation.objects.filter(parent__in=units)
    for duty in Duty.objects.filter(organisation__in=[*units, *branches]):
        duty.state = chance.choice(["open", "fulfilled", "fulfilled", "waived"])
        shift = timedelta(days=chance.randint(-40, 40))
        duty.fulfilled_on = duty.due_on + shift if duty.state == "fulfilled" else None
        Duty.objects.filter(pk=duty.pk).update(state=duty.state, fulfilled_on=duty.fulfilled_on)
    for number in range(12):
        unit = chance.choice(units)
        happened = date(2026, 3, 1) + timedelta(days=number * 7)
        record = acts.record(
            people["unit_secretary"],
            cast.organisation(cast.OURS),
            "duty-report",
            on=happened,
            credit=False,
            title=f"第{number}次",
        )
        entered = happened + timedelta(days=chance.randint(0, 30))
        Record.objects.filter(pk=record.pk).update(organisation=unit, entered_on=entered)


def counted_plainly(unit: Organisation, on: date) -> dict[str, int]:
    """The same indicators, one unit at a time, in the plainest Python: what the grouped reading must equal."""
    duties = [duty for duty in Duty.objects.filter(work_year=cast.YEAR, organisation=unit) if duty.state != "waived"]
    late = [duty for duty in duties if duty.state == "open" and duty.due_on < on]
    done_late = [duty for duty in duties if duty.fulfilled_on and duty.fulfilled_on > duty.due_on]

    def of(category: str) -> list[Duty]:
        return [
            duty
            for duty in late
            if duty.obligation and category in {act.category for act in duty.obligation.acts.all()}
        ]

    records = Record.objects.filter(work_year=cast.YEAR, organisation=unit).exclude(state="withdrawn")
    return {
        "duties_late": len(late),
        "duties_unfulfilled": len([duty for duty in duties if duty.state == "open"]),
        "duties_done_late": len(done_late),
        "duties_not_on_time": len(late) + len(done_late),
        "duties_on_time": len([duty for duty in duties if duty.fulfilled_on and duty.fulfilled_on <= duty.due_on]),
        "duties_due": len([duty for duty in duties if duty.due_on < on or duty.state == "fulfilled"]),
        "meetings_short": len(of("meeting")),
        "papers_missing": len(of("document")),
        "records": len(records),
        "records_entered_late": len([one for one in records if (one.entered_on - one.happened_on).days > 7]),
    }


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_grouped_reading_equals_the_plain_one(people, seed):
    scatter(seed, people)
    units = list(Organisation.objects.units())
    facts = Facts("unit", [unit.pk for unit in units], year=cast.YEAR, on=cast.TODAY)
    for unit in units:
        plain = counted_plainly(unit, cast.TODAY)
        assert {name: len(facts.rows(unit.pk, name, {})) for name in plain} == plain, unit.name
    branches = {unit.pk: facts.rows(unit.pk, "duties_late", {"scope": "branches"}) for unit in units}
    for unit in units:
        below = (
            Duty.objects.of_year(cast.YEAR)
            .late(cast.TODAY)
            .filter(organisation__parent=unit, organisation__kind="branch")
        )
        assert {row.pk for row in branches[unit.pk]} == set(below.values_list("pk", flat=True))


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [5, 6, 7])
def test_a_score_equals_the_oracle(people, seed):
    """Random data, random deductions: the score is what one would work out with a pencil from the plain counts."""
    scatter(seed, people)
    chance = random.Random(seed)
    units = [cast.organisation(name) for name in (cast.OURS, cast.THEIRS, "财务处")]
    facts = Facts("unit", [unit.pk for unit in units], year=cast.YEAR, on=cast.TODAY)
    for unit in units:
        plain = counted_plainly(unit, cast.TODAY)
        for _ in range(20):
            name, full = chance.choice(sorted(plain)), chance.randint(1, 20)
            deduct, each = chance.randint(1, 4), chance.choice([1, 1, 2, 5])
            rule = {"indicator": name, "deduct": deduct, "each": each}
            result = score(Decimal(full), rule, lambda one, chosen: facts.rows(unit.pk, one, chosen))  # noqa: B023
            assert result.points == max(0, full - plain[name] // each * deduct), (unit, rule)
            assert len(result.rows) == plain[name]


@pytest.mark.django_db
def test_leaders_are_scored_by_their_own_and_by_their_portfolio(people):
    member = people["member"].tenures.get().post
    facts = Facts("leader", [member.pk], year=cast.YEAR, on=cast.TODAY)
    own = Duty.objects.of_year(cast.YEAR).late(cast.TODAY).filter(bearer_post=member)
    assert {row.pk for row in facts.rows(member.pk, "duties_late", {})} == set(own.values_list("pk", flat=True))
    units = Organisation.objects.filter(name__in=("财务处", cast.OURS))
    below = Duty.objects.of_year(cast.YEAR).late(cast.TODAY).filter(organisation__in=units)
    found = facts.rows(member.pk, "duties_late", {"scope": "portfolio"})
    assert {row.pk for row in found} == set(below.values_list("pk", flat=True))
    assert found


@pytest.mark.django_db
def test_every_indicator_costs_the_same_for_one_as_for_all(people, django_assert_max_num_queries):
    """38 units and 22 leaders are read in the queries one of them takes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost(kind: str, keys) -> int:
        facts = Facts(kind, keys, year=cast.YEAR, on=cast.TODAY)
        with CaptureQueriesContext(connection) as captured:
            for name, one in INDICATORS.items():
                if kind in one.kinds:
                    for key in keys:
                        facts.rows(key, name, {})
        return len(captured)

    units = list(Organisation.objects.units().values_list("pk", flat=True))
    from accountability.models import Post

    posts = list(Post.objects.filter(role__in=("secretary", "member")).values_list("pk", flat=True))
    assert (len(units), len(posts)) == (38, 22)
    assert cost("unit", units) == cost("unit", units[:1]) <= 12
    assert cost("leader", posts) == cost("leader", posts[:1]) <= 12
