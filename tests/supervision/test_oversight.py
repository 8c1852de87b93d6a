"""监督记录: filed once, fed back, followed up, settled; problems told to units and answered (二（二）, 三（二）2)."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from accountability.models import Duty, Evidence, Notice, Record
from accountability.services import records
from inspections.services import replies
from supervision.board.indicators import FIGURES
from supervision.models import FoundProblem, Oversight, OversightStep
from supervision.services import found_problems
from supervision.services import oversight as verbs
from tests import acts, cast
from tests.supervision import watching
from tests.supervision.watching import DUE, asked, oversight, problem, reply_of
from tests.test_house import queries

pytestmark = pytest.mark.django_db


def form(**fields) -> dict:
    return {
        "body": watching.body().pk,
        "kind": "daily",
        "source": "audit",
        "happened_on": "2026-11-18",
        "units": [cast.organisation(cast.OURS).pk],
        "did": "查阅报销凭证并与经办人谈话。",
        "findings": "接待审批不全。",
        "feedback": "请补齐接待审批手续。",
    } | fields


# ── 登记 ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "act"),
    [
        ("political", "political-supervision"),
        ("risk", "risk-control-inspection"),
        ("mechanism", "mechanism-inspection"),
    ],
)
def test_it_is_one_record_and_fulfils_the_commissions_duty(people, kind, act):
    duty = acts.duty_of(watching.body(), act)
    row = oversight(people["discipline"], kind=kind)
    assert acts.state(duty) == "fulfilled"
    assert row.record.act.code == act
    assert (row.record.organisation, row.record.state) == (watching.body(), "accepted")
    assert Evidence.objects.get(record=row.record).duty == duty


def test_the_second_of_two_duties_is_counted_from_its_own_page(people):
    second = acts.duty_of(watching.body(), "mechanism-inspection", occurrence=2)
    oversight(people["discipline"], kind="mechanism", duty=second)
    assert acts.state(second) == "fulfilled"
    assert acts.state(acts.duty_of(watching.body(), "mechanism-inspection")) == "open"


def test_the_office_records_the_committees_rectification_oversight(people):
    duty = acts.duty_of(watching.body("学校党委"), "rectification-oversight")
    row = oversight(people["office"], where="学校党委", kind="rectification")
    assert acts.state(duty) == "fulfilled"
    assert row.record.organisation == watching.body("学校党委")
    with pytest.raises(ValidationError, match="登记的类别只有"):
        oversight(people["office"], where="学校党委", kind="political")


def test_a_departments_own_waits_for_its_secretary_and_then_the_unit_hears(people):
    row = oversight(people["department"], where="财务处", source="finance")
    assert row.record.state == Record.State.SUBMITTED
    told = Notice.objects.filter(recipient=people["unit_secretary"], kind="supervision")
    assert not told.exists()
    assert not Oversight.objects.visible_to(people["unit_secretary"]).exists()
    holder = row.record.organisation.posts.get(role="unit_secretary").tenures.get().person
    records.decide(row.record, "accept", by=holder)
    assert told.get().url == f"/oversight/records/{row.pk}/"
    assert Oversight.objects.visible_to(watching.fresh(people["unit_secretary"])).get() == row


@pytest.mark.parametrize(
    "who", ["secretary", "member", "unit_secretary", "liaison", "branch", "inspector", "sysadmin", "outsider"]
)
def test_others_do_not_record_supervision(login, people, who):
    with pytest.raises(PermissionDenied):
        oversight(people[who])
    assert login(who).get("/oversight/records/new/").status_code == 403


def test_a_department_does_not_record_for_the_commission(people):
    with pytest.raises(PermissionDenied):
        oversight(people["department"])


def test_what_is_asked_of_a_record(people):
    commission = people["discipline"]
    for facts, words in (
        ({"did": "太短"}, "至少 10 个字"),
        ({"source": "petition"}, "请选择监督来源"),
        ({"kind": "nothing"}, "类别只有"),
        ({"happened_on": cast.TODAY + timedelta(days=1)}, "不能晚于今天"),
    ):
        with pytest.raises(ValidationError, match=words):
            oversight(commission, **facts)
    with pytest.raises(ValidationError, match="被监督单位"):
        verbs.record_oversight(
            by=commission, body=watching.body(), kind="daily", source="audit", units=[],
            work_year=cast.YEAR, happened_on=cast.TODAY, did="查阅凭证并与经办人谈话。",
        )  # fmt: skip
    assert not Oversight.objects.exists() and not Record.objects.exists()


def test_the_same_is_refused_and_another_of_the_day_is_not(people):
    first = oversight(people["discipline"])
    with pytest.raises(ValidationError, match="不重复登记"):
        oversight(people["discipline"])
    second = oversight(people["discipline"], cast.THEIRS)
    assert (first.record.sitting, second.record.sitting) == (1, 2)


def test_without_units_it_does_not_count(people):
    """The ordinary form leads to the page; a record made past it is no proof."""
    with pytest.raises(ValidationError, match="须写明被监督单位"):
        acts.record(people["discipline"], watching.body(), "risk-control-inspection")


def test_the_database_keeps_state_and_findings_together(people):
    row = oversight(people["discipline"])
    for change in ({"findings": ""}, {"state": "settled"}, {"source": "petition"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Oversight.objects.filter(pk=row.pk).update(**change)


# ── 页面 ─────────────────────────────────────────────────────────────────────────────────────


def test_the_page_of_a_duty_leads_here_and_the_ordinary_form_too(login):
    duty = acts.duty_of(watching.body(), "risk-control-inspection")
    client = login("discipline")
    address = f"/oversight/records/new/?duty={duty.pk}&amp;kind=risk"
    assert address in client.get(f"/ledger/{duty.pk}/").content.decode()
    led = client.get(f"/records/new/?duty={duty.pk}&act=risk-control-inspection")
    assert led["Location"] == f"/oversight/records/new/?duty={duty.pk}&kind=risk"
    files = [SimpleUploadedFile("反馈意见.pdf", acts.PDF)]
    made = client.post(f"/oversight/records/new/?duty={duty.pk}", form(kind="risk", files=files))
    row = Oversight.objects.get()
    assert made["Location"] == f"/oversight/records/{row.pk}/"
    assert acts.state(duty) == "fulfilled"
    page = client.get(made["Location"]).content.decode()
    assert "反馈意见.pdf" in page and "接待审批不全" in page
    assert "看这次监督" in client.get(f"/records/{row.record_id}/").content.decode()


def test_what_was_typed_is_kept_at_its_field(login):
    client = login("discipline")
    answer = client.post("/oversight/records/new/", form(did="太短", findings="写了很多问题"))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "写了很多问题" in page and "至少 10 个字" in page
    for odd in ({"units": ["x"]}, {"units": [99999999]}, {"kind": "x\x00"}, {"body": "99999999999999999999"}):
        assert client.post("/oversight/records/new/", form(**odd)).status_code == 400
    marked = client.post("/oversight/records/new/", form(findings="机密★1年 某事项"))
    assert marked.status_code == 400 and "密级标志" in marked.content.decode()
    assert not Oversight.objects.exists()
    for odd in ("?duty=x", "?duty=99999999"):
        assert client.get(f"/oversight/records/new/{odd}").status_code == 404


def test_the_unit_reads_the_feedback_and_nothing_more(login, people):
    row = oversight(people["discipline"])
    silent = oversight(people["discipline"], title="没有反馈的监督", feedback="")
    client = login("unit_secretary")
    page = client.get(f"/oversight/records/{row.pk}/").content.decode()
    assert row.feedback in page
    assert row.findings not in page and row.record.content not in page
    assert client.get(f"/records/{row.record_id}/").status_code == 404
    assert client.get(f"/oversight/records/{silent.pk}/").status_code == 404
    listed = client.get("/oversight/records/").context["pager"]
    assert [one.pk for one in listed.page] == [row.pk]
    for who in ("other_secretary", "outsider", "sysadmin", "inspector"):
        assert login(who).get(f"/oversight/records/{row.pk}/").status_code == 404
    Record.objects.get(pk=row.record_id)
    records.decide(row.record, "withdraw", by=people["discipline"], reason="登记有误作废")
    assert login("unit_secretary").get(f"/oversight/records/{row.pk}/").status_code == 404


def test_search_and_export_tell_no_more_than_the_list(login, people):
    import io

    import openpyxl

    row = oversight(people["discipline"])
    oversight(people["discipline"], cast.THEIRS, source="audit")
    client = login("unit_secretary")
    assert client.get(f"/oversight/records/?q={row.findings[:6]}").context["pager"].total == 0
    assert client.get("/oversight/records/?source=audit").context["pager"].total == 0
    book = openpyxl.load_workbook(io.BytesIO(client.get("/oversight/records/export/").content))
    lines = list(book.active.iter_rows(values_only=True))
    assert len(lines) == 2
    assert row.findings not in str(lines)
    assert login("discipline").get("/oversight/records/?source=audit").context["pager"].total == 1


def test_figures_open_their_rows(login, people):
    for source in ("audit", "audit", "public"):
        oversight(people["discipline"], source=source, title=f"监督{Oversight.objects.count()}")
    for who in ("discipline", "unit_secretary", "secretary", "other_liaison"):
        client, user = login(who), people[who]
        for name in ("oversight_audit", "oversight_public", "oversight_press"):
            one = FIGURES[name]
            value = one.value(user, cast.YEAR, cast.TODAY)
            assert value == client.get(one.url(cast.YEAR)).context["pager"].total, (who, name)
    chips = login("discipline").get("/oversight/records/").context["by_source"]
    assert [(one["label"], one["count"]) for one in chips] == [("审计监督", 2), ("群众监督", 1)]


def test_lists_cost_the_same_at_one_row_and_at_many(login, people):
    def add(since: int, count: int) -> None:
        for number in range(since, since + count):
            row = oversight(people["discipline"], title=f"第 {number} 次监督", happened_on=date(2026, 3, number))
            asked(problem(row, people["discipline"]), people["discipline"], title=f"整改第 {number} 个问题")

    addresses = ("/oversight/records/", "/oversight/records/problems/")
    add(1, 1)
    few = {}
    for who in ("discipline", "unit_secretary"):
        few[who] = [queries(login(who), address) for address in addresses]
    add(2, 8)
    for who in ("discipline", "unit_secretary"):
        assert [queries(login(who), address) for address in addresses] == few[who]


# ── 后续 ─────────────────────────────────────────────────────────────────────────────────────


def test_followed_up_settled_and_taken_up_again(login, people):
    row = oversight(people["discipline"])
    client, step = login("discipline"), f"/oversight/records/{row.pk}/step/"
    assert client.post(step, {"happened_on": "2026-11-20", "words": "短"}).status_code == 400
    assert client.post(step, {"happened_on": "2026-11-01", "words": "单位已补齐接待审批手续。"}).status_code == 400
    assert client.post(step, {"happened_on": "2026-11-20", "words": "单位已补齐接待审批手续。"}).status_code == 302
    row.refresh_from_db()
    assert row.state == "open"
    words = "回访核对，审批手续齐全，责任人明确。"
    assert client.post(step, {"happened_on": "2026-11-23", "words": words, "settles": "on"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.settled_by, row.settled_on) == ("settled", people["discipline"], cast.TODAY)
    assert OversightStep.objects.count() == 2
    assert client.post(step, {"happened_on": "2026-11-23", "words": words}).status_code == 400
    again = f"/oversight/records/{row.pk}/again/"
    assert client.post(again, {"reason": "短"}).status_code == 400
    assert client.post(again, {"reason": "又收到同类反映，需要再看。"}).status_code == 302
    row.refresh_from_db()
    assert row.state == "open"
    for who in ("unit_secretary", "office", "secretary"):
        assert login(who).post(step, {"happened_on": "2026-11-23", "words": words}).status_code == 403, who


def test_nothing_found_needs_no_follow_up(people):
    row = oversight(people["discipline"], findings="")
    assert row.state == "nothing"
    with pytest.raises(ValidationError, match="没有发现问题"):
        verbs.follow_up(row, by=people["discipline"], happened_on=cast.TODAY, words="没有问题也来写后续。")
    with pytest.raises(ValidationError, match="没有发现问题"):
        problem(row, people["discipline"])


# ── 问题与回应 ───────────────────────────────────────────────────────────────────────────────


def test_a_problem_becomes_a_requirement_that_the_unit_answers(login, people):
    row = oversight(people["discipline"], source="audit")
    client = login("discipline")
    told = {"organisation": cast.organisation(cast.OURS).pk, "category": "conduct", "text": "三次接待没有事前审批单。"}
    assert client.post(f"/oversight/records/{row.pk}/problem/", told | {"text": "短"}).status_code == 400
    other = told | {"organisation": cast.organisation(cast.THEIRS).pk}
    assert client.post(f"/oversight/records/{row.pk}/problem/", other).status_code == 400
    assert client.post(f"/oversight/records/{row.pk}/problem/", told).status_code == 302
    found = FoundProblem.objects.get()
    assert login("unit_secretary").get("/oversight/records/problems/").context["pager"].total == 0
    fields = {"title": "整改接待审批问题", "text": "逐笔核对今年公务接待并补齐审批。", "due_on": "2026-12-18"}
    client, ask = login("discipline"), f"/oversight/records/problems/{found.pk}/ask/"
    assert client.post(ask, fields | {"due_on": "2026-11-01"}).status_code == 400
    assert client.post(ask, fields).status_code == 302
    assert client.post(ask, fields).status_code == 400, "asked once"
    found.refresh_from_db()
    reply = reply_of(found)
    assert (reply.duty.due_on, reply.duty.organisation.name) == (DUE, cast.OURS)
    assert found.requirement.sign.source == "audit"
    page = login("unit_secretary").get("/oversight/records/problems/")
    assert page.context["pager"].total == 1 and found.text in page.content.decode()
    assert found.text in login("unit_secretary").get(f"/research/replies/{reply.pk}/").content.decode()
    assert login("other_secretary").get("/oversight/records/problems/").context["pager"].total == 0
    assert login("other_secretary").get(ask).status_code == 404
    # not settled while the answer is not accepted
    with pytest.raises(ValidationError, match="不能办结"):
        verbs.follow_up(
            row, by=people["discipline"], happened_on=cast.TODAY, words="想就这样办结这件事了。", settles=True
        )
    replies.answer(reply, by=people["unit_secretary"], text="三次接待已补齐审批，责任人作出检查。")
    reply.refresh_from_db()
    replies.perform(reply, "accept", by=people["discipline"])
    verbs.follow_up(
        row, by=people["discipline"], happened_on=cast.TODAY, words="单位答复已认可，就此办结。", settles=True
    )
    assert FoundProblem.objects.accepted().get() == found


def test_supervision_without_response_is_a_figure(login, people, clock):
    found = asked(problem(oversight(people["discipline"]), people["discipline"]), people["discipline"])
    one = FIGURES["unanswered_problems"]
    assert one.value(people["discipline"], cast.YEAR, cast.TODAY) == 0
    clock.shift(timedelta(days=30))
    for who, expected in (("discipline", 1), ("secretary", 1), ("unit_secretary", 1), ("other_secretary", 0)):
        value = one.value(people[who], cast.YEAR, timezone.localdate())
        assert value == expected == login(who).get(one.url(cast.YEAR)).context["pager"].total
    assert found.text in login("discipline").get(one.url(cast.YEAR)).content.decode()
    assert Duty.objects.late(timezone.localdate()).filter(pk=reply_of(found).duty_id).exists()


def test_who_asks_and_of_what(people):
    row = oversight(people["department"], where="财务处", source="finance")
    found = problem(row, people["department"])
    with pytest.raises(PermissionDenied, match="由纪委"):
        asked(found, people["department"])
    with pytest.raises(PermissionDenied, match="还没有审核通过"):
        asked(found, people["discipline"])
    assert found_problems.refusal_to_ask(found, people["discipline"])
    with pytest.raises(PermissionDenied):
        problem(row, people["discipline"])
