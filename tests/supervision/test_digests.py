"""每日摘要: one mail per person and day, never lost, one bad address stops nobody."""

import smtplib
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accountability.models import Digest, Duty, Notice, Person
from accountability.services.notices import notify
from supervision.services.digests import ATTEMPTS, LEASE, send_digests
from supervision.services.reminders import sweep
from tests import cast

DAY = cast.TODAY
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
REFUSED = "liaison@jhjm.example"


class OneRefuses(EmailBackend):
    """A server that refuses one address and takes the others."""

    def send_messages(self, messages):
        if REFUSED in messages[0].to:
            raise smtplib.SMTPRecipientsRefused({REFUSED: (550, b"no such mailbox")})
        return super().send_messages(messages)


@pytest.fixture
def refusing(settings):
    settings.EMAIL_BACKEND = f"{__name__}.OneRefuses"


def tell(*people: Person, title: str = "已退回：专题会议") -> None:
    notify(people, kind=Notice.Kind.RETURNED, title=title, body="缺少签到表", url="/records/1/")


@pytest.fixture
def duties(people) -> list[Duty]:
    """Three duties of our college, one late, one soon, one far; nothing else is owed."""
    rows = list(Duty.objects.filter(organisation=cast.organisation(cast.OURS), bearer_post=None)[:3])
    Duty.objects.update(state=Duty.State.WAIVED)
    for row, days in zip(rows, (-3, 5, 90), strict=True):
        Duty.objects.filter(pk=row.pk).update(due_on=DAY + timedelta(days=days), state=Duty.State.OPEN)
    return rows


def test_the_mail(duties, people, mailoutbox, settings):
    settings.SITE_ADDRESS = "https://four.example.edu.cn/"
    sweep(DAY)
    tell(people["unit_secretary"])
    assert send_digests(DAY, NOW) == 2
    mail = next(mail for mail in mailoutbox if mail.to == ["unit_secretary@jhjm.example"])
    digest = Digest.objects.get(recipient=people["unit_secretary"])
    late, soon, far = duties
    assert mail.subject == "四责协同 2026-11-23：已逾期 1 项，将到期 1 项，其他 1 项"
    assert mail.message()["Message-ID"] == f"<digest-{digest.pk}@four.example.edu.cn>"
    html, kind = mail.alternatives[0]
    assert kind == "text/html"
    for body in (mail.body, html):
        assert "沈若愚，您好" in body
        assert f"https://four.example.edu.cn/ledger/{late.pk}/" in body
        assert f"https://four.example.edu.cn/ledger/{soon.pk}/" in body
        assert f"/ledger/{far.pk}/" not in body
        assert "https://four.example.edu.cn/notices/" in body
        assert "您收到这封邮件，是因为" in body
        assert body.index("已逾期") < body.index("将到期") < body.index("其他")
    assert "style=" not in html
    assert (digest.state, digest.attempts, digest.notices.count()) == ("sent", 1, 3)


def test_one_mail_a_day(people, mailoutbox):
    tell(people["liaison"])
    assert send_digests(DAY, NOW) == 1
    tell(people["liaison"], title="又一条")
    assert send_digests(DAY, NOW + timedelta(hours=2)) == 0
    assert send_digests(DAY + timedelta(days=1), NOW + timedelta(days=1)) == 1
    assert "又一条" in mailoutbox[-1].body
    assert "已退回" not in mailoutbox[-1].body


def test_nothing_new_no_mail(people, mailoutbox):
    assert send_digests(DAY, NOW) == 0
    assert not Digest.objects.exists()


def test_not_before_the_hour(people, mailoutbox, settings):
    tell(people["liaison"])
    early = datetime(2026, 11, 22, 23, 59, tzinfo=UTC)  # 07:59 in Shanghai
    assert send_digests(DAY, early) == 0
    assert send_digests(DAY, early + timedelta(minutes=1)) == 1


def test_read_notices_are_mailed_all_the_same(people, mailoutbox):
    tell(people["liaison"])
    Notice.objects.update(read_at=NOW)
    assert send_digests(DAY, NOW) == 1


@pytest.mark.parametrize("fields", [{"email": ""}, {"is_active": False}])
def test_without_an_address_the_notice_stays_in_the_app(people, mailoutbox, fields):
    Person.objects.filter(username="liaison").update(**fields)
    tell(people["liaison"])
    assert send_digests(DAY, NOW) == 0
    digest = Digest.objects.get()
    assert (digest.state, digest.error) == ("sent", "无邮箱，仅站内")
    assert not mailoutbox


def test_one_bad_address_stops_nobody(people, mailoutbox, refusing):
    tell(people["liaison"], people["office"], people["member"])
    assert send_digests(DAY, NOW) == 2
    digest = Digest.objects.get(recipient=people["liaison"])
    assert (digest.state, digest.attempts) == ("pending", 1)
    assert "no such mailbox" in digest.error


def test_after_three_attempts_it_has_failed(people, refusing):
    tell(people["liaison"])
    for number in range(ATTEMPTS + 2):
        send_digests(DAY, NOW + timedelta(minutes=15 * number))
    digest = Digest.objects.get()
    assert (digest.state, digest.attempts) == ("failed", ATTEMPTS)


def test_what_failed_comes_with_the_next_day(people, refusing, mailoutbox, settings):
    tell(people["liaison"])
    for _ in range(ATTEMPTS):
        send_digests(DAY, NOW)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_digests(DAY + timedelta(days=1), NOW + timedelta(days=1)) == 1
    assert "已退回：专题会议" in mailoutbox[-1].body
    assert send_digests(DAY + timedelta(days=2), NOW + timedelta(days=2)) == 0


def test_a_day_without_a_worker_is_one_mail_later(people, mailoutbox):
    tell(people["liaison"])
    Digest.objects.create(recipient=people["liaison"], day=DAY)  # opened, then the machine went down
    tell(people["liaison"], title="第二天的")
    assert send_digests(DAY + timedelta(days=1), NOW + timedelta(days=1)) == 1
    assert len(mailoutbox) == 1


class TestClaim:
    @pytest.fixture
    def sending(self, people) -> Digest:
        """Claimed by a worker that may be alive or dead."""
        tell(people["liaison"])
        digest = Digest.objects.create(
            recipient=people["liaison"], day=DAY, state="sending", attempts=1, claimed_at=NOW
        )
        Notice.objects.update(digest=digest)
        return digest

    def test_a_fresh_claim_is_left_alone(self, sending, mailoutbox):
        assert send_digests(DAY, NOW + LEASE) == 0

    def test_a_stale_claim_is_sent_again_under_the_same_message_id(self, sending, mailoutbox):
        assert send_digests(DAY, NOW + LEASE + timedelta(seconds=1)) == 1
        assert mailoutbox[0].message()["Message-ID"].startswith(f"<digest-{sending.pk}@")

    def test_a_worker_that_dies_every_time_is_not_followed_for_ever(self, sending, mailoutbox):
        Digest.objects.update(attempts=ATTEMPTS)
        assert send_digests(DAY, NOW + timedelta(hours=1)) == 0
        assert Digest.objects.get().state == "failed"

    def test_yesterdays_dead_claim_joins_today(self, sending, mailoutbox):
        assert send_digests(DAY + timedelta(days=1), NOW + timedelta(days=1)) == 1
        sending.refresh_from_db()
        assert (sending.state, sending.error) == ("failed", "当日未发出，并入之后的摘要")


def test_what_was_done_meanwhile_is_not_mailed(duties, people, mailoutbox):
    sweep(DAY)
    Duty.objects.filter(pk=duties[0].pk).update(state="fulfilled", fulfilled_on=DAY)
    Duty.objects.filter(pk=duties[1].pk).update(due_on=date(2026, 12, 30))
    assert send_digests(DAY, NOW) == 0
    assert set(Digest.objects.values_list("state", "error")) == {("sent", "事项均已办结，未发邮件")}


def test_a_duty_is_named_once(duties, people, mailoutbox):
    sweep(DAY)
    sweep(DAY + timedelta(days=3))
    send_digests(DAY + timedelta(days=3), NOW + timedelta(days=3))
    assert mailoutbox[0].body.count(f"/ledger/{duties[1].pk}/") == 1
    assert "剩 2 天" in mailoutbox[0].body


def test_a_long_list_is_cut_and_says_so(people, mailoutbox):
    for number in range(25):
        tell(people["liaison"], title=f"通知 {number}")
    send_digests(DAY, NOW)
    assert "其他 25 项" in mailoutbox[0].subject
    assert "另有 5 项" in mailoutbox[0].body


def test_what_people_type_cannot_break_the_mail(people, mailoutbox):
    tell(people["liaison"], title="<script>甲</script> & “乙”")
    send_digests(DAY, NOW)
    assert "<script>甲" in mailoutbox[0].body
    assert "<script>" not in mailoutbox[0].alternatives[0][0]


def test_the_cost_per_person_is_constant(people, mailoutbox):

    def cost(day: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            send_digests(DAY + timedelta(days=day), NOW + timedelta(days=day))
        return len(captured)

    tell(people["liaison"])
    few = cost(0)
    for number in range(60):
        tell(people["liaison"], title=f"通知 {number}")
    assert cost(1) == few


def test_the_database_holds_one_digest_per_day(people):
    Digest.objects.create(recipient=people["liaison"], day=DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Digest.objects.create(recipient=people["liaison"], day=DAY)
