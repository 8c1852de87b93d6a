"""提醒函、督办函: written by the sweep where a rule sets them, frozen in the worker, receipt recorded (四（三）; decision 23).

One paper to one unit and day lists what has reached the step since the last; a duty stands in one paper per due day and step.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from accountability import access
from accountability.document_workflow import holders
from accountability.frozen import FrozenPaper, frozen_papers
from accountability.locking import lock_and_read
from accountability.models import Capacity, Duty, Notice, Organisation, Person, Portfolio, Post
from accountability.models.history import create_with_history, save_as
from accountability.papers.sheet import render_pdf
from accountability.services import jobs
from accountability.services.notices import notify, people_with
from accountability.services.numbers import next_number, worded
from accountability.services.safekeeping import intact_bytes
from accountability.services.workdays import is_workday
from supervision.models import ReminderPaper, ReminderPaperLine
from supervision.reminders.plans import Plan, plans_on
from supervision.reminders.telling import reached_by
from supervision.reminders.text import sheet_of, title_of, word_of
from supervision.services.letters import head_of

FREEZE = "freeze_reminder_paper"


@dataclass
class Draft:
    """One paper about to be written: to whom, about what, with copies to which capacities."""

    kind: str
    organisation: Organisation
    post: Post
    duties: list[Duty] = field(default_factory=list)
    capacities: set[str] = field(default_factory=set)


# ── 发函 ─────────────────────────────────────────────────────────────────────────────────────


def issue(on: date) -> int:
    """发函: every paper the rules ask for on ``on``; returns how many went out."""
    if not is_workday(on):
        return 0
    return sum(_issue(draft, on) for draft in _drafts(on))


def _drafts(on: date) -> Iterable[Draft]:
    drafts: dict[tuple, Draft] = {}
    heads: dict[int, Post | None] = {}
    for plan in plans_on(on):
        for duty in _due(plan, on):
            unit = _unit_of(duty.organisation)
            if unit and unit.pk not in heads:
                heads[unit.pk] = head_of(unit)
            post = (heads[unit.pk] if unit else None) or duty.owner
            step = plan.at(duty.reached)
            key = step.paper, unit.pk if unit else duty.organisation_id, post.pk
            draft = drafts.setdefault(key, Draft(step.paper, unit or duty.organisation, post))
            draft.duties.append(duty)
            draft.capacities.update(step.audience)
    return drafts.values()


def _due(plan: Plan, on: date) -> Iterator[Duty]:
    """Duties that have reached a step with a paper and stand in none for it or for a later one."""
    steps = [each.step for each in plan.steps if each.paper]
    if plan.is_confidential or not steps:
        return iter(())
    rows = reached_by(plan, on).filter(reached__in=steps).exclude(_lined())
    related = rows.select_related("organisation__parent", "owner__organisation__parent")
    return related.order_by("due_on", "pk").iterator(chunk_size=500)


def _lined() -> Exists:
    same = ReminderPaperLine.objects.filter(duty=OuterRef("pk"), due_on=OuterRef("due_on"))
    return Exists(same.filter(step__lte=OuterRef("reached")))


def _unit_of(organisation: Organisation) -> Organisation | None:
    """The unit a duty is written to; none for what the school or the commission itself owes."""
    if organisation.kind == Organisation.Kind.BRANCH:
        return organisation.parent
    return organisation if organisation.is_unit else None


@transaction.atomic
def _issue(draft: Draft, on: date) -> int:
    """The post is the lock: of two sweeps at once the second finds the paper of the day, and writes none."""
    Post.objects.select_for_update(no_key=True, of=("self",)).get(pk=draft.post.pk)
    same = {"kind": draft.kind, "organisation": draft.organisation, "post": draft.post, "issued_on": on}
    if ReminderPaper.objects.filter(**same).exists():
        return 0
    by, now = Person.objects.system(), timezone.now()
    number = next_number(f"reminder-paper-{draft.kind}", on.year)
    paper = ReminderPaper(
        number=worded(word_of(draft.kind), on.year, number),
        issued_at=now,
        copies_to="、".join(_copies(draft, on))[:300],
        **same,
    )
    paper.full_clean()
    save_as(paper, by=by, reason="按提醒规则发函")
    lines = [
        ReminderPaperLine(
            paper=paper,
            duty=duty,
            due_on=duty.due_on,
            step=duty.reached,
            title=f"{duty.number} {duty.title}",
            owner_title=duty.owner.full_title,
        )
        for duty in draft.duties
    ]
    create_with_history(lines, by=by, reason="按提醒规则发函")
    paper.job, _ = jobs.queue(FREEZE, str(paper.pk), by=by)
    save_as(paper, by=by, reason="交付排版")
    _tell(paper, len(lines))
    return 1


def _copies(draft: Draft, on: date) -> Iterator[str]:
    """抄送 along the chain, as far as the step has told it."""
    if Capacity.LEADER in draft.capacities:
        led = (
            Portfolio.objects.in_force(on).filter(organisation=draft.organisation).select_related("post__organisation")
        )
        yield from dict.fromkeys(portfolio.post.full_title for portfolio in led.order_by("post__rank", "pk"))
    for capacity in (Capacity.SECRETARY, Capacity.COMMISSION):
        if capacity in draft.capacities:
            yield capacity.label


def _tell(paper: ReminderPaper, count: int) -> None:
    people = holders(paper.post, paper.issued_on)
    if paper.is_to_unit:
        people = [*people, *people_with("confirm_record", paper.organisation)]
    notify(
        people,
        kind=Notice.Kind.SUPERVISION,
        title=f"{paper}：{count} 项责任逾期，请签收",
        url=reverse("reminder_paper", args=[paper.pk]),
    )


# ── 签收 ─────────────────────────────────────────────────────────────────────────────────────


def may_acknowledge(user: Person, paper: ReminderPaper) -> bool:
    """签收: who holds the post it is addressed to, or confirms the records of the unit."""
    if paper.post_id in access.posts_of(user):
        return True
    return paper.is_to_unit and access.may(user, "confirm_record", paper.organisation)


@transaction.atomic
def acknowledge(paper: ReminderPaper, *, by: Person) -> ReminderPaper:
    """已阅签收, once."""
    rows = ReminderPaper.objects.select_related("organisation", "post__organisation__parent", "read_by")
    paper = lock_and_read(rows, paper.pk)
    if not may_acknowledge(by, paper):
        raise PermissionDenied(f"这份函由{paper.post.full_title}签收。")
    if paper.read_at:
        raise ValidationError(f"{paper.read_by}已于 {timezone.localdate(paper.read_at)} 签收。")
    paper.read_by, paper.read_at = by, timezone.now()
    save_as(paper, by=by, reason="已阅签收")
    return paper


# ── 纸面 ─────────────────────────────────────────────────────────────────────────────────────


@jobs.runs(FREEZE, "提醒函排版")
def freeze(run: jobs.Run) -> None:
    """排版 in the worker. Safe to repeat: what is frozen stays."""
    related = ("organisation__parent", "post__organisation__parent")
    paper = ReminderPaper.objects.select_related(*related).get(pk=int(run.job.key))
    if paper.pdf:
        return
    run.tell(30, "正在排版")
    lines = list(paper.lines.all())
    for line in lines:
        line.paper = paper
    printed = render_pdf(sheet_of(paper, lines))
    with transaction.atomic():
        paper = ReminderPaper.objects.select_for_update(of=("self",)).get(pk=paper.pk)
        if paper.pdf:
            return  # another worker was quicker
        paper.pdf_sha256, paper.pages = printed.sha256, printed.pages
        paper.pdf.save(f"{paper.pk}.pdf", ContentFile(printed.content), save=False)
        save_as(paper, by=run.job.requested_by, reason=f"PDF {printed.pages} 页已冻结")


def pdf_of(paper: ReminderPaper) -> bytes:
    if not paper.pdf:
        raise ValidationError("正在排版，请稍候刷新。")
    return intact_bytes(paper.pdf, paper.pdf_sha256, "函的 PDF")


@transaction.atomic
def order_again(paper: ReminderPaper, *, by: Person) -> ReminderPaper:
    """重新排版, when the job failed."""
    if not access.may_manage_duties(by):
        raise PermissionDenied("由党委办公室办理。")
    paper = ReminderPaper.objects.select_for_update(of=("self",)).get(pk=paper.pk)
    if paper.pdf:
        raise ValidationError("PDF 已冻结，不必重新排版。")
    paper.job, _ = jobs.queue(FREEZE, str(paper.pk), by=by)
    save_as(paper, by=by, reason="重新排版")
    return paper


@frozen_papers
def issued_paper(sha256: str, user: Person) -> FrozenPaper | None:
    """核验: a paper by the hash of its PDF."""
    paper = ReminderPaper.objects.filter(pdf_sha256=sha256).exclude(pdf_sha256="").first()
    if paper is None:
        return None
    may_open = ReminderPaper.objects.visible_to(user).filter(pk=paper.pk).exists()
    url = reverse("reminder_paper", args=[paper.pk]) if may_open else ""
    return FrozenPaper(title_of(paper), paper.number, paper.issued_on, url)
