"""四问、六步、缺失检查: each figure is the number of rows its address opens, for every reader, on any data (四（三）, 一（二）)."""

import random
from calendar import monthrange
from datetime import date, timedelta

import pytest
from django.http import QueryDict

from accountability.ledger import LedgerFilter
from accountability.models import Duty, Evidence, Tenure
from accountability.models.history import save_as
from supervision.board import consequences
from supervision.board.indicators import FIGURES, figures_of
from supervision.board.loop import loops
from supervision.board.missing import CHECKS, Gap, gaps
from supervision.board.questions import Answer, answered
from supervision.board.tally import tally
from supervision.board.work import GROUPS
from tests import acts, cast
from tests.inspections.rounds import imported

pytestmark = pytest.mark.django_db
SETS = 200
READERS = (
    "discipline",
    "secretary",
    "office",
    "member",
    "unit_secretary",
    "liaison",
    "department",
    "branch",
    "outsider",
)


@pytest.fixture
def pursuing(monkeypatch):
    """A room that tells of answers: by record, since a record names a duty and a day."""
    monkeypatch.setattr(consequences, "_sources", [])

    @consequences.consequence(duty="duty", on="record__happened_on")
    def rows():
        return Evidence.objects.filter(record__act__code="accountability-action")


def throw(dice: random.Random) -> None:
    """Fresh states and days for eighty duties of the year."""
    duties = list(Duty.objects.of_year(cast.YEAR).order_by("pk")[:400:5])
    for duty in duties:
        duty.due_on = date(2026, 1, 1) + timedelta(days=dice.randint(0, 364))
        duty.state = dice.choice(list(Duty.State))
        duty.fulfilled_on = None
        if duty.state == Duty.State.FULFILLED:
            duty.fulfilled_on = min(cast.TODAY, duty.due_on + timedelta(days=dice.randint(-30, 30)))
    Duty.objects.bulk_update(duties, ["due_on", "state", "fulfilled_on"])


def asked_of(duties) -> list[Answer]:
    return answered(tally(duties, cast.YEAR, cast.TODAY), duties, cast.YEAR, cast.TODAY)


def opened(url: str, user) -> int:
    chosen = LedgerFilter.read(QueryDict(url.partition("?")[2]))
    assert url.startswith("/ledger/"), url
    return chosen.rows(Duty.objects.visible_to(user), on=cast.TODAY, user=user).count()


OF_THE_LEDGER = ("unpursued", "no_letter", "no_rules", "no_hearing", "no_answer", "vacant")


def gaps_of(user) -> list[Gap]:
    return gaps(figures_of(user, cast.YEAR, cast.TODAY))


def vacate(people, *names: str) -> None:
    for tenure in Tenure.objects.filter(person__username__in=names):
        tenure.ended_on = cast.TODAY - timedelta(days=40)
        save_as(tenure, by=people["office"], reason="离任")


def test_every_figure_equals_its_rows_on_two_hundred_data_sets(people, pursuing):
    dice = random.Random(43)
    vacate(people, "other_secretary")
    seen = above = 0
    for _ in range(SETS):
        throw(dice)
        user = people[dice.choice(READERS)]
        duties = Duty.objects.visible_to(user)
        counted = tally(duties, cast.YEAR, cast.TODAY)
        for answer in dice.sample(answered(counted, duties, cast.YEAR, cast.TODAY), 2):
            question = answer.question
            told = {question.whole: answer.whole, question.well: answer.well, question.lacking: answer.lacking}
            for chosen, value in told.items():
                assert value == opened(chosen.url, user), (question.name, chosen, user.username)
                seen, above = seen + 1, above + (value > 0)
        for steps in dice.sample(list(loops(counted, cast.YEAR).values()), 2):
            for step in dice.sample(steps, 2):
                number = step.words.rpartition(" ")[2].partition("/")[2] or step.words.rpartition(" ")[2]
                if number.isdigit():
                    assert int(number) == opened(step.url, user), (step, user.username)
                    seen += 1
        for gap in gaps(figures_of(user, cast.YEAR, cast.TODAY, dice.sample(OF_THE_LEDGER, 2))):
            assert gap.count == opened(gap.url, user), (gap.figure.name, user.username)
            seen, above = seen + 1, above + (gap.count > 0)
    assert seen > 1800
    assert above > 800


def test_checks_that_are_no_duties_equal_their_pages(login, people):
    imported(people["discipline"])
    acts.record(people["unit_secretary"], cast.organisation(cast.OURS), "half-year-report", on=date(2026, 7, 8))
    for who in ("discipline", "secretary", "office"):
        client, found = login(who), 0
        for gap in gaps_of(people[who]):
            pager = client.get(gap.url).context["pager"]
            assert gap.count == pager.total, (who, gap.figure.name)
            found += gap.count
        assert found > 10


def test_months_are_as_they_stood(people, pursuing):
    """Against a plain reading of every duty, month by month."""
    dice = random.Random(7)
    vacate(people, "other_secretary", "other_liaison")
    for _ in range(10):
        throw(dice)
        duties = list(Duty.objects.of_year(cast.YEAR).owed())
        held = list(Tenure.objects.values_list("post", "started_on", "ended_on"))
        told = {one.question.name: one for one in asked_of(Duty.objects.all())}
        for month in range(1, 12):
            end = min(cast.TODAY, date(2026, month, monthrange(2026, month)[1]))
            counted = [duty for duty in duties if (duty.fulfilled_on and duty.fulfilled_on <= end) or duty.due_on < end]
            well = [duty for duty in counted if duty.fulfilled_on and duty.fulfilled_on <= min(end, duty.due_on)]
            expected = 100 * len(well) / len(counted) if counted else None
            assert told["carried_out"].months[month - 1] == expected
            vacant = [
                duty
                for duty in duties
                if (duty.fulfilled_on is None or duty.fulfilled_on > end)
                and not any(
                    post == duty.owner_id and started <= end and (ended is None or ended >= end)
                    for post, started, ended in held
                )
            ]
            assert told["clear"].months[month - 1] == 100 * (len(duties) - len(vacant)) / len(duties)
        for one in told.values():
            assert len(one.months) == 11
            if one.rate is not None and one.question.name != "carried_out" and one.question.name != "joint":
                assert one.months[-1] == pytest.approx(one.rate)


def test_what_failed_and_was_answered_is_pursued(people, pursuing):
    ours = cast.organisation(cast.OURS)
    duty = acts.duty_of(ours, "task-list")
    duty.due_on = date(2026, 6, 1)
    save_as(duty, by=people["office"], reason="到期在先")

    def strict():
        return next(one for one in asked_of(Duty.objects.all()) if one.question.name == "strict")

    before = strict()
    commission = cast.organisation("学校纪委")
    record = acts.record(people["discipline"], commission, "accountability-action", on=date(2026, 6, 15), credit=False)
    Evidence.objects.create(record=record, duty=duty)
    after = strict()
    assert (after.whole, after.well) == (before.whole, before.well + 1)
    assert after.months[4] is None or after.months[4] == 0, "nobody had answered it at the end of May"
    assert after.months[5] > 0


def test_the_board_on_paper_and_in_excel_says_the_same(login, people):
    from io import BytesIO

    import openpyxl
    from pypdf import PdfReader

    client = login("discipline")
    page = client.get("/supervision/?late=1")
    book = openpyxl.load_workbook(BytesIO(client.get("/supervision/export/?late=1").content))
    shown = {one["answer"].question.label: one["answer"].words for one in page.context["questions"]}
    assert {row[0].value: row[1].value for row in book["四问"].iter_rows(min_row=2)} == shown
    units = [line["unit"].name for group in page.context["matrix"]["groups"] for line in group["lines"]]
    assert [row[0].value for row in book["单位与责任"].iter_rows(min_row=2)] == units
    counts = {gap.label: gap.count for gap in page.context["gaps"]}
    assert {row[0].value: row[2].value for row in book["缺失检查"].iter_rows(min_row=2)} == counts
    answer = client.get("/supervision/paper/?late=1")
    text = "".join("".join(each.extract_text() for each in PdfReader(BytesIO(answer.content)).pages).split())
    for words in ("四问", "缺失检查", *shown.values(), *units, "只列有逾期的单位"):
        assert words in text, words
    assert "〓" not in text


@pytest.mark.parametrize("who", ["unit_secretary", "member", "liaison", "inspector", "sysadmin"])
def test_and_neither_is_everybodys(login, who):
    for path in ("/supervision/export/", "/supervision/paper/"):
        assert login(who).get(path).status_code == 403


def test_every_figure_is_a_check_with_a_clause_or_stands_in_a_group():
    shown = [check.figure for check in CHECKS] + [name for names in GROUPS.values() for name in names]
    assert sorted(shown) == sorted(FIGURES)
    assert all(check.clause for check in CHECKS)
