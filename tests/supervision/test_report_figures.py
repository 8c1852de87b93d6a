"""报告的数字: every figure equals the rows its link opens, for each of the four scopes; nothing secret is counted."""

import json
from datetime import date

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from accountability.ledger import LedgerFilter
from accountability.models import Duty, Organisation, Post, WorkYear
from accountability.services.opening import open_year
from inspections.models import Round
from supervision.board.indicators import FIGURES
from supervision.board.missing import CHECKS
from supervision.report.figures import Taken, figures_sha256, take
from supervision.report.ledger import STANDING, Ledger, YearOfDuties, percent
from supervision.report.problems import BESIDES, SAID, figure_of
from supervision.report.scope import Scope
from tests import acts, cast
from tests.inspections import research
from tests.inspections.rounds import fed_back, imported
from tests.supervision import letter_acts, talks, watching

pytestmark = pytest.mark.django_db
WHOLE_SCHOOL = ("secretary", "office", "discipline")


@pytest.fixture
def lived(people):
    """Some duties done on time, late, early; supervised and asked; a meeting of N."""
    school, ours = cast.organisation("学校党委"), cast.organisation(cast.OURS)
    acts.record(people["office"], school, "opening-meeting", on=date(2026, 2, 27))
    acts.record(people["office"], school, "problem-list", on=date(2026, 5, 8))
    acts.record(people["office"], school, "committee-meeting", on=date(2026, 5, 8), credit=False)
    acts.record(people["unit_secretary"], ours, "responsibility-letter", on=date(2026, 4, 20))
    acts.record(people["unit_secretary"], ours, "task-list", on=date(2026, 5, 20))
    letter_acts.issued(people)
    problem = watching.problem(watching.oversight(people["discipline"], cast.OURS), people["discipline"])
    watching.asked(problem, people["discipline"])
    return people


@pytest.fixture
def told_in_secret(lived):
    """What no report may count: a 告知书 and talks."""
    letter_acts.informed(lived)
    talks.in_full(lived)
    return lived


def scope(kind: str) -> Scope:
    return {
        "school": Scope.school,
        "commission": Scope.commission,
        "unit": lambda: Scope.unit(cast.organisation(cast.OURS)),
        "leader": lambda: Scope.leader(Post.objects.get(title="分管财务副校长")),
    }[kind]()


def taken(kind: str, year: int = cast.YEAR) -> Taken:
    return take(scope(kind), year, cast.TODAY)


def counted(told: Taken) -> list[dict]:
    return [each for each in told.figures["figures"].values() if each["model"] != "rate"]


def labelled(told: Taken, label: str) -> dict:
    return next(each for each in told.figures["figures"].values() if each["label"] == label)


READERS = {"school": WHOLE_SCHOOL, "commission": WHOLE_SCHOOL, "unit": ("unit_secretary",), "leader": ("member",)}


@pytest.mark.parametrize("kind", READERS)
def test_every_figure_equals_the_rows_its_link_opens(told_in_secret, client, kind):
    imported(told_in_secret["discipline"])
    figures, readers = counted(taken(kind)), READERS[kind]
    opened = 0
    for each in figures:
        assert each["value"] == len(each["ids"]) == len(set(each["ids"])), each["label"]
        path, _, query = each["url"].partition("?")
        if path == "/ledger/":
            chosen = LedgerFilter.read(QueryDict(query))
            rows = chosen.rows(Duty.objects.ordinary(), on=cast.TODAY)
            assert set(rows.values_list("pk", flat=True)) == set(each["ids"]), each["label"]
            opened += 1
    for reader in readers:
        client.force_login(told_in_secret[reader], backend="django.contrib.auth.backends.ModelBackend")
        elsewhere = [each for each in figures if each["url"] and not each["url"].startswith("/ledger/")]
        if kind == "commission":  # its chapter of rectification is the school's, whose every figure is opened there
            elsewhere = [each for each in elsewhere if each["model"] not in ("finding", "measure")]
        for each in elsewhere if reader == readers[0] else elsewhere[::9]:
            pager = client.get(each["url"]).context["pager"]
            assert pager.total == each["value"], (reader, each["label"], each["url"])
            rows = {row.pk for row in pager.page}
            assert rows == set(each["ids"]) if pager.total == len(rows) else rows <= set(each["ids"]), each["label"]
            opened += 1
    assert opened > {"school": 500, "commission": 90, "unit": 60, "leader": 25}[kind]


@pytest.mark.parametrize("kind", READERS)
def test_every_row_is_frozen_in_words(told_in_secret, kind):
    told = taken(kind)
    for each in counted(told):
        rows = told.rows[each["model"]]
        if rows.get("confidential"):
            assert rows["rows"] == {}
            continue
        assert {f"{pk}" for pk in each["ids"]} <= set(rows["rows"]), each["label"]
    for rows in told.rows.values():
        assert all(len(cells) == len(rows["columns"]) for cells in rows["rows"].values())


@pytest.mark.parametrize("kind", READERS)
def test_a_share_is_two_figures_of_the_report(lived, kind):
    figures = taken(kind).figures["figures"]
    rates = [each for each in figures.values() if each["model"] == "rate"]
    assert rates
    for each in rates:
        well, whole = (figures[code] for code in each["parts"])
        assert each["value"] == percent(well["value"], whole["value"])
        assert set(well["ids"]) <= set(whole["ids"]), each["label"]
        assert each["formula"]


@pytest.mark.parametrize("kind", READERS)
def test_it_is_plain_data_whose_parts_know_one_another(lived, kind):
    told = taken(kind)
    figures = told.figures
    assert json.loads(json.dumps(figures)) == figures
    assert json.loads(json.dumps(told.rows)) == told.rows
    shown = [name for chapter in figures["chapters"] for name in chapter["exhibits"]]
    shown += [name for annex in figures["annexes"] for name in annex["exhibits"]]
    assert set(shown) == set(figures["exhibits"])
    for exhibit in figures["exhibits"].values():
        if exhibit["kind"] != "table":
            assert exhibit["title"] and exhibit["alt"]
            continue
        rows = [row for group in exhibit["groups"] for row in group["rows"]]
        for row in [*rows, *([exhibit["sum"]] if exhibit["sum"] else [])]:
            assert len(row) == len(exhibit["columns"]), exhibit["title"]
            for cell in row:
                assert isinstance(cell, str) or "light" in cell or cell["figure"] in figures["figures"]


# ── in memory as in the database ─────────────────────────────────────────────────────────────


def test_a_state_means_in_memory_what_it_means_in_the_database(lived):
    year = YearOfDuties(cast.YEAR)
    every, duties = LedgerFilter(year=cast.YEAR), Duty.objects.ordinary()
    ours = cast.organisation(cast.OURS).pk
    narrower = [
        {}, {"organisation": ours}, {"subject": "unit"}, {"level": "unit"}, {"level": "branch"}, {"level": "school"},
        {"kind": "college"}, {"occurrence": 2}, {"owner": Post.objects.get(title="分管财务副校长").pk},
        {"obligation": Duty.objects.filter(occurrence=2).first().obligation_id}, {"subject": "member", "occurrence": 1},
    ]  # fmt: skip
    for on in (date(2026, 1, 1), date(2026, 6, 30), cast.TODAY, date(2027, 3, 1)):
        for names in narrower:
            for _, states in STANDING.values():
                chosen = every.but(states=states, **names)
                rows = chosen.rows(duties, on=on).values_list("pk", flat=True)
                assert {row.pk for row in year.select(chosen, on)} == set(rows), (on, names, states)


@pytest.mark.parametrize("kind", READERS)
def test_the_parts_of_a_standing_add_up(lived, kind):
    chosen = LedgerFilter(year=cast.YEAR)
    standing = Ledger(scope(kind), cast.YEAR, cast.TODAY).standing("全年", chosen)
    parts = ("in_time", "done_late", "late", "to_come")
    assert standing.value("owed") == sum(standing.value(name) for name in parts)
    assert standing.value("due") == standing.value("done") + standing.value("late")


def test_subjects_add_up(lived):
    told = taken("school").figures
    table = told["exhibits"]["责任完成情况"]
    value = lambda cell: told["figures"][cell["figure"]]["value"]  # noqa: E731
    for column in range(1, 6):
        assert value(table["sum"][column]) == sum(value(row[column]) for row in table["groups"][0]["rows"])


def test_a_percentage_of_nothing_is_a_dash():
    assert percent(0, 0) == "—"
    assert percent(1, 3) == "33.3%"


# ── meetings ─────────────────────────────────────────────────────────────────────────────────


def test_three_two_n(lived):
    told = taken("school").figures
    rows = {row[0]: row for row in told["exhibits"]["会议召开情况"]["groups"][0]["rows"]}
    warning = rows["中层以上干部警示教育大会"]
    assert [told["figures"][cell["figure"]]["value"] for cell in warning[2:4]] == [3, 1]
    assert warning[4] == "2月27日"
    many = rows["党委会议研究全面从严治党事项"]
    assert many[2] == "不设"
    assert many[-1]["light"] == "none"


# ── what is told only to some ────────────────────────────────────────────────────────────────


def test_the_gaps_are_those_of_the_board_for_every_whole_school_reader(told_in_secret):
    """None of them is told less or more by the report than by the board, save for what is about a person."""
    imported(told_in_secret["discipline"])
    ledger = Ledger(Scope.school(), cast.YEAR, cast.TODAY)
    told = {check.figure: figure_of(ledger, check.figure) for check in CHECKS}
    for name, figure in told.items():
        readers = [told_in_secret[reader] for reader in WHOLE_SCHOOL]
        if figure is None:
            continue
        assert all(FIGURES[name].may(reader) for reader in readers), name
        if figure["model"] == "letter":
            continue
        for reader in readers:
            assert FIGURES[name].value(reader, cast.YEAR, cast.TODAY) == figure["value"], name
    assert {name for name, figure in told.items() if figure is None} == {
        "late_clues", "talks_untracked", "archives_missing", "objections_open", "hints_open",
    }  # fmt: skip
    assert set(told) - {name for name, figure in told.items() if figure is None} | set(BESIDES) == set(SAID)


@pytest.mark.parametrize("kind", ["school", "commission", "unit"])
def test_a_secret_changes_no_figure(lived, kind):
    before = [(each["label"], each["ids"]) for each in counted(taken(kind))]
    letter_acts.informed(lived)
    talks.in_full(lived)
    assert [(each["label"], each["ids"]) for each in counted(taken(kind))] == before


def test_a_leaders_report_counts_no_talks(told_in_secret):
    """The office reads it and may have it begun: it must not learn how many talks he gave."""
    told = taken("leader")
    assert "talk" not in told.rows
    assert talks.SECRET_WORDS not in json.dumps([told.figures, told.rows], ensure_ascii=False)


def test_a_unit_reads_nothing_of_another(lived):
    theirs = take(Scope.unit(cast.organisation(cast.THEIRS)), cast.YEAR, cast.TODAY)
    assert labelled(theirs, "收到的督办单")["value"] == 0
    assert labelled(taken("unit"), "收到的督办单")["value"] == 1
    below = Organisation.objects.below(cast.organisation(cast.THEIRS))
    duties = set(Duty.objects.filter(organisation__in=below).values_list("pk", flat=True))
    assert {pk for each in counted(theirs) if each["model"] == "duty" for pk in each["ids"]} <= duties


# ── rectification ────────────────────────────────────────────────────────────────────────────


def test_without_a_round_the_chapter_says_so(lived):
    chapter = next(each for each in taken("school").figures["chapters"] if "整改" in each["title"])
    assert chapter["text"] == ["本年度没有巡视巡察轮次。"]


def test_the_chapter_says_what_the_pages_say(lived, login):
    imported(lived["discipline"])
    told = taken("school")
    names = {"problems": "问题", "measures": "措施", "measures_done": "措施已完成", "measures_mostly": "措施基本完成"}
    value = {name: labelled(told, f"巡视巡察{label}")["value"] for name, label in names.items()}
    assert list(value.values()) == [32, 115, 74, 25]
    page = login("secretary").get(f"/inspections/units/?year={cast.YEAR}")
    for name, number in value.items():
        assert page.context["total"].value(name) == number, name
    rows = told.figures["exhibits"]["各单位巡视巡察整改"]["groups"][0]["rows"]
    assert {line.name for line in page.context["lines"]} == {row[0] for row in rows}
    for line in page.context["lines"]:
        row = next(row for row in rows if row[0] == line.name)
        names = ("problems", "closed", "late", "long_term", "measures", "measures_done")
        for cell, name in zip(row[1:7], names, strict=True):
            assert told.figures["figures"][cell["figure"]]["value"] == line.value(name), (line.name, name)


def test_an_earlier_round_still_in_rectification_belongs_to_the_year(lived):
    row = fed_back(lived["discipline"], starts_on=date(2025, 9, 1))
    assert row in Round.objects.of_year(2026)
    row.stage = Round.Stage.ENDED
    row.save()
    assert row in Round.objects.of_year(2026), "its feedback was in 2026"
    assert row not in Round.objects.of_year(2027)


# ── last year, provenance, cost ──────────────────────────────────────────────────────────────


def test_last_year_is_compared_only_where_it_was_opened(lived):
    assert not [code for code in taken("school").figures["figures"] if code.startswith("Y")]
    open_year(2027, by=lived["office"])
    told = take(Scope.school(), 2027, cast.TODAY)
    before = labelled(told, "2026年责任事项")
    assert before["code"].startswith("Y")
    assert before["value"] == Duty.objects.of_year(2026).owed().count()
    assert WorkYear.objects.count() == 2


def test_the_hash_is_over_figures_and_rows(lived):
    told = taken("unit")
    same = Taken(json.loads(json.dumps(told.figures)), json.loads(json.dumps(told.rows, sort_keys=True)))
    assert figures_sha256(told) == figures_sha256(same)
    changed = json.loads(json.dumps(told.rows))
    next(iter(changed["duty"]["rows"].values()))[1] += "（改）"
    assert figures_sha256(Taken(told.figures, changed)) != figures_sha256(told)


def test_who_asks_hears_how_far_it_is(lived):
    heard: list[tuple[int, str]] = []
    take(Scope.school(), cast.YEAR, cast.TODAY, lambda progress, step: heard.append((progress, step)))
    assert [progress for progress, _ in heard] == sorted(progress for progress, _ in heard)
    assert heard[-1][0] <= 65
    assert any("二级单位" in step for _, step in heard)


def test_queries_do_not_grow_with_the_rows(lived):
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            taken("unit")
        return len(queries)

    few = cost()
    for act in ("rule-list", "half-year-report", "duty-report"):
        acts.record(lived["unit_secretary"], cast.organisation(cast.OURS), act)
    research.required(research.sign(lived["discipline"]), lived["discipline"], cast.OURS)
    assert cost() <= few + 1
