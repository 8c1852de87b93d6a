"""监督记录: filed once as the record of its body, told to the units, followed up until it is settled (二（二）)."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from accountability import access
from accountability.locking import lock_and_read
from accountability.models import ActKind, Duty, Notice, Organisation, Person, Record, Role
from accountability.models.history import save_as
from accountability.own_pages import Occasion, OwnPage, recorded_elsewhere, with_query
from accountability.services import records
from accountability.services.notices import notify, people_with
from accountability.services.records import counting_rule
from supervision.models import Oversight, OversightStep, OversightUnit, Source

WORDS_AT_LEAST = 10
SITTINGS_AT_MOST = 20
K, S = Oversight.Kind, Oversight.State
# 类别 → the act it is recorded as: duties ask for acts.
ACT_OF = {
    K.POLITICAL: "political-supervision",
    K.DAILY: "daily-supervision",
    K.SPECIAL: "special-check",
    K.TOP: "daily-supervision",
    K.KEY_AREA: "daily-supervision",
    K.MECHANISM: "mechanism-inspection",
    K.RISK: "risk-control-inspection",
    K.RECTIFICATION: "rectification-oversight",
}
SUPERVISING_ROLES = (Role.DEPARTMENT, Role.INSPECTION_OFFICE)
RECORDERS = "监督记录由纪委、党委办公室和职能部门登记。"


def _address_of(record: Record) -> str:
    row = Oversight.objects.filter(record=record).first()
    return reverse("oversight", args=[row.pk]) if row else ""


def _where_to_record(kind: str):
    def where(occasion: Occasion) -> str:
        return with_query("oversight_new", duty=occasion.duty.pk if occasion.duty else "", kind=kind)

    return where


# The first kind of an act is what is offered from a duty of it.
for _kind, _act in reversed(ACT_OF.items()):
    recorded_elsewhere(_act, OwnPage("看这次监督", _where_to_record(_kind), _address_of))


@counting_rule
def refusal_without_units(record: Record, duty: Duty) -> str:
    """Supervision counts when it says whom it was about."""
    if record.act.code not in ACT_OF.values() or OversightUnit.objects.filter(oversight__record=record).exists():
        return ""
    return "监督检查须写明被监督单位，请在「监督记录」中登记。"


# ── 谁登记 ───────────────────────────────────────────────────────────────────────────────────


def bodies_for(user: Person) -> list[Organisation]:
    """监督主体 he may record for: the commission, the committee, the department whose supervision he heads."""
    kept = access.organisations_where(user, "keep_record")
    heads = {post.organisation_id for post in access.posts_held(user) if post.role in SUPERVISING_ROLES}
    rows = Organisation.objects.active().filter(pk__in=kept).order_by("path")
    return [
        row for row in rows if row.kind in (Organisation.Kind.COMMISSION, Organisation.Kind.SCHOOL) or row.pk in heads
    ]


def kinds_of(body: Organisation) -> tuple[str, ...]:
    if body.kind == Organisation.Kind.COMMISSION:
        return tuple(K)
    if body.kind == Organisation.Kind.SCHOOL:
        return (K.RECTIFICATION, K.DAILY)
    return (K.DAILY, K.KEY_AREA, K.SPECIAL)


def may_follow(user: Person, row: Oversight) -> bool:
    """Who keeps the records of the body."""
    return access.may(user, "keep_record", row.record.organisation)


# ── 登记 ─────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def record_oversight(
    *,
    by: Person,
    body: Organisation,
    kind: str,
    source: str,
    units: Sequence[Organisation],
    work_year: int,
    happened_on: date,
    did: str,
    title: str = "",
    findings: str = "",
    feedback: str = "",
    late_reason: str = "",
    duty: Duty | None = None,
    files: Iterable[UploadedFile] = (),
) -> Oversight:
    """登记监督记录: one record, counted for what it fulfils. Raises what ``file_record`` raises."""
    _check(by, body, kind, source, units, did)
    act = ActKind.objects.get(code=ACT_OF[kind])
    title = " ".join(title.split()) or _title(kind, units)
    # The body is the lock: two entering at once come here one after the other.
    Organisation.objects.select_for_update(of=("self",)).get(pk=body.pk)
    _refuse_twice(body, act, happened_on, title)
    record = records.file_record(
        by=by,
        organisation=body,
        act=act,
        work_year=work_year,
        title=title,
        happened_on=happened_on,
        content=did.strip(),
        sitting=_next_sitting(body, act, happened_on),
        late_reason=late_reason,
        files=files,
    )
    row = Oversight(record=record, kind=kind, source=source, findings=findings.strip(), feedback=feedback.strip())
    row.state = S.OPEN if row.findings else S.NOTHING
    row.full_clean()
    save_as(row, by=by, reason="登记监督记录")
    for unit in units:
        save_as(OversightUnit(oversight=row, organisation=unit), by=by, reason="列为被监督单位")
    for one in _countable(body, act, work_year, duty):
        records.credit(one, by=by, record=record)
    if record.state == Record.State.ACCEPTED:
        tell_units(row, by=by)
    return row


def _check(by: Person, body, kind: str, source: str, units, did: str) -> None:
    if body is None or body not in bodies_for(by):
        raise PermissionDenied(RECORDERS)
    errors = {}
    if kind not in kinds_of(body):
        allowed = "、".join(K(one).label for one in kinds_of(body))
        errors["kind"] = f"{body.name}登记的类别只有{allowed}。"
    if source not in Source.values or source == Source.PETITION:
        errors["source"] = "请选择监督来源。"
    if not units:
        errors["units"] = "请选择被监督单位。"
    if len(did.strip()) < WORDS_AT_LEAST:
        errors["did"] = f"请写明监督情况，至少 {WORDS_AT_LEAST} 个字。"
    if errors:
        raise ValidationError(errors)


def _title(kind: str, units: Sequence[Organisation]) -> str:
    names = "、".join(unit.name for unit in units[:3])
    return f"{K(kind).label}：{names}{f'等 {len(units)} 个单位' if len(units) > 3 else ''}"[:120]


def _same_day(body: Organisation, act: ActKind, on: date):
    return Record.objects.standing().filter(organisation=body, post=None, act=act, happened_on=on)


def _refuse_twice(body: Organisation, act: ActKind, on: date, title: str) -> None:
    if _same_day(body, act, on).filter(title=title).exists():
        raise ValidationError(
            {"title": f"{on} 已登记过「{title}」，不重复登记；确是另一次监督的，请另写名称以示区别。"}
        )


def _next_sitting(body: Organisation, act: ActKind, on: date) -> int:
    number = (_same_day(body, act, on).aggregate(last=Max("sitting"))["last"] or 0) + 1
    if number > SITTINGS_AT_MOST:
        raise ValidationError({"happened_on": f"{on} 已登记 {SITTINGS_AT_MOST} 次，请核对日期。"})
    return number


def _countable(body: Organisation, act: ActKind, work_year: int, duty: Duty | None) -> list[Duty]:
    """The duty it was recorded from, or the earliest open ones it may fulfil."""
    if duty is not None and duty.is_open and duty.obligation and duty.obligation.acts.filter(pk=act.pk).exists():
        return [duty]
    return records.countable_duties(body, act, work_year)


def tell_units(row: Oversight, *, by: Person) -> None:
    """反馈: whoever confirms for the unit hears that something was fed back; nothing fed back, nobody told."""
    if not row.feedback:
        return
    for unit in row.units.select_related("organisation"):
        notify(
            [person for person in people_with("confirm_record", unit.organisation) if person != by],
            kind=Notice.Kind.SUPERVISION,
            title=f"监督反馈：{row.record.title}",
            body=row.feedback,
            url=reverse("oversight", args=[row.pk]),
        )


@records.after_decision
def follow_record(record: Record, by: Person) -> None:
    """审核通过 of a department's record: its units hear of it then."""
    if record.state == Record.State.ACCEPTED and record.act.code in ACT_OF.values():
        for row in Oversight.objects.filter(record=record).select_related("record"):
            tell_units(row, by=by)


# ── 后续 ─────────────────────────────────────────────────────────────────────────────────────


def _locked(row: Oversight) -> Oversight:
    rows = Oversight.objects.select_related("record__organisation")
    return lock_and_read(rows, row.pk)


def refusal_to_follow(row: Oversight, user: Person) -> str:
    if row.record.state == Record.State.WITHDRAWN:
        return "这条监督记录已作废。"
    if row.state == S.NOTHING:
        return "没有发现问题，不需要后续。"
    if row.state == S.SETTLED:
        return f"已于 {row.settled_on} 办结；有新情况的，先重新跟踪。"
    return ""


@transaction.atomic
def follow_up(row: Oversight, *, by: Person, happened_on: date, words: str, settles: bool = False) -> OversightStep:
    """登记后续; the last one settles the matter, once every problem told to a unit was answered and accepted."""
    row = _locked(row)
    if not may_follow(by, row):
        raise PermissionDenied(f"后续由{row.record.organisation.name}登记。")
    if refusal := refusal_to_follow(row, by):
        raise ValidationError(refusal)
    errors = {}
    if len(words.strip()) < WORDS_AT_LEAST:
        errors["words"] = f"请写明后续情况，至少 {WORDS_AT_LEAST} 个字。"
    if not row.record.happened_on <= happened_on <= timezone.localdate():
        errors["happened_on"] = f"日期须在监督当日 {row.record.happened_on} 与今天之间。"
    if settles and (waiting := row.problems.all().not_yet_accepted().count()):
        errors["settles"] = f"还有 {waiting} 个问题的单位答复没有认可，不能办结。"
    if errors:
        raise ValidationError(errors)
    step = OversightStep(oversight=row, happened_on=happened_on, words=words.strip(), settles=settles)
    step.entered_by, step.entered_at = by, timezone.now()
    step.full_clean()
    save_as(step, by=by, reason="登记后续")
    if settles:
        row.state, row.settled_by, row.settled_on = S.SETTLED, by, timezone.localdate()
        row.full_clean()
        save_as(row, by=by, reason=f"办结：{step.words}")
    return step


@transaction.atomic
def take_up_again(row: Oversight, *, by: Person, reason: str) -> Oversight:
    """重新跟踪 what was settled."""
    row = _locked(row)
    if not may_follow(by, row):
        raise PermissionDenied(f"由{row.record.organisation.name}重新跟踪。")
    if row.state != S.SETTLED:
        raise ValidationError(f"当前是「{row.get_state_display()}」，只有已办结的可以重新跟踪。")
    if len(reason.strip()) < WORDS_AT_LEAST:
        raise ValidationError({"reason": f"请写明重新跟踪的原因，至少 {WORDS_AT_LEAST} 个字。"})
    row.state, row.settled_by, row.settled_on = S.OPEN, None, None
    row.full_clean()
    save_as(row, by=by, reason=f"重新跟踪：{reason.strip()}")
    return row
