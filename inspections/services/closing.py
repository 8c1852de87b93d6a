"""对账销号: lock → check → write, each step one transaction; two verifiers at once have one winner (三（四）1)."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accountability.locking import lock_and_read
from accountability.models import Notice, Person
from accountability.models.history import save_as
from accountability.services.notices import notify
from inspections.closing import TRANSITIONS
from inspections.models import Finding, Measure
from inspections.services.duties import add_helpers, open_duties
from inspections.services.long_term import open_review, stop_review
from inspections.services.measures import has_proof, tell_confirmers
from inspections.services.progress_duties import keep
from inspections.services.withholding import carry_over

S = Finding.State


@transaction.atomic
def perform(finding: Finding, name: str, *, by: Person, reason: str = "", review_on: date | None = None) -> Finding:
    """办理. Raises ValidationError or PermissionDenied in Chinese and writes nothing then."""
    transition = TRANSITIONS[name]
    finding = lock_and_read(Finding.objects.select_related("round", "organisation"), finding.pk)
    reason = transition.checked(finding, by=by, reason=reason)
    today = timezone.localdate()
    if name == "rebound":
        return _again(finding, by=by, reason=reason)
    if name in ("propose", "apply"):
        _refuse_lacking(lacking_for_plan(finding) if name == "propose" else lacking_for_closing(finding))
    finding.state = transition.target
    if name == "approve":
        if finding.round.feedback_on is None:
            raise ValidationError("本轮还没有登记反馈日期，整改时限无从起算；请先登记反馈，再审定方案。")
        finding.approved_by, finding.approved_on = by, today
        _open_all(finding, by=by)
    elif name == "apply":
        finding.applied_by, finding.applied_on, finding.lacking = by, today, ""
        finding.reviewed_by = finding.reviewed_on = finding.verified_by = None
    elif name == "review":
        finding.reviewed_by, finding.reviewed_on = by, today
    elif name in ("close", "keep_up"):
        _refuse_lacking(lacking_for_closing(finding))
        _verified(finding, by=by, today=today, review_on=review_on)
    elif name in ("send_back", "send_plan_back"):
        finding.lacking = reason
    save_as(finding, by=by, reason=f"{transition.label}：{reason}" if reason else transition.label)
    if name == "keep_up":
        open_review(finding, by=by, due_on=review_on)
    if name in ("approve", "close", "keep_up"):
        keep(finding.round, by=by, on=today, reason=transition.label)
    _tell(finding, name, by=by)
    return finding


def _verified(finding: Finding, *, by: Person, today: date, review_on: date | None) -> None:
    finding.verified_by = by
    if finding.state == S.LONG_TERM:
        if review_on is None or review_on <= today:
            raise ValidationError({"review_on": "请填写下次复核日期，须晚于今天。"})
        finding.review_on = review_on
        return
    finding.closed_on = today
    finding.closed_in_time = finding.due_on is None or today <= finding.due_on


def _refuse_lacking(lacking: list[str]) -> None:
    if lacking:
        raise ValidationError(lacking)


def lacking_for_plan(finding: Finding) -> list[str]:
    lacking = [] if finding.goal else ["整改目标没有填写。"]
    return lacking if finding.measures.exists() else [*lacking, "还没有整改措施，至少要有一条。"]


def lacking_for_closing(finding: Finding) -> list[str]:
    """What closing still asks, measure by measure: done, proved by an accepted paper, and a text for each kind."""
    lacking = []
    measures = finding.measures.select_related("duty").prefetch_related("results")
    for number, measure in enumerate(measures, 1):
        words = f"第 {number} 条措施"
        if measure.completion != Measure.Completion.DONE:
            lacking.append(f"{words}当前是「{measure.get_completion_display()}」，不是已完成。")
        if not has_proof(measure):
            lacking.append(f"{words}没有审核通过的佐证材料。")
        told = {result.kind for result in measure.results.all()}
        if missing := [kind for kind in measure.kind_list if kind not in told]:
            lacking.append(f"{words}没有写明{'、'.join(missing)}的成效。")
    return lacking or ([] if measures else ["没有整改措施，不能销号。"])


def _open_all(finding: Finding, *, by: Person) -> None:
    measures = list(finding.measures.filter(duty=None).select_related("lead", "owner").prefetch_related("helpers"))
    reason = "方案审定，措施列入台账"
    open_duties(measures, finding.round, by=by, reason=reason)
    for measure in measures:
        measure.named_helpers = list(measure.helpers.all())
        save_as(measure, by=by, reason=reason)
    add_helpers(measures, by=by, reason=reason)


def _again(old: Finding, *, by: Person, reason: str) -> Finding:
    """反弹重新立账: a successor under the number of the old one; what the old one says of its closing stays true."""
    if Finding.objects.filter(predecessor=old).exists():
        raise ValidationError(f"问题 {old.number} 已经重新立账。")
    kept = ("round", "serial", "organisation", "category", "sub_category", "text", "implementation", "is_focus", "goal")
    new = Finding(
        **{name: getattr(old, name) for name in kept},
        turn=old.turn + 1,
        predecessor=old,
        symptoms=reason,
        state=S.DRAFTING,
        entered_by=by,
        entered_at=timezone.now(),
    )
    new.full_clean()
    save_as(new, by=by, reason=f"反弹，接 {old.number} 重新立账")
    carry_over(old, new, by=by)
    stop_review(old, by=by, reason=reason)
    tell_confirmers(new, title=f"已销号问题反弹，请重新拟定方案：{new.text}", by=by)
    return new


def _tell(finding: Finding, name: str, *, by: Person) -> None:
    url = reverse("finding", args=[finding.pk])
    if name == "apply":
        tell_confirmers(finding, title=f"待单位审核销号：{finding.text}", by=by)
    elif name in ("send_back", "close", "keep_up") and finding.applied_by:
        kind = Notice.Kind.RETURNED if name == "send_back" else Notice.Kind.ACCEPTED
        title = (
            f"{finding.get_state_display()}：{finding.text}" if name != "send_back" else f"退回补充整改：{finding.text}"
        )
        people = [person for person in (finding.applied_by, finding.reviewed_by) if person and person != by]
        notify(people, kind=kind, title=title[:160], body=finding.lacking[:300], url=url)
    elif name in ("approve", "send_plan_back"):
        tell_confirmers(finding, title=f"{TRANSITIONS[name].label}：{finding.text}", by=by)
