"""文件筛选: the one reading of the filters of documents; list, search and every figure that counts documents use it."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from accountability import document_workflow as flow
from accountability.models import Document
from accountability.record_filter import Span, and_below

VIEWS = {
    "waiting": "待我办理",
    "mine": "我起草的",
    "unrecorded": "起草和办理中",
    "signed": "已签署",
    "all": "全部",
}


@dataclass(frozen=True)
class DocumentFilter:
    """筛选条件. Unknown or malformed values in an address are dropped, never an error."""

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

    @classmethod
    def read(cls, params, year: int) -> "DocumentFilter":
        return cls(
            year=year,
            view=params.get("view") if params.get("view") in VIEWS else "all",
            kind=params.get("kind", "").replace("\x00", "")[:40],
            q=params.get("q", "").replace("\x00", "").strip()[:60],
            drafted=Span.read(params.get("drafted", "")),
            **{name: _number(params.get(name, "")) for name in ("organisation", "post", "unit")},
        )

    def but(self, **changes) -> "DocumentFilter":
        return replace(self, **changes)

    def items(self) -> list[tuple[str, str]]:
        pairs = [("year", str(self.year)), ("view", "" if self.view == "all" else self.view)]
        pairs += [(name, str(getattr(self, name) or "")) for name in ("kind", "q", "organisation", "post", "unit")]
        pairs.append(("drafted", self.drafted.text if self.drafted else ""))
        return [(name, value) for name, value in pairs if value]

    @property
    def url(self) -> str:
        return f"{reverse('documents_all')}?{urlencode(self.items())}"

    @property
    def narrows(self) -> bool:
        return len(self.items()) > 1

    def rows(self, documents: QuerySet, *, user) -> QuerySet:
        """The documents that meet every condition; ``documents`` comes scoped."""
        documents = self._of_view(documents, user).of_year(self.year)
        if self.kind:
            documents = documents.filter(kind__act__code=self.kind)
        for name in ("organisation", "post"):
            if pk := getattr(self, name):
                documents = documents.filter(**{name: pk})
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


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
