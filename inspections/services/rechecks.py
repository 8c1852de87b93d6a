"""销号抽查: draw, name who checks, record on the spot, re-open what was false, conclude (三（四）1)."""

import secrets
from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from accountability.locking import lock_and_read
from accountability.models import Notice, Organisation, Person
from accountability.models.history import create_with_history, save_as
from accountability.services import attachments
from accountability.services.notices import notify
from inspections.models import Finding, Recheck, RecheckItem, Round
from inspections.models.rechecks import frame_sha256
from inspections.models.rounds import manages
from inspections.services.closing import perform
from inspections.services.measures import tell_confirmers

WORDS_AT_LEAST = 10
REASON_AT_LEAST = 4
MANAGERS = "销号抽查由巡察办或纪委组织。"
Result = RecheckItem.Result


def _only_managers(by: Person) -> None:
    if not manages(by):
        raise PermissionDenied(MANAGERS)


# ── 抽取 ─────────────────────────────────────────────────────────────────────────────────────


def candidates():
    """可抽的问题: closed, not re-opened since, and not in a recheck that runs."""
    running = RecheckItem.objects.filter(recheck__state=Recheck.State.RUNNING).values("finding")
    return Finding.objects.closed().filter(successor=None).exclude(pk__in=running)


def open_rounds(user: Person) -> list[Round]:
    """可抽的轮次 with how many findings each has to draw from (``to_draw``)."""
    counted = Count("findings", filter=Q(findings__in=candidates().values("pk")))
    return list(Round.objects.visible_to(user).annotate(to_draw=counted).filter(to_draw__gt=0))


def _frame_of(findings) -> list[dict]:
    return [
        {
            "number": finding.number,
            "unit": finding.organisation.full_name,
            "is_focus": finding.is_focus,
            "finding": finding.pk,
        }
        for finding in findings
    ]


def _next_number(today: date) -> str:
    numbers = Recheck.objects.filter(number__startswith=f"{today.year}-").values_list("number", flat=True)
    return f"{today.year}-{max((int(number.partition('-')[2]) for number in numbers), default=0) + 1}"


@transaction.atomic
def draw_recheck(
    *,
    by: Person,
    size: int,
    seed: str = "",
    round: Round | None = None,
    closed_from: date | None = None,
    closed_until: date | None = None,
) -> Recheck:
    """抽取: keep the list of the moment and the seed, then what they draw."""
    _only_managers(by)
    if (round is None) == (closed_from is None or closed_until is None):
        raise ValidationError("请选择一个轮次，或者填写销号日期的起止。")
    # One draw at a time: the lock under which numbers are given and nothing is drawn twice.
    Organisation.objects.select_for_update().get(kind=Organisation.Kind.COMMISSION)
    of_round = {"round": round} if round else {"closed_on__gte": closed_from, "closed_on__lte": closed_until}
    rows = (
        candidates()
        .filter(**of_round)
        .select_for_update(of=("self",))
        .select_related("round", "organisation__parent")
        .order_by("pk")
    )
    findings = list(rows)
    if not findings:
        raise ValidationError("这个范围内没有可抽的问题：没有已销号的，或者都在进行中的抽查之列。")
    frame = _frame_of(findings)
    recheck = Recheck(
        number=_next_number(timezone.localdate()),
        round=round,
        closed_from=closed_from,
        closed_until=closed_until,
        size=size,
        seed=seed.strip() or secrets.token_hex(6),
        frame=frame,
        frame_sha256=frame_sha256(frame),
        drawn_by=by,
        drawn_at=timezone.now(),
    )
    recheck.full_clean()
    reason = f"从 {len(frame)} 个已销号问题中抽取，种子 {recheck.seed}"
    save_as(recheck, by=by, reason=reason)
    _keep_items(recheck, {finding.number: finding for finding in findings}, by=by, reason=reason)
    return recheck


def _keep_items(recheck: Recheck, findings: dict[str, Finding], *, by: Person, reason: str) -> None:
    items = [
        RecheckItem(
            recheck=recheck,
            finding=findings[number],
            rank=rank,
            applied_by_id=findings[number].applied_by_id,
            reviewed_by_id=findings[number].reviewed_by_id,
            verified_by_id=findings[number].verified_by_id,
        )
        for rank, number in enumerate(recheck.redraw(), 1)
    ]
    create_with_history(items, by=by, reason=reason)


# ── 核查 ─────────────────────────────────────────────────────────────────────────────────────


def refusal_to_check(item: RecheckItem, person: Person) -> str:
    """Why ``person`` cannot be the one who looks at it; empty when he can."""
    if person.pk in item.three:
        return f"{person}经办、审核或核验了这次销号，不能核查。"
    if item.finding.is_own_work_of(person):
        return f"{person}录入过这个问题的整改佐证，不能核查。"
    if _serves_in(person, item.finding):
        return f"{person}在{item.finding.organisation.name}任职，应当回避。"
    return ""


def _serves_in(person: Person, finding: Finding) -> bool:
    today = timezone.localdate()
    held = person.tenures.filter(started_on__lte=today).exclude(ended_on__lt=today)
    return held.filter(post__organisation__path__startswith=finding.organisation.path).exists()


def refusal_to_record(item: RecheckItem, user: Person) -> str:
    """Why ``user`` cannot record a result now; empty when he can."""
    if item.recheck.state != Recheck.State.RUNNING:
        return "本次抽查已办结，不能再登记。"
    if item.result:
        return f"这个问题已由{item.checked_by}登记为「{item.get_result_display()}」。"
    if not manages(user) and user.pk != item.checker_id:
        return "结果由巡察办、纪委或被指定的核查人登记。"
    return refusal_to_check(item, user)


def _locked(item: RecheckItem) -> RecheckItem:
    """The recheck first, so that concluding and recording wait for each other."""
    recheck = Recheck.objects.select_for_update(of=("self",)).get(pk=item.recheck_id)
    rows = RecheckItem.objects.select_related("finding__round", "finding__organisation", "checked_by")
    item = lock_and_read(rows, item.pk)
    item.recheck = recheck
    return item


@transaction.atomic
def name_checker(item: RecheckItem, *, by: Person, person: Person | None) -> RecheckItem:
    """指定核查人: he sees this finding alone, until the recheck is concluded. None takes it back."""
    _only_managers(by)
    item = _locked(item)
    if item.recheck.state != Recheck.State.RUNNING or item.result:
        raise ValidationError("已登记结果或抽查已办结，不能再指定核查人。")
    if person is not None and (refusal := refusal_to_check(item, person)):
        raise ValidationError({"person": refusal})
    item.checker = person
    save_as(item, by=by, reason=f"指定{person}核查" if person else "不再指定核查人")
    if person is not None and person != by:
        notify(
            [person],
            kind=Notice.Kind.INSPECTION,
            title=f"请现场核查：{item.finding.text}",
            body=f"{item.recheck}，{item.finding.organisation.name}",
            url=reverse("recheck_item", args=[item.pk]),
        )
    return item


@transaction.atomic
def record_result(
    item: RecheckItem,
    *,
    by: Person,
    result: str,
    words: str,
    checked_on: date,
    place: str,
    requirement: str = "",
    files: Iterable[UploadedFile] = (),
) -> RecheckItem:
    """登记核查结果: by a fourth person, once. Two at the same moment have one winner."""
    item = _locked(item)
    if refusal := refusal_to_record(item, by):
        if item.result or item.recheck.state != Recheck.State.RUNNING:
            raise ValidationError(refusal)
        raise PermissionDenied(refusal)
    _check_result(item, result, words, checked_on, place, requirement)
    item.result, item.words, item.requirement = result, words.strip(), requirement.strip()
    item.checked_on, item.place = checked_on, place.strip()
    item.checked_by, item.checked_at = by, timezone.now()
    item.full_clean()
    examined = attachments.examine_all(files, by=by)
    save_as(item, by=by, reason=f"登记核查结果：{item.get_result_display()}")
    attachments.keep_papers(item, examined, by=by)
    tell_confirmers(item.finding, title=f"销号抽查{item.get_result_display()}：{item.finding.text}", by=by)
    return item


def _check_result(item: RecheckItem, result, words, checked_on, place, requirement) -> None:
    errors: dict[str, str] = {}
    if result not in Result.values:
        errors["result"] = "请选择核查结果。"
    if len(words.strip()) < WORDS_AT_LEAST:
        errors["words"] = f"请写明现场看到的情况，至少 {WORDS_AT_LEAST} 个字。"
    if not place.strip():
        errors["place"] = "请填写核查地点。"
    if result == Result.PARTIAL and len(requirement.strip()) < REASON_AT_LEAST:
        errors["requirement"] = f"部分属实的，请写明整改要求，至少 {REASON_AT_LEAST} 个字。"
    if checked_on > timezone.localdate():
        errors["checked_on"] = "核查日期不能晚于今天。"
    elif checked_on < timezone.localdate(item.recheck.drawn_at):
        errors["checked_on"] = f"核查日期不能早于抽取的 {timezone.localdate(item.recheck.drawn_at)}。"
    if errors:
        raise ValidationError(errors)


@transaction.atomic
def take_back(item: RecheckItem, *, by: Person, reason: str) -> RecheckItem:
    """撤回结果 that was recorded wrongly, while the recheck runs; what was recorded stays in the history."""
    item = _locked(item)
    if not manages(by) and by.pk != item.checked_by_id:
        raise PermissionDenied("结果由登记人、巡察办或纪委撤回。")
    if item.recheck.state != Recheck.State.RUNNING or not item.result:
        raise ValidationError("还没有登记结果，或者抽查已办结，不能撤回。")
    if Finding.objects.filter(predecessor=item.finding).exists():
        raise ValidationError("这个问题已经据此重新立账，不能撤回结果。")
    if len(reason.strip()) < WORDS_AT_LEAST:
        raise ValidationError({"reason": f"请写明撤回原因，至少 {WORDS_AT_LEAST} 个字。"})
    item.result = item.words = item.requirement = item.place = ""
    item.checked_on = item.checked_by = item.checked_at = None
    save_as(item, by=by, reason=f"撤回核查结果：{reason.strip()}")
    return item


@transaction.atomic
def reopen(item: RecheckItem, *, by: Person, reason: str) -> Finding:
    """虚假销号的重新立账, the rebound of the ledger; the old closing stays as it was written."""
    item = _locked(item)
    if item.result != Result.FALSE:
        raise ValidationError("只有核查为虚假销号的，才从这里重新立账。")
    return perform(item.finding, "rebound", by=by, reason=reason)


# ── 办结 ─────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def conclude(recheck: Recheck, *, by: Person, reason: str = "") -> Recheck:
    """办结: whoever was named loses his access with this. What was not looked at needs a reason."""
    _only_managers(by)
    recheck = Recheck.objects.select_for_update(of=("self",)).get(pk=recheck.pk)
    if recheck.state != Recheck.State.RUNNING:
        raise ValidationError("本次抽查已办结。")
    unchecked = recheck.items.filter(result="").count()
    if unchecked and len(reason.strip()) < WORDS_AT_LEAST:
        raise ValidationError({"reason": f"还有 {unchecked} 个问题没有核查，请写明原因，至少 {WORDS_AT_LEAST} 个字。"})
    recheck.state, recheck.concluded_by, recheck.concluded_on = Recheck.State.CONCLUDED, by, timezone.localdate()
    recheck.unchecked_reason = reason.strip() if unchecked else ""
    recheck.full_clean()
    save_as(recheck, by=by, reason="抽查办结" + (f"，{unchecked} 个未查：{reason.strip()}" if unchecked else ""))
    return recheck
