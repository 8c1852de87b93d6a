"""群机器人: each protocol against a local server that answers as 企业微信, 钉钉 and 飞书 do; secrets stay secret."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from accountability.models import Channel, Delivery, Duty
from accountability.services.digests import open_digests
from accountability.transport import robots
from accountability.transport.errors import Refused, Stalled, Unreachable
from tests import cast
from tests.accountability.sending import send_all

pytestmark = pytest.mark.django_db
TOKEN = "0123456789abcdef"
SIGN = "SECabcdef0123456789"
KINDS = {
    "wecom": f"/cgi-bin/webhook/send?key={TOKEN}",
    "dingtalk": f"/robot/send?access_token={TOKEN}",
    "feishu": f"/open-apis/bot/v2/hook/{TOKEN}",
}
WELL = {
    "wecom": {"errcode": 0, "errmsg": "ok"},
    "dingtalk": {"errcode": 0, "errmsg": "ok"},
    "feishu": {"code": 0, "msg": "success", "data": {}},
}
ILL = {
    "wecom": {"errcode": 93000, "errmsg": f"invalid webhook url, {TOKEN}"},
    "dingtalk": {"errcode": 310000, "errmsg": "keywords not in content"},
    "feishu": {"code": 19024, "msg": "Key Words Not Found"},
}


class Stub(ThreadingHTTPServer):
    """Answers as it is told, keeps what was said."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answering)
        self.answer, self.status, self.pause = {}, 200, 0.0
        self.heard: list[tuple[str, dict]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answering(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.heard.append((self.path, body))
        time.sleep(self.server.pause)
        said = self.server.answer if isinstance(self.server.answer, bytes) else json.dumps(self.server.answer).encode()
        self.send_response(self.server.status)
        if self.server.status == 307:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *args) -> None:
        pass


@pytest.fixture
def stub() -> Iterator[Stub]:
    server = Stub()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(params=KINDS)
def robot(request, people, stub, monkeypatch) -> Channel:
    """A robot of our college's group, of each kind, that answers well."""
    monkeypatch.setenv("ROBOT_OURS", stub.address + KINDS[request.param])
    stub.answer = WELL[request.param]
    unit = cast.organisation(cast.OURS)
    return Channel.objects.create(kind=request.param, name="会计学院群", organisation=unit, secret_name="OURS")


def text_of(kind: str, body: dict) -> str:
    if kind == "feishu":
        assert body["msg_type"] == "text"
        return body["content"]["text"]
    assert body["msgtype"] == "text"
    return body["text"]["content"]


def test_what_is_said_arrives_as_the_protocol_wants_it(robot, stub):
    robots.say(robot, "四责协同：试发", "第二行")
    ((path, body),) = stub.heard
    assert path.rstrip("/") == KINDS[robot.kind]
    assert text_of(robot.kind, body) == "四责协同：试发\n第二行"


@pytest.mark.parametrize("robot", ["dingtalk"], indirect=True)
def test_dingtalk_signs(robot, stub, monkeypatch):
    monkeypatch.setenv("ROBOT_OURS_SIGN", SIGN)
    robots.say(robot, "四责协同", "试发")
    query = parse_qs(urlsplit(stub.heard[0][0]).query)
    said = f"{query['timestamp'][0]}\n{SIGN}".encode()
    signed = base64.b64encode(hmac.new(SIGN.encode(), said, hashlib.sha256).digest()).decode()
    assert query["access_token"] == [TOKEN]
    assert signed in (query["sign"][0], query["sign"][0].replace("%2B", "+").replace("%2F", "/").replace("%3D", "="))


def test_a_refusal_with_status_200_is_a_refusal(robot, stub):
    stub.answer = ILL[robot.kind]
    with pytest.raises(Refused) as refused:
        robots.say(robot, "四责协同", "试发")
    code = str(stub.answer.get("errcode", stub.answer.get("code")))
    assert code in str(refused.value)
    assert TOKEN not in str(refused.value)


def test_a_robot_that_points_elsewhere_is_not_followed(robot, stub):
    stub.status = 307
    with pytest.raises(Refused):
        robots.say(robot, "四责协同", "试发")
    assert len(stub.heard) == 1, "the text went where the environment says, and nowhere else"


@pytest.mark.parametrize(("status", "error"), [(500, Unreachable), (502, Unreachable), (404, Refused)])
def test_a_status_that_is_none_of_success(robot, stub, status, error):
    stub.status = status
    with pytest.raises(error, match=str(status)):
        robots.say(robot, "四责协同", "试发")


@pytest.mark.parametrize("answer", [b"<html>login</html>", {}, []], ids=["html", "empty", "list"])
def test_an_answer_nobody_understands_is_no_success(robot, stub, answer):
    stub.answer = answer
    with pytest.raises(Refused, match="请检查机器人地址"):
        robots.say(robot, "四责协同", "试发")


@pytest.mark.parametrize("robot", ["wecom"], indirect=True)
def test_a_slow_one_is_not_waited_for(robot, stub, monkeypatch):
    monkeypatch.setattr(robots, "READ_SECONDS", 0.2)
    stub.pause = 1
    began = time.monotonic()
    with pytest.raises(Stalled):
        robots.say(robot, "四责协同", "试发")
    assert time.monotonic() - began < 0.9


def test_one_that_is_down(robot, stub, monkeypatch):
    monkeypatch.setenv("ROBOT_OURS", f"http://127.0.0.1:1{KINDS[robot.kind]}")
    with pytest.raises(Unreachable) as down:
        robots.say(robot, "四责协同", "试发")
    assert TOKEN not in str(down.value)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "没有设置"),
        ("http://example.com/send?key=abc", "https"),
        ("https://example.com/", "不是"),
        ("https://example.com/send?key=a%20b", "不是"),
    ],
)
@pytest.mark.parametrize("robot", ["wecom"], indirect=True)
def test_an_address_that_is_none(robot, stub, monkeypatch, address, words):
    monkeypatch.setenv("ROBOT_OURS", address)
    with pytest.raises(Unreachable, match=words):
        robots.say(robot, "四责协同", "试发")
    assert not stub.heard


class TestTheMorning:
    @pytest.fixture(autouse=True)
    def owed(self, people):
        """One late, two soon, one far, and a confidential one that is late."""
        rows = list(Duty.objects.filter(organisation=cast.organisation(cast.OURS), bearer_post=None)[:5])
        Duty.objects.update(state=Duty.State.WAIVED)
        for row, days in zip(rows, (-3, 2, 7, 60, -5), strict=True):
            Duty.objects.filter(pk=row.pk).update(due_on=cast.TODAY + timedelta(days=days), state="open")
        Duty.objects.filter(pk=rows[4].pk).update(is_confidential=True)
        self.titles = [row.title for row in rows]

    def test_counts_and_a_link_and_no_name(self, robot, stub):
        open_digests(cast.TODAY, timezone.now())
        assert send_all() == 1
        said = text_of(robot.kind, stub.heard[0][1])
        assert "会计学院党委" in said and "已逾期 1 项" in said and "7 天内到期 2 项" in said
        assert f"/ledger/?year=2026&organisation={robot.organisation_id}" in said
        assert not any(title in said for title in self.titles)

    def test_in_the_commissions_group_the_whole_school_is_counted(self, robot, stub):
        Channel.objects.filter(pk=robot.pk).update(organisation=cast.organisation("学校纪委"))
        open_digests(cast.TODAY, timezone.now())
        send_all()
        assert "已逾期 1 项，涉及 1 个单位" in text_of(robot.kind, stub.heard[0][1])

    def test_nothing_to_say_nothing_said(self, robot, stub):
        Duty.objects.filter(is_confidential=False).update(state=Duty.State.WAIVED)
        open_digests(cast.TODAY, timezone.now())
        assert send_all() == 0
        assert (stub.heard, Delivery.objects.get().state) == ([], "dropped")

    def test_a_letter_is_announced_without_its_words(self, robot, stub, people):
        from tests.supervision import letter_acts

        letter = letter_acts.issued(people, cast.OURS)
        send_all()
        said = text_of(robot.kind, stub.heard[0][1])
        assert "收到 1 件监督文书" in said
        assert letter.subject not in said and letter.number not in said

    def test_a_refusal_is_told_on_the_page(self, robot, stub, login):
        stub.answer = ILL[robot.kind]
        open_digests(date(2026, 11, 23), timezone.now())
        assert send_all() == 0
        page = login("sysadmin").get("/operations/channels/").content.decode()
        assert "机器人拒绝" in page
        assert TOKEN not in page
