from supervision.models.admissions import Admission, Secret
from supervision.models.four_forms import Form, FormEntry, FormMeasure
from supervision.models.in_person import InPerson
from supervision.models.letter_matters import LetterAnswer, LetterMatter
from supervision.models.letters import Letter
from supervision.models.reports import AnnualReport
from supervision.models.talks import FollowUp, Talk, TalkKind

__all__ = [
    "Admission",
    "AnnualReport",
    "FollowUp",
    "Form",
    "FormEntry",
    "FormMeasure",
    "InPerson",
    "Letter",
    "LetterAnswer",
    "LetterMatter",
    "Secret",
    "Talk",
    "TalkKind",
]
