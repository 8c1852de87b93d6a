"""文件 in tests, each step in one call."""

from accountability.models import Document, DocumentKind, Duty, Job, Post
from accountability.services import documents, jobs, signing
from tests import cast

REAL_TEXT = "一、责任项目\n1. 推进采购监管。\n二、工作措施\n每季度抽查采购合同一次，由财务处负责，9月30日前完成。"


def kind(code: str) -> DocumentKind:
    return DocumentKind.objects.select_related("act").get(act__code=code)


def post_of(person) -> Post:
    return Post.objects.held_by(person, cast.TODAY).select_related("organisation").first()


def duty_for(code: str, post: Post | None = None, organisation=None) -> Duty:
    rows = Duty.objects.of_year(cast.YEAR).filter(obligation__acts__code=code)
    return rows.get(bearer_post=post) if post else rows.filter(organisation=organisation, bearer_post=None).first()


def draft(by, code: str, *, post: Post | None = None, organisation=None, text: str = REAL_TEXT) -> Document:
    """A document drafted and completed, ready to be sent up."""
    document = documents.make(
        by=by,
        kind=kind(code),
        organisation=organisation or post.organisation,
        post=post,
        work_year=cast.YEAR,
    )
    draft = document.draft
    documents.autosave(document, by=by, title=draft.title, text=text, revision=draft.revision)
    return fresh(document)


def fresh(document: Document) -> Document:
    return Document.objects.for_list().get(pk=document.pk)


def set_papers() -> None:
    """The worker's part: every queued job is done."""
    for job in Job.objects.filter(state=Job.State.QUEUED).order_by("pk"):
        jobs.run(job.pk)
    assert not Job.objects.filter(state=Job.State.FAILED).exists(), Job.objects.filter(state="failed").first().error


def sign(document: Document, by, password: str = cast.PASSWORD):
    document = fresh(document)
    version = document.versions.get(number=document.latest)
    return signing.sign(document, by=by, password=password, sha256=version.pdf_sha256)


def project_letter(people, *, to: str = "signed") -> Document:
    """A member's 责任项目书 brought to a state: draft, in_review, to_sign, signed."""
    member = people["member"]
    document = draft(member, "project-letter", post=post_of(member))
    if to == "draft":
        return document
    documents.perform(document, "submit", by=member)
    if to == "in_review":
        return fresh(document)
    documents.perform(document, "pass", by=people["office"])
    documents.perform(document, "pass", by=people["secretary"])
    set_papers()
    if to == "signed":
        sign(document, member)
    return fresh(document)
