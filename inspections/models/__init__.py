from inspections.models.findings import Extension, Finding, KindResult, Measure
from inspections.models.imports import LedgerImport, UnitAlias
from inspections.models.requirements import Reply, Requirement
from inspections.models.rounds import Round, RoundMember, RoundUnit
from inspections.models.rules import Rule
from inspections.models.topics import Topic, TopicSign
from inspections.models.visits import Sign, Visit, VisitUnit

__all__ = [
    "Extension",
    "Finding",
    "KindResult",
    "LedgerImport",
    "Measure",
    "Reply",
    "Requirement",
    "Round",
    "RoundMember",
    "RoundUnit",
    "Rule",
    "Sign",
    "Topic",
    "TopicSign",
    "UnitAlias",
    "Visit",
    "VisitUnit",
]
