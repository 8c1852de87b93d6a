"""问责处理: decisions of others recorded, known to few, followed up; and duties nobody was pursued for (三（二）2)."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accountability.models import Duty, Notice, Record
from accountability.offers import offered
from supervision.board.indicators import FIGURES
from supervision.models import AccountabilityKind, AccountabilityMeasure
from supervision.services import accountability_measures as verbs
from tests import acts, cast
from tests.inspections.rounds import fed_back, finding_of
from tests.supervision.assessments import admitted_one, admitted_to_measures, fresh, head_of_commission, measure_on

pytestmark = pytest.mark.django_db
ALL = [part.username for part in cast.PARTS]


def ours():
    return cast.organisation(cast.OURS)


def late_duty(days: int = 60) -> Duty:
    duties = Duty.objects.of_year(cast.YEAR).filter(organisation=ours(), bearer_post=None)
    return duties.late(cast.TODAY - timedelta(days=days)).order_by("due_on").first()


# ── recording ────────────────────────────────────────────────────────────────────────────────


def test_only_who_is_admitted_records(people):
    for who in ("discipline", "office", "secretary", "unit_secretary", "sysadmin"):
        with pytest.raises(PermissionDenied, match="被授权知悉"):
            measure_on(fresh(people[who]), organisation=ours())
    row = measure_on(admitted_to_measures(people), organisation=ours(), duty=late_duty())
    assert (row.number, row.papers.count()) == ("2026-1", 1)
    record = Record.objects.get(act__code="accountability-action", title__contains="2026-1")
    assert cast.OURS not in record.title + record.content, "a number in the ledger, neither whom nor why"


@pytest.mark.parametrize(
    ("kind", "decided_on", "until"),
    [
        ("examination", date(2026, 5, 31), date(2026, 11, 29)),
        ("circular-organisation", date(2026, 1, 15), date(2026, 7, 14)),
        ("reorganise", date(2026, 2, 28), date(2027, 2, 27)),
        ("rectify", date(2026, 2, 28), None),
    ],
)
def test_the_influence_period_follows_from_the_kind(people, kind, decided_on, until):
    row = measure_on(admitted_to_measures(people), organisation=ours(), kind=kind, decided_on=decided_on)
    assert row.influence_until == until
    assert row.influence_from == (decided_on if until else None)


def test_what_counts_today(people):
    by = admitted_to_measures(people)
    past = measure_on(by, organisation=ours(), kind="examination", decided_on=date(2026, 1, 5))
    now = measure_on(by, organisation=ours(), kind="reorganise")
    assert list(AccountabilityMeasure.objects.in_influence(cast.TODAY)) == [now]
    assert (past.counts_on(cast.TODAY), now.counts_on(cast.TODAY)) == (False, True)
    with pytest.raises(ValidationError, match="请写明调整的依据"):
        verbs.change_influence(now, by=by, influence_from=None, influence_until=None, reason="")
    with pytest.raises(ValidationError, match="成对填写"):
        verbs.change_influence(now, by=by, influence_from=cast.TODAY, influence_until=None, reason="决定另有规定")
    longer = verbs.change_influence(
        past, by=by, influence_from=date(2026, 1, 5), influence_until=date(2027, 1, 4), reason="决定写明一年"
    )
    assert longer.counts_on(cast.TODAY)
    lifted = verbs.lift(now, by=by, on=cast.TODAY, reason="江海委〔2026〕40号")
    assert not lifted.counts_on(cast.TODAY)
    withdrawn = verbs.withdraw(longer, by=by, reason="登记到了另一个单位名下，重新登记。")
    assert not withdrawn.counts_on(cast.TODAY)
    assert AccountabilityMeasure.objects.count() == 2, "nothing is deleted"
    with pytest.raises(ValidationError, match="已撤销"):
        verbs.follow_up(withdrawn, by=by, words="整改情况良好，已经完成。", on=cast.TODAY)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "admonition"}, "person"),
        ({"organisation": None}, "organisation"),
        ({"reason": "短"}, "reason"),
        ({"document_number": "  "}, "document_number"),
        ({"decided_by_body": " "}, "decided_by_body"),
        ({"decided_on": date(2026, 12, 24)}, "decided_on"),
        ({"follow_up_on": date(2026, 11, 1), "requirements": "限期整改到位。"}, "follow_up_on"),
        ({"follow_up_on": date(2026, 12, 30)}, "requirements"),
        ({"files": []}, "files"),
    ],
)
def test_what_a_decision_must_say(people, changes, field):
    with pytest.raises(ValidationError) as refused:
        measure_on(admitted_to_measures(people), **({"organisation": ours()} | changes))
    assert field in refused.value.error_dict
    assert not AccountabilityMeasure.objects.exists()


def test_the_same_decision_is_recorded_once(people):
    by = admitted_to_measures(people)
    measure_on(by, organisation=ours())
    with pytest.raises(ValidationError, match="已登记"):
        measure_on(by, organisation=ours())
    measure_on(by, organisation=cast.organisation(cast.THEIRS))
    assert sorted(AccountabilityMeasure.objects.values_list("number", flat=True)) == ["2026-1", "2026-2"]


def test_nobody_records_a_measure_on_himself(people):
    by, chief = admitted_to_measures(people), admitted_one(people, head_of_commission())
    with pytest.raises(ValidationError, match="不能登记对本人"):
        measure_on(by, person=by, kind="admonition")
    row = measure_on(chief, person=by, kind="admonition")
    with pytest.raises(PermissionDenied, match="由其他同志办理"):
        verbs.lift(row, by=by, on=cast.TODAY, reason="自己解除自己")
    with pytest.raises(IntegrityError), transaction.atomic():
        AccountabilityMeasure.objects.filter(pk=row.pk).update(recorded_by=by)


@pytest.mark.parametrize(
    "changes",
    [
        {"person": 1},
        {"reason": ""},
        {"influence_until": date(2020, 1, 1)},
        {"followed_on": date(2026, 11, 20)},
        {"lifted_on": date(2026, 11, 20)},
        {"state": "withdrawn"},
    ],
)
def test_what_the_database_holds(people, changes):
    row = measure_on(admitted_to_measures(people), organisation=ours())
    if "person" in changes:
        changes = {"person": people["member"]}
    with pytest.raises(IntegrityError), transaction.atomic():
        AccountabilityMeasure.objects.filter(pk=row.pk).update(**changes)


def test_a_day_of_follow_up_is_a_duty_that_names_nobody(people):
    by = admitted_to_measures(people)
    row = measure_on(
        by,
        person=people["member"],
        kind="admonition",
        requirements="三个月内整改到位。",
        follow_up_on=date(2026, 12, 30),
    )
    duty = row.duty_to_follow
    assert duty.organisation.kind == "commission"
    assert people["member"].name not in duty.title + duty.requirement
    assert Duty.objects.owed_by(head_of_commission()).filter(pk=duty.pk).exists()
    with pytest.raises(ValidationError, match="至少 10 个字"):
        verbs.follow_up(row, by=by, words="好", on=cast.TODAY)
    verbs.follow_up(row, by=by, words="已按要求整改，民主生活会作了检查。", on=cast.TODAY)
    duty.refresh_from_db()
    assert duty.is_fulfilled
    with pytest.raises(ValidationError, match="已于"):
        verbs.follow_up(row, by=by, words="已按要求整改，民主生活会作了检查。", on=cast.TODAY)


def test_kinds_are_data(people):
    assert verbs.load_kinds(by=people["office"]) == 0
    targets = AccountabilityKind.objects.values_list("target", "name")
    assert {name for target, name in targets if target == "organisation"} == {"责令整改", "通报", "检查", "改组"}
    assert {name for target, name in targets if target == "person"} == {
        "批评教育", "通报", "诫勉", "组织调整", "组织处理", "党纪处分", "政务处分",
    }  # fmt: skip


# ── who knows ────────────────────────────────────────────────────────────────────────────────


def seen_by(login, path: str) -> set[str]:
    return {who for who in ALL if login(who).get(path).status_code == 200}


def test_a_measure_on_a_person_is_known_to_few(login, people):
    by = admitted_one(people, head_of_commission())
    row = measure_on(by, person=people["member"], kind="admonition")
    path = f"/oversight/measures/{row.pk}/"
    paper = f"/oversight/measures/papers/{row.papers.get().pk}/"
    assert seen_by(login, path) == seen_by(login, paper) == {"secretary", "member"}, "the officer is not admitted"
    admitted_to_measures(people)
    assert seen_by(login, path) == {"secretary", "member", "discipline"}
    told = Notice.objects.filter(url=path)
    assert set(told.values_list("recipient__username", flat=True)) == {"secretary", "member"}
    assert not told.filter(title__contains="陆知行").exists()


def test_a_measure_on_an_organisation_is_known_to_its_secretary_and_the_office(login, people):
    row = measure_on(admitted_one(people, head_of_commission()), organisation=ours())
    path = f"/oversight/measures/{row.pk}/"
    assert seen_by(login, path) == {"secretary", "office", "unit_secretary"}
    for who in ALL:
        status = login(who).post(path + "act/", {"act": "withdraw", "reason": "不该由我来撤销这项登记。"}).status_code
        assert status in (403, 404), who
    lists = {who: login(who).get("/oversight/measures/") for who in ALL}
    told = {who: answer.context["pager"].total for who, answer in lists.items() if answer.status_code == 200}
    assert told == {"secretary": 1, "office": 1, "unit_secretary": 1, "discipline": 0, "other_secretary": 0}
    for who in ALL:
        book = login(who).get("/oversight/measures/file/")
        if book.status_code == 403:
            assert who not in told
            continue
        names = [row[1] for row in load_workbook(BytesIO(book.content)).active.iter_rows(min_row=4, values_only=True)]
        assert (cast.OURS in names) == (who in ("secretary", "office", "unit_secretary")), who


def test_what_was_withdrawn_stays_with_those_who_record(login, people):
    by = admitted_to_measures(people)
    row = verbs.withdraw(measure_on(by, organisation=ours()), by=by, reason="文号登记有误，重新登记一次。")
    assert seen_by(login, f"/oversight/measures/{row.pk}/") == {"secretary", "discipline"}


# ── the pages ────────────────────────────────────────────────────────────────────────────────


def test_recorded_from_the_failed_duty(login, people):
    admitted_to_measures(people)
    duty, client = late_duty(), login("discipline")
    assert "登记问责处理" in client.get(f"/ledger/{duty.pk}/").content.decode()
    page = client.get(f"/oversight/measures/new/?duty={duty.pk}")
    assert page.context["form"]["duty"].value() == duty.number
    assert page.context["form"]["organisation"].value() == ours().pk
    sent = {
        "kind": AccountabilityKind.objects.get(code="examination").pk,
        "organisation": ours().pk,
        "duty": duty.number,
        "disclosure": "found",
        "decided_by_body": "学校党委",
        "decided_on": "2026-11-10",
        "document_number": "江海委〔2026〕31号",
    }
    bad = client.post("/oversight/measures/new/", sent)
    assert bad.status_code == 400
    assert "请上传处理决定" in bad.content.decode()
    assert "江海委〔2026〕31号" in bad.content.decode()
    for changes, said in (
        ({"duty": "2026-9999"}, "没有编号 2026-9999"),
        ({"finding": "2026-99-01"}, "没有编号 2026-99-01"),
        ({"finding": "\x00' or 1"}, ""),
        ({"kind": "99999999999999999999"}, "请从列表中选择问责方式"),
        ({"person": "abc"}, "请从名单中选择人员"),
        ({"decided_on": "31/12"}, "2026-11-20 的样式"),
        ({"document_number": "绝密★长期"}, "密级标志"),
    ):
        files = {"files": SimpleUploadedFile("决定.pdf", acts.PDF)}
        answer = client.post("/oversight/measures/new/", sent | files | changes)
        assert (answer.status_code, said in answer.content.decode()) == (400, True), changes
    done = client.post("/oversight/measures/new/", sent | {"files": SimpleUploadedFile("决定.pdf", acts.PDF)})
    row = AccountabilityMeasure.objects.get()
    assert done["Location"] == f"/oversight/measures/{row.pk}/"
    assert (row.duty, row.organisation) == (duty, ours())
    for act, typed, said in (
        ("follow_up", {"words": "短", "on": "2026-11-20"}, "至少 10 个字"),
        ("lift", {"on": "2026-11-20", "reason": "好"}, "至少 4 个字"),
        (
            "influence",
            {"influence_from": "2026-11-10", "influence_until": "2026-01-01", "reason": "决定写明"},
            "不能早于",
        ),
        ("withdraw", {"reason": "错了"}, "至少 10 个字"),
    ):
        answer = client.post(f"/oversight/measures/{row.pk}/act/", {"act": act} | typed)
        assert (answer.status_code, said in answer.content.decode()) == (400, True), act
    assert client.post(f"/oversight/measures/{row.pk}/act/", {"act": "delete"}).status_code == 400
    sent = {"act": "follow_up", "words": "已补齐文书并作书面检查。", "on": "2026-11-20"}
    assert client.post(f"/oversight/measures/{row.pk}/act/", sent).status_code == 302


def test_recorded_from_the_finding(login, people):
    finding = finding_of(fed_back(people["discipline"]))
    label = "登记问责处理"
    assert label not in [offer.label for offer in offered("finding", fresh(people["discipline"]), finding)]
    by = admitted_to_measures(people)
    offer = next(offer for offer in offered("finding", by, finding) if offer.label == label)
    page = login("discipline").get(offer.url)
    assert page.context["form"]["finding"].value() == finding.number
    row = measure_on(by, organisation=ours(), finding=finding, reason="")
    assert (
        f"/inspections/findings/{finding.pk}/"
        in login("discipline").get(f"/oversight/measures/{row.pk}/").content.decode()
    )


@pytest.mark.parametrize("query", ["", "?duty=9999999", "?duty=9999999999999999999999", "?finding=%00", "?duty=abc"])
def test_odd_grounds_are_no_error(login, people, query):
    admitted_to_measures(people)
    assert login("discipline").get(f"/oversight/measures/new/{query}").status_code == 200


@pytest.mark.parametrize(
    "query", ["?year=99999&kind=%00&view=zzz&q=%00&target=x", "?page=99999999999999999999", "?unit=9999999999999999"]
)
@pytest.mark.parametrize("path", ["", "file/"])
def test_odd_addresses_are_no_error(login, people, path, query):
    assert login("secretary").get(f"/oversight/measures/{path}{query}").status_code == 200


def test_the_list_costs_the_same_at_one_and_at_many(login, people):
    by, client = admitted_to_measures(people), login("discipline")

    def cost() -> int:
        client.get("/oversight/measures/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/oversight/measures/")
        return len(captured)

    measure_on(by, organisation=ours(), duty=late_duty())
    few = cost()
    for number in range(12):
        measure_on(by, organisation=cast.organisation(cast.THEIRS), document_number=f"文号{number}")
    measure_on(by, person=people["member"], kind="admonition")
    assert cost() == few


# ── failed and not pursued ───────────────────────────────────────────────────────────────────


def test_a_failed_duty_without_an_answer_is_shown_until_it_has_one(login, people):
    duty, client = late_duty(), login("discipline")
    page = "/ledger/?is=unpursued&year=2026"
    before = client.get(page).context["pager"].total
    assert before > 0
    by = admitted_to_measures(people)
    measure_on(by, person=people["member"], kind="admonition", duty=duty)
    assert client.get(page).context["pager"].total == before, "a rate tells of no person"
    measure_on(by, organisation=ours(), duty=duty)
    assert client.get(page).context["pager"].total == before - 1


def test_figures_count_what_the_reader_may_see(login, people):
    by = admitted_to_measures(people)
    measure_on(by, organisation=ours())
    measure_on(by, person=people["member"], kind="admonition")
    figure = FIGURES["accountability_measures"]
    assert (
        figure.value(by, cast.YEAR, cast.TODAY)
        == login("discipline").get(figure.url(cast.YEAR)).context["pager"].total
        == 2
    )
    assert not figure.may(fresh(people["office"])), "a count must not betray what its reader may not see"
    assert figure.value(fresh(people["office"]), cast.YEAR, cast.TODAY) == 1
