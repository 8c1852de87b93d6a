"""可搜索的内容 of this app: duties, records, documents, organisations, people and posts, clauses."""

from urllib.parse import urlencode

from django.db.models import OuterRef, Subquery
from django.urls import reverse

from accountability.document_filter import DocumentFilter
from accountability.ledger import LedgerFilter
from accountability.models import (
    Clause,
    Document,
    DocumentVersion,
    Duty,
    Light,
    Organisation,
    Record,
    Regulation,
    Tenure,
)
from accountability.record_filter import RecordFilter
from accountability.search import Hit, Query, around, searchable
from accountability.templatetags.documents import document_words


def _joined(*parts) -> str:
    return " · ".join(f"{part}" for part in parts if part)


def _duties(query: Query):
    rows = LedgerFilter(year=query.year, q=query.words).rows(Duty.objects.visible_to(query.user), on=query.on)
    return rows.with_light(query.on).for_list().order_by("due_on", "id")


searchable(
    10,
    "duties",
    "责任事项",
    "项",
    rows=_duties,
    tell=lambda duty: Hit(
        duty.title,
        reverse("duty", args=[duty.pk]),
        _joined(
            duty.number, duty.organisation_name, duty.owner.full_title, f"{duty.due_on} 到期", Light(duty.light).label
        ),
    ),
    url=lambda query: LedgerFilter(year=query.year, q=query.words).url,
    by_year=True,
)


def _records(query: Query):
    rows = RecordFilter(query.year, q=query.words).rows(Record.objects.visible_to(query.user), user=query.user)
    return rows.for_list().annotate(around=around("content", query.words)).defer("content")


searchable(
    20,
    "records",
    "履责记录",
    "条",
    rows=_records,
    tell=lambda record: Hit(
        record.title,
        reverse("record", args=[record.pk]),
        _joined(record.organisation_name, record.act.name, record.happened_on, record.get_state_display()),
        record.around,
    ),
    url=lambda query: RecordFilter(query.year, q=query.words).url,
    by_year=True,
)


def _documents(query: Query):
    rows = DocumentFilter(query.year, q=query.words).rows(Document.objects.visible_to(query.user), user=query.user)
    latest = DocumentVersion.objects.filter(document=OuterRef("pk"), number=OuterRef("latest"))
    return rows.for_list().annotate(around=Subquery(latest.values_list(around("text", query.words))[:1]))


searchable(
    40,
    "documents",
    "文件",
    "份",
    rows=_documents,
    tell=lambda document: Hit(
        document.title,
        reverse("document", args=[document.pk]),
        _joined(document.number_text, document.kind.act.name, document.whose, document_words(document)),
        document.around or "",
    ),
    url=lambda query: DocumentFilter(query.year, q=query.words).url,
    by_year=True,
)


def _organisations_url(query: Query) -> str:
    return f"{reverse('organisations')}?{urlencode({'q': query.words})}"


searchable(
    80,
    "organisations",
    "组织",
    "个",
    rows=lambda query: (
        Organisation.objects.visible_to(query.user)
        .active()
        .named(query.words)
        .select_related("parent")
        .order_by("path")
    ),
    tell=lambda row: Hit(row.full_name, reverse("organisation", args=[row.pk]), row.get_kind_display()),
    url=_organisations_url,
)
searchable(
    90,
    "people",
    "人员与岗位",
    "人次",
    rows=lambda query: Tenure.objects.found_by(query.words, user=query.user, on=query.on),
    tell=lambda tenure: Hit(
        tenure.person.name,
        reverse("organisation", args=[tenure.post.organisation_id]),
        f"{tenure.post.full_title}{'（主持工作）' if tenure.is_acting else ''}",
    ),
    url=lambda query: f"{_organisations_url(query)}#people",
)


searchable(
    100,
    "clauses",
    "制度条款",
    "条",
    rows=lambda query: (
        Clause.objects.filter(regulation__in=Regulation.objects.in_force(query.on).values("pk"))
        .saying(query.words)
        .select_related("regulation")
    ),
    tell=lambda clause: Hit(
        f"{clause.number} {clause.summary}", f"{reverse('clauses')}#clause-{clause.key}", clause.regulation.title
    ),
    url=lambda query: f"{reverse('clauses')}?{urlencode({'q': query.words})}",
)
