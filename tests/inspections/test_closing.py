"""对账销号: three different people, proof for every measure, and what the clock said stays said (三（四）1)."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from accountability.models import Duty, Notice, Record
from accountability.services.records import decide, revise
from inspections.models import Extension, Finding, Measure
from inspections.services.closing import lacking_for_closing, perform
from inspections.services.measures import ask_extension, complete, decide_extension, report_progress
from tests import acts, cast
from tests.inspections.rounds import fed_back, finding_of, inspection_officer, measures_of

pytestmark = pytest.mark.django_db
S = Finding.State


@pytest.fixture
def finding(people) -> Finding:
    return finding_of(fed_back(people["discipline"]))


def prove(measure: Measure, by, **more) -> Record:
    fields = {
        "progress": "办法已经党委会审议后印发执行。",
        "happened_on": date(2026, 11, 20),
        "results": dict.fromkeys(measure.kind_list, "印发《报销审核办法》一项。"),
        "files": [SimpleUploadedFile("办法.pdf", acts.PDF)],
    }
    return complete(measure, by=by, **(fields | more))


def proved(people, finding: Finding) -> Finding:
    for measure in measures_of(finding):
        record = prove(measure, people["liaison"])
        decide(record, "accept", by=people["unit_secretary"])
    return finding


def verifying(people, finding: Finding) -> Finding:
    proved(people, finding)
    perform(finding, "apply", by=people["liaison"])
    return perform(finding, "review", by=people["unit_secretary"])


def test_the_whole_life_with_four_people(people, finding):
    measure = measures_of(finding)[0]
    with pytest.raises(ValidationError, match="没有审核通过的佐证材料"):
        perform(finding, "apply", by=people["liaison"])
    proved(people, finding)
    assert acts.state(measure.duty) == Duty.State.FULFILLED
    perform(finding, "apply", by=people["liaison"])
    with pytest.raises(PermissionDenied):
        perform(finding, "review", by=people["liaison"])
    perform(finding, "review", by=people["unit_secretary"])
    with pytest.raises(PermissionDenied):
        perform(finding, "close", by=people["unit_secretary"])
    done = perform(finding, "close", by=inspection_officer())
    assert (done.state, done.closed_on, done.closed_in_time) == (S.CLOSED, cast.TODAY, True)
    assert len({done.applied_by, done.reviewed_by, done.verified_by}) == 3
    assert Notice.objects.filter(recipient=people["liaison"], title__startswith="已销号").exists()


def test_who_entered_the_proof_does_not_review_for_the_unit(people, finding):
    prove(measures_of(finding)[0], people["unit_secretary"])
    perform(finding, "apply", by=people["liaison"])
    with pytest.raises(PermissionDenied, match="不能单位审核通过自己的"):
        perform(finding, "review", by=people["unit_secretary"])


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ({"files": []}, "至少一份佐证材料"),
        ({"results": {}}, "请写明建章立制的成效"),
        ({"progress": "好"}, "至少 10 个字"),
    ],
)
def test_a_measure_is_not_done_without_words_texts_and_papers(people, finding, missing, said):
    with pytest.raises(ValidationError, match=said):
        prove(measures_of(finding)[0], people["liaison"], **missing)
    assert not Record.objects.filter(act__code="rectification").exists()


def test_a_returned_proof_proves_nothing(people, finding):
    measure = measures_of(finding)[0]
    record = prove(measure, people["liaison"])
    decide(record, "return", by=people["unit_secretary"], reason="材料没有盖章")
    measure.refresh_from_db()
    assert measure.completion == Measure.Completion.MOSTLY
    assert len(lacking_for_closing(finding)) == 2


def test_a_returned_proof_that_is_mended_and_accepted_proves_it_again(people, finding):
    measure = measures_of(finding)[0]
    record = prove(measure, people["liaison"])
    decide(record, "return", by=people["unit_secretary"], reason="材料没有盖章")
    fields = {"title": record.title, "happened_on": record.happened_on, "content": "已补盖公章，重新提交。"}
    revise(record, by=people["liaison"], **fields)
    measure.refresh_from_db()
    assert measure.completion == Measure.Completion.MOSTLY, "nobody has accepted it yet"
    decide(Record.objects.get(pk=record.pk), "accept", by=people["unit_secretary"])
    measure.refresh_from_db()
    assert measure.completion == Measure.Completion.DONE
    assert lacking_for_closing(finding) == []


def test_a_measure_is_proved_on_its_own_page_whatever_the_way_there(login, people, finding):
    measure = measures_of(finding)[0]
    ours, client = measure.lead_id, login("liaison")
    page = client.get(f"/ledger/{measure.duty_id}/").content.decode()
    assert f"/inspections/measures/{measure.pk}/" in page
    assert "/records/new/" not in page
    setting = f"/records/new/?act=rectification&year={cast.YEAR}&bearer=organisation-{ours}"
    for method in ("get", "post"):
        answer = getattr(client, method)(f"{setting}&duty={measure.duty_id}")
        assert answer.status_code == 302
        assert answer["Location"] == f"/inspections/measures/{measure.pk}/"
        assert getattr(client, method)(setting)["Location"] == "/inspections/measures/"
    record = prove(measure, people["liaison"])
    assert "看这项措施" in client.get(f"/records/{record.pk}/").content.decode()


def test_another_unit_proves_nothing(people, finding):
    with pytest.raises(PermissionDenied, match="由牵头单位会计学院办理"):
        prove(measures_of(finding)[0], people["other_liaison"])


def test_returned_with_what_is_lacking(people, finding):
    verifying(people, finding)
    with pytest.raises(ValidationError, match="至少 10 个字"):
        perform(finding, "send_back", by=people["discipline"], reason="不够")
    back = perform(finding, "send_back", by=people["discipline"], reason="缺少办法印发后的执行情况说明。")
    assert (back.state, back.lacking) == (S.WORKING, "缺少办法印发后的执行情况说明。")
    perform(finding, "apply", by=people["liaison"])
    again = Finding.objects.get(pk=finding.pk)
    assert (again.reviewed_by, again.verified_by, again.lacking) == (None, None, "")


def test_long_term_asks_for_a_day_of_review(people, finding):
    verifying(people, finding)
    words = "需要长期坚持，每年复核一次。"
    with pytest.raises(ValidationError, match="下次复核日期"):
        perform(finding, "keep_up", by=people["discipline"], reason=words)
    kept = perform(finding, "keep_up", by=people["discipline"], reason=words, review_on=date(2027, 6, 1))
    assert (kept.state, kept.review_on) == (S.LONG_TERM, date(2027, 6, 1))


def test_a_rebound_is_a_successor_and_the_old_closing_stays_true(people, finding):
    verifying(people, finding)
    perform(finding, "close", by=people["discipline"])
    new = perform(finding, "rebound", by=people["discipline"], reason="抽查发现同类报销问题再次发生。")
    old = Finding.objects.get(pk=finding.pk)
    assert new.number == f"{old.number}-R2"
    assert (new.state, new.predecessor, old.state, old.closed_in_time) == (S.DRAFTING, old, S.CLOSED, True)
    with pytest.raises(ValidationError, match="已经重新立账"):
        perform(finding, "rebound", by=people["discipline"], reason="抽查发现同类报销问题再次发生。")


def test_closed_late_is_said_for_ever(people, finding):
    Finding.objects.filter(pk=finding.pk).update(due_on=cast.TODAY - timedelta(days=1))
    verifying(people, finding)
    assert perform(finding, "close", by=people["discipline"]).closed_in_time is False


def test_the_database_holds_three_people_apart(people, finding):
    one, two, three = people["liaison"], people["unit_secretary"], people["discipline"]
    for trio in ((one, one, three), (one, two, one), (one, two, two)):
        fields = dict(zip(("applied_by", "reviewed_by", "verified_by"), trio, strict=True))
        with pytest.raises(IntegrityError), transaction.atomic():
            Finding.objects.filter(pk=finding.pk).update(**fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        Finding.objects.filter(pk=finding.pk).update(state=S.CLOSED)


def test_more_time_is_asked_and_granted_by_another(people, finding):
    measure = measures_of(finding)[0]
    row = ask_extension(measure, by=people["liaison"], to=date(2027, 3, 31), reason="办法需经教代会审议，会期在三月。")
    with pytest.raises(ValidationError, match="已有一个待审批"):
        ask_extension(measure, by=people["liaison"], to=date(2027, 4, 30), reason="办法需经教代会审议，会期在三月。")
    with pytest.raises(PermissionDenied):
        decide_extension(row, by=people["unit_secretary"], grants=True)
    decide_extension(row, by=people["discipline"], grants=True)
    measure.refresh_from_db()
    measure.duty.refresh_from_db()
    assert (measure.due_on, measure.duty.due_on, measure.duty.scheduled_on) == (
        date(2027, 3, 31),
        date(2027, 3, 31),
        date(2026, 12, 20),
    )
    assert Finding.objects.get(pk=finding.pk).due_on == date(2027, 3, 31)


def test_a_refused_extension_says_why(people, finding):
    measure = measures_of(finding)[0]
    row = ask_extension(measure, by=people["liaison"], to=date(2027, 3, 31), reason="办法需经教代会审议，会期在三月。")
    with pytest.raises(ValidationError, match="至少 10 个字"):
        decide_extension(row, by=people["discipline"], grants=False, opinion="不行")
    decide_extension(row, by=people["discipline"], grants=False, opinion="教代会可以提前召开，请按原时限办结。")
    assert row.measure.due_on == date(2026, 12, 20)
    assert Extension.objects.get().state == Extension.State.REFUSED


def test_progress_is_told_in_words(people, finding):
    measure = measures_of(finding)[0]
    with pytest.raises(ValidationError, match="至少 10 个字"):
        report_progress(measure, by=people["liaison"], progress="在办")
    report_progress(measure, by=people["liaison"], progress="办法初稿已征求意见两轮。", is_mostly_done=True)
    measure.refresh_from_db()
    assert measure.completion == Measure.Completion.MOSTLY


def test_the_page_refuses_at_the_wrong_doors(login, people, finding):
    """As the liaison, the secretary, the officer: through the pages, each step once refused to the wrong one."""
    measure = measures_of(finding)[0]
    page, act = f"/inspections/findings/{finding.pk}/", f"/inspections/findings/{finding.pk}/act/"
    client = login("liaison")
    assert client.post(act, {"act": "apply"}).status_code == 400
    answer = client.post(
        f"/inspections/measures/{measure.pk}/",
        {
            "act": "complete",
            "progress": "办法已经印发并组织了培训。",
            "happened_on": "2026-11-20",
            "result_建章立制": "",
        },
    )
    assert answer.status_code == 400
    assert "请写明建章立制的成效" in answer.content.decode()
    assert "办法已经印发并组织了培训。" in answer.content.decode(), "nothing typed is lost"
    answer = client.post(
        f"/inspections/measures/{measure.pk}/",
        {
            "act": "complete",
            "progress": "办法已经印发并组织了培训。",
            "happened_on": "2026-11-20",
            "result_建章立制": "印发办法一项。",
            "files": SimpleUploadedFile("办法.pdf", acts.PDF),
        },
    )
    assert answer.status_code == 302
    decide(Record.objects.get(act__code="rectification"), "accept", by=people["unit_secretary"])
    assert client.post(act, {"act": "apply"}).status_code == 302
    assert client.post(act, {"act": "review"}).status_code == 403
    assert login("member").post(act, {"act": "review"}).status_code in (403, 404)
    assert login("unit_secretary").post(act, {"act": "review"}).status_code == 302
    assert login("unit_secretary").post(act, {"act": "close"}).status_code == 403
    assert login("discipline").post(act, {"act": "close"}).status_code == 302
    assert "已销号" in login("liaison").get(page).content.decode()
