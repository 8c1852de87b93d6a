"""巡察规划: the plan of a term, who may know it, and how carried out and planned add up (三（四）1)."""

from datetime import date
from random import Random

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accountability.models import Organisation
from inspections.coverage import Coverage
from inspections.models import PlannedInspection, Round, Term
from inspections.services.rounds import begin, name_member, plan_round, revise_round
from inspections.services.terms import plan_inspections, plan_term, withdraw_planned
from tests import cast
from tests.inspections.rounds import fed_back, finding_of

pytestmark = pytest.mark.django_db
DAYS = {"starts_on": date(2026, 11, 2), "ends_on": date(2026, 12, 4)}


@pytest.fixture
def term(people) -> Term:
    return plan_term(by=people["discipline"], name="第三届党委", starts_on=date(2024, 6, 1), ends_on=date(2029, 5, 31))


def begun(people, term: Term | None, *units: Organisation, **fields) -> Round:
    values = {"name": "一轮巡察", "kind": Round.Kind.SCHOOL} | DAYS | fields
    return begin(plan_round(by=people["discipline"], units=units, term=term, **values), by=people["discipline"])


def test_terms_follow_one_another(people, term):
    with pytest.raises(ValidationError, match="重叠"):
        plan_term(by=people["discipline"], name="又一届", starts_on=date(2029, 5, 1), ends_on=date(2034, 5, 31))
    with pytest.raises(ValidationError, match="最长不超过 6 年"):
        plan_term(by=people["discipline"], name="太长", starts_on=date(2030, 1, 1), ends_on=date(2040, 1, 1))
    with pytest.raises(PermissionDenied):
        plan_term(by=people["office"], name="不该", starts_on=date(2030, 1, 1), ends_on=date(2034, 1, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        Term.objects.bulk_create(
            [Term(name="倒着", starts_on=date(2030, 1, 2), ends_on=date(2030, 1, 1), created_by=people["discipline"],
                  created_at=term.created_at)]
        )  # fmt: skip


def test_a_place_stands_once_in_a_year_and_leaves_with_a_reason(people, term):
    unit, by = cast.organisation(cast.OURS), people["discipline"]
    planned, area = plan_inspections(
        term, by=by, year=2026, kind="school", organisations=[unit], key_areas=["财务管理"]
    )
    assert (planned.subject, area.subject) == (cast.OURS, "财务管理")
    with pytest.raises(ValidationError, match="已列入 2026 年的规划"):
        plan_inspections(term, by=by, year=2026, kind="school", organisations=[unit])
    with pytest.raises(ValidationError, match="不在这一届之内"):
        plan_inspections(term, by=by, year=2031, kind="school", organisations=[unit])
    with pytest.raises(ValidationError, match="至少选择一个"):
        plan_inspections(term, by=by, year=2026, kind="school")
    with pytest.raises(ValidationError, match="至少 4 个字"):
        withdraw_planned(planned, by=by, reason="改")
    withdraw_planned(planned, by=by, reason="与上级巡视重叠")
    with pytest.raises(ValidationError, match="已于 2026-11-23 调出"):
        withdraw_planned(planned, by=by, reason="与上级巡视重叠")
    plan_inspections(term, by=by, year=2026, kind="school", organisations=[unit])
    assert PlannedInspection.objects.filter(organisation=unit).count() == 2, "what was taken out stays on record"


@pytest.mark.parametrize("fields", [{}, {"organisation": True, "key_area": "财务管理"}])
def test_the_database_wants_a_unit_or_an_area(people, term, fields):
    if fields:
        fields = fields | {"organisation": cast.organisation(cast.OURS)}
    row = PlannedInspection(term=term, year=2026, kind="school", planned_by=people["discipline"], **fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_a_unit_does_not_learn_when_it_is_planned(login, people, term):
    plan_inspections(
        term, by=people["discipline"], year=2027, kind="school", organisations=[cast.organisation(cast.OURS)]
    )
    for who in ("unit_secretary", "liaison", "member", "inspector", "auditor", "outsider"):
        client = login(who)
        assert client.get(f"/inspections/terms/{term.pk}/").status_code == 404, who
        page = client.get("/inspections/coverage/")
        assert "2027 年" not in page.content.decode()
        assert not any(place.planned for place in page.context["units"])
        assert "planned" not in page.context["coverage"].views
    for who in ("discipline", "secretary", "office"):
        assert "2027 年" in login(who).get("/inspections/coverage/").content.decode(), who
    assert login("office").post(f"/inspections/terms/{term.pk}/", {"year": 2026}).status_code == 403


def test_a_plan_is_met_by_a_round_and_a_revisit_by_a_revisit(people, term):
    unit, by = cast.organisation(cast.OURS), people["discipline"]
    first = plan_inspections(term, by=by, year=2025, kind="school", organisations=[unit])[0]
    second = plan_inspections(term, by=by, year=2028, kind="revisit", organisations=[unit])[0]
    assert [place.organisation for place in Coverage(by, term, on=cast.TODAY).units_of("behind")] == [unit]
    row = begun(people, term, unit)
    found = Coverage(by, term, on=cast.TODAY)
    assert (found.has_met(first), found.has_met(second)) == (True, False)
    begun(people, term, unit, kind=Round.Kind.REVISIT, revisits=row)
    assert Coverage(by, term, on=cast.TODAY).has_met(second)
    assert found.units_of("behind") == []


@pytest.mark.parametrize("seed", range(4))
def test_every_figure_opens_its_rows_whatever_was_planned(login, people, term, seed):
    random = Random(seed)
    units = list(Organisation.objects.active().units())
    areas = sorted({unit.key_area for unit in units if unit.key_area})
    for year in random.sample(range(2024, 2029), 3):
        plan_inspections(
            term,
            by=people["discipline"],
            year=year,
            kind="school",
            organisations=random.sample(units, random.randint(0, 12)),
            key_areas=random.sample(areas, random.randint(1, 3)),
        )
    for _ in range(3):
        chosen = random.sample(units, random.randint(0, 6))
        begun(people, random.choice([term, None]), *chosen, key_area=random.choice(["", *areas]))
    for who in ("discipline", "secretary", "unit_secretary"):
        client = login(who)
        for query in ("", "term=all&"):
            page = client.get(f"/inspections/coverage/?{query}")
            for figure in page.context["figures"]:
                opened = client.get(f"/inspections/coverage/{figure.url}").context["units"]
                assert len(opened) == figure.value, (who, figure.label)
            units = [place.organisation for place in page.context["coverage"].units]
            assert len(set(units)) == len(units)
            by_view = {view: len(page.context["coverage"].units_of(view)) for view in page.context["coverage"].views}
            assert by_view["inspected"] + by_view["never"] == by_view["all"]


def test_the_plan_is_kept_in_the_browser_and_fills_a_round(login, people):
    client = login("discipline")
    client.post("/inspections/terms/new/", {"name": "第三届党委", "starts_on": "2024-06-01", "ends_on": "2029-05-31"})
    term = Term.objects.get()
    ours, theirs = cast.organisation(cast.OURS), cast.organisation(cast.THEIRS)
    sent = {"year": 2026, "kind": "school", "organisations": [ours.pk, theirs.pk], "key_areas": ["科研经费"]}
    assert client.post(f"/inspections/terms/{term.pk}/", sent).status_code == 302
    again = client.post(f"/inspections/terms/{term.pk}/", sent)
    assert again.status_code == 400
    assert "已列入 2026 年的规划" in again.content.decode()
    page = client.get(f"/inspections/terms/{term.pk}/")
    url = next(url for year, _, url in page.context["years"] if year == 2026)
    form = client.get(url).context["form"]
    assert form.initial["term"] == term
    assert {int(pk) for pk in form.initial["units"]} == {ours.pk, theirs.pk}
    planned = PlannedInspection.objects.get(organisation=theirs)
    client.post(f"/inspections/terms/{term.pk}/planned/{planned.pk}/withdraw/", {"reason": "与上级巡视重叠"})
    planned.refresh_from_db()
    assert planned.withdrawn_on == cast.TODAY
    assert "调出" in client.get(f"/inspections/terms/{term.pk}/").content.decode()


@pytest.mark.parametrize(
    "query", ["?term=x", "?term=%00", "?term=99999999999999", "?show=%00&term=²", "?units=²&term=²"]
)
def test_odd_addresses_are_no_error(login, term, query):
    client = login("discipline")
    assert client.get(f"/inspections/coverage/{query}").status_code == 200
    assert client.get(f"/inspections/new/{query}").status_code == 200


# ── 修改轮次 ──────────────────────────────────────────────────────────────────────────────────


def test_a_round_is_changed_with_a_reason_and_keeps_units_that_answer(login, people, term):
    row = fed_back(people["discipline"], units=[cast.organisation(cast.OURS)])
    finding_of(row)
    client, theirs = login("discipline"), cast.organisation(cast.THEIRS)
    sent = {"name": "改过的名称", "kind": "external", "term": term.pk, "starts_on": "2026-03-02", "ends_on": "2026-04-30",
            "units": [theirs.pk], "reason": "补充单位"}  # fmt: skip
    refused = client.post(f"/inspections/{row.pk}/edit/", sent)
    assert refused.status_code == 400
    assert "会计学院在本轮已有问题立账" in refused.content.decode()
    row.refresh_from_db()
    assert row.name != "改过的名称", "nothing half-written is left"
    sent["units"].append(cast.organisation(cast.OURS).pk)
    assert client.post(f"/inspections/{row.pk}/edit/", sent | {"reason": ""}).status_code == 400
    assert client.post(f"/inspections/{row.pk}/edit/", sent).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.term, row.units.count()) == ("改过的名称", term, 2)
    assert row.history.first().history_change_reason == "修改轮次：补充单位"
    assert login("other_secretary").get(f"/inspections/{row.pk}/edit/").status_code == 403


def test_a_unit_joins_only_if_nobody_of_the_team_serves_there(people):
    row = plan_round(by=people["discipline"], name="一轮", kind="school", **DAYS)
    name_member(
        row, by=people["discipline"], person=people["liaison"], duty="member",
        from_on=date(2026, 11, 2), until_on=date(2026, 12, 4),
    )  # fmt: skip
    with pytest.raises(ValidationError, match="应当回避"):
        revise_round(row, by=people["discipline"], reason="增加单位", units=[cast.organisation(cast.OURS)])
