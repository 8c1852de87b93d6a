"""履责纪实: filing, crediting, deciding; each exit of each verb."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accountability.models import Duty, Evidence, Notice, Record
from accountability.services import records
from tests import acts, cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(people):
    return cast.organisation("学校党委")


@pytest.fixture
def ours(people):
    return cast.organisation(cast.OURS)


class TestFiling:
    def test_the_office_record_counts_at_once(self, people, school):
        record = acts.record(people["office"], school, "problem-list", on=date(2026, 3, 20))
        duty = acts.duty_of(school, "problem-list")
        assert (record.state, duty.state, duty.fulfilled_on) == ("accepted", "fulfilled", date(2026, 3, 20))

    def test_a_liaison_drafts_and_his_secretary_decides(self, people, ours):
        record = acts.record(people["liaison"], ours, "duty-report")
        assert record.state == "submitted"
        assert acts.duty_of(ours, "duty-report").state == "open"
        told = Notice.objects.get(recipient=people["unit_secretary"], kind="to_confirm")
        assert record.title in told.title
        records.decide(record, "accept", by=people["unit_secretary"])
        assert acts.duty_of(ours, "duty-report").state == "fulfilled"

    def test_the_day_it_happened_and_the_day_it_was_entered_are_kept_apart(self, people, school):
        record = acts.record(people["office"], school, "problem-list", on=date(2026, 10, 19))
        assert (record.happened_on, record.entered_on) == (date(2026, 10, 19), cast.TODAY)
        assert record.days_late == 35
        assert record.is_late_entry
        assert list(Record.objects.entered_late()) == [record]

    def test_a_week_later_is_not_late_entry(self, people, school):
        record = acts.record(people["office"], school, "problem-list", on=date(2026, 11, 16))
        assert not record.is_late_entry
        assert not Record.objects.entered_late().exists()

    def test_nobody_records_for_another_unit(self, people, ours):
        with pytest.raises(PermissionDenied):
            acts.record(people["other_liaison"], ours, "duty-report")
        assert not Record.objects.exists()

    def test_the_commission_never_records_for_a_unit(self, people, ours):
        with pytest.raises(PermissionDenied):
            acts.record(people["discipline"], ours, "duty-report")

    def test_the_future_is_refused(self, people, school):
        with pytest.raises(ValidationError, match="不能晚于今天"):
            acts.record(people["office"], school, "problem-list", on=date(2026, 11, 24))

    def test_a_year_not_opened_is_refused(self, people, school):
        act = acts.ActKind.objects.get(code="problem-list")
        with pytest.raises(ValidationError, match="尚未开启"):
            records.file_record(
                by=people["office"],
                organisation=school,
                act=act,
                work_year=2024,
                title="清单",
                happened_on=date(2024, 3, 1),
            )

    def test_a_closed_year_is_refused(self, people, school):
        acts.duty_of(school, "problem-list").work_year.__class__.objects.update(closed_on=date(2026, 11, 1))
        with pytest.raises(ValidationError, match="封存"):
            acts.record(people["office"], school, "problem-list")

    def test_a_leader_records_his_own_pledge(self, people, school):
        from accountability.models import Post

        post = Post.objects.get(title="分管财务副校长")
        record = acts.record(people["member"], school, "integrity-pledge", post=post)
        assert record.state == "accepted"
        assert acts.duty_of(school, "integrity-pledge", post=post).state == "fulfilled"
        others = Duty.objects.filter(obligation__code="integrity-pledge", state="fulfilled")
        assert others.count() == 1


class TestCountingOnce:
    def test_one_record_counts_for_two_obligations(self, people, school):
        record = acts.record(people["office"], school, "opening-meeting", on=date(2026, 2, 27))
        titles = {duty.obligation.code for duty in Duty.objects.filter(evidence__record=record)}
        assert titles == {"opening-meeting", "warning-meetings"}

    def test_and_never_twice_for_one(self, people, school):
        record = acts.record(people["office"], school, "warning-meeting", on=date(2026, 3, 1))
        second = acts.duty_of(school, "warning-meeting", occurrence=2)
        with pytest.raises(ValidationError, match="不能重复计入"):
            records.credit(second, by=people["office"], record=record)
        assert Evidence.objects.filter(record=record).count() == 1

    def test_the_database_refuses_a_second_count(self, people, school):
        record = acts.record(people["office"], school, "warning-meeting", on=date(2026, 3, 1))
        second = acts.duty_of(school, "warning-meeting", occurrence=2)
        with pytest.raises(IntegrityError), transaction.atomic():
            Evidence.objects.create(record=record, duty=second, obligation=second.obligation)

    def test_the_same_act_entered_again_is_refused(self, people, school):
        acts.record(people["office"], school, "warning-meeting", on=date(2026, 3, 1))
        with pytest.raises(ValidationError, match="同一次警示教育大会只计一次"):
            acts.record(people["office"], school, "warning-meeting", on=date(2026, 3, 1), title="换个名称")
        assert Duty.objects.filter(obligation__code="warning-meetings", state="fulfilled").count() == 1

    def test_another_sitting_on_the_day_counts(self, people, school):
        acts.record(people["office"], school, "warning-meeting", on=date(2026, 3, 1))
        acts.record(people["office"], school, "warning-meeting", on=date(2026, 3, 1), sitting=2)
        assert Duty.objects.filter(obligation__code="warning-meetings", state="fulfilled").count() == 2

    def test_the_database_refuses_the_same_act(self, people, school):
        record = acts.record(people["office"], school, "warning-meeting", on=date(2026, 3, 1))
        record.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            record.save(force_insert=True)

    def test_a_withdrawn_record_makes_room(self, people, school):
        record = acts.record(people["office"], school, "warning-meeting", on=date(2026, 3, 1))
        records.decide(record, "withdraw", by=people["office"], reason="日期填错了")
        assert acts.duty_of(school, "warning-meeting").state == "open"
        acts.record(people["office"], school, "warning-meeting", on=date(2026, 3, 1))
        assert acts.duty_of(school, "warning-meeting").state == "fulfilled"

    def test_the_wrong_kind_of_act_does_not_count(self, people, school):
        record = acts.record(people["office"], school, "problem-list", credit=False)
        with pytest.raises(ValidationError, match="不能履行"):
            records.credit(acts.duty_of(school, "warning-meeting"), by=people["office"], record=record)

    def test_last_years_act_does_not_count(self, people, school):
        record = acts.record(people["office"], school, "problem-list", credit=False, on=date(2025, 12, 31))
        with pytest.raises(ValidationError, match="早于责任所属工作年度"):
            records.credit(acts.duty_of(school, "problem-list"), by=people["office"], record=record)

    def test_another_units_duty_is_out_of_reach(self, people, ours):
        record = acts.record(people["liaison"], ours, "duty-report", credit=False)
        theirs = acts.duty_of(cast.organisation(cast.THEIRS), "duty-report")
        with pytest.raises(ValidationError, match="别的单位"):
            records.credit(theirs, by=people["liaison"], record=record)

    def test_candidates_are_the_earliest_open_time_of_each_obligation(self, people, school):
        act = acts.ActKind.objects.get(code="warning-meeting")
        assert [duty.occurrence for duty in records.countable_duties(school, act, cast.YEAR)] == [1]
        acts.record(people["office"], school, "warning-meeting", on=date(2026, 3, 1))
        assert [duty.occurrence for duty in records.countable_duties(school, act, cast.YEAR)] == [2]


class TestFourEyes:
    @pytest.fixture
    def drafted(self, people, ours):
        return acts.record(people["liaison"], ours, "duty-report")

    def test_the_author_cannot_accept(self, people, drafted):
        with pytest.raises(PermissionDenied, match="录入人不能"):
            records.decide(drafted, "accept", by=people["liaison"])
        drafted.refresh_from_db()
        assert drafted.state == "submitted"

    def test_even_the_database_refuses_him(self, people, drafted):
        with pytest.raises(IntegrityError), transaction.atomic():
            Record.objects.filter(pk=drafted.pk).update(state="accepted", decided_by=people["liaison"])

    def test_another_units_secretary_cannot(self, people, drafted):
        with pytest.raises(PermissionDenied):
            records.decide(drafted, "accept", by=people["other_secretary"])

    def test_a_return_wants_a_reason(self, people, drafted):
        with pytest.raises(ValidationError, match="至少 4 个字"):
            records.decide(drafted, "return", by=people["unit_secretary"], reason="不行")

    def test_returned_mended_and_accepted(self, people, drafted):
        records.decide(drafted, "return", by=people["unit_secretary"], reason="请补充整改措施")
        assert Notice.objects.filter(recipient=people["liaison"], kind="returned").exists()
        records.revise(
            drafted,
            by=people["liaison"],
            title="履责报告（修改）",
            happened_on=date(2026, 11, 20),
            content="补充了措施",
        )
        drafted.refresh_from_db()
        assert (drafted.state, drafted.decided_by, drafted.content) == ("submitted", None, "补充了措施")
        records.decide(drafted, "accept", by=people["unit_secretary"])
        duty = Duty.objects.get(evidence__record=drafted)
        assert duty.state == "fulfilled"

    def test_only_the_author_mends(self, people, drafted):
        records.decide(drafted, "return", by=people["unit_secretary"], reason="请补充整改措施")
        with pytest.raises(PermissionDenied):
            records.revise(drafted, by=people["unit_secretary"], title="改", happened_on=date(2026, 11, 20), content="")

    def test_accepted_twice_is_refused(self, people, drafted):
        records.decide(drafted, "accept", by=people["unit_secretary"])
        with pytest.raises(ValidationError, match="已计入"):
            records.decide(drafted, "accept", by=people["unit_secretary"])

    def test_every_step_has_its_history(self, people, drafted):
        records.decide(drafted, "accept", by=people["unit_secretary"])
        rows = drafted.history.order_by("history_id")
        assert [(row.history_user.username, row.history_change_reason) for row in rows] == [
            ("liaison", "录入履责记录"),
            ("unit_secretary", "审核通过"),
        ]
        duty = Duty.objects.get(evidence__record=drafted)
        assert duty.history.first().history_user == people["unit_secretary"]
