"""巡察整改指标: a figure is the number of the rows its link opens, for everybody, on any data (三（四）1, decision 4)."""

import io
import random
from datetime import date, timedelta

import openpyxl
import pytest
from django.http import QueryDict
from django.utils import timezone

from accountability.models import Organisation, Post
from inspections.figures import COLUMNS, INDICATORS, OfMeasures, Scope, cells_by_round, lines_by_unit, rate
from inspections.finding_filter import FindingFilter
from inspections.measure_filter import MeasureFilter
from inspections.models import Finding, Measure, Round
from inspections.models.rounds import RoundMember
from tests import cast
from tests.inspections.rounds import fed_back, finding_of, imported

pytestmark = pytest.mark.django_db
S = Finding.State
SETS, TAKEN = 200, 5  # of the indicators, five each time: a thousand comparisons
READERS = (
    "discipline",
    "secretary",
    "office",
    "unit_secretary",
    "liaison",
    "department",
    "member",
    "inspector",
    "outsider",
)


@pytest.fixture
def pool(people) -> list[Round]:
    """Three rounds, whose findings and measures are thrown anew for every set; one has an inspector at work."""
    by = people["discipline"]
    rounds = [fed_back(by, name=f"第{number}轮", starts_on=date(2026 - number, 3, 2)) for number in range(3)]
    RoundMember.objects.create(
        round=rounds[0], person=people["inspector"], from_on=date(2026, 1, 1), until_on=date(2027, 1, 1)
    )
    return rounds


def throw(dice: random.Random, people, pool: list[Round]) -> None:
    """A fresh data set: every finding and measure in a state of its own, such as the constraints allow."""
    Measure.objects.all()._raw_delete(Measure.objects.db)
    Finding.objects.all()._raw_delete(Finding.objects.db)
    units = [cast.organisation(name) for name in (cast.OURS, cast.THEIRS, "财务处")]
    findings = Finding.objects.bulk_create(_finding(dice, people, number, pool, units) for number in range(20))
    posts = {unit.pk: Post.objects.filter(organisation=unit).first() for unit in units}
    measures = []
    for rank in range(40):
        lead = dice.choice(units)
        measures.append(
            Measure(
                finding=dice.choice(findings), rank=rank + 1, text=f"措施{rank}", lead=lead, owner=posts[lead.pk],
                term="long", completion=dice.choice(list(Measure.Completion)), is_kept_up=dice.random() < 0.3,
            )
        )  # fmt: skip
    Measure.objects.bulk_create(measures)


def _finding(dice: random.Random, people, number: int, pool: list[Round], units: list) -> Finding:
    state = dice.choice(list(S))
    is_closed, is_judged = state == S.CLOSED, state in (S.CLOSED, S.LONG_TERM)
    hands = (people["liaison"], people["unit_secretary"], people["discipline"]) if is_judged else (None, None, None)
    return Finding(
        round=dice.choice(pool), serial=number + 1, organisation=dice.choice(units), text=f"问题{number}", state=state,
        entered_by=people["discipline"], entered_at=timezone.now(), is_focus=dice.random() < 0.3,
        due_on=dice.choice([None, cast.TODAY + timedelta(days=dice.randint(-40, 40))]),
        closed_on=cast.TODAY if is_closed else None, closed_in_time=dice.random() < 0.5 if is_closed else None,
        applied_by=hands[0], reviewed_by=hands[1], verified_by=hands[2],
        review_on=cast.TODAY if state == S.LONG_TERM else None,
    )  # fmt: skip


def opened(url: str, user) -> int:
    """How many rows the page under this address shows: read as the page reads it, scoped as the page is scoped."""
    path, _, query = url.partition("?")
    params, visible = QueryDict(query), Finding.objects.visible_to(user)
    if path == "/inspections/measures/":
        return MeasureFilter.read(params).rows(Measure.objects.filter(finding__in=visible)).distinct().count()
    chosen = FindingFilter.read(params)
    if path != "/inspections/findings/":
        visible = visible.filter(round=int(path.strip("/").split("/")[1]))
    return len(set(chosen.rows(visible, on=cast.TODAY, user=user).values_list("pk", flat=True)))


def test_every_figure_equals_the_rows_it_opens_on_two_hundred_data_sets(people, pool):
    dice = random.Random(20261123)
    units, compared, above = list(Organisation.objects.units()[:6]), 0, 0
    for _ in range(SETS):
        throw(dice, people, pool)
        user = people[dice.choice(READERS)]
        scope = Scope(
            on=cast.TODAY,
            user=user,
            round=dice.choice([None, dice.choice(pool).pk]),
            organisation=dice.choice([None, cast.organisation(cast.OURS).pk, dice.choice(units).pk]),
        )
        if scope.round is None:
            scope = Scope(on=scope.on, user=user, organisation=scope.organisation, year=dice.choice([None, 2025, 2026]))
        for indicator in dice.sample(list(INDICATORS.values()), TAKEN):
            value = indicator.value(scope)
            assert value == opened(indicator.url(scope), user), (indicator.name, user.username, scope)
            compared, above = compared + 1, above + (value > 0)
    assert compared == SETS * TAKEN
    assert above > compared / 6, "mostly zeroes would prove nothing"


def test_tables_say_what_their_links_open_and_units_add_up(people, pool):
    dice = random.Random(7)
    for who in ("discipline", "unit_secretary", "secretary", "inspector"):
        throw(dice, people, pool)
        scope = Scope(on=cast.TODAY, user=people[who])
        lines, total = lines_by_unit(scope)
        rounds = cells_by_round(scope, pool)
        for line in [*lines, total, *rounds.values()]:
            for cell in line.cells:
                assert cell.value == opened(cell.url, people[who]), (who, line.name, cell.indicator.name)
        for name in COLUMNS:
            assert sum(line.value(name) for line in lines) == total.value(name), name
            assert sum(line.value(name) for line in rounds.values()) == total.value(name), name


def test_the_pages_themselves_open_the_same_rows(login, people):
    row = imported(people["discipline"])
    for who in ("discipline", "unit_secretary"):
        client = login(who)
        scope = Scope(on=cast.TODAY, user=people[who], round=row.pk)
        for indicator in INDICATORS.values():
            assert client.get(indicator.url(scope)).context["pager"].total == indicator.value(scope), indicator.name
        answer = client.get(f"/inspections/{row.pk}/")
        for figure in answer.context["figures"]:
            assert client.get(figure.url).context["pager"].total == figure.value
        listed = client.get("/inspections/").context["rounds"][0]
        for cell in listed.cells:
            assert client.get(cell.url).context["pager"].total == cell.value, cell.indicator.name
    assert login("outsider").get("/inspections/findings/").context["pager"].total == 0


def test_the_export_says_what_the_page_says(login, people):
    imported(people["discipline"])
    client = login("discipline")
    lines = client.get("/inspections/units/").context["lines"]
    content = client.get("/inspections/units/export/").content
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    told = {line[0]: line[1:-1] for line in sheet.iter_rows(min_row=2, values_only=True)}
    assert {line.name: tuple(cell.value for cell in line.cells) for line in lines} == {
        name: values for name, values in told.items() if name != "合计"
    }
    assert told["合计"][COLUMNS.index("measures")] == 115


def test_a_word_without_proof_is_counted_as_such(people):
    row = imported(people["discipline"])
    scope = Scope(on=cast.TODAY, user=people["discipline"], round=row.pk)
    assert INDICATORS["measures_done"].value(scope) == INDICATORS["measures_unproved"].value(scope) == 74


def test_a_rate_of_nothing_is_a_dash():
    assert (rate(0, 0), rate(1, 3)) == ("—", "33.3%")


def test_measures_of_no_index_are_measures():
    assert {each.unit for each in INDICATORS.values() if isinstance(each, OfMeasures)} == {"条"}


@pytest.mark.parametrize(
    "query", ["year=99999", "year=abc", "round=999999999999", "organisation=%00", "view=x", "page=9"]
)
@pytest.mark.parametrize("page", ["findings", "measures", "units", "units/export"])
def test_odd_addresses_are_no_errors(login, people, page, query):
    finding_of(fed_back(people["discipline"]))
    assert login("discipline").get(f"/inspections/{page}/?{query}").status_code == 200
