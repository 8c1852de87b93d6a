"""谈话: each verb's exits, what the database holds, figures and their rows (二（三）, 三（三）3)."""

from datetime import date, timedelta
from io import BytesIO

import pypdf
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from openpyxl import load_workbook

from accountability.models import Duty, Notice, Record
from supervision.board.indicators import FIGURES
from supervision.models import FollowUp, Talk
from supervision.services import talk_reminders, talk_reports, talks
from supervision.talks.filter import TalkFilter
from tests import cast
from tests.inspections import research
from tests.supervision import talks as made
from tests.test_house import queries

pytestmark = pytest.mark.django_db


def stored(talk: Talk) -> Talk:
    return Talk.objects.select_related("follow_up").get(pk=talk.pk)


# ── 安排 ─────────────────────────────────────────────────────────────────────────────────────


def test_a_talk_lives_from_a_sign_to_its_conclusion(people):
    secretary, head = people["secretary"], people["unit_secretary"]
    sign = research.sign(people["discipline"])
    talk = made.arranged(secretary, head, origin=sign)
    assert (talk.state, talk.talker, talk.organisation.name, talk.sign) == ("ordered", secretary, cast.OURS, sign)
    talk = made.held(talk, secretary)
    assert (talk.state, talk.report.due_on) == ("held", date(2026, 12, 23))
    talk = made.confirmed(talk, head, "以后由我本人每周抽查。")
    assert (talk.state, talk.answer, talk.answered_by) == ("confirmed", "known", head)
    assert made.reported(talk, head).state == "reported"
    assert talk_reports.accept(talk, by=secretary).judged_by == secretary
    talk = talks.conclude(talk, by=secretary, reason="整改到位")
    assert (talk.state, talk.outcome, talk.concluded_on) == ("concluded", "整改到位", cast.TODAY)
    reasons = list(
        Talk.history.filter(id=talk.pk).order_by("history_id").values_list("history_change_reason", flat=True)
    )
    assert reasons == ["安排谈话", "登记谈话", "本人确认已知晓", "办结：整改到位"]


def test_who_may_arrange_with_whom(people):
    head, other = people["unit_secretary"], people["other_secretary"]
    commission = made.admitted(people)
    assert made.arranged(people["secretary"], people["member"])
    assert made.arranged(commission, other)
    assert made.arranged(people["member"], head), "联系单位"
    assert made.arranged(people["member"], people["department"]), "分管部门"
    assert made.arranged(head, people["liaison"])
    assert made.arranged(head, people["branch"]), "a branch of his unit"
    for by, person in ((people["member"], other), (head, other), (head, people["member"]), (head, people["secretary"])):
        with pytest.raises(ValidationError, match="范围内"):
            made.arranged(by, person)
    for who in ("office", "liaison", "branch", "department", "inspector", "sysadmin", "outsider"):
        with pytest.raises(PermissionDenied):
            made.arranged(people[who], head)


def test_who_of_the_commission_is_not_admitted_arranges_nothing(people):
    with pytest.raises(PermissionDenied):
        made.arranged(people["discipline"], people["unit_secretary"])


def test_nobody_talks_to_himself(people):
    with pytest.raises(ValidationError, match="与自己的谈话"):
        made.arranged(people["secretary"], people["secretary"])
    with pytest.raises(ValidationError, match="本人与自己谈话"):
        made.arranged(people["secretary"], people["unit_secretary"], talker=people["unit_secretary"])
    talk = made.arranged(people["secretary"], people["unit_secretary"])
    for column in ("talker", "leader"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Talk.objects.filter(pk=talk.pk).update(**{column: F("person")})


def test_the_talker_is_the_leader_or_one_he_may_name(people):
    talk = made.arranged(people["secretary"], people["liaison"], talker=people["unit_secretary"])
    assert talk.talker == people["unit_secretary"]
    with pytest.raises(ValidationError, match="只能与本单位"):
        made.arranged(people["secretary"], people["other_liaison"], talker=people["unit_secretary"])
    with pytest.raises(ValidationError, match="不在可以指定"):
        made.arranged(people["unit_secretary"], people["liaison"], talker=people["secretary"])


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"words": "无"}, "words"),
        ({"due_on": None}, "due_on"),
        ({"due_on": date(2026, 11, 22)}, "due_on"),
        ({"due_on": date(2028, 1, 1)}, "due_on"),
        ({"decided_by": "学校党委"}, "decided_by"),
        ({"kind": "admonition"}, "document_number"),
        ({"kind": "nonsense"}, "kind"),
    ],
)
def test_what_an_order_must_say(people, facts, field):
    with pytest.raises((ValidationError, KeyError)) as refused:
        made.arranged(people["secretary"], people["unit_secretary"], **facts)
    if isinstance(refused.value, ValidationError):
        assert field in refused.value.message_dict
    assert not Talk.objects.exists()


def test_an_admonition_is_only_recorded(people):
    facts = {
        "kind": "admonition",
        "decided_by": "学校党委",
        "decided_on": cast.TODAY,
        "document_number": "江海委〔2026〕9号",
    }
    talk = made.arranged(people["secretary"], people["unit_secretary"], **facts)
    with pytest.raises(IntegrityError), transaction.atomic():
        Talk.objects.filter(pk=talk.pk).update(document_number="")
    with pytest.raises(ValidationError, match="党委书记或者纪委"):
        made.arranged(people["member"], people["unit_secretary"], **facts)
    with pytest.raises(ValidationError, match="不能晚于今天"):
        tomorrow = cast.TODAY + timedelta(days=1)
        made.arranged(people["secretary"], people["unit_secretary"], **(facts | {"decided_on": tomorrow}))


def test_an_origin_is_what_one_may_see(people):
    theirs = research.sign(people["discipline"], cast.THEIRS)
    with pytest.raises(ValidationError, match="缘起"):
        made.arranged(people["unit_secretary"], people["liaison"], origin=theirs)
    duty = Duty.objects.filter(organisation__name=cast.OURS).first()
    assert made.arranged(people["unit_secretary"], people["liaison"], origin=duty).duty == duty


def test_the_commission_proposes_and_the_leader_decides(people):
    commission = made.admitted(people)
    talk = made.arranged(commission, people["unit_secretary"], leader=people["secretary"], due_on=None)
    assert (talk.state, talk.talker, talk.due_on) == ("proposed", None, None)
    assert not Notice.objects.filter(recipient=people["unit_secretary"]).exists()
    with pytest.raises(PermissionDenied):
        talks.order(talk, by=commission, talker=commission, due_on=date(2026, 12, 1))
    talk = talks.order(talk, by=people["secretary"], talker=people["member"], due_on=date(2026, 12, 1))
    assert (talk.state, talk.talker) == ("ordered", people["member"])
    assert Notice.objects.filter(recipient=people["unit_secretary"]).count() == 1
    other = made.arranged(commission, people["unit_secretary"], leader=people["secretary"], due_on=None)
    with pytest.raises(ValidationError, match="至少 4 个字"):
        talks.decline(other, by=people["secretary"], reason="不")
    assert talks.decline(other, by=people["secretary"], reason="已另行谈心").state == "declined"
    assert not Notice.objects.filter(recipient=people["unit_secretary"], url=f"/oversight/talks/{other.pk}/").exists()


def test_only_the_admitted_propose_and_only_to_who_may(people):
    with pytest.raises(PermissionDenied):
        made.arranged(people["unit_secretary"], people["liaison"], leader=people["secretary"])
    commission = made.admitted(people)
    with pytest.raises(ValidationError, match="范围内"):
        made.arranged(commission, people["other_secretary"], leader=people["member"], due_on=None)
    with pytest.raises(ValidationError, match="校领导"):
        made.arranged(commission, people["liaison"], leader=people["unit_secretary"], due_on=None)


def test_a_talk_is_cancelled_by_who_arranged_it(people):
    talk = made.arranged(people["secretary"], people["unit_secretary"], talker=people["member"])
    for who in ("member", "unit_secretary", "office"):
        with pytest.raises(PermissionDenied):
            talks.cancel(talk, by=people[who], reason="情况已变化")
    assert talks.cancel(talk, by=people["secretary"], reason="情况已变化").state == "cancelled"
    with pytest.raises(ValidationError, match="已取消"):
        made.held(talk, people["secretary"])


# ── 谈话、确认 ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"held_on": date(2026, 11, 24)}, "held_on"),
        ({"held_on": date(2026, 11, 20)}, "held_on"),
        ({"issues": " "}, "issues"),
        ({"said": ""}, "said"),
        ({"place": ""}, "place"),
        ({"requirements": ""}, "requirements"),
        ({"report_by": date(2026, 11, 23)}, "report_by"),
        ({"report_by": date(2029, 1, 1)}, "report_by"),
    ],
)
def test_what_a_record_must_say(people, facts, field):
    talk = made.arranged(people["secretary"], people["unit_secretary"])
    with pytest.raises(ValidationError) as refused:
        made.held(talk, people["secretary"], **facts)
    told = refused.value.message_dict
    assert field in told or "须有" in "".join(sum(told.values(), []))
    assert (stored(talk).state, FollowUp.objects.count(), Record.objects.filter(act__code="reminder-talk").count()) == (
        "ordered", 0, 0,
    )  # fmt: skip


def test_who_records_and_who_confirms(people):
    talk = made.arranged(people["secretary"], people["unit_secretary"], talker=people["member"])
    for who in ("unit_secretary", "office", "discipline"):
        with pytest.raises(PermissionDenied):
            made.held(talk, people[who])
    made.held(talk, people["member"])
    for who in ("member", "secretary", "liaison"):
        with pytest.raises(PermissionDenied):
            made.confirmed(talk, people[who])
    assert made.confirmed(talk, people["unit_secretary"]).answer == "known"
    with pytest.raises(ValidationError, match="已确认"):
        made.held(talk, people["member"])


def test_until_it_is_confirmed_the_record_may_be_mended(people):
    talk = made.held(made.arranged(people["secretary"], people["unit_secretary"]), people["secretary"])
    talk = made.held(talk, people["secretary"], place="会议室", report_by=date(2026, 12, 30))
    assert (talk.place, talk.report.due_on, FollowUp.objects.count()) == ("会议室", date(2026, 12, 30), 1)
    talk = made.held(talk, people["secretary"], report_by=None)
    assert stored(talk).report is None
    assert FollowUp.history.filter(history_type="-").count() == 1
    assert Record.objects.filter(act__code="reminder-talk").count() == 1, "mended is not held again"


def test_a_refusal_is_recorded_by_the_talker_and_says_how(people):
    talk = made.held(made.arranged(people["secretary"], people["unit_secretary"]), people["secretary"])
    with pytest.raises(PermissionDenied):
        talks.refuse(talk, by=people["unit_secretary"], reason="本人不愿确认")
    with pytest.raises(ValidationError, match="至少 4 个字"):
        talks.refuse(talk, by=people["secretary"], reason="")
    talk = talks.refuse(talk, by=people["secretary"], reason="本人出国访学，未能登录确认")
    assert (talk.state, talk.answer, talk.answered_by) == ("confirmed", "refused", people["secretary"])
    for answer, by in (("known", people["secretary"]), ("refused", people["unit_secretary"])):
        with pytest.raises(IntegrityError), transaction.atomic():
            Talk.objects.filter(pk=talk.pk).update(answer=answer, answered_by=by)


def test_the_database_keeps_a_talk_whole(people):
    talk = made.in_full(people)
    for broken in ({"place": ""}, {"held_on": None}, {"answer": ""}, {"state": "concluded"}, {"due_on": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Talk.objects.filter(pk=talk.pk).update(**broken)


def test_a_leaders_reminder_is_a_record_that_names_nobody(people):
    talk = made.in_full(people)
    record = talk.record
    assert (record.post.role, record.state, record.act.code) == ("secretary", "accepted", "reminder-talk")
    told = f"{record.title}{record.content}"
    assert not [word for word in ("沈若愚", "会计", "值班", made.ISSUES) if word in told]
    heart = made.held(made.arranged(people["secretary"], people["member"], kind="heart"), people["secretary"])
    assert heart.record is None
    own = made.held(made.arranged(people["unit_secretary"], people["liaison"]), people["unit_secretary"])
    assert own.record is None, "the regulation counts the talks of the secretary and the members"


# ── 跟踪 ─────────────────────────────────────────────────────────────────────────────────────


def test_a_report_comes_after_the_confirmation(people):
    talk = made.held(made.arranged(people["secretary"], people["unit_secretary"]), people["secretary"])
    with pytest.raises(ValidationError, match="先确认"):
        made.reported(talk, people["unit_secretary"])
    assert not Talk.objects.waiting_for(people["secretary"]).exists()


def test_a_report_is_owed_by_the_person_and_judged_by_another(people):
    talk = made.in_full(people)
    for who in ("secretary", "liaison", "office"):
        with pytest.raises(PermissionDenied):
            made.reported(talk, people[who])
    with pytest.raises(ValidationError, match="至少 10 个字"):
        made.reported(talk, people["unit_secretary"], "已改")
    with pytest.raises(ValidationError, match="待报落实情况"):
        talk_reports.accept(talk, by=people["secretary"])
    with pytest.raises(ValidationError, match="还没有报告"):
        talks.conclude(talk, by=people["secretary"], reason="整改到位")
    made.reported(talk, people["unit_secretary"])
    with pytest.raises(PermissionDenied):
        talk_reports.accept(talk, by=people["unit_secretary"])
    row = talk_reports.send_back(
        talk, by=people["secretary"], reason="没有写明抽查结果和今后的安排。", report_by=date(2027, 1, 8)
    )
    assert (row.state, row.turns, row.due_on) == ("sent_back", 1, date(2027, 1, 8))
    made.reported(talk, people["unit_secretary"])
    row = talk_reports.accept(talk, by=people["secretary"])
    with pytest.raises(IntegrityError), transaction.atomic():
        FollowUp.objects.filter(pk=row.pk).update(judged_by=F("owed_by"))
    with pytest.raises(PermissionDenied):
        talks.conclude(talk, by=people["unit_secretary"], reason="整改到位")


def test_a_day_may_be_set_later_once(people):
    talk = made.held(made.arranged(people["secretary"], people["unit_secretary"]), people["secretary"], report_by=None)
    made.confirmed(talk, people["unit_secretary"])
    with pytest.raises(ValidationError, match="报告期限"):
        talks.track(talk, by=people["secretary"], requirements=made.REQUIRED, report_by=cast.TODAY)
    talk = talks.track(talk, by=people["secretary"], requirements=made.REQUIRED, report_by=date(2026, 12, 1))
    assert talk.report.state == "waiting"
    with pytest.raises(ValidationError, match="已经明确过"):
        talks.track(talk, by=people["secretary"], requirements=made.REQUIRED, report_by=date(2026, 12, 2))


def test_follow_up_is_no_duty(people):
    before = Duty.objects.count()
    made.in_full(people)
    assert Duty.objects.count() == before


def test_reminders_go_to_whose_turn_it_is_and_name_nothing(people, clock):
    talk = made.arranged(
        people["secretary"], people["unit_secretary"], talker=people["member"], due_on=date(2026, 12, 1)
    )
    Notice.objects.all().delete()
    talk_reminders.sweep(cast.TODAY)
    assert talk_reminders.sweep(cast.TODAY) == 0, "a second run tells nothing twice"
    told = Notice.objects.all()
    assert {notice.recipient for notice in told} == {people["member"]}
    talk = made.held(talk, people["member"])
    made.confirmed(talk, people["unit_secretary"])
    Notice.objects.all().delete()
    assert talk_reminders.sweep(date(2026, 12, 24)) == 1
    notice = Notice.objects.get()
    assert (notice.recipient, notice.step, notice.title) == (
        people["unit_secretary"],
        -1,
        "监督工作：有一项安排已过期限",
    )


def test_no_notice_names_the_matter_or_goes_to_another(people):
    commission = made.admitted(people)
    Notice.objects.all().delete()
    talk = made.arranged(commission, people["unit_secretary"], leader=people["secretary"], due_on=None)
    talks.order(talk, by=people["secretary"], talker=people["member"], due_on=date(2026, 12, 1))
    made.held(talk, people["member"])
    made.confirmed(talk, people["unit_secretary"])
    made.reported(talk, people["unit_secretary"])
    talk_reports.send_back(talk, by=people["member"], reason="没有写明抽查结果和今后的安排。")
    parties = {people[who].pk for who in ("secretary", "member", "unit_secretary", "discipline")}
    for notice in Notice.objects.filter(url__startswith="/oversight/talks/"):
        assert notice.recipient_id in parties
        told = notice.title + notice.body
        assert not [word for word in ("谈话", "沈若愚", "值班", "作风", "会计", "纪委") if word in told], told


# ── 页面 ─────────────────────────────────────────────────────────────────────────────────────

ORDER = {"kind": "remind", "matter": "conduct", "words": made.SECRET_WORDS, "due_on": "2026-11-30"}
HELD = {
    "held_on": "2026-11-23", "place": "书记办公室", "recorder": "秦文舒", "issues": made.ISSUES, "said": made.SAID,
    "requirements": made.REQUIRED, "report_by": "2026-12-23",
}  # fmt: skip


def test_the_life_of_a_talk_through_the_pages(login, people):
    sign = research.sign(people["discipline"])
    client = login("secretary")
    assert f"/oversight/talks/new/?sign={sign.pk}" in client.get(f"/research/signs/{sign.pk}/").content.decode()
    tenure = made.tenure_of(people["unit_secretary"]).pk
    refused = client.post(f"/oversight/talks/new/?sign={sign.pk}", ORDER | {"tenure": tenure, "due_on": ""})
    assert refused.status_code == 400
    assert made.SECRET_WORDS in refused.content.decode(), "what was typed is kept"
    path = client.post(f"/oversight/talks/new/?sign={sign.pk}", ORDER | {"tenure": tenure})["Location"]
    assert client.post(f"{path}hold/", HELD | {"issues": ""}).status_code == 400
    assert client.post(f"{path}hold/", HELD).status_code == 302
    assert client.post(f"{path}confirm/", {}).status_code == 403
    client = login("unit_secretary")
    page = client.get(path).content.decode()
    assert "确认已知晓" in page
    assert sign.text not in page, "a sign is not shown to its unit"
    assert [room["waiting"] for room in client.get("/oversight/").context["rooms"] if room["room"].label == "谈话"] == [
        1
    ]
    assert "监督工作：1 项等您办理" in client.get("/").content.decode()
    assert client.post(f"{path}confirm/", {"words": ""}).status_code == 302
    assert client.post(f"{path}report/", {"words": "少"}).status_code == 400
    assert client.post(f"{path}report/", {"words": "已改为现场签到，每周抽查一次。"}).status_code == 302
    assert client.post(f"{path}act/", {"act": "accept"}).status_code == 403
    client = login("secretary")
    short = client.post(f"{path}act/", {"act": "send_back", "reason": "不够", "report_by": "x"})
    assert short.status_code == 400
    assert client.post(f"{path}act/", {"act": "accept"}).status_code == 302
    assert client.post(f"{path}act/", {"act": "conclude", "reason": "整改到位"}).status_code == 302
    assert client.post(f"{path}act/", {"act": "nonsense"}).status_code == 302
    assert Talk.objects.get().state == "concluded"


@pytest.mark.parametrize(
    "query", ["?view=x&kind=y&unit=%00&year=1", "?unit=99999999999999&year=99999&q=%00", "?page=x&unit=-1"]
)
def test_odd_addresses_narrow_nothing(login, people, query):
    made.in_full(people)
    assert login("secretary").get(f"/oversight/talks/{query}").context["pager"].total == 1


@pytest.mark.parametrize("query", ["?sign=99999999", "?duty=x", "?finding=%00", "?sign=9999999999999999999"])
def test_an_origin_that_is_not_there(login, people, query):
    assert login("secretary").get(f"/oversight/talks/new/{query}").status_code == 404


@pytest.mark.parametrize("value", ["99999999", "x", "\x00", "-1", "9" * 30])
def test_odd_people(login, people, value):
    client = login("secretary")
    assert client.post("/oversight/talks/new/", ORDER | {"tenure": value}).status_code == 400
    tenure = made.tenure_of(people["unit_secretary"]).pk
    assert client.post("/oversight/talks/new/", ORDER | {"tenure": tenure, "talker": value}).status_code == 400
    assert client.post("/oversight/talks/new/", ORDER | {"tenure": tenure, "kind": value}).status_code == 400


def test_a_mark_of_secrecy_is_refused(login, people):
    tenure = made.tenure_of(people["unit_secretary"]).pk
    answer = login("secretary").post("/oversight/talks/new/", ORDER | {"tenure": tenure, "words": "机密★5年 值班问题"})
    assert answer.status_code == 400
    assert not Talk.objects.exists()


def test_figures_are_their_rows(login, people):
    made.admitted(people)
    made.in_full(people)
    silent = made.held(
        made.arranged(people["secretary"], people["member"]), people["secretary"], requirements="", report_by=None
    )
    made.arranged(people["secretary"], people["department"], due_on=cast.TODAY)
    Talk.objects.filter(person=people["department"]).update(due_on=date(2026, 11, 20))
    client = login("discipline")
    wanted = {"talks": 2, "talks_late": 1, "talks_unconfirmed": 1, "talks_untracked": 1}
    for name, number in wanted.items():
        figure = FIGURES[name]
        user = type(people["discipline"]).objects.get(pk=people["discipline"].pk)
        assert figure.may(user)
        assert not figure.may(people["office"])
        assert figure.value(user, cast.YEAR, cast.TODAY) == number, name
        assert client.get(figure.url(cast.YEAR)).context["pager"].total == number, name
    assert list(Talk.objects.untracked(cast.TODAY)) == [silent]
    assert Talk.objects.untracked(date(2026, 12, 24)).count() == 2, "the report did not come"


def test_every_view_opens(login, people):
    made.in_full(people)
    client = login("secretary")
    for view in TalkFilter.VIEWS:
        assert client.get(TalkFilter(view=view).url).status_code == 200


def test_export_holds_what_the_list_shows(login, people):
    made.in_full(people)
    made.arranged(people["member"], people["department"], words="=1+1 的公式")
    rows = list(
        load_workbook(BytesIO(login("secretary").get("/oversight/talks/export/").content)).active.iter_rows(min_row=5)
    )
    assert [row[3].value for row in rows] == ["沈若愚"]
    rows = list(
        load_workbook(BytesIO(login("member").get("/oversight/talks/export/").content)).active.iter_rows(min_row=5)
    )
    assert [row[3].value for row in rows] == ["钱守正"]


def test_the_record_table_is_one_page_however_long(login, people):
    talk = made.held(
        made.arranged(people["secretary"], people["unit_secretary"], words="堃" * 300),
        people["secretary"], issues="问" * 800, said="答" * 800, requirements="求" * 500,
    )  # fmt: skip
    answer = login("secretary").get(f"/oversight/talks/{talk.pk}/pdf/")
    reader = pypdf.PdfReader(BytesIO(answer.content))
    assert len(reader.pages) == 1
    assert "谈话记录表" in reader.pages[0].extract_text()
    waiting = made.arranged(people["secretary"], people["member"])
    assert login("secretary").get(f"/oversight/talks/{waiting.pk}/pdf/").status_code == 404


def test_the_list_costs_the_same_at_one_row_and_at_many(login, people):
    commission = made.admitted(people)
    first = made.in_full(people)
    client = login("discipline")
    paths = ("/oversight/talks/", "/oversight/talks/new/", f"/oversight/talks/{first.pk}/", "/oversight/")
    few = [queries(client, path) for path in paths]
    for _ in range(8):
        made.arranged(commission, people["liaison"])
        made.in_full(people)
    assert [queries(client, path) for path in paths] == few


def test_recording_a_reminder_leads_here(login, people):
    from accountability.models import Post

    post = Post.objects.get(role="secretary")
    client = login("secretary")
    answer = client.get(f"/records/new/?bearer=post-{post.pk}&act=reminder-talk")
    assert answer["Location"] == "/oversight/talks/new/"
