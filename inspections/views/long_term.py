"""长期坚持复核: one review day: the unit's account, and what is decided on it (三（四）1)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accountability.forms import refusals_in
from accountability.models import Duty, Record
from accountability.timeline import history_of_row
from inspections.closing import REVIEW_TRANSITIONS, choices_for_review
from inspections.models import LongTermReview
from inspections.report_forms import AccountForm, DecisionForm
from inspections.services import long_term as verbs


def reviews_of(finding, user) -> list[LongTermReview]:
    """For a finding's page: its reviews, the one under way last."""
    rows = list(LongTermReview.objects.visible_to(user).filter(finding=finding).for_list().order_by("number"))
    for row in rows:
        row.finding = finding
        row.may_account = verbs.may_account(user, row) and not verbs.refusal_to_account(row, user)
    return rows


def _through_the_door(request, pk: int) -> LongTermReview:
    rows = LongTermReview.objects.visible_to(request.user).for_list().select_related("record__entered_by")
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def long_term_review(request, pk: int):
    """一次复核. ``act`` says what is sent: an account, or one of the decisions."""
    review = _through_the_door(request, pk)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    account = AccountForm(
        *((request.POST, request.FILES) if act == "account" else ()), initial={"text": _text_of(review)}
    )
    decision = DecisionForm(request.POST if act in REVIEW_TRANSITIONS else None)
    if request.method == "POST":
        if act != "account" and act not in REVIEW_TRANSITIONS:
            raise ValidationError("没有这种办理，请返回复核页面重新选择。")
        form = account if act == "account" else decision
        if form.is_valid():
            with refusals_in(form):
                said = _do(request.user, review, act, form.cleaned_data)
                messages.success(request, said)
                return redirect("long_term_review", pk=review.pk)
    return _page(request, review, account, decision, act)


def _text_of(review: LongTermReview) -> str:
    record = review.standing_record
    return record.content if record and record.state == Record.State.RETURNED else ""


def _do(user, review: LongTermReview, act: str, data: dict) -> str:
    if act == "account":
        if not verbs.may_account(user, review):
            raise PermissionDenied(f"长期坚持情况由{review.finding.organisation.name}的经办人员报告。")
        done = verbs.give_account(review, by=user, text=data["text"], files=data["files"])
        waits = done.record.state == Record.State.SUBMITTED
        return "已提交，等本单位党组织书记审核。" if waits else "已报告，等巡察办或纪委核验。"
    verbs.decide(review, act, by=user, opinion=data["opinion"], review_on=data["review_on"])
    return f"已{REVIEW_TRANSITIONS[act].label}。"


def _page(request, review: LongTermReview, account: AccountForm, decision: DecisionForm, act: str):
    user, today = request.user, timezone.localdate()
    record = review.standing_record
    seen = Record.objects.visible_to(user).filter(pk=record.pk).exists() if record else False
    refusal = verbs.refusal_to_account(review, user)
    context = {
        "review": review,
        "finding": review.finding,
        "duty": Duty.objects.with_light(today).get(pk=review.duty_id),
        "sees_duty": Duty.objects.visible_to(user).filter(pk=review.duty_id).exists(),
        "record": record if seen else None,
        "attachments": list(record.attachments.all()) if seen else [],
        "may_decide_record": bool(record) and Record.objects.waiting_for(user).filter(pk=record.pk).exists(),
        "may_account": verbs.may_account(user, review) and not refusal,
        "refusal": refusal,
        "choices": choices_for_review(review, user),
        "account": account,
        "decision": decision,
        "act": act,
        "changes": history_of_row(review),
        "today": today,
    }
    status = 400 if account.errors or decision.errors else 200
    return render(request, "inspections/long_term/review_page.html", context, status=status)
