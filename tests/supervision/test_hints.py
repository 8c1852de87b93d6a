"""形式主义提示: found once, looked at by a person, never shown to the unit (四（三）)."""

import re
from datetime import date, timedelta
from io import BytesIO
from random import Random

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook
from PIL import Image, ImageDraw

from accountability.models import ActKind, Duty, Job, Organisation, Record
from accountability.models.history import save_as
from accountability.services import jobs, records
from accountability.services.duties import assign
from meetings.services.recording import record_meeting
from supervision.board.indicators import FIGURES
from supervision.models import Hint
from supervision.services import hints as verbs
from supervision.tasks import look_for_hints
from tests import acts, cast
from tests.supervision.reports import kept

pytestmark = pytest.mark.django_db
Kind, State = Hint.Kind, Hint.State
WORDS = "已找两位联络员核实，确系照抄。"


def report(people, who: str, unit: str, words: str, act: str = "half-year-report", **more) -> Record:
    return acts.record(people[who], cast.organisation(unit), act, content=words, credit=False, **more)


def copied(people) -> tuple[Record, Record]:
    """法学院's report, and 会计学院's that copies it."""
    earlier = report(people, "other_secretary", cast.THEIRS, kept("copied-1-a"))
    later = report(people, "unit_secretary", cast.OURS, kept("copied-1-b"))
    return earlier, later


def looked(people) -> list[Hint]:
    return verbs.look(by=people["discipline"])


def a_hint(people) -> Hint:
    copied(people)
    return looked(people)[0]


# ── 文字雷同 ─────────────────────────────────────────────────────────────────────────────────


def test_a_copy_between_units_is_found_once_with_its_reason(people):
    earlier, later = copied(people)
    hint = looked(people)[0]
    assert (hint.kind, hint.organisation, hint.other) == (Kind.BETWEEN, later.organisation, earlier.organisation)
    assert (hint.later_kind, hint.later_id, hint.earlier_id) == ("record", later.pk, earlier.pk)
    assert "约 8" in hint.why and "会计学院" in hint.why and "法学院" in hint.why
    assert looked(people) == []
    assert Hint.objects.count() == 1


def test_honest_reports_are_not_told_of(people):
    report(people, "other_secretary", cast.THEIRS, kept("honest-1-a"))
    report(people, "unit_secretary", cast.OURS, kept("honest-1-b"))
    assert looked(people) == []


def test_the_same_unit_again_and_last_year(people):
    by, ours = people["unit_secretary"], cast.organisation(cast.OURS)
    report(people, "unit_secretary", cast.OURS, kept("copied-2-a"))
    report(people, "unit_secretary", cast.OURS, kept("copied-2-b"), act="duty-report")
    assert [hint.kind for hint in looked(people)] == [Kind.AGAIN]
    from accountability.models import WorkYear

    year = WorkYear(year=2025, opened_at=timezone.now(), opened_by=people["office"], closed_on=date(2026, 2, 6))
    save_as(year, by=people["office"], reason="开启年度")
    last = Record.objects.order_by("pk").first()
    last.work_year_id = 2025
    save_as(last, by=by, reason="改正年度")
    found = looked(people)
    assert [(hint.kind, hint.organisation, hint.work_year_id) for hint in found] == [(Kind.YEARS, ours, 2026)]
    assert Hint.objects.get(kind=Kind.AGAIN).state == State.GONE


def test_minutes_are_compared_and_not_with_their_own_record(people):
    for who, unit, words in (("other_liaison", cast.THEIRS, "honest-3-a"), ("liaison", cast.OURS, "honest-3-a")):
        record_meeting(
            by=people[who],
            organisation=cast.organisation(unit),
            act=ActKind.objects.get(code="unit-special-meeting"),
            work_year=cast.YEAR,
            title="专题会议",
            happened_on=date(2026, 11, 20),
            chaired_by="沈若愚",
            minutes=kept(words),
            resolutions="一、修订面试办法。",
        )
    found = looked(people)
    assert [(hint.kind, hint.later_kind) for hint in found] == [(Kind.BETWEEN, "meeting")]


def test_a_document_is_compared_and_not_with_the_record_of_its_signing(people):
    from tests import letters

    document = letters.draft(people["unit_secretary"], "duty-report", organisation=cast.organisation(cast.OURS))
    draft = document.draft
    from accountability.services import documents

    documents.autosave(
        document, by=people["unit_secretary"], title=draft.title, text=kept("copied-3-b"), revision=draft.revision
    )
    assert looked(people) == [], "a draft is nobody's word yet"
    documents.perform(document, "submit", by=people["unit_secretary"])
    report(people, "other_secretary", cast.THEIRS, kept("copied-3-a"))
    found = looked(people)
    assert [(hint.kind, hint.later_kind, hint.earlier_kind) for hint in found] == [(Kind.BETWEEN, "record", "document")]


def test_what_the_school_itself_puts_into_mouths_is_no_copy(people):
    """Two papers that are their template and little else."""
    from accountability.services import documents
    from tests import letters

    said = "年底前由副院长核对票据。", "每月由办公室公示一次劳务费。"
    for who, unit, own in zip(("unit_secretary", "other_secretary"), (cast.OURS, cast.THEIRS), said, strict=True):
        document = documents.make(
            by=people[who],
            kind=letters.kind("duty-report"),
            organisation=cast.organisation(unit),
            post=None,
            work_year=cast.YEAR,
        )
        draft, text = document.draft, re.sub(r"请在此[^。]*。", own, document.draft.text)
        assert len(text) > 100
        documents.autosave(document, by=people[who], title=draft.title, text=text, revision=draft.revision)
        documents.perform(document, "submit", by=people[who])
    assert looked(people) == []


def test_a_mended_text_makes_its_hint_go_and_come_back(people):
    earlier, later = copied(people)
    hint = looked(people)[0]
    later.content = kept("honest-2-b")
    save_as(later, by=people["unit_secretary"], reason="重写")
    assert looked(people) == []
    hint.refresh_from_db()
    assert hint.state == State.GONE and hint.gone_at
    later.content = kept("copied-1-b")
    save_as(later, by=people["unit_secretary"], reason="又照抄")
    assert looked(people) == []
    hint.refresh_from_db()
    assert (hint.state, hint.gone_at) == (State.OPEN, None)


def test_a_closed_year_is_left_alone(people):
    from accountability.models import WorkYear

    hint = a_hint(people)
    year = WorkYear.objects.get(year=cast.YEAR)
    year.closed_on = cast.TODAY
    save_as(year, by=people["office"], reason="封存")
    Record.objects.get(pk=hint.later_id).history.all()
    assert looked(people) == []
    hint.refresh_from_db()
    assert hint.state == State.OPEN


# ── 照片 ─────────────────────────────────────────────────────────────────────────────────────


def scene(seed: int, *, quality: int = 90, size: tuple[int, int] = (640, 480), shift: int = 0) -> bytes:
    """A picture with something on it: blocks of grey, darker than paper."""
    random, image = Random(seed), Image.new("L", (640, 480), 90)
    draw = ImageDraw.Draw(image)
    for _ in range(90):
        left, top = random.randint(0, 600), random.randint(0, 440)
        draw.rectangle(
            (left, top, left + random.randint(20, 160), top + random.randint(20, 120)), fill=random.randint(0, 220)
        )
    if shift:
        draw.rectangle((0, 0, shift, shift), fill=255)
    stream = BytesIO()
    image.resize(size).convert("RGB").save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def with_photo(people, content: bytes, act: str, on: date, unit: str = cast.OURS, name: str = "现场.jpg") -> Record:
    who = "unit_secretary" if unit == cast.OURS else "other_secretary"
    return report(people, who, unit, "", act, on=on, files=[SimpleUploadedFile(name, content)])


def test_the_same_photo_of_another_day_is_found(people):
    one = scene(1)
    with_photo(people, one, "half-year-report", date(2026, 7, 1))
    later = with_photo(people, one, "duty-report", date(2026, 11, 2))
    hint = looked(people)[0]
    assert (hint.kind, hint.later_kind, hint.later_id) == (Kind.PHOTO, "photo", later.attachments.get().pk)
    assert hint.other is None
    assert "是同一个文件" in hint.why


def test_a_photo_saved_anew_is_found_by_its_looks_and_another_is_not(people, settings):
    settings.HINT_LATE_DAYS = 400
    with_photo(people, scene(1), "half-year-report", date(2026, 7, 1))
    with_photo(people, scene(1, quality=55, size=(800, 600), shift=30), "duty-report", date(2026, 11, 2), cast.THEIRS)
    with_photo(people, scene(2), "task-list", date(2026, 3, 2))
    found = looked(people)
    assert [hint.kind for hint in found] == [Kind.PHOTO_NEAR]
    assert found[0].other == cast.organisation(cast.OURS)


def test_paper_and_empty_pictures_are_no_photos(people, settings):
    settings.HINT_LATE_DAYS = 400
    from tests import papers

    for number, act in enumerate(("half-year-report", "duty-report")):
        white = papers.picture(size=(800 + number, 600))
        with_photo(people, white, act, date(2026, 7, 1 + number), name="扫描.png")
    assert looked(people) == []


# ── 时间、决议、自查 ─────────────────────────────────────────────────────────────────────────


def test_proof_older_than_what_was_asked(login, people):
    ours = cast.organisation(cast.OURS)
    duty = assign(
        title="报送验收情况",
        organisation=ours,
        owner=ours.posts.get(role="unit_secretary"),
        work_year=cast.YEAR,
        due_on=date(2026, 12, 10),
        by=people["discipline"],
    )
    for on, act in ((date(2026, 10, 20), "duty-report"), (date(2026, 11, 1), "half-year-report")):
        record = report(people, "unit_secretary", cast.OURS, "", act, on=on)
        records.credit(duty, by=people["unit_secretary"], record=record)
    found = [hint for hint in looked(people) if hint.kind == Kind.OLDER]
    assert [(hint.earlier_kind, hint.earlier_id) for hint in found] == [("duty", duty.pk)]
    assert "早了 34 天" in found[0].why
    client = login("discipline")
    page = client.get(f"/oversight/hints/{found[0].pk}/")
    assert page.context["heads"] == ("佐证", "要求")
    assert client.get(page.context["earlier"].url).status_code == 200


def test_a_ledger_taken_over_is_neither_old_nor_late(people):
    """What was done before anybody asked could not be entered in time, and a unit's own plan is no request."""
    from accountability.models import Evidence
    from tests.inspections.rounds import fed_back, finding_of, measures_of

    measure = measures_of(finding_of(fed_back(people["discipline"])))[0]
    for day in range(1, 10):
        record = report(people, "unit_secretary", cast.OURS, "", "rectification", on=date(2026, 5, day))
        proof = Evidence(record=record, duty=measure.duty)
        save_as(proof, by=people["unit_secretary"], reason="计入责任")
    assert looked(people) == []


def test_entries_long_after_the_event_are_one_hint_a_day(people, settings):
    for day in (3, 4):
        report(people, "unit_secretary", cast.OURS, "", "hearing", on=date(2026, 3, day))
    report(people, "unit_secretary", cast.OURS, "", "hearing", on=date(2026, 10, 20))
    hint = looked(people)[0]
    assert (hint.kind, hint.day) == (Kind.LATE, cast.TODAY)
    assert "2 条距发生超过 60 天" in hint.why and "迟 265 天" in hint.why


def test_many_in_one_day_are_a_burst_and_those_of_the_day_are_not(people):
    for day in range(1, 8):
        report(people, "unit_secretary", cast.OURS, "", "hearing", on=date(2026, 11, day))
        report(people, "unit_secretary", cast.OURS, "", "hearing", on=cast.TODAY, sitting=day)
    assert looked(people) == [], "seven of other days, seven of today"
    report(people, "unit_secretary", cast.OURS, "", "hearing", on=date(2026, 11, 8))
    hint = looked(people)[0]
    assert (hint.kind, hint.day, hint.organisation) == (Kind.BURST, cast.TODAY, cast.organisation(cast.OURS))
    assert "一天录入 8 条" in hint.why


def test_several_that_were_just_due_are_a_burst_too(people, settings):
    settings.HINT_ENTRIES_LAST_DAYS = 2
    ours = cast.organisation(cast.OURS)
    for act in ("responsibility-list", "task-list"):
        Duty.objects.filter(organisation=ours, obligation__acts__code=act).update(due_on=cast.TODAY)
        acts.record(people["unit_secretary"], ours, act, on=date(2026, 11, 20))
    assert "其中 2 条在到期前 3 天内" in looked(people)[0].why


@pytest.mark.parametrize(
    ("act", "resolutions", "count"),
    [("unit-special-meeting", "", 1), ("unit-special-meeting", "一、修订办法。", 0), ("branch-meeting", "", 0)],
)
def test_a_meeting_without_a_decision_where_one_is_expected(people, act, resolutions, count):
    ours = cast.organisation(cast.OURS)
    record_meeting(
        by=people["unit_secretary"],
        organisation=ours,
        act=ActKind.objects.get(code=act),
        work_year=cast.YEAR,
        title="专题会议",
        happened_on=date(2026, 11, 20),
        chaired_by="沈若愚",
        minutes="传达文件。",
        resolutions=resolutions,
    )
    assert [hint.kind for hint in looked(people)] == [Kind.UNDECIDED] * count


def test_a_self_check_that_finds_nothing(login, people):
    from tests.inspections.risk_points import campaign_by, point_of

    point = point_of(people["unit_secretary"])
    campaign = campaign_by(people["discipline"])
    from inspections.services.risk_checks import Typed, hand_in

    sheet = {point.pk: Typed(has_problem=False, carried_out="yes", needs_change=False)}
    hand_in(campaign, point.organisation, by=people["unit_secretary"], answers=sheet, turn=0)
    assert looked(people) == [], "a point that is new this year was looked at"
    point.changes.all()
    from inspections.models import RiskChange

    for change in RiskChange.objects.all():
        change.effective_on = date(2025, 5, 1)
        save_as(change, by=people["unit_secretary"], reason="上年新增")
    hint = looked(people)[0]
    assert (hint.kind, hint.later_kind) == (Kind.ZERO, "check")
    assert "1 个风险点" in hint.why
    client = login("discipline")
    place = client.get(f"/oversight/hints/{hint.pk}/").context["later"]
    assert client.get(place.url).status_code == 200


# ── 办理 ─────────────────────────────────────────────────────────────────────────────────────


def test_dismissed_stays_dismissed_and_can_be_looked_at_again(people):
    hint = a_hint(people)
    done = verbs.perform(hint, "dismiss", by=people["discipline"], words="两院联合研判，共用一稿。")
    assert (done.state, done.decided_by, done.words) == (
        State.DISMISSED,
        people["discipline"],
        "两院联合研判，共用一稿。",
    )
    assert looked(people) == []
    done.refresh_from_db()
    assert done.state == State.DISMISSED
    again = verbs.perform(done, "reopen", by=people["discipline"], words="又有反映，再看一次。")
    assert (again.state, again.decided_by, again.words) == (State.OPEN, None, "")
    assert verbs.perform(again, "confirm", by=people["discipline"], words=WORDS).state == State.CONFIRMED
    reasons = list(hint.history.order_by("history_id").values_list("history_change_reason", flat=True))
    assert reasons[0] == "发现提示" and reasons[1] == "排除：两院联合研判，共用一稿。"


@pytest.mark.parametrize("words", ["", "  不算 ", "机密★一年的材料"])
def test_words_are_needed_and_bear_no_mark(login, people, words):
    hint = a_hint(people)
    answer = login("discipline").post(f"/oversight/hints/{hint.pk}/act/", {"act": "dismiss", "words": words})
    assert answer.status_code == 400
    assert f">{words}</textarea>" in answer.content.decode()
    hint.refresh_from_db()
    assert hint.state == State.OPEN


def test_who_brought_it_in_does_not_judge_of_it(people):
    hint = a_hint(people)
    hint.author = people["discipline"]
    save_as(hint, by=people["office"], reason="改")
    with pytest.raises(PermissionDenied, match="经办人不能"):
        verbs.perform(hint, "dismiss", by=people["discipline"], words=WORDS)
    with pytest.raises(IntegrityError), transaction.atomic():
        Hint.objects.filter(pk=hint.pk).update(
            state="dismissed", decided_by=people["discipline"], decided_at=timezone.now(), words="甲"
        )


@pytest.mark.parametrize(
    "broken",
    [
        {"state": "confirmed"},
        {"state": "gone"},
        {"words": "没有人说的话"},
        {"why": ""},
        {"gone_at": "2026-11-01T00:00Z"},
    ],
)
def test_the_database_holds_what_a_hint_is(people, broken):
    hint = a_hint(people)
    with pytest.raises(IntegrityError), transaction.atomic():
        Hint.objects.filter(pk=hint.pk).update(**broken)


def test_the_same_hint_is_kept_once(people):
    hint = a_hint(people)
    hint.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        hint.save()


@pytest.mark.parametrize("who", [part.username for part in cast.PARTS])
def test_only_the_commission_and_the_office_learn_of_it(login, people, who):
    hint = a_hint(people)
    client, reads = login(who), who in ("discipline", "office")
    assert client.get("/oversight/hints/").status_code == (200 if reads else 403)
    assert client.get("/oversight/hints/export/").status_code == (200 if reads else 403)
    assert client.get(f"/oversight/hints/{hint.pk}/").status_code == (200 if reads else 404)
    assert FIGURES["hints_open"].may(people[who]) is reads
    assert FIGURES["hints_open"].value(people[who], cast.YEAR, cast.TODAY) == (1 if reads else 0)
    assert ("/oversight/hints/" in client.get("/oversight/").content.decode()) is reads
    posted = client.post(f"/oversight/hints/{hint.pk}/act/", {"act": "dismiss", "words": WORDS})
    assert posted.status_code == {"discipline": 302, "office": 403}.get(who, 404)
    assert client.post("/oversight/hints/look/").status_code == (302 if who == "discipline" else 403)


def test_the_office_reads_without_buttons(login, people):
    hint = a_hint(people)
    page = login("office").get(f"/oversight/hints/{hint.pk}/").content.decode()
    assert "由纪委查看办理" in page and "hint_act" not in page and "/act/" not in page


# ── 页面 ─────────────────────────────────────────────────────────────────────────────────────


def test_the_page_shows_both_sides(login, people):
    hint = a_hint(people)
    page = login("discipline").get(f"/oversight/hints/{hint.pk}/").content.decode()
    assert f"/records/{hint.later_id}/" in page and f"/records/{hint.earlier_id}/" in page
    assert "<mark>管理学院2026年政治生态研判报告</mark>" in page
    assert page.count("<mark>") > 20


def test_photos_stand_side_by_side(login, people):
    one = scene(1)
    with_photo(people, one, "half-year-report", date(2026, 7, 1))
    with_photo(people, one, "duty-report", date(2026, 11, 2))
    hint = looked(people)[0]
    page = login("discipline").get(f"/oversight/hints/{hint.pk}/").content.decode()
    assert page.count("/thumbnail/") == 2


def test_a_day_opens_its_records(login, people):
    for day in range(1, 9):
        report(people, "unit_secretary", cast.OURS, "", "hearing", on=date(2026, 11, day))
    hint = looked(people)[0]
    client = login("discipline")
    page = client.get(f"/oversight/hints/{hint.pk}/")
    assert client.get(page.context["day_url"]).context["pager"].total == 8


def test_counts_are_filters(login, people):
    hint = a_hint(people)
    for day in range(1, 9):
        report(people, "unit_secretary", cast.OURS, "", "hearing", on=date(2026, 11, day))
    looked(people)
    verbs.perform(hint, "confirm", by=people["discipline"], words=WORDS)
    client = login("discipline")
    page = client.get("/oversight/hints/?state=all")
    for option in [*page.context["tabs"], *page.context["kinds"]]:
        assert client.get(option.url).context["pager"].total == option.count, option
    theirs = cast.organisation(cast.THEIRS)
    assert client.get(f"/oversight/hints/?state=all&unit={theirs.pk}").context["pager"].total == 1
    assert client.get("/oversight/hints/?year=2025&state=all").context["pager"].total == 0
    for name, total in (("hints_open", 1), ("hints_confirmed", 1)):
        told = FIGURES[name]
        assert told.value(people["discipline"], cast.YEAR, cast.TODAY) == total
        assert client.get(told.url(cast.YEAR)).context["pager"].total == total


def test_the_export_is_what_the_list_shows(login, people):
    hint = a_hint(people)
    answer = login("discipline").get("/oversight/hints/export/?kind=between")
    rows = list(load_workbook(BytesIO(answer.content)).active.values)
    assert rows[1][0] == "不同单位文字雷同" and rows[1][4] == hint.why
    assert (
        len(list(load_workbook(BytesIO(login("discipline").get("/oversight/hints/export/?kind=zero").content)).active))
        == 1
    )


@pytest.mark.parametrize(
    "query", ["kind=x", "state=%00", "unit=9" + "9" * 30, "unit=-1", "year=²", "page=x", "unit=甲&year=0x1"]
)
def test_odd_addresses_are_no_error(login, people, query):
    a_hint(people)
    assert login("discipline").get(f"/oversight/hints/?{query}").status_code == 200


def test_an_unknown_act_is_refused(login, people):
    hint = a_hint(people)
    client = login("discipline")
    for name in ("", "burn", "reopen\x00"):
        assert client.post(f"/oversight/hints/{hint.pk}/act/", {"act": name, "words": WORDS}).status_code == 400


def test_the_list_costs_the_same_at_one_and_at_many(login, people):
    client = login("discipline")
    a_hint(people)

    def cost() -> int:
        client.get("/oversight/hints/?state=all")
        with CaptureQueriesContext(connection) as captured:
            client.get("/oversight/hints/?state=all")
        return len(captured)

    few = cost()
    unit = cast.organisation(cast.OURS)
    for number in range(40):
        hint = Hint(
            kind=Kind.BURST, key=f"x{number}", organisation=unit, work_year_id=2026, why="甲", found_at=timezone.now()
        )
        save_as(hint, by=people["discipline"], reason="试")
    assert cost() == few


# ── 后台 ─────────────────────────────────────────────────────────────────────────────────────


def test_the_look_is_a_job_and_the_night_orders_one(login, people):
    copied(people)
    client = login("discipline")
    client.post("/oversight/hints/look/")
    job = Job.objects.get(kind="hints")
    assert "正在查找" in client.get("/oversight/hints/").content.decode()
    look_for_hints()
    assert Job.objects.filter(kind="hints").count() == 1, "joined, not doubled"
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.DONE, "")
    assert Hint.objects.get().history.first().history_user == people["discipline"]
    assert "最近一次查找" in client.get("/oversight/hints/").content.decode()
    look_for_hints()
    night = Job.objects.filter(kind="hints").latest("pk")
    assert night.requested_by.username == "system"
    jobs.run(night.pk)
    assert Hint.objects.count() == 1


def test_nothing_is_looked_for_before_a_year_is_opened(people):
    from accountability.models import WorkYear

    for year in WorkYear.objects.all():
        year.closed_on = cast.TODAY + timedelta(days=1)
        save_as(year, by=people["office"], reason="封存")
    assert looked(people) == []
    assert Organisation.objects.exists()
