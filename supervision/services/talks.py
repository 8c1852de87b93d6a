"""谈话提醒: propose, arrange, hold, confirm, conclude (二（三）, 三（三）3). The row of the talk is the lock.

Notices go to the parties alone and name neither the matter nor that it is a talk: a mail is read over shoulders.
"""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accountability.locking import lock_and_read
from accountability.models import ActKind, Duty, Notice, Person, Role, Tenure, WorkYear
from accountability.models.history import save_as
from accountability.own_pages import Occasion, OwnPage, recorded_elsewhere, with_query
from accountability.services.notices import notify
from accountability.services.numbers import next_number
from accountability.services.records import file_proof
from inspections.models import Finding, Sign
from supervision.access import admitted
from supervision.models import FollowUp, Secret, Talk
from supervision.models.talks import MANNERS, REMINDER
from supervision.talks import access as door
from supervision.talks.workflow import REASON_AT_LEAST, TRANSITIONS

S = Talk.State
SERIES = "谈话"
KNOWN_TO_FEW = "谈话内容按知悉范围保管，不在履责记录中记载。"
ASKS_YOU = "监督工作：有一项安排请您查看"


def _where_to_record(occasion: Occasion) -> str:
    return with_query("talk_new")


# 谈话提醒 is recorded by holding a talk here: an ordinary record would tell the whole school of whom and what.
recorded_elsewhere(REMINDER, OwnPage("", _where_to_record, lambda record: ""))


def tell(people: Iterable[Person], talk: Talk, *, by: Person, title: str = ASKS_YOU) -> None:
    """通知当事人, each of them but who did it."""
    notify(
        [one for one in people if one is not None and one != by and one.is_active],
        kind=Notice.Kind.SUPERVISION,
        title=title,
        url=reverse("talk", args=[talk.pk]),
    )


def locked(talk: Talk) -> Talk:
    related = ("leader", "talker", "person", "entered_by", "person_post__organisation", "organisation", "follow_up")
    return lock_and_read(Talk.objects.select_related(*related), talk.pk)


def _checked(talk: Talk, name: str, *, by: Person, reason: str = "") -> tuple[Talk, str]:
    talk = locked(talk)
    return talk, TRANSITIONS[name].checked(talk, by=by, reason=reason)


# ── 提请、安排 ───────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def enter(
    *,
    by: Person,
    tenure: Tenure,
    kind: str,
    matter: str,
    words: str,
    leader: Person | None = None,
    talker: Person | None = None,
    due_on: date | None = None,
    origin: Sign | Duty | Finding | None = None,
    decided_by: str = "",
    decided_on: date | None = None,
    document_number: str = "",
) -> Talk:
    """安排谈话 in one's own name; or, for who of the commission is admitted, 提请 a leader to arrange it."""
    leader, today = leader or by, timezone.localdate()
    _check_entry(by, leader, tenure, words)
    talk = Talk(
        kind=kind,
        matter=matter,
        words=words.strip(),
        year=today.year,
        organisation=tenure.post.organisation,
        person=tenure.person,
        person_post=tenure.post,
        leader=leader,
        state=S.PROPOSED,
        entered_by=by,
        entered_at=timezone.now(),
        decided_by=decided_by.strip(),
        decided_on=decided_on,
        document_number=document_number.strip(),
    )
    _tie(talk, origin, by=by)
    _check_kind(talk, leader, today)
    if leader == by:
        _arrange(talk, talker or leader, due_on)
    talk.number = f"{today.year}-{next_number(SERIES, today.year)}"
    talk.full_clean()
    save_as(talk, by=by, reason="安排谈话" if leader == by else "提请安排谈话")
    tell([talk.person, talk.talker] if leader == by else [leader], talk, by=by)
    return talk


def _check_entry(by: Person, leader: Person, tenure: Tenure, words: str) -> None:
    if leader != by and not admitted(by, Secret.TALK):
        raise PermissionDenied("提请领导安排谈话，由纪委获准知悉谈话的同志办理。")
    if leader == by and not door.may_arrange(by):
        raise PermissionDenied(door.ARRANGES)
    errors = {}
    if tenure.person_id in (leader.pk, by.pk):
        errors["tenure"] = "不能安排与自己的谈话。"
    elif not door.to_talk_to(leader).filter(pk=tenure.pk).exists():
        errors["tenure"] = f"{tenure.person.name}不在{leader.name}可以安排谈话的范围内。" + door.ARRANGES
    if leader != by and not door.leaders_to_ask().filter(pk=leader.pk).exists():
        errors["leader"] = "请从列表中选择校领导。"
    if len(words.strip()) < REASON_AT_LEAST:
        errors["words"] = f"请写明事由，至少 {REASON_AT_LEAST} 个字；不写线索细节。"
    if errors:
        raise ValidationError(errors)


def _tie(talk: Talk, origin, *, by: Person) -> None:
    """缘起: only what ``by`` may see."""
    if origin is None:
        return
    if not type(origin).objects.visible_to(by).filter(pk=origin.pk).exists():
        raise ValidationError("缘起的事项没有找到，请从您能查看的事项进入。")
    setattr(talk, {Sign: "sign", Duty: "duty", Finding: "finding"}[type(origin)], origin)


def _check_kind(talk: Talk, leader: Person, today: date) -> None:
    """诫勉 is decided elsewhere; here stands by whom, and when, and by which document."""
    facts = {
        "decided_by": talk.decided_by,
        "decided_on": talk.decided_on,
        "document_number": talk.document_number,
    }
    if not MANNERS[talk.kind].decided_elsewhere:
        if any(facts.values()):
            raise ValidationError(
                {name: "只有诫勉才填写决定机关、日期和文号。" for name, value in facts.items() if value}
            )
        return
    errors = {
        name: "诫勉由有权限的党组织决定，请登记决定机关、日期和文号。" for name, value in facts.items() if not value
    }
    if talk.decided_on and talk.decided_on > today:
        errors["decided_on"] = "决定日期不能晚于今天。"
    if not door.reaches_all(leader):
        errors["kind"] = "诫勉由党委书记或者纪委登记。"
    if errors:
        raise ValidationError(errors)


def _arrange(talk: Talk, talker: Person, due_on: date | None) -> None:
    errors, today = {}, timezone.localdate()
    if talker == talk.person:
        errors["talker"] = "不能由本人与自己谈话。"
    elif refusal := door.refusal_of_talker(talker, talk.leader, talk.person_post):
        errors["talker"] = refusal
    if due_on is None or not today <= due_on <= date(today.year + 1, 12, 31):
        errors["due_on"] = f"谈话期限须在今天至 {today.year + 1} 年底之间。"
    if errors:
        raise ValidationError(errors)
    talk.talker, talk.due_on, talk.state, talk.ordered_at = talker, due_on, S.ORDERED, timezone.now()


@transaction.atomic
def order(talk: Talk, *, by: Person, talker: Person, due_on: date) -> Talk:
    """安排 what was proposed."""
    talk, _ = _checked(talk, "order", by=by)
    _arrange(talk, talker, due_on)
    talk.full_clean()
    save_as(talk, by=by, reason="安排谈话")
    tell([talk.person, talk.talker, talk.entered_by], talk, by=by)
    return talk


@transaction.atomic
def decline(talk: Talk, *, by: Person, reason: str) -> Talk:
    """不安排: the proposal is answered; the person it was about never learns of it."""
    talk, reason = _checked(talk, "decline", by=by, reason=reason)
    talk.state, talk.outcome = S.DECLINED, reason[:300]
    save_as(talk, by=by, reason=f"不安排：{reason}")
    tell([talk.entered_by], talk, by=by)
    return talk


@transaction.atomic
def cancel(talk: Talk, *, by: Person, reason: str) -> Talk:
    talk, reason = _checked(talk, "cancel", by=by, reason=reason)
    talk.state, talk.outcome = S.CANCELLED, reason[:300]
    save_as(talk, by=by, reason=f"取消谈话：{reason}")
    tell([talk.person, talk.talker], talk, by=by)
    return talk


# ── 谈话、确认 ───────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def hold(
    talk: Talk,
    *,
    by: Person,
    held_on: date,
    place: str,
    recorder: str,
    issues: str,
    said: str,
    requirements: str = "",
    report_by: date | None = None,
    is_first_form: bool = False,
) -> Talk:
    """登记谈话, once held; until it is confirmed the record may be mended, with its history."""
    talk, _ = _checked(talk, "hold", by=by)
    is_first = talk.state == S.ORDERED
    _check_held(talk, held_on, issues, said, requirements, report_by)
    talk.state, talk.held_on, talk.place, talk.recorder = S.HELD, held_on, place.strip(), recorder.strip()
    talk.issues, talk.said, talk.requirements = issues.strip(), said.strip(), requirements.strip()
    talk.is_first_form, talk.recorded_by = is_first_form, by
    if is_first:
        _keep_record(talk, by=by)
    talk.full_clean()
    save_as(talk, by=by, reason="登记谈话" if is_first else "修改谈话记录")
    set_report(talk, report_by, by=by)
    tell([talk.person], talk, by=by)
    return talk


def _check_held(talk: Talk, held_on: date, issues: str, said: str, requirements: str, report_by: date | None) -> None:
    errors = {}
    today, arranged = timezone.localdate(), timezone.localdate(talk.ordered_at)
    if held_on > today:
        errors["held_on"] = "谈话日期不能晚于今天。"
    elif held_on < arranged:
        errors["held_on"] = f"谈话日期不能早于安排的 {arranged}。"
    for name, text in (("issues", issues), ("said", said)):
        if len(text.strip()) < REASON_AT_LEAST:
            errors[name] = f"至少 {REASON_AT_LEAST} 个字。"
    if report_by and not requirements.strip():
        errors["requirements"] = "定了报告期限的，请写明提出的要求。"
    errors |= refusal_of_day(report_by, after=held_on)
    if errors:
        raise ValidationError(errors)


def refusal_of_day(report_by: date | None, *, after: date) -> dict[str, str]:
    last = timezone.localdate().year + 1
    if report_by is not None and not after < report_by <= date(last, 12, 31):
        return {"report_by": f"报告期限须晚于谈话日期，不晚于 {last} 年底。"}
    return {}


def set_report(talk: Talk, report_by: date | None, *, by: Person) -> None:
    """报告期限: the follow-up stands from the day it is set; as long as nothing was reported the day may move or fall."""
    row = talk.report
    if row is not None and row.state != FollowUp.State.WAITING:
        if report_by != row.due_on:
            raise ValidationError({"report_by": "本人已报告落实情况，报告期限不再改。"})
        return
    if report_by is None:
        if row is not None:
            row._history_user, row._change_reason = by, "不再要求报告"
            row.delete()
            talk.follow_up = None
        return
    if row is not None and row.due_on == report_by:
        return
    reason = "明确报告期限" if row is None else "调整报告期限"
    row = row or FollowUp(talk=talk, owed_by=talk.person)
    row.due_on = report_by
    row.full_clean()
    save_as(row, by=by, reason=reason)
    talk.follow_up = row


def _keep_record(talk: Talk, *, by: Person) -> None:
    """履责纪实 of the leader who held it: that he did, on the day it was entered; whom and what it does not say."""
    posts = [tenure.post for tenure in _leading(talk.talker)]
    year = WorkYear.objects.filter(year=timezone.localdate().year, closed_on=None).first()
    act = ActKind.objects.filter(code=talk.manner.act).first()
    if talk.record_id or not posts or year is None or act is None:
        return
    talk.record = file_proof(
        by=by, organisation=posts[0].organisation, post=posts[0], act=act,
        work_year=year.year, title=act.name, content=KNOWN_TO_FEW,
    )  # fmt: skip


def _leading(person: Person):
    held = Tenure.objects.in_office(timezone.localdate()).filter(person=person)
    return held.filter(post__role__in=(Role.SECRETARY, Role.MEMBER)).select_related("post__organisation")


@transaction.atomic
def confirm(talk: Talk, *, by: Person, words: str = "") -> Talk:
    """确认已知晓 by the talked-to person himself, with what he wishes to say."""
    talk, _ = _checked(talk, "confirm", by=by)
    return _answered(talk, Talk.Answer.KNOWN, words, by=by, reason="本人确认已知晓")


@transaction.atomic
def refuse(talk: Talk, *, by: Person, reason: str) -> Talk:
    """登记本人未予确认: he would not or could not; the record stands with that."""
    talk, reason = _checked(talk, "refuse", by=by, reason=reason)
    return _answered(talk, Talk.Answer.REFUSED, reason, by=by, reason=f"登记本人未予确认：{reason}")


def _answered(talk: Talk, answer: str, words: str, *, by: Person, reason: str) -> Talk:
    talk.state, talk.answer, talk.answer_words = S.CONFIRMED, answer, words.strip()[:300]
    talk.answered_on, talk.answered_by = timezone.localdate(), by
    talk.full_clean()
    save_as(talk, by=by, reason=reason)
    tell([talk.talker, talk.leader, talk.person], talk, by=by)
    return talk


@transaction.atomic
def track(talk: Talk, *, by: Person, requirements: str, report_by: date) -> Talk:
    """明确报告期限 of a talk that was left without one; what is asked is told again."""
    talk, _ = _checked(talk, "track", by=by)
    errors = refusal_of_day(report_by, after=timezone.localdate())
    if talk.report is not None:
        errors["report_by"] = "已经明确过报告期限。"
    if len(requirements.strip()) < REASON_AT_LEAST:
        errors["requirements"] = f"请写明要求，至少 {REASON_AT_LEAST} 个字。"
    if errors:
        raise ValidationError(errors)
    talk.requirements = requirements.strip()
    talk.full_clean()
    save_as(talk, by=by, reason="明确报告期限")
    set_report(talk, report_by, by=by)
    tell([talk.person], talk, by=by)
    return talk


@transaction.atomic
def conclude(talk: Talk, *, by: Person, reason: str) -> Talk:
    """办结: nothing is owed any more."""
    talk, reason = _checked(talk, "conclude", by=by, reason=reason)
    if not talk.is_settled:
        raise ValidationError("落实情况还没有报告并认可，不能办结。")
    talk.state, talk.outcome, talk.concluded_on = S.CONCLUDED, reason[:300], timezone.localdate()
    talk.full_clean()
    save_as(talk, by=by, reason=f"办结：{reason}")
    tell([talk.person, talk.talker], talk, by=by)
    return talk
