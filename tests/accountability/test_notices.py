"""通知: one's own, unread first; GET marks nothing, the buttons do."""

import pytest

from accountability.models import Notice
from accountability.services.notices import notify


@pytest.fixture
def notices(people) -> list[Notice]:
    for number in range(3):
        notify([people["liaison"]], kind=Notice.Kind.RETURNED, title=f"通知 {number}", url=f"/records/{number + 1}/")
    notify([people["other_liaison"]], kind=Notice.Kind.RETURNED, title="别人的")
    rows = list(Notice.objects.filter(recipient=people["liaison"]).order_by("pk"))
    Notice.objects.filter(pk=rows[2].pk).update(read_at=rows[2].created_at)
    return rows


def titles(page) -> list[str]:
    return [notice.title for notice in page.context["pager"].page]


def unread() -> set[str]:
    return set(Notice.objects.unread().values_list("title", flat=True))


def test_ones_own_unread_first(login, notices):
    page = login("liaison").get("/notices/")
    assert titles(page) == ["通知 1", "通知 0", "通知 2"]
    assert "别人的" not in page.content.decode()
    assert "2 条未读" in page.content.decode()


def test_only_unread(login, notices):
    assert titles(login("liaison").get("/notices/?view=unread")) == ["通知 1", "通知 0"]


def test_each_opens_its_subject_and_reading_marks_nothing(login, notices):
    page = login("liaison").get("/notices/").content.decode()
    assert 'href="/records/1/"' in page
    assert unread() == {"通知 0", "通知 1", "别人的"}


def test_mark_one_and_come_back_to_the_same_list(login, notices):
    answer = login("liaison").post(f"/notices/{notices[0].pk}/read/?view=unread&page=1")
    assert answer["Location"] == "/notices/?view=unread&page=1"
    assert unread() == {"通知 1", "别人的"}


def test_the_way_back_never_leads_elsewhere(login, notices):
    answer = login("liaison").post(f"/notices/{notices[0].pk}/read/?next=https://example.com&page=//example.com")
    assert answer["Location"].startswith("/notices/?page=%2F%2F")


def test_mark_all_marks_ones_own(login, notices):
    page = login("liaison").post("/notices/read/", follow=True).content.decode()
    assert "已将 2 条通知标为已读" in page
    assert "全部标为已读" not in page
    assert unread() == {"别人的"}


def test_those_of_others_do_not_exist(login, notices):
    theirs = Notice.objects.get(title="别人的")
    assert login("liaison").post(f"/notices/{theirs.pk}/read/").status_code == 404
    assert theirs.title in unread()


def test_get_marks_nothing(login, notices):
    client = login("liaison")
    assert client.get("/notices/read/").status_code == 405
    assert client.get(f"/notices/{notices[0].pk}/read/").status_code == 405


def test_thirty_to_a_page(login, people):
    for number in range(31):
        notify([people["liaison"]], kind=Notice.Kind.RETURNED, title=f"通知 {number}")
    client = login("liaison")
    assert len(titles(client.get("/notices/"))) == 30
    assert titles(client.get("/notices/?page=2")) == ["通知 0"]
    assert client.get("/notices/?page=九&view=x").status_code == 200


@pytest.mark.parametrize(("view", "words"), [("all", "还没有通知"), ("unread", "没有未读通知")])
def test_nothing_yet(login, view, words):
    assert words in login("outsider").get(f"/notices/?view={view}").content.decode()
