"""提醒规则: rows the office sets, looked at before they are switched on; switching on never floods the past."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accountability.models import ActKind, Duty, Notice, QuietPeriod, ReminderRule, ReminderStep
from supervision.services import reminder_rules as rules
from supervision.services.reminders import forecast, forecast_of, sweep
from tests import acts, cast
from tests.supervision.test_reminders import DUE, days_before, only

pytestmark = pytest.mark.django_db


@pytest.fixture
def duty(people) -> Duty:
    return only(acts.duty_of(cast.organisation(cast.OURS), "implementing-measures"))


def general(matter: str = "regulation") -> ReminderRule:
    return ReminderRule.objects.get(matter=matter, act=None)


def step(number: int, *audience: str, paper: str = "") -> ReminderStep:
    return ReminderStep(step=number, audience=list(audience or ("owner",)), paper=paper)


def kept(people, *steps: ReminderStep, rule: ReminderRule | None = None, periods=()) -> ReminderRule:
    rule = rule or ReminderRule(name="实施办法提醒", matter="regulation", starts_on=cast.TODAY)
    return rules.keep(rule, by=people["office"], steps=steps or [step(5)], periods=periods)


def for_measures(people, *steps: ReminderStep) -> ReminderRule:
    """A rule for one act, in force since the beginning of the month."""
    act = ActKind.objects.get(code="implementing-measures")
    rule = ReminderRule(name="实施办法提醒", matter="regulation", act=act, starts_on=cast.TODAY)
    rule = rules.switch_on(kept(people, *steps, rule=rule), by=people["office"])
    ReminderRule.objects.filter(pk=rule.pk).update(starts_on=date(2026, 11, 1))
    return rule


class TestLoading:
    def test_every_matter_has_its_rule(self, people):
        assert set(ReminderRule.objects.filter(is_active=True).values_list("matter", flat=True)) == {
            "meeting", "form", "regulation", "ad_hoc", "confidential", "talk", "clue",
        }  # fmt: skip

    def test_again_changes_nothing(self, people):
        general().steps.filter(step=20).delete()
        assert rules.load_rules(by=people["office"]) == 0
        assert not general().steps.filter(step=20).exists()

    def test_every_duty_is_of_exactly_one_rule(self, people):
        from supervision.reminders.plans import plans_on

        found = [
            pk for plan in plans_on(cast.TODAY) for pk in Duty.objects.filter(plan.duties).values_list("pk", flat=True)
        ]
        assert sorted(found) == sorted(Duty.objects.values_list("pk", flat=True))


class TestSetting:
    def test_only_the_office_sets(self, people):
        for who in ("discipline", "secretary", "sysadmin", "unit_secretary"):
            with pytest.raises(PermissionDenied):
                rules.keep(general(), by=people[who], steps=[step(5)])
            with pytest.raises(PermissionDenied):
                rules.switch_off(general(), by=people[who])

    @pytest.mark.parametrize(
        ("matter", "steps", "words"),
        [
            ("regulation", [], "至少设一个"),
            ("regulation", [step(5), step(5)], "重复"),
            ("regulation", [ReminderStep(step=5, audience=[])], "请选择告知对象"),
            ("regulation", [ReminderStep(step=5, audience=["dean"])], "没有这种告知对象"),
            ("talk", [step(5)], "只告知轮到办理的人"),
            ("confidential", [step(-7, paper="remind")], "不发函"),
            ("regulation", [step(3, paper="remind")], "逾期以后才发"),
            ("regulation", [step(400)], "到期前 180 天"),
            ("regulation", [step(number) for number in range(13)], "至多 12 个"),
        ],
    )
    def test_what_does_not_hold_together_is_refused_in_words(self, people, matter, steps, words):
        rule = ReminderRule(name="试", matter=matter, starts_on=cast.TODAY)
        with pytest.raises(ValidationError, match=words), transaction.atomic():
            rules.keep(rule, by=people["office"], steps=steps)
        assert not ReminderRule.objects.filter(name="试").exists()

    def test_an_act_must_be_of_the_matter(self, people):
        rule = ReminderRule(name="试", matter="meeting", act=ActKind.objects.get(code="duty-report"), starts_on=DUE)
        with pytest.raises(ValidationError, match="不在会议之内"):
            rules.keep(rule, by=people["office"], steps=[step(5)])

    def test_steps_are_replaced_and_their_history_kept(self, people):
        rule = kept(people, step(9), step(5), rule=general())
        assert list(rule.steps.values_list("step", flat=True)) == [9, 5]
        assert ReminderStep.history.filter(rule=rule.pk, history_type="-", history_user=people["office"]).count() == 6

    def test_one_rule_in_force_per_matter(self, people):
        rule = kept(people)
        with pytest.raises(ValidationError, match="已有启用的规则"):
            rules.switch_on(rule, by=people["office"])
        with pytest.raises(IntegrityError), transaction.atomic():
            ReminderRule.objects.filter(pk=rule.pk).update(is_active=True)

    def test_a_day_in_the_past_is_refused(self, people):
        rules.switch_off(general(), by=people["office"])
        with pytest.raises(ValidationError, match="不早于今天"):
            rules.switch_on(general(), by=people["office"], starts_on=cast.TODAY - timedelta(days=1))


class TestOneAct:
    def test_its_rule_comes_before_the_general_one(self, duty, people):
        for_measures(people, step(5))
        assert [sweep(days_before(days)) for days in (20, 10, 5)] == [0, 0, 1]

    def test_others_keep_the_general_rule(self, people):
        for_measures(people, step(5))
        only(acts.duty_of(cast.organisation(cast.OURS), "duty-report"))
        assert sweep(days_before(14)) == 2

    def test_switched_off_the_general_rule_speaks_again(self, duty, people):
        rules.switch_off(for_measures(people, step(5)), by=people["office"])
        assert sweep(days_before(10)) == 2


class TestSwitchingOn:
    def test_the_past_is_not_told_but_where_each_duty_stands(self, duty, people):
        rules.switch_off(general(), by=people["office"])
        assert sweep(days_before(-60)) == 0
        rule = rules.switch_on(general(), by=people["office"])
        made = sweep(days_before(-60))
        assert made == Notice.objects.values("recipient").distinct().count(), "one each, of six steps that were reached"
        assert set(Notice.objects.values_list("step", flat=True)) == {-14}
        assert rule.history.first().history_change_reason == "启用，自 2026-11-23 起"

    def test_before_its_first_day_nothing(self, duty, people):
        rules.switch_off(general(), by=people["office"])
        rules.switch_on(general(), by=people["office"], starts_on=days_before(3))
        assert [sweep(days_before(days)) for days in (5, 4, 3)] == [0, 0, 2]

    def test_no_rules_no_reminders(self, duty):
        ReminderRule.objects.update(is_active=False)
        assert sweep(days_before(3)) == 0


class TestQuiet:
    """静默期: steps wait and come as one."""

    def test_one_latest_step_afterwards(self, duty, people):
        holiday = QuietPeriod(name="实习周", from_on=days_before(12), until_on=days_before(-3))
        kept(people, *general().steps.all(), rule=general(), periods=[holiday])
        assert sum(sweep(days_before(days)) for days in range(12, -4, -1)) == 0
        assert sweep(days_before(-4)) == 1
        assert Notice.objects.get().step == 0

    def test_its_duties_are_nobody_elses_meanwhile(self, duty, people):
        rule = for_measures(people, step(5))
        QuietPeriod.objects.create(rule=rule, name="静", from_on=days_before(12), until_on=days_before(1))
        assert sweep(days_before(3)) == 0

    def test_too_long_or_backwards_is_refused(self, people):
        for first, last, words in ((1, 90, "超过 70 天"), (5, 1, "不能早于")):
            period = QuietPeriod(name="长假", from_on=DUE + timedelta(days=first), until_on=DUE + timedelta(days=last))
            with pytest.raises(ValidationError, match=words), transaction.atomic():
                kept(people, step(5), rule=general(), periods=[period])

    def test_the_next_day_it_could_write(self, people):
        rule = general()
        period = QuietPeriod(name="静", from_on=date(2026, 11, 23), until_on=date(2026, 11, 27))
        assert rules.next_day_of(rule, [period], cast.TODAY) == date(2026, 11, 30)
        assert rules.next_day_of(rule, [], date(2026, 11, 28)) == date(2026, 11, 30)


def test_a_forecast_of_a_rule_that_has_no_row_yet(duty, people):
    act = ActKind.objects.get(code="implementing-measures")
    rule = ReminderRule(name="试", matter="regulation", act=act, starts_on=cast.TODAY)
    told = forecast_of(rule, [step(10, "owner", "liaison")], days_before(10))
    assert (told.notices, told.people, len(told.first)) == (2, 2, 2)
    assert forecast(days_before(10)).notices == 2
    assert not Notice.objects.exists()


class TestPages:
    NEW = {
        "name": "实施办法提醒", "matter": "regulation", "act": "",
        "steps-TOTAL_FORMS": 2, "steps-INITIAL_FORMS": 0, "periods-TOTAL_FORMS": 1, "periods-INITIAL_FORMS": 0,
        "steps-0-side": "before", "steps-0-days": "10", "steps-0-audience": ["owner", "liaison"], "steps-0-paper": "",
        "steps-1-side": "after", "steps-1-days": "", "steps-1-paper": "",
        "periods-0-name": "寒假", "periods-0-from_on": "2027-01-18", "periods-0-until_on": "2027-02-21",
    }  # fmt: skip

    def test_looked_at_then_kept_then_switched_on(self, login, duty, people):
        client = login("office")
        rules.switch_off(general(), by=people["office"])
        Duty.objects.filter(pk=duty.pk).update(due_on=date(2026, 12, 3))
        looked = client.post("/reminders/new/", self.NEW)
        assert "将发出 2 条通知，涉及 2 人" in looked.content.decode()
        assert "沈若愚" in looked.content.decode()
        assert ReminderRule.objects.count() == 7, "a look keeps nothing"
        assert client.post("/reminders/new/", self.NEW | {"save": "1"}).status_code == 302
        rule = ReminderRule.objects.get(name="实施办法提醒")
        assert (rule.is_active, rule.steps.count(), rule.quiet_periods.get().name) == (False, 1, "寒假")
        page = client.get(f"/reminders/{rule.pk}/").content.decode()
        assert "2026-11-23（今天）将发出 2 条通知，涉及 2 人" in page
        assert not Notice.objects.filter(kind="reminder").exists()
        assert client.post(f"/reminders/{rule.pk}/switch/", {"act": "on"}).status_code == 302
        assert sweep(cast.TODAY) == 2

    def test_what_is_wrong_is_said_in_words(self, login):
        client = login("office")
        for change, words in (
            ({"steps-0-days": "zehn"}, "天数请填整数"),
            ({"steps-0-days": "999"}, "到期前至多 180 天"),
            ({"steps-0-paper": "urge"}, "逾期以后才发函"),
            ({"steps-0-audience": []}, "请选择告知对象"),
            ({"periods-0-until_on": ""}, "静默期须填写"),
            ({"periods-0-until_on": "2026-01-01"}, "结束日期不能早于开始日期"),
            ({"name": ""}, "请填写规则名称"),
            ({"matter": "weather"}, "请从列表中选择适用事项"),
            ({"steps-TOTAL_FORMS": "x"}, "提醒节点没有完整提交"),
            ({"periods-TOTAL_FORMS": "9"}, "静默期至多 6 个"),
        ):
            answer = client.post("/reminders/new/", self.NEW | change | {"save": "1"})
            assert answer.status_code == 400, change
            assert words in answer.content.decode(), change
        assert ReminderRule.objects.count() == 7

    def test_switching_on_a_second_is_refused_on_the_page(self, login, people):
        rule = kept(people)
        answer = login("office").post(f"/reminders/{rule.pk}/switch/", {"act": "on"})
        assert answer.status_code == 400
        assert "已有启用的规则" in answer.content.decode()

    def test_who_reads_and_who_sets(self, login, people):
        pk = general().pk
        for who in ("discipline", "secretary"):
            client = login(who)
            assert client.get("/reminders/").status_code == 200
            assert "修改规则" not in client.get(f"/reminders/{pk}/").content.decode()
            assert client.get(f"/reminders/{pk}/edit/").status_code == 403
            assert client.post(f"/reminders/{pk}/switch/", {"act": "off"}).status_code == 403
        for who in ("liaison", "sysadmin", "member"):
            assert login(who).get("/reminders/").status_code == 403
            assert login(who).get(f"/reminders/{pk}/").status_code == 404

    def test_of_what_is_confidential_no_number_is_told(self, login, people):
        for matter in ("confidential", "talk", "clue"):
            page = login("office").get(f"/reminders/{general(matter).pk}/").content.decode()
            assert "不预演条数和内容" in page

    def test_every_change_stands_in_the_history(self, login, people):
        rule = kept(people, step(9, "owner", "leader"), step(-3, "secretary", paper="urge"), rule=general())
        page = login("office").get(f"/reminders/{rule.pk}/").content.decode()
        for words in ("到期前 9 天：责任人、分管、联系校领导", "逾期第 3 天：学校党委书记，督办函", "删去到期前 20 天"):
            assert words in page

    def test_a_notice_says_why(self, login, duty):
        sweep(days_before(10))
        page = login("liaison").get("/notices/").content.decode()
        assert "您是联络员，按「制度责任提醒」到期前 10 天提醒" in page
