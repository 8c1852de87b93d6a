from supervision.models.admissions import Admission, Secret
from supervision.models.checks import CheckAnswer, CheckItem, CheckMember, CheckPaper, CheckUnit, SpecialCheck
from supervision.models.clues import Clue, ClueItem, CluePaper
from supervision.models.evaluations import RecordEvaluation
from supervision.models.oversight import FoundProblem, Oversight, OversightStep, OversightUnit, Source
from supervision.models.reports import AnnualReport

__all__ = [
    "Admission",
    "AnnualReport",
    "CheckAnswer",
    "CheckItem",
    "CheckMember",
    "CheckPaper",
    "CheckUnit",
    "Clue",
    "ClueItem",
    "CluePaper",
    "FoundProblem",
    "Oversight",
    "OversightStep",
    "OversightUnit",
    "RecordEvaluation",
    "Secret",
    "Source",
    "SpecialCheck",
]
