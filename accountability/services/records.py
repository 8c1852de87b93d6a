"""履责纪实: file a record, credit duties, decide, withdraw; each verb one transaction, lock → check → write."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from operator import attrgetter

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef
from django.urls import reverse
from django.utils import timezone

from accountability import access, workflow
from accountability.models import ActKind, Duty, Evidence, Notice, Organisation, Person, Post, Record, WorkYear
from accountability.models.history import save_as
from accountability.services.attachments import examine_all, keep
from accountability.services.notices import notify, people_with

# Upper apps tell this one by registering: why a record cannot count, what a decision locks, and what follows it.
_counting_rules: list[Callable[[Record, Duty], str]] = []
_holders: list[Callable[[Record], None]] = []
_followers: list[Callable[[Record, Person], None]] = []


def counting_rule(rule: Callable[[Record, Duty], str]):
    """计入规则: register a function that says why a record cannot count for a duty; empty words when it can."""
    _counting_rules.append(rule)
    return rule


def held_by_decision(hold: Callable[[Record], None]):
    """审核之前: register what is locked after the record and before its duties.

    Verbs of an upper app lock their own rows and then a duty; a decision that came to those rows only by its followers
    would hold the duty already, and the two would wait for each other for ever.
    """
    _holders.append(hold)
    return hold


def after_decision(follower: Callable[[Record, Person], None]):
    """审核之后: register what follows when a record was accepted, returned or withdrawn, in the same transaction."""
    _followers.append(follower)
    return follower


def may_file(user: Person, organisation: Organisation, post: Post | None = None) -> bool:
    """May ``user`` record for this organisation, or for his own post?"""
    if post is not None and post.pk in access.posts_of(user):
        return True
    return access.may(user, "keep_record", organisation)


def is_own_word(user: Person, organisation: Organisation, post: Post | None) -> bool:
    """本人直接录入: the responsible person's own record counts at once; a liaison's draft waits for his secretary."""
    if post is not None and post.pk in access.posts_of(user):
        return True
    return access.may(user, "confirm_record", organisation)


def countable_duties(organisation: Organisation, act: ActKind, work_year: int, post: Post | None = None) -> list[Duty]:
    """可计入的责任: open duties this act may fulfil, one per obligation, the earliest occurrence first (三（一）1).

    An occurrence that another record already waits for comes last: two meetings handed in together are two times.
    """
    waiting = Evidence.objects.filter(duty=OuterRef("pk"), record__state=Record.State.SUBMITTED)
    candidates = (
        Duty.objects.open()
        .of_year(work_year)
        .filter(organisation=organisation, bearer_post=post, obligation__acts=act)
        .select_related("obligation", "clause")
        .annotate(is_waited_for=Exists(waiting))
        .order_by("obligation__rank", "obligation_id", "is_waited_for", "occurrence")
    )
    first: dict[int, Duty] = {}
    for duty in candidates:
        first.setdefault(duty.obligation_id, duty)
    return list(first.values())


def same_act(organisation: Organisation, act: ActKind, happened_on: date, sitting: int = 1, post: Post | None = None):
    """The standing record of the very same act, if it was entered before."""
    return (
        Record.objects.standing()
        .filter(organisation=organisation, post=post, act=act, happened_on=happened_on, sitting=sitting)
        .first()
    )


@transaction.atomic
def file_record(
    *,
    by: Person,
    organisation: Organisation,
    act: ActKind,
    work_year: int,
    title: str,
    happened_on: date,
    content: str = "",
    post: Post | None = None,
    sitting: int = 1,
    late_reason: str = "",
    duties: Sequence[Duty] = (),
    files: Iterable[UploadedFile] = (),
    confirmer: Person | None = None,
    is_confidential: bool = False,
) -> Record:
    """录入履责记录 and credit ``duties`` with it. It waits for ``confirmer``, if one is named and is not ``by``.

    Raises PermissionDenied when ``by`` may not record here, ValidationError in Chinese for everything else.
    """
    if not may_file(by, organisation, post):
        raise PermissionDenied("您没有为该单位录入履责记录的权限。")
    if happened_on > timezone.localdate():
        raise ValidationError({"happened_on": "发生日期不能晚于今天；尚未召开的会议请在召开后记录。"})
    if known := same_act(organisation, act, happened_on, sitting, post):
        raise ValidationError(
            {
                "sitting": f"{happened_on} 已录入过「{known.title}」，同一次{act.name}只计一次。"
                f"如确是当日另一次，请把「当日第几次」改为 {sitting + 1}。"
            }
        )
    own_word = confirmer == by if confirmer else is_own_word(by, organisation, post)
    record = Record(
        organisation=organisation,
        post=post,
        work_year=open_work_year(work_year),
        act=act,
        title=title,
        content=content,
        happened_on=happened_on,
        sitting=sitting,
        late_reason=late_reason,
        confirmer=None if own_word else confirmer,
        is_confidential=is_confidential,
        state=Record.State.ACCEPTED if own_word else Record.State.SUBMITTED,
    )
    _enter(record, by=by, duties=duties, files=files)
    if not own_word:
        _ask_for_confirmation(record)
    return record


@transaction.atomic
def file_proof(
    *,
    by: Person,
    organisation: Organisation,
    act: ActKind,
    work_year: int,
    title: str,
    content: str = "",
    post: Post | None = None,
    duties: Sequence[Duty] = (),
    files: Iterable[UploadedFile] = (),
) -> Record:
    """记入已经办结的事: what the system itself saw done today, such as the last signature under a document.

    No permission is asked here: the act that is recorded has asked. It counts at once for the open duties it may
    fulfil, and for ``duties`` besides.
    """
    today = timezone.localdate()
    same_day = Record.objects.standing().filter(organisation=organisation, post=post, act=act, happened_on=today)
    record = Record(
        organisation=organisation,
        post=post,
        work_year=open_work_year(work_year),
        act=act,
        title=title,
        content=content,
        happened_on=today,
        sitting=(same_day.aggregate(last=Max("sitting"))["last"] or 0) + 1,
        state=Record.State.ACCEPTED,
    )
    countable = countable_duties(organisation, act, work_year, post)
    _enter(record, by=by, duties=[*countable, *(duty for duty in duties if duty not in countable)], files=files)
    return record


def _enter(record: Record, *, by: Person, duties: Iterable[Duty], files: Iterable[UploadedFile]) -> None:
    examined = examine_all(files, by=by)
    record.entered_at, record.entered_on, record.entered_by = timezone.now(), timezone.localdate(), by
    record.full_clean(validate_constraints=False)
    try:
        with transaction.atomic():
            save_as(record, by=by, reason="录入履责记录")
    except IntegrityError as error:  # the same act entered by somebody else this very moment
        raise ValidationError(
            {"sitting": f"{record.happened_on} 的同一次{record.act.name}刚刚已由他人录入，只计一次。"}
        ) from error
    for duty in sorted(duties, key=attrgetter("pk")):  # in one order for all: two who lock the same duties never cross
        credit(duty, by=by, record=record)
    for file, checked in examined:  # last, so that a refusal above leaves no file behind
        keep(record, file, checked, by=by)


@transaction.atomic
def revise(
    record: Record,
    *,
    by: Person,
    title: str,
    happened_on: date,
    content: str,
    late_reason: str = "",
    files: Iterable[UploadedFile] = (),
) -> Record:
    """修改后重新提交: the author mends a returned record; what was written before stays in its history."""
    record = workflow.perform(record, "resubmit", by=by)
    open_work_year(record.work_year_id)
    known = same_act(record.organisation, record.act, happened_on, record.sitting, record.post)
    if known and known.pk != record.pk:
        raise ValidationError({"happened_on": f"{happened_on} 已录入过「{known.title}」，同一次只计一次。"})
    examined = examine_all(files, by=by)
    record.title, record.happened_on = title, happened_on
    record.content, record.late_reason = content, late_reason
    record.full_clean(validate_constraints=False)
    for duty in Duty.objects.filter(evidence__record=record):
        if refusal := refusal_to_count(record, duty):
            raise ValidationError(f"{duty.title}：{refusal}")
    save_as(record, by=by, reason="按退回意见修改")
    for file, checked in examined:
        keep(record, file, checked, by=by)
    _ask_for_confirmation(record)
    return record


def open_work_year(work_year: int) -> WorkYear:
    """The row of a year that still takes entries; refuses one not opened or closed."""
    year = WorkYear.objects.filter(year=work_year).first()
    if year is None:
        raise ValidationError(f"{work_year} 工作年度尚未开启，请先由党委办公室开启年度。")
    if year.is_closed:
        raise ValidationError(f"{work_year} 工作年度已于 {year.closed_on} 封存，不能再录入。")
    return year


def refusal_to_count(record: Record, duty: Duty) -> str:
    """Why this record cannot count for this duty; empty when it can."""
    if duty.state == Duty.State.WAIVED:
        return "这项责任已不再要求。"
    if duty.work_year_id != record.work_year_id:
        return f"这项责任属于 {duty.work_year_id} 工作年度，记录属于 {record.work_year_id} 工作年度。"
    if duty.organisation_id != record.organisation_id or duty.bearer_post_id != record.post_id:
        return "这项责任属于别的单位或岗位。"
    if duty.obligation_id and not duty.obligation.acts.filter(pk=record.act_id).exists():
        return f"「{record.act.name}」不能履行「{duty.obligation.title}」。"
    if record.happened_on < date(duty.work_year_id, 1, 1):
        return "发生日期早于责任所属工作年度。"
    if record.act.category == record.act.Category.MEETING and record.happened_on.year > duty.due_on.year:
        return f"会议须在 {duty.due_on.year} 年内召开才能计入。"
    return next((refusal for rule in _counting_rules if (refusal := rule(record, duty))), "")


@transaction.atomic
def credit(duty: Duty, *, by: Person, record: Record) -> Evidence:
    """计入责任: count ``record`` towards ``duty``, at most once, and never twice for one obligation (三（一）1)."""
    duty = Duty.objects.select_for_update().get(pk=duty.pk)
    if refusal := refusal_to_count(record, duty):
        raise ValidationError(f"{duty.title}：{refusal}")
    taken = record.evidence.filter(obligation_id=duty.obligation_id, bearer_post_id=duty.bearer_post_id)
    if record.evidence.filter(duty=duty).exists() or (duty.obligation_id and taken.exists()):
        raise ValidationError(f"「{record.title}」已对「{duty.title}」所属的责任要求计入一次，不能重复计入。")
    evidence = Evidence(record=record, duty=duty, obligation=duty.obligation, bearer_post=duty.bearer_post)
    save_as(evidence, by=by, reason="计入责任")
    settle(duty, by=by)
    return evidence


@transaction.atomic
def uncredit(record: Record, *, by: Person, reason: str) -> None:
    """不再计入: take back every credit of a record that is not accepted; the history of each stays."""
    if record.state == Record.State.ACCEPTED:
        raise ValidationError(f"「{record.title}」已经计入，只能作废。")
    for evidence in record.evidence.all():
        evidence._history_user, evidence._change_reason = by, reason
        evidence.delete()


def settle(duty: Duty, *, by: Person) -> None:
    """结算: a duty is fulfilled on the day of its earliest counted record, and open without one."""
    if duty.state == Duty.State.WAIVED:
        return
    fulfilled_on = (
        Evidence.objects.counted()
        .filter(duty=duty)
        .order_by("record__happened_on")
        .values_list("record__happened_on", flat=True)
        .first()
    )
    state = Duty.State.FULFILLED if fulfilled_on else Duty.State.OPEN
    if (duty.state, duty.fulfilled_on) == (state, fulfilled_on):
        return
    duty.state, duty.fulfilled_on = state, fulfilled_on
    save_as(duty, by=by, reason="佐证计入，责任完成" if fulfilled_on else "佐证不再计入，责任重新打开")


@transaction.atomic
def decide(record: Record, name: str, *, by: Person, reason: str = "") -> Record:
    """审核通过、退回、作废: perform the transition, then settle every duty the record proves."""
    record = workflow.perform(record, name, by=by, reason=reason)
    for hold in _holders:
        hold(record)
    duties = Duty.objects.select_for_update().filter(evidence__record=record).order_by("pk")
    for duty in duties:
        settle(duty, by=by)
    for follower in _followers:
        follower(record, by)
    _tell_author(record, by=by)
    return record


def _ask_for_confirmation(record: Record) -> None:
    by_post = people_with("confirm_record", record.organisation)
    named = [record.confirmer] if record.confirmer and record.confirmer.is_active else by_post
    confirmers = [person for person in named if person != record.entered_by]
    notify(
        confirmers,
        kind=Notice.Kind.TO_CONFIRM,
        title=f"待审核：{record.title}",
        body=f"{record.organisation} · {record.entered_by} 于 {record.entered_on} 录入",
        url=reverse("record", args=[record.pk]),
    )


def _tell_author(record: Record, *, by: Person) -> None:
    if record.entered_by_id == by.pk:
        return
    kinds = {Record.State.RETURNED: Notice.Kind.RETURNED, Record.State.ACCEPTED: Notice.Kind.ACCEPTED}
    notify(
        [record.entered_by],
        kind=kinds.get(record.state, Notice.Kind.RETURNED),
        title=f"{record.get_state_display()}：{record.title}",
        body=record.decision_reason or f"{by} 办理",
        url=reverse("record", args=[record.pk]),
    )
