from inspections.models.checks import CheckCampaign, RiskAnswer, UnitCheck
from inspections.models.findings import Extension, Finding, KindResult, Measure
from inspections.models.imports import LedgerImport, UnitAlias
from inspections.models.risks import Level, LevelRule, RiskChange, RiskFactor, RiskPoint
from inspections.models.rounds import Round, RoundMember, RoundUnit

__all__ = [
    "CheckCampaign",
    "Extension",
    "Finding",
    "KindResult",
    "LedgerImport",
    "Level",
    "LevelRule",
    "Measure",
    "RiskAnswer",
    "RiskChange",
    "RiskFactor",
    "RiskPoint",
    "Round",
    "RoundMember",
    "RoundUnit",
    "UnitAlias",
    "UnitCheck",
]
