"""线索移送的可见范围: role × list, page, search, counts, export, paper, history, admin; nobody else learns anything (三（二）3, 四（二）)."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile

from accountability.models import Duty, Notice
from supervision.board.indicators import FIGURES, figures_of
from supervision.clues.counts import HIDDEN, NOT_TOLD
from supervision.models import Clue, ClueItem, CluePaper
from supervision.services import clue_items, clues
from tests import acts, cast
from tests.supervision import watching
from tests.supervision.watching import ASKED, DUE, WORDS, admit_to_clues, answer, handed_in, item_of, sent
from tests.test_house import queries

pytestmark = pytest.mark.django_db
NOBODY = [
    "office", "secretary", "member", "liaison", "branch", "inspector", "sysadmin", "secadmin", "auditor", "outsider",
    "other_secretary", "other_liaison",
]  # fmt: skip
HANDED = "报销中发现同一票据多次出现"


@pytest.fixture
def shared(people):
    """One clue sent to 财务处 and 审计处, answered by the latter with a paper; one handed in by our college's secretary."""
    by = admit_to_clues(people)
    clue = sent(by, "财务处", "审计处")
    other = item_of(clue, "审计处")
    answer(other, other.person, files=[SimpleUploadedFile("审计意见.pdf", acts.PDF)])
    return {
        "clue": clue,
        "mine": item_of(clue),
        "other": other,
        "paper": CluePaper.objects.get(),
        "inbound": handed_in(people["unit_secretary"]),
        "by": by,
    }


def pages(shared) -> list[str]:
    clue, mine, other = shared["clue"], shared["mine"], shared["other"]
    return [
        f"/oversight/clues/{clue.pk}/",
        f"/oversight/clues/items/{mine.pk}/",
        f"/oversight/clues/items/{mine.pk}/slip/",
        f"/oversight/clues/items/{other.pk}/",
        f"/oversight/clues/papers/{shared['paper'].pk}/",
        f"/oversight/clues/{shared['inbound'].pk}/",
    ]


@pytest.mark.parametrize("who", NOBODY)
def test_who_has_no_part_in_it_finds_nothing(login, people, shared, who):
    client = login(who)
    for address in pages(shared):
        assert client.get(address).status_code == 404, address
        assert client.post(address).status_code in (404, 405), address
    for verb in ("act", "again", "forward", "open-answers", "close"):
        assert client.post(f"/oversight/clues/{shared['clue'].pk}/{verb}/", {"act": "reopen"}).status_code == 404
    for verb in ("act", "answer"):
        assert client.post(f"/oversight/clues/items/{shared['mine'].pk}/{verb}/", {"text": "x"}).status_code == 404
    assert client.get("/oversight/clues/export/").status_code == 403
    assert client.get("/oversight/clues/counts/").status_code == (200 if who == "secretary" else 403)
    assert not Clue.objects.visible_to(people[who]).exists()
    assert not ClueItem.objects.visible_to(people[who]).exists()
    assert not Notice.objects.filter(recipient=people[who], url__startswith="/oversight/clues/").exists()
    listed = client.get("/oversight/clues/")
    assert listed.status_code == (200 if who == "other_secretary" else 403)
    if listed.status_code == 200:
        assert listed.context["pager"].total == 0


@pytest.mark.parametrize("who", ["discipline", *NOBODY, "unit_secretary", "department"])
def test_no_other_page_tells_of_it(login, people, shared, who):
    """Ledger, records, search, notices of others, hub, board: not a word, not a duty, not a count."""
    assert not Duty.objects.filter(obligation=None, title__contains="移送").exists()
    client = login(who)
    for address in (
        "/", "/ledger/", f"/ledger/?q={ASKED[:8]}", "/records/", f"/records/?q={WORDS[:8]}", "/oversight/", "/research/",
        "/oversight/records/", f"/oversight/records/?q={WORDS[:6]}", "/research/signs/", "/supervision/",
    ):  # fmt: skip
        page = client.get(address)
        if page.status_code == 200:
            text = page.content.decode()
            assert WORDS not in text and HANDED not in text, address
            shown = text.replace(f'value="{ASKED[:8]}"', "").replace(f'value="{WORDS[:8]}"', "")
            assert ASKED not in shown and "移送〔" not in shown, address
    names = set(figures_of(watching.fresh(people[who]), cast.YEAR, cast.TODAY))
    assert ("late_clues" in names) == (who == "discipline")


def test_not_in_the_admin():
    registered = {model.__name__ for model in admin.site._registry}
    assert not registered & {"Clue", "ClueItem", "CluePaper", "Oversight", "SpecialCheck", "RecordEvaluation"}


def test_the_admitted_know_it_whole(login, shared):
    client = login("discipline")
    assert [client.get(address).status_code for address in pages(shared)] == [200] * 6
    page = client.get(f"/oversight/clues/{shared['clue'].pk}/").content.decode()
    assert "职责所在，需要核实" in page, "to whom and why"
    assert client.get("/oversight/clues/").context["pager"].total == 2
    assert client.get(f"/oversight/clues/?q={WORDS[:6]}").context["pager"].total == 1
    assert client.get("/oversight/clues/items/").context["pager"].total == 2
    book = openpyxl.load_workbook(io.BytesIO(client.get("/oversight/clues/export/").content))
    lines = str(list(book.active.iter_rows(values_only=True)))
    assert "移送〔2026〕1号" in lines and WORDS not in lines, "a file travels further than a page"
    assert client.get(f"/oversight/clues/items/{shared['mine'].pk}/slip/").content.startswith(b"%PDF")


def test_who_of_the_commission_is_not_admitted_sees_what_he_was_sent_alone(login, people, shared):
    head = watching.commission_head()
    assert not Clue.objects.visible_to(head).exists() and not ClueItem.objects.visible_to(head).exists()
    post = head.tenures.get(post__role="discipline").post
    clues.forward(
        shared["clue"], by=shared["by"], asked=clues.Asked(post, ASKED, watching.DUE), reason="请纪委书记阅知"
    )
    head = watching.fresh(head)
    assert [item.person for item in ClueItem.objects.visible_to(head)] == [head]
    assert not Clue.objects.visible_to(head).exists()


def test_a_recipient_sees_his_item_alone(login, people, shared):
    client = login("department")
    answers = [client.get(address).status_code for address in pages(shared)]
    assert answers == [404, 200, 200, 404, 404, 404]
    page = client.get(f"/oversight/clues/items/{shared['mine'].pk}/").content.decode()
    assert "审计处" not in page and "办理历史" not in page and shared["clue"].number not in page
    assert client.get("/oversight/clues/").context["pager"].total == 0
    assert client.get("/oversight/clues/items/").context["pager"].total == 1
    assert client.get(f"/oversight/clues/items/?q={ASKED[:6]}").context["pager"].total == 1
    assert client.get("/oversight/clues/export/").status_code == 403
    assert client.get("/oversight/clues/counts/").status_code == 403
    hub = client.get("/oversight/").content.decode()
    assert "线索移送" in hub and "监督信息统计" not in hub
    secretary = cast.organisation("财务处").posts.get(role="unit_secretary").tenures.get().person
    client.force_login(secretary, backend="django.contrib.auth.backends.ModelBackend")
    for address in pages(shared):
        assert client.get(address).status_code == 404, "his own party secretary does not see it"


def test_who_handed_it_in_sees_his_own_alone(login, people, shared):
    client = login("unit_secretary")
    assert [client.get(address).status_code for address in pages(shared)] == [404, 404, 404, 404, 404, 200]
    listed = client.get("/oversight/clues/")
    assert [row.pk for row in listed.context["pager"].page] == [shared["inbound"].pk]
    assert "移送〔" not in listed.content.decode()
    assert login("liaison").get("/oversight/clues/").status_code == 403


def test_nobody_of_the_unit_concerned_sees_it(people):
    """The commission's own office is concerned: its people are out, the commission's head is in."""
    from supervision.services.admissions import admit

    by = admit_to_clues(people)
    clue = handed_in(people["unit_secretary"], organisation=cast.organisation("纪委办公室"))
    assert not Clue.objects.visible_to(by).exists()
    assert not Notice.objects.filter(recipient=by, url=f"/oversight/clues/{clue.pk}/").exists()
    head = watching.commission_head()
    admit(by=people["secretary"], person=head, secret="clue", reason="分管线索工作")
    assert Clue.objects.visible_to(watching.fresh(head)).get() == clue


# ── 数 ───────────────────────────────────────────────────────────────────────────────────────


def test_the_late_ones_are_a_figure_of_the_admitted(login, people, shared, clock):
    from datetime import timedelta

    clock.shift(timedelta(days=30))
    one = FIGURES["late_clues"]
    by = watching.fresh(people["discipline"])
    assert one.may(by) and not one.may(people["secretary"]) and not one.may(people["department"])
    value = one.value(by, cast.YEAR, cast.TODAY + timedelta(days=30))
    client = login("discipline")
    assert value == client.get(one.url(cast.YEAR)).context["pager"].total == 1
    assert "逾期未答复" in client.get(one.url(cast.YEAR)).content.decode()


def told(client) -> dict[str, dict]:
    context = client.get("/oversight/clues/counts/").context
    return {line.label: line for line in [*context["lines"], context["total"]]}


def test_counts_open_their_rows_for_the_admitted(login, people, shared):
    watching.oversight(people["discipline"], source="audit")
    client = login("discipline")
    lines = told(client)
    assert (lines["信访举报"].clues.words, lines["信访举报"].shared.words) == ("1", "2")
    assert lines["信访举报"].answered.words == "1"
    assert (lines["审计监督"].records.words, lines["合计"].clues.words) == ("1", "2")
    for line in lines.values():
        for name in ("records", "clues", "shared", "answered", "late"):
            figure = getattr(line, name)
            if figure.url:
                assert client.get(figure.url).context["pager"].total == int(figure.words), (line.label, name)


def test_the_secretary_is_told_no_small_number_and_none_that_gives_one_away(login, people, shared):
    lines = told(login("secretary"))
    assert {lines["信访举报"].clues.words, lines["审计监督"].clues.words, lines["财会监督"].clues.words} == {HIDDEN}
    assert lines["合计"].clues.words == NOT_TOLD
    for number in range(2):
        sent(shared["by"], "财务处", words=f"第 {number} 件需要协助了解的情况。")
    lines = told(login("secretary"))
    assert (lines["信访举报"].clues.words, lines["信访举报"].clues.url) == ("3", "")
    assert lines["合计"].clues.words == NOT_TOLD, "a total would give the hidden ones away"
    page = login("secretary").get("/oversight/clues/counts/").content.decode()
    assert WORDS not in page and "财务处" not in page and "移送〔" not in page
    assert login("secretary").get("/oversight/clues/").status_code == 403


def test_lists_cost_the_same_at_one_and_at_many(login, people):
    by = admit_to_clues(people)
    addresses = {"discipline": ["/oversight/clues/", "/oversight/clues/items/", "/oversight/clues/counts/"],
                 "department": ["/oversight/clues/items/"], "unit_secretary": ["/oversight/clues/"]}  # fmt: skip

    def costs() -> dict:
        return {who: [queries(login(who), one) for one in listed] for who, listed in addresses.items()}

    sent(by, "财务处", "审计处")
    handed_in(people["unit_secretary"])
    few = costs()
    for number in range(5):
        sent(by, "财务处", "审计处", words=f"第 {number} 件需要协助了解的情况。")
        handed_in(people["unit_secretary"], words=f"第 {number} 件建议纪委了解的情况。")
    assert costs() == few


def test_odd_addresses_fall_over_nowhere(login, people, shared):
    client = login("discipline")
    for query in ("?view=x", "?q=\x00", "?year=99999", "?source=x&category=x&unit=x", "?page=x", "?unit=" + "9" * 30):
        for page in ("", "items/", "counts/", "export/"):
            assert client.get(f"/oversight/clues/{page}{query}").status_code == 200, (page, query)
    assert clue_items.remind(DUE - timedelta(days=8)) == 1
