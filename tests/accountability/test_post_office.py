"""邮件 against a real mail server of the test's own: one of ten refused, slow, silent, gone."""

import asyncio
import socket
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller

from accountability.models import Channel, Delivery, Notice, Person
from accountability.services.notices import notify
from accountability.transport import post_office
from tests.accountability.sending import send_all

pytestmark = pytest.mark.django_db
REFUSED = "liaison@jhjm.example"


class Server:
    """Takes mail, refuses one address, sleeps when told to; counts what arrived."""

    def __init__(self):
        self.arrived: list[str] = []
        self.connections, self.pause = 0, 0.0
        self.most = 1000  # mails over one connection

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        session.mails = getattr(session, "mails", 0) + 1
        if session.mails > self.most:
            return "421 4.7.0 too many messages in this connection"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address == REFUSED:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(self.pause)
        self.arrived += envelope.rcpt_tos
        return "250 OK"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def server(settings) -> Iterator[Server]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    handler = Server()
    controller = Controller(handler, hostname="127.0.0.1", port=settings.EMAIL_PORT)
    controller.start()
    yield handler
    controller.stop()


def tell_ten(people) -> None:
    ten = [people["liaison"], *Person.objects.filter(username__startswith="extra").order_by("pk")[:9]]
    notify(ten, kind=Notice.Kind.RETURNED, title="已退回：专题会议", url="/records/1/")


def test_one_of_ten_is_refused_the_others_arrive_over_few_connections(people, server):
    tell_ten(people)
    assert send_all() == 9
    assert len(server.arrived) == len(set(server.arrived)) == 9
    assert server.connections == 2  # a new one after the refusal
    delivery = Delivery.objects.exclude(state="sent").get()
    assert (delivery.state, delivery.to_whom) == ("failed", "叶清和")
    assert "550" in delivery.error and "no such mailbox" in delivery.error


def test_a_slow_server_is_left_for_later(people, server, monkeypatch):
    monkeypatch.setattr(post_office, "SMTP_SECONDS", 0.3)
    server.pause = 1.5
    Person.objects.filter(username="liaison").update(email="other@jhjm.example")
    tell_ten(people)
    assert send_all() == 0
    assert sorted(Delivery.objects.values_list("state", "attempts")) == [("failed", 1), *[("pending", 0)] * 9]
    assert "秒内没有应答" in Channel.objects.mail().trouble


def test_a_server_that_takes_three_mails_a_connection(people, server):
    server.most = 3
    Person.objects.filter(username="liaison").update(email="other@jhjm.example")
    tell_ten(people)
    assert send_all() == 10
    assert (len(set(server.arrived)), len(server.arrived), server.connections) == (10, 10, 4)


def test_nobody_listens(people, server, settings):
    settings.EMAIL_PORT = free_port()
    tell_ten(people)
    assert send_all() == 0
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {0}
    assert "连接不上邮件服务器" in Channel.objects.mail().trouble


def test_a_server_that_never_greets(people, server, settings, monkeypatch):
    monkeypatch.setattr(post_office, "SMTP_SECONDS", 0.3)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        settings.EMAIL_PORT = silent.getsockname()[1]
        tell_ten(people)
        assert send_all() == 0
    assert "连接不上邮件服务器" in Channel.objects.mail().trouble
