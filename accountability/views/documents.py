"""文件: the matrix of a year, the list, one document, its drafting, review, signature and comments."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability import access, additions
from accountability import document_workflow as flow
from accountability.differences import differences
from accountability.document_filter import DocumentFilter
from accountability.document_forms import AnswerForm, CommentForm, DraftForm, SignForm, WordForm
from accountability.filters import whole_number
from accountability.forms import ReasonForm, add_refusal, refusals_in
from accountability.matrix import Matrix
from accountability.models import Document, DocumentKind, Duty, Organisation, Post, Role
from accountability.offers import told_of
from accountability.reauthentication import password_is_right
from accountability.services import documents as verbs
from accountability.services import signing
from accountability.timeline import history_of_document
from accountability.views.asked import asked_for
from accountability.views.listing import Listing
from accountability.views.menus import Option, tabs_of, unit_chips
from accountability.years import year_in_view, years_opened

State = Document.State


# ── the year ─────────────────────────────────────────────────────────────────────────────────


@require_safe
def matrix(request):
    """四书四会三报告一览; with ``?unit=`` one unit and its branches: the chain walked downwards."""
    year = year_in_view(request)
    unit = _organisation_asked_for(request, "unit")
    view = Matrix(request.user, year, timezone.localdate(), unit)
    context = {
        "year": year,
        "years": [Option(f"{each} 年度", f"?year={each}", each == year) for each in years_opened(request)],
        "unit": unit,
        "tables": view.tables(),
        "may_batch": access.may_manage_duties(request.user) or access.holds(request.user, Role.SECRETARY),
    }
    return render(request, "documents/matrix_page.html", context)


def _organisation_asked_for(request, name: str) -> Organisation | None:
    return asked_for(request, name, Organisation.objects.visible_to(request.user).select_related("parent"))


@require_safe
def document_list(request):
    year = year_in_view(request)
    chosen = DocumentFilter.read(request.GET, year=year)
    user = request.user
    listing = Listing(request, chosen)
    context = {
        "pager": listing.pager(
            lambda: chosen.rows(Document.objects.visible_to(user), user=user).for_list(), Document.objects.for_list
        ),
        "tabs": tabs_of(chosen),
        "all_url": DocumentFilter(year).url if chosen.narrows else "",
        "chosen": chosen,
        "kind": DocumentKind.objects.filter(act__code=chosen.kind).select_related("act").first(),
        "chips": _chips(request.user, chosen),
        "year": year,
    }
    return render(request, "documents/document_list_page.html", context)


def _chips(user, chosen: DocumentFilter) -> list[dict]:
    """已用筛选: one chip per condition, each with the address without it."""
    chips = unit_chips(chosen, user, "organisation", "unit")
    if chosen.post:
        post = Post.objects.select_related("organisation__parent").filter(pk=chosen.post).first()
        chips.append({"label": post.full_title if post else "岗位不存在", "url": chosen.but(post=None).url})
    if chosen.drafted:
        chips.append({"label": f"{chosen.drafted.words}起草", "url": chosen.but(drafted=None).url})
    return chips


# ── begin ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Offer:
    """可起草的文件: a kind, for whom, and the one that exists already."""

    kind: DocumentKind
    organisation: Organisation
    post: Post | None
    existing: Document | None

    @property
    def whose(self) -> str:
        return self.post.full_title if self.post else self.organisation.full_name


@require_http_methods(["GET", "HEAD", "POST"])
def make(request):
    """起草: from a duty, or from what one's posts may draft."""
    year = year_in_view(request)
    if request.method == "POST":
        return _make(request)
    duty = _duty_asked_for(request)
    offers = offers_for(request.user, duty) if duty else _offers(request.user, year)
    if not offers:
        raise PermissionDenied("您的岗位没有需要起草的文件。")
    context = {"offers": offers, "year": duty.work_year_id if duty else year, "duty": duty}
    return render(request, "documents/document_new_page.html", context)


def _duty_asked_for(request) -> Duty | None:
    duties = Duty.objects.visible_to(request.user)
    return asked_for(
        request, "duty", duties.select_related("organisation__parent", "bearer_post__organisation__parent")
    )


def offers_for(user, duty: Duty) -> list[Offer]:
    acts = duty.obligation.acts.all() if duty.obligation else ()
    kinds = DocumentKind.objects.filter(act__in=acts).select_related("act")
    return [
        _offer(kind, duty.organisation, duty.bearer_post, duty.work_year_id)
        for kind in kinds
        if flow.may_write(user, kind, duty.organisation, duty.bearer_post)
    ]


def _offer(kind: DocumentKind, organisation: Organisation, post: Post | None, year: int) -> Offer:
    rows = Document.objects.standing().filter(kind=kind, organisation=organisation, post=post, work_year=year)
    return Offer(kind, organisation, post, None if kind.many_a_year else rows.first())


PANEL_OF = {
    Organisation.Kind.SCHOOL: DocumentKind.Panel.SCHOOL,
    Organisation.Kind.COMMISSION: DocumentKind.Panel.COMMISSION,
    Organisation.Kind.BRANCH: DocumentKind.Panel.BRANCH,
}


def _offers(user, year: int) -> list[Offer]:
    """Own papers first, then those of the organisations one keeps; what exists is opened instead."""
    kinds = list(DocumentKind.objects.select_related("act"))
    owed = set(
        Duty.objects.of_year(year)
        .filter(bearer_post__in=access.posts_of(user))
        .values_list("bearer_post", "obligation__acts")
    )
    found = [
        _offer(kind, post.organisation, post, year)
        for post in access.posts_held(user)
        for kind in kinds
        if kind.is_personal and (post.pk, kind.act_id) in owed
    ]
    kept = Organisation.objects.active().filter(pk__in=access.organisations_where(user, "keep_record"))
    for organisation in kept.select_related("parent"):
        panel = PANEL_OF.get(organisation.kind, DocumentKind.Panel.UNIT)
        found += [
            _offer(kind, organisation, None, year)
            for kind in kinds
            if kind.panel == panel and not kind.is_personal and "leader" not in kind.capacities
        ]
    return found


def _make(request):
    kind = get_object_or_404(DocumentKind.objects.select_related("act"), pk=whole_number(request.POST.get("kind", "")))
    organisation = get_object_or_404(
        Organisation.objects.select_related("parent"), pk=whole_number(request.POST.get("organisation", ""))
    )
    post = None
    if request.POST.get("post"):
        posts = Post.objects.filter(organisation=organisation).select_related("organisation__parent")
        post = get_object_or_404(posts, pk=whole_number(request.POST["post"]))
    year = whole_number(request.POST.get("year", "")) or year_in_view(request)
    if begin := additions.of_act(kind.act.code).begin:
        return redirect(begin(kind.pk, organisation.pk, post.pk if post else None, year))
    addressee = request.POST.get("addressee", "")
    if addressee not in Document.Addressee.values:
        addressee = ""
    document = verbs.make(
        by=request.user, kind=kind, organisation=organisation, post=post, work_year=year, addressee=addressee
    )
    messages.success(request, "已按系统中已有的情况预填，请核对、补全后送审。")
    return redirect("document_edit", pk=document.pk)


# ── one document ─────────────────────────────────────────────────────────────────────────────


def through_the_door(request, pk: int) -> Document:
    rows = Document.objects.visible_to(request.user).for_list()
    return get_object_or_404(rows.select_related("submitted_by", "work_year", "answer_duty"), pk=pk)


@require_safe
def document(request, pk: int):
    document = through_the_door(request, pk)
    if request.htmx and document.state == State.APPROVED and not flow.setting_failed(document):
        return render(request, "documents/_setting.html", {"document": document})
    response = render(request, "documents/document_page.html", _context(request, document))
    if request.htmx:
        response["HX-Refresh"] = "true"
    return response


def _context(request, document: Document, **more) -> dict:
    user = request.user
    versions = list(document.versions.select_related("edited_by").defer("text"))
    latest = document.versions.get(number=document.latest)
    return {
        "document": document,
        "version": latest,
        "setting_failed": flow.setting_failed(document) if document.state == State.APPROVED else None,
        "text": text_of(document, latest, user),
        "panels": told_of("document", user, document),
        "versions": versions,
        "frozen": next((version for version in versions if version.is_frozen), None),
        "signatures": list(document.signatures.select_related("person", "version")),
        "to_sign": _to_sign(document),
        "reviews": list(document.reviews.select_related("by", "version")),
        "steps": [flow.STEP_LABELS[step] for step in steps_ahead(document, user)],
        "comments": list(document.comments.select_related("by", "version")),
        "comment_form": CommentForm(),
        "choices": flow.choices_for(document, user),
        "may_edit": not flow.DOCUMENT_TRANSITIONS["submit"].refusal(document, user),
        "word_form": WordForm(by=request.user),
        "last_year": verbs.last_years(document) if document.may_change else None,
        "reason_form": ReasonForm(),
        "refused": "",
        "changes": history_of_document(document)[:12],
        "duties": list(verbs.duties_of(document).visible_to(user).with_light(timezone.localdate()).for_list()),
        "today": timezone.localdate(),
        "answer": getattr(document, "answer", None),
        "answer_form": AnswerForm() if signing.may_answer(user, document) else None,
        **more,
    }


def steps_ahead(document: Document, user) -> list[str]:
    """审核环节: of what is still being written, those it would go through if the reader sent it up."""
    return document.steps_sent_by(user) if document.may_change else document.steps


def text_of(document: Document, latest, user) -> str:
    """The draft for those who write it; everybody else reads the last version kept."""
    if document.may_change and flow.may_write(user, document.kind, document.organisation, document.post):
        return document.draft.text
    return latest.text


@dataclass(frozen=True)
class Signer:
    """待签署的一方."""

    label: str
    names: str


def _to_sign(document: Document) -> list[Signer]:
    if document.state not in (State.APPROVED, State.TO_SIGN):
        return []
    signed = set(document.signatures.filter(version__number=document.latest).values_list("capacity", flat=True))
    today = timezone.localdate()
    labels = dict(document.signatures.model.Capacity.choices)
    return [
        Signer(
            labels[capacity],
            "、".join(person.name for person in flow.holders(flow.signing_post(document, capacity), today)),
        )
        for capacity in document.kind.capacities
        if capacity not in signed
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk: int):
    """正文编辑, saved as it is typed; without a script by the button."""
    document = through_the_door(request, pk)
    if refusal := flow.DOCUMENT_TRANSITIONS["submit"].refusal(document, request.user):
        if request.method == "POST":
            raise ValidationError(refusal)
        raise PermissionDenied(refusal)
    draft = document.draft
    initial = {"title": draft.title, "text": draft.text, "revision": draft.revision}
    form = DraftForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            saved = verbs.autosave(document, by=request.user, **form.cleaned_data)
            if "submit" in request.POST:
                document = verbs.perform(document, "submit", by=request.user)
            elif "keep" in request.POST:
                verbs.keep_version(document, by=request.user)
        except ValidationError as error:
            add_refusal(form, error)
            _go_on_from_here(form, document, error)
        else:
            if request.headers.get("X-Autosave"):
                at = timezone.localtime(saved.saved_at)
                return JsonResponse({"revision": saved.revision, "said": f"{at:%H:%M:%S} 已自动保存"})
            messages.success(request, _said(request, document))
            return redirect("document", pk=document.pk)
    if request.headers.get("X-Autosave"):
        said = "；".join(message for errors in form.errors.values() for message in errors)
        return JsonResponse({"said": said}, status=409)
    context = {"document": document, "form": form, "draft": draft, "word_form": WordForm(by=request.user)}
    context["steps"] = steps_ahead(document, request.user)
    context["panels"] = told_of("document_draft", request.user, document)
    return render(request, "documents/document_edit_page.html", context, status=400 if form.errors else 200)


def _go_on_from_here(form: DraftForm, document: Document, error: ValidationError) -> None:
    """What was typed is saved even when sending it up is refused: the next save must not read as a conflict."""
    if getattr(error, "code", None) != "conflict":
        form.data = form.data.copy()
        form.data["revision"] = type(document.draft).objects.values_list("revision", flat=True).get(document=document)


def _said(request, document: Document) -> str:
    if "submit" in request.POST:
        return "已送审。" if document.state == State.IN_REVIEW else "已送签，正在排版。"
    return "已存为一版。" if "keep" in request.POST else "已保存。"


@require_POST
def act(request, pk: int):
    """送审、审核通过、退回、不签、修订、作废."""
    document = through_the_door(request, pk)
    name = request.POST.get("transition", "")
    if name not in verbs.VERBS:
        raise ValidationError("没有这种办理，请返回文件页重新选择。")
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            version = whole_number(request.POST.get("version", ""))
            verbs.perform(document, name, by=request.user, reason=form.cleaned_data["reason"], version=version)
        except ValidationError as error:
            form.add_error("reason", error)
        else:
            messages.success(request, f"已{flow.DOCUMENT_TRANSITIONS[name].label.partition('（')[0]}。")
            return redirect("document", pk=document.pk)
    document = through_the_door(request, pk)
    context = _context(request, document, reason_form=form, refused=name)
    return render(request, "documents/document_page.html", context, status=400)


@require_http_methods(["GET", "HEAD", "POST"])
def sign(request, pk: int):
    """签署页: read the frozen paper, enter the password again, sign."""
    document = through_the_door(request, pk)
    transition = flow.DOCUMENT_TRANSITIONS["sign"]
    refusal = transition.refusal(document, request.user)
    if refusal and document.state == State.TO_SIGN:
        raise PermissionDenied(refusal)
    if refusal:
        raise ValidationError(refusal)
    version = document.versions.get(number=document.latest)
    form = SignForm(request.POST or None, initial={"sha256": version.pdf_sha256})
    if request.method == "POST" and form.is_valid() and password_is_right(request, form):
        with refusals_in(form):
            signing.sign(document, by=request.user, address=request.META.get("REMOTE_ADDR"), **form.cleaned_data)
            messages.success(request, "已签署。签署时间、签署人和文件校验值已登记。")
            return redirect("document", pk=document.pk)
    context = {
        "document": document,
        "version": version,
        "form": form,
        "capacity": flow.capacity_of(request.user, document),
    }
    return render(request, "documents/document_sign_page.html", context, status=400 if form.errors else 200)


@require_POST
def take_last_year(request, pk: int):
    """带入上年文本, then show what it changed."""
    version = verbs.take_last_year(through_the_door(request, pk), by=request.user)
    messages.success(request, f"已带入上年文本，成为第 {version.number} 版，请核对后修改。")
    return redirect("document_version", pk=pk, number=version.number)


@require_POST
def comment(request, pk: int):
    document = through_the_door(request, pk)
    form = CommentForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            verbs.comment(document, by=request.user, text=form.cleaned_data["text"])
            messages.success(request, "批注已保存。")
            return redirect("document", pk=document.pk)
    return render(request, "documents/document_page.html", _context(request, document, comment_form=form), status=400)


@require_POST
def answer(request, pk: int):
    """答复下级报告."""
    document = through_the_door(request, pk)
    form = AnswerForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            signing.answer(document, by=request.user, text=form.cleaned_data["text"])
            messages.success(request, "已答复，并通知报告单位。")
            return redirect("document", pk=document.pk)
    return render(request, "documents/document_page.html", _context(request, document, answer_form=form), status=400)


@require_safe
def version(request, pk: int, number: int):
    """版本: its text, and what it changed against the one before."""
    document = through_the_door(request, pk)
    version = get_object_or_404(document.versions.select_related("edited_by"), number=number)
    before = document.versions.filter(number=number - 1).first()
    context = {
        "document": document,
        "version": version,
        "before": before,
        "lines": differences(before.text, version.text) if before else [],
        "title_changed": before is not None and before.title != version.title,
        "signatures": list(version.signatures.select_related("person")),
    }
    return render(request, "documents/document_version_page.html", context)
