"""年度报告的数字: read once, frozen with the rows behind each (四（三）)."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date

from django.conf import settings
from django.utils import timezone

from accountability.models import Regulation
from accountability.services.jobs import Tell, silent
from supervision.report import commission, leader, school, unit
from supervision.report.ledger import Ledger
from supervision.report.scope import COMMISSION, LEADER, SCHOOL, UNIT, Scope

CHAPTERS = {
    SCHOOL: school.chapters,
    COMMISSION: commission.chapters,
    UNIT: unit.chapters,
    LEADER: leader.chapters,
}
STEPS = 10  # about as many parts as a report has


@dataclass(frozen=True)
class Taken:
    """汇总的结果, plain JSON both: the figures with what is shown and said of them; every row behind them."""

    figures: dict
    rows: dict


def take(scope: Scope, year: int, on: date, tell: Tell = silent) -> Taken:
    """汇总: every figure of the report; ``tell`` hears how far it is (per cent, words)."""
    ledger = Ledger(scope, year, on)
    told = 0

    def step(part: str) -> None:
        nonlocal told
        told += 1
        tell(min(65, 5 + 60 * told // STEPS), f"正在汇总：{part}")

    CHAPTERS[scope.kind](ledger, step)
    tell(65, "正在汇总：数字的依据")
    return Taken(_figures(ledger), ledger.frozen_rows())


def _figures(ledger: Ledger) -> dict:
    scope, moment = ledger.scope, timezone.localtime()
    return {
        "scope": {
            "kind": scope.kind,
            "name": scope.name,
            "organisation": scope.organisation.pk,
            "post": scope.post.pk if scope.post else None,
        },
        "university": settings.UNIVERSITY_NAME,
        "year": ledger.year,
        "on": f"{ledger.on}",
        "taken_at": f"{moment:%Y-%m-%d %H:%M}",
        "regulation": _regulation(ledger.year),
        "title": scope.title(ledger.year),
        "figures": ledger.figures,
        "exhibits": ledger.exhibits,
        "chapters": [
            {"title": one.title, "clause": one.clause, "exhibits": one.exhibits, "text": one.lines}
            for one in ledger.chapters
        ],
        "annexes": ledger.annexes,
    }


def _regulation(year: int) -> dict | None:
    row = Regulation.objects.governing(year)
    if row is None:
        return None
    return {
        "title": row.title,
        "document_number": row.document_number,
        "in_force_on": f"{row.in_force_from or ''}",
    }


def figures_sha256(taken: Taken) -> str:
    """校验值 of figures and rows, the same whatever order a database returns their keys in."""
    return hashlib.sha256(json.dumps(asdict(taken), sort_keys=True, ensure_ascii=False).encode()).hexdigest()
