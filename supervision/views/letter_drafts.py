"""拟监督文书: for whom first, then what, in as many matters as wanted; every step works without a script (三（二）1)."""

from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accountability import access
from accountability.forms import add_refusal
from accountability.models import Organisation
from supervision.letters.forms import PREFIX, LetterForm, Matters, RecipientForm, typed_rows
from supervision.letters.sources import Source, read
from supervision.letters.workflow import works_on
from supervision.models import Letter, LetterMatter
from supervision.services import letters as verbs
from supervision.views.letters import through_the_door


@require_http_methods(["GET", "HEAD", "POST"])
def letter_new(request):
    """拟稿, from a duty, a finding, a cell of the dashboard, an overdue matter, a unit, or from nothing."""
    if not access.may_supervise(request.user):
        raise PermissionDenied(verbs.COMMISSION_ONLY)
    source = read(request.GET, request.user, timezone.localdate())
    if source.recipient is None:
        return _ask_recipient(request)
    initial = {"kind": Letter.Kind.ORDER, "subject": source.subject}
    desk = Desk(request, source.recipient, initial, source.matters, is_escalation=source.escalates is not None)
    if desk.is_sent and desk.is_valid():
        try:
            row = _drafted(request.user, source, desk)
        except ValidationError as error:
            desk.refuse(error)
        else:
            messages.success(request, "已存为草稿，核对后送审。")
            return redirect("letter", pk=row.pk)
    return desk.page({"source": source, "unit": source.recipient})


def _drafted(user, source: Source, desk: "Desk") -> Letter:
    try:
        return verbs.draft(
            by=user, recipient=source.recipient, matters=desk.matters, escalates=source.escalates, **desk.fields
        )
    except IntegrityError as error:
        raise ValidationError("这件事项刚刚已由他人提级督办。") from error


def _ask_recipient(request):
    wanted = "organisation" in request.GET
    form = RecipientForm(request.GET if wanted else None)
    if wanted and form.is_valid():  # a unit that receives letters would have been read before
        form.add_error("organisation", "请选择收文单位。")
    context = {"form": form}
    return render(request, "supervision/letters/recipient_page.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def letter_edit(request, pk: int):
    """修改草稿."""
    row = through_the_door(request, pk)
    if not works_on(request.user, row):
        raise PermissionDenied(verbs.COMMISSION_ONLY)
    if not row.is_draft:
        messages.error(request, f"文书当前是「{row.get_state_display()}」，不能再改；送审的可以先撤回送审。")
        return redirect("letter", pk=row.pk)
    names = ("kind", "subject", "person", "responsible", "copied_to")
    initial = {name: getattr(row, f"{name}_id", None) or getattr(row, name) for name in names}
    desk = Desk(request, row.recipient, initial, _rows(row), is_escalation=row.escalates_id is not None)
    if desk.is_sent and desk.is_valid():
        try:
            verbs.edit(row, by=request.user, matters=desk.matters, **desk.fields)
        except ValidationError as error:
            desk.refuse(error)
        else:
            messages.success(request, "已保存。")
            return redirect("letter", pk=row.pk)
    return desk.page({"letter": row, "unit": row.recipient})


def _rows(row: Letter) -> list[dict]:
    names = ("text", "basis", "asked", "due_on", *verbs.SOURCES)
    return list(LetterMatter.objects.filter(letter=row).order_by("rank").values(*names))


class Desk:
    """The letter's form and its rows, as sent or as they begin; 「加一项」 keeps all that is typed."""

    def __init__(self, request, unit: Organisation, initial: dict, rows: Sequence[dict], *, is_escalation: bool):
        self.request = request
        options = {"unit": unit, "escalates": is_escalation}
        data = request.POST if request.method == "POST" else None
        self.is_sent = data is not None and "add" not in data
        if self.is_sent:
            self.form = LetterForm(data, **options)
            self.rows = Matters(data, prefix=PREFIX, form_kwargs={"user": request.user})
            return
        if data is not None:
            initial = {name: data.get(name, "") for name in LetterForm.base_fields}
            rows = [*typed_rows(data), {}][: LetterMatter.AT_MOST]
        rows = [_keys(row) for row in rows] or [{}]
        self.form = LetterForm(initial=initial, **options)
        self.rows = Matters(prefix=PREFIX, initial=rows, form_kwargs={"user": request.user})

    def is_valid(self) -> bool:
        return all((self.form.is_valid(), self.rows.is_valid()))

    @property
    def fields(self) -> dict:
        return self.form.cleaned_data

    @property
    def matters(self) -> list[dict]:
        return self.rows.matters

    def refuse(self, error: ValidationError) -> None:
        add_refusal(self.form, error)

    def page(self, context: dict):
        failed = self.is_sent and (self.form.errors or self.rows.total_error_count())
        context |= {"form": self.form, "rows": self.rows, "at_most": LetterMatter.AT_MOST}
        template = "supervision/letters/letter_form_page.html"
        return render(self.request, template, context, status=400 if failed else 200)


def _keys(row: dict) -> dict:
    """Hidden fields hold keys."""
    return {name: getattr(value, "pk", value) for name, value in row.items()}
