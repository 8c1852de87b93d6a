"""The fixed cast of every test: who they are, and what they must never see.

The university is the sample's (38 units); 会计学院 is "ours", 法学院 is "theirs".
"""

from dataclasses import dataclass
from datetime import date

from accountability.models import Organisation, Person, Post, Role, Tenure
from accountability.models.history import save_as

TODAY = date(2026, 11, 23)
YEAR = 2026
OURS, THEIRS = "会计学院", "法学院"
VACANT = "图书馆"  # nobody holds a post there: its duties are gaps
PASSWORD = "cast-password-2026"
SECRECY = "本系统不得存储、处理、传输国家秘密信息"  # on every page


@dataclass(frozen=True)
class Part:
    """One of the cast: user name, name, and the post he holds (organisation, role, title or any)."""

    username: str
    name: str
    organisation: str = ""
    role: str = ""
    title: str = ""


PARTS = (
    Part("office", "秦文舒", "党委办公室", Role.OFFICE),
    Part("discipline", "严正明", "纪委办公室", Role.DISCIPLINE),
    Part("secretary", "顾怀远", "学校党委", Role.SECRETARY),
    Part("member", "陆知行", "学校党委", Role.MEMBER, "分管财务副校长"),
    Part("unit_secretary", "沈若愚", OURS, Role.UNIT_SECRETARY),
    Part("liaison", "叶清和", OURS, Role.LIAISON),
    Part("branch", "方以智", f"{OURS}/第一党支部", Role.BRANCH_SECRETARY),
    Part("department", "钱守正", "财务处", Role.DEPARTMENT),
    Part("inspector", "巡知微", "学校党委", Role.INSPECTOR),
    Part("sysadmin", "系知常", "学校党委", Role.SYSTEM_ADMIN),
    Part("secadmin", "安知守", "学校党委", Role.SECURITY_ADMIN),
    Part("auditor", "审知远", "学校党委", Role.AUDIT_ADMIN),
    Part("other_secretary", "骆喆", THEIRS, Role.UNIT_SECRETARY),
    Part("other_liaison", "堃元", THEIRS, Role.LIAISON),
    Part("outsider", "无岗人"),
)
BUSINESS = ("office", "discipline", "secretary", "member", "unit_secretary", "liaison", "branch", "department")
ADMINISTRATORS = ("sysadmin", "secadmin", "auditor")


def organisation(name: str) -> Organisation:
    """By name; a branch as 会计学院/第一党支部."""
    unit, _, branch = name.partition("/")
    found = Organisation.objects.exclude(kind=Organisation.Kind.BRANCH).get(name=unit)
    return found.children.get(name=branch) if branch else found


def enter(part: Part) -> Person:
    """Put one of the cast into his post, since the start of 2025."""
    person = Person.objects.create_user(part.username, part.name, PASSWORD, email=f"{part.username}@jhjm.example")
    if part.role:
        posts = Post.objects.filter(organisation=organisation(part.organisation), role=part.role)
        post = (posts.filter(title=part.title) if part.title else posts).first()
        tenure = Tenure(post=post, person=person, started_on=date(2025, 1, 1))
        save_as(tenure, by=Person.objects.system(), reason="任职")
    return person
