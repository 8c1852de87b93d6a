"""廉洁意见: ask for a list, check each archive, approve by another, reply under a number as a frozen paper (二（二）).

The row of the opinion is the lock. Whoever is on the list, or related to one who is, takes no part in it.
"""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accountability.locking import lock_and_read
from accountability.models import (
    ActKind,
    Clause,
    Duty,
    Notice,
    Organisation,
    Person,
    Post,
    Record,
    Role,
    WorkYear,
)
from accountability.models.history import save_as
from accountability.own_pages import Occasion, OwnPage, recorded_elsewhere
from accountability.papers.sheet import render_pdf
from accountability.services import jobs
from accountability.services.duties import assign, ways_of
from accountability.services.notices import notify
from accountability.services.numbers import next_number, worded
from accountability.services.records import counting_rule, file_proof
from accountability.services.safekeeping import intact_bytes
from supervision.archives.access import APART, KEEPERS, approvers, asking_units, is_keeper, keepers, keeps_apart
from supervision.archives.cadres import posts_in_words
from supervision.archives.workflow import OPINION_TRANSITIONS, checks, is_near
from supervision.models import Archive, ArchiveOpening, OpeningPurpose, Opinion, OpinionCadre
from supervision.opinions.text import sheet_of
from supervision.services.archives import establish
from supervision.services.openings import open_archive

if TYPE_CHECKING:
    from accountability.papers.printing import Paper

ACT, CLAUSE = "integrity-opinion", "2.2"
ISSUE = "reply_opinion"
WORDS_AT_LEAST = 4
NOTES_AT_LEAST = 4
DUTY_TITLE = "回复廉洁意见征求"
FULFILLED_WHEN = "逐人查核廉政档案，经另一人审核后书面回复。"
S, Conclusion = Opinion.State, OpinionCadre.Conclusion


def _where_to_reply(occasion: Occasion) -> str:
    asked = Opinion.objects.filter(duty=occasion.duty).first() if occasion.duty else None
    return reverse("opinion", args=[asked.pk]) if asked else reverse("opinions")


# A record leads nowhere: who reads it need not know whom it was about.
recorded_elsewhere(ACT, OwnPage("看廉洁意见", _where_to_reply, lambda record: ""))


@ways_of
def ways_to_reply(duty: Duty) -> list[str]:
    return [ACT] if Opinion.objects.filter(duty=duty).exists() else []


@counting_rule
def refusal_of_other_acts(record: Record, duty: Duty) -> str:
    """A duty to reply is done by replying."""
    if record.act.code == ACT or not Opinion.objects.filter(duty=duty).exists():
        return ""
    return "这项责任以回复廉洁意见的方式完成。"


# ── 征求 ─────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def ask(
    *, by: Person, organisation: Organisation, purpose: str, words: str, due_on: date, people: Sequence[Person]
) -> Opinion:
    """征求廉洁意见 for a list; the commission owes the answer by the day, as a duty that names nobody."""
    if organisation.pk not in asking_units(by):
        raise PermissionDenied("廉洁意见由组织部或党委办公室征求。")
    _check(by, words, due_on, people)
    commission = Organisation.objects.get(kind=Organisation.Kind.COMMISSION)
    year = _year_of(due_on)
    duty = assign(
        title=DUTY_TITLE,
        organisation=commission,
        owner=_owner(),
        work_year=year.year,
        due_on=due_on,
        by=Person.objects.system(),  # its history is read where nobody need know who asked
        clause=Clause.objects.filter(regulation=year.regulation_id, key=CLAUSE).first(),
        requirement=FULFILLED_WHEN,
    )
    opinion = Opinion(
        purpose=purpose,
        words=words.strip(),
        organisation=organisation,
        asked_by=by,
        asked_at=timezone.now(),
        due_on=due_on,
        work_year=year,
        duty=duty,
    )
    opinion.full_clean()
    save_as(opinion, by=by, reason="征求廉洁意见")
    for rank, person in enumerate(people, 1):
        held = posts_in_words(person, timezone.localdate())[:200]
        save_as(OpinionCadre(opinion=opinion, person=person, rank=rank, post_words=held), by=by, reason="列入名单")
    _tell(keepers(but=[one.pk for one in people]), opinion, Notice.Kind.TO_CONFIRM, "一件廉洁意见待查核", by=by)
    return opinion


def _check(by: Person, words: str, due_on: date, people: Sequence[Person]) -> None:
    errors = {}
    today = timezone.localdate()
    if len(words.strip()) < WORDS_AT_LEAST:
        errors["words"] = f"请写明事项，至少 {WORDS_AT_LEAST} 个字。"
    if not today < due_on <= date(today.year + 1, 12, 31):
        errors["due_on"] = f"答复期限须晚于今天，不晚于 {today.year + 1} 年底。"
    if not people:
        errors["names"] = "请写明人选，每行一人。"
    elif len({one.pk for one in people}) != len(people):
        errors["names"] = "名单中有重复的人选。"
    elif keeps_apart(by, [one.pk for one in people]):
        errors["names"] = "名单中有您本人或与您有回避关系的同志，请由本单位其他同志提出。"
    if errors:
        raise ValidationError(errors)


def _year_of(due_on: date) -> WorkYear:
    """The open working year of the day, or the one nearest to it."""
    years = list(WorkYear.objects.filter(closed_on=None))
    if not years:
        raise ValidationError("没有开启的工作年度，征求不能列入责任台账；请先由党委办公室开启年度。")
    return min(years, key=lambda year: (abs(year.year - due_on.year), -year.year))


def _owner() -> Post:
    """Who answers for the 纪委's duties, as at the opening of a year: the first of its posts that is held."""
    posts = Post.objects.filter(role=Role.DISCIPLINE, abolished_on=None).order_by("rank", "pk")
    post = posts.filled(timezone.localdate()).first() or posts.first()
    if post is None:
        raise ValidationError("纪委还没有岗位，无人答复；请先在组织与岗位中设立。")
    return post


def _tell(people: list[Person], opinion: Opinion, kind: str, title: str, *, by: Person, body: str = "") -> None:
    """No name is ever said in a notice: it goes out by mail."""
    url = reverse("opinion", args=[opinion.pk])
    notify({one.pk: one for one in people if one != by}.values(), kind=kind, title=title, body=body, url=url)


# ── 查核 ─────────────────────────────────────────────────────────────────────────────────────


def _locked(opinion: Opinion) -> Opinion:
    related = ("organisation", "asked_by", "duty", "job", "work_year")
    return lock_and_read(Opinion.objects.select_related(*related), opinion.pk)


def _under_check(cadre: OpinionCadre, *, by: Person) -> OpinionCadre:
    """The locked line of a list that is being checked, once ``by`` may check it."""
    if not is_keeper(by):
        raise PermissionDenied(KEEPERS)
    opinion = _locked(cadre.opinion)
    if is_near(by, opinion):
        raise PermissionDenied(APART)
    if opinion.state != S.ASKED:
        raise ValidationError(f"这件意见当前是「{opinion.get_state_display()}」，不能再查核；要改的先退回重新查核。")
    cadre = lock_and_read(OpinionCadre.objects.select_related("person"), cadre.pk)
    cadre.opinion = opinion
    return cadre


@transaction.atomic
def open_for_check(cadre: OpinionCadre, *, by: Person) -> ArchiveOpening:
    """打开档案查核: logged with its purpose by itself; one who has no archive yet gets it first."""
    cadre = _under_check(cadre, by=by)
    archive = Archive.objects.filter(person=cadre.person).first() or establish([cadre.person], by=by)[0]
    # Not the matter: the register is read also by keepers who must keep apart from this list.
    words = f"廉洁意见查核（{cadre.opinion.get_purpose_display()}）"
    return open_archive(archive, by=by, purpose=OpeningPurpose.APPOINTMENT, words=words, cadre=cadre)


@transaction.atomic
def conclude(cadre: OpinionCadre, *, by: Person, conclusion: str, statement: str = "", notes: str = "") -> OpinionCadre:
    """登记结论 of one: by who opened the archive for it; the statement goes into the reply, the notes never do."""
    cadre = _under_check(cadre, by=by)
    errors = {}
    if conclusion not in Conclusion.values:
        errors["conclusion"] = "请选择结论。"
    if conclusion in (Conclusion.EXPLAINED, Conclusion.DEFER) and len(statement.strip()) < WORDS_AT_LEAST:
        errors["statement"] = f"请写明回复中的说明，至少 {WORDS_AT_LEAST} 个字。"
    if len(notes.strip()) < NOTES_AT_LEAST:
        errors["notes"] = f"请写明查核了什么，至少 {NOTES_AT_LEAST} 个字。"
    if errors:
        raise ValidationError(errors)
    if conclusion != Conclusion.RECUSED and not cadre.openings.filter(opened_by=by).exists():
        raise ValidationError("请先打开这位同志的档案查核，再登记结论。")
    cadre.conclusion, cadre.statement, cadre.notes = conclusion, statement.strip(), notes.strip()
    cadre.checked_by, cadre.checked_at = by, timezone.now()
    cadre.full_clean()
    save_as(cadre, by=by, reason=f"查核结论：{cadre.get_conclusion_display()}")
    return cadre


# ── 审核、回复 ───────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def perform(opinion: Opinion, name: str, *, by: Person, reason: str = "") -> Opinion:
    """提交审核、审核并回复、退回、撤回. Two at once have one winner."""
    transition = OPINION_TRANSITIONS[name]
    opinion = _locked(opinion)
    reason = transition.checked(opinion, by=by, reason=reason)
    near = list(opinion.cadres.values_list("person", flat=True))
    if name == "propose":
        if left := opinion.cadres.filter(conclusion="").count():
            raise ValidationError(f"还有 {left} 位同志没有查核结论。")
        opinion.proposed_by, opinion.proposed_on, opinion.reason = by, timezone.localdate(), ""
    elif name == "approve":
        _approve(opinion, by=by)
    else:
        opinion.reason = reason[:300]
        opinion.proposed_by = opinion.proposed_on = None
    opinion.state = transition.target
    opinion.full_clean(exclude=("pdf",))
    save_as(opinion, by=by, reason=f"{transition.label}：{reason}" if reason else transition.label)
    if name == "propose":
        people = [*keepers(but=near), *approvers(but=near)]
        people = [one for one in people if not opinion.is_own_work_of(one)]
        _tell(people, opinion, Notice.Kind.TO_CONFIRM, "一件廉洁意见待审核", by=by)
    elif name == "send_back":
        _tell(keepers(but=near), opinion, Notice.Kind.RETURNED, "一件廉洁意见退回重新查核", by=by)
    elif name == "withdraw":
        _waive(opinion.duty)
    return opinion


def _approve(opinion: Opinion, *, by: Person) -> None:
    """The number is given under the lock, once; the paper is set in the worker."""
    opinion.approved_by, opinion.approved_on = by, timezone.localdate()
    if not opinion.number:
        year = opinion.approved_on.year
        opinion.number = worded(settings.OPINION_WORD, year, next_number(settings.OPINION_WORD, year))
    for cadre in opinion.cadres.select_for_update():
        cadre.approved_by = by
        save_as(cadre, by=by, reason="审核")
    opinion.job, _ = jobs.queue(ISSUE, str(opinion.pk), by=by)


def _waive(duty: Duty) -> None:
    duty = Duty.objects.select_for_update().get(pk=duty.pk)
    if duty.is_open:
        duty.state = Duty.State.WAIVED
        save_as(duty, by=Person.objects.system(), reason="征求撤回，不再要求")


@transaction.atomic
def typeset_again(opinion: Opinion, *, by: Person) -> Opinion:
    """重新排版 what a failed task left without its paper."""
    opinion = _locked(opinion)
    if not (checks(by, opinion) or by.pk == opinion.approved_by_id):
        raise PermissionDenied("重新排版由审核人或管档的同志办理。")
    if opinion.state != S.APPROVED or (opinion.job and opinion.job.is_under_way):
        raise ValidationError("正在排版或已经回复，不用重新排版。")
    opinion.job, _ = jobs.queue(ISSUE, str(opinion.pk), by=by)
    save_as(opinion, by=by, reason="重新排版")
    return opinion


@jobs.runs(ISSUE, "廉洁意见印发")
def issue(run: jobs.Run) -> None:
    """排版回复 in the worker. Safe to repeat: what was replied stays as it was."""
    opinion = Opinion.objects.select_related("organisation").get(pk=int(run.job.key))
    if opinion.state != S.APPROVED:
        return
    run.tell(30, "正在排版")
    today = timezone.localdate()
    paper = render_pdf(sheet_of(opinion, on=today))
    run.tell(95, "正在保存")
    _settle(opinion, paper, today)


@transaction.atomic
def _settle(opinion: Opinion, paper: "Paper", today: date) -> None:
    opinion = _locked(opinion)
    if opinion.state != S.APPROVED:
        return  # another worker was quicker
    by = opinion.approved_by
    if paper.missing:
        _give_back(opinion, paper.missing, by=by)
        return
    opinion.state, opinion.replied_on = S.REPLIED, today
    opinion.pdf_sha256, opinion.pages = paper.sha256, paper.pages
    opinion.pdf.save(f"{opinion.pk}.pdf", ContentFile(paper.content), save=False)
    opinion.record = _record(opinion, by=by)
    save_as(opinion, by=by, reason=f"回复，PDF {paper.pages} 页已冻结")
    title = f"廉洁意见已回复：{opinion.number}"
    _tell([opinion.asked_by], opinion, Notice.Kind.SUPERVISION, title, by=by)


def _record(opinion: Opinion, *, by: Person) -> Record:
    """What the commission did, without names; it fulfils the duty to answer."""
    duty = Duty.objects.get(pk=opinion.duty_id)
    return file_proof(
        by=by,
        organisation=duty.organisation,
        act=ActKind.objects.get(code=ACT),
        work_year=opinion.work_year_id,
        title=f"廉洁意见回复（{opinion.number}）",
        content=f"查核廉政档案后书面回复，共 {opinion.cadres.count()} 人。",
        duties=[duty] if duty.is_open else [],
    )


def _give_back(opinion: Opinion, missing: tuple[str, ...], *, by: Person) -> None:
    """The number stays with it; who approved is asked again after the words were changed."""
    opinion.state, opinion.approved_by, opinion.approved_on = S.CHECKED, None, None
    opinion.reason = f"这些字没有可用的字形，印不出来：{'、'.join(missing[:10])}。请退回查核，换用规范字后重新审核。"
    for cadre in opinion.cadres.select_for_update():
        cadre.approved_by = None
        save_as(cadre, by=by, reason="排版未成")
    save_as(opinion, by=by, reason="排版未成，退回审核")
    _tell([by], opinion, Notice.Kind.RETURNED, "一件廉洁意见没有排版成功", by=Person.objects.system())


def reply_bytes(opinion: Opinion) -> bytes:
    """The frozen PDF, refused when the file on the disk is no longer what was issued."""
    return intact_bytes(opinion.pdf, opinion.pdf_sha256, "回复的 PDF")
