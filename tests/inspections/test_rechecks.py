"""销号抽查: the same seed draws the same, a fourth person looks, a false closing shows and is counted (三（四）1)."""

from datetime import date
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accountability.models import Notice
from accountability.models.history import save_as
from inspections import false_closures
from inspections.false_closures import ItemFilter
from inspections.models import Finding, Recheck, RecheckItem, RoundMember
from inspections.sampling import Candidate, draw
from inspections.services import rechecks as verbs
from supervision.report.figures import take
from supervision.report.scope import Scope
from tests import acts, cast
from tests.inspections.rounds import fed_back, finding_of, inspection_officer

pytestmark = pytest.mark.django_db
WORDS = "现场查看制度汇编和近三个月报销单据，均按新办法执行。"
FRAME = [
    *(Candidate(f"2026-1-{number:02d}", "会计学院", number % 4 == 0) for number in range(1, 13)),
    *(Candidate(f"2026-1-{number:02d}", "法学院", number == 14) for number in range(13, 17)),
    Candidate("2026-1-17", "财务处"),
    Candidate("2026-2-01", "图书馆", True),
]

# Worked out once and kept: see the rule in inspections/sampling.py.
EXPECTED = ["2026-1-10", "2026-2-01", "2026-1-07", "2026-1-08", "2026-1-13", "2026-1-17"]


def closed(finding: Finding, people, *, verified_by=None, on: date = cast.TODAY) -> Finding:
    """Closed by three, without the way there."""
    finding.state, finding.closed_on, finding.closed_in_time = Finding.State.CLOSED, on, True
    finding.applied_by, finding.reviewed_by = people["liaison"], people["unit_secretary"]
    finding.verified_by = verified_by or inspection_officer()
    save_as(finding, by=finding.verified_by, reason="核验销号")
    return finding


def a_round_with(people, *, ours: int = 3, theirs: int = 1):
    row = fed_back(people["discipline"])
    for unit, count in ((cast.OURS, ours), (cast.THEIRS, theirs)):
        for _ in range(count):
            closed(finding_of(row, unit), people)
    return row


def drawn(people, *, size: int = 2, seed: str = "20261123", **units) -> Recheck:
    return verbs.draw_recheck(by=people["discipline"], size=size, seed=seed, round=a_round_with(people, **units))


def item_of(recheck: Recheck, unit: str = cast.OURS) -> RecheckItem:
    return recheck.items.filter(finding__organisation__name=unit).first()


def record(item: RecheckItem, by, result: str = "real", **more) -> RecheckItem:
    fields = {"words": WORDS, "checked_on": cast.TODAY, "place": "会计学院二楼", "requirement": ""} | more
    return verbs.record_result(item, by=by, result=result, **fields)


# ── the draw ─────────────────────────────────────────────────────────────────────────────────


def test_the_same_seed_draws_the_same_for_ever():
    """These numbers hold on every Python and every database; a change of the rule would break every draw ever kept."""
    assert draw(FRAME, 6, "20261123") == EXPECTED
    assert draw(reversed(FRAME), 6, "20261123") == EXPECTED
    assert draw(FRAME, 6, "20261124") != EXPECTED


@pytest.mark.parametrize("seed", ["甲", "20261123", "🎲", " "])
def test_every_unit_before_any_twice_as_far_as_the_size_allows(seed):
    units = {candidate.number: candidate.unit for candidate in FRAME}
    for size in range(1, len(FRAME) + 3):
        numbers = draw(FRAME, size, seed)
        assert len(numbers) == len(set(numbers)) == min(size, len(FRAME))
        of = [units[number] for number in numbers]
        assert len(set(of)) == min(size, 4)


def test_places_follow_the_tickets_and_focus_weighs_more():
    of = [draw(FRAME, 7, f"{seed}") for seed in range(300)]
    ours = {sum(number < "2026-1-13" for number in numbers) for numbers in of}
    assert ours == {4}, "15 of 23 tickets: with one for each, four of seven places"
    focus, other = (sum(number in numbers for numbers in of) for number in ("2026-1-04", "2026-1-05"))
    assert focus > 1.4 * other


def test_nothing_to_draw_from_draws_nothing():
    assert draw([], 5, "甲") == []


def test_the_draw_keeps_its_frame_and_repeats(people):
    recheck = drawn(people, size=3, ours=4, theirs=2)
    assert {row["unit"] for row in recheck.frame} == {cast.OURS, cast.THEIRS}
    assert len(recheck.frame) == 6
    kept = [item.finding.number for item in recheck.items.order_by("rank").select_related("finding__round")]
    assert kept == recheck.redraw() == Recheck.objects.get().redraw()
    assert {item.finding.organisation.name for item in recheck.items.all()} == {cast.OURS, cast.THEIRS}
    assert RecheckItem.history.filter(history_type="+").count() == 3
    closed(finding_of(recheck.round), people)
    assert Recheck.objects.get().redraw() == kept, "what is closed later does not change what was drawn"


def test_a_seed_is_made_and_shown_where_none_is_given(login, people):
    row = a_round_with(people)
    client = login("discipline")
    client.post("/inspections/rechecks/new/", {"round": row.pk, "size": 2})
    recheck = Recheck.objects.get()
    assert len(recheck.seed) == 12
    assert recheck.seed in client.get(f"/inspections/rechecks/{recheck.pk}/").content.decode()
    page = client.get(f"/inspections/rechecks/{recheck.pk}/draw/").content.decode()
    assert "复算一致" in page
    drawn_before = recheck.redraw()
    for number in range(20):  # of two seeds both may draw the same
        Recheck.objects.update(seed=f"改过的种子{number}")
        if Recheck.objects.get().redraw() != drawn_before:
            break
    assert "复算不一致" in client.get(f"/inspections/rechecks/{recheck.pk}/draw/").content.decode()


def test_what_runs_or_was_reopened_is_not_drawn_again(people):
    recheck = drawn(people, size=2, ours=2, theirs=1)
    again = verbs.draw_recheck(by=people["discipline"], size=9, round=recheck.round)
    assert again.items.count() == 1
    with pytest.raises(ValidationError, match="没有可抽的问题"):
        verbs.draw_recheck(by=people["discipline"], size=9, round=recheck.round)


def test_a_period_takes_every_round(people):
    for on in (date(2026, 6, 1), date(2026, 9, 1)):
        closed(finding_of(fed_back(people["discipline"], name=f"{on}")), people, on=on)
    row = verbs.draw_recheck(
        by=people["discipline"], size=9, closed_from=date(2026, 8, 1), closed_until=date(2026, 9, 30)
    )
    assert [item.finding.closed_on for item in row.items.all()] == [date(2026, 9, 1)]
    with pytest.raises(ValidationError):
        verbs.draw_recheck(by=people["discipline"], size=9)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"size": ""}, "请填写抽查数量"),
        ({"size": "0"}, "至少抽查 1 个"),
        ({"size": "9" * 30}, "一次最多抽查"),
        ({"round": "99999999"}, "请从列表中选择轮次"),
        ({"round": ""}, "请选择一个轮次"),
        ({"closed_from": "2026-01-01"}, "已选轮次"),
        ({"round": "", "closed_from": "2026-09-01", "closed_until": "2026-08-01"}, "不能早于"),
        ({"seed": "机密★一年"}, "密级标志"),
    ],
)
def test_a_bad_draw_is_refused_with_what_was_typed(login, people, sent, said):
    row = a_round_with(people, ours=1)
    answer = login("discipline").post("/inspections/rechecks/new/", {"round": row.pk, "size": "2"} | sent)
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not Recheck.objects.exists()


def test_only_the_commission_and_the_inspection_office_draw(login, people):
    row = a_round_with(people, ours=1)
    for who in ("office", "secretary", "unit_secretary", "inspector", "outsider"):
        with pytest.raises(PermissionDenied):
            verbs.draw_recheck(by=people[who], size=1, round=row)
        assert login(who).get("/inspections/rechecks/new/").status_code == 403


# ── on the spot ──────────────────────────────────────────────────────────────────────────────


def test_none_of_the_three_looks_at_his_own_closing(people):
    """The commission closed this one: here its own officer is the third of three."""
    row = fed_back(people["discipline"])
    closed(finding_of(row), people, verified_by=people["discipline"])
    item = item_of(verbs.draw_recheck(by=people["discipline"], size=1, round=row))
    with pytest.raises(PermissionDenied, match="不能核查"):
        record(item, people["discipline"])
    with pytest.raises(ValidationError, match="不能核查"):
        verbs.name_checker(item, by=people["discipline"], person=people["liaison"])
    for name in ("checked_by", "checker"):
        for one in item.three:
            with pytest.raises(IntegrityError), transaction.atomic():
                RecheckItem.objects.filter(pk=item.pk).update(
                    **{name: one},
                    **({} if name == "checker" else RESULT),
                )
    assert record(item, inspection_officer()).result == "real"


RESULT = {
    "result": "real",
    "words": WORDS,
    "place": "现场",
    "checked_on": cast.TODAY,
    "checked_at": "2026-11-23T08:00Z",
}


def test_who_serves_in_the_unit_keeps_away(people):
    item = item_of(drawn(people))
    with pytest.raises(ValidationError, match="回避"):
        verbs.name_checker(item, by=people["discipline"], person=people["branch"])


def test_the_database_wants_a_whole_result(people):
    item = item_of(drawn(people))
    for fields in ({"result": "real"}, {**RESULT, "checked_by": people["office"], "words": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            RecheckItem.objects.filter(pk=item.pk).update(**fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        fields = {**RESULT, "result": "partial", "checked_by": people["office"]}
        RecheckItem.objects.filter(pk=item.pk).update(**fields)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"result": ""}, "请选择核查结果"),
        ({"result": "maybe"}, "请选择核查结果"),
        ({"words": "看了"}, "至少 10 个字"),
        ({"place": " "}, "请填写核查地点"),
        ({"checked_on": "2026-11-24"}, "不能晚于今天"),
        ({"checked_on": "2026-11-22"}, "不能早于抽取的"),
        ({"checked_on": "0001-01-01"}, "不在 2000 至 2100"),
        ({"result": "partial"}, "请写明整改要求"),
    ],
)
def test_a_result_is_told_in_words(login, people, sent, said):
    item = item_of(drawn(people))
    data = {"result": "real", "words": WORDS, "checked_on": "2026-11-23", "place": "二楼", "requirement": ""}
    answer = login("discipline").post(f"/inspections/rechecks/items/{item.pk}/record/", data | sent)
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert (data | sent)["words"] in answer.content.decode(), "nothing typed is lost"


def test_a_photo_is_kept_and_seen_by_whoever_sees_the_result(login, people):
    item = item_of(drawn(people, ours=1))
    photo = SimpleUploadedFile("现场.pdf", acts.PDF)
    data = {
        "result": "partial",
        "words": WORDS,
        "checked_on": "2026-11-23",
        "place": "二楼",
        "requirement": "补齐十月单据",
        "files": photo,
    }
    assert login("discipline").post(f"/inspections/rechecks/items/{item.pk}/record/", data).status_code == 302
    address = f"/inspections/rechecks/papers/{item.papers.get().pk}/"
    assert login("unit_secretary").get(address).content == acts.PDF
    assert login("other_secretary").get(address).status_code == 404
    assert "补齐十月单据" in login("unit_secretary").get(f"/inspections/findings/{item.finding_id}/").content.decode()


def test_a_named_person_sees_that_finding_alone_while_it_runs(login, people):
    recheck = drawn(people, size=4)
    item, other = item_of(recheck), item_of(recheck, cast.THEIRS)
    checker = people["outsider"]
    assert not Finding.objects.visible_to(checker).exists()
    verbs.name_checker(item, by=people["discipline"], person=checker)
    assert Notice.objects.filter(recipient=checker, title__startswith="请现场核查").exists()
    assert list(Finding.objects.visible_to(checker)) == [item.finding]
    assert list(RecheckItem.objects.visible_to(checker)) == [item]
    client = login("outsider")
    for path in (f"findings/{item.finding_id}", f"rechecks/items/{item.pk}", f"rechecks/{recheck.pk}"):
        assert client.get(f"/inspections/{path}/").status_code == 200
    page = client.get(f"/inspections/rechecks/{recheck.pk}/").content.decode()
    assert other.finding.number not in page
    assert client.get(f"/inspections/rechecks/{recheck.pk}/draw/").status_code == 403
    sheet = load_workbook(BytesIO(client.get(f"/inspections/rechecks/{recheck.pk}/export/").content)).active
    assert sheet.max_row == 4
    for path in (f"findings/{other.finding_id}", f"rechecks/items/{other.pk}", f"{recheck.round_id}"):
        assert client.get(f"/inspections/{path}/").status_code == 404
    record(item, checker)
    verbs.conclude(recheck, by=people["discipline"], reason="其余问题所在校区封闭施工，下月补查。")
    assert not Finding.objects.visible_to(checker).exists()
    assert not RecheckItem.objects.visible_to(checker).exists()
    assert client.get(f"/inspections/rechecks/{recheck.pk}/").status_code == 404


def test_a_unit_sees_its_own_result_once_it_is_there(login, people):
    recheck = drawn(people, size=4)
    item = item_of(recheck)
    page, address = f"/inspections/findings/{item.finding_id}/", f"/inspections/rechecks/items/{item.pk}/"
    unit = login("unit_secretary")
    assert "销号抽查" not in unit.get(page).content.decode()
    assert unit.get(address).status_code == 404
    record(item, people["discipline"])
    unit = login("unit_secretary")
    assert "销号抽查" in unit.get(page).content.decode()
    assert WORDS in unit.get(address).content.decode()
    assert unit.get(f"/inspections/rechecks/{recheck.pk}/").status_code == 404
    assert Notice.objects.filter(recipient=people["unit_secretary"], title__startswith="销号抽查属实").exists()
    assert login("other_secretary").get(address).status_code == 404
    assert login("other_secretary").get("/inspections/rechecks/results/").context["pager"].total == 0


def test_a_team_sees_results_of_its_round_alone(people):
    recheck = drawn(people, size=4)
    item = record(item_of(recheck), people["discipline"])
    inspector = people["inspector"]
    another = fed_back(people["discipline"], name="另一轮")
    member = RoundMember(round=another, person=inspector, from_on=date(2026, 1, 1), until_on=date(2026, 12, 31))
    save_as(member, by=people["discipline"], reason="列入")
    assert not RecheckItem.objects.visible_to(inspector).exists()
    member.round = recheck.round
    save_as(member, by=people["discipline"], reason="调组")
    assert list(RecheckItem.objects.visible_to(inspector)) == [item]


def test_a_wrong_entry_is_taken_back_and_stays_in_the_history(people):
    item = record(item_of(drawn(people)), people["discipline"], "false")
    with pytest.raises(ValidationError, match="至少 10 个字"):
        verbs.take_back(item, by=people["discipline"], reason="错了")
    verbs.take_back(item, by=people["discipline"], reason="登记时看错了编号，重新登记。")
    assert record(item, people["discipline"]).result == "real"
    assert RecheckItem.history.filter(id=item.pk, result="false").exists()


def test_concluding_asks_why_something_was_not_looked_at(login, people):
    recheck = drawn(people, size=2)
    client = login("discipline")
    address = f"/inspections/rechecks/{recheck.pk}/act/"
    assert "还有 2 个问题没有核查" in client.post(address, {"reason": ""}).content.decode()
    for item in recheck.items.all():
        record(item, people["discipline"])
    assert client.post(address, {}).status_code == 302
    recheck.refresh_from_db()
    assert (recheck.state, recheck.unchecked_reason) == ("concluded", "")
    with pytest.raises(ValidationError, match="已办结"):
        record(item_of(recheck), people["discipline"])
    assert login("secretary").get(f"/inspections/rechecks/{recheck.pk}/draw/").status_code == 200


# ── false closings ───────────────────────────────────────────────────────────────────────────


def test_a_false_closing_is_reopened_and_the_old_row_stays_true(login, people):
    item = record(item_of(drawn(people)), people["discipline"], "false")
    client = login("discipline")
    address = f"/inspections/rechecks/items/{item.pk}/"
    assert "反弹重新立账" in client.get(address).content.decode()
    answer = client.post(f"{address}reopen/", {"reason": "现场没有看到印发的办法，单据仍按旧规定报销。"})
    assert answer.status_code == 302
    old = Finding.objects.get(pk=item.finding_id)
    assert (old.state, old.closed_in_time, old.successor.turn) == ("closed", True, 2)
    page = client.get(f"/inspections/findings/{old.pk}/").content.decode()
    assert "虚假销号" in page
    assert old.successor.number in page
    assert (
        client.post(f"{address}reopen/", {"reason": "现场没有看到印发的办法，单据仍按旧规定报销。"}).status_code == 400
    )
    with pytest.raises(ValidationError, match="不能撤回"):
        verbs.take_back(item, by=people["discipline"], reason="登记时看错了编号，重新登记。")


def test_only_a_false_one_is_reopened_from_here_and_only_by_who_manages(login, people):
    item = record(item_of(drawn(people)), people["discipline"])
    with pytest.raises(ValidationError, match="虚假销号"):
        verbs.reopen(item, by=people["discipline"], reason="现场没有看到印发的办法，单据仍按旧规定报销。")
    assert (
        login("unit_secretary")
        .post(f"/inspections/rechecks/items/{item.pk}/reopen/", {"reason": "十个字以上的原因说明"})
        .status_code
        == 400
    )


def test_the_rate_and_its_rows_agree(login, people):
    recheck = drawn(people, size=4, ours=3, theirs=1)
    ours = list(recheck.items.filter(finding__organisation__name=cast.OURS))
    for item, result in zip(ours, ("false", "real", "real"), strict=True):
        record(item, people["discipline"], result)
    record(item_of(recheck, cast.THEIRS), people["discipline"], "partial", requirement="补齐十月单据")
    items = RecheckItem.objects.visible_to(people["discipline"])
    whole = false_closures.rate(items)
    assert (whole.false, whole.checked, whole.words) == (1, 4, "25.0%")
    for one in (whole, *false_closures.by_unit(items), *false_closures.by_round(items)):
        assert one.rows(items).count() == one.checked
        assert one.false_rows(items).count() == one.false
        client = login("discipline")
        assert client.get(one.checked_url).context["pager"].total == one.checked
        assert client.get(one.false_url).context["pager"].total == one.false
    assert {(one.label, one.words) for one in false_closures.by_unit(items)} == {
        (cast.OURS, "33.3%"),
        (cast.THEIRS, "0.0%"),
    }
    unit = RecheckItem.objects.visible_to(people["unit_secretary"])
    assert false_closures.rate(unit).checked == 3, "a unit's figure counts its own"
    assert false_closures.rate(RecheckItem.objects.none()).words == "—"
    assert false_closures.rate(items, ItemFilter(year=2025)).checked == 0


def test_the_annual_report_tells_the_rate_from_the_same_rows(login, people):
    def told() -> dict[str, dict]:
        figures = take(Scope.school(), cast.YEAR, cast.TODAY).figures["figures"].values()
        return {each["label"]: each for each in figures if "销号" in each["label"] or "假" in each["label"]}

    recheck = drawn(people, size=4, ours=3, theirs=1)
    record(item_of(recheck), people["discipline"], "false")
    record(item_of(recheck, cast.THEIRS), people["discipline"], "real")
    client = login("secretary")
    items = [each for each in told().values() if each["model"] == "recheck_item"]
    assert sorted(each["value"] for each in items) == [1, 2]
    for figure in items:
        assert {row.pk for row in client.get(figure["url"]).context["pager"].page} == set(figure["ids"])
    assert "50.0%" in {each["value"] for each in told().values() if each["model"] == "rate"}


@pytest.mark.parametrize(
    "query", ["round=x&unit=9999999999&result=no&year=1", "unit=%00&round=-1", "result=%00", "year=99999"]
)
def test_odd_addresses_show_everything(login, people, query):
    record(item_of(drawn(people)), people["discipline"])
    assert login("discipline").get(f"/inspections/rechecks/results/?{query}").context["pager"].total == 1


def test_the_sheets(login, people):
    recheck = drawn(people, size=2)
    item = record(item_of(recheck), people["discipline"], words="=1+1 现场查看制度汇编和单据。")
    client = login("discipline")
    blank = load_workbook(BytesIO(client.get(f"/inspections/rechecks/{recheck.pk}/export/").content)).active
    filled = load_workbook(BytesIO(client.get(f"/inspections/rechecks/{recheck.pk}/export/?filled=1").content)).active
    row = next(row for row in filled.iter_rows(min_row=4) if row[1].value == item.finding.number)
    assert (row[6].value, row[7].value, row[7].data_type) == ("属实", "=1+1 现场查看制度汇编和单据。", "s")
    assert all(not row[6].value for row in blank.iter_rows(min_row=4))
    assert recheck.seed in blank["A2"].value


def test_the_lists_cost_the_same_at_one_row_and_at_many(login, people):
    recheck = drawn(people, size=9, ours=1, theirs=0)
    paths = ("/inspections/rechecks/", "/inspections/rechecks/results/", f"/inspections/rechecks/{recheck.pk}/")
    client = login("discipline")
    record(recheck.items.get(), people["discipline"])

    def cost() -> list[int]:
        counts = []
        for path in paths:
            client.get(path)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(path).status_code == 200
            counts.append(len(captured))
        return counts

    few = cost()
    for number in range(8):
        finding = closed(finding_of(recheck.round, cast.OURS), people)
        RecheckItem.objects.create(
            recheck=recheck, finding=finding, rank=number + 2, checked_by=people["discipline"],
            applied_by=finding.applied_by, reviewed_by=finding.reviewed_by, verified_by=finding.verified_by, **RESULT,
        )  # fmt: skip
        verbs.draw_recheck(
            by=people["discipline"], size=1, round=closed(finding_of(fed_back(people["discipline"])), people).round
        )
    assert cost() == few


def test_names_of_odd_people_and_absent_items(login, people):
    item = item_of(drawn(people))
    client = login("discipline")
    for person in ("99999999", "x", "\x00", "-1"):
        assert client.post(f"/inspections/rechecks/items/{item.pk}/checker/", {"person": person}).status_code == 400
    assert client.post(f"/inspections/rechecks/items/{item.pk}/checker/", {"person": ""}).status_code == 302
    assert client.get("/inspections/rechecks/items/99999999/").status_code == 404
