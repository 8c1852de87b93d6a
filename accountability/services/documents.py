"""文件: make, write, send up, review, number, freeze, sign, revise, answer; each verb one transaction (三（三）1).

The row of the document is the lock: of two who act at the same moment one wins, the other is told what happened.
"""

import secrets

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accountability import access, additions
from accountability import document_workflow as flow
from accountability.locking import lock_and_read
from accountability.models import (
    Comment,
    Document,
    DocumentDraft,
    DocumentKind,
    DocumentVersion,
    Duty,
    Notice,
    Organisation,
    Person,
    Post,
    Review,
    Role,
    WorkYear,
)
from accountability.models.history import save_as
from accountability.services import jobs, prefill
from accountability.services.notices import notify, people_with
from accountability.services.numbers import next_number
from accountability.unclassified import refuse_marks

State = Document.State
FREEZE = flow.FREEZE
TEXT_AT_MOST = 100_000
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that can be mistaken for another


# ── make and write ───────────────────────────────────────────────────────────────────────────


@transaction.atomic
def make(
    *,
    by: Person,
    kind: DocumentKind,
    organisation: Organisation,
    work_year: int,
    post: Post | None = None,
    addressee: str = "",
    is_ordered: bool = False,
    tell: jobs.Tell = jobs.silent,
) -> Document:
    """起草: a document with its text filled in from what the system knows, kept as version 1.

    ``is_ordered``: the office has it begun for a unit, which goes on writing itself. Raises PermissionDenied when ``by``
    may not draft it, ValidationError when it exists already.
    """
    may_begin = flow.may_write(by, kind, organisation, post) or (is_ordered and access.may_manage_duties(by))
    if not may_begin:
        raise PermissionDenied(f"您不能为{post.full_title if post else organisation.full_name}起草{kind}。")
    _check_fits(kind, organisation, post)
    document = Document(
        kind=kind,
        organisation=organisation,
        post=post,
        work_year=_open_year(work_year, kind),
        serial=_next_serial(kind, organisation, work_year, post),
        leader_post=flow.leader_for(organisation, timezone.localdate()) if "leader" in kind.capacities else None,
        title=title_of(kind, organisation, work_year, post),
        addressee=(addressee or Document.Addressee.COMMITTEE) if kind.answer_days else "",
        verify_code=new_code(),
        drafted_by=by,
        created_at=timezone.now(),
    )
    document.full_clean(exclude=("post", "leader_post"), validate_constraints=False)
    try:
        with transaction.atomic():
            save_as(document, by=by, reason="起草文件")
    except IntegrityError as error:
        raise ValidationError(f"{document.whose} {work_year} 年度的{kind}已经起草，请打开原有文件办理。") from error
    text = prefill.filled(document, timezone.localdate(), tell, by)
    _keep(document, title=document.title, text=text, source=DocumentVersion.Source.TEMPLATE, by=by)
    DocumentDraft.objects.create(
        document=document, title=document.title, text=text, saved_at=timezone.now(), saved_by=by
    )
    return document


def refuse_unless_fits(kind: DocumentKind, organisation: Organisation, post: Post | None, work_year: int) -> None:
    """What ``make`` would refuse whoever asks, for those who have it made later."""
    _open_year(work_year, kind)
    _check_fits(kind, organisation, post)


def _check_fits(kind: DocumentKind, organisation: Organisation, post: Post | None) -> None:
    """A kind belongs to the school, its leaders, the units or the branches, and to a person or to an organisation."""
    if kind.is_personal and (post is None or post.organisation_id != organisation.pk):
        raise ValidationError(f"{kind}由本人签署，请从本人的岗位起草。")
    if not kind.is_personal and post is not None:
        raise ValidationError(f"{kind}由单位制作，不从个人岗位起草。")
    panel = {
        Organisation.Kind.SCHOOL: (DocumentKind.Panel.SCHOOL, DocumentKind.Panel.LEADER),
        Organisation.Kind.COMMISSION: (DocumentKind.Panel.COMMISSION,),
        Organisation.Kind.BRANCH: (DocumentKind.Panel.BRANCH,),
    }.get(organisation.kind, (DocumentKind.Panel.UNIT,))
    if kind.panel not in panel:
        raise ValidationError(f"{kind}由{kind.get_panel_display()}制作，{organisation.full_name}不制作这种文件。")


def title_of(kind: DocumentKind, organisation: Organisation, work_year: int, post: Post | None) -> str:
    whose = post.full_title if post else organisation.full_name
    return f"{whose}{work_year}年度{kind}"[:120]


def new_code() -> str:
    """核验码 ABCD-EFGH-JKMN, printed on the paper; it cannot be guessed from another."""
    groups = ["".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3)]
    return "-".join(groups)


def _next_serial(kind: DocumentKind, organisation: Organisation, work_year: int, post: Post | None) -> int:
    if not kind.many_a_year:
        return 1
    last = Document.objects.filter(kind=kind, organisation=organisation, work_year=work_year, post=post)
    return last.count() + 1


def _open_year(work_year: int, kind: DocumentKind) -> WorkYear:
    year = WorkYear.objects.filter(year=work_year).first()
    if year is None:
        raise ValidationError(f"{work_year} 工作年度尚未开启。")
    if year.is_closed and not additions.of_act(kind.act.code).of_closed_years:
        raise ValidationError(f"{work_year} 工作年度已封存，文件不能再改动。")
    return year


def locked(document: Document) -> Document:
    return lock_and_read(Document.objects.for_list(), document.pk)


def _to_write(document: Document, *, by: Person) -> Document:
    """The locked document, if ``by`` may change its text now."""
    document = locked(document)
    _open_year(document.work_year_id, document.kind)
    if not flow.may_write(by, document.kind, document.organisation, document.post):
        raise PermissionDenied("您可以查阅和批注，不能修改这份文件。")
    if not document.may_change:
        raise ValidationError(f"文件当前是「{document.get_state_display()}」，不能修改；需要改动请先退回或修订。")
    return document


@transaction.atomic
def autosave(document: Document, *, by: Person, title: str, text: str, revision: int) -> DocumentDraft:
    """保存工作稿. ``revision`` is the one the editor began from: somebody else's newer text is never overwritten."""
    document = _to_write(document, by=by)
    draft = DocumentDraft.objects.select_for_update().get(document=document)
    title, text = _clean(title, text)
    if (draft.title, draft.text) == (title, text):
        return draft
    if draft.revision != revision:
        at = timezone.localtime(draft.saved_at)
        raise ValidationError(
            f"{draft.saved_by} 已于 {at:%H:%M} 保存过新的内容，您的修改没有覆盖它。请先复制您的文字，重新打开后再改。",
            code="conflict",
        )
    draft.title, draft.text, draft.revision = title, text, draft.revision + 1
    draft.saved_at, draft.saved_by = timezone.now(), by
    refuse_marks(draft)
    draft.save()
    return draft


def _clean(title: str, text: str) -> tuple[str, str]:
    title = " ".join(title.split())
    text = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("\x00", "").split("\n")).strip()
    if not title:
        raise ValidationError({"title": "请填写标题。"})
    if len(title) > 120:
        raise ValidationError({"title": f"标题有 {len(title)} 个字，请控制在 120 个字以内。"})
    if not text:
        raise ValidationError({"text": "正文不能为空。"})
    if len(text) > TEXT_AT_MOST:
        raise ValidationError({"text": f"正文有 {len(text)} 个字，请控制在 {TEXT_AT_MOST} 个字以内。"})
    return title, text


@transaction.atomic
def keep_version(document: Document, *, by: Person) -> DocumentVersion:
    """存为一版: what is being typed becomes a version, if it differs from the last."""
    document = _to_write(document, by=by)
    return _keep_draft(document, by=by)


def last_years(document: Document) -> DocumentVersion | None:
    """上年同一份文件 as it was last kept."""
    return (
        DocumentVersion.objects.filter(
            document__kind=document.kind,
            document__organisation=document.organisation,
            document__post=document.post,
            document__work_year=document.work_year_id - 1,
        )
        .exclude(document__state=State.WITHDRAWN)
        .order_by("-document__serial", "-number")
        .first()
    )


@transaction.atomic
def take_last_year(document: Document, *, by: Person) -> DocumentVersion:
    """带入上年文本 as the next version, with the year in it moved on; the difference shows what is left to change."""
    source = last_years(document)
    if source is None:
        raise ValidationError("上一年度没有同一份文件，请在预填的正文上修改。")
    year = document.work_year_id
    text = source.text.replace(f"{year}年", f"{year + 1}年").replace(f"{year - 1}年", f"{year}年")
    return _take(document, by=by, title=document.title, text=text, source=DocumentVersion.Source.LAST_YEAR)


def take_upload(document: Document, *, by: Person, title: str, text: str) -> DocumentVersion:
    """上传 Word 文件 as the next version."""
    return _take(document, by=by, title=title, text=text, source=DocumentVersion.Source.UPLOADED)


@transaction.atomic
def _take(document: Document, *, by: Person, title: str, text: str, source: str) -> DocumentVersion:
    document = _to_write(document, by=by)
    title, text = _clean(title or document.title, text)
    draft = DocumentDraft.objects.select_for_update().get(document=document)
    draft.title, draft.text, draft.revision = title, text, draft.revision + 1
    draft.saved_at, draft.saved_by = timezone.now(), by
    refuse_marks(draft)
    draft.save()
    return _keep(document, title=title, text=text, source=source, by=by)


def _keep_draft(document: Document, *, by: Person) -> DocumentVersion:
    draft = document.draft
    last = document.versions.get(number=document.latest)
    title, text = _clean(draft.title, draft.text)
    if (last.title, last.text) == (title, text) and not last.is_frozen:
        return last
    return _keep(document, title=title, text=text, source=DocumentVersion.Source.TYPED, by=by)


def _keep(document: Document, *, title: str, text: str, source: str, by: Person) -> DocumentVersion:
    organisation = document.organisation
    version = DocumentVersion(
        document=document,
        number=document.latest + 1,
        title=title,
        text=text,
        source=source,
        edited_by=by,
        edited_as=flow.written_as(by, document),
        of_commission=organisation.kind == Organisation.Kind.COMMISSION
        or organisation.posts.filter(role=Role.DISCIPLINE).exists(),
        edited_at=timezone.now(),
    )
    version.full_clean()
    save_as(version, by=by, reason=version.get_source_display())
    document.latest, document.title = version.number, title
    save_as(document, by=by, reason=f"存为第 {version.number} 版")
    return version


# ── review ───────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def perform(document: Document, name: str, *, by: Person, reason: str = "", version: int | None = None) -> Document:
    """办理: submit, pass, return, decline, revise or withdraw. ``version`` is the one the person has read."""
    transition = flow.DOCUMENT_TRANSITIONS[name]
    document = locked(document)
    reason = transition.checked(document, by=by, reason=reason)
    _open_year(document.work_year_id, document.kind)
    if version is not None and version != document.latest:
        raise ValidationError(f"文件已有第 {document.latest} 版，您看到的是第 {version} 版；请重新阅读后办理。")
    VERBS[name](document, by, reason)
    return document


def _submit(document: Document, by: Person, reason: str) -> None:
    version = _keep_draft(document, by=by)
    unfilled = prefill.unfilled(version.text)
    if unfilled:
        raise ValidationError(f"正文还有 {len(unfilled)} 处没有填写：{'；'.join(unfilled[:3])}。请补全后再送审。")
    for check in additions.of(document).checks:
        check(document, version)
    document.submitted_by, document.submitted_at, document.step = by, timezone.now(), 0
    document.returned_reason = ""
    if document.steps:
        document.state = State.IN_REVIEW
        save_as(document, by=by, reason=f"送审第 {version.number} 版")
        _ask_reviewers(document)
    else:
        _approve(document, by=by, reason=f"送签第 {version.number} 版")


def _pass(document: Document, by: Person, reason: str) -> None:
    label = flow.STEP_LABELS[flow.step_now(document)]
    _write_review(document, Review.Verdict.PASSED, by, reason)
    document.step += 1
    if document.step < len(document.steps):
        save_as(document, by=by, reason=f"{label}通过")
        _ask_reviewers(document)
    else:
        _approve(document, by=by, reason=f"{label}通过")


def _return(document: Document, by: Person, reason: str) -> None:
    _write_review(document, Review.Verdict.RETURNED, by, reason)
    _give_back(document, by, reason, "退回")


def _decline(document: Document, by: Person, reason: str) -> None:
    _give_back(document, by, reason, "不签，退回修改")


def _give_back(document: Document, by: Person, reason: str, what: str) -> None:
    document.state, document.returned_reason = State.RETURNED, reason[:300]
    save_as(document, by=by, reason=f"{what}：{reason}")
    tell(authors(document), by, Notice.Kind.RETURNED, f"已退回：{document.title}", reason, document)


def _revise(document: Document, by: Person, reason: str) -> None:
    document.state = State.DRAFT
    save_as(document, by=by, reason=f"修订：{reason}")


def _withdraw(document: Document, by: Person, reason: str) -> None:
    document.state = State.WITHDRAWN
    save_as(document, by=by, reason=f"作废：{reason}")


def _retry(document: Document, by: Person, reason: str) -> None:
    save_as(document, by=by, reason="重新排版")
    jobs.queue(FREEZE, str(document.pk), by=by)


VERBS = {
    "retry": _retry,
    "submit": _submit,
    "pass": _pass,
    "return": _return,
    "decline": _decline,
    "revise": _revise,
    "withdraw": _withdraw,
}


def _write_review(document: Document, verdict: str, by: Person, reason: str) -> None:
    review = Review(
        document=document,
        version=document.versions.get(number=document.latest),
        step=document.step,
        label=flow.STEP_LABELS[flow.step_now(document)],
        verdict=verdict,
        reason=reason[:300],
        by=by,
        submitted_by=document.submitted_by,
        at=timezone.now(),
    )
    review.full_clean()
    save_as(review, by=by, reason=f"{review.label}{review.get_verdict_display()}")


def _approve(document: Document, *, by: Person, reason: str) -> None:
    """Number it in the same transaction, then let a worker set and freeze the paper."""
    if document.number is None:
        document.number_year = timezone.localdate().year
        document.number = next_number(f"document-{document.kind.act.code}", document.number_year)
    document.state = State.APPROVED
    save_as(document, by=by, reason=reason)
    jobs.queue(FREEZE, str(document.pk), by=by)


# ── tell ─────────────────────────────────────────────────────────────────────────────────────


def authors(document: Document) -> list[Person]:
    return [person for person in (document.submitted_by, document.drafted_by) if person]


def _ask_reviewers(document: Document) -> None:
    step = flow.step_now(document)
    if step == "unit":
        people = people_with("confirm_record", document.organisation.parent)
    else:
        role = Role.OFFICE if step == "office" else Role.SECRETARY
        posts = Post.objects.filter(role=role, abolished_on=None)
        people = [person for post in posts for person in flow.holders(post, timezone.localdate())]
    body = f"{document.whose} · {document.submitted_by} 送审"
    tell(people, document.submitted_by, Notice.Kind.TO_CONFIRM, f"待审核：{document.title}", body, document)


def ask_signers(document: Document) -> None:
    today = timezone.localdate()
    for capacity in document.kind.capacities:
        people = flow.holders(flow.signing_post(document, capacity), today)
        tell(people, None, Notice.Kind.TO_SIGN, f"待签署：{document.title}", document.number_text, document)


def tell(people: list[Person], by: Person | None, kind: str, title: str, body: str, document: Document) -> None:
    recipients = [person for person in people if by is None or person.pk != by.pk]
    notify(recipients, kind=kind, title=title, body=body, url=reverse("document", args=[document.pk]))


@transaction.atomic
def comment(document: Document, *, by: Person, text: str) -> Comment:
    """批注: whoever may read it may say what he thinks of the version he reads; the text stays untouched."""
    document = locked(document)
    text = text.strip()
    if len(text) < 2:
        raise ValidationError({"text": "请写下批注。"})
    if len(text) > 1000:
        raise ValidationError({"text": f"批注有 {len(text)} 个字，请控制在 1000 个字以内。"})
    post = next(iter(access.posts_held(by)), None)
    note = Comment(
        document=document,
        version=document.versions.get(number=document.latest),
        by=by,
        by_title=post.full_title if post else "",
        text=text,
        at=timezone.now(),
    )
    save_as(note, by=by, reason="批注")
    tell(authors(document), by, Notice.Kind.COMMENT, f"有新批注：{document.title}", text[:100], document)
    return note


def duties_of(document: Document):
    """The open or fulfilled duties of its year this document is for."""
    return Duty.objects.of_year(document.work_year_id).filter(
        organisation=document.organisation, bearer_post=document.post, obligation__acts=document.kind.act
    )
