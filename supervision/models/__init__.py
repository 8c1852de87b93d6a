from supervision.models.accountability_measures import AccountabilityKind, AccountabilityMeasure, DecisionPaper
from supervision.models.admissions import Admission, Secret
from supervision.models.archives import Archive, ArchivePaper, ArchiveUpdate, PaperKind
from supervision.models.assessments import Assessment, AssessmentSheet, ScoreLine
from supervision.models.checks import CheckAnswer, CheckItem, CheckMember, CheckPaper, CheckUnit, SpecialCheck
from supervision.models.clues import Clue, ClueItem, CluePaper
from supervision.models.evaluations import RecordEvaluation
from supervision.models.four_forms import Form, FormEntry, FormMeasure
from supervision.models.hints import Hint
from supervision.models.in_person import InPerson
from supervision.models.letter_matters import LetterAnswer, LetterMatter
from supervision.models.letters import Letter
from supervision.models.objections import Objection, ObjectionPaper
from supervision.models.openings import ArchiveOpening, Kinship, OpeningPurpose, OpeningRequest
from supervision.models.opinions import Opinion, OpinionCadre
from supervision.models.oversight import FoundProblem, Oversight, OversightStep, OversightUnit, Source
from supervision.models.reminder_papers import ReminderPaper, ReminderPaperLine
from supervision.models.reports import (
    Dispatch,
    FigureSet,
    Report,
    ReportBatch,
    ReportBatchItem,
    ReportPaper,
)
from supervision.models.schemes import AssessedKind, Purpose, Scheme, SchemeItem
from supervision.models.talks import FollowUp, Talk, TalkKind

__all__ = [
    "AccountabilityKind",
    "AccountabilityMeasure",
    "Admission",
    "Archive",
    "ArchiveOpening",
    "ArchivePaper",
    "ArchiveUpdate",
    "AssessedKind",
    "Assessment",
    "AssessmentSheet",
    "CheckAnswer",
    "CheckItem",
    "CheckMember",
    "CheckPaper",
    "CheckUnit",
    "Clue",
    "ClueItem",
    "CluePaper",
    "DecisionPaper",
    "Dispatch",
    "FigureSet",
    "FollowUp",
    "Form",
    "FormEntry",
    "FormMeasure",
    "FoundProblem",
    "Hint",
    "InPerson",
    "Kinship",
    "Letter",
    "LetterAnswer",
    "LetterMatter",
    "Objection",
    "ObjectionPaper",
    "OpeningPurpose",
    "OpeningRequest",
    "Opinion",
    "OpinionCadre",
    "Oversight",
    "OversightStep",
    "OversightUnit",
    "PaperKind",
    "Purpose",
    "RecordEvaluation",
    "ReminderPaper",
    "ReminderPaperLine",
    "Report",
    "ReportBatch",
    "ReportBatchItem",
    "ReportPaper",
    "Scheme",
    "SchemeItem",
    "ScoreLine",
    "Secret",
    "Source",
    "SpecialCheck",
    "Talk",
    "TalkKind",
]
