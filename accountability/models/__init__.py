from accountability.models.duties import Cooperation, Duty, Light, WorkYear
from accountability.models.jobs import Heartbeat, Job
from accountability.models.notices import Digest, Notice
from accountability.models.organisations import UNIT_KINDS, Organisation
from accountability.models.people import Person, Portfolio, Post, Role, Tenure
from accountability.models.records import Attachment, Evidence, Record
from accountability.models.regulations import ActKind, Bearer, Clause, Obligation, Occurrence, Regulation, Subject
from accountability.models.workdays import WorkdayOverride

__all__ = [
    "UNIT_KINDS",
    "ActKind",
    "Attachment",
    "Bearer",
    "Clause",
    "Cooperation",
    "Digest",
    "Duty",
    "Evidence",
    "Heartbeat",
    "Job",
    "Light",
    "Notice",
    "Obligation",
    "Occurrence",
    "Organisation",
    "Person",
    "Portfolio",
    "Post",
    "Record",
    "Regulation",
    "Role",
    "Subject",
    "Tenure",
    "WorkYear",
    "WorkdayOverride",
]
