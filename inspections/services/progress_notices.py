"""整改进展情况通报: make, edit, propose, approve, issue as a frozen PDF, correct by a new one (三（四）1).

The row of the notice is the lock. What is withheld is asked again at every step: nothing is issued that must not be.
"""

from datetime import date
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accountability.frozen import FrozenPaper, frozen_papers
from accountability.locking import lock_and_read
from accountability.models import Notice, Organisation, Person
from accountability.models.history import save_as
from accountability.papers.blocks import parse
from accountability.papers.sheet import Sheet, render_docx, render_pdf
from accountability.services import jobs
from accountability.services.notices import notify, people_with
from accountability.services.safekeeping import intact_bytes
from inspections import progress_text
from inspections.models import Finding, ProgressNotice, Round
from inspections.models.progress_notices import Scope
from inspections.models.rounds import manages
from inspections.progress_figures import RoundLedger, figures_of, items_of, names_in, withheld_of
from inspections.progress_workflow import TRANSITIONS

if TYPE_CHECKING:
    from accountability.papers.printing import Paper

S = ProgressNotice.State
ISSUE = "issue_progress_notice"
MANAGERS = "整改进展情况通报由巡察办或纪委办理。"


def _only_managers(by: Person) -> None:
    if not manages(by):
        raise PermissionDenied(MANAGERS)


# ── 拟稿 ─────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def make(row: Round, *, by: Person, scope: str, as_of: date, corrects: ProgressNotice | None = None, reason: str = ""):
    """拟稿 from the ledger of that day; of a correction the free parts come from the notice it corrects."""
    _only_managers(by)
    row = Round.objects.select_for_update(of=("self",)).get(pk=row.pk)
    _check_day(row, as_of)
    if row.progress_notices.filter(scope=scope, state__in=(S.DRAFT, S.PROPOSED, S.APPROVED)).exists():
        raise ValidationError(f"本轮已有一份在办的{Scope(scope).label}通报，请打开那一份办理，或者先作废。")
    units = list(row.units.values_list("organisation__name", flat=True))
    free = progress_text.prefilled(row, scope, units, as_of)
    if corrects is not None:
        free |= {name: getattr(corrects, name) for name in ("organising", "plans", "contact")}
    elif last := ProgressNotice.objects.filter(state=S.ISSUED).order_by("-issued_on", "-pk").first():
        free["contact"] = last.contact
    notice = ProgressNotice(
        round=row,
        scope=scope,
        as_of=as_of,
        title=progress_text.title_of(row),
        corrects=corrects,
        correction_reason=reason,
        made_by=by,
        made_at=timezone.now(),
        edited_by=by,
        **free,
    )
    _read(notice)
    notice.full_clean(exclude=("text",))
    save_as(notice, by=by, reason=f"拟稿，数据截至 {as_of}")
    return notice


def _check_day(row: Round, as_of: date) -> None:
    if row.feedback_on is None:
        raise ValidationError({"round": "本轮还没有登记反馈日期，没有整改进展可以通报。"})
    if not row.feedback_on <= as_of <= timezone.localdate():
        raise ValidationError({"as_of": f"截至日期须在反馈日期 {row.feedback_on} 与今天之间。"})


def _read(notice: ProgressNotice) -> None:
    """汇总: figures and items of the day, with what is withheld now; then the text."""
    ledger = RoundLedger(notice.round, notice.as_of)
    notice.withheld = withheld_of(notice.round, notice.scope, [one.pk for one in ledger.findings])
    notice.figures = figures_of(ledger, notice.withheld)
    notice.items = items_of(ledger, notice.withheld, with_symptoms=notice.scope == Scope.INSIDE)
    notice.names = names_in(ledger) if notice.scope == Scope.PUBLIC else []
    notice.taken_at = timezone.now()
    notice.text = progress_text.composed(notice)


def _locked(notice: ProgressNotice) -> ProgressNotice:
    rows = ProgressNotice.objects.select_related("round", "corrects")
    return lock_and_read(rows, notice.pk)


def _drafting(notice: ProgressNotice, *, by: Person) -> ProgressNotice:
    _only_managers(by)
    notice = _locked(notice)
    if notice.state != S.DRAFT:
        raise ValidationError(f"通报当前是「{notice.get_state_display()}」，不能再改；送审的可以先退回修改。")
    return notice


@transaction.atomic
def remake(notice: ProgressNotice, *, by: Person, as_of: date | None = None) -> ProgressNotice:
    """按台账重新生成 figures and items; what the office wrote stays."""
    notice = _drafting(notice, by=by)
    notice.as_of = as_of or notice.as_of
    _check_day(notice.round, notice.as_of)
    _read(notice)
    notice.edited_by = by
    save_as(notice, by=by, reason=f"按台账重新生成，数据截至 {notice.as_of}")
    return notice


@transaction.atomic
def edit(notice: ProgressNotice, *, by: Person, **fields: str) -> ProgressNotice:
    """修改 title, number and the free parts; items and figures are the ledger's."""
    notice = _drafting(notice, by=by)
    errors = {}
    for name in progress_text.FREE:
        if unknown := progress_text.unknown_figures(fields[name], notice.figures):
            errors[name] = f"没有叫做{'、'.join(f'【{one}】' for one in unknown[:5])}的数字，请从下方列出的数字中选用。"
    if errors:
        raise ValidationError(errors)
    for name, value in fields.items():
        setattr(notice, name, value.strip())
    notice.text, notice.edited_by = progress_text.composed(notice), by
    notice.full_clean(exclude=("text",), validate_constraints=False)
    _save_numbered(notice, by=by, reason="修改通报")
    return notice


def _save_numbered(notice: ProgressNotice, *, by: Person, reason: str) -> None:
    others = ProgressNotice.objects.exclude(pk=notice.pk).exclude(state=S.WITHDRAWN)
    taken = ValidationError({"number": "这个文号已用于另一份通报。"})
    if notice.number and others.filter(number=notice.number).exists():
        raise taken
    try:
        with transaction.atomic():
            save_as(notice, by=by, reason=reason)
    except IntegrityError as error:
        raise taken from error


@transaction.atomic
def correct(old: ProgressNotice, *, by: Person, reason: str) -> ProgressNotice:
    """更正: a new notice that names the old one; the old one stays as it was issued."""
    _only_managers(by)
    old = _locked(old)
    if old.state != S.ISSUED:
        raise ValidationError("只有已印发的通报才需要更正；未印发的退回修改即可。")
    if old.corrections.exclude(state=S.WITHDRAWN).exists():
        raise ValidationError("这份通报已有更正；请打开更正的那一份办理。")
    if len(reason.strip()) < 10:
        raise ValidationError({"reason": "请写明更正原因，至少 10 个字。"})
    return make(old.round, by=by, scope=old.scope, as_of=timezone.localdate(), corrects=old, reason=reason.strip())


# ── 送审、审定、印发 ─────────────────────────────────────────────────────────────────────────


def lacking_for_proposal(notice: ProgressNotice) -> list[str]:
    """What must be mended before it is proposed."""
    lacking = [] if notice.number else ["文号没有填写。"]
    if blank := [line.strip("：: ") for line in notice.contact.splitlines() if line.strip().endswith(("：", ":"))]:
        lacking.append(f"联系方式没有填完：{'、'.join(blank)}。不用的行请删去。")
    if _held_now(notice) != _held_then(notice):
        lacking.append("拟不公开的设置在这一稿之后有变动，请按台账重新生成。")
    return lacking + _leaks(notice)


def _held_now(notice: ProgressNotice) -> set[tuple[int, str]]:
    ids = notice.figures["问题数"]["ids"]
    return {(finding, part) for finding, part, _ in withheld_of(notice.round, notice.scope, ids)}


def _held_then(notice: ProgressNotice) -> set[tuple[int, str]]:
    return {(finding, part) for finding, part, _ in notice.withheld}


def _leaks(notice: ProgressNotice) -> list[str]:
    """What the office wrote by hand must not say what is withheld."""
    free = "".join(getattr(notice, name) for name in progress_text.FREE)
    hidden = Finding.objects.filter(pk__in=[finding for finding, part in _held_then(notice) if part == "problem"])
    told = [one.number for one in hidden.select_related("round") if one.text in free]
    return [f"手工填写的部分写出了拟不公开的问题原文（{'、'.join(told)}），请删去。"] if told else []


def _refuse(lacking: list[str]) -> None:
    if lacking:
        raise ValidationError(lacking)


def _refuse_new_withholding(notice: ProgressNotice) -> None:
    if _held_now(notice) - _held_then(notice):
        raise ValidationError("送审之后又有内容设为拟不公开，请退回修改并重新生成，不能按这一稿印发。")


@transaction.atomic
def perform(notice: ProgressNotice, name: str, *, by: Person, reason: str = "") -> ProgressNotice:
    """办理. Raises ValidationError or PermissionDenied in Chinese and writes nothing then."""
    transition = TRANSITIONS[name]
    notice = _locked(notice)
    reason = transition.checked(notice, by=by, reason=reason)
    if notice.job_id and notice.job.is_under_way:
        raise ValidationError("正在排版印发，请稍候刷新。")
    if name == "issue":
        return _order(notice, by=by)
    if name == "propose":
        _refuse(lacking_for_proposal(notice))
        notice.proposed_by, notice.proposed_on, notice.returned_reason = by, timezone.localdate(), ""
    elif name == "approve":
        _refuse_new_withholding(notice)
        notice.approved_by, notice.approved_on = by, timezone.localdate()
    elif name == "send_back":
        _back(notice, reason)
    notice.state = transition.target
    save_as(notice, by=by, reason=f"{transition.label}：{reason}" if reason else transition.label)
    _tell(notice, name, by=by)
    return notice


def _back(notice: ProgressNotice, reason: str) -> None:
    notice.returned_reason = reason[:500]
    notice.proposed_by = notice.proposed_on = notice.approved_by = notice.approved_on = None


def _tell(notice: ProgressNotice, name: str, *, by: Person) -> None:
    url = reverse("progress_notice", args=[notice.pk])
    if name == "propose":
        school = Organisation.objects.get(kind=Organisation.Kind.SCHOOL)
        people = [one for one in people_with("manage_inspections", school) if not notice.is_own_work_of(one)]
        notify(people, kind=Notice.Kind.TO_CONFIRM, title=f"待审定：{notice.title}", url=url)
    elif name in ("approve", "send_back") and notice.made_by_id != by.pk:
        kind = Notice.Kind.ACCEPTED if name == "approve" else Notice.Kind.RETURNED
        words = f"{TRANSITIONS[name].label}：{notice.title}"
        notify([notice.made_by], kind=kind, title=words, body=notice.returned_reason[:300], url=url)


def _order(notice: ProgressNotice, *, by: Person) -> ProgressNotice:
    _refuse_new_withholding(notice)
    notice.job, _ = jobs.queue(ISSUE, str(notice.pk), by=by)
    save_as(notice, by=by, reason="交付排版印发")
    return notice


def sheet_of(notice: ProgressNotice, *, on: date | None = None) -> Sheet:
    """The notice as an official paper; marked 草稿 until it is issued."""
    is_issued = notice.state == S.ISSUED or on is not None
    return Sheet(
        form="official",
        issuer=progress_text.committee(),
        number=notice.number,
        title=notice.title,
        addressee="" if notice.scope == Scope.PUBLIC else "各单位党组织",
        blocks=tuple(parse(notice.text)),
        dated_on=notice.issued_on or on,
        printed_by=progress_text.OFFICE,
        printed_on=notice.issued_on or on,
        is_draft=not is_issued,
    )


@jobs.runs(ISSUE, "整改通报印发")
def issue(run: jobs.Run) -> None:
    """印发 in the worker. Safe to repeat: what is issued stays as it was issued."""
    notice = ProgressNotice.objects.select_related("round", "corrects").get(pk=int(run.job.key))
    if notice.state != S.APPROVED:
        return
    run.tell(30, "正在排版")
    today = timezone.localdate()
    paper = render_pdf(sheet_of(notice, on=today))
    run.tell(95, "正在保存")
    _settle(notice, paper, today, by=run.job.requested_by)


@transaction.atomic
def _settle(notice: ProgressNotice, paper: "Paper", today: date, *, by: Person) -> None:
    notice = _locked(notice)
    if notice.state != S.APPROVED:
        return  # another worker was quicker, or it was taken back meanwhile
    if paper.missing:
        _give_back(notice, paper.missing, by=by)
        return
    _refuse_new_withholding(notice)
    notice.state, notice.issued_on = S.ISSUED, today
    notice.pdf_sha256, notice.pages = paper.sha256, paper.pages
    notice.pdf.save(f"{notice.pk}.pdf", ContentFile(paper.content), save=False)
    save_as(notice, by=by, reason=f"印发，PDF {paper.pages} 页已冻结")
    people = [person for unit in units_of(notice) for person in people_with("confirm_record", unit)]
    title = f"{notice.get_scope_display()}：{notice.title}"
    notify(people, kind=Notice.Kind.INSPECTION, title=title, url=reverse("progress_notice", args=[notice.pk]))


def _give_back(notice: ProgressNotice, missing: tuple[str, ...], *, by: Person) -> None:
    _back(notice, f"这些字没有可用的字形，印不出来：{'、'.join(missing[:10])}。请换用规范字后重新送审。")
    notice.state = S.DRAFT
    save_as(notice, by=by, reason="排版未成，退回修改")
    _tell(notice, "send_back", by=by)


def units_of(notice: ProgressNotice) -> list[Organisation]:
    """被巡察和承担整改的单位."""
    ids = {*notice.figures["责任单位数"]["ids"], *notice.round.units.values_list("organisation", flat=True)}
    return list(Organisation.objects.filter(pk__in=ids))


def issued_bytes(notice: ProgressNotice) -> bytes:
    """The frozen PDF, refused when the file on the disk is no longer what was issued."""
    return intact_bytes(notice.pdf, notice.pdf_sha256, "通报的 PDF")


@frozen_papers
def issued_notice(sha256: str, user: Person) -> FrozenPaper | None:
    """核验: a notice by the hash of its issued PDF."""
    notice = ProgressNotice.objects.filter(state=S.ISSUED, pdf_sha256=sha256).first()
    if notice is None:
        return None
    may_open = ProgressNotice.objects.visible_to(user).filter(pk=notice.pk).exists()
    url = reverse("progress_notice", args=[notice.pk]) if may_open else ""
    is_corrected = notice.corrections.filter(state=S.ISSUED).exists()
    note = "这份通报已有更正，请以更正的通报为准。" if is_corrected else ""
    return FrozenPaper(notice.title, notice.number, notice.issued_on, url, note)


def draft_pdf(notice: ProgressNotice) -> bytes:
    """草稿版式, set on the spot and never kept."""
    return render_pdf(sheet_of(notice)).content


def word_of(notice: ProgressNotice) -> bytes:
    return render_docx(sheet_of(notice))
