"""演示账号: twelve people to sign in as, and the one password they share."""

import os
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.utils import timezone

from accountability.models import Person, Role

DOMAIN = "jhjm.example"
OUR_COLLEGE = "会计学院"
# Without the characters people mistake for one another (0 and o, 1 and l).
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Account:
    """演示账号: user name, name, and the post he holds; ``place`` is 单位 or 单位/党支部."""

    username: str
    name: str
    place: str
    role: str
    title: str
    identity: str

    @property
    def email(self) -> str:
        return f"{self.username}@{DOMAIN}"


ACCOUNTS = (
    Account("office", "秦文舒", "党委办公室", Role.OFFICE, "机制专员", "党委办公室机制专员"),
    Account("discipline", "严正明", "纪委办公室", Role.DISCIPLINE, "监督检查室主任", "纪委办公室监督检查室主任"),
    Account("secretary", "顾怀远", "学校党委", Role.SECRETARY, "党委书记", "学校党委书记"),
    Account("member", "陆知行", "学校党委", Role.MEMBER, "分管财务副校长", "班子成员（分管财务处，联系会计学院）"),
    Account("unit_secretary", "沈若愚", OUR_COLLEGE, Role.UNIT_SECRETARY, "党委书记", "会计学院党委书记"),
    Account("liaison", "叶清和", OUR_COLLEGE, Role.LIAISON, "联络员", "会计学院联络员"),
    Account(
        "branch", "方以智", f"{OUR_COLLEGE}/第一党支部", Role.BRANCH_SECRETARY, "党支部书记", "会计学院第一党支部书记"
    ),
    Account("department", "钱守正", "财务处", Role.DEPARTMENT, "处长", "财务处处长（职能部门）"),
    Account("inspector", "闻知微", "学校党委", Role.INSPECTOR, "巡察组成员", "巡察组成员"),
    Account("sysadmin", "邵启明", "学校党委", Role.SYSTEM_ADMIN, "系统管理员", "系统管理员（三员）"),
    Account("secadmin", "梁慎行", "学校党委", Role.SECURITY_ADMIN, "安全管理员", "安全管理员（三员）"),
    Account("auditor", "贺观澜", "学校党委", Role.AUDIT_ADMIN, "审计管理员", "审计管理员（三员）"),
)


def demo_password() -> str:
    """演示密码: the one of DEMO_PASSWORD, else one made once and kept so that the next start can print it again."""
    return os.environ.get("DEMO_PASSWORD") or _kept_password()


def _kept_password() -> str:
    path = settings.DATA_DIR / "demo-password"
    if not path.exists():
        readable = "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(readable)
    return path.read_text().strip()


def demo_people() -> list[Person]:
    """The accounts that exist. A real person who happens to be called ``office`` has an address of his own."""
    emails = [account.email for account in ACCOUNTS]
    people = {person.username: person for person in Person.objects.filter(email__in=emails)}
    return [people[account.username] for account in ACCOUNTS if account.username in people]


def set_password(password: str) -> None:
    """One password for all demo accounts. Those who hold it already keep their hash, and so stay signed in."""
    people = demo_people()
    fitting = {hashed for hashed in {person.password for person in people} if check_password(password, hashed)}
    missing = [person.pk for person in people if person.password not in fitting]
    if missing:  # passwords leave no trace in history, so there is no history row to write
        Person.objects.filter(pk__in=missing).update(password=make_password(password))
    # Shared on purpose and printed anew: nobody is to be sent away to change it.
    Person.objects.filter(pk__in=[person.pk for person in people]).update(
        password_changed_at=timezone.now(), must_change_password=False
    )


def account_table(password: str) -> str:
    """演示账号表, aligned for a terminal where a Chinese character is two columns wide."""
    existing = {person.username for person in demo_people()}
    rows = [("用户名", "姓名", "身份", "密码")]
    rows += [(one.username, one.name, one.identity, password) for one in ACCOUNTS if one.username in existing]
    widths = [max(_columns(row[column]) for row in rows) for column in range(3)]
    return "\n".join(_aligned(row, widths) for row in rows)


def _aligned(row: tuple[str, ...], widths: Iterable[int]) -> str:
    padded = [cell + " " * (width - _columns(cell)) for cell, width in zip(row, widths, strict=False)]
    return "  ".join(["", *padded, row[-1]])


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)
