from accountability.models import reach  # noqa: F401 - registers its lookups
from accountability.models.audit import AuditArchive, AuditEvent, AuditSeal
from accountability.models.calendars import CalendarFeed
from accountability.models.channels import Channel, Delivery
from accountability.models.document_kinds import DocumentKind
from accountability.models.document_reviews import Answer, Comment, Review, Signature
from accountability.models.documents import Document, DocumentBatch, DocumentDraft, DocumentVersion
from accountability.models.duties import Cooperation, Duty, Light, WorkYear
from accountability.models.handovers import HandOver, HandOverLine
from accountability.models.identity import FormerPassword, LoginSession
from accountability.models.jobs import Heartbeat, Job
from accountability.models.kept_papers import KeptFile, KeptPaper
from accountability.models.lists import Milestone, Problem, Project, Responsibility, UnitItem, UnitList
from accountability.models.notices import Digest, Notice
from accountability.models.numbers import NumberSeries
from accountability.models.organisations import UNIT_KINDS, FormerName, Organisation
from accountability.models.people import Person, Portfolio, Post, Role, Suspension, Tenure
from accountability.models.preferences import Absence, NoticePreference
from accountability.models.rates import RateCount
from accountability.models.records import Attachment, Evidence, Record
from accountability.models.regulations import ActKind, Bearer, Clause, Obligation, Occurrence, Regulation, Subject
from accountability.models.reminders import (
    Capacity,
    Matter,
    QuietPeriod,
    ReminderPaperKind,
    ReminderRule,
    ReminderStep,
    step_words,
)
from accountability.models.rosters import RosterImport
from accountability.models.second_factor import Authenticator, RecoveryCode
from accountability.models.workdays import WorkdayOverride

__all__ = [
    "UNIT_KINDS",
    "Absence",
    "ActKind",
    "Answer",
    "Attachment",
    "AuditArchive",
    "AuditEvent",
    "AuditSeal",
    "Authenticator",
    "Bearer",
    "CalendarFeed",
    "Capacity",
    "Channel",
    "Clause",
    "Comment",
    "Cooperation",
    "Delivery",
    "Digest",
    "Document",
    "DocumentBatch",
    "DocumentDraft",
    "DocumentKind",
    "DocumentVersion",
    "Duty",
    "Evidence",
    "FormerName",
    "FormerPassword",
    "HandOver",
    "HandOverLine",
    "Heartbeat",
    "Job",
    "KeptFile",
    "KeptPaper",
    "Light",
    "LoginSession",
    "Matter",
    "Milestone",
    "Notice",
    "NoticePreference",
    "NumberSeries",
    "Obligation",
    "Occurrence",
    "Organisation",
    "ReminderPaperKind",
    "Person",
    "Portfolio",
    "Post",
    "Problem",
    "Project",
    "QuietPeriod",
    "RateCount",
    "Record",
    "RecoveryCode",
    "Regulation",
    "ReminderRule",
    "ReminderStep",
    "Responsibility",
    "Review",
    "Role",
    "RosterImport",
    "Signature",
    "Subject",
    "Suspension",
    "Tenure",
    "UnitItem",
    "UnitList",
    "WorkYear",
    "WorkdayOverride",
    "step_words",
]
