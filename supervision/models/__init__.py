from supervision.models.admissions import Admission, Secret
from supervision.models.reports import AnnualReport

__all__ = ["Admission", "AnnualReport", "Secret"]
