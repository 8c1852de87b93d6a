"""审计日志的页面: for the auditor alone; filters, pages by key, one event with its seal, an export that is told of itself."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accountability import acting
from accountability.auditing.filter import PAGE_SIZE
from accountability.models import AuditEvent, Notice
from accountability.services import audit, audit_check, sealing
from tests import cast
from tests.accountability.audit_chains import chain_of, past_the_triggers, triggers

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", [part.username for part in cast.PARTS])
def test_the_auditor_alone_reads_it(login, people, who):
    event = audit.record("login", by=people["liaison"])
    client = login(who)
    expected = (200, 200, 200) if who == "auditor" else (403, 403, 404)
    found = tuple(client.get(path).status_code for path in ("/audit/", "/audit/export/", f"/audit/{event.pk}/"))
    assert found == expected
    assert ('href="/audit/"' in client.get("/").content.decode()) == (who == "auditor")


def many(people, count: int, **facts) -> None:
    with acting.acting(acting.Act("record_new", person=people["liaison"], address="10.9.8.7")):
        for _ in range(count):
            audit.record("write", row=people["liaison"], source="record_new", **facts)


def test_it_shows_kinds_and_numbers_and_no_content(login, people):
    many(people, 1)
    page = login("auditor").get("/audit/").content.decode()
    for words in (
        "业务操作",
        "填报履责记录",
        "成功",
        "叶清和",
        "liaison",
        "10.9.8.7",
        f"人员 {people['liaison'].pk}",
        "待封存",
    ):
        assert words in page
    assert "每天 03:50 自动校验" in page


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        ("kind=login", "login"),
        ("result=refused", "refused"),
        ("who=liaison", "write"),
        ("who=叶清和", "write"),
        ("address=10.9.8.7", "write"),
        ("model=accountability.person", "write"),
        ("since=2026-11-23&until=2026-11-23", "all"),
        ("until=2025-12-31", "none"),
        ("since=2026-11-24", "none"),
        ("kind=nonsense&result=nonsense&since=yesterday&before=x_y&after=9_", "all"),
        ("before=99999999999999999999_1", "all"),
    ],
)
def test_filters(login, people, query, finds):
    client = login("auditor")
    many(people, 2)
    with acting.acting(acting.Act("audit", person=people["office"], address="10.0.0.1")):
        audit.record("login")
        audit.record("refused", result=audit.REFUSED, source="audit")
    rows = client.get(f"/audit/?{query}").context["rows"]
    kinds = {row.event.kind for row in rows}
    if finds == "all":
        assert {"login", "refused", "write"} <= kinds
    else:
        assert kinds == ({finds} if finds != "none" else set())


def test_the_number_of_a_request_finds_all_it_did(login, people):
    many(people, 3)
    event = AuditEvent.objects.filter(kind="write").first()
    page = login("auditor").get(f"/audit/?request={event.request_id}")
    assert len(page.context["rows"]) == 3


def test_pages_by_key_lose_and_repeat_nothing_also_while_rows_arrive(login, people):
    many(people, 2 * PAGE_SIZE + 7)
    client = login("auditor")
    seen, url = [], "/audit/?kind=write"
    while url:
        page = client.get(url)
        seen += [row.event.pk for row in page.context["rows"]]
        many(people, 1)
        older = page.context["leaf"].older_url
        last, url = url, f"/audit/{older}" if older else ""
    wanted = list(AuditEvent.objects.filter(kind="write").order_by("-at", "-pk").values_list("pk", flat=True))
    assert seen == wanted[-len(seen) :] and len(seen) == 2 * PAGE_SIZE + 7
    back, url = [], last
    while url:
        page = client.get(url)
        back = [row.event.pk for row in page.context["rows"]] + back
        newer = page.context["leaf"].newer_url
        url = f"/audit/{newer}" if newer else ""
    assert set(back) == set(wanted) and len(back) == len(set(back))


def test_the_same_moment_of_many_rows_is_no_trouble(login, people):
    at = datetime(2026, 11, 20, 1, tzinfo=UTC)
    AuditEvent.objects.bulk_create(
        AuditEvent(at=at, kind="view", result="done", stamp=f"{number:044d}") for number in range(PAGE_SIZE + 9)
    )
    client = login("auditor")
    first = client.get("/audit/?kind=view")
    second = client.get(f"/audit/{first.context['leaf'].older_url}")
    numbers = [row.event.pk for page in (first, second) for row in page.context["rows"]]
    assert numbers == sorted(numbers, reverse=True) and len(set(numbers)) == PAGE_SIZE + 9


def test_it_costs_the_same_at_few_rows_and_at_many(login, people):
    client = login("auditor")

    def cost(path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    many(people, 1)
    paths = ("/audit/", "/audit/?who=liaison&since=2026-01-01&kind=write")
    few = [cost(path) for path in paths]
    many(people, 3 * PAGE_SIZE)
    sealing.seal_everything()
    assert [cost(path) for path in paths] == few


def test_a_count_beyond_the_cap_is_said_to_be_so(login, people, monkeypatch):
    from accountability.auditing import filter as filters
    from accountability.views import audit as views

    monkeypatch.setattr(filters, "COUNTED", 5)
    monkeypatch.setattr(views, "COUNTED", 5)
    many(people, 5)
    client = login("auditor")
    assert "共 5 条" in client.get("/audit/?kind=write").content.decode()
    many(people, 1)
    assert "共 超过 5 条" in client.get("/audit/?kind=write").content.decode()


def test_nothing_there_says_what_to_do(login):
    page = login("auditor").get("/audit/?kind=backwards&request=0000000000000000").content.decode()
    assert "没有符合条件的记录" in page and "看全部" in page


def test_one_event_and_whether_its_seal_holds(login, people):
    chain = chain_of(people, 3)
    client = login("auditor")
    page = client.get(f"/audit/{chain[1].event_id}/").content.decode()
    assert "与封存时一致" in page and "相接" in page and chain[1].hash in page
    with past_the_triggers() as cursor:
        cursor.execute(f"UPDATE {triggers.EVENTS} SET username = 'x' WHERE id = %s", [chain[1].event_id])
    page = client.get(f"/audit/{chain[1].event_id}/").content.decode()
    assert "与封存时不同" in page and "校验码不符" in page
    young = audit.record("login", by=people["office"])
    assert "尚未封存" in client.get(f"/audit/{young.pk}/").content.decode()


def test_the_head_of_the_page_says_how_the_last_look_at_the_chain_went(login, people):
    chain = chain_of(people, 3)
    client = login("auditor")
    audit_check.check_and_tell(by=people["auditor"])
    page = client.get("/audit/").content.decode()
    assert "完整" in page and "审计链不完整" not in page and f"第 {chain[-1].seq} 条" in page
    with past_the_triggers() as cursor:
        cursor.execute(f"UPDATE {triggers.EVENTS} SET username = 'x' WHERE id = %s", [chain[1].event_id])
    audit_check.check_and_tell(by=people["auditor"])
    assert "审计链不完整" in client.get("/audit/").content.decode()


def test_a_broken_chain_is_told_to_the_auditor_at_once(people):
    chain = chain_of(people, 3)
    audit_check.check_and_tell(by=people["auditor"])
    assert not Notice.objects.filter(kind="audit").exists()
    with past_the_triggers() as cursor:
        cursor.execute(f"UPDATE {triggers.EVENTS} SET username = 'x' WHERE id = %s", [chain[1].event_id])
    audit_check.check_and_tell(by=people["auditor"])
    (notice,) = Notice.objects.filter(kind="audit")
    assert notice.recipient == people["auditor"] and notice.at_once and "内容被修改" in notice.body
    assert notice.title == "审计链不完整：校验发现 1 处问题" and notice.url == "/audit/"
    assert notice.why == "您是审计管理员"


def test_a_new_installation_has_its_first_night_to_come(login, people, clock):
    with past_the_triggers() as cursor:
        for table in (triggers.SEALS, triggers.EVENTS):
            cursor.execute(f"DELETE FROM {table}")
    chain_of(people, 1)
    assert "没有校验" not in login("auditor").get("/audit/").content.decode()
    clock.shift(timedelta(hours=37))
    assert "超过 36 小时没有校验" in login("auditor").get("/audit/").content.decode()


def test_a_chain_nobody_verified_for_long_is_told_of(login, people, clock):
    chain_of(people, 1)
    audit_check.check_and_tell(by=people["auditor"])
    assert "没有校验" not in login("auditor").get("/audit/").content.decode()
    clock.shift(timedelta(hours=37))
    assert "超过 36 小时没有校验" in login("auditor").get("/audit/").content.decode()


def test_an_export_has_what_the_filter_shows_and_is_told_of_itself(login, people, monkeypatch):
    from accountability.views import audit as views

    many(people, 4)
    sealing.seal_everything()
    client = login("auditor")
    answer = client.get("/audit/export/?kind=write")
    sheet = load_workbook(BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert "符合条件的 4 条全部在内" in rows[1][0] and rows[2][:3] == ("编号", "时间", "事件类型")
    assert len(rows) == 3 + 4 and rows[3][2:6] == ("业务操作", "填报履责记录", "成功", "liaison")
    told = AuditEvent.objects.filter(kind="export").get()
    assert (told.person, told.detail["source"]) == (people["auditor"], "audit_export")
    monkeypatch.setattr(views, "EXPORTED", 2)
    monkeypatch.setattr(views, "COUNTED", 1)
    note = load_workbook(BytesIO(client.get("/audit/export/?kind=write").content)).active["A2"].value
    assert "请按日期分段导出" in note
