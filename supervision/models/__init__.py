from supervision.models.accountability_measures import AccountabilityKind, AccountabilityMeasure, DecisionPaper
from supervision.models.admissions import Admission, Secret
from supervision.models.assessments import Assessment, AssessmentSheet, ScoreLine
from supervision.models.objections import Objection, ObjectionPaper
from supervision.models.reports import AnnualReport
from supervision.models.schemes import AssessedKind, Purpose, Scheme, SchemeItem

__all__ = [
    "AccountabilityKind",
    "AccountabilityMeasure",
    "Admission",
    "AnnualReport",
    "AssessedKind",
    "Assessment",
    "AssessmentSheet",
    "DecisionPaper",
    "Objection",
    "ObjectionPaper",
    "Purpose",
    "Scheme",
    "SchemeItem",
    "ScoreLine",
    "Secret",
]
