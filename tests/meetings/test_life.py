"""会议的一生: planned, convened, held, minutes confirmed by the chair, frozen, resolutions carried out, corrected."""

from datetime import date, time
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from accountability.models import ActKind, Duty, Job, Notice, Post, Record
from accountability.services import jobs, records
from meetings.models import AgendaItem, AgendaPaper, Meeting, MinutesVersion, Participant, Resolution
from meetings.services import papers, planning, recording, resolutions
from meetings.services.counting import missing_items
from tests import acts, cast
from tests.paper_ruler import words as text_of

pytestmark = pytest.mark.django_db
CODE = "standing-committee-meeting"


def owed(occurrence: int = 2) -> Duty:
    return acts.duty_of(cast.organisation("学校党委"), CODE, occurrence)


def planned(people, by: str = "office", **facts) -> Meeting:
    """A meeting of the standing committee, planned for today, chaired by the secretary."""
    given = {
        "organisation": cast.organisation("学校党委"),
        "act": ActKind.objects.get(code=CODE),
        "work_year": cast.YEAR,
        "title": "2026年第2次常委会全面从严治党专题会议",
        "day": cast.TODAY,
        "starts_at": time(9, 30),
        "ends_at": time(11, 30),
        "place": "行政楼第一会议室",
        "chair": people["secretary"],
        "duties": [owed()],
    }
    return planning.plan_meeting(by=people[by], **given | facts)


def held(people, *, without: str = "", **facts) -> Meeting:
    """Everybody came, every required item but ``without`` was dealt with, the minutes are written."""
    meeting = planned(people, **facts)
    planning.convene(meeting, by=people["office"])
    everybody = {row.pk: {"answer": "present"} for row in meeting.participants.all()}
    planning.take_attendance(meeting, everybody, by=people["office"])
    items = {
        item.pk: {"is_dealt_with": item.required.code != without, "report": "听取汇报。", "discussion": ""}
        for item in meeting.items.exclude(required=None).select_related("required")
    }
    recording.save_minutes(meeting, by=people["office"], revision=0, minutes="会议研究了全年工作。", items=items)
    meeting.refresh_from_db()
    return meeting


def decided(people, meeting: Meeting) -> list[Resolution]:
    finance = Post.objects.get(organisation=cast.organisation("财务处"), role="department")
    member = Post.objects.get(title="分管财务副校长")
    return [
        resolutions.add_resolution(
            meeting, by=people["office"], text="修订采购验收办法", owner=finance, due_on=date(2026, 12, 18)
        ),
        resolutions.add_resolution(
            meeting, by=people["office"], text="督促往来款清理", owner=member, due_on=date(2026, 12, 25)
        ),
    ]


def closed(people, **facts) -> Meeting:
    meeting = held(people, **facts)
    decided(people, meeting)
    meeting = recording.hand_in(meeting, by=people["office"])
    records.decide(meeting.record, "accept", by=people["secretary"])
    meeting.refresh_from_db()
    return meeting


class TestThePlan:
    def test_required_items_and_who_must_come_are_on_the_lists(self, people):
        meeting = planned(people)
        assert [item.required.code for item in meeting.items.select_related("required")] == [
            "political-ecology", "discipline-work", "key-tasks", "exchange",
        ]  # fmt: skip
        names = set(meeting.participants.values_list("name", flat=True))
        assert {people["secretary"].name, people["member"].name} <= names
        assert people["liaison"].name not in names

    def test_a_unit_gathers_its_own(self, people):
        meeting = planned(
            people,
            by="liaison",
            organisation=cast.organisation(cast.OURS),
            act=ActKind.objects.get(code="unit-special-meeting"),
            chair=people["unit_secretary"],
            duties=[],
        )
        posts = Post.objects.filter(tenures__person__in=meeting.participants.values("person"))
        assert {post.organisation.path.startswith(meeting.organisation.path) for post in posts} == {True}

    def test_an_n_meeting_names_its_trigger(self, people):
        act = ActKind.objects.get(code="committee-meeting")
        with pytest.raises(ValidationError, match="召开依据"):
            planned(people, act=act, duties=[])
        assert planned(people, act=act, duties=[], trigger="上级全会精神").trigger == "上级全会精神"

    def test_what_is_over_cannot_be_planned(self, people):
        with pytest.raises(ValidationError, match="已经过去"):
            planned(people, day=date(2026, 11, 20))

    def test_only_who_keeps_the_meetings_plans_them(self, people):
        for who in ("secretary", "member", "discipline", "liaison", "other_liaison"):
            with pytest.raises(PermissionDenied):
                planned(people, by=who)

    def test_nothing_is_called_before_time_place_and_chair_are_known(self, people):
        meeting = planned(people, place="", starts_at=None, ends_at=None)
        with pytest.raises(ValidationError, match="开始时间、地点"):
            planning.convene(meeting, by=people["office"])

    def test_the_notice_reaches_everybody_on_the_list_once(self, people):
        meeting = planned(people)
        planning.convene(meeting, by=people["office"])
        told = Notice.objects.filter(kind=Notice.Kind.MEETING, title__startswith="会议通知")
        called = meeting.participants.exclude(person=None).exclude(person=people["office"])
        assert set(told.values_list("recipient", flat=True)) == set(called.values_list("person", flat=True))
        with pytest.raises(ValidationError, match="已经发过"):
            planning.convene(meeting, by=people["office"])

    def test_a_postponement_needs_a_reason_and_is_told(self, people):
        meeting = planned(people)
        planning.convene(meeting, by=people["office"])
        with pytest.raises(ValidationError, match="写明原因"):
            planning.change_plan(meeting, by=people["office"], day=date(2026, 12, 2))
        meeting = planning.change_plan(meeting, by=people["office"], day=date(2026, 12, 2), reason="书记外出开会")
        assert (meeting.day, meeting.sequence, meeting.change_reason) == (date(2026, 12, 2), 1, "书记外出开会")
        assert Notice.objects.filter(recipient=people["member"], title__startswith="会议改期").exists()

    def test_a_cancelled_meeting_stays_with_its_reason(self, people):
        meeting = planned(people)
        with pytest.raises(ValidationError, match="原因"):
            planning.cancel(meeting, by=people["office"], reason="无")
        planning.cancel(meeting, by=people["office"], reason="并入下月会议")
        meeting.refresh_from_db()
        assert (meeting.stage, meeting.sequence) == ("cancelled", 1)
        with pytest.raises(ValidationError, match="已取消"):
            planning.convene(meeting, by=people["office"])
        with pytest.raises(IntegrityError), transaction.atomic():
            Meeting.objects.filter(pk=meeting.pk).update(change_reason="")

    def test_next_years_is_copied_from_this_one(self, people, login):
        meeting = planned(people)
        planning.add_item(meeting, by=people["office"], title="研究采购管理")
        copy = planned(people, day=date(2026, 12, 8), copied_from=meeting)
        assert [item.title for item in copy.items.filter(required=None)] == ["研究采购管理"]
        page = login("office").get(f"/meetings/plan/?copy={meeting.pk}").content.decode()
        assert "行政楼第一会议室" in page


class TestTheAgenda:
    def test_a_required_item_cannot_be_taken_off_or_hidden(self, people):
        item = planned(people).items.first()
        with pytest.raises(ValidationError, match="不能撤下"):
            planning.drop_item(item, by=people["office"])
        with pytest.raises(ValidationError, match="不能列为限知"):
            planning.change_item(item, by=people["office"], is_confidential=True)

    def test_a_form_opened_before_somebody_checked_in_does_not_undo_it(self, people):
        meeting = planned(people)
        row = meeting.participants.get(person=people["member"])
        row.answer, row.checked_in_at = "present", timezone.now()
        row.save()
        planning.take_attendance(meeting, {row.pk: {"answer": "expected"}}, by=people["office"])
        row.refresh_from_db()
        assert row.answer == "present"
        planning.take_attendance(meeting, {row.pk: {"answer": "absent", "reason": "代签"}}, by=people["office"])
        row.refresh_from_db()
        assert row.answer == "absent"

    def test_taking_one_off_the_list_loses_nothing_typed(self, people, login):
        meeting = planned(people)
        first, second = meeting.participants.all()[:2]
        sent = {f"answer-{first.pk}": "leave", f"reason-{first.pk}": "出差", "strike": str(second.pk)}
        assert login("office").post(f"/meetings/{meeting.pk}/people/", sent).status_code == 302
        first.refresh_from_db()
        assert (first.reason, meeting.participants.filter(pk=second.pk).exists()) == ("出差", False)

    def test_what_is_planned_already_is_not_proposed_again(self, people, login):
        planned(people)
        page = login("office").get(f"/meetings/plan/?kind={CODE}")
        assert [duty.occurrence for duty in page.context["countable"]] == [1]
        quotas = {each.obligation.code: each for each in login("office").get("/meetings/").context["quotas"]}
        quota = quotas["standing-committee-meetings"]
        shown = login("office").get(f"/meetings/?view=coming&obligation={quota.obligation.pk}").context["pager"]
        assert quota.planned == shown.total == 1

    def test_absence_has_a_reason_by_service_and_database(self, people):
        meeting = planned(people)
        row = meeting.participants.first()
        with pytest.raises(ValidationError, match=f"{row.name}：请写明请假的原因"):
            planning.take_attendance(meeting, {row.pk: {"answer": "leave"}}, by=people["office"])
        with pytest.raises(IntegrityError), transaction.atomic():
            Participant.objects.filter(pk=row.pk).update(answer="absent")


class TestTheMinutes:
    def test_two_recorders_do_not_overwrite_one_another(self, people):
        meeting = planned(people)
        recording.save_minutes(meeting, by=people["office"], revision=0, minutes="甲写的")
        with pytest.raises(recording.Overwritten, match="秦文舒 已于"):
            recording.save_minutes(meeting, by=people["office"], revision=0, minutes="乙写的")
        meeting.refresh_from_db()
        assert meeting.minutes == "甲写的"

    def test_they_save_themselves_and_say_when_they_could_not(self, people, login):
        meeting, client = planned(people), login("office")
        address = f"/meetings/{meeting.pk}/minutes/"
        told = client.post(address, {"revision": 0, "minutes": "第一段"}, headers={"X-Autosave": "1"})
        assert (told.status_code, told.json()["revision"]) == (200, 1)
        told = client.post(address, {"revision": 0, "minutes": "另一人"}, headers={"X-Autosave": "1"})
        assert told.status_code == 409
        page = client.post(address, {"revision": 0, "minutes": "另一人写的不丢"})
        assert page.status_code == 400
        assert "另一人写的不丢" in page.content.decode()
        assert "第一段" in page.content.decode()

    def test_what_lacks_is_named_before_they_are_handed_in(self, people):
        with pytest.raises(ValidationError, match="会议记录、到会情况"):
            recording.hand_in(planned(people), by=people["office"])
        future = planned(people, day=date(2026, 12, 9))
        with pytest.raises(ValidationError, match="还没有到召开日期"):
            recording.hand_in(future, by=people["office"])

    def test_they_wait_for_the_chair_and_nobody_else(self, people):
        meeting = recording.hand_in(held(people), by=people["office"])
        assert (meeting.record.state, meeting.record.confirmer) == ("submitted", people["secretary"])
        assert list(Record.objects.waiting_for(people["secretary"])) == [meeting.record]
        for who in ("office", "member"):
            with pytest.raises(PermissionDenied):
                records.decide(meeting.record, "accept", by=people[who])
        assert owed().state == "open"
        records.decide(meeting.record, "accept", by=people["secretary"])
        assert acts.state(owed()) == "fulfilled"

    def test_the_chair_finds_the_meeting_from_what_waits_for_him(self, people, login):
        meeting = recording.hand_in(held(people), by=people["office"])
        client = login("secretary")
        assert f"/records/{meeting.record_id}/" in client.get("/").content.decode()
        assert f"/meetings/{meeting.pk}/" in client.get(f"/records/{meeting.record_id}/").content.decode()

    def test_a_missing_required_item_does_not_count(self, people):
        meeting = recording.hand_in(held(people, without="political-ecology"), by=people["office"])
        records.decide(meeting.record, "accept", by=people["secretary"])
        assert [item.code for item in missing_items(meeting)] == ["political-ecology"]
        assert acts.state(owed()) == "open"

    def test_what_turns_out_not_to_have_been_dealt_with_no_longer_counts(self, people):
        meeting = recording.hand_in(held(people), by=people["office"])
        assert meeting.record.evidence.count() == 1
        records.decide(meeting.record, "return", by=people["secretary"], reason="交流没有进行，请更正")
        meeting.refresh_from_db()
        done = [item.required for item in meeting.items.all() if item.required.code != "exchange"]
        recording.revise_meeting(
            meeting,
            by=people["office"],
            title=meeting.title,
            happened_on=meeting.day,
            minutes="交流没有进行。",
            late_reason="",
            files=[],
            dealt_with=done,
        )
        records.decide(meeting.record, "accept", by=people["secretary"])
        assert (meeting.record.evidence.count(), acts.state(owed())) == (0, "open")

    def test_the_second_of_a_day_says_which_it_is(self, people, login):
        closed(people)
        meeting = held(people, title="当日另一次", duties=[])
        client, address = login("office"), f"/meetings/{meeting.pk}/act/"
        refused = client.post(address, {"act": "hand_in", "late_reason": "已写的不丢"})
        assert refused.status_code == 400
        for words in ("当日第几次", "已写的不丢"):
            assert words in refused.content.decode()
        assert client.post(address, {"act": "hand_in", "sitting": "2"}).status_code == 302

    def test_returned_minutes_are_mended_with_the_item_that_lacked(self, people):
        meeting = recording.hand_in(held(people, without="exchange"), by=people["office"])
        records.decide(meeting.record, "return", by=people["secretary"], reason="请补记交流情况")
        meeting.refresh_from_db()
        recording.revise_meeting(
            meeting,
            by=people["office"],
            title=meeting.title,
            happened_on=meeting.day,
            minutes="补记了交流情况。",
            late_reason="",
            files=[],
        )
        records.decide(meeting.record, "accept", by=people["secretary"])
        assert acts.state(owed()) == "fulfilled"


class TestAfterwards:
    def test_resolutions_become_duties_of_the_right_people(self, people):
        meeting = closed(people)
        finance, member = [row.duty for row in meeting.decided.select_related("duty__owner__organisation")]
        assert (finance.owner.organisation.name, finance.bearer_post, finance.due_on) == (
            "财务处", None, date(2026, 12, 18),
        )  # fmt: skip
        assert (member.bearer_post.title, member.subject) == ("分管财务副校长", "member")
        assert Duty.objects.owed_by(people["member"]).filter(pk=member.pk).exists()
        assert "会议决议：2026年第2次常委会" in member.requirement

    def test_a_resolution_is_carried_out_by_a_record_of_its_own_kind(self, people, login):
        duty = closed(people).decided.get(text="督促往来款清理").duty
        client = login("member")
        address = f"/records/new/?duty={duty.pk}&act=meeting-resolution"
        assert f"/records/new/?duty={duty.pk}" in client.get(f"/ledger/{duty.pk}/").content.decode()
        data = {"title": "往来款清理完毕", "happened_on": "2026-11-23", "duties": [duty.pk]}
        assert client.post(address, data).status_code == 302
        assert acts.state(duty) == "fulfilled"

    def test_the_next_meeting_of_the_kind_reads_them_out(self, people, login):
        closed(people, day=cast.TODAY)
        following = planned(people, day=date(2026, 12, 15), duties=[])
        page = login("office").get(f"/meetings/{following.pk}/").content.decode()
        for words in ("督办上次会议", "修订采购验收办法", "剩 25 天"):
            assert words in page

    def test_a_withdrawn_meeting_asks_nothing_more(self, people):
        meeting = closed(people)
        records.decide(meeting.record, "withdraw", by=people["secretary"], reason="会议程序不合规")
        assert {row.duty.state for row in meeting.decided.select_related("duty")} == {"waived"}
        assert acts.state(owed()) == "open"

    def test_the_minutes_are_frozen_by_a_worker_and_read_back(self, people):
        meeting = closed(people)
        job = Job.objects.get(kind=papers.FREEZE)
        jobs.run(job.pk)
        version = meeting.versions.get()
        assert version.is_frozen
        words = text_of(papers.frozen_bytes(version)).replace("\n", "").replace(" ", "")
        for said in ("2026年第2次常委会全面从严治党专题会议纪要", "主持：顾怀远", "修订采购验收办法", "散会"):
            assert said in words

    def test_a_changed_file_is_not_handed_out(self, people, settings):
        meeting = closed(people)
        papers.freeze_now(meeting.versions.get())
        version = meeting.versions.get()
        with Path(version.pdf.path).open("ab") as file:
            file.write(b"x")
        with pytest.raises(ValidationError, match="校验值不符"):
            papers.frozen_bytes(version)


class TestCorrections:
    def test_closed_minutes_cannot_be_changed(self, people):
        meeting = closed(people)
        with pytest.raises(ValidationError, match="不能再直接修改"):
            recording.save_minutes(meeting, by=people["office"], revision=meeting.revision, minutes="改")
        with pytest.raises(ValidationError, match="决议不能再改"):
            resolutions.drop_resolution(meeting.decided.first(), by=people["office"])
        with pytest.raises(ValidationError, match="名单不能再改"):
            planning.strike(meeting.participants.first(), by=people["office"])
        version = meeting.versions.get()
        version.text = "改过的纪要"
        with pytest.raises(ValueError, match="never changed"):
            version.save()

    def test_a_correction_is_a_new_version_that_says_so(self, people):
        meeting = closed(people)
        version = recording.propose_correction(
            meeting, by=people["office"], minutes="会议研究了全年和明年工作。", reason="漏记明年工作"
        )
        assert (version.number, version.is_confirmed) == (2, False)
        assert "第2版，更正前一版。更正原因：漏记明年工作" in version.text
        with pytest.raises(PermissionDenied):
            recording.decide_correction(version, by=people["office"], accept=True)
        recording.decide_correction(version, by=people["secretary"], accept=True)
        meeting.refresh_from_db()
        assert meeting.minutes == "会议研究了全年和明年工作。"
        assert "会议研究了全年工作。" in meeting.versions.get(number=1).text
        with pytest.raises(ValidationError, match="刚刚已经办结"):
            recording.decide_correction(version, by=people["secretary"], accept=True)

    def test_the_database_wants_a_reason_and_a_second_pair_of_eyes(self, people):
        meeting = closed(people)
        version = recording.propose_correction(meeting, by=people["office"], minutes="改正", reason="有错别字")
        for change in ({"reason": ""}, {"confirmed_by": people["office"]}):
            with pytest.raises(IntegrityError), transaction.atomic():
                MinutesVersion.objects.filter(pk=version.pk).update(**change)


class TestWhoSees:
    """The five cases: on the list, same unit but not on the list, another unit, the commission, a stranger."""

    @pytest.fixture
    def convened(self, people) -> Meeting:
        meeting = planned(people)
        planning.add_item(
            meeting, by=people["office"], title="研究某案处置", is_confidential=True, admitted=[people["member"]]
        )
        planning.convene(meeting, by=people["office"])
        return meeting

    @pytest.mark.parametrize(
        ("who", "sees"),
        [("member", True), ("discipline", True), ("secretary", True), ("unit_secretary", False),
         ("other_liaison", False), ("department", False), ("outsider", False), ("sysadmin", False)],
    )  # fmt: skip
    def test_a_meeting_of_the_school(self, convened, people, login, who, sees):
        client = login(who)
        assert client.get(f"/meetings/{convened.pk}/").status_code == (200 if sees else 404)
        assert (convened.title in client.get("/meetings/").content.decode()) is sees
        assert Meeting.objects.visible_to(people[who]).filter(pk=convened.pk).exists() is sees

    def test_a_plan_is_not_yet_the_invited_ones_business(self, people):
        meeting = planned(people)
        assert not Meeting.objects.visible_to(people["member"]).filter(pk=meeting.pk).exists()

    @pytest.mark.parametrize(
        ("who", "sees"), [("member", True), ("office", True), ("secretary", True), ("discipline", False)]
    )
    def test_a_confidential_item_is_for_the_admitted(self, convened, people, login, who, sees):
        assert AgendaItem.objects.visible_to(people[who]).filter(title="研究某案处置").exists() is sees
        assert ("研究某案处置" in login(who).get(f"/meetings/{convened.pk}/").content.decode()) is sees

    @pytest.fixture
    def of_the_college(self, people) -> Meeting:
        """A meeting of our college: its secretary is on the list, a department was asked to sit in, the liaison is not."""
        meeting = planned(
            people,
            by="liaison",
            organisation=cast.organisation(cast.OURS),
            act=ActKind.objects.get(code="unit-special-meeting"),
            title="学院专题会议",
            chair=people["unit_secretary"],
            duties=[],
        )
        for row in meeting.participants.filter(person__in=[people["liaison"], people["branch"]]):
            planning.strike(row, by=people["liaison"])
        guest = people["department"]
        planning.invite(meeting, by=people["liaison"], people=[(guest, guest.name, "")], seat="sits_in")
        planning.add_item(meeting, by=people["liaison"], title="研究某案处置", is_confidential=True, admitted=[guest])
        planning.convene(meeting, by=people["liaison"])
        return meeting

    @pytest.mark.parametrize(
        ("who", "sees", "knows"),
        [
            ("unit_secretary", True, True),  # on the list, in the chair
            ("department", True, True),  # on the list, from another unit, admitted
            ("liaison", True, True),  # not on the list; keeps the college's meetings and entered this one
            ("branch", False, False),  # same unit, not on the list
            ("other_liaison", False, False),  # another unit
            ("discipline", True, False),  # the commission
            ("outsider", False, False),  # a stranger
        ],
    )
    def test_a_meeting_of_a_unit_and_its_confidential_item(self, of_the_college, people, login, who, sees, knows):
        meeting, client = of_the_college, login(who)
        page = client.get(f"/meetings/{meeting.pk}/")
        assert page.status_code == (200 if sees else 404)
        assert ("研究某案处置" in page.content.decode()) is knows
        ics = client.get(f"/meetings/{meeting.pk}/meeting.ics")
        assert ics.status_code == (200 if sees else 404)
        assert (client.get("/meetings/?q=学院专题").status_code == 200) and (
            (meeting.title in client.get("/meetings/?q=学院专题").content.decode()) is sees
        )
        shown = client.get(f"/meetings/calendar/?scope=all&month={cast.TODAY:%Y-%m}").context["meetings"]
        assert (meeting in shown) is sees
        assert "研究某案" not in client.get("/meetings/?q=某案").content.decode().replace('value="某案"', "")
        assert client.get(f"/meetings/{meeting.pk}/agenda/").status_code == (
            200 if who in ("unit_secretary", "liaison") else 403 if sees else 404
        )

    def test_and_so_is_what_the_minutes_print_of_it(self, people, login):
        meeting = held(people)
        secret = planning.add_item(
            meeting, by=people["office"], title="研究某案处置", is_confidential=True, admitted=[people["member"]]
        )
        post = Post.objects.get(title="分管财务副校长")
        resolutions.add_resolution(
            meeting, by=people["office"], text="某案移送", owner=post, due_on=date(2026, 12, 1), item=secret
        )
        meeting = recording.hand_in(meeting, by=people["office"])
        records.decide(meeting.record, "accept", by=people["secretary"])
        address = f"/meetings/{meeting.pk}/pdf/"
        assert "某案" in text_of(login("member").get(address).content)
        assert "某案" not in text_of(login("discipline").get(address).content)
        assert Duty.objects.get(resolution__meeting=meeting).title == resolutions.CONFIDENTIAL_TITLE
        assert not Resolution.objects.visible_to(people["discipline"]).filter(text="某案移送").exists()


def test_five_hundred_are_registered_in_constant_queries(people, login, django_assert_max_num_queries):
    from accountability.models import Person

    meeting, client = planned(people), login("office")
    crowd = Person.objects.bulk_create(Person(username=f"crowd{n}", name=f"众{n}", password="!") for n in range(500))
    planning.invite(meeting, by=people["office"], people=[(one, one.name, "") for one in crowd], seat="attends")
    address = f"/meetings/{meeting.pk}/people/"
    with django_assert_max_num_queries(40):
        assert client.get(address).status_code == 200
    rows = client.get(address).context["rows"]
    sent = {f"{field}-{row.pk}": "" for row in rows for field in ("reason", "substitute")}  # as a browser sends them
    sent |= {f"answer-{row.pk}": "expected" for row in rows} | {"all_present": "1"}
    with django_assert_max_num_queries(60):
        assert client.post(address, sent).status_code == 302
    assert meeting.participants.filter(answer="present").count() == meeting.participants.count() > 500


class TestASeries:
    def test_every_week_on_working_days_each_with_its_own_duty(self, people):
        school = cast.organisation("学校党委")
        first = acts.duty_of(school, "party-affairs-meeting", 1)
        series = planning.plan_series(
            by=people["office"],
            every="week",
            times=3,
            day=date(2026, 12, 5),  # a Saturday
            organisation=school,
            act=ActKind.objects.get(code="party-affairs-meeting"),
            work_year=cast.YEAR,
            title="党务工作例会",
            duties=[first],
        )
        assert [meeting.day for meeting in series] == [date(2026, 12, 7), date(2026, 12, 14), date(2026, 12, 21)]
        assert [[duty.occurrence for duty in meeting.counts_for.all()] for meeting in series] == [[1], [2], [3]]

    def test_one_that_leaves_the_year_is_refused_whole(self, people, login):
        client = login("office")
        address = "/meetings/plan/?kind=party-affairs-meeting"
        data = {"title": "例会", "day": "2026-12-01", "every": "month", "times": "3"}
        page = client.post(address, data)
        assert page.status_code == 400
        assert "本年度最多再安排 1 次" in page.content.decode()
        assert not Meeting.objects.exists()
        assert "共召开几次" in client.post(address, data | {"times": ""}).content.decode()


class TestPapers:
    def test_they_are_collected_before_the_day_and_served_to_who_sees_the_item(self, people, login):
        meeting = planned(people)
        item = planning.add_item(
            meeting, by=people["office"], title="研究某案", is_confidential=True, admitted=[people["member"]]
        )
        planning.convene(meeting, by=people["office"])
        address = f"/meetings/{meeting.pk}/agenda/{item.pk}/"
        upload = SimpleUploadedFile("案情报告.pdf", acts.PDF)
        assert login("office").post(address, {"papers": "1", "files": [upload]}).status_code == 302
        door = f"/meetings/{meeting.pk}/papers/{AgendaPaper.objects.get().pk}/"
        assert login("member").get(door).content == acts.PDF
        assert login("discipline").get(door).status_code == 404
        assert login("member").post(door + "withdraw/").status_code == 403
        assert login("office").post(door + "withdraw/").status_code == 302
        assert login("member").get(door).status_code == 404

    def test_a_bad_file_is_named_and_nothing_is_kept(self, people, login):
        item = planned(people).items.first()
        page = login("office").post(
            f"/meetings/{item.meeting_id}/agenda/{item.pk}/",
            {"papers": "1", "files": [SimpleUploadedFile("坏.pdf", b"not a pdf")]},
        )
        assert page.status_code == 400
        assert "坏.pdf" in page.content.decode()
        assert not AgendaPaper.objects.exists()


def test_page_and_report_count_n_meetings_alike(people, login):
    """三（一）3: one count, asked by the meetings page and by the annual report."""
    from supervision.report.figures import take
    from supervision.report.scope import Scope

    school, act = cast.organisation("学校党委"), ActKind.objects.get(code="committee-meeting")
    for day in (3, 4):
        recording.record_meeting(
            by=people["office"],
            organisation=school,
            act=act,
            work_year=cast.YEAR,
            title="传达精神",
            happened_on=date(2026, 11, day),
            chaired_by="顾怀远",
            trigger="上级全会",
        )
    quotas = {each.obligation.code: each for each in login("office").get("/meetings/").context["quotas"]}
    figures = take(Scope.school(), cast.YEAR, cast.TODAY).figures["figures"].values()
    counted = next(each for each in figures if "kind=committee-meeting" in each.get("url", ""))
    assert quotas["committee-meetings"].held == counted["value"] == 2


def test_page_dashboard_and_report_count_the_others_alike(people, login):
    """应召开 and 已召开 are the ledger's rows wherever they are shown."""
    from supervision.report.figures import take
    from supervision.report.scope import Scope

    closed(people)
    client = login("discipline")
    quotas = [each for each in client.get("/meetings/").context["quotas"] if each.required is not None]
    taken = take(Scope.school(), cast.YEAR, cast.TODAY).figures
    figures = {each["url"]: each["value"] for each in taken["figures"].values() if each.get("url")}
    assert len(quotas) > 8
    reported = 0
    for quota in quotas:
        assert client.get(quota.url).context["pager"].total == quota.required
        assert client.get(f"{quota.url}&state=done").context["pager"].total == quota.held
        reported += figures.get(quota.url) == quota.required
    assert reported >= 5  # those the report has a line for
    special = next(each for each in quotas if each.obligation.code == "standing-committee-meetings")
    assert (special.required, special.held, special.short) == (2, 1, 1)
    board = client.get("/supervision/").content.decode()
    assert f"obligation={special.obligation.pk}" in board


def test_the_page_tells_what_happened(people, login):
    meeting = planned(people)
    planning.convene(meeting, by=people["office"])
    planning.change_plan(meeting, by=people["office"], day=date(2026, 12, 2), reason="书记外出开会")
    page = login("office").get(f"/meetings/{meeting.pk}/").content.decode()
    for words in ("安排会议", "筹备中 → 已通知", "改期：书记外出开会", "召开日期 2026-11-23 → 2026-12-02"):
        assert words in page
