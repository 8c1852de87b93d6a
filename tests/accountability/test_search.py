"""全局搜索: every kind is found, whole lists agree, and nobody finds what he may not see."""

import re
from datetime import date
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability import search as engine
from accountability.models import ActKind, Duty
from accountability.search import COUNTED, TOLD, Query, search, tidy
from accountability.services import documents
from accountability.services.duties import assign
from accountability.templatetags.search import highlighted
from meetings.services.recording import record_meeting
from tests import acts, cast, letters
from tests.inspections import research
from tests.inspections.risk_points import point_of
from tests.inspections.rounds import fed_back, finding_of

pytestmark = pytest.mark.django_db
WORD = "玄武岩"
KINDS = {
    "duties", "records", "meetings", "documents", "findings", "risks", "visits", "signs", "topics", "requirements",
    "rules", "organisations", "people", "clauses",
}  # fmt: skip


def found(user, words: str, year: int = cast.YEAR) -> dict[str, engine.Result]:
    return {result.source.name: result for result in search(Query(user, words, year, cast.TODAY))}


def addresses(answer) -> set[str]:
    """Where the hits on a page of results lead."""
    return set(re.findall(r'<a class="title" href="([^"]+)"', answer.content.decode()))


def strewn(people, unit: str) -> None:
    """The word in the middle of one thing of each kind, all of this unit."""
    ours, at = cast.organisation(unit), unit == cast.OURS
    head, liaison = (
        people[who] for who in (("unit_secretary", "liaison") if at else ("other_secretary", "other_liaison"))
    )
    owner = ours.posts.get(role="unit_secretary")
    assign(
        title=f"核对{WORD}台账", organisation=ours, owner=owner, work_year=cast.YEAR, due_on=date(2026, 12, 9), by=head
    )
    acts.record(
        liaison, ours, "half-year-report", title="半年报告", content=f"前面的话。采购{WORD}石料十吨。后面的话。"
    )
    record_meeting(
        by=liaison,
        organisation=ours,
        act=ActKind.objects.get(code="unit-special-meeting"),
        work_year=cast.YEAR,
        title="专题会议",
        happened_on=date(2026, 11, 2),
        chaired_by="主持人",
        minutes=f"会议研究{WORD}的验收。",
    )
    document = letters.draft(
        head, "duty-report", organisation=ours, text=f"一、情况\n{WORD}已验收。\n二、措施\n十二月完成。"
    )
    documents.perform(document, "submit", by=head)
    finding = finding_of(fed_back(people["discipline"], name=f"{unit}巡察"), unit)
    finding.text = f"{WORD}采购没有比价"
    finding.save()
    point_of(head, ours, text=f"{WORD}验收不严")
    research.visit(people["office"], unit, post=research.post_of("纪委书记"), place=f"{WORD}实验室")
    sign = research.sign(people["discipline"], unit, text=f"{WORD}长期堆放没有人管。")
    topic = research.concluded(people["discipline"], people["secretary"], sign, title=f"{WORD}管理问题")
    asked = research.required(topic, people["discipline"], unit, title=f"清点{WORD}")
    research.rule(people["discipline"], unit, title=f"{WORD}管理办法", requirement=asked)


# ── found ────────────────────────────────────────────────────────────────────────────────────


def test_every_kind_is_registered(people):
    assert {source.name for source in engine.sources_for(people["discipline"])} >= KINDS


def test_the_middle_of_every_kind_is_found_and_each_list_agrees(login, people):
    strewn(people, cast.OURS)
    client = login("discipline")
    results = found(people["discipline"], WORD[1:])
    assert set(results) == KINDS - {"organisations", "people", "clauses"}
    for name, result in results.items():
        page = client.get(result.url)
        assert page.status_code == 200, name
        assert page.context["pager"].total == result.count, name
        for hit in result.hits:
            assert client.get(hit.url).status_code == 200, (name, hit)


def test_organisations_people_and_clauses(login, people):
    client = login("discipline")
    assert found(people["discipline"], "计学院第一")["organisations"].hits[0].title == f"{cast.OURS}第一党支部"
    hit = found(people["discipline"], "若愚")["people"].hits[0]
    assert (hit.title, "会计学院党委书记" in hit.meta) == ("沈若愚", True)
    assert "警示教育大会" in found(people["discipline"], "警示教育大会")["clauses"].hits[0].title
    for words, name, text in (("计学院第一", "organisations", "第一党支部"), ("若愚", "people", "沈若愚")):
        page = client.get(found(people["discipline"], words)[name].url).content.decode()
        assert text in page
    clauses = found(people["discipline"], "三（一）")["clauses"]
    assert len(client.get(clauses.url).context["rows"]) == clauses.count


def test_the_words_around_stand_out(login, people):
    strewn(people, cast.OURS)
    page = login("discipline").get(f"/search/?q={WORD}").content.decode()
    assert f"采购<mark>{WORD}</mark>石料十吨" in page
    assert f"<mark>{WORD}</mark>已验收" in page


def test_a_long_text_is_cut_around_the_place(people):
    acts.record(
        people["unit_secretary"], cast.organisation(cast.OURS), "hearing", content=f"{'前' * 900}{WORD}{'后' * 900}"
    )
    around = found(people["discipline"], WORD)["records"].hits[0].around
    assert WORD in around and len(around) < 100


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("<b>甲</b>乙", "<b>", "<mark>&lt;b&gt;</mark>甲&lt;/b&gt;乙"),
        ("ABC abc", "ab", "<mark>AB</mark>C <mark>ab</mark>c"),
        ("a.b*c", ".b*", "a<mark>.b*</mark>c"),
        ("甲", "", "甲"),
        (None, "甲", ""),
    ],
)
def test_highlights_are_escaped(text, words, shown):
    assert highlighted(text, words) == shown


def test_counts_are_capped(people):
    ours = cast.organisation(cast.OURS)
    owner = ours.posts.get(role="unit_secretary")
    for number in range(COUNTED + 3):
        assign(
            title=f"{WORD}{number}",
            organisation=ours,
            owner=owner,
            work_year=cast.YEAR,
            due_on=date(2026, 12, 9),
            by=owner.tenures.get().person,
        )
    result = found(people["discipline"], WORD)["duties"]
    assert (len(result.hits), result.count, result.count_words) == (TOLD, COUNTED + 1, f"{COUNTED} 以上")


def test_another_year_is_another_search(login, people):
    strewn(people, cast.OURS)
    assert "records" not in found(people["discipline"], WORD, 2025)
    assert "findings" in found(people["discipline"], WORD, 2025), "a round is not of one year"


# ── and not found ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", [part.username for part in cast.PARTS])
def test_nobody_finds_what_he_may_not_open(login, people, who):
    """Each hit opens; who has nothing to do with the other college finds nothing of it but what every list shows him."""
    strewn(people, cast.THEIRS)
    client = login(who)
    page = client.get(f"/search/?q={WORD}")
    assert page.status_code == 200
    for url in addresses(page):
        assert client.get(unescape(url)).status_code == 200, (who, url)
    results = page.context["results"]
    for result in results:
        assert client.get(result.url).context["pager"].total == result.count, (who, result.source.name)
    kinds = {result.source.name for result in results}
    if who in (
        "unit_secretary",
        "liaison",
        "branch",
        "department",
        "inspector",
        "sysadmin",
        "secadmin",
        "auditor",
        "outsider",
    ):
        assert kinds == set(), who
        assert WORD not in page.content.decode().replace(f'value="{WORD}"', ""), who
    if who == "other_liaison":
        assert kinds == {
            "duties",
            "records",
            "meetings",
            "documents",
            "findings",
            "risks",
            "visits",
            "requirements",
            "rules",
        }
    if who == "discipline":
        assert kinds == KINDS - {"organisations", "people", "clauses"}


@pytest.mark.parametrize("who", [part.username for part in cast.PARTS])
def test_people_and_organisations_are_those_of_the_organisation_pages(login, people, who):
    client = login(who)
    page = client.get("/search/?q=法学院")
    for url in addresses(page):
        assert client.get(unescape(url)).status_code == 200, (who, url)
    named = {result.source.name for result in client.get("/search/?q=骆喆").context["results"]}
    sees = who in ("office", "discipline", "secretary", "other_secretary", "other_liaison")
    assert ("people" in named) is sees


def test_what_was_learned_on_a_visit_is_not_found_by_the_unit(people):
    research.visit(people["office"], cast.OURS, post=research.post_of("纪委书记"), learned=f"有人反映{WORD}。")
    assert found(people["liaison"], WORD) == {}
    assert "records" in found(people["discipline"], WORD)


def test_a_confidential_item_is_not_found(people):
    """限知事项 of a meeting everybody on the list sees."""
    from meetings.services import planning

    meeting = planning.plan_meeting(
        by=people["office"],
        organisation=cast.organisation("学校党委"),
        act=ActKind.objects.get(code="committee-meeting"),
        work_year=cast.YEAR,
        title="党委会议",
        day=date(2026, 12, 2),
        trigger="通知",
    )
    planning.add_item(meeting, by=people["office"], title=f"研究{WORD}一案", is_confidential=True)
    for who in ("discipline", "member", "office"):
        assert found(people[who], WORD) == {}, who


@pytest.mark.parametrize(
    ("words", "count"), [("100%达标", 1), ("0%", 1), ("甲_乙", 1), ("_", 0), ("%%", 0), ("a\\b", 1), ("甲x乙", 0)]
)
def test_signs_of_the_database_are_signs_like_any(people, words, count):
    acts.record(
        people["unit_secretary"], cast.organisation(cast.OURS), "hearing", content="完成率100%达标，甲_乙，a\\b"
    )
    assert found(people["discipline"], words).get("records", engine.Result(None, "")).count == count


@pytest.mark.parametrize(
    "words",
    [
        "%00",
        "%00%00甲",
        "甲",
        "",
        "   ",
        "'; DROP TABLE",
        "甲" * 500,
        "%F0%9F%98%80%F0%9F%98%80",
        "%E2%80%8B%E2%80%8B",
        "((((",
        "\\",
        "%0A%0A甲乙",
        "&year=x",
        "&year=99999",
    ],
)
def test_odd_words_are_no_error(login, people, words):
    assert login("office").get(f"/search/?q={words}").status_code == 200


def test_a_single_character_asks_for_more(login, people):
    page = login("office").get("/search/?q=甲")
    assert page.context["results"] == []
    assert "至少两个字" in page.content.decode()
    assert tidy(" 甲\x00\u200b \n 乙 ") == "甲 乙"


def test_the_box_is_on_every_page_and_works_without_a_script(login, people):
    page = login("liaison").get("/ledger/").content.decode()
    assert '<form class="search" role="search" action="/search/">' in page
    assert "全站搜索" in page


# ── what it costs ────────────────────────────────────────────────────────────────────────────


def test_one_query_a_kind_and_the_frame(login, people):
    client = login("discipline")

    def cost(words: str) -> int:
        client.get(f"/search/?q={words}")
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/search/?q={words}")
        return len(captured)

    frame = cost("甲")
    nothing = cost("没有这样的词")
    assert nothing - frame <= len(engine.sources_for(people["discipline"])) + 1, "known letters are read once"
    strewn(people, cast.OURS)
    few = cost(WORD)
    for day in range(1, 20):
        acts.record(
            people["unit_secretary"],
            cast.organisation(cast.OURS),
            "hearing",
            on=date(2026, 9, day),
            title=f"{WORD}{day}",
        )
    point_of(people["other_secretary"], cast.organisation(cast.THEIRS), text=f"{WORD}不严")
    assert cost(WORD) == few
    assert Duty.objects.exists()
