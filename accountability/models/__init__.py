from accountability.models.audit import AuditEvent
from accountability.models.calendars import CalendarFeed
from accountability.models.channels import Channel, Delivery
from accountability.models.document_kinds import DocumentKind
from accountability.models.document_reviews import Answer, Comment, Review, Signature
from accountability.models.documents import Document, DocumentBatch, DocumentDraft, DocumentVersion
from accountability.models.duties import Cooperation, Duty, Light, WorkYear
from accountability.models.handovers import HandOver, HandOverLine
from accountability.models.jobs import Heartbeat, Job
from accountability.models.kept_papers import KeptFile, KeptPaper
from accountability.models.lists import Milestone, Problem, Project, Responsibility, UnitItem, UnitList
from accountability.models.notices import Digest, Notice
from accountability.models.numbers import NumberSeries
from accountability.models.organisations import UNIT_KINDS, FormerName, Organisation
from accountability.models.people import Person, Portfolio, Post, Role, Tenure
from accountability.models.preferences import Absence, NoticePreference
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
    "AuditEvent",
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
    "HandOver",
    "HandOverLine",
    "Heartbeat",
    "Job",
    "KeptFile",
    "KeptPaper",
    "Light",
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
    "Tenure",
    "UnitItem",
    "UnitList",
    "WorkYear",
    "WorkdayOverride",
    "step_words",
]
