from inspections.models.checks import CheckCampaign, RiskAnswer, UnitCheck
from inspections.models.findings import Extension, Finding, KindResult, Measure
from inspections.models.imports import LedgerImport, UnitAlias
from inspections.models.progress_notices import ProgressNotice, Withholding
from inspections.models.rechecks import Recheck, RecheckItem, RecheckPaper
from inspections.models.risks import Level, LevelRule, RiskChange, RiskFactor, RiskPoint
from inspections.models.rounds import Round, RoundMember, RoundUnit
from inspections.models.terms import PlannedInspection, Term

__all__ = [
    "CheckCampaign",
    "Extension",
    "Finding",
    "KindResult",
    "LedgerImport",
    "Level",
    "LevelRule",
    "Measure",
    "PlannedInspection",
    "ProgressNotice",
    "Recheck",
    "RecheckItem",
    "RecheckPaper",
    "RiskAnswer",
    "RiskChange",
    "RiskFactor",
    "RiskPoint",
    "Round",
    "RoundMember",
    "RoundUnit",
    "Term",
    "UnitAlias",
    "Withholding",
    "UnitCheck",
]
