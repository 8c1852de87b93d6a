"""负担计: figures made from rows, each down to its rows; the same thing asked twice is shown (四（三）)."""

from datetime import date

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.filters import Span
from accountability.forms import RecordForm
from accountability.models import ActKind, Duty, Record
from accountability.services.duties import assign
from inspections.research_forms import VisitForm
from inspections.services.progress import Said, file_report
from inspections.services.risk_checks import TYPED, hand_in
from meetings.forms import MeetingForm
from supervision.burden import meter as burden
from supervision.burden.asked_twice import asked_twice
from supervision.burden.meter import BurdenTable, Load, Rate, entries_of, rates
from tests import acts, cast, letters
from tests.inspections import research
from tests.inspections.risk_points import FINE, campaign_by, points_of
from tests.inspections.rounds import fed_back, finding_of, measures_of
from tests.supervision import letter_acts

pytestmark = pytest.mark.django_db
NOVEMBER = Span.read("2026-11")


def line_of(user, unit: str = cast.OURS) -> burden.Line:
    return next(line for line in BurdenTable(user, cast.YEAR).lines if line.unit.name == unit)


def hearing(people, **more) -> Record:
    return acts.record(people["unit_secretary"], cast.organisation(cast.OURS), "hearing", credit=False, **more)


# ── what counts ──────────────────────────────────────────────────────────────────────────────


def test_a_record_counts_by_its_act_in_the_month_it_was_entered(people):
    hearing(people, on=date(2026, 9, 1))
    acts.record(people["liaison"], cast.organisation(cast.OURS), "duty-report")
    load = line_of(people["discipline"]).by_month["2026-11"]
    assert (load.entries, load.fields, load.minutes) == (2, 12, 100)
    assert load.hours == "1.7"


def test_a_branch_counts_with_its_unit(people):
    branch = cast.organisation(f"{cast.OURS}/第一党支部")
    acts.record(people["branch"], branch, "branch-report")
    assert line_of(people["discipline"]).total.entries == 1


def test_lines_of_a_report_and_points_of_a_check_count_one_by_one(people):
    finding = finding_of(fed_back(people["discipline"]), measures=3)
    report = finding.round.progress_reports.get(organisation=finding.organisation, month=date(2026, 11, 1))
    file_report(
        report,
        by=people["liaison"],
        said={each.pk: Said("初稿已完成，正在征求意见。") for each in measures_of(finding)},
    )
    points = points_of(people["unit_secretary"], 4)
    campaign = campaign_by(people["discipline"])
    hand_in(campaign, points[0].organisation, by=people["liaison"], answers={p.pk: FINE for p in points}, turn=0)
    entries = {entry.name: entry for entry in entries_of(people["liaison"], finding.organisation, cast.YEAR, NOVEMBER)}
    monthly, check = entries["整改进展月报"], entries["廉政风险点自查"]
    assert (monthly.lines, monthly.load) == (3, Load(1, 3 + 3 * 2, 10 + 3 * 8))
    assert (check.lines, check.load) == (4, Load(1, 4 * 6, 10 + 4 * 6))


def test_a_paper_in_the_making_counts_until_its_record_does(people):
    ours = cast.organisation(cast.OURS)
    letters.draft(people["unit_secretary"], "duty-report", organisation=ours)
    entry = entries_of(people["discipline"], ours, cast.YEAR, NOVEMBER)[0]
    assert (entry.name, entry.load) == ("起草和办理中的文件", Load(1, 2, 40))


def test_the_fields_are_those_of_the_forms():
    """Left out: what a form shows only where it is needed."""
    known = rates()
    rarely = {"sitting", "trigger", "dealt_with"}
    for form, rate in (
        (RecordForm, known.default),
        (MeetingForm, known.categories["meeting"]),
        (VisitForm, known.categories["visit"]),
    ):
        assert len(set(form.base_fields) - rarely) == rate.fields, form
    assert known.acts["risk-self-check"].each_fields == len(TYPED)


def test_every_rate_is_of_something_there_is(people):
    assert set(rates().acts) <= set(ActKind.objects.values_list("code", flat=True))
    assert set(rates().categories) <= set(ActKind.Category.values)


def test_another_table_of_rates(settings, tmp_path):
    table = tmp_path / "rates.yaml"
    settings.BURDEN_FILE = str(table)
    try:
        table.write_text("default: {fields: 1, minutes: 2}\ndraft: {fields: 3, minutes: 4}\n")
        rates.cache_clear()
        assert rates().of("hearing", "talk") == Rate(1, 2)
        for broken in ("", "default: 3", "default: {fields: -1, minutes: 2}\ndraft: {fields: 3, minutes: 4}", "{"):
            table.write_text(broken)
            rates.cache_clear()
            with pytest.raises(ImproperlyConfigured):
                rates()
    finally:
        rates.cache_clear()


# ── the pages ────────────────────────────────────────────────────────────────────────────────


def test_every_figure_opens_its_rows(login, people):
    hearing(people, on=date(2026, 9, 1))
    acts.record(people["liaison"], cast.organisation(cast.OURS), "duty-report")
    acts.record(people["branch"], cast.organisation(f"{cast.OURS}/第一党支部"), "branch-report")
    letters.draft(people["unit_secretary"], "half-year-report", organisation=cast.organisation(cast.OURS))
    client = login("office")
    page = client.get("/oversight/burden/")
    row = next(row for row in page.context["rows"] if row["line"].unit.name == cast.OURS)
    load, url = row["cells"][10]
    assert load.entries == 4
    inside = client.get(url)
    assert inside.context["total"] == load
    assert len(inside.context["entries"]) == 4
    for entry in inside.context["entries"]:
        assert client.get(entry.url).context["pager"].total == entry.load.entries, entry
    whole = client.get(row["line"].url)
    assert whole.context["total"] == row["line"].total
    assert page.context["table"].total == sum((line.total for line in page.context["table"].lines), Load())


def test_what_is_entered_after_the_year_has_a_column_of_its_own(login, people, clock):
    from datetime import UTC, datetime

    clock.move_to(datetime(2027, 1, 12, 1, 0, tzinfo=UTC))
    hearing(people, on=date(2026, 12, 30))
    page = login("office").get("/oversight/burden/?year=2026")
    assert [month.text for month in page.context["table"].months][-1] == "2027"
    row = next(row for row in page.context["rows"] if row["line"].unit.name == cast.OURS)
    load, url = row["cells"][-1]
    assert load.entries == 1
    entry = login("office").get(url).context["entries"][0]
    assert login("office").get(entry.url).context["pager"].total == 1


@pytest.mark.parametrize("who", [part.username for part in cast.PARTS])
def test_a_unit_sees_its_own_line_and_who_supervises_all(login, people, who):
    hearing(people)
    client = login(who)
    page = client.get("/oversight/burden/")
    shown = {row["line"].unit.name for row in page.context["rows"]} if page.status_code == 200 else None
    if who in ("office", "discipline", "secretary"):
        assert len(shown) > 30
    elif who in ("unit_secretary", "liaison"):
        assert shown == {cast.OURS}
    elif who in ("other_secretary", "other_liaison"):
        assert shown == {cast.THEIRS}
    elif who == "department":
        assert shown == {"财务处"}
    elif who == "member":
        assert cast.OURS in shown and cast.THEIRS not in shown
    else:
        assert page.status_code == 403
        assert client.get("/oversight/burden/twice/").status_code == 403
    sees_ours = bool(shown) and cast.OURS in shown
    ours = cast.organisation(cast.OURS)
    assert client.get(f"/oversight/burden/{ours.pk}/").status_code == (200 if sees_ours else 404)


@pytest.mark.parametrize(
    "query",
    ["month=2026-13", "month=%00", "month=99999999999", "year=x", "month=2026-1", "month=²⁰²⁶", "month=0001-01"],
)
def test_odd_addresses_are_no_error(login, people, query):
    ours = cast.organisation(cast.OURS)
    assert login("office").get(f"/oversight/burden/{ours.pk}/?{query}").status_code == 200
    assert login("office").get(f"/oversight/burden/?{query}").status_code == 200
    assert login("office").get(f"/records/?entered={query.partition('=')[2]}&unit=x&way=%00").status_code == 200
    assert login("office").get(f"/documents/all/?drafted={query.partition('=')[2]}&unit=9&kind=%00").status_code == 200


def test_it_costs_the_same_at_one_and_at_many(login, people):
    client = login("office")
    hearing(people, on=date(2026, 9, 1))

    def cost() -> int:
        client.get("/oversight/burden/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/oversight/burden/").status_code == 200
        return len(captured)

    few = cost()
    for day in range(1, 25):
        hearing(people, on=date(2026, 8, day))
        acts.record(people["other_secretary"], cast.organisation(cast.THEIRS), "hearing", on=date(2026, 8, day))
    assert cost() == few


# ── 重复要求 ─────────────────────────────────────────────────────────────────────────────────


def ask(people, title: str, due_on: date, unit: str = cast.OURS) -> Duty:
    organisation = cast.organisation(unit)
    return assign(
        title=title,
        organisation=organisation,
        owner=organisation.posts.get(role="unit_secretary"),
        work_year=cast.YEAR,
        due_on=due_on,
        by=people["office"],
    )


def pairs(user) -> list[tuple[int, int]]:
    return [(pair.first.pk, pair.second.pk) for pair in asked_twice(user, cast.YEAR)]


def test_the_regulation_itself_asks_nothing_twice(people):
    assert pairs(people["discipline"]) == []


def test_two_reports_with_titles_alike_within_fifteen_days(people):
    one = ask(people, "报送2026年师德专题教育情况报告", date(2026, 12, 10))
    other = ask(people, "报送会计学院师德专题教育情况", date(2026, 12, 1))
    ask(people, "报送2026年师德专题教育情况报告", date(2026, 12, 10), cast.THEIRS)
    ask(people, "报送安全生产检查情况", date(2026, 12, 10))
    assert pairs(people["discipline"]) == [(other.pk, one.pk)]
    assert "9 天" in asked_twice(people["discipline"], cast.YEAR)[0].why


def test_far_apart_or_waived_is_not_twice(people):
    ask(people, "报送师德专题教育情况", date(2026, 10, 20))
    later = ask(people, "报送师德专题教育情况", date(2026, 11, 10))
    assert pairs(people["discipline"]) == []
    again = ask(people, "报送师德专题教育情况", date(2026, 11, 15))
    assert pairs(people["discipline"]) == [(later.pk, again.pk)]
    from accountability.services.duties import waive

    waive(again, by=people["office"], reason="合并为一项")
    assert pairs(people["discipline"]) == []


def test_requirements_are_compared_in_their_own_words(people):
    """Every answer's title begins alike; what was asked does not."""
    origin = research.sign(people["discipline"])
    research.required(origin, people["discipline"])
    research.required(origin, people["discipline"], title="报送师德教育情况", text="写明开展的场次和参加的人数。")
    assert pairs(people["discipline"]) == []
    research.required(
        origin, people["discipline"], title="开展设备验收的自查", text="逐台核对近三年设备验收和启用情况。"
    )
    assert len(pairs(people["discipline"])) == 1


def test_reports_of_two_rounds_in_one_month(people):
    for name in ("2026年校内巡察", "2026年专项巡察"):
        finding_of(fed_back(people["discipline"], name=name))
    found = asked_twice(people["discipline"], cast.YEAR)
    assert found
    assert {pair.why for pair in found} == {"同一个月要求报送两份同类材料"}
    assert all(pair.first.due_on.month == pair.second.due_on.month for pair in found)


def test_a_unit_sees_what_it_was_asked_twice_and_another_does_not(login, people):
    ask(people, "报送师德专题教育情况", date(2026, 12, 1))
    ask(people, "报送师德专题教育情况", date(2026, 12, 5))
    for who, total in (("liaison", 1), ("office", 1), ("discipline", 1), ("secretary", 1), ("other_liaison", 0)):
        client = login(who)
        page = client.get("/oversight/burden/twice/")
        assert len(page.context["pairs"]) == total, who
        assert page.context["duties"] == 2 * total
        assert ("要了两次" in client.get("/oversight/burden/").content.decode()) is bool(total)


def test_another_room_may_say_in_what_words_it_asked(people, monkeypatch):
    from supervision.burden import asked_twice as module

    one = ask(people, "答复督办单〔2026〕3号", date(2026, 12, 1))
    other = ask(people, "报送采购合同台账", date(2026, 12, 3))
    assert pairs(people["discipline"]) == []
    told = {one.pk: "请报送采购合同台账及明细"}
    monkeypatch.setattr(module, "_askers", [lambda duties: told])
    assert pairs(people["discipline"]) == [(one.pk, other.pk)]


def test_two_matters_of_one_letter_are_two_things_unless_they_ask_the_same(people):
    other = letter_acts.matter(
        text="评优公示时间少于五个工作日。", asked="说明原因，提出办法。", due_on=letter_acts.DUE
    )
    letter_acts.issued(people, cast.OURS, letter_acts.matter(), other)
    assert pairs(people["discipline"]) == []
    letter_acts.issued(people, cast.OURS, letter_acts.matter(), by=people["discipline"])
    assert len(pairs(people["discipline"])) == 1
