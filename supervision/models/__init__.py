from supervision.models.accountability_measures import AccountabilityKind, AccountabilityMeasure, DecisionPaper
from supervision.models.admissions import Admission, Secret
from supervision.models.archives import Archive, ArchivePaper, ArchiveUpdate, PaperKind
from supervision.models.assessments import Assessment, AssessmentSheet, ScoreLine
from supervision.models.four_forms import Form, FormEntry, FormMeasure
from supervision.models.hints import Hint
from supervision.models.in_person import InPerson
from supervision.models.letter_matters import LetterAnswer, LetterMatter
from supervision.models.letters import Letter
from supervision.models.objections import Objection, ObjectionPaper
from supervision.models.openings import ArchiveOpening, Kinship, OpeningPurpose, OpeningRequest
from supervision.models.opinions import Opinion, OpinionCadre
from supervision.models.reports import AnnualReport
from supervision.models.schemes import AssessedKind, Purpose, Scheme, SchemeItem
from supervision.models.talks import FollowUp, Talk, TalkKind

__all__ = [
    "AccountabilityKind",
    "AccountabilityMeasure",
    "Admission",
    "AnnualReport",
    "Archive",
    "ArchiveOpening",
    "ArchivePaper",
    "ArchiveUpdate",
    "AssessedKind",
    "Assessment",
    "AssessmentSheet",
    "DecisionPaper",
    "FollowUp",
    "Form",
    "FormEntry",
    "FormMeasure",
    "Hint",
    "InPerson",
    "Kinship",
    "Letter",
    "LetterAnswer",
    "LetterMatter",
    "Objection",
    "ObjectionPaper",
    "OpeningRequest",
    "OpeningPurpose",
    "Opinion",
    "OpinionCadre",
    "PaperKind",
    "Purpose",
    "Scheme",
    "SchemeItem",
    "ScoreLine",
    "Secret",
    "Talk",
    "TalkKind",
]
