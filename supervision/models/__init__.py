from supervision.models.admissions import Admission, Secret
from supervision.models.letter_matters import LetterAnswer, LetterMatter
from supervision.models.letters import Letter
from supervision.models.reports import AnnualReport

__all__ = ["Admission", "AnnualReport", "Letter", "LetterAnswer", "LetterMatter", "Secret"]
