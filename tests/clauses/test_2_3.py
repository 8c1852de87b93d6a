"""二（三）: the secretary records what he did in person beside what it was about; signs are talked about early, from the
sign to the talk to the follow-up; a page says what needs him this week. Nobody else can do it in his place."""

from datetime import date

import pytest

from accountability.models import Duty
from supervision.models import InPerson, Talk
from tests import acts, cast
from tests.inspections import research
from tests.supervision import talks as made

pytestmark = pytest.mark.django_db


def deployment() -> Duty:
    return Duty.objects.get(obligation__code="personal-deployment", work_year=cast.YEAR)


def test_the_secretary_records_in_person(login, people):
    duty, client = deployment(), login("secretary")
    page = client.get(f"/records/new/?duty={duty.pk}&act=personal-deployment")
    assert page["Location"] == f"/oversight/in-person/entries/new/?kind=personal-deployment&fulfils={duty.pk}"
    about = Duty.objects.visible_to(people["secretary"]).filter(organisation__name=cast.OURS).first()
    entry = {
        "act": "personal-deployment", "happened_on": "2026-11-20", "title": "部署年度工作", "words": "逐项提出要求。",
        "about": f"duty-{about.pk}",
    }  # fmt: skip
    answer = client.post(f"{page['Location']}&about=duty-{about.pk}", entry)
    assert answer.status_code == 302
    assert acts.state(duty) == "fulfilled"
    assert InPerson.objects.get().duty == about
    assert about.title in client.get(answer["Location"]).content.decode()


def test_his_home_shows_what_needs_him(login):
    page = login("secretary").get("/")
    owners = {duty.owner.title for duty in page.context["late"].rows + page.context["soon"].rows}
    assert owners == {"党委书记"}
    assert "/oversight/in-person/" in page.content.decode()
    assert "本周需要书记亲自办理" in login("secretary").get("/oversight/in-person/").content.decode()


def test_a_member_cannot_record_it_for_him(login, people):
    assert acts.post_record(login("member"), deployment(), "personal-deployment").status_code == 404
    entry = {"act": "personal-deployment", "happened_on": "2026-11-20", "title": "部署", "words": "逐项提出要求。"}
    assert login("member").post("/oversight/in-person/entries/new/", entry).status_code == 403
    assert acts.state(deployment()) == "open"


def test_what_the_office_records_for_him_waits_for_his_word(login, people):
    entry = {"act": "personal-deployment", "happened_on": "2026-11-20", "title": "部署工作", "words": "逐项提出要求。"}
    path = login("office").post("/oversight/in-person/entries/new/", entry)["Location"]
    assert acts.state(deployment()) == "open"
    assert login("secretary").post(f"{path}decide/", {"transition": "accept"}).status_code == 302
    assert acts.state(deployment()) == "fulfilled"


def test_a_sign_is_talked_about_and_followed_up(login, people):
    """谈话提醒 from sign to talk to follow-up; the record of the ledger names nobody."""
    sign = research.sign(people["discipline"])
    client = login("secretary")
    order = {
        "tenure": made.tenure_of(people["unit_secretary"]).pk, "kind": "remind", "matter": "purchase",
        "words": "设备验收后长期不用", "due_on": "2026-11-30",
    }  # fmt: skip
    path = client.post(f"/oversight/talks/new/?sign={sign.pk}", order)["Location"]
    held = {
        "held_on": "2026-11-23", "place": "书记办公室", "recorder": "秦文舒", "issues": made.ISSUES, "said": made.SAID,
        "requirements": made.REQUIRED, "report_by": "2026-12-23",
    }  # fmt: skip
    assert client.post(f"{path}hold/", held).status_code == 302
    assert login("unit_secretary").post(f"{path}confirm/", {"words": ""}).status_code == 302
    report = {"words": "已改为现场签到，每周抽查一次。"}
    assert login("unit_secretary").post(f"{path}report/", report).status_code == 302
    client = login("secretary")
    assert client.post(f"{path}act/", {"act": "accept"}).status_code == 302
    assert client.post(f"{path}act/", {"act": "conclude", "reason": "整改到位"}).status_code == 302
    talk = Talk.objects.get()
    assert (talk.sign, talk.state, talk.follow_up.due_on) == (sign, "concluded", date(2026, 12, 23))
    assert talk.record.title == "谈话提醒"
    listed = client.get("/records/?act=reminder-talk")
    assert listed.context["pager"].total == 1
    assert "沈若愚" not in listed.content.decode()
