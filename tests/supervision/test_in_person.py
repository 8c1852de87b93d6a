"""四个亲自与书记本周办理: records of the ledger, what they are about, an agenda computed from the rooms (二（三）)."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accountability.models import Duty, Post, Problem, Record
from accountability.services import documents
from accountability.services.records import decide
from inspections.models import Finding
from supervision.in_person.agenda import agenda
from supervision.models import InPerson, Talk
from supervision.services.in_person import record_in_person
from tests import cast, letters
from tests.accountability.list_rows import planned
from tests.inspections.rounds import fed_back, finding_of
from tests.supervision import talks as made
from tests.test_house import queries

pytestmark = pytest.mark.django_db


def recorded(by, **facts) -> Record:
    values = {
        "act": "personal-inquiry",
        "happened_on": date(2026, 11, 20),
        "title": "过问招生监督工作",
        "words": "听取情况，要求纪委派员全程监督。",
        "work_year": cast.YEAR,
    } | facts
    return record_in_person(by=by, **values)


def groups_of(user) -> dict[str, int]:
    return {group.label: group.count for group in agenda(user, cast.YEAR, cast.TODAY)}


# ── 四个亲自 ─────────────────────────────────────────────────────────────────────────────────


def test_the_secretarys_own_word_counts_at_once(people):
    duty = Duty.objects.get(obligation__code="personal-deployment", work_year=cast.YEAR)
    record = recorded(people["secretary"], act="personal-deployment")
    duty.refresh_from_db()
    assert (record.state, duty.state) == ("accepted", "fulfilled")
    assert record.post == Post.objects.get(role="secretary")


def test_the_office_records_for_him_and_he_confirms(login, people):
    record = recorded(people["office"])
    assert (record.state, record.confirmer) == ("submitted", people["secretary"])
    assert groups_of(people["secretary"])["等您确认的履责记录"] == 1
    with pytest.raises(PermissionDenied):
        decide(record, "accept", by=people["office"])
    assert login("secretary").post(f"/records/{record.pk}/decide/", {"transition": "accept"}).status_code == 302
    record.refresh_from_db()
    assert (record.state, record.decided_by) == ("accepted", people["secretary"])


def test_nobody_else_records_it(people):
    for who in ("member", "discipline", "unit_secretary", "liaison", "department", "inspector", "sysadmin", "outsider"):
        with pytest.raises(PermissionDenied):
            recorded(people[who])


def test_two_of_a_kind_on_a_day_are_two(people):
    assert [recorded(people["secretary"]).sitting for _ in range(2)] == [1, 2]
    with pytest.raises(ValidationError, match="至少 4 个字"):
        recorded(people["secretary"], words="好")
    with pytest.raises(ValidationError, match="不能晚于今天"):
        recorded(people["secretary"], happened_on=cast.TODAY + timedelta(days=1))


def test_it_stands_beside_what_it_is_about(login, people):
    duty = Duty.objects.visible_to(people["secretary"]).filter(organisation__name=cast.OURS).first()
    finding = finding_of(fed_back(people["discipline"]))
    problem = planned(people).responsibility.problem
    talk = made.arranged(people["secretary"], people["member"])
    client = login("secretary")
    for thing, address in (
        (duty, f"/ledger/{duty.pk}/"),
        (finding, f"/inspections/findings/{finding.pk}/"),
        (problem, f"/lists/problems/{problem.pk}/"),
        (talk, f"/oversight/talks/{talk.pk}/"),
    ):
        assert "记为亲自办理" in client.get(address).content.decode(), address
        record = recorded(people["secretary"], about=thing)
        assert address in client.get(f"/records/{record.pk}/").content.decode()
    row = InPerson.objects.get(duty=duty)
    with pytest.raises(IntegrityError), transaction.atomic():
        InPerson.objects.filter(pk=row.pk).update(finding=finding)


def test_what_one_may_not_see_is_not_chosen(people):
    talk = made.arranged(people["secretary"], people["member"])
    with pytest.raises(ValidationError, match="从列表中选择"):
        recorded(people["office"], about=talk)


FORM = {
    "act": "personal-inquiry",
    "happened_on": "2026-11-20",
    "title": "过问招生监督工作",
    "words": "要求派员全程监督。",
}


def test_the_pages(login, people):
    duty = Duty.objects.filter(organisation__name=cast.OURS).first()
    client = login("secretary")
    address = f"/oversight/in-person/entries/new/?about=duty-{duty.pk}"
    assert duty.title in client.get(address).content.decode()
    refused = client.post(address, FORM | {"words": ""})
    assert refused.status_code == 400
    assert "过问招生监督工作" in refused.content.decode()
    assert client.post(address, FORM | {"about": f"duty-{duty.pk}"}).status_code == 302
    assert InPerson.objects.get().duty == duty
    figures = client.get("/oversight/in-person/").context["figures"]
    assert [figure["label"] for figure in figures] == [
        "重要工作亲自部署",
        "重大问题亲自过问",
        "重要环节亲自协调",
        "重要案件亲自督办",
    ]
    assert [figure["value"] for figure in figures] == [0, 1, 0, 0]
    for figure in figures:
        assert client.get(figure["url"]).context["pager"].total == figure["value"]
    page = login("office").get("/oversight/in-person/")
    assert "本周需要书记亲自办理" not in page.content.decode(), "the agenda is his alone"
    assert page.context["may_record"]
    assert not login("discipline").get("/oversight/in-person/").context["may_record"]
    for who in ("member", "unit_secretary", "liaison", "branch", "department", "inspector", "sysadmin", "outsider"):
        client = login(who)
        for path in ("", "entries/", "entries/new/"):
            assert client.get(f"/oversight/in-person/{path}").status_code == 403, (who, path)


@pytest.mark.parametrize("value", ["duty-99999999", "x", "duty-\x00", "talk--1", "duty-" + "9" * 30, "person-1"])
def test_odd_things(login, people, value):
    client = login("secretary")
    assert client.get("/oversight/in-person/entries/new/", {"about": value, "kind": value}).status_code == 200
    assert client.post("/oversight/in-person/entries/new/", FORM | {"about": value}).status_code == 400
    assert client.get("/oversight/in-person/entries/new/", {"fulfils": value}).status_code == 404
    assert client.get("/oversight/in-person/entries/", {"kind": value, "year": value, "view": value}).status_code == 200


# ── 本周需要书记亲自办理 ─────────────────────────────────────────────────────────────────────


def test_the_agenda_is_read_from_the_rooms(login, people):
    secretary = people["secretary"]
    base = groups_of(secretary)
    assert not {"谈话", "等您签署、审核的文件", "重点关注、逾期未销号的巡察问题"} & set(base)
    assert base["已经逾期的责任"] > 0, "the cast did nothing all year"
    document = documents.perform(letters.project_letter(people, to="in_review"), "pass", by=people["office"])
    made.arranged(secretary, people["member"])
    finding = finding_of(fed_back(people["discipline"]))
    Finding.objects.filter(pk=finding.pk).update(is_focus=True, due_on=date(2026, 10, 1), state="working")
    now = groups_of(secretary)
    assert now["谈话"] == 1
    assert now["重点关注、逾期未销号的巡察问题"] == 1
    page = login("secretary").get("/oversight/in-person/")
    assert document.title in page.content.decode()
    for group in page.context["groups"]:
        for item in group.items:
            assert login("secretary").get(item.url).status_code == 200, item
        if group.url:
            answer = login("secretary").get(group.url)
            pager = answer.context.get("pager")
            assert pager is None or pager.total == group.count, group.label


def test_every_way_a_talk_waits_for_him(people):
    secretary, head = people["secretary"], people["unit_secretary"]
    commission = made.admitted(people)
    proposed = made.arranged(commission, head, leader=secretary, due_on=None)
    late = made.arranged(secretary, people["member"])
    Talk.objects.filter(pk=late.pk).update(due_on=date(2026, 11, 20))
    reported = made.in_full(people)
    made.reported(reported, head)
    done = made.held(made.arranged(secretary, people["department"]), secretary, report_by=None)
    made.confirmed(done, people["department"])
    group = next(group for group in agenda(secretary, cast.YEAR, cast.TODAY) if group.label == "谈话")
    assert {item.words for item in group.items} == {"提请您安排", "2026-11-20 前谈话", "落实情况待认可", "可以办结"}
    assert group.count == 4
    assert proposed.pk in {talk.pk for talk in Talk.objects.waiting_for(secretary)}


def test_his_home_leads_there(login, people):
    assert "/oversight/in-person/" in login("secretary").get("/").content.decode()
    assert "/oversight/in-person/" not in login("member").get("/").content.decode()


def test_the_pages_cost_the_same_at_one_row_and_at_many(login, people):
    recorded(people["secretary"])
    made.arranged(people["secretary"], people["member"])
    paths = ("/oversight/in-person/", "/oversight/in-person/entries/", "/oversight/in-person/entries/new/")
    client = login("secretary")
    few = [queries(client, path) for path in paths]
    for number in range(10):
        recorded(people["secretary"], happened_on=date(2026, 11, 1) + timedelta(days=number))
        made.arranged(people["secretary"], people["member"])
    client = login("secretary")
    assert [queries(client, path) for path in paths] == few


def test_a_problem_awaiting_him_is_named_here(people):
    planned(people)
    problem = Problem.objects.first()
    Problem.objects.filter(pk=problem.pk).update(
        state="raised", leader_by=None, leader_post=Post.objects.get(role="secretary"), fixed_by=None, fixed_on=None
    )
    assert groups_of(people["secretary"])["等您研判、认领、点评的清单事项"] >= 1
