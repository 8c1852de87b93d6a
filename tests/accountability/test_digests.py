"""每日摘要: one per person and working morning, never lost; what is in it and why."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accountability.models import Channel, Delivery, Digest, Duty, Notice, Person, ReminderRule, WorkdayOverride
from accountability.services.digests import CARRIED_OVER, open_digests
from accountability.services.notices import notify
from tests import cast
from tests.accountability.sending import go_to, morning, send_all

pytestmark = pytest.mark.django_db
DAY = cast.TODAY  # a Monday


def tell(*people: Person, title: str = "审核通过：专题会议", kind=Notice.Kind.ACCEPTED) -> None:
    notify(people, kind=kind, title=title, body="已计入", url="/records/1/")


@pytest.fixture
def duties(people) -> list[Duty]:
    """Three duties of our college, one late, one soon, one far; nothing else is owed."""
    rows = list(Duty.objects.filter(organisation=cast.organisation(cast.OURS), bearer_post=None)[:3])
    Duty.objects.update(state=Duty.State.WAIVED)
    for row, days in zip(rows, (-3, 5, 90), strict=True):
        Duty.objects.filter(pk=row.pk).update(due_on=DAY + timedelta(days=days), state=Duty.State.OPEN)
        row.refresh_from_db()
    return rows


def remind(person: Person, *duties: Duty, step: int = 0) -> None:
    Notice.objects.bulk_create(
        Notice(
            recipient=person, kind="reminder", rule=ReminderRule.objects.first(), capacity="owner", duty=duty, due_on=duty.due_on, step=step, title=duty.title,
            url=f"/ledger/{duty.pk}/", created_at=timezone.now(),
        )
        for duty in duties
    )  # fmt: skip


def test_the_mail(duties, people, mailoutbox, settings):
    settings.SITE_ADDRESS = "https://four.example.edu.cn/"
    late, soon, _ = duties
    remind(people["liaison"], late, soon)
    tell(people["liaison"])
    assert morning() == 1
    (mail,) = mailoutbox
    digest = Digest.objects.get(recipient=people["liaison"])
    assert mail.to == ["liaison@jhjm.example"]
    assert mail.subject == "四责协同 2026-11-23：已逾期 1 项，将到期 1 项，其他 1 项"
    assert mail.message()["Message-ID"] == f"<digest-{digest.pk}@four.example.edu.cn>"
    assert mail.message()["List-Unsubscribe"] == "<https://four.example.edu.cn/notices/preferences/>"
    html, kind = mail.alternatives[0]
    assert kind == "text/html"
    for body in (mail.body, html):
        assert "叶清和，您好" in body
        assert f"https://four.example.edu.cn/ledger/{late.pk}/" in body
        assert f"https://four.example.edu.cn/ledger/{soon.pk}/" in body
        assert "https://four.example.edu.cn/notices/" in body
        assert "https://four.example.edu.cn/notices/preferences/" in body
        assert body.count("为什么收到：") == 3
        assert body.index("已逾期") < body.index("将到期") < body.index("其他")
    assert "style=" not in html
    delivery = digest.deliveries.get()
    assert (delivery.state, delivery.attempts, digest.notices.count()) == ("sent", 1, 3)


def test_one_mail_a_day(people, mailoutbox, clock):
    tell(people["liaison"])
    assert morning() == 1
    tell(people["liaison"], title="又一条")
    clock.shift(timedelta(hours=2))
    assert morning() == 0
    go_to(clock, DAY + timedelta(days=1))
    assert morning() == 1
    assert "又一条" in mailoutbox[-1].body
    assert "专题会议" not in mailoutbox[-1].body


def test_nothing_new_no_mail(people):
    assert morning() == 0
    assert not Digest.objects.exists()


def test_not_before_the_hour(people, clock):
    tell(people["liaison"])
    go_to(clock, DAY, hour=7)
    assert morning() == 0
    go_to(clock, DAY, hour=8)
    assert morning() == 1


@pytest.mark.parametrize(
    ("day", "is_sent"),
    [
        (date(2026, 11, 28), False),  # a Saturday
        (date(2026, 10, 1), False),  # 国庆
        (date(2026, 10, 10), True),  # a Saturday worked instead (调休)
        (date(2026, 11, 24), True),
    ],
)
def test_nothing_on_days_off(people, clock, day, is_sent):
    go_to(clock, day)
    tell(people["liaison"])
    assert morning() == is_sent
    assert Digest.objects.exists() == is_sent


def test_the_schools_own_word_on_a_day_comes_first(people):
    WorkdayOverride.objects.create(day=DAY, is_workday=False, reason="校庆")
    tell(people["liaison"])
    assert morning() == 0


def test_what_came_over_the_days_off_is_one_mail(people, mailoutbox, clock):
    for days in (4, 5, 6):  # Friday after the morning, Saturday, Sunday
        go_to(clock, DAY + timedelta(days=days), hour=20)
        tell(people["liaison"], title=f"第 {days} 天")
        morning()
    sent = len(mailoutbox)
    go_to(clock, DAY + timedelta(days=7))
    morning()
    assert (sent, len(mailoutbox)) == (1, 1 + sent)
    assert "第 5 天" in mailoutbox[-1].body and "第 6 天" in mailoutbox[-1].body


def test_read_notices_are_mailed_all_the_same(people):
    tell(people["liaison"])
    Notice.objects.update(read_at=timezone.now())
    assert morning() == 1


@pytest.mark.parametrize("fields", [{"email": ""}, {"is_active": False}])
def test_without_an_address_the_notice_stays_in_the_app(people, mailoutbox, fields):
    Person.objects.filter(username="liaison").update(**fields)
    tell(people["liaison"])
    assert morning() == 0
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.error) == ("dropped", "无邮箱，仅站内")
    assert not mailoutbox


def test_days_without_a_worker_are_one_mail_later(people, mailoutbox, clock):
    for days in range(3):  # rows are opened, nothing is sent
        go_to(clock, DAY + timedelta(days=days))
        tell(people["liaison"], title=f"第 {days} 天")
        open_digests(DAY + timedelta(days=days), timezone.now())
    go_to(clock, DAY + timedelta(days=3))
    assert morning() == 1
    assert len(mailoutbox) == 1
    assert "其他 3 项" in mailoutbox[0].subject
    assert set(Delivery.objects.exclude(state="sent").values_list("state", "error")) == {("dropped", CARRIED_OVER)}


def test_what_another_worker_is_sending_is_not_taken_from_it(people, clock):
    tell(people["liaison"])
    open_digests(DAY, timezone.now())
    go_to(clock, DAY + timedelta(days=1))
    Delivery.objects.update(state="sending", attempts=1, lease_until=timezone.now() + timedelta(seconds=60))
    tell(people["liaison"], title="第二天的")
    open_digests(DAY + timedelta(days=1), timezone.now())
    assert Digest.objects.get(day=DAY).notices.count() == 1
    clock.shift(timedelta(minutes=3))  # it was dead
    assert send_all() == 2


def test_opening_twice_opens_once(people):
    tell(people["liaison"], people["office"])
    opened = [open_digests(DAY, timezone.now()) for _ in range(3)]
    assert opened == [2, 0, 0]
    assert Delivery.objects.count() == 2


def test_what_was_done_meanwhile_is_not_mailed(duties, people):
    remind(people["liaison"], *duties[:2])
    Duty.objects.filter(pk=duties[0].pk).update(state="fulfilled", fulfilled_on=DAY)
    Duty.objects.filter(pk=duties[1].pk).update(due_on=date(2026, 12, 30))
    assert morning() == 0
    assert Delivery.objects.values_list("state", "error").get() == ("dropped", "没有需要发出的内容")


def test_a_duty_is_named_once(duties, people, mailoutbox):
    remind(people["liaison"], duties[1], step=10)
    remind(people["liaison"], duties[1], step=7)
    morning()
    assert mailoutbox[0].body.count(f"/ledger/{duties[1].pk}/") == 1


def test_a_long_list_is_cut_and_says_so(people, mailoutbox):
    for number in range(25):
        tell(people["liaison"], title=f"通知 {number}")
    morning()
    assert "其他 25 项" in mailoutbox[0].subject
    assert "另有 5 项" in mailoutbox[0].body


def test_what_people_type_cannot_break_the_mail(people, mailoutbox):
    tell(people["liaison"], title="<script>甲</script> & “乙”")
    morning()
    assert "<script>甲" in mailoutbox[0].body
    assert "<script>" not in mailoutbox[0].alternatives[0][0]


def test_opening_costs_the_same_for_one_and_for_many(people, clock):
    many = list(Person.objects.filter(is_active=True)[:60])  # one statement's worth: a bulk insert is cut by SQLite

    def cost(day: int, who: list[Person]) -> int:
        go_to(clock, DAY + timedelta(days=day))
        tell(*who)
        with CaptureQueriesContext(connection) as captured:
            open_digests(DAY + timedelta(days=day), timezone.now())
        Delivery.objects.all().delete()
        return len(captured)

    few = cost(0, many[:1])
    assert cost(1, many) == few


def test_the_database_holds_one_digest_a_day_for_one(people):
    Digest.objects.create(recipient=people["liaison"], day=DAY)
    for fields in ({"recipient": people["liaison"]}, {}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Digest.objects.create(day=DAY, **fields)


class TestAtOnce:
    """即时: returns and letters alone."""

    def test_a_return_goes_at_once_and_is_in_no_digest(self, people, mailoutbox, clock):
        go_to(clock, date(2026, 11, 28), hour=22)  # a Saturday night
        tell(people["liaison"], title="已退回：专题会议", kind=Notice.Kind.RETURNED)
        assert send_all() == 1
        (mail,) = mailoutbox
        assert mail.subject == "四责协同：已退回：专题会议"
        assert "被退回" in mail.body and "/records/1/" in mail.body
        go_to(clock, date(2026, 11, 30))
        assert morning() == 0

    def test_everything_else_waits_for_the_morning(self, people):
        for kind in set(Notice.Kind) - {Notice.Kind.RETURNED, *Notice.ALWAYS_MAILED, Notice.Kind.REMINDER}:
            tell(people["liaison"], kind=kind)
        assert send_all() == 0

    def test_a_letter_goes_at_once(self, people, mailoutbox):
        from tests.supervision import letter_acts

        letter = letter_acts.issued(people, cast.OURS)
        send_all()
        told = {address for mail in mailoutbox for address in mail.to}
        assert {"unit_secretary@jhjm.example", "liaison@jhjm.example"} <= told
        assert all(letter.number in mail.subject for mail in mailoutbox)

    def test_the_message_id_is_the_notices_own(self, people, mailoutbox, settings):
        settings.SITE_ADDRESS = "https://four.example.edu.cn"
        tell(people["liaison"], kind=Notice.Kind.RETURNED)
        send_all()
        expected = f"<notice-{Notice.objects.get().pk}@four.example.edu.cn>"
        assert mailoutbox[0].message()["Message-ID"] == expected


class TestGroups:
    @pytest.fixture
    def robot(self, people) -> Channel:
        unit = cast.organisation(cast.OURS)
        return Channel.objects.create(kind="wecom", name="会计学院群", organisation=unit, secret_name="OURS")

    def test_a_group_has_one_digest_a_working_day(self, robot, clock):
        for hour in (9, 10):
            go_to(clock, DAY, hour)
            open_digests(DAY, timezone.now())
        go_to(clock, date(2026, 11, 28))
        open_digests(date(2026, 11, 28), timezone.now())
        assert Delivery.objects.values_list("channel", "digest__day").get() == (robot.pk, DAY)

    def test_a_stopped_robot_has_none(self, robot):
        Channel.objects.filter(pk=robot.pk).update(is_active=False)
        open_digests(DAY, timezone.now())
        assert not Digest.objects.exists()
