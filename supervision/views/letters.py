"""一单三书: the list, one letter, its steps and papers, answering a matter and evaluating the answer (三（二）1, 三（二）2)."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability import access
from accountability.forms import refusals_in
from accountability.models import Duty, Record
from accountability.timeline import Change, history_of_rows
from accountability.views.downloads import DOCX, PDF, download, marked_paper, sheet_response
from accountability.views.listing import Listing
from accountability.views.menus import tabs_of
from accountability.years import years_opened
from inspections.models import Finding
from supervision.letters import offers as letter_offers  # noqa: F401  (it registers room, figures and offers)
from supervision.letters.filter import LetterFilter
from supervision.letters.forms import AnswerForm, EvaluationForm, StepForm
from supervision.letters.text import words_of
from supervision.letters.workflow import TRANSITIONS, choices_for, works_on
from supervision.models import Letter, LetterMatter
from supervision.models.letters import ADMINISTRATORS
from supervision.rooms import tabs_for
from supervision.services import letter_answers as answers
from supervision.services import letter_papers as papers
from supervision.services import letters as verbs
from supervision.services.letter_sheets import letters_table, matters_table

COUNTED = ("mine", "unread", "waiting", "answered", "late", "poor")


def _business_only(request) -> None:
    if access.roles_of(request.user) & ADMINISTRATORS:
        raise PermissionDenied("您的岗位不办理监督文书。")


@require_safe
def letter_list(request):
    _business_only(request)
    user, today, chosen = request.user, timezone.localdate(), LetterFilter.read(request.GET)
    listing, drafts = Listing(request, chosen), access.may_supervise(user)

    def rows(view: str = chosen.view) -> QuerySet:
        return chosen.but(view=view).rows(Letter.objects.visible_to(user), on=today, user=user)

    counts = listing.counts({view: partial(rows, view) for view in COUNTED})  # under every other condition kept
    context = {
        "pager": listing.pager(lambda: rows().for_list(), Letter.objects.for_list),
        "chosen": chosen,
        "tabs": tabs_of(chosen, counts=counts),
        "rooms": tabs_for(user, "letters"),
        "kinds": Letter.Kind.choices,
        "states": Letter.State.choices if drafts else [],
        "units": listing.units(lambda: Letter.objects.visible_to(user).values("recipient")),
        "years": years_opened(request),
        "all_url": LetterFilter().url,
        "may_draft": drafts,
        "today": today,
    }
    return render(request, "supervision/letters/letter_list_page.html", context)


@require_safe
def export(request):
    """导出 what the list shows under the same address, all pages of it."""
    _business_only(request)
    user, today = request.user, timezone.localdate()
    rows = LetterFilter.read(request.GET).rows(Letter.objects.visible_to(user), on=today, user=user)
    letters = list(rows.for_list().select_related("read_by"))
    matters = LetterMatter.objects.whole().filter(letter__in=[letter.pk for letter in letters])
    matters = matters.select_related("letter__recipient").order_by("letter__issued_at", "letter_id", "rank")
    return sheet_response(f"监督文书-{today}", letters_table(letters), matters_table(matters, today))


# ── 一份 ─────────────────────────────────────────────────────────────────────────────────────


def through_the_door(request, pk: int) -> Letter:
    posts = ("head", "responsible", "copied_to")
    people = ("drafted_by", "proposed_by", "signer", "read_by", "closed_by", "person", "job")
    rows = Letter.objects.visible_to(request.user).for_list()
    rows = rows.select_related(*people, *(f"{post}__organisation__parent" for post in posts))
    row = get_object_or_404(rows, pk=pk)
    request.is_confidential = row.is_confidential
    return row


@require_safe
def letter(request, pk: int):
    return _page(request, through_the_door(request, pk))


def _page(request, row: Letter, *, status: int = 200, refused: str = "", refusals=(), typed: str = ""):
    user, today = request.user, timezone.localdate()
    works = works_on(user, row)
    context = {
        "letter": row,
        "words": words_of(row),
        "matters": _matters(row, user, today),
        "escalates": _seen_letters(user).filter(matters=row.escalates_id).first() if row.escalates_id else None,
        "escalations": list(_seen_letters(user).filter(escalates__letter=row).select_related("escalates")),
        "works": works,
        "choices": choices_for(row, user),
        "signers": list(verbs.signers_for(row, user)) if works and row.is_draft else [],
        "may_acknowledge": row.is_issued and row.read_at is None and verbs.may_acknowledge(user, row),
        "changes": _changes(row, whole=works or row.signer_id == user.pk),
        "refused": refused,
        "refusals": list(refusals),
        "typed": typed,
        "tabs": tabs_for(user, "letters"),
        "today": today,
    }
    return render(request, "supervision/letters/letter_page.html", context, status=status)


def _seen_letters(user):
    return Letter.objects.visible_to(user).exclude(state=Letter.State.WITHDRAWN)


def _matters(row: Letter, user, today) -> list[dict]:
    """Each with what this reader can do to it, and links to what he may see."""
    rows = list(LetterMatter.objects.whole().filter(letter=row).order_by("rank"))
    for matter in rows:
        matter.letter = row
    duties = _seen_duties(user, rows)
    findings = set(
        Finding.objects.visible_to(user)
        .filter(pk__in=[matter.source_finding_id for matter in rows if matter.source_finding_id])
        .values_list("pk", flat=True)
    )
    records = [one.record_id for matter in rows for one in matter.answers.all()]
    visible = Record.objects.visible_to(user).filter(pk__in=records).prefetch_related("attachments__uploaded_by")
    shown = {record.pk: record for record in visible}
    return [
        {
            "matter": matter,
            "answer": matter.answer,
            "record": shown.get(matter.answer.record_id) if matter.answer else None,
            "former": [(one, shown.get(one.record_id)) for one in matter.former_answers],
            "sees_duty": matter.duty_id in duties,
            "sees_source": matter.source_duty_id in duties,
            "sees_finding": matter.source_finding_id in findings,
            "may_answer": answers.may_answer(user, matter) and not answers.refusal_to_answer(matter),
            "may_evaluate": not answers.refusal_to_evaluate(matter, user),
            "may_escalate": works_on(user, row) and not verbs.refusal_to_escalate(matter, today),
        }
        for matter in rows
    ]


def _seen_duties(user, rows: list[LetterMatter]) -> set[int]:
    ids = {key for matter in rows for key in (matter.duty_id, matter.source_duty_id) if key}
    return set(Duty.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))


def _changes(row: Letter, *, whole: bool) -> list[Change]:
    """办理历史: all of it for who works on the letter or signs it, for others from its issue on."""
    mine, matters = Letter.history.filter(id=row.pk), LetterMatter.history.filter(letter=row.pk)
    if not whole:
        mine, matters = (rows.filter(history_date__gte=row.issued_at) for rows in (mine, matters))
    changes = [
        *history_of_rows(mine, _letter_change),
        *history_of_rows(matters.exclude(state=LetterMatter.State.WAITING, duty=None), _matter_change),
    ]
    return sorted(changes, key=lambda change: change.at)[::-1]


def _letter_change(before, now) -> str:
    state = Letter.State(now.state).label
    return state if before is None or before.state == now.state else f"{Letter.State(before.state).label} → {state}"


def _matter_change(before, now) -> str:
    return f"第{now.rank}项 {LetterMatter.State(now.state).label}"


@require_POST
def letter_act(request, pk: int):
    """送审、签发、退回、撤回、作废、撤销."""
    row, name = through_the_door(request, pk), request.POST.get("act", "")
    if name not in TRANSITIONS:
        raise ValidationError("没有这种办理，请返回文书页面重新选择。")
    form = StepForm(request.POST, signers=verbs.signers_for(row, request.user))
    refusals = [str(error) for errors in form.errors.values() for error in errors]
    if form.is_valid():
        try:
            done = verbs.perform(row, name, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            refusals = error.messages
        else:
            number = f"，文号 {done.number}，已列入{done.recipient.name}的责任台账" if name == "sign" else ""
            messages.success(request, f"已{TRANSITIONS[name].label}{number}。")
            still = Letter.objects.visible_to(request.user).filter(pk=row.pk).exists()
            return redirect("letter", pk=row.pk) if still else redirect("letters")
    return _page(request, row, status=400, refused=name, refusals=refusals, typed=request.POST.get("reason", "")[:300])


@require_POST
def letter_acknowledge(request, pk: int):
    """已阅签收."""
    row = through_the_door(request, pk)
    try:
        verbs.acknowledge(row, by=request.user)
    except ValidationError as error:
        return _page(request, row, status=400, refused="acknowledge", refusals=error.messages)
    messages.success(request, "已签收，请按期限逐项答复。")
    return redirect("letter", pk=row.pk)


@require_safe
def letter_pdf(request, pk: int):
    """The frozen paper; of a draft the draft, for who works on it."""
    row = through_the_door(request, pk)
    name = f"{row}{'' if row.number else '（草稿）'}.pdf"
    if row.is_confidential and not row.pdf:
        return marked_paper(papers.pdf_of(row), name, reader=request.user)
    return download(papers.pdf_of(row), PDF, name)


@require_safe
def letter_docx(request, pk: int):
    row = through_the_door(request, pk)
    return download(papers.word_of(row), DOCX, f"{row}{'' if row.number else '（草稿）'}.docx")


@require_POST
def letter_typeset(request, pk: int):
    """重新排版."""
    row = through_the_door(request, pk)
    papers.order_again(row, by=request.user)
    messages.success(request, "已交付排版，请稍候刷新。")
    return redirect("letter", pk=row.pk)


# ── 一项 ─────────────────────────────────────────────────────────────────────────────────────


def _matter(request, pk: int) -> LetterMatter:
    """Of a letter that went out: a draft has nothing to answer."""
    sent = Letter.objects.visible_to(request.user).filter(issued_at__isnull=False)
    rows = LetterMatter.objects.whole().filter(letter__in=sent.values("pk"))
    rows = rows.select_related("letter__recipient__parent", "letter__person", "letter__signer", "duty__bearer_post")
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def matter_answer(request, pk: int):
    """答复."""
    row = _matter(request, pk)
    if not answers.may_answer(request.user, row):
        raise PermissionDenied(f"这一项由{answers.who_answers(row)}答复。")
    form = AnswerForm(request.POST or None, request.FILES or None)
    form.fields["text"].label = f"{words_of(row.letter).answer}和落实情况"
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            done = answers.answer(row, by=request.user, **form.cleaned_data)
            waits = done.state == LetterMatter.State.DRAFTED
            messages.success(request, "已提交，等本单位负责人审核。" if waits else "已答复，等纪委评价。")
            return redirect("letter", pk=row.letter_id)
    context = {"refusal": answers.refusal_to_answer(row), **_of_matter(row, request.user, form)}
    return render(request, "supervision/letters/answer_page.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def matter_evaluate(request, pk: int):
    """评价."""
    row = _matter(request, pk)
    refusal = answers.refusal_to_evaluate(row, request.user)
    if refusal and not works_on(request.user, row.letter):
        raise PermissionDenied(refusal)
    form = EvaluationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            done = answers.evaluate(row, by=request.user, **form.cleaned_data)
            settled = done.state == LetterMatter.State.SETTLED
            messages.success(request, "已评价。" if settled else "已评价不满意，责任重新打开，已通知单位。")
            return redirect("letter", pk=row.letter_id)
    context = {"refusal": refusal, **_of_matter(row, request.user, form)}
    return render(request, "supervision/letters/evaluate_page.html", context, status=400 if form.errors else 200)


def _of_matter(row: LetterMatter, user, form) -> dict:
    last = row.answer
    seen = Record.objects.visible_to(user).prefetch_related("attachments__uploaded_by")
    return {
        "matter": row,
        "letter": row.letter,
        "words": words_of(row.letter),
        "answer": last,
        "record": seen.filter(pk=last.record_id).first() if last else None,
        "form": form,
        "today": timezone.localdate(),
    }
