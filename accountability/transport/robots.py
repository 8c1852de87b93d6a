"""群机器人 (企业微信, 钉钉, 飞书): one short text into a group, through apprise, and the group's own answer read.

The address of a robot is its secret: it comes from the environment and appears nowhere, not in errors either.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import requests
from apprise.plugins import dingtalk, feishu, wecombot

from accountability.models import Channel
from accountability.transport.errors import Refused, Stalled, Unreachable

CONNECT_SECONDS, READ_SECONDS = 4, 8
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Robot:
    """How apprise speaks to one kind: its plugin, and where the token stands in the address."""

    make: Callable
    token: Callable[[str], str]


def _query(name: str) -> Callable[[str], str]:
    return lambda address: parse_qs(urlsplit(address).query).get(name, [""])[0]


ROBOTS = {
    Channel.Kind.WECOM: Robot(lambda token, sign, **more: wecombot.NotifyWeComBot(key=token, **more), _query("key")),
    Channel.Kind.DINGTALK: Robot(
        lambda token, sign, **more: dingtalk.NotifyDingTalk(token=token, secret=sign or None, **more),
        _query("access_token"),
    ),
    Channel.Kind.FEISHU: Robot(
        lambda token, sign, **more: feishu.NotifyFeishu(token=token, **more),
        lambda address: urlsplit(address).path.rstrip("/").rpartition("/")[2],
    ),
}


def address_variable(channel: Channel) -> str:
    return f"ROBOT_{channel.secret_name}"


def sign_variable(channel: Channel) -> str:
    """加签密钥, 钉钉 only; 飞书 and 企业微信 groups are guarded by a keyword or an address list."""
    return f"ROBOT_{channel.secret_name}_SIGN"


def is_configured(channel: Channel) -> bool:
    return bool(os.environ.get(address_variable(channel)))


def say(channel: Channel, title: str, text: str) -> None:
    """Put ``text`` into the group. Raises one of the three kinds of DeliveryError."""
    robot = _robot_of(channel)
    # Text of two hundred characters never reaches a limit; one call is one message.
    if not robot.notify(body=f"{title}\n{text}"):
        raise Refused("机器人没有接受消息，原因不明。")


def _robot_of(channel: Channel):
    address = os.environ.get(address_variable(channel), "")
    if not address:
        raise Unreachable(f"环境变量 {address_variable(channel)} 没有设置。")
    parts, kind = urlsplit(address), ROBOTS[channel.kind]
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise Unreachable(f"环境变量 {address_variable(channel)} 须是 https 开头的机器人地址。")
    try:
        robot = kind.make(
            kind.token(address), os.environ.get(sign_variable(channel)), rto=READ_SECONDS, cto=CONNECT_SECONDS
        )
    except Exception:  # its words would repeat the token
        raise Unreachable(f"环境变量 {address_variable(channel)} 不是{channel.get_kind_display()}的地址。") from None
    # The host is the address's own: a school may run its own gateway.
    robot.notify_url = robot.api_url = address.replace("{", "{{").replace("}", "}}")
    return robot


# ── the answer ────────────────────────────────────────────────────────────────────────────────


def _post(address: str, **more) -> requests.Response:
    """``requests.post`` as the plugins call it, with the answer read.

    apprise looks at the status of HTTP alone (钉钉, 企业微信) or drops the reason (飞书); the robots refuse with
    200 and ``errcode`` or ``code`` in the body, so a wrong keyword would pass for success.
    """
    try:
        # The text goes where the environment says and nowhere a server points to.
        answer = requests.post(address, **(more | {"allow_redirects": False}))  # noqa: S113 - the plugins pass a timeout
    except requests.exceptions.ReadTimeout:
        raise Stalled(f"对方 {READ_SECONDS} 秒内没有应答。") from None
    except requests.RequestException:
        raise Unreachable("连接不上机器人所在的服务器。") from None
    if answer.status_code != requests.codes.ok:
        kind = Unreachable if answer.status_code >= 500 else Refused
        raise kind(f"服务器返回 {answer.status_code}。")
    _read(answer, address)
    return answer


def _read(answer: requests.Response, address: str) -> None:
    try:
        said = answer.json()
    except ValueError:
        raise Refused("对方的应答读不懂，请检查机器人地址。") from None
    code = said.get("errcode", said.get("code", said.get("StatusCode"))) if isinstance(said, dict) else None
    if code is None:
        raise Refused("对方的应答里没有结果，请检查机器人地址。")
    if code != 0:
        words = str(said.get("errmsg") or said.get("msg") or "")[:120]
        raise Refused(f"机器人拒绝（代码 {code}）：{_without_secrets(words, address)}")


def _without_secrets(words: str, address: str) -> str:
    for robot in ROBOTS.values():
        if token := robot.token(address):
            words = words.replace(token, "…")
    return words


_listening = SimpleNamespace(post=_post, codes=requests.codes, RequestException=requests.RequestException)
for _plugin in (wecombot, dingtalk, feishu):
    _plugin.requests = _listening
