"""廉政档案: one per cadre, opened for a purpose, filed by one and confirmed by another, updated once a year (二（二）)."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from accountability.models import Duty, Notice, Organisation, Person, Post, Record, Role, Tenure
from accountability.models.history import save_as
from supervision.archives import cadres
from supervision.archives import lines as archive_lines
from supervision.archives.filters import CadreFilter
from supervision.board.indicators import FIGURES
from supervision.models import (
    Archive,
    ArchiveOpening,
    ArchivePaper,
    ArchiveUpdate,
    Kinship,
    OpeningRequest,
    PaperKind,
)
from supervision.services import archives as verbs
from supervision.services import openings
from tests import acts, cast, letters
from tests.supervision.archives import (
    admitted,
    archive_of,
    asker,
    fresh,
    head,
    opened,
    paper,
    related,
)

pytestmark = pytest.mark.django_db
YEAR = cast.YEAR


def register(user, year: int = YEAR):
    return cadres.in_reach(user, cast.TODAY, year)


# ── who is a cadre, and whose archive is missing ─────────────────────────────────────────────


def test_cadres_are_holders_of_the_roles_in_the_setting(people, settings):
    keeper, _ = admitted(people)
    names = set(register(keeper).values_list("username", flat=True))
    assert {"secretary", "member", "unit_secretary", "department", "other_secretary"} <= names
    assert not names & {"liaison", "branch", "office", "outsider", "sysadmin", "discipline"}
    settings.CADRE_ROLES = ["secretary"]
    assert set(register(keeper).values_list("username", flat=True)) == {"secretary"}


def test_established_for_all_at_once_but_never_ones_own(login, people):
    keeper, other = admitted(people)
    missing = CadreFilter(view="none").rows(register(keeper)).count()
    page = login("discipline").get("/oversight/archives/").content.decode()
    assert f"为 {missing} 名干部建档" in page
    login("discipline").post("/oversight/archives/establish/")
    assert Archive.objects.count() == missing
    with pytest.raises(ValidationError, match="没有需要您建档的干部"):
        verbs.establish_all(by=keeper)
    assert verbs.establish([keeper], by=keeper) == []
    assert verbs.establish([keeper], by=other)[0].person == keeper
    with pytest.raises(IntegrityError), transaction.atomic():
        Archive.objects.create(person=other, established_by=other, established_on=cast.TODAY)


def test_new_in_office_have_a_month(people):
    keeper, _ = admitted(people)
    verbs.establish_all(by=keeper)
    newcomer = Person.objects.create_user("newcomer", "新任职")
    post = Post.objects.get(organisation__name="财务处", role=Role.UNIT_SECRETARY)
    tenure = Tenure(post=post, person=newcomer, started_on=cast.TODAY - timedelta(days=30))
    save_as(tenure, by=people["office"], reason="任职")
    assert list(CadreFilter(view="none").rows(register(keeper))) == [newcomer]
    assert not CadreFilter(view="overdue").rows(register(keeper)).exists()
    tenure.started_on -= timedelta(days=1)
    save_as(tenure, by=people["office"], reason="更正")
    assert list(CadreFilter(view="overdue").rows(register(keeper))) == [newcomer]


def test_who_left_keeps_his_archive_and_owes_no_update(people):
    keeper, _ = admitted(people)
    archive_of(people["member"], keeper)
    tenure = people["member"].tenures.get()
    tenure.ended_on = cast.TODAY - timedelta(days=1)
    save_as(tenure, by=people["office"], reason="离任")
    assert list(CadreFilter(view="left").rows(register(keeper))) == [people["member"]]
    assert not CadreFilter(view="stale").rows(register(keeper)).exists()


def test_each_figure_is_the_rows_under_its_address(login, people):
    keeper, _ = admitted(people)
    archive = archive_of(people["member"], keeper)
    archive_of(people["department"], keeper)
    opened(archive, keeper)
    verbs.update(archive, by=keeper, work_year=YEAR, words="没有变化")
    client = login("discipline")
    for name, value in (("archives", 2), ("archives_stale", 1)):
        figure = FIGURES[name]
        assert figure.value(keeper, YEAR, cast.TODAY) == value
        assert client.get(figure.url(YEAR)).context["pager"].total == value
    missing = FIGURES["archives_missing"]
    assert client.get(missing.url(YEAR)).context["pager"].total == missing.value(keeper, YEAR, cast.TODAY) > 30
    for who in ("secretary", "office", "member", "liaison", "sysadmin"):
        assert not missing.may(fresh(people[who]))


# ── opened for a purpose ─────────────────────────────────────────────────────────────────────


def test_nothing_is_shown_before_the_purpose_and_again_after_half_an_hour(login, people, clock):
    keeper, _ = admitted(people)
    archive = archive_of(people["member"], keeper)
    client = login("discipline")
    address = f"/oversight/archives/{archive.pk}/"
    page = client.get(address).content.decode()
    assert "写明目的" in page
    assert "任职" not in page.split("<main")[1].replace("任职已满", "")
    answer = client.post(f"{address}open/", {"purpose": "case", "words": "核"})
    assert answer.status_code == 400
    assert "至少 4 个字" in answer.content.decode()
    assert client.post(f"{address}open/", {"purpose": "", "words": "案件办理需要"}).status_code == 400
    assert not ArchiveOpening.objects.exists()
    assert client.post(f"{address}open/", {"purpose": "case", "words": "案件办理需要"}).status_code == 302
    row = ArchiveOpening.objects.get()
    assert (row.opened_by, row.person, row.purpose) == (keeper, people["member"], "case")
    assert row.valid_until - row.opened_at == timedelta(minutes=30)
    page = client.get(address).content.decode()
    assert "分管财务副校长，在任" in page
    assert "案件办理需要" in page
    clock.shift(timedelta(minutes=31))
    page = client.get(address).content.decode()
    assert "写明目的" in page
    assert "分管财务副校长" not in page.split("<main")[1]
    assert client.get(f"{address}export/").status_code == 302


def test_every_door_behind_the_page_needs_the_opening(login, people, clock):
    keeper, other = admitted(people)
    archive = archive_of(people["member"], keeper)
    row = paper(archive, keeper)
    client = login("discipline")
    address = f"/oversight/archives/papers/{row.pk}/"
    assert client.get(address).content == acts.PDF
    assert client.get(f"/oversight/archives/{archive.pk}/export/").status_code == 200
    clock.shift(timedelta(hours=1))
    assert client.get(address).status_code == 302
    with pytest.raises(ValidationError, match="重新写明查阅目的"):
        verbs.update(archive, by=keeper, work_year=YEAR, words="没有变化")
    with pytest.raises(ValidationError, match="重新写明查阅目的"):
        verbs.perform(row, "confirm", by=other)
    with pytest.raises(ValidationError, match="重新写明查阅目的"):
        verbs.file_paper(archive, by=keeper, kind=row.kind, title="又一份材料", dated_on=cast.TODAY)


def test_the_register_of_openings_is_only_added_to(people):
    keeper, _ = admitted(people)
    row = opened(archive_of(people["member"], keeper), keeper)
    row.words = "改成别的事由"
    for deed in (
        row.save,
        row.delete,
        lambda: ArchiveOpening.objects.update(words="改成别的"),
        lambda: ArchiveOpening.objects.all().delete(),
    ):
        with pytest.raises(ValidationError, match="只增不改"):
            deed()
    assert ArchiveOpening.objects.get().words == "日常监督抽查"


def test_the_register_filters_and_goes_into_excel(login, people):
    keeper, other = admitted(people)
    archive = archive_of(people["member"], keeper)
    opened(archive, keeper)
    opened(archive, other, purpose="case", words="=1+1 案件核查")
    opened(archive_of(people["department"], keeper), keeper)
    client = login("discipline")
    for query, total in (
        ("", 3),
        ("?view=case", 1),
        (f"?archive={archive.pk}", 2),
        ("?q=钱守正", 1),
        (f"?q={other.name}", 1),
        ("?from_on=2026-11-24", 0),
        ("?until_on=2026-11-23&from_on=2026-11-23", 3),
        ("?from_on=9999-99-99&view=nothing&archive=x%00&q=%00", 3),
    ):
        page = client.get(f"/oversight/archives/openings/{query}")
        assert page.context["pager"].total == total, query
        sheet = load_workbook(BytesIO(client.get(f"/oversight/archives/openings/export/{query}").content)).active
        assert sheet.max_row == 3 + total, query  # title, the reader's mark, heads
    words = [cell.value for cell in sheet["E"]]
    assert "=1+1 案件核查" in words
    assert all(cell.data_type == "s" for cell in sheet["E"] if cell.value)


# ── own and relatives' ───────────────────────────────────────────────────────────────────────


def doors(archive: Archive, row: ArchivePaper) -> list[tuple[str, str]]:
    base = f"/oversight/archives/{archive.pk}"
    return [
        ("get", f"{base}/"),
        ("get", f"{base}/export/"),
        ("post", f"{base}/open/"),
        ("post", f"{base}/papers/"),
        ("post", f"{base}/update/"),
        ("get", f"/oversight/archives/papers/{row.pk}/"),
        ("post", f"/oversight/archives/papers/{row.pk}/act/"),
    ]


@pytest.mark.parametrize("near", ["own", "relative", "relative the other way"])
def test_nobody_touches_his_own_or_a_relatives(client, people, near):
    """Every door, while he keeps all others; what he opened before closes with the declaration."""
    keeper, other = admitted(people)
    person = keeper if near == "own" else people["member"]
    archive = archive_of(person, other)
    row = paper(archive, other)
    far = archive_of(people["department"], other)
    if near != "own":
        opened(archive, keeper)
        pair = (keeper, person) if near == "relative" else (person, keeper)
        related(*pair, by=other)
    client.force_login(keeper, backend="django.contrib.auth.backends.ModelBackend")
    for method, address in doors(archive, row):
        assert getattr(client, method)(address).status_code == 404, address
    assert client.get(f"/oversight/archives/{far.pk}/").status_code == 200
    sent = {"person": person.pk}
    assert client.post("/oversight/archives/establish/", sent).status_code == 404
    listed = client.get("/oversight/archives/")
    assert person.pk not in [one.pk for one in listed.context["pager"].page]
    assert client.get(f"/oversight/archives/?q={person.name}").context["pager"].total == 0
    assert client.get(f"/oversight/archives/openings/?q={person.name}").context["pager"].total == 0
    sheet = load_workbook(BytesIO(client.get("/oversight/archives/export/").content)).active
    assert person.name not in [cell.value for cell in sheet["A"]]
    assert not Archive.objects.visible_to(keeper).filter(person=person).exists()
    assert not ArchivePaper.objects.visible_to(keeper).exists()
    assert not ArchivePaper.objects.waiting_for(keeper).exists()
    with pytest.raises(PermissionDenied, match="回避"):
        opened(archive, keeper)
    with pytest.raises(PermissionDenied):
        verbs.perform(row, "confirm", by=keeper)
    with pytest.raises(PermissionDenied, match="回避"):
        verbs.update(archive, by=keeper, work_year=YEAR, words="没有变化")
    counted = FIGURES["archives"].value(keeper, YEAR, cast.TODAY)
    assert counted == Archive.objects.exclude(pk=archive.pk).count()


def test_the_database_refuses_ones_own_hand(people):
    keeper, other = admitted(people)
    archive = archive_of(keeper, other)
    now = timezone.now()
    made = {"archive": archive, "person": keeper}
    for row in (
        ArchiveOpening(
            **made, opened_by=keeper, opened_at=now, valid_until=now + timedelta(minutes=1), purpose="case", words="x"
        ),
        ArchiveUpdate(**made, work_year_id=YEAR, words="没有变化", updated_by=keeper, updated_at=now),
        ArchivePaper(
            **made, kind=PaperKind.objects.first(), title="x", dated_on=cast.TODAY, filed_by=keeper, filed_at=now
        ),
        OpeningRequest(**made, purpose="case", words="x", asked_by=keeper, asked_at=now),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()


def test_kinship_is_said_once_of_two_and_ended_by_a_third(login, people):
    keeper, other = admitted(people)
    client = login("discipline")
    sent = {"person": people["liaison"].pk, "relative": people["member"].pk, "kind": "lineal"}
    assert client.post("/oversight/archives/kinships/", sent).status_code == 302
    again = {"person": sent["relative"], "relative": sent["person"], "kind": "spouse"}
    answer = client.post("/oversight/archives/kinships/", again)
    assert answer.status_code == 400
    assert "已登记" in answer.content.decode()
    answer = client.post("/oversight/archives/kinships/", sent | {"relative": sent["person"]})
    assert "两个不同的人" in answer.content.decode()
    row = Kinship.objects.get()
    assert row.person_id < row.relative_id
    for one, another in ((row.relative_id, row.person_id), (row.person_id, row.person_id)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Kinship.objects.create(
                person_id=one, relative_id=another, kind="spouse", declared_by=keeper, declared_on=cast.TODAY
            )
    own = related(keeper, people["secretary"], by=other)
    with pytest.raises(PermissionDenied, match="由其他同志解除"):
        openings.end_kinship(own, by=keeper, reason="登记有误需要解除")
    with pytest.raises(ValidationError, match="至少 4 个字"):
        openings.end_kinship(row, by=keeper, reason="错")
    client.post(f"/oversight/archives/kinships/{row.pk}/end/", {"reason": "登记有误"})
    assert list(Kinship.objects.standing()) == [own]
    with pytest.raises(ValidationError, match="已解除"):
        openings.end_kinship(row, by=other, reason="再解除一次")


# ── asked for and granted ────────────────────────────────────────────────────────────────────


def test_who_is_not_admitted_asks_and_opens_until_the_day(client, login, people, clock):
    keeper, _ = admitted(people)
    archive = archive_of(people["member"], keeper)
    row = paper(archive, keeper)
    asking = asker()
    enter = lambda person: client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")  # noqa: E731
    enter(asking)
    assert client.get(f"/oversight/archives/{archive.pk}/").status_code == 404
    sent = {"archive": archive.pk, "purpose": "appointment", "words": "考察拟任人选"}
    assert client.post("/oversight/archives/requests/new/", sent | {"words": "看"}).status_code == 400
    assert client.post("/oversight/archives/requests/new/", sent).status_code == 302
    assert "已有一件待批准" in client.post("/oversight/archives/requests/new/", sent).content.decode()
    request = OpeningRequest.objects.get()
    address = f"/oversight/archives/requests/{request.pk}/"
    assert client.post(f"{address}act/", {"act": "grant", "until_on": "2026-11-25"}).status_code == 403
    assert Notice.objects.filter(recipient=people["secretary"], title__contains="查阅申请待批准").exists()
    assert not Notice.objects.filter(title__contains=people["member"].name).exists()
    secretary = login("secretary")
    assert "考察拟任人选" in secretary.get("/oversight/archives/requests/").content.decode()
    for until in ("", "2026-11-22", "2026-12-24", "not a day"):
        assert secretary.post(f"{address}act/", {"act": "grant", "until_on": until}).status_code == 400, until
    assert secretary.post(f"{address}act/", {"act": "refuse", "reason": ""}).status_code == 400
    assert secretary.post(f"{address}act/", {"act": "grant", "until_on": "2026-11-25"}).status_code == 302
    assert secretary.get(f"/oversight/archives/{archive.pk}/").status_code == 404, "who grants does not open"
    enter(fresh(asking))
    assert client.get(f"/oversight/archives/papers/{row.pk}/").status_code == 404, "not confirmed yet"
    assert "写明目的" in client.get(f"/oversight/archives/{archive.pk}/").content.decode()
    client.post(f"/oversight/archives/{archive.pk}/open/", {"purpose": "case", "words": "考察拟任人选"})
    opening = ArchiveOpening.objects.get(opened_by=asking)
    assert (opening.request, opening.purpose) == (request, "appointment"), "the purpose that was granted"
    page = client.get(f"/oversight/archives/{archive.pk}/").content.decode()
    assert "分管财务副校长，在任" in page
    assert row.title not in page
    assert "归入一份材料" not in page
    assert client.get("/oversight/archives/openings/").status_code == 403
    for name in ("papers", "update"):
        assert client.post(f"/oversight/archives/{archive.pk}/{name}/", {"words": "没有变化"}).status_code in (400, 403)
    assert not ArchiveUpdate.objects.exists()
    clock.shift(timedelta(days=3))
    enter(fresh(asking))
    assert client.get(f"/oversight/archives/{archive.pk}/").status_code == 404


def test_a_request_is_decided_by_another_who_is_not_near(people):
    keeper, other = admitted(people)
    archive = archive_of(people["member"], keeper)
    asking = asker()
    row = openings.ask(archive, by=asking, purpose="other", words="工作需要查阅")
    related(keeper, people["member"], by=other)
    assert row not in OpeningRequest.objects.visible_to(fresh(keeper))
    with pytest.raises(PermissionDenied):
        openings.decide(row, "grant", by=fresh(keeper), until_on=cast.TODAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        OpeningRequest.objects.filter(pk=row.pk).update(decided_by=asking, state="refused")
    related(asking, people["member"], by=other)
    with pytest.raises(ValidationError, match="回避关系"):
        openings.decide(row, "grant", by=other, until_on=cast.TODAY)
    for who in (asking, people["member"]):
        with pytest.raises(PermissionDenied):
            openings.ask(archive, by=fresh(who), purpose="other", words="工作需要查阅")
    for who in ("liaison", "branch", "outsider", "sysadmin", "unit_secretary"):
        with pytest.raises(PermissionDenied):
            openings.ask(archive, by=people[who], purpose="other", words="工作需要查阅")
    assert openings.decide(row, "refuse", by=other, reason="理由不充分").state == "refused"


# ── papers ───────────────────────────────────────────────────────────────────────────────────


def test_filed_by_one_and_confirmed_by_another(login, people):
    keeper, other = admitted(people)
    archive = archive_of(people["member"], keeper)
    client = login("discipline")
    opened(archive, keeper)
    address = f"/oversight/archives/{archive.pk}/"
    kind = PaperKind.objects.get(name="任前廉政谈话记录")
    sent = {"kind": kind.pk, "title": "任前廉政谈话记录", "dated_on": "2026-03-02", "words": "要点"}
    for change, said in (
        ({"title": "谈"}, "至少 4 个字"),
        ({"dated_on": "2026-12-01"}, "不能晚于今天"),
        ({"kind": "99999999"}, "请从列表中选择"),
        ({}, "须附文件"),
        ({"title": "机密★十年 材料"}, "密级标志"),
    ):
        answer = client.post(f"{address}papers/", sent | change)
        assert answer.status_code == 400
        assert said in answer.content.decode()
    file = SimpleUploadedFile("谈话.pdf", acts.PDF)
    assert client.post(f"{address}papers/", sent | {"files": file}).status_code == 302
    row = ArchivePaper.objects.get()
    assert row.file.name == f"archives/{row.sha256[:2]}/{row.sha256}"
    again = SimpleUploadedFile("又一次.pdf", acts.PDF)
    assert "已在档案中" in client.post(f"{address}papers/", sent | {"files": again}).content.decode()
    assert client.post(f"/oversight/archives/papers/{row.pk}/act/", {"act": "confirm"}).status_code == 403
    assert client.post(f"/oversight/archives/papers/{row.pk}/act/", {"act": "nothing"}).status_code == 400
    with pytest.raises(IntegrityError), transaction.atomic():
        ArchivePaper.objects.filter(pk=row.pk).update(
            confirmed_by=keeper, confirmed_at=timezone.now(), state="confirmed"
        )
    assert Notice.objects.filter(recipient=other, title="廉政档案有一份材料待确认").exists()
    assert list(ArchivePaper.objects.waiting_for(other)) == [row]
    assert not ArchivePaper.objects.waiting_for(keeper).exists()
    opened(archive, other)
    assert verbs.perform(row, "confirm", by=other).confirmed_by == other
    with pytest.raises(ValidationError, match="不能确认归档"):
        verbs.perform(row, "confirm", by=other)
    with pytest.raises(ValidationError, match="至少 4 个字"):
        verbs.perform(row, "withdraw", by=keeper, reason="错")
    verbs.perform(row, "withdraw", by=keeper, reason="归错了人")
    assert ArchivePaper.objects.get().reason == "归错了人"
    assert ArchivePaper.history.filter(id=row.pk).count() == 3
    page = login("discipline").get(address).content.decode()
    assert "归错了人" in page


def test_two_who_confirm_and_return_at_once_have_one_outcome(people):
    keeper, other = admitted(people)
    archive = archive_of(people["member"], keeper)
    row = paper(archive, keeper)
    opened(archive, other)
    stale = ArchivePaper.objects.get(pk=row.pk)
    verbs.perform(row, "return", by=other, reason="缺少签字页")
    with pytest.raises(ValidationError, match="不能确认归档"):
        verbs.perform(stale, "confirm", by=other)


def test_a_number_of_a_decision_needs_no_file(people):
    keeper, _ = admitted(people)
    archive = archive_of(people["member"], keeper)
    row = paper(archive, keeper, kind="处分决定文号", title="校纪〔2024〕3号", files=[])
    assert not row.file
    assert row.sha256 == ""


def test_a_spoilt_paper_is_not_handed_out(login, people):
    keeper, _ = admitted(people)
    row = paper(archive_of(people["member"], keeper), keeper)
    with row.file.storage.open(row.file.name, "wb") as file:
        file.write(b"%PDF-1.4 something else")
    answer = login("discipline").get(f"/oversight/archives/papers/{row.pk}/")
    assert answer.status_code == 400
    assert "校验值不符" in answer.content.decode()


def test_kinds_are_data(login, people):
    keeper, _ = admitted(people)
    assert verbs.load_paper_kinds(by=keeper) == 0
    client = login("discipline")
    assert client.post("/oversight/archives/kinds/", {"name": "回复组织函询情况"}).status_code == 302
    row = PaperKind.objects.get(name="回复组织函询情况")
    assert not row.needs_file
    answer = client.post("/oversight/archives/kinds/", {"name": "回复组织函询情况"})
    assert answer.status_code == 400
    assert "已有这个类别" in answer.content.decode()
    client.post(f"/oversight/archives/kinds/{row.pk}/drop/")
    archive = archive_of(people["member"], keeper)
    opened(archive, keeper)
    with pytest.raises(ValidationError, match="已停用"):
        verbs.file_paper(
            archive, by=keeper, kind=PaperKind.objects.get(pk=row.pk), title="函询情况", dated_on=cast.TODAY
        )


# ── what the system knows ────────────────────────────────────────────────────────────────────


def test_the_index_is_read_and_not_copied(login, people):
    keeper, _ = admitted(people)
    member = people["member"]
    archive = archive_of(member, keeper)
    post = letters.post_of(member)
    school = cast.organisation("学校党委")
    acts.record(member, school, "integrity-pledge", post=post, title="2026年廉政承诺书")
    acts.record(member, school, "democratic-life-report", post=post, title="民主生活会述责述廉发言")
    opened(archive, keeper)
    page = login("discipline").get(f"/oversight/archives/{archive.pk}/").content.decode()
    for words in (
        "2026年廉政承诺书",
        "民主生活会述责述廉发言",
        "分管财务副校长：按期完成 1 项",
        "分管财务副校长：逾期完成 1 项",
        "没有。",
    ):
        assert words in page
    done = Duty.objects.filter(owner=post, state="fulfilled").count()
    assert done == 2
    for state in ("done_in_time", "done_late"):
        assert f"/ledger/?year=2026&amp;owner={post.pk}&amp;state={state}" in page
    sheet = load_workbook(BytesIO(login("discipline").get(f"/oversight/archives/{archive.pk}/export/").content)).active
    assert "2026年廉政承诺书" in [cell.value for cell in sheet["C"]]


def test_what_a_predecessor_did_is_not_his(people):
    keeper, _ = admitted(people)
    member = people["member"]
    post = letters.post_of(member)
    acts.record(
        member, cast.organisation("学校党委"), "integrity-pledge", post=post, title="前任的承诺书", on=date(2026, 3, 2)
    )
    tenure = member.tenures.get()
    tenure.ended_on = date(2026, 6, 30)
    save_as(tenure, by=people["office"], reason="离任")
    successor = Person.objects.create_user("successor", "继任者")
    save_as(Tenure(post=post, person=successor, started_on=date(2026, 7, 1)), by=people["office"], reason="任职")
    told = {one.label: one.lines for one in archive_lines.index_of(successor, cast.TODAY)}
    assert told["承诺书和责任书"] == []
    assert [line.words for line in archive_lines.index_of(member, cast.TODAY)[1].lines] == ["前任的承诺书"]


def test_a_room_adds_its_lines(people, monkeypatch):
    monkeypatch.setattr(archive_lines, "_finders", dict(archive_lines._finders))
    archive_lines.archive_line(5, "谈话提醒", lambda person, on: [(None, "累计 2 次", "")])
    first = archive_lines.index_of(people["member"], cast.TODAY)[0]
    assert first.label == "谈话提醒"
    assert first.lines[0].words == "累计 2 次"


# ── the year's update ────────────────────────────────────────────────────────────────────────


def test_the_years_update_fulfils_the_duty_and_names_nobody(login, people):
    keeper, other = admitted(people)
    verbs.establish_all(by=keeper)
    client = login("discipline")
    address = f"/oversight/archives/updates/?year={YEAR}"
    answer = client.post(address)
    assert answer.status_code == 400
    assert "份档案本年度没有更新" in answer.content.decode()
    for archive in Archive.objects.all():
        by = other if archive.person_id == keeper.pk else keeper
        opened(archive, by, purpose="update", words="年度更新档案")
        verbs.update(archive, by=by, work_year=YEAR, words="补充年度述责述廉")
    with pytest.raises(ValidationError, match="已更新"):
        verbs.update(Archive.objects.first(), by=keeper, work_year=YEAR, words="再更新一次")
    page = client.get(address)
    assert page.context["pager"].total == 0
    assert client.post(address).status_code == 302
    record = Record.objects.get(act__code="integrity-archive")
    assert f"{Archive.objects.count()} 份档案" in record.content
    assert not any(person.name in record.content + record.title for person in people.values())
    duty = acts.duty_of(Organisation.objects.get(kind="commission"), "integrity-archive")
    assert duty.state == "fulfilled"
    assert "的档案更新已登记" in client.post(address).content.decode()


def test_a_missing_archive_or_a_paper_that_waits_keeps_the_year_open(people):
    keeper, other = admitted(people)
    archive = archive_of(people["member"], keeper)
    row = paper(archive, keeper)
    with pytest.raises(ValidationError, match="材料待确认"):
        verbs.update(archive, by=keeper, work_year=YEAR, words="没有变化")
    opened(archive, other)
    verbs.perform(row, "confirm", by=other)
    verbs.update(archive, by=keeper, work_year=YEAR, words="没有变化")
    with pytest.raises(ValidationError, match="名干部没有建档"):
        verbs.report_update(by=keeper, work_year=YEAR)
    with pytest.raises(ValidationError, match="尚未开启"):
        verbs.report_update(by=keeper, work_year=2031)


def test_the_duty_leads_to_the_page(login, people):
    admitted(people)
    duty = acts.duty_of(Organisation.objects.get(kind="commission"), "integrity-archive")
    answer = acts.post_record(login("discipline"), duty, "integrity-archive")
    assert answer["Location"] == "/oversight/archives/updates/?year=2026"
    assert acts.state(duty) == "open"


# ── costs ────────────────────────────────────────────────────────────────────────────────────


def queries(client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def test_lists_cost_the_same_at_one_row_and_at_many(login, people):
    keeper, other = admitted(people)
    archive = archive_of(people["member"], keeper)
    opened(archive, keeper)
    related(people["liaison"], people["office"], by=keeper)
    openings.ask(archive, by=asker(), purpose="other", words="工作需要查阅")
    client = login("discipline")
    paths = [
        "/oversight/archives/",
        "/oversight/archives/updates/",
        "/oversight/archives/openings/",
        "/oversight/archives/requests/",
        "/oversight/archives/kinships/",
        "/oversight/archives/kinds/",
        "/oversight/archives/export/",
        f"/oversight/archives/{archive.pk}/",
    ]
    few = {path: queries(client, path) for path in paths}
    made = verbs.establish_all(by=keeper)
    for number, one in enumerate(made[:12]):
        opened(one, keeper)
        openings.ask(one, by=fresh(asker()), purpose="other", words="工作需要查阅") if one.person != asker() else None
        related(people["branch"], Person.objects.get(username=f"extra{number}"), by=keeper)
        paper(archive, keeper, kind="处分决定文号", title=f"文号 {number} 号", files=[])
    assert {path: queries(client, path) for path in paths} == few


def test_the_head_of_the_commission_is_not_admitted_by_his_post(people):
    archive = Archive(person=people["member"], established_by=people["office"], established_on=cast.TODAY)
    save_as(archive, by=people["office"], reason="建档")
    assert not Archive.objects.visible_to(head()).exists()
    assert not Archive.objects.visible_to(people["discipline"]).exists()
