"""投递: claimed by one, tried again, given up, retried; a refused recipient stops nobody, a dead channel no other."""

import smtplib
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, transaction
from django.utils import timezone

from accountability.models import Channel, Delivery, Notice, Person
from accountability.services import channels, deliveries
from accountability.services.notices import notify
from accountability.services.outbox import open_deliveries
from tests import cast
from tests.accountability.sending import morning, send_all

pytestmark = pytest.mark.django_db
REFUSED = "liaison@jhjm.example"


class OneRefuses(EmailBackend):
    """A server that refuses one address and takes the others."""

    def send_messages(self, messages):
        if REFUSED in messages[0].to:
            raise smtplib.SMTPRecipientsRefused({REFUSED: (550, b"no such mailbox")})
        return super().send_messages(messages)


class Down(EmailBackend):
    def open(self):
        raise ConnectionRefusedError(111, "Connection refused")


class Stalls(EmailBackend):
    def send_messages(self, messages):
        raise TimeoutError("timed out")


@pytest.fixture
def refusing(settings):
    settings.EMAIL_BACKEND = f"{__name__}.OneRefuses"


def tell(*people: Person) -> list[Notice]:
    return notify(people, kind=Notice.Kind.RETURNED, title="已退回：专题会议", url="/records/1/")


def ten_of(people) -> list[Person]:
    return [people["liaison"], *Person.objects.filter(username__startswith="extra").order_by("pk")[:9]]


def test_one_of_ten_refused_the_others_arrive_and_the_page_tells(people, login, mailoutbox, refusing, clock):
    tell(*ten_of(people))
    assert send_all() == 9
    delivery = Delivery.objects.exclude(state="sent").get()
    assert (delivery.state, delivery.attempts) == ("failed", 1)
    for _ in range(deliveries.ATTEMPTS):
        clock.shift(timedelta(minutes=241))
        send_all()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("dead", deliveries.ATTEMPTS)
    page = login("sysadmin").get("/operations/deliveries/").content.decode()
    for words in ("叶清和", "邮件", "即时通知", "550 no such mailbox", "无法投递"):
        assert words in page
    assert "专题会议" not in page
    assert len(mailoutbox) == 9


def test_tries_lie_further_and_further_apart(people, refusing, clock):
    tell(people["liaison"])
    tried = []
    for minute in range(400):
        before = Delivery.objects.get().attempts
        send_all()
        if Delivery.objects.get().attempts > before:
            tried.append(minute)
        clock.shift(timedelta(minutes=1))
    assert len(tried) == deliveries.ATTEMPTS
    gaps = [after - before for before, after in zip(tried, tried[1:], strict=False)]
    assert gaps == sorted(gaps) and gaps[0] >= 1 and gaps[-1] >= 240


class TestAChannelThatIsDown:
    @pytest.fixture
    def down(self, settings):
        settings.EMAIL_BACKEND = f"{__name__}.Down"

    def test_it_is_asked_once_and_rests(self, people, down):
        tell(*ten_of(people))
        assert send_all() == 0
        assert sorted(Delivery.objects.values_list("state", "attempts")) == [("failed", 0), *[("pending", 0)] * 9]
        assert deliveries.waiting_channels(timezone.now()) == []
        mail = Channel.objects.mail()
        assert "连接不上邮件服务器" in mail.trouble

    def test_nothing_is_given_up_while_it_is_down(self, people, down, settings, clock, mailoutbox):
        tell(*ten_of(people))
        for _ in range(100):
            clock.shift(timedelta(minutes=30))
            send_all()
        assert set(Delivery.objects.values_list("state", flat=True)) <= {"pending", "failed"}
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        clock.shift(timedelta(minutes=30))
        assert send_all() == 10
        mail = Channel.objects.mail()
        assert (mail.trouble, mail.resting_until) == ("", None)

    def test_it_blocks_no_other(self, people, down, monkeypatch):
        said = []
        monkeypatch.setattr("accountability.transport.robots.say", lambda channel, *words: said.append(channel.name))
        unit = cast.organisation(cast.OURS)
        robot = Channel.objects.create(kind="feishu", name="会计学院群", organisation=unit, secret_name="OURS")
        (notice,) = tell(people["liaison"])
        open_deliveries([notice], robot, timezone.now())
        assert send_all() == 1
        assert said == ["会计学院群"]

    def test_a_server_that_stalls_costs_one_wait_a_round(self, people, settings):
        settings.EMAIL_BACKEND = f"{__name__}.Stalls"
        tell(*ten_of(people))
        assert send_all() == 0
        assert Delivery.objects.filter(attempts=1).count() == 1
        assert "20 秒内没有应答" in Channel.objects.mail().trouble


class TestClaim:
    @pytest.fixture
    def sending(self, people) -> Delivery:
        """Claimed by a worker that may be alive or dead."""
        tell(people["liaison"])
        until = timezone.now() + deliveries.lease()
        Delivery.objects.update(state="sending", attempts=1, lease_until=until)
        return Delivery.objects.get()

    def test_a_fresh_claim_is_left_alone(self, sending):
        assert send_all() == 0

    def test_a_stale_claim_is_sent_again_under_the_same_message_id(self, sending, mailoutbox, clock):
        clock.shift(deliveries.lease() + timedelta(seconds=1))
        assert send_all() == 1
        assert mailoutbox[0].message()["Message-ID"].startswith(f"<notice-{sending.notice_id}@")

    def test_a_worker_that_dies_every_time_is_not_followed_for_ever(self, sending, mailoutbox, clock):
        Delivery.objects.update(attempts=deliveries.ATTEMPTS)
        clock.shift(deliveries.lease() + timedelta(seconds=1))
        assert send_all() == 0
        sending.refresh_from_db()
        assert (sending.state, sending.error) == ("dead", deliveries.NEVER_FINISHED)
        assert not mailoutbox

    def test_who_lost_his_claim_writes_nothing(self, sending):
        Delivery.objects.update(lease_until=timezone.now() + timedelta(hours=1))
        deliveries._write(sending, state="dead", error="too late")
        sending.refresh_from_db()
        assert sending.state == "sending"

    def test_one_worker_sends_on_a_channel_at_a_time(self, people, clock):
        tell(people["liaison"])
        mail = Channel.objects.mail()
        turn = deliveries.Turn.take(mail.pk)
        assert deliveries.Turn.take(mail.pk) is None
        assert deliveries.deliver(mail.pk) == 0
        clock.shift(deliveries.lease() + timedelta(seconds=1))  # its worker is gone
        assert deliveries.deliver(mail.pk) == 1
        assert not turn.goes_on() or Channel.objects.get().held_until is None


class TestTheAdministrator:
    @pytest.fixture
    def dead(self, people) -> Delivery:
        tell(people["liaison"])
        Delivery.objects.update(state="dead", attempts=6, error="邮件服务器拒绝收件人")
        return Delivery.objects.get()

    def test_retry_sends_it(self, dead, login, mailoutbox):
        client = login("sysadmin")
        answer = client.post(f"/operations/deliveries/{dead.pk}/retry/", follow=True)
        assert "已重新排队" in answer.content.decode()
        assert send_all() == 1
        with pytest.raises(ValidationError):
            deliveries.retry(dead, by=Person.objects.get(username="sysadmin"))

    def test_retry_all(self, dead, login, people):
        tell(people["office"])
        Delivery.objects.update(state="dead")
        login("sysadmin").post("/operations/deliveries/retry/")
        assert send_all() == 2

    def test_nobody_else(self, dead, login, people):
        for who in ("office", "secretary", "secadmin", "liaison", "outsider"):
            client = login(who)
            for path in ("/operations/deliveries/", "/operations/channels/"):
                assert client.get(path).status_code == 403, who
            assert client.post(f"/operations/deliveries/{dead.pk}/retry/").status_code == 404, who
        with pytest.raises(PermissionDenied):
            deliveries.retry_all(by=people["office"])


class TestChannels:
    def test_a_robot_is_registered_tested_and_stopped(self, login, people, monkeypatch):
        said = []
        monkeypatch.setattr("accountability.transport.robots.say", lambda channel, title, text: said.append(title))
        monkeypatch.setenv("ROBOT_FINANCE", "https://oapi.dingtalk.com/robot/send?access_token=s3cr3t")
        client = login("sysadmin")
        fields = {
            "kind": "dingtalk", "name": "财务处工作群", "secret_name": "FINANCE",
            "organisation": cast.organisation("财务处").pk,
        }  # fmt: skip
        assert client.post("/operations/channels/", fields).status_code == 302
        robot = Channel.objects.robots().get()
        client.post(f"/operations/channels/{robot.pk}/test/")
        page = client.get("/operations/channels/").content.decode()
        assert "最近试发" in page and "待发" in page and "ROBOT_FINANCE" in page and "s3cr3t" not in page
        send_all()
        assert said == ["四责协同：试发"]
        assert "正常" in client.get("/operations/channels/").content.decode()
        client.post(f"/operations/channels/{robot.pk}/switch/", {"to": "off"})
        assert client.post(f"/operations/channels/{robot.pk}/test/").status_code == 400
        changes = robot.history.values_list("history_user__username", "history_change_reason")
        assert set(changes) == {("sysadmin", "登记机器人"), ("sysadmin", "停用渠道")}

    def test_the_mail_channel_is_tested_by_a_mail_to_oneself(self, login, people, mailoutbox):
        client = login("sysadmin")
        client.post(f"/operations/channels/{Channel.objects.mail().pk}/test/")
        send_all()
        assert (mailoutbox[0].to, mailoutbox[0].subject) == (["sysadmin@jhjm.example"], "四责协同：试发邮件")
        Person.objects.filter(username="sysadmin").update(email="")
        answer = client.post(f"/operations/channels/{Channel.objects.mail().pk}/test/")
        assert "没有电子邮箱" in answer.content.decode()

    def test_what_cannot_be_registered_says_why(self, login):
        client = login("sysadmin")
        page = client.post("/operations/channels/", {"kind": "mail", "name": "", "secret_name": "a b"}).content.decode()
        for words in ("请填写名称", "请选择所属单位", "密钥变量只用大写字母"):
            assert words in page

    def test_a_variable_belongs_to_one_robot(self, people):
        unit = cast.organisation("财务处")
        fields = {"kind": "wecom", "name": "群", "organisation": unit, "secret_name": "ONE"}
        channels.register(by=people["sysadmin"], **fields)
        with pytest.raises(ValidationError, match="已用于另一个机器人"):
            channels.register(by=people["sysadmin"], **fields)
        with pytest.raises(PermissionDenied):
            channels.register(by=people["office"], **fields)


class TestTheDatabaseHolds:
    def test_one_delivery_per_notice_and_channel(self, people):
        (notice,) = tell(people["liaison"])
        open_deliveries([notice], Channel.objects.mail(), timezone.now())
        assert Delivery.objects.count() == 1
        with pytest.raises(IntegrityError), transaction.atomic():
            Delivery.objects.create(channel=Channel.objects.mail(), notice=notice, next_try_at=timezone.now())

    @pytest.mark.parametrize(
        "fields", [{"state": "sent"}, {"both": True}], ids=["sent without a moment", "of two things"]
    )
    def test_what_cannot_be(self, people, fields):
        (notice,) = tell(people["liaison"])
        fields = dict(fields)
        if fields.pop("both", False):
            from accountability.models import Digest

            fields = {"notice": notice, "digest": Digest.objects.create(recipient=people["liaison"], day=cast.TODAY)}
        Delivery.objects.all().delete()
        with pytest.raises(IntegrityError), transaction.atomic():
            Delivery.objects.create(channel=Channel.objects.mail(), next_try_at=timezone.now(), **fields)

    def test_a_robot_has_a_group_and_a_variable(self, people):
        for fields in ({"secret_name": "X"}, {"organisation": cast.organisation("财务处")}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Channel.objects.create(kind="wecom", name="群", **fields)


def test_a_broker_that_is_down_only_delays(people, monkeypatch, django_capture_on_commit_callbacks):
    def unreachable(*args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("accountability.services.outbox.current_app.send_task", unreachable)
    with django_capture_on_commit_callbacks(execute=True):
        tell(people["liaison"])
    assert morning() == 1
