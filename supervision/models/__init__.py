from supervision.models.admissions import Admission, Secret
from supervision.models.hints import Hint
from supervision.models.reports import AnnualReport

__all__ = ["Admission", "AnnualReport", "Hint", "Secret"]
