"""报送: an issued report goes upward, and its receipt comes back; the state of 三报告 follows (三（三）1)."""

from datetime import date

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accountability import access
from accountability import document_workflow as flow
from accountability.locking import lock_and_read
from accountability.models import Document, Notice, Organisation, Person, Role
from accountability.models.history import save_as
from accountability.services import documents
from accountability.services.notices import notify, people_with
from supervision.models import Dispatch, Report


def receivers(report: Report) -> list[str]:
    """报送单位 one would expect: 主送 and 抄送."""
    named = [report.addressee, *report.copies_to.replace("；", "、").split("、")]
    return [name.strip() for name in named if name.strip()] or [own_committee()]


def own_committee() -> str:
    return f"中共{settings.UNIVERSITY_NAME}委员会"


def may_send(user: Person, report: Report) -> bool:
    document = report.document
    return flow.may_write(user, document.kind, document.organisation, document.post) or flow.is_signer(user, document)


def refusal_to_send(report: Report, user: Person) -> str:
    if report.document.state != Document.State.SIGNED:
        return f"报告当前是「{report.document.get_state_display()}」，签发后才能报送。"
    return "" if may_send(user, report) else "只有起草单位、本人和签发人可以登记报送。"


@transaction.atomic
def send(report: Report, *, by: Person, to: str, means: str, sent_on: date) -> Dispatch:
    """登记报送 of the version that was signed."""
    document = documents.locked(report.document)
    report.document = document
    if refusal := refusal_to_send(report, by):
        raise ValidationError(refusal) if document.state != Document.State.SIGNED else PermissionDenied(refusal)
    if sent_on > timezone.localdate():
        raise ValidationError({"sent_on": "报送日期不能晚于今天。"})
    if sent_on < document.signed_on:
        raise ValidationError({"sent_on": f"报送日期不能早于签发日期 {document.signed_on}。"})
    version = document.versions.get(number=document.latest)
    row = Dispatch(report=report, version=version, to=" ".join(to.split()), means=means, sent_on=sent_on, sent_by=by)
    row.full_clean(validate_constraints=False)
    try:
        with transaction.atomic():
            save_as(row, by=by, reason=f"报送{row.to}")
    except IntegrityError as error:
        raise ValidationError({"to": f"这一版已经报送{row.to}，不必重复登记。"}) from error
    if row.to == own_committee():
        people = [
            person
            for person in people_with("manage_duties", Organisation.objects.get(kind=Organisation.Kind.SCHOOL))
            if person.pk != by.pk
        ]
        notify(
            people,
            kind=Notice.Kind.REPORT,
            title=f"请签收：{document.title}",
            body=f"{document.whose}报送，{document.number_text}",
            url=reverse("report", args=[report.pk]),
        )
    return row


def refusal_to_receive(row: Dispatch, user: Person) -> str:
    """回执: within the school the office receives what others sent; from outside whoever sent it notes what came back."""
    if row.received_on:
        return f"{row.to}已于 {row.received_on} 收文。"
    if row.to == own_committee():
        if row.sent_by_id == user.pk:
            return "报送人不能签收自己报送的报告。"
        return "" if access.may_manage_duties(user) else "由党委办公室签收。"
    return "" if may_send(user, row.report) or access.holds(user, Role.OFFICE) else "由报送单位登记回执。"


@transaction.atomic
def receive(
    row: Dispatch, *, by: Person, received_on: date, receipt_number: str = "", received_by: str = ""
) -> Dispatch:
    """登记回执 or 签收."""
    row = lock_and_read(Dispatch.objects.select_related("report__document__kind__act", "version"), row.pk)
    if refusal := refusal_to_receive(row, by):
        raise ValidationError(refusal) if row.received_on else PermissionDenied(refusal)
    if received_on > timezone.localdate():
        raise ValidationError({"received_on": "收文日期不能晚于今天。"})
    if received_on < row.sent_on:
        raise ValidationError({"received_on": f"收文日期不能早于报送日期 {row.sent_on}。"})
    row.received_on, row.receipt_kept_by = received_on, by
    row.receipt_number, row.received_by = receipt_number.strip(), received_by.strip() or by.name
    row.full_clean()
    save_as(row, by=by, reason="登记回执")
    if row.sent_by_id != by.pk:
        notify(
            [row.sent_by],
            kind=Notice.Kind.REPORT,
            title=f"已收文：{row.report.document.title}",
            body=f"{row.to}，{row.received_on}" + (f"，收文编号 {row.receipt_number}" if row.receipt_number else ""),
            url=reverse("report", args=[row.report_id]),
        )
    return row


def told(documents_signed: list[int]) -> dict[int, str]:
    """已报送, 已回执 by document, where its latest version is meant: what the matrix of 三报告 says instead of 已签署."""
    rows = Dispatch.objects.filter(report__document__in=documents_signed, version__number=F("report__document__latest"))
    words: dict[int, list[bool]] = {}
    for document, received in rows.values_list("report__document", "received_on"):
        words.setdefault(document, []).append(received is not None)
    return {document: "已回执" if all(received) else "已报送" for document, received in words.items()}
