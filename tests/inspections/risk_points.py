"""What tests of risk points stand on: a point in use, a campaign, a sheet answered."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from accountability.models import Organisation, Person
from inspections.models import CheckCampaign, RiskPoint
from inspections.services import risk_checks, risks
from inspections.services.risk_checks import Typed
from tests import cast

CONTENT = {
    "power_item": "经费报销审批",
    "category": "process",
    "key_area": "",
    "text": "报销审核不严",
    "manifestation": "附件不全、事由不清的单据通过审核。",
    "factors": "discretion",
    "measures": "双人复核，每季抽查三十笔。",
}
# Kinds of risk, of which three or five make another level.
THREE = "discretion,unchecked,entrusted"
FIVE = "discretion,unchecked,entrusted,no-rule,undisclosed"
# The same as a browser sends it.
SENT = CONTENT | {"factors": ["discretion"]}
FINE = Typed(has_problem=False, carried_out="yes", needs_change=False)
BAD = Typed(
    has_problem=True,
    problem="两笔报销附件不全。",
    carried_out="partly",
    needs_change=False,
    plan="十二月底前补齐附件。",
)


def point_of(by: Person, unit: Organisation | None = None, **content) -> RiskPoint:
    """A point by the secretary himself is in use at once; one by the liaison waits."""
    return risks.propose(unit or cast.organisation(cast.OURS), by=by, **(CONTENT | content))


def points_of(by: Person, count: int, unit: Organisation | None = None, **content) -> list[RiskPoint]:
    return [point_of(by, unit, text=f"风险点{number}", **content) for number in range(count)]


def campaign_by(by: Person, year: int = cast.YEAR, due_on: date = date(2026, 11, 30)) -> CheckCampaign:
    return risk_checks.open_campaign(year, by=by, due_on=due_on, guidance="对照权力事项逐点自查，问题要有整改打算。")


def sent(points: list[RiskPoint], turn: int = 0, act: str = "save", **typed) -> dict:
    """A sheet as the browser sends it; the same for every point."""
    answers = {"has_problem": "no", "carried_out": "yes", "needs_change": "no"} | typed
    fields = {f"{name}_{point.pk}": value for point in points for name, value in answers.items()}
    return fields | {"turn": str(turn), "act": act}


def refusal(verb, *args, **kwargs) -> str:
    with pytest.raises(ValidationError) as caught, transaction.atomic():
        verb(*args, **kwargs)
    return "".join(caught.value.messages)
