"""接收设置、暂停与代理: within what the rules leave free; the deputy hears what he may see, and nothing else."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accountability.models import Absence, Duty, Notice, NoticePreference, ReminderRule
from accountability.services import deputies, preferences
from accountability.services.notices import notify
from tests import acts, cast
from tests.accountability.sending import go_to, morning, send_all

pytestmark = pytest.mark.django_db
Kind = Notice.Kind
DAY = cast.TODAY


def remind(person, duty, due_on: date) -> None:
    Duty.objects.filter(pk=duty.pk).update(due_on=due_on, state="open")
    Notice.objects.create(
        recipient=person, kind=Kind.REMINDER, rule=ReminderRule.objects.first(), capacity="owner", duty=duty, due_on=due_on, step=(due_on - DAY).days, title=duty.title,
        url=f"/ledger/{duty.pk}/", created_at=timezone.now(),
    )  # fmt: skip


@pytest.fixture
def duties(people) -> list[Duty]:
    return list(Duty.objects.filter(organisation=cast.organisation(cast.OURS), bearer_post=None)[:2])


class TestPreferences:
    def test_the_page_says_what_cannot_be_switched_off_and_keeps_the_rest(self, login, people):
        client = login("liaison")
        page = client.get("/notices/preferences/").content.decode()
        assert "按规定不能关闭" in page and "立即发邮件（不能更改）" in page
        answer = client.post("/notices/preferences/", {"meeting": "in_app", "returned": "digest"}, follow=True)
        assert "更改了 2 项" in answer.content.decode()
        assert dict(NoticePreference.objects.values_list("kind", "way")) == {"meeting": "in_app", "returned": "digest"}
        assert NoticePreference.history.filter(history_user=people["liaison"]).count() == 2

    @pytest.mark.parametrize(
        "chosen", [{"letter": "in_app"}, {"meeting": "at_once"}, {"meeting": "never"}, {"x": "digest"}]
    )
    def test_what_the_rules_do_not_leave_free(self, people, chosen):
        with pytest.raises(ValidationError, match="可选范围"):
            preferences.prefer(chosen, by=people["liaison"])

    @pytest.mark.parametrize(("kind", "way"), [("letter", "in_app"), ("meeting", "at_once")])
    def test_the_database_holds_the_same(self, people, kind, way):
        with pytest.raises(IntegrityError), transaction.atomic():
            NoticePreference.objects.create(person=people["liaison"], kind=kind, way=way)

    def test_a_kind_kept_in_the_app_is_not_mailed(self, people, mailoutbox):
        preferences.prefer({Kind.MEETING: "in_app"}, by=people["liaison"])
        for kind in (Kind.MEETING, Kind.ACCEPTED):
            notify([people["liaison"]], kind=kind, title=f"一条{kind.label}")
        morning()
        assert "一条审核通过" in mailoutbox[0].body
        assert "一条会议" not in mailoutbox[0].body
        assert Notice.objects.filter(recipient=people["liaison"]).count() == 2

    def test_reminders_can_be_switched_off_until_they_are_overdue(self, people, duties, mailoutbox):
        preferences.prefer({Kind.REMINDER: "in_app"}, by=people["liaison"])
        remind(people["liaison"], duties[0], DAY - timedelta(days=2))
        remind(people["liaison"], duties[1], DAY + timedelta(days=2))
        morning()
        assert f"/ledger/{duties[0].pk}/" in mailoutbox[0].body
        assert f"/ledger/{duties[1].pk}/" not in mailoutbox[0].body

    @pytest.mark.parametrize(("way", "at_once", "in_digest"), [("at_once", 1, 0), ("digest", 0, 1), ("in_app", 0, 0)])
    def test_returns_go_the_way_one_prefers(self, people, way, at_once, in_digest):
        preferences.prefer({Kind.RETURNED: way}, by=people["liaison"])
        notify([people["liaison"]], kind=Kind.RETURNED, title="已退回")
        assert (send_all(), morning()) == (at_once, in_digest)


class TestPause:
    def pause(self, people, **more) -> Absence:
        fields = {"from_on": DAY, "until_on": DAY + timedelta(days=3), "reason": "参加省委党校培训"} | more
        return deputies.pause(by=people["liaison"], **fields)

    def test_what_waited_comes_in_one_mail_afterwards(self, people, mailoutbox, clock):
        self.pause(people)
        for days in range(4):
            go_to(clock, DAY + timedelta(days=days))
            notify([people["liaison"]], kind=Kind.ACCEPTED, title=f"第 {days} 天")
            assert morning() == 0
        go_to(clock, DAY + timedelta(days=4))
        assert morning() == 1
        assert "其他 4 项" in mailoutbox[0].subject

    def test_overdue_and_letters_come_all_the_same(self, people, duties, mailoutbox):
        self.pause(people)
        remind(people["liaison"], duties[0], DAY - timedelta(days=1))
        remind(people["liaison"], duties[1], DAY + timedelta(days=2))
        notify([people["liaison"]], kind=Kind.LETTER, title="督办单", url="/oversight/letters/1/")
        notify([people["liaison"]], kind=Kind.RETURNED, title="退回的一件")
        assert send_all() == 1  # the letter
        assert morning() == 1
        assert f"/ledger/{duties[0].pk}/" in mailoutbox[-1].body
        assert f"/ledger/{duties[1].pk}/" not in mailoutbox[-1].body
        assert "退回的一件" not in mailoutbox[-1].body

    def test_ended_early_it_is_as_if_it_were_over(self, people, login):
        absence = self.pause(people)
        notify([people["liaison"]], kind=Kind.ACCEPTED, title="一条")
        assert morning() == 0
        login("liaison").post(f"/notices/absences/{absence.pk}/end/")
        assert morning() == 1
        with pytest.raises(ValidationError, match="已经结束"):
            deputies.resume(absence, by=people["liaison"])

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"from_on": DAY - timedelta(days=1)}, "不能早于今天"),
            ({"until_on": DAY - timedelta(days=1)}, "不能早于开始"),
            ({"until_on": DAY + timedelta(days=92)}, "最多暂停 92 天"),
            ({"reason": " "}, "写明原因"),
        ],
    )
    def test_what_is_refused(self, people, fields, words):
        with pytest.raises(ValidationError, match=words):
            self.pause(people, **fields)

    def test_not_two_at_once_and_not_oneself(self, people):
        self.pause(people)
        with pytest.raises(ValidationError, match="重叠"):
            self.pause(people, from_on=DAY + timedelta(days=3), until_on=DAY + timedelta(days=9))
        with pytest.raises(ValidationError, match="另一位"):
            self.pause(
                people, from_on=DAY + timedelta(days=5), until_on=DAY + timedelta(days=9), deputy=people["liaison"]
            )

    def test_the_unit_sees_who_is_away_and_strangers_do_not(self, people, login):
        self.pause(people, deputy=people["unit_secretary"])
        page = login("unit_secretary").get("/notices/absences/").content.decode()
        assert "参加省委党校培训" in page and "由沈若愚代理" in page and "您正在代理" in page
        assert "参加省委党校培训" in login("office").get("/notices/absences/").content.decode()
        for who in ("other_liaison", "outsider", "sysadmin"):
            assert "参加省委党校培训" not in login(who).get("/notices/absences/").content.decode()

    def test_registered_through_the_page_with_history(self, people, login):
        client = login("liaison")
        fields = {
            "from_on": "2026-11-24",
            "until_on": "2026-11-30",
            "reason": "参加省委党校培训",
            "deputy": people["unit_secretary"].pk,
        }
        assert client.post("/notices/absences/", fields).status_code == 302
        absence = Absence.objects.get()
        assert (absence.deputy, absence.history.get().history_user) == (people["unit_secretary"], people["liaison"])
        page = client.post("/notices/absences/", fields).content.decode()
        assert "重叠" in page
        fields |= {"deputy": people["other_liaison"].pk, "from_on": "2026-12-24", "until_on": "2026-12-30"}
        assert "有 1 处需要修改" in client.post("/notices/absences/", fields).content.decode()


class TestDeputies:
    @pytest.fixture
    def away(self, people) -> Absence:
        return deputies.pause(
            by=people["liaison"], from_on=DAY, until_on=DAY + timedelta(days=3), reason="参加省委党校培训",
            deputy=people["branch"],
        )  # fmt: skip

    def test_a_copy_of_what_he_may_see_and_nothing_else(self, people, away, mailoutbox, duties):
        branch = cast.organisation(f"{cast.OURS}/第一党支部")
        record = acts.record(people["branch"], branch, "duty-report", credit=False)
        notify([people["liaison"]], kind=Kind.ACCEPTED, title="支部的记录", url=f"/records/{record.pk}/")
        notify(
            [people["liaison"]], kind=Kind.ACCEPTED, title="学院的责任", duty=duties[0], url=f"/ledger/{duties[0].pk}/"
        )
        notify([people["liaison"]], kind=Kind.SUPERVISION, title="一件谈话", url="/oversight/talks/1/")
        notify([people["liaison"]], kind=Kind.ACCEPTED, title="没有地址")
        morning()
        (mail,) = [mail for mail in mailoutbox if mail.to == ["branch@jhjm.example"]]
        assert "支部的记录" in mail.body
        assert "叶清和离岗期间由您代理" in mail.body
        for words in ("学院的责任", "谈话", "没有地址"):
            assert words not in mail.body
        assert Notice.objects.filter(recipient=people["branch"], title="支部的记录").get().copy_of is not None

    def test_copied_once_however_often_beat_comes(self, people, duties):
        deputies.pause(
            by=people["liaison"], from_on=DAY, until_on=DAY, reason="参加省委党校培训", deputy=people["unit_secretary"]
        )
        notify([people["liaison"]], kind=Kind.ACCEPTED, title="学院的责任", duty=duties[0])
        assert [deputies.copy_notices(DAY) for _ in range(3)] == [1, 0, 0]

    def test_a_reminder_of_ones_own_is_not_doubled(self, people, duties):
        deputies.pause(
            by=people["liaison"], from_on=DAY, until_on=DAY, reason="参加省委党校培训", deputy=people["unit_secretary"]
        )
        for who in ("liaison", "unit_secretary"):
            remind(people[who], duties[0], DAY + timedelta(days=3))
        assert deputies.copy_notices(DAY) == 0

    def test_a_reminder_reaches_the_deputy(self, people, duties):
        deputies.pause(
            by=people["liaison"], from_on=DAY, until_on=DAY, reason="参加省委党校培训", deputy=people["unit_secretary"]
        )
        remind(people["liaison"], duties[0], DAY + timedelta(days=3))
        assert deputies.copy_notices(DAY) == 1
        copy = Notice.objects.get(recipient=people["unit_secretary"], kind=Kind.REMINDER)
        assert copy.why == "叶清和离岗期间由您代理，抄送给您"

    def test_nothing_from_before_and_nothing_after(self, people, away, duties, clock):
        notify([people["liaison"]], kind=Kind.ACCEPTED, title="之前的", duty=duties[0])
        Notice.objects.update(created_at=timezone.now() - timedelta(days=1))
        assert deputies.copy_notices(DAY) == 0
        go_to(clock, DAY + timedelta(days=4))
        notify([people["liaison"]], kind=Kind.ACCEPTED, title="之后的", duty=duties[0])
        assert deputies.copy_notices(DAY + timedelta(days=4)) == 0

    def test_a_letter_is_copied_at_once(self, people, mailoutbox):
        from tests.supervision import letter_acts

        deputies.pause(
            by=people["liaison"], from_on=DAY, until_on=DAY, reason="参加省委党校培训", deputy=people["branch"]
        )
        deputies.pause(by=people["unit_secretary"], from_on=DAY, until_on=DAY, reason="休假", deputy=people["office"])
        letter_acts.issued(people, cast.OURS)
        send_all()
        told = {address for mail in mailoutbox for address in mail.to}
        assert "unit_secretary@jhjm.example" in told
        assert "branch@jhjm.example" not in told  # a branch does not see the letters of its unit
