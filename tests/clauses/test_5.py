"""五: versions have periods; a new one is prepared, compared and put in force by the office in its browser."""

from datetime import date

import pytest

from accountability.models import ActKind, Clause, Duty, Notice, Obligation, Regulation
from accountability.services.opening import plan_year
from tests import cast

pytestmark = pytest.mark.django_db


def test_versions_have_periods(people):
    trial, current = Regulation.objects.order_by("in_force_from")
    assert trial.repealed_on == current.in_force_from == date(2021, 11, 26)
    assert list(Regulation.objects.in_force(date(2021, 11, 25))) == [trial]
    assert list(Regulation.objects.in_force(date(2021, 11, 26))) == [current]


def test_the_page_says_so(login):
    page = login("liaison").get("/clauses/").content.decode()
    assert "2021-11-26 起施行" in page
    assert "2021-11-26 废止" in page


def test_the_administrator_edits_it_without_code(login):
    assert login("sysadmin").get("/admin/accountability/regulation/").status_code == 200
    assert login("office").get("/admin/accountability/regulation/").status_code == 302


def test_the_two_known_versions_compare(login):
    """2019 is kept with its name and period alone: every clause of 2021 is new, and the page says why."""
    current = Regulation.objects.newest()
    client = login("liaison")
    page = client.get(f"/clauses/versions/{current.pk}/compare/")
    assert [each.kind.label for each in page.context["comparison"].clauses] == ["新增"] * current.clauses.count()
    assert "前一版本只保留了名称和施行期" in page.content.decode()
    trial = current.former()
    assert "没有更早的版本" in client.get(f"/clauses/versions/{trial.pk}/compare/").content.decode()
    assert "这个版本没有录入条款" in client.get(f"/clauses/versions/{trial.pk}/").content.decode()


# ── a new version, from first to last, as the office does it ─────────────────────────────────


def start(client, title: str = "新的实施办法") -> Regulation:
    answer = client.post("/clauses/versions/new/", {"title": title, "document_number": "沪经贸大委〔2026〕8号"})
    draft = Regulation.objects.drafts().get(title=title)
    assert answer["Location"] == f"/clauses/versions/{draft.pk}/"
    return draft


def filled(client, address: str, **more) -> dict:
    """What a browser would send from this form, with ``more`` typed into it."""
    page = client.get(address)
    form, times = page.context["form"], page.context.get("times")
    body = {field.html_name: _sent(field) for field in form}
    if times is not None:
        body |= {field.html_name: _sent(field) for field in times.management_form}
        body |= {field.html_name: _sent(field) for row in times for field in row if field.value() is not False}
    return {name: value for name, value in body.items() if value is not None and value is not False} | more


def _sent(field):
    value = field.value()
    many = [getattr(one, "pk", one) for one in value] if isinstance(value, list | tuple) else None
    return "" if value is None else many if many is not None else getattr(value, "pk", value)


def of(draft: Regulation, code: str) -> Obligation:
    return Obligation.objects.get(clause__regulation=draft, code=code)


def test_drafted_compared_put_in_force_and_used(login, people):
    client = login("office")
    assert "/clauses/versions/new/" in client.get("/clauses/").content.decode()
    draft = start(client)

    study = of(draft, "study-sessions")
    address = f"/clauses/obligations/{study.pk}/edit/"
    body = filled(client, address) | {"times-2-month": "9", "times-2-day": "20"}
    assert client.post(address, body).status_code == 302
    assert [one.month for one in study.occurrences.all()] == [6, 9, 11]

    address = f"/clauses/{draft.clauses.get(key='4.2').pk}/obligations/new/"
    visit = ActKind.objects.get(code="heart-talk")
    body = filled(
        client, address, title="年度廉政家访", short_title="廉政家访", subject="unit", bearer="each_college",
        owner_role="unit_secretary", acts=[visit.pk], helper_names=["组织部"],
    )  # fmt: skip
    body |= {"times-0-month": "1", "times-0-day": "20", "times-0-is_next_year": "on"}
    answer = client.post(address, body)
    assert answer.status_code == 302, (answer.context["form"].errors, answer.context["times"].errors)
    ended = of(draft, "integrity-archives")
    assert client.post(f"/clauses/obligations/{ended.pk}/remove/").status_code == 302

    address = f"/clauses/versions/{draft.pk}/clauses/new/"
    body = {"key": "4.5", "number": "四（五）", "summary": "每年公开一次落实情况。", "support": "年度报告"}
    body["after"] = draft.clauses.get(key="4.4").pk
    assert client.post(address, body).status_code == 302
    assert list(draft.clauses.order_by("rank").values_list("key", flat=True))[-2:] == ["4.5", "5"]

    page = client.get(f"/clauses/versions/{draft.pk}/compare/").content.decode()
    for words in ("四（五）", "年度廉政家访", "领导干部廉政档案年度更新", "3 次：6 月", "次年 1 月 20 日"):
        assert words in page, words

    effect = f"/clauses/versions/{draft.pk}/effect/"
    page = client.get(f"{effect}?on=2026-11-24")
    plan = page.context["plan"]
    assert plan.announcement == "将新增 13 项责任、终止 1 项、变更 0 项"
    assert plan.announcement in page.content.decode()
    for group in page.context["kinds"]:
        for each in group["rows"]:
            behind = client.get(effect + each["url"])
            assert behind.context["count"] == each["row"].count

    for show, count in (("carried", plan.carried), ("left", plan.left), ("added", 13), ("ended", 1), ("changed", 0)):
        assert client.get(f"{effect}?on=2026-11-24&show={show}&year=2026").context["count"] == count

    body = {"on": "2026-11-24", "reason": "党委会审议通过", "announced": plan.fingerprint}
    answer = client.post(f"/clauses/versions/{draft.pk}/enact/", body, follow=True)
    assert "已新增 13 项责任、终止 1 项、变更 0 项" in answer.content.decode()
    assert Duty.objects.of_year(cast.YEAR).filter(title="年度廉政家访").count() == 12
    assert Duty.objects.get(obligation__code="integrity-archives").state == Duty.State.WAIVED
    assert Notice.objects.filter(recipient=people["secretary"], url=f"/clauses/versions/{draft.pk}/").exists()

    assert client.post("/years/open/", {"year": 2027}).status_code == 302
    made = Duty.objects.of_year(2027)
    assert not made.exclude(clause__regulation=draft).exists()
    assert made.filter(title="年度廉政家访").count() == 12
    assert made.filter(obligation__code="study-sessions").count() == 3


def test_a_year_opened_afterwards_follows_the_version_of_its_first_day(login):
    client = login("office")
    draft = start(client)
    page = client.get(f"/clauses/versions/{draft.pk}/effect/?on=2027-01-01")
    assert "现有责任不受影响" in page.content.decode()
    body = {"on": "2027-01-01", "reason": "党委会审议通过", "announced": page.context["plan"].fingerprint}
    assert client.post(f"/clauses/versions/{draft.pk}/enact/", body).status_code == 302
    assert plan_year(2027, cast.TODAY).regulation == draft
    assert plan_year(cast.YEAR, cast.TODAY).regulation == draft.former()
    page = client.get("/clauses/").content.decode()
    assert "将自 2027-01-01 起施行" in page
    assert "自 2021-11-26 起施行" in page
    assert "2027-01-01 废止" in page


def test_a_year_that_follows_another_version_is_counted_by_what_continues(login):
    """Put in force for a day to come, the version still in force does not look as if nobody owed anything."""
    client = login("office")
    draft = start(client)
    before = [row["count"] for row in _obligations(client.get("/clauses/"))]
    client.post(f"/clauses/versions/{draft.pk}/enact/", {"on": "2026-12-01", "reason": "党委会审议通过"})
    page = client.get("/clauses/")
    assert page.context["current"] == draft.former()
    assert [row["count"] for row in _obligations(page)] == before
    row = max(_obligations(page), key=lambda row: row["count"])
    assert client.get(row["url"]).context["pager"].total == row["count"] > 50


def _obligations(page) -> list[dict]:
    return [each for row in page.context["rows"] for each in row["obligations"]]


def test_drafts_are_between_office_commission_and_secretary(login):
    draft = start(login("office"), title="还没有公布的办法")
    addresses = [
        f"/clauses/versions/{draft.pk}/{page}" for page in ("", "compare/", "coverage/", "effect/?on=2026-12-01")
    ]
    for who in ("discipline", "secretary"):
        client = login(who)
        assert "还没有公布的办法" in client.get("/clauses/").content.decode()
        for address in addresses:
            page = client.get(address)
            assert page.status_code == 200
            assert 'enact/"' not in page.content.decode()
        assert client.get(f"/clauses/versions/{draft.pk}/edit/").status_code == 403
        assert client.post(f"/clauses/versions/{draft.pk}/enact/", {"on": "2026-12-01"}).status_code == 403
        assert client.post(f"/clauses/obligations/{of(draft, 'problem-list').pk}/remove/").status_code == 403
        assert client.get("/clauses/versions/new/").status_code == 403
    for who in ("member", "liaison", "unit_secretary", "inspector", "outsider", "sysadmin"):
        client = login(who)
        assert "还没有公布的办法" not in client.get("/clauses/").content.decode()
        assert {client.get(address).status_code for address in addresses} == {404}


def test_what_is_in_force_cannot_be_edited_by_any_address(login):
    current = Regulation.objects.newest()
    clause, obligation = current.clauses.get(key="2.1"), of(current, "problem-list")
    client = login("office")
    for address in (
        f"/clauses/versions/{current.pk}/edit/",
        f"/clauses/versions/{current.pk}/discard/",
        f"/clauses/versions/{current.pk}/clauses/new/",
        f"/clauses/{clause.pk}/edit/",
        f"/clauses/{clause.pk}/remove/",
        f"/clauses/{clause.pk}/obligations/new/",
        f"/clauses/obligations/{obligation.pk}/edit/",
        f"/clauses/obligations/{obligation.pk}/remove/",
    ):
        answer = client.post(address, {"title": "改写"})
        assert answer.status_code == 403, address
        assert "不能修改" in answer.content.decode()
    assert "edit/" not in client.get(f"/clauses/versions/{current.pk}/").content.decode()
    body = {"on": "2026-12-01", "reason": "再次施行"}
    answer = client.post(f"/clauses/versions/{current.pk}/enact/", body)
    assert answer.status_code == 400
    assert "不能重复施行" in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title": ""}, "请填写责任要求"),
        ({"acts": []}, "请至少选一种履责方式"),
        ({"times-0-day": "31", "times-0-month": "2"}, "不是每年都有 2 月 31 日"),
        ({"times-0-day": ""}, "月和日都要填写"),
        ({"times-0-month": "13"}, "请填写 1 至 12 的月份"),
        ({"is_open_ended": "on"}, "不设次数（N）的责任要求没有应完成次"),
        ({"bearer": "each_member"}, "责任人角色应选班子成员"),
        ({"helper_names": ["没有这个处"]}, "没有这个处"),
        ({"short_title": "一二三四五六七八九十一二三"}, "12"),
    ],
)
def test_a_bad_obligation_is_told_and_nothing_typed_is_lost(login, typed, said):
    client = login("office")
    draft = start(client)
    obligation = of(draft, "study-sessions")
    address = f"/clauses/obligations/{obligation.pk}/edit/"
    answer = client.post(address, filled(client, address, requirement="刚刚写的条件") | typed)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert said in page
    assert "刚刚写的条件" in page
    assert Obligation.objects.get(pk=obligation.pk).requirement != "刚刚写的条件"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"key": "1.1"}, "该制度已有此条款编号"),
        ({"number": ""}, "请填写条款号"),
        ({"support_path": "/没有/", "support": "页面"}, "系统里没有"),
        ({"support_path": "/meetings/", "support": ""}, "请写明这个页面怎样落实本条"),
    ],
)
def test_a_bad_clause_is_told(login, typed, said):
    client = login("office")
    draft = start(client)
    address = f"/clauses/{draft.clauses.get(key='2.1').pk}/edit/"
    answer = client.post(address, filled(client, address) | typed)
    assert answer.status_code == 400
    assert said in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"on": "明天"}, "请按 2026-11-20 的样式填写日期"),
        ({"on": "2021-11-26"}, "须晚于"),
        ({"on": "2027-05-01"}, "2027 工作年度尚未开启"),
        ({"reason": ""}, "请写明依据"),
        ({"announced": "old"}, "预览之后台账或草稿有了变化"),
    ],
)
def test_a_bad_day_or_reason_is_told(login, typed, said):
    client = login("office")
    draft = start(client)
    body = {"on": "2026-12-01", "reason": "党委会审议通过", "announced": ""} | typed
    answer = client.post(f"/clauses/versions/{draft.pk}/enact/", body)
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert Regulation.objects.get(pk=draft.pk).is_draft


def test_an_unfinished_draft_says_what_is_missing(login):
    client = login("office")
    draft = start(client)
    of(draft, "problem-list").acts.clear()
    for address in (f"/clauses/versions/{draft.pk}/", f"/clauses/versions/{draft.pk}/effect/?on=2026-12-01"):
        page = client.get(address).content.decode()
        assert "二（一）「年度问题清单」没有选履责方式" in page
        assert "enact/" not in page


def test_coverage_names_what_serves_each_clause(login):
    """一（二）: every clause has duties or other support, and one that has neither stands out."""
    current = Regulation.objects.newest()
    client = login("office")
    address = f"/clauses/versions/{current.pk}/coverage/"
    assert address in client.get("/clauses/").content.decode()
    page = client.get(address)
    rows = {row["clause"].key: row for row in page.context["rows"]}
    assert {key for key, row in rows.items() if row["kind"] == "support"} == {"1.1", "1.2", "5"}
    assert rows["3.3.1"]["count"] == Duty.objects.of_year(cast.YEAR).owed().filter(clause__key="3.3.1").count()
    assert "没有责任要求，也没有其他支撑" not in page.content.decode()
    Clause.objects.filter(pk=rows["1.1"]["clause"].pk).update(support="", support_path="")
    page = client.get(f"{address}?show=none")
    assert [row["clause"].key for row in page.context["rows"]] == ["1.1"]
    assert "没有责任要求，也没有其他支撑" in page.content.decode()


@pytest.mark.parametrize("path", ["/clauses/", "/clauses/versions/{pk}/coverage/", "/clauses/versions/{pk}/"])
def test_a_page_of_clauses_costs_the_same_at_few_and_many(login, django_assert_num_queries, path):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    current = Regulation.objects.newest()
    client, path = login("office"), path.format(pk=current.pk)
    client.get(path)
    with CaptureQueriesContext(connection) as few:
        client.get(path)
    for number in range(30):
        clause = Clause.objects.create(
            regulation=current, key=f"9.{number}", number=f"九{number}", summary="一条", rank=99
        )
        Obligation.objects.create(
            clause=clause, code=f"o{number}", title="一项", short_title="一", subject="unit", bearer="each_unit",
            owner_role="unit_secretary",
        )  # fmt: skip
    with django_assert_num_queries(len(few)):
        client.get(path)
