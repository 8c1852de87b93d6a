from supervision.models.admissions import Admission, Secret
from supervision.models.archives import Archive, ArchivePaper, ArchiveUpdate, PaperKind
from supervision.models.openings import ArchiveOpening, Kinship, OpeningRequest, Purpose
from supervision.models.opinions import Opinion, OpinionCadre
from supervision.models.reports import AnnualReport

__all__ = [
    "Admission",
    "AnnualReport",
    "Archive",
    "ArchiveOpening",
    "ArchivePaper",
    "ArchiveUpdate",
    "Kinship",
    "OpeningRequest",
    "Opinion",
    "OpinionCadre",
    "PaperKind",
    "Purpose",
    "Secret",
]
