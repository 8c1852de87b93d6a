"""文件筛选: the one reading of the filters of documents; list, search and every figure that counts documents use it."""

from dataclasses import dataclass
from typing import ClassVar

from django.db.models import QuerySet

from accountability import document_workflow as flow
from accountability.filters import Filter, Span
from accountability.models import Document
from accountability.record_filter import and_below


@dataclass(frozen=True)
class DocumentFilter(Filter):
    ADDRESS: ClassVar[str] = "documents_all"
    VIEWS: ClassVar[dict] = {
        "waiting": "待我办理",
        "mine": "我起草的",
        "unrecorded": "起草和办理中",
        "signed": "已签署",
        "all": "全部",
    }
    COLUMNS: ClassVar[dict] = {
        "year": "work_year",
        "kind": "kind__act__code",
        "organisation": "organisation",
        "post": "post",
    }

    year: int
    view: str = "all"
    kind: str = ""
    q: str = ""
    organisation: int | None = None
    post: int | None = None
    # 单位 and all below it.
    unit: int | None = None
    # 起草于 a year, a month or a day.
    drafted: Span | None = None

    def rows(self, documents: QuerySet, *, user) -> QuerySet:
        """The documents that meet every condition; ``documents`` comes scoped."""
        documents = self._of_view(self.narrowed(documents), user)
        if self.unit:
            documents = documents.filter(organisation__in=and_below(self.unit))
        if self.drafted:
            first, last = self.drafted.first, self.drafted.last
            documents = documents.filter(created_at__date__gte=first, created_at__date__lte=last)
        return documents.saying(self.q) if self.q else documents

    def _of_view(self, documents: QuerySet, user) -> QuerySet:
        return {
            "waiting": lambda: documents.filter(pk__in=flow.waiting_for(user).values("pk")),
            "mine": lambda: documents.filter(drafted_by=user),
            "unrecorded": lambda: documents.unrecorded(),
            "signed": lambda: documents.filter(state=Document.State.SIGNED),
            "all": lambda: documents,
        }[self.view]()
