"""会议的演示: one to come that everybody was called to, one being prepared, one closed whose resolutions are under way (三（一）)."""

from datetime import date, time

from accountability.models import ActKind, Duty, Organisation, Person, Post, Role, Tenure
from accountability.services import records
from meetings.models import Meeting
from meetings.services import planning, recording, resolutions
from supervision.demo.accounts import OUR_COLLEGE
from supervision.demo.clock import moment, standing_at

YEAR = 2026


def lay(until: date) -> None:
    """Everything whose day has come by ``until``."""
    for day, scene in ((date(2026, 11, 17), _closed), (date(2026, 11, 19), _called), (date(2026, 11, 20), _prepared)):
        if day <= until:
            with standing_at(moment(day, 10, 20)):
                scene(day)


def _account(username: str) -> Person:
    return Person.objects.get(username=username)


def _school() -> Organisation:
    return Organisation.objects.get(kind=Organisation.Kind.SCHOOL)


def _open(code: str, organisation: Organisation) -> list[Duty]:
    owed = Duty.objects.open().of_year(YEAR).filter(organisation=organisation, obligation__code=code)
    return list(owed.order_by("occurrence")[:1])


def _plan(by: Person, code: str, organisation: Organisation, title: str, day: date, **facts) -> Meeting:
    given = {"by": by, "organisation": organisation, "work_year": YEAR, "title": title, "day": day}
    return planning.plan_meeting(act=ActKind.objects.get(code=code), **given | facts)


def _closed(day: date) -> None:
    """An N meeting of this week: its two resolutions are duties now, and will be asked after at the next one."""
    office, secretary = _account("office"), _account("secretary")
    meeting = _plan(
        office,
        "committee-meeting",
        _school(),
        "党委会议：研究采购验收专项治理",
        day,
        starts_at=time(8, 30),
        ends_at=time(10, 0),
        place="行政楼第一会议室",
        chair=secretary,
        trigger="上级党委关于开展采购领域专项治理的通知",
    )
    planning.add_item(meeting, by=office, title="采购验收专项治理方案", presenter="资产管理处", minutes_planned=40)
    planning.convene(meeting, by=office)
    everybody = list(meeting.participants.all())
    answers = {row.pk: {"answer": "present"} for row in everybody}
    answers[everybody[-1].pk] = {"answer": "leave", "reason": "因公出差"}
    planning.take_attendance(meeting, answers, by=office)
    item = meeting.items.get()
    recording.save_minutes(
        meeting,
        by=office,
        revision=0,
        minutes="会议传达通知精神，审议专项治理方案，要求对照问题清单逐项核查，结果报党委。",
        items={
            item.pk: {"is_dealt_with": True, "report": "资产管理处汇报方案要点。", "discussion": "同意按方案推进。"}
        },
    )
    finance = Post.objects.filter(organisation__name="财务处", role=Role.UNIT_SECRETARY).first()
    member = Post.objects.filter(pk__in=_posts_of("member")).first()
    for text, owner, due_on in (
        ("完成三年以上往来款核查并报党委", finance, date(2026, 12, 18)),
        ("牵头修订采购验收管理办法", member, date(2026, 12, 25)),
    ):
        resolutions.add_resolution(meeting, by=office, text=text, owner=owner, due_on=due_on)
    meeting = recording.hand_in(meeting, by=office)
    records.decide(meeting.record, "accept", by=secretary)


def _posts_of(username: str):
    return Tenure.objects.filter(person__username=username, ended_on=None).values("post")


def _called(day: date) -> None:
    """The third warning meeting of the year: everybody has his notice."""
    office, school = _account("office"), _school()
    meeting = _plan(
        office,
        "warning-meeting",
        school,
        f"{YEAR}年第3次警示教育大会",
        date(2026, 12, 9),
        starts_at=time(14, 0),
        ends_at=time(16, 0),
        place="大礼堂",
        chair=_account("secretary"),
        duties=_open("warning-meetings", school),
    )
    planning.add_item(meeting, by=office, title="通报典型案例", presenter="纪委书记", minutes_planned=40)
    planning.add_item(meeting, by=office, title="党委书记讲话", presenter="党委书记", minutes_planned=30)
    planning.convene(meeting, by=office)


def _prepared(day: date) -> None:
    """The college's second special meeting, with a date and no notice yet."""
    college = Organisation.objects.get(name=OUR_COLLEGE, kind=Organisation.Kind.COLLEGE)
    _plan(
        _account("liaison"),
        "unit-special-meeting",
        college,
        f"{OUR_COLLEGE}{YEAR}年第2次全面从严治党专题会议",
        date(2026, 12, 2),
        starts_at=time(9, 0),
        place="学院会议室",
        chair=_account("unit_secretary"),
        duties=_open("unit-special-meetings", college),
    )
