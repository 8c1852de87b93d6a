from inspections.models.checks import CheckCampaign, RiskAnswer, UnitCheck
from inspections.models.findings import Extension, Finding, KindResult, Measure
from inspections.models.imports import LedgerImport, UnitAlias
from inspections.models.long_term import LongTermReview
from inspections.models.progress import ProgressLine, ProgressReport
from inspections.models.progress_notices import ProgressNotice, Withholding
from inspections.models.rechecks import Recheck, RecheckItem, RecheckPaper
from inspections.models.requirements import Reply, Requirement
from inspections.models.risks import Level, LevelRule, RiskChange, RiskFactor, RiskPoint
from inspections.models.rounds import Round, RoundMember, RoundUnit
from inspections.models.rules import Rule
from inspections.models.terms import PlannedInspection, Term
from inspections.models.topics import Topic, TopicSign
from inspections.models.visits import Sign, Visit, VisitUnit

__all__ = [
    "CheckCampaign",
    "Extension",
    "Finding",
    "KindResult",
    "LedgerImport",
    "Level",
    "LevelRule",
    "LongTermReview",
    "Measure",
    "PlannedInspection",
    "ProgressLine",
    "ProgressNotice",
    "ProgressReport",
    "Recheck",
    "RecheckItem",
    "RecheckPaper",
    "Reply",
    "Requirement",
    "RiskAnswer",
    "RiskChange",
    "RiskFactor",
    "RiskPoint",
    "Round",
    "RoundMember",
    "RoundUnit",
    "Rule",
    "Sign",
    "Term",
    "Topic",
    "TopicSign",
    "UnitAlias",
    "UnitCheck",
    "Visit",
    "VisitUnit",
    "Withholding",
]
