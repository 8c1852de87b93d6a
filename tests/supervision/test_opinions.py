"""廉洁意见: asked for a list, each archive checked, approved by another, replied under a number (二（二）)."""

from datetime import date, timedelta
from io import BytesIO

import pypdf
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accountability.models import Duty, Job, Notice, Person, Record
from accountability.services import jobs
from supervision.board.indicators import FIGURES
from supervision.models import Archive, ArchiveOpening, Opinion, OpinionCadre
from supervision.opinions.name_lists import people_named
from supervision.services import opinions as verbs
from tests import acts, cast
from tests.supervision.archives import (
    DUE,
    WORDS,
    admitted,
    archive_of,
    asked,
    asker,
    checked,
    concluded,
    fresh,
    head,
    related,
)

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def replied(opinion: Opinion, by: Person) -> Opinion:
    opinion = verbs.perform(opinion, "approve", by=by)
    jobs.run(opinion.job_id)
    return Opinion.objects.get(pk=opinion.pk)


def text_of(content: bytes) -> str:
    pages = pypdf.PdfReader(BytesIO(content)).pages
    return "".join("".join(page.extract_text() for page in pages).split())


# ── the life of one ──────────────────────────────────────────────────────────────────────────


def test_from_the_list_to_the_numbered_reply(client, login, people):
    keeper, other = admitted(people)
    asking = asker()
    client.force_login(asking, backend=BACKEND)
    sent = {
        "organisation": cast.organisation("组织部").pk,
        "purpose": "promotion",
        "words": WORDS,
        "due_on": f"{DUE}",
        "names": "陆知行\n钱守正　财务处\n\n",
    }
    answer = client.post("/oversight/opinions/new/", sent)
    opinion = Opinion.objects.get()
    assert answer["Location"] == f"/oversight/opinions/{opinion.pk}/"
    assert [one.post_words for one in opinion.cadres.all()] == ["分管财务副校长", "财务处处长"]
    duty = opinion.duty
    assert (duty.organisation.kind, duty.due_on, duty.title) == ("commission", DUE, "回复廉洁意见征求")
    assert Notice.objects.filter(recipient=keeper, title="一件廉洁意见待查核").exists()

    client = login("discipline")
    assert "待查核" in client.get("/oversight/opinions/?view=mine").content.decode()
    answer = acts.post_record(client, duty, "integrity-opinion")
    assert answer["Location"] == f"/oversight/opinions/{opinion.pk}/", "the duty leads to the list"
    first, second = opinion.cadres.all()
    address = f"/oversight/opinions/cadres/{first.pk}"
    sent = {f"c{first.pk}-conclusion": "none", f"c{first.pk}-notes": "查阅档案未见影响"}
    assert "请先打开" in client.post(f"{address}/conclude/", sent).content.decode()
    answer = client.post(f"{address}/open/")
    archive = Archive.objects.get(person=people["member"])
    assert answer["Location"] == f"/oversight/archives/{archive.pk}/", "established on the way, and open"
    opening = ArchiveOpening.objects.get()
    assert (opening.purpose, opening.cadre, opening.opened_by) == ("appointment", first, keeper)
    assert opening.words == "廉洁意见查核（提拔任用）", "the matter is not for those who keep apart"
    assert "回到廉洁意见登记结论" in client.get(answer["Location"]).content.decode()
    assert client.post(f"{address}/conclude/", sent).status_code == 302
    assert "还有 1 位同志没有查核结论" in _act(client, opinion, "propose").content.decode()
    client.post(f"/oversight/opinions/cadres/{second.pk}/open/")
    sent = {f"c{second.pk}-conclusion": "explained", f"c{second.pk}-notes": "受过诫勉", f"c{second.pk}-statement": ""}
    answer = client.post(f"/oversight/opinions/cadres/{second.pk}/conclude/", sent)
    assert answer.status_code == 400
    assert "请写明回复中的说明" in answer.content.decode()
    assert "受过诫勉" in answer.content.decode(), "nothing typed is lost"
    sent[f"c{second.pk}-statement"] = "2025年受过诫勉，影响期已满"
    client.post(f"/oversight/opinions/cadres/{second.pk}/conclude/", sent)
    assert _act(client, opinion, "propose").status_code == 302
    assert _act(client, opinion, "approve").status_code == 403, "who checked does not approve"

    client.force_login(fresh(other), backend=BACKEND)
    assert _act(client, opinion, "approve").status_code == 302
    opinion.refresh_from_db()
    assert (opinion.state, opinion.number) == ("approved", "纪廉意〔2026〕1号")
    jobs.run(opinion.job_id)
    opinion.refresh_from_db()
    assert opinion.state == "replied"
    duty.refresh_from_db()
    assert duty.state == "fulfilled"
    assert opinion.record.title == "廉洁意见回复（纪廉意〔2026〕1号）"
    for person in (people["member"], people["department"]):
        assert person.name not in opinion.record.title + opinion.record.content
        assert not Notice.objects.filter(title__contains=person.name).exists()

    client.force_login(asking, backend=BACKEND)
    assert Notice.objects.filter(recipient=asking, title="廉洁意见已回复：纪廉意〔2026〕1号").exists()
    page = client.get(f"/oversight/opinions/{opinion.pk}/").content.decode()
    assert "2025年受过诫勉，影响期已满" in page
    assert "查阅档案未见影响" not in page, "the notes of the check are not for who asked"
    assert keeper.name not in page.split("<main")[1]
    told = text_of(client.get(f"/oversight/opinions/{opinion.pk}/pdf/").content)
    for words in (
        "纪廉意〔2026〕1号",
        "陆知行",
        "钱守正",
        "有影响需说明",
        "2025年受过诫勉，影响期已满",
        "无影响",
        "组织部",
        WORDS,
    ):
        assert words in told, words
    assert "查阅档案未见影响" not in told
    assert "纪律检查委员会" in told


def _act(client, opinion: Opinion, name: str, **more):
    return client.post(f"/oversight/opinions/{opinion.pk}/act/", {"act": name, **more})


def test_numbers_follow_one_another_and_their_word_is_a_setting(people, settings):
    keeper, other = admitted(people)
    for number in (1, 2):
        opinion = replied(checked(asked(asker(), [people["member"]]), keeper), other)
        assert opinion.number == f"纪廉意〔2026〕{number}号"
    settings.OPINION_WORD = "江海廉函"
    assert replied(checked(asked(asker(), [people["member"]]), keeper), other).number == "江海廉函〔2026〕1号"


def test_the_secretary_and_the_head_of_the_commission_approve_without_being_admitted(login, people):
    keeper, _ = admitted(people)
    opinion = asked(asker(), [people["member"]])
    secretary = login("secretary")
    address = f"/oversight/opinions/{opinion.pk}/"
    assert secretary.get(address).status_code == 404, "not before it was checked"
    checked(opinion, keeper)
    assert "查阅档案未见影响任用的情形" in secretary.get(address).content.decode()
    assert FIGURES["opinions_waiting"].value(fresh(people["secretary"]), cast.YEAR, cast.TODAY) == 1
    assert secretary.post(f"{address}act/", {"act": "approve"}).status_code == 302
    archive = Archive.objects.get(person=people["member"])
    assert secretary.get(f"/oversight/archives/{archive.pk}/").status_code == 404
    from supervision.models import Admission
    from supervision.services.admissions import end

    end(Admission.objects.get(person=head()), by=people["secretary"], reason="不再分管档案")
    another = checked(asked(asker(), [people["department"]]), keeper)
    assert verbs.perform(another, "approve", by=head()).approved_by == head()


def test_sent_back_it_is_checked_again(people):
    keeper, other = admitted(people)
    opinion = checked(asked(asker(), [people["member"]]), keeper)
    with pytest.raises(ValidationError, match="至少 4 个字"):
        verbs.perform(opinion, "send_back", by=other, reason="错")
    verbs.perform(opinion, "send_back", by=other, reason="请核对审计结论")
    cadre = concluded(opinion.cadres.get(), keeper, "defer", statement="审计结论尚未出具")
    assert cadre.get_conclusion_display() == "建议暂缓"
    opinion = verbs.perform(opinion, "propose", by=keeper)
    with pytest.raises(ValidationError, match="不能再查核"):
        concluded(opinion.cadres.get(), keeper)
    assert replied(opinion, other).state == "replied"


def test_withdrawn_by_who_asked_it_is_owed_no_longer(people):
    admitted(people)
    opinion = asked(asker(), [people["member"]])
    for who in ("office", "secretary", "discipline"):
        with pytest.raises(PermissionDenied):
            verbs.perform(opinion, "withdraw", by=fresh(people[who]), reason="名单有变动")
    verbs.perform(opinion, "withdraw", by=asker(), reason="名单有变动")
    assert Duty.objects.get(opinion=opinion).state == "waived"


def test_the_record_counts_by_year_and_no_other_act_does(people):
    keeper, other = admitted(people)
    opinion = asked(asker(), [people["member"]])
    duty = opinion.duty
    commission = cast.organisation("学校纪委")
    from accountability.services.records import credit

    record = acts.record(keeper, commission, "warning-circular", credit=False)
    with pytest.raises(ValidationError, match="以回复廉洁意见的方式完成"):
        credit(duty, by=keeper, record=record)
    replied(checked(opinion, keeper), other)
    assert Record.objects.get(act__code="integrity-opinion").evidence.get().duty == duty


# ── who keeps apart ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("near", ["own", "relative"])
def test_who_is_near_takes_no_part(client, people, near):
    keeper, other = admitted(people)
    person = keeper if near == "own" else people["member"]
    if near == "relative":
        related(person, keeper, by=other)
    opinion = asked(asker(), [people["department"], person])
    assert not Notice.objects.filter(recipient=keeper, title__contains="廉洁意见").exists()
    first = opinion.cadres.get(person=people["department"])
    client.force_login(fresh(keeper), backend=BACKEND)
    for method, address in (
        ("get", f"/oversight/opinions/{opinion.pk}/"),
        ("get", f"/oversight/opinions/{opinion.pk}/pdf/"),
        ("post", f"/oversight/opinions/{opinion.pk}/act/"),
        ("post", f"/oversight/opinions/cadres/{first.pk}/open/"),
        ("post", f"/oversight/opinions/cadres/{first.pk}/conclude/"),
    ):
        assert getattr(client, method)(address).status_code == 404, address
    assert client.get("/oversight/opinions/").context["pager"].total == 0
    assert load_workbook(BytesIO(client.get("/oversight/opinions/export/").content)).active.max_row == 3
    assert FIGURES["opinions_waiting"].value(fresh(keeper), cast.YEAR, cast.TODAY) == 0
    with pytest.raises(PermissionDenied, match="回避"):
        verbs.open_for_check(first, by=keeper)
    with pytest.raises(PermissionDenied, match="回避"):
        verbs.conclude(first, by=keeper, conclusion="recused", notes="与本人有关回避")
    checked(opinion, other)
    with pytest.raises(PermissionDenied):
        verbs.perform(opinion, "approve", by=keeper)
    secretary = fresh(people["secretary"])
    related(secretary, people["department"], by=other)
    with pytest.raises(PermissionDenied):
        verbs.perform(opinion, "approve", by=secretary)
    assert not Opinion.objects.visible_to(secretary).exists()


def test_the_database_refuses_ones_own_and_the_second_pair_of_eyes(people):
    keeper, other = admitted(people)
    opinion = checked(asked(asker(), [people["member"]]), keeper)
    cadre = opinion.cadres.get()
    for fields in ({"checked_by": people["member"]}, {"approved_by": people["member"]}, {"approved_by": keeper}):
        with pytest.raises(IntegrityError), transaction.atomic():
            OpinionCadre.objects.filter(pk=cadre.pk).update(**fields)
    for fields in ({"conclusion": "defer", "statement": ""}, {"conclusion": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            OpinionCadre.objects.filter(pk=cadre.pk).update(**fields)
    for fields in ({"approved_by": keeper}, {"state": "approved"}, {"state": "replied", "approved_by": other}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Opinion.objects.filter(pk=opinion.pk).update(**fields)


def test_two_approvals_at_once_have_one_winner(people):
    keeper, other = admitted(people)
    opinion = checked(asked(asker(), [people["member"]]), keeper)
    stale = Opinion.objects.get(pk=opinion.pk)
    assert verbs.perform(opinion, "approve", by=other).number == "纪廉意〔2026〕1号"
    with pytest.raises(ValidationError, match="不能审核并回复"):
        verbs.perform(stale, "approve", by=people["secretary"])
    job = Job.objects.get(kind=verbs.ISSUE)
    jobs.run(job.pk)
    jobs.run(job.pk)
    assert Opinion.objects.get().approved_by == other
    assert Record.objects.filter(act__code="integrity-opinion").count() == 1
    another = checked(asked(asker(), [people["department"]]), keeper)
    assert verbs.perform(another, "approve", by=other).number == "纪廉意〔2026〕2号", "no number is lost"


def test_a_paper_that_cannot_be_set_keeps_its_number(people, monkeypatch):
    keeper, other = admitted(people)
    opinion = verbs.perform(checked(asked(asker(), [people["member"]]), keeper), "approve", by=other)
    real = verbs.render_pdf

    def with_a_hole(sheet):
        paper = real(sheet)
        return type(paper)(**{**paper.__dict__, "missing": ("㐀",)})

    monkeypatch.setattr(verbs, "render_pdf", with_a_hole)
    jobs.run(opinion.job_id)
    opinion = Opinion.objects.get()
    assert (opinion.state, opinion.number, opinion.approved_by) == ("checked", "纪廉意〔2026〕1号", None)
    assert "没有可用的字形" in opinion.reason
    monkeypatch.setattr(verbs, "render_pdf", real)
    assert replied(opinion, other).number == "纪廉意〔2026〕1号"


def test_a_failed_typesetting_is_ordered_again(login, people, monkeypatch):
    keeper, other = admitted(people)
    opinion = verbs.perform(checked(asked(asker(), [people["member"]]), keeper), "approve", by=other)
    real = verbs.render_pdf
    monkeypatch.setattr(verbs, "render_pdf", lambda sheet: 1 / 0)
    jobs.run(opinion.job_id)
    assert Opinion.objects.get().state == "approved"
    monkeypatch.setattr(verbs, "render_pdf", real)
    client = login("discipline")
    assert "重新排版" in client.get(f"/oversight/opinions/{opinion.pk}/").content.decode()
    assert _act(client, opinion, "typeset").status_code == 302
    jobs.run(Opinion.objects.get().job_id)
    assert Opinion.objects.get().state == "replied"
    assert _act(client, opinion, "typeset").status_code == 400


def test_a_spoilt_reply_is_not_handed_out(client, people):
    keeper, other = admitted(people)
    opinion = replied(checked(asked(asker(), [people["member"]]), keeper), other)
    with opinion.pdf.storage.open(opinion.pdf.name, "wb") as file:
        file.write(b"%PDF-1.4 something else")
    client.force_login(asker(), backend=BACKEND)
    assert client.get(f"/oversight/opinions/{opinion.pk}/pdf/").status_code == 400


# ── what is typed ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"names": ""}, "请写明人选"),
        ({"names": "没有此人"}, "第 1 行「没有此人」：人员名单中没有这位同志"),
        ({"names": "陆知行\n陆知行"}, "第 2 行「陆知行」：与前面的一行是同一位同志"),
        ({"names": "系知常"}, "人员名单中没有这位同志"),
        ({"names": "甲\n" * 101}, "一次最多 100 人"),
        ({"purpose": "nothing"}, "请从列表中选择"),
        ({"words": "提"}, "至少 4 个字"),
        ({"words": "机密★一年 提任"}, "密级标志"),
        ({"due_on": "2026-11-23"}, "答复期限须晚于今天"),
        ({"due_on": "2030-01-01"}, "不晚于 2027 年底"),
        ({"organisation": "99999999999999999999"}, "请从列表中选择"),
    ],
)
def test_a_bad_list_is_refused_with_what_was_typed(client, people, sent, said):
    client.force_login(asker(), backend=BACKEND)
    data = {
        "organisation": cast.organisation("组织部").pk,
        "purpose": "honours",
        "words": "评选优秀党务工作者",
        "due_on": f"{DUE}",
        "names": "陆知行",
    }
    answer = client.post("/oversight/opinions/new/", data | sent)
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not Opinion.objects.exists()


def test_nobody_asks_about_himself_or_a_relative(people):
    _, other = admitted(people)
    asking = asker()
    with pytest.raises(ValidationError, match="您本人或与您有回避关系"):
        asked(asking, [asking])
    related(asking, people["member"], by=other)
    with pytest.raises(ValidationError, match="您本人或与您有回避关系"):
        asked(asking, [people["member"]])


def test_names_that_coincide_are_told_apart(people):
    Person.objects.create_user("namesake", "陆知行")
    with pytest.raises(ValidationError) as refused:
        people_named("陆知行")
    assert "有 2 位同名" in refused.value.messages[0]
    assert people_named("陆知行 分管财务") == [people["member"]]
    assert people_named("陆知行，namesake")[0].username == "namesake"
    assert people_named("钱守正\t拟任某处处长") == [people["department"]]
    with pytest.raises(ValidationError, match="单位或用户名不符"):
        people_named("陆知行 法学院")


# ── who sees what ────────────────────────────────────────────────────────────────────────────


def test_only_the_organisation_department_and_the_office_ask(login, client, people):
    admitted(people)
    for who in ("department", "unit_secretary", "liaison", "member", "outsider", "inspector", "sysadmin"):
        assert login(who).get("/oversight/opinions/").status_code == 403, who
        assert login(who).get("/oversight/opinions/new/").status_code == 403, who
    for who in ("secretary", "discipline"):
        assert login(who).get("/oversight/opinions/").status_code == 200, who
        assert login(who).get("/oversight/opinions/new/").status_code == 403, who
    opinion = verbs.ask(
        by=people["office"],
        organisation=cast.organisation("党委办公室"),
        purpose="honours",
        words="评选先进工作者",
        due_on=DUE,
        people=[people["member"]],
    )
    assert login("office").get(f"/oversight/opinions/{opinion.pk}/").status_code == 200
    client.force_login(asker(), backend=BACKEND)
    assert client.get(f"/oversight/opinions/{opinion.pk}/").status_code == 404, "requests of others are invisible"
    assert client.get("/oversight/opinions/").context["pager"].total == 0
    with pytest.raises(PermissionDenied):
        asked(people["office"], [people["member"]])


def test_a_renamed_department_still_asks(people):
    from accountability.models import FormerName
    from accountability.models.history import save_as
    from supervision.archives.access import asking_units

    unit = cast.organisation("组织部")
    unit.name = "干部工作部"
    save_as(unit, by=people["office"], reason="改名")
    assert asking_units(asker_of(unit)) == []
    former = FormerName(organisation=unit, name="组织部", until_on=date(2026, 11, 1))
    save_as(former, by=people["office"], reason="改名")
    assert asking_units(asker_of(unit)) == [unit.pk]


def asker_of(unit) -> Person:
    return fresh(unit.posts.get(role="department").tenures.get().person)


def test_figure_and_list_agree_and_cost_the_same(login, people):
    keeper, other = admitted(people)
    opinion = asked(asker(), [people["member"]])
    client = login("discipline")
    figure = FIGURES["opinions_waiting"]
    assert figure.may(keeper)
    assert not figure.may(fresh(asker()))
    assert figure.value(keeper, cast.YEAR, cast.TODAY) == 1
    assert client.get(figure.url(cast.YEAR)).context["pager"].total == 1
    paths = ["/oversight/opinions/", "/oversight/opinions/export/", f"/oversight/opinions/{opinion.pk}/", "/oversight/"]
    few = {path: queries(client, path) for path in paths}
    for number in range(12):
        asked(asker(), [Person.objects.get(username=f"extra{number}"), people["department"]])
        line = OpinionCadre(opinion=opinion, person=Person.objects.get(username=f"extra{number}"), rank=number + 2)
        line.save()
    assert {path: queries(client, path) for path in paths} == few
    checked(asked(asker(), [people["department"]]), keeper)
    assert figure.value(fresh(keeper), cast.YEAR, cast.TODAY) == 13, "what he checked waits for another"
    assert figure.value(fresh(other), cast.YEAR, cast.TODAY) == 14


def queries(client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def test_late_is_seen_on_the_list_and_in_the_ledger(login, people, clock):
    admitted(people)
    opinion = asked(asker(), [people["member"]])
    clock.shift(timedelta(days=11))
    assert "已逾期" in login("discipline").get("/oversight/opinions/").content.decode()
    assert Duty.objects.late(DUE + timedelta(days=1)).filter(pk=opinion.duty_id).exists()


def test_an_archive_made_on_the_way_stays(people):
    keeper, _ = admitted(people)
    archive_of(people["department"], keeper)
    opinion = asked(asker(), [people["department"], people["liaison"]])
    for cadre in opinion.cadres.all():
        concluded(cadre, keeper)
    assert set(Archive.objects.values_list("person__username", flat=True)) == {"department", "liaison"}
