"""筹备: plan, gather, convene, postpone, cancel (三（一）, 三（三）1)."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accountability import access
from accountability.locking import lock_and_read
from accountability.models import ActKind, Duty, Notice, Organisation, Person, Tenure
from accountability.models.history import create_with_history, save_as, update_with_history
from accountability.services import attachments
from accountability.services.notices import notify
from accountability.services.records import open_work_year
from accountability.services.workdays import is_workday, next_workday, own_days
from meetings.models import AgendaItem, AgendaPaper, Meeting, MeetingKind, Participant
from meetings.services.counting import required_items

REASON_AT_LEAST = 4
PARTICIPANTS_AT_MOST = 1000
LOOK_BACK = timedelta(days=14)  # no holiday is longer


def may_keep(user: Person, meeting: Meeting) -> bool:
    """筹备和记录: who keeps the records of the organisation."""
    return access.may(user, "keep_record", meeting.organisation)


def kind_of(act: ActKind) -> MeetingKind | None:
    return MeetingKind.objects.filter(act=act).first()


def locked(meeting: Meeting) -> Meeting:
    return lock_and_read(Meeting.objects.select_related("organisation__parent", "act", "chair", "record"), meeting.pk)


def _to_prepare(meeting: Meeting, *, by: Person) -> Meeting:
    """The locked meeting, which is still to come and which ``by`` keeps."""
    meeting = locked(meeting)
    if not may_keep(by, meeting):
        raise PermissionDenied(f"只有{meeting.organisation.full_name}的会议记录人员可以筹备这次会议。")
    if not meeting.is_to_come:
        raise ValidationError(f"会议当前是「{meeting.state_words}」，筹备内容和名单不能再改。")
    return meeting


def last_sensible_days(due: Iterable[date]) -> dict[date, date]:
    """最晚召开日: of each day something is due on, the last working day that still counts for it."""
    days = set(due)
    own = own_days(min(days) - LOOK_BACK, max(days)) if days else {}
    return {day: _last_sensible(day, own) for day in days}


def _last_sensible(due_on: date, own: dict[date, bool]) -> date:
    day = due_on
    while not is_workday(day, own) and due_on - day < LOOK_BACK:
        day -= timedelta(days=1)
    return day


@transaction.atomic
def plan_meeting(
    *,
    by: Person,
    organisation: Organisation,
    act: ActKind,
    work_year: int,
    title: str,
    day: date,
    duties: Sequence[Duty] = (),
    copied_from: Meeting | None = None,
    **facts,
) -> Meeting:
    """安排会议: its required items and those it must gather are on the lists from the start."""
    if not access.may(by, "keep_record", organisation):
        raise PermissionDenied("您没有为该单位安排会议的权限。")
    if day < timezone.localdate():
        raise ValidationError({"day": "召开日期已经过去；已召开的会议请用「记录会议」。"})
    meeting = Meeting(
        organisation=organisation,
        act=act,
        work_year=open_work_year(work_year),
        title=title,
        day=day,
        created_by=by,
        created_at=timezone.now(),
        **facts,
    )
    _check(meeting)
    save_as(meeting, by=by, reason="安排会议")
    meeting.counts_for.set(duties)
    _take_items(meeting, copied_from, by=by)
    _take_people(meeting, copied_from, by=by)
    return meeting


def unplanned_duties(organisation: Organisation, act: ActKind, work_year: int) -> dict[int, list[Duty]]:
    """可安排的责任: per obligation the occurrences still open for which no meeting is planned, in order."""
    rows = (
        Duty.objects.open()
        .of_year(work_year)
        .filter(organisation=organisation, bearer_post=None, obligation__acts=act)
        .exclude(planned_meetings__stage__in=Meeting.BEFORE)
        .select_related("obligation", "clause")
        .order_by("obligation__rank", "obligation_id", "occurrence")
    )
    found: dict[int, list[Duty]] = {}
    for duty in rows:
        found.setdefault(duty.obligation_id, []).append(duty)
    return found


EVERY = {"week": "每周", "month": "每月", "quarter": "每季度"}
SERIES_AT_MOST = 24


@transaction.atomic
def plan_series(
    *, by: Person, every: str, times: int, day: date, duties: Sequence[Duty] = (), **facts
) -> list[Meeting]:
    """安排定期会议: the same meeting every week, month or quarter, on working days of the same working year.

    The n-th takes, of each obligation that was chosen, the n-th occurrence still open and not yet planned.
    """
    if every not in EVERY or not 2 <= times <= SERIES_AT_MOST:
        raise ValidationError({"times": f"定期会议一次安排 2 至 {SERIES_AT_MOST} 次。"})
    days = [next_workday(_later(day, every, number)) for number in range(times)]
    year = facts["work_year"]
    if days[-1] > date(year, 12, 31):
        fitting = sum(each <= date(year, 12, 31) for each in days)
        raise ValidationError(
            {"times": f"第 {fitting + 1} 次已到 {days[fitting]}，超出 {year} 年；本年度最多再安排 {fitting} 次。"}
        )
    chosen = {duty.obligation_id for duty in duties}
    open_duties = unplanned_duties(facts["organisation"], facts["act"], year)
    waiting = [rows for obligation, rows in open_duties.items() if obligation in chosen]
    planned = []
    for number, each in enumerate(days):
        mine = [rows[number] for rows in waiting if number < len(rows)]
        title = f"{facts['title']}（{each.month}月{each.day}日）"
        planned.append(plan_meeting(by=by, day=each, duties=mine, **facts | {"title": title[:120]}))
    return planned


def _later(day: date, every: str, number: int) -> date:
    if every == "week":
        return day + timedelta(weeks=number)
    months = day.month - 1 + number * (3 if every == "quarter" else 1)
    year, month = day.year + months // 12, months % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _check(meeting: Meeting) -> None:
    kind = kind_of(meeting.act)
    if kind and kind.asks_trigger and not meeting.trigger.strip():
        raise ValidationError({"trigger": "请写明召开依据：传达哪次上级会议、哪份文件，或因何事项。"})
    if meeting.chair and not meeting.chaired_by:
        meeting.chaired_by = meeting.chair.name
    meeting.full_clean()


def _take_items(meeting: Meeting, former: Meeting | None, *, by: Person) -> None:
    """议程: the required items first, then what last year's meeting dealt with besides."""
    titles = [
        AgendaItem(meeting=meeting, title=item.title, presenter=item.presenter, required=item)
        for item in required_items(meeting.act_id)
    ]
    if former is not None:
        others = former.items.filter(required=None, is_confidential=False)
        titles += [AgendaItem(meeting=meeting, title=item.title, presenter=item.presenter) for item in others]
    for rank, item in enumerate(titles, 1):
        item.rank = rank
    create_with_history(titles, by=by, reason="列入议程")


def _take_people(meeting: Meeting, former: Meeting | None, *, by: Person) -> None:
    kind = kind_of(meeting.act)
    rows = _holders(meeting, kind.gathers_roles) if kind else []
    create_with_history(rows, by=by, reason="按会议类型列入名单")


def _holders(meeting: Meeting, roles: Iterable[str]) -> list[Participant]:
    """应到: who holds such a post on the day; at the school everywhere, in a unit within it. One row a person."""
    tenures = Tenure.objects.in_office(meeting.day).filter(post__role__in=roles, person__is_active=True)
    if meeting.organisation.kind not in (Organisation.Kind.SCHOOL, Organisation.Kind.COMMISSION):
        within = Q(post__organisation__path__startswith=meeting.organisation.path)
        tenures = tenures.filter(within)
    known = set(meeting.participants.values_list("person", flat=True))
    rows = []
    for tenure in tenures.select_related("person", "post__organisation__parent").order_by(
        "post__organisation__path", "post__rank", "pk"
    ):
        if tenure.person_id in known:
            continue
        known.add(tenure.person_id)
        title = tenure.post.full_title[:80]
        rows.append(Participant(meeting=meeting, person=tenure.person, name=tenure.person.name, title=title))
    for rank, row in enumerate(rows, 1):
        row.rank = rank
    return rows


CALLED = ("day", "starts_at", "ends_at", "place")


@transaction.atomic
def change_plan(
    meeting: Meeting, *, by: Person, duties: Sequence[Duty] | None = None, reason: str = "", **facts
) -> Meeting:
    """修改安排. Once the notice is out, another day, time or place is a postponement: it needs a reason and is told."""
    meeting = _to_prepare(meeting, by=by)
    before = {name: getattr(meeting, name) for name in CALLED}
    for name, value in facts.items():
        setattr(meeting, name, value)
    is_moved = any(before[name] != getattr(meeting, name) for name in CALLED)
    if is_moved and meeting.day < timezone.localdate() and meeting.day != before["day"]:
        raise ValidationError({"day": "召开日期不能改到今天以前。"})
    reason = reason.strip()
    if meeting.stage == Meeting.Stage.CONVENED and is_moved:
        if len(reason) < REASON_AT_LEAST:
            raise ValidationError({"reason": f"通知已经发出，改期或换地点请写明原因，至少 {REASON_AT_LEAST} 个字。"})
        meeting.sequence += 1
        meeting.change_reason = reason[:200]
    _check(meeting)
    save_as(meeting, by=by, reason=f"改期：{reason}" if is_moved and reason else "修改会议安排")
    if duties is not None:
        meeting.counts_for.set(duties)
    if meeting.stage == Meeting.Stage.CONVENED and is_moved:
        _tell(meeting, f"会议改期：{meeting.title}", f"{_when(meeting)}。原因：{meeting.change_reason}", but=by)
    return meeting


@transaction.atomic
def convene(meeting: Meeting, *, by: Person) -> Meeting:
    """发会议通知 to everybody on the list who has an account; the calendar file hangs on the meeting's page."""
    meeting = _to_prepare(meeting, by=by)
    if meeting.stage == Meeting.Stage.CONVENED:
        raise ValidationError("通知已经发过；改期会自动通知。")
    lacking = [
        words
        for value, words in (
            (meeting.starts_at, "开始时间"),
            (meeting.place, "地点"),
            (meeting.chaired_by, "主持人"),
            (meeting.participants.exists(), "参会人员"),
        )
        if not value
    ]
    if lacking:
        raise ValidationError(f"还不能发通知，请先补充：{'、'.join(lacking)}。")
    meeting.stage = Meeting.Stage.CONVENED
    save_as(meeting, by=by, reason="发会议通知")
    _tell(meeting, f"会议通知：{meeting.title}", _when(meeting), but=by)
    return meeting


@transaction.atomic
def cancel(meeting: Meeting, *, by: Person, reason: str) -> Meeting:
    """取消会议 with a reason; the row stays, and who was called is told."""
    meeting = _to_prepare(meeting, by=by)
    reason = reason.strip()
    if len(reason) < REASON_AT_LEAST:
        raise ValidationError({"reason": f"请写明取消的原因，至少 {REASON_AT_LEAST} 个字。"})
    was_called = meeting.stage == Meeting.Stage.CONVENED
    meeting.stage, meeting.change_reason = Meeting.Stage.CANCELLED, reason[:200]
    meeting.sequence += 1
    save_as(meeting, by=by, reason=f"取消会议：{reason}")
    if was_called:
        _tell(meeting, f"会议取消：{meeting.title}", f"原因：{meeting.change_reason}", but=by)
    return meeting


def _when(meeting: Meeting) -> str:
    hours = f" {meeting.starts_at:%H:%M}" if meeting.starts_at else ""
    return f"{meeting.day}{hours}　{meeting.place}　主持人 {meeting.chaired_by}"


def _tell(meeting: Meeting, title: str, body: str, *, but: Person) -> None:
    ids = meeting.participants.exclude(person=None).exclude(person=but).values("person")
    people = list(Person.objects.filter(pk__in=ids, is_active=True))
    notify(people, kind=Notice.Kind.MEETING, title=title, body=body, url=reverse("meeting", args=[meeting.pk]))


# ── agenda ───────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def add_item(meeting: Meeting, *, by: Person, admitted: Iterable[Person] = (), **facts) -> AgendaItem:
    """列入议程."""
    meeting = _to_prepare(meeting, by=by)
    last = meeting.items.order_by("-rank").first()
    item = AgendaItem(meeting=meeting, rank=(last.rank if last else 0) + 1, **facts)
    item.full_clean()
    save_as(item, by=by, reason="列入议程")
    if item.is_confidential:
        item.admitted.set(admitted)
    return item


@transaction.atomic
def change_item(item: AgendaItem, *, by: Person, admitted: Iterable[Person] = (), **facts) -> AgendaItem:
    """修改议题; the title of a required item stays what the regulation asks."""
    meeting = _to_prepare(item.meeting, by=by)
    item = AgendaItem.objects.select_for_update(of=("self",)).get(pk=item.pk, meeting=meeting)
    if item.required_id:
        facts.pop("title", None)
        if facts.get("is_confidential"):
            raise ValidationError({"is_confidential": "必议事项不能列为限知事项。"})
    for name, value in facts.items():
        setattr(item, name, value)
    item.full_clean()
    save_as(item, by=by, reason="修改议题")
    item.admitted.set(admitted if item.is_confidential else ())
    return item


@transaction.atomic
def drop_item(item: AgendaItem, *, by: Person) -> None:
    """撤下议题 before the meeting; a required one stays."""
    meeting = _to_prepare(item.meeting, by=by)
    item = AgendaItem.objects.get(pk=item.pk, meeting=meeting)
    if item.required_id:
        raise ValidationError("必议事项不能撤下；没有议到的，会议不计入。")
    item._history_user, item._change_reason = by, "撤下议题"
    item.delete()


@transaction.atomic
def add_papers(item: AgendaItem, files: Iterable[UploadedFile], *, by: Person) -> int:
    """上传会议材料, all or none, examined like every file. The same content twice is kept once."""
    meeting = _to_prepare(item.meeting, by=by)
    item = AgendaItem.objects.select_for_update(of=("self",)).get(pk=item.pk, meeting=meeting)
    return attachments.keep_papers(item, attachments.examine_all(files, by=by), by=by)


@transaction.atomic
def withdraw_paper(paper: AgendaPaper, *, by: Person) -> None:
    """撤回会议材料; the row and the file stay."""
    _to_prepare(paper.item.meeting, by=by)
    paper = AgendaPaper.objects.select_for_update(of=("self",)).get(pk=paper.pk)
    paper.is_withdrawn = True
    save_as(paper, by=by, reason="撤回会议材料")


# ── participants ─────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def invite(meeting: Meeting, *, by: Person, people: Iterable[tuple[Person | None, str, str]], seat: str) -> int:
    """列入名单: (account, name, title) each; whoever is on it already stays as he is. Returns how many were added."""
    meeting = _to_prepare(meeting, by=by)
    known = set(meeting.participants.exclude(person=None).values_list("person", flat=True))
    names = set(meeting.participants.filter(person=None).values_list("name", flat=True))
    last = meeting.participants.count()
    rows = []
    for person, name, title in people:
        if (person and person.pk in known) or (person is None and name in names):
            continue
        known.add(person.pk if person else None)
        names.add(name)
        rank = last + len(rows) + 1
        rows.append(Participant(meeting=meeting, person=person, name=name, title=title[:80], seat=seat, rank=rank))
    if last + len(rows) > PARTICIPANTS_AT_MOST:
        raise ValidationError(f"参会人员最多 {PARTICIPANTS_AT_MOST} 人。")
    create_with_history(rows, by=by, reason="列入名单")
    if meeting.stage == Meeting.Stage.CONVENED and rows:
        called = [row.person for row in rows if row.person and row.person.is_active and row.person != by]
        url = reverse("meeting", args=[meeting.pk])
        notify(called, kind=Notice.Kind.MEETING, title=f"会议通知：{meeting.title}", body=_when(meeting), url=url)
    return len(rows)


@transaction.atomic
def strike(participant: Participant, *, by: Person) -> None:
    """移出名单; its history stays."""
    meeting = _to_prepare(participant.meeting, by=by)
    row = Participant.objects.get(pk=participant.pk, meeting=meeting)
    row._history_user, row._change_reason = by, "移出名单"
    row.delete()


@transaction.atomic
def take_attendance(meeting: Meeting, answers: dict[int, dict], *, by: Person, rest_present: bool = False) -> int:
    """登记到会情况: participant → answer, reason, substitute. Raises naming each person whose reason is missing.

    ``rest_present`` puts down whoever nobody has said anything about. A form that was opened before somebody checked
    in does not undo it: only another answer does.
    """
    meeting = _to_prepare(meeting, by=by)
    fields = ("answer", "reason", "substitute")
    changed, wrong = [], []
    for row in meeting.participants.select_for_update():
        given = answers.get(row.pk, {"answer": row.answer, "reason": row.reason, "substitute": row.substitute})
        if given["answer"] == Participant.Answer.EXPECTED and row.checked_in_at:
            continue
        if given["answer"] == Participant.Answer.EXPECTED and rest_present:
            given = given | {"answer": Participant.Answer.PRESENT}
        if all(getattr(row, name) == given.get(name, "") for name in fields):
            continue
        for name in fields:
            setattr(row, name, given.get(name, "").strip())
        if row.answer in (Participant.Answer.LEAVE, Participant.Answer.ABSENT) and not row.reason:
            wrong.append(f"{row.name}：请写明{row.get_answer_display()}的原因。")
        elif row.answer == Participant.Answer.SUBSTITUTE and not row.substitute:
            wrong.append(f"{row.name}：请写明代会人。")
        elif row.answer not in Participant.Answer.values:
            wrong.append(f"{row.name}：没有这种到会情况。")
        changed.append(row)
    if wrong:
        raise ValidationError(wrong)
    update_with_history(changed, list(fields), by=by, reason="登记到会情况")
    return len(changed)
