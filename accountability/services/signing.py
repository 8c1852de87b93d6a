"""签署、核验、答复: the act of a named person, bound to the frozen paper's SHA-256 (三（三）1, 三（三）3)."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accountability import access
from accountability import document_workflow as flow
from accountability.models import (
    ActKind,
    Answer,
    Document,
    DocumentVersion,
    Duty,
    Notice,
    Organisation,
    Person,
    Post,
    Review,
    Role,
    Signature,
)
from accountability.models.history import save_as
from accountability.services import documents, papers
from accountability.services.attachments import attach
from accountability.services.duties import assign
from accountability.services.notices import notify
from accountability.services.records import file_proof
from accountability.services.workdays import after_workdays

State = Document.State
ANSWER_ACT = "report-answer"


@transaction.atomic
def sign(document: Document, *, by: Person, password: str, sha256: str, address: str | None = None) -> Signature:
    """签署 the version whose PDF hash is ``sha256``, with the password entered again.

    Raises ValidationError when the paper changed since he read it, when another was quicker, or when the password is wrong.
    """
    document = documents.locked(document)
    version = document.versions.get(number=document.latest)
    if earlier := document.signatures.filter(version=version, person=by).first():
        raise ValidationError(f"您已于 {timezone.localtime(earlier.signed_at):%Y-%m-%d %H:%M} 签署过这一版。")
    flow.DOCUMENT_TRANSITIONS["sign"].checked(document, by=by, reason="")
    if sha256 != version.pdf_sha256:
        raise ValidationError("文件在您阅读之后有了新版本，请重新打开、阅读后再签署。")
    if not by.check_password(password):
        raise ValidationError({"password": "密码不对，请输入您本人的登录密码。"})
    papers.frozen_bytes(version)
    capacity = flow.capacity_of(by, document)
    post = flow.signing_post(document, capacity)
    last = document.reviews.filter(version=version, verdict=Review.Verdict.PASSED).last()
    signature = Signature(
        document=document,
        version=version,
        capacity=capacity,
        person=by,
        post=post,
        post_title=post.full_title,
        approved_by=last.by if last else None,
        pdf_sha256=sha256,
        signed_at=timezone.now(),
        address=address,
    )
    signature.full_clean()
    save_as(signature, by=by, reason=f"以{signature.get_capacity_display()}身份签署")
    if not missing_capacities(document, version):
        _conclude(document, version, by=by)
    return signature


def missing_capacities(document: Document, version: DocumentVersion) -> list[str]:
    signed = set(version.signatures.values_list("capacity", flat=True))
    return [capacity for capacity in document.kind.capacities if capacity not in signed]


def _conclude(document: Document, version: DocumentVersion, *, by: Person) -> None:
    """签署完毕: the signed paper becomes a record and proves what it is owed for; nobody files it again (四（三）)."""
    document.state, document.signed_on = State.SIGNED, timezone.localdate()
    file = SimpleUploadedFile(f"{document.title}.pdf", papers.frozen_bytes(version), papers.PDF_TYPE)
    if document.record_id:
        attach(document.record, file, by=by)
    elif not document.work_year.is_closed:  # a sealed year takes no record any more
        document.record = file_proof(
            by=by,
            organisation=document.organisation,
            post=document.post,
            act=document.kind.act,
            work_year=document.work_year_id,
            title=document.title,
            content=f"{document.number_text}，第 {version.number} 版，{version.pages} 页，由系统签署归档。",
            files=[file],
        )
    if document.kind.answer_days and not document.answer_duty_id:
        document.answer_duty = _owe_answer(document, by=by)
    save_as(document, by=by, reason="签署完毕")
    told = [person for person in documents.authors(document) if person.pk != by.pk]
    documents.tell(told, None, Notice.Kind.ACCEPTED, f"已签署：{document.title}", document.number_text, document)


# ── 报告与答复 ────────────────────────────────────────────────────────────────────────────────


def answering_post(document: Document) -> Post:
    """答复责任人: the office for the committee, the commission's own post for the commission."""
    role = Role.DISCIPLINE if document.addressee == Document.Addressee.COMMISSION else Role.OFFICE
    posts = Post.objects.filter(role=role, abolished_on=None).select_related("organisation").order_by("rank", "id")
    post = posts.filled(timezone.localdate()).first()
    if post is None:
        raise ValidationError(f"{document.get_addressee_display()}暂无人接收报告，请联系党委办公室。")
    return post


def _owe_answer(document: Document, *, by: Person) -> Duty:
    """应答复责任: an answer owed by a day is a duty like any other, so it gets lights and reminders."""
    post = answering_post(document)
    kind = (
        Organisation.Kind.COMMISSION
        if document.addressee == Document.Addressee.COMMISSION
        else Organisation.Kind.SCHOOL
    )
    duty = assign(
        title=f"答复{document.organisation.full_name}：{document.title}"[:120],
        organisation=Organisation.objects.get(kind=kind),
        owner=post,
        work_year=document.work_year_id,
        due_on=after_workdays(timezone.localdate(), document.kind.answer_days),
        clause=_clause_of(document),
        requirement="对报告提出的问题逐项答复。",
        by=by,
    )
    people = flow.holders(post, timezone.localdate())
    documents.tell(
        people, by, Notice.Kind.TO_CONFIRM, f"待答复：{document.title}", f"应于 {duty.due_on} 前答复", document
    )
    return duty


def _clause_of(document: Document):
    obligation = document.kind.act.obligations.filter(clause__regulation__repealed_on=None).first()
    return obligation.clause if obligation else None


def may_answer(user: Person, document: Document) -> bool:
    return (
        document.answer_duty_id is not None
        and not hasattr(document, "answer")
        and access.may(user, "keep_record", document.answer_duty.organisation)
    )


@transaction.atomic
def answer(document: Document, *, by: Person, text: str) -> Answer:
    """答复 the report; its record proves that the answer was given by the day it was owed."""
    document = documents.locked(document)
    if hasattr(document, "answer"):
        raise ValidationError(f"{document.answer.by} 已于 {timezone.localdate(document.answer.at)} 答复。")
    if not may_answer(by, document):
        raise PermissionDenied("只有收到报告的党委办公室或纪委可以答复。")
    text = text.strip()
    if len(text) < 4:
        raise ValidationError({"text": "请写明答复，至少 4 个字。"})
    duty = document.answer_duty
    record = file_proof(
        by=by,
        organisation=duty.organisation,
        act=ActKind.objects.get(code=ANSWER_ACT),
        work_year=duty.work_year_id,
        title=duty.title,
        content=text,
        duties=[duty],
    )
    given = Answer(document=document, record=record, text=text, by=by, at=timezone.now())
    given.full_clean()
    save_as(given, by=by, reason="答复报告")
    recipients = [person for person in documents.authors(document) if person.pk != by.pk]
    notify(
        recipients,
        kind=Notice.Kind.ACCEPTED,
        title=f"已答复：{document.title}",
        body=text[:200],
        url=reverse("document", args=[document.pk]),
    )
    return given


# ── 核验 ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Verdict:
    """核验结果: the version whose frozen paper these bytes are, or none."""

    sha256: str
    version: DocumentVersion | None
    expected: Document | None = None

    @property
    def matches(self) -> bool:
        if self.version is None:
            return False
        return self.expected is None or self.version.document_id == self.expected.pk

    @property
    def is_latest(self) -> bool:
        return self.version is not None and self.version.number == self.version.document.latest


def verify(content: bytes, expected: Document | None = None) -> Verdict:
    """核验 a file against everything ever frozen; who holds the very file may know what it is."""
    sha256 = papers.sha256_of(content)
    version = (
        DocumentVersion.objects.filter(pdf_sha256=sha256)
        .select_related("document__kind__act", "document__organisation__parent", "document__post__organisation__parent")
        .first()
    )
    return Verdict(sha256, version, expected)
