from inspections.models.findings import Extension, Finding, KindResult, Measure
from inspections.models.imports import LedgerImport, UnitAlias
from inspections.models.long_term import LongTermReview
from inspections.models.progress import ProgressLine, ProgressReport
from inspections.models.rounds import Round, RoundMember, RoundUnit

__all__ = [
    "Extension",
    "Finding",
    "KindResult",
    "LedgerImport",
    "LongTermReview",
    "Measure",
    "ProgressLine",
    "ProgressReport",
    "Round",
    "RoundMember",
    "RoundUnit",
    "UnitAlias",
]
