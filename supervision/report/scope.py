"""报告范围: whose report it is: the school's, the commission's, a unit's or a leader's (三（三）1, 三（三）3, 四（二）)."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings

from accountability.models import Organisation, Person, Post, Tenure

SCHOOL, COMMISSION, UNIT, LEADER = "school", "commission", "unit", "leader"
KIND_OF_ACT = {
    "written-report": SCHOOL,
    "discipline-report": COMMISSION,
    "duty-report": UNIT,
    "democratic-life-report": LEADER,
}


@dataclass(frozen=True)
class Scope:
    """Figures are read with the rights of the whole scope, never with those of whoever asks for the report."""

    kind: str
    organisation: Organisation
    post: Post | None = None

    @classmethod
    def school(cls) -> "Scope":
        return cls(SCHOOL, Organisation.objects.get(kind=Organisation.Kind.SCHOOL))

    @classmethod
    def commission(cls) -> "Scope":
        return cls(COMMISSION, Organisation.objects.get(kind=Organisation.Kind.COMMISSION))

    @classmethod
    def unit(cls, organisation: Organisation) -> "Scope":
        return cls(UNIT, organisation)

    @classmethod
    def leader(cls, post: Post) -> "Scope":
        return cls(LEADER, post.organisation, post)

    @classmethod
    def of(cls, act: str, organisation: Organisation, post: Post | None = None) -> "Scope":
        """By the act that the report fulfils; a leader's stands on his post."""
        kind = KIND_OF_ACT[act]
        return cls(kind, organisation, post if kind == LEADER else None)

    @property
    def name(self) -> str:
        return {
            SCHOOL: lambda: f"中共{settings.UNIVERSITY_NAME}委员会",
            COMMISSION: lambda: f"中共{settings.UNIVERSITY_NAME}纪律检查委员会",
            UNIT: lambda: self.organisation.party_name,
            LEADER: lambda: self.post.full_title,
        }[self.kind]()

    def title(self, year: int) -> str:
        return {
            SCHOOL: f"{self.name}关于{year}年度落实全面从严治党主体责任情况的报告",
            COMMISSION: f"{self.name}关于{year}年度履行全面从严治党监督责任情况的报告",
            UNIT: f"{self.name}关于{year}年度履行全面从严治党责任情况的报告",
            LEADER: f"{self.name}{year}年度述责述廉报告",
        }[self.kind]

    def holder(self, on: date) -> Person | None:
        """在任 on that day, of a leader's post."""
        tenure = Tenure.objects.in_office(on).filter(post=self.post).select_related("person").first()
        return tenure.person if tenure else None
