from inspections.models.findings import Extension, Finding, KindResult, Measure
from inspections.models.imports import LedgerImport, UnitAlias
from inspections.models.progress_notices import ProgressNotice, Withholding
from inspections.models.rechecks import Recheck, RecheckItem, RecheckPaper
from inspections.models.rounds import Round, RoundMember, RoundUnit
from inspections.models.terms import PlannedInspection, Term

__all__ = [
    "Extension",
    "Finding",
    "KindResult",
    "LedgerImport",
    "Measure",
    "PlannedInspection",
    "ProgressNotice",
    "Recheck",
    "RecheckItem",
    "RecheckPaper",
    "Round",
    "RoundMember",
    "RoundUnit",
    "Term",
    "UnitAlias",
    "Withholding",
]
