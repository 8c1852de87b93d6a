"""任职、分工、交接 over time; the new secretary of 1 July and what is his across the year's end (三（三）2, 二（四）)."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accountability import access
from accountability.models import Duty, HandOver, HandOverLine, Notice, Person, Portfolio, Role, Tenure
from accountability.services import handovers, tenures
from accountability.services.duties import move_due_day
from accountability.services.grants import sync_grants
from tests import acts, cast, letters

pytestmark = pytest.mark.django_db
REASON = "校党干〔2026〕18号"
FIRST_OF_JULY = datetime(2026, 7, 1, 1, tzinfo=UTC)
NEW_YEAR = datetime(2027, 1, 4, 1, tzinfo=UTC)


def newcomer(username: str = "successor", name: str = "继任喆") -> Person:
    return Person.objects.create_user(username, name, cast.PASSWORD, email=f"{username}@jhjm.example")


def head():
    return letters.post_of(Person.objects.get(username="unit_secretary"))


# ── the new secretary ────────────────────────────────────────────────────────────────────────


def test_a_new_secretary_on_1_july_and_another_at_new_year(people, clock):
    """Done before is the predecessor's, due later the successor's; both sign; a duty of 2026 due in 2027 passes on."""
    unit, old, post = cast.organisation(cast.OURS), people["unit_secretary"], head()
    with time_machine.travel(datetime(2026, 6, 10, 1, tzinfo=UTC)):
        done = acts.record(old, unit, "half-year-report", on=date(2026, 6, 9)).evidence.get().duty
    with time_machine.travel(FIRST_OF_JULY):
        new = newcomer()
        tenure, sheet = tenures.appoint(post, new, from_on=date(2026, 7, 1), by=people["office"], reason=REASON)
        assert (sheet.giver, sheet.taker) == (old, new)
        assert Tenure.objects.get(post=post, person=old).ended_on == date(2026, 6, 30)
        due_later = post.duties.open().filter(due_on__gt=date(2026, 7, 1))
        assert {line.duty for line in sheet.lines.all()} == set(post.duties.open())
        # who answers
        assert done in Duty.objects.answered_by(old, date(2026, 7, 1))
        assert done not in Duty.objects.answered_by(new, date(2026, 7, 1))
        assert set(due_later) <= set(Duty.objects.answered_by(new, date(2026, 7, 1)))
        assert not set(due_later) & set(Duty.objects.answered_by(old, date(2026, 7, 1)))
        # grants went with the post
        new, old = Person.objects.get(pk=new.pk), Person.objects.get(pk=old.pk)
        assert access.may(new, "confirm_record", unit)
        assert not access.may(old, "confirm_record", unit)
        # both sign, the predecessor without any post
        assert HandOver.objects.visible_to(old).get() == sheet
        acts.signed(sheet, old)
        acts.signed(sheet, new)
        sheet.refresh_from_db()
        assert sheet.is_signed
    # across the year's end: a duty of the working year 2026 due in January 2027 goes on to the next
    late = due_later.order_by("-due_on").first()
    with time_machine.travel(datetime(2026, 12, 20, 1, tzinfo=UTC)):
        move_due_day(late, to=date(2027, 1, 15), by=people["office"], reason="评议会推迟到年后")
        third = newcomer("third", "再继任")
        _, second = tenures.appoint(post, third, from_on=date(2027, 1, 1), by=people["office"], reason=REASON)
        assert late.pk in second.lines.values_list("duty", flat=True)
        assert access.may(Person.objects.get(pk=new.pk), "confirm_record", unit)  # not yet
    with time_machine.travel(NEW_YEAR):
        sync_grants(date(2027, 1, 4))
        assert late in Duty.objects.answered_by(third, date(2027, 1, 4)).of_year(2026)
        assert late not in Duty.objects.answered_by(new, date(2027, 1, 4))
        acts.record(Person.objects.get(pk=third.pk), unit, "duty-report", on=date(2027, 1, 3), credit=False)
        assert done in Duty.objects.answered_by(old, date(2027, 1, 4))
        assert access.may(Person.objects.get(pk=third.pk), "confirm_record", unit)
        assert not access.may(Person.objects.get(pk=new.pk), "confirm_record", unit)
        assert [tenure.person.name for tenure in handovers.answering(done, date(2027, 1, 4))] == ["沈若愚"]
        assert [tenure.person.name for tenure in handovers.answering(late, date(2027, 1, 4))] == ["再继任"]


def test_what_fell_due_under_the_predecessor_is_named_as_such(people):
    post = head()
    overdue = post.duties.late(cast.TODAY).first()
    tenures.appoint(post, newcomer(), from_on=cast.TODAY, by=people["office"], reason=REASON)
    assert [person.name for person in handovers.fell_due_under(overdue, cast.TODAY)] == ["沈若愚"]
    sheet = HandOver.objects.get()
    assert sheet.lines.get(duty=overdue).is_late


def test_the_page_of_a_duty_says_who_answered(login, people):
    unit = cast.organisation(cast.OURS)
    done = acts.record(people["unit_secretary"], unit, "duty-report").evidence.get().duty
    tenures.appoint(head(), newcomer(), from_on=cast.TODAY, by=people["office"], reason=REASON)
    page = login("office").get(f"/ledger/{done.pk}/").content.decode()
    assert "沈若愚" in page
    assert "时任" in page


# ── refusals ─────────────────────────────────────────────────────────────────────────────────


def test_only_the_office_appoints_and_says_why(people):
    with pytest.raises(PermissionDenied):
        tenures.appoint(head(), newcomer(), from_on=cast.TODAY, by=people["unit_secretary"], reason=REASON)
    with pytest.raises(ValidationError, match="依据"):
        tenures.appoint(head(), newcomer("x", "乙"), from_on=cast.TODAY, by=people["office"], reason="无")


def test_who_holds_it_is_not_appointed_again_and_none_before_him(people):
    office = people["office"]
    with pytest.raises(ValidationError, match="已任"):
        tenures.appoint(head(), people["unit_secretary"], from_on=cast.TODAY, by=office, reason=REASON)
    with pytest.raises(ValidationError, match="须晚于"):
        tenures.appoint(head(), newcomer(), from_on=date(2024, 12, 1), by=office, reason=REASON)
    with pytest.raises(ValidationError, match="先办理其离任"):
        tenures.appoint(head(), newcomer("y", "丙"), from_on=cast.TODAY, by=office, reason=REASON, is_acting=True)


def test_an_acting_holder_stands_in_until_the_full_one_comes(people):
    office, post = people["office"], head()
    tenures.end_tenure(Tenure.objects.get(post=post), last_on=date(2026, 11, 19), by=office, reason=REASON)
    acting = newcomer("acting", "主持")
    tenure, sheet = tenures.appoint(post, acting, from_on=date(2026, 11, 20), by=office, reason=REASON, is_acting=True)
    assert tenure.is_acting
    assert sheet.giver == people["unit_secretary"]  # the post stood empty in between
    full = newcomer("full", "正式")
    tenures.appoint(post, full, from_on=date(2026, 11, 23), by=office, reason=REASON)
    tenure.refresh_from_db()
    assert tenure.ended_on == date(2026, 11, 22)


def test_an_administrator_takes_no_business_post(people):
    with pytest.raises(ValidationError, match="三员不得兼任"):
        tenures.appoint(head(), people["sysadmin"], from_on=cast.TODAY, by=people["office"], reason=REASON)


def test_a_post_with_open_duties_is_not_abolished(people):
    office, post = people["office"], head()
    with pytest.raises(ValidationError, match="仍在任"):
        tenures.abolish_post(post, on=cast.TODAY, by=office, reason=REASON)
    tenures.end_tenure(Tenure.objects.get(post=post), last_on=date(2026, 11, 20), by=office, reason=REASON)
    with pytest.raises(ValidationError, match="未完成的责任"):
        tenures.abolish_post(post, on=cast.TODAY, by=office, reason=REASON)


def test_posts_are_added_but_never_an_administrators(people):
    office, unit = people["office"], cast.organisation(cast.OURS)
    post = tenures.add_post(unit, title="副书记", role=Role.LIAISON, by=office, reason=REASON)
    assert post.full_title == "会计学院副书记"
    with pytest.raises(ValidationError, match="已有"):
        tenures.add_post(unit, title="副书记", role=Role.LIAISON, by=office, reason=REASON)
    with pytest.raises(ValidationError, match="三员"):
        tenures.add_post(unit, title="管理员", role=Role.SYSTEM_ADMIN, by=office, reason=REASON)
    tenures.abolish_post(post, on=cast.TODAY, by=office, reason=REASON)


def test_a_portfolio_begins_and_ends_on_a_day_and_the_reach_with_it(people):
    office, unit = people["office"], cast.organisation(cast.THEIRS)
    member = people["member"]
    assert not Duty.objects.visible_to(member).filter(organisation=unit).exists()
    post = letters.post_of(member)
    row = tenures.add_portfolio(post, unit, kind="contact", from_on=cast.TODAY, by=office, reason=REASON)
    member = Person.objects.get(pk=member.pk)
    assert Duty.objects.visible_to(member).filter(organisation=unit).exists()
    with pytest.raises(ValidationError, match="已联系"):
        tenures.add_portfolio(post, unit, kind="contact", from_on=cast.TODAY, by=office, reason=REASON)
    with pytest.raises(ValidationError, match="校领导"):
        tenures.add_portfolio(head(), unit, kind="contact", from_on=cast.TODAY, by=office, reason=REASON)
    tenures.end_portfolio(row, last_on=cast.TODAY, by=office, reason=REASON)
    assert Portfolio.objects.get(pk=row.pk).ended_on == cast.TODAY
    with pytest.raises(ValidationError, match="已于"):
        tenures.end_portfolio(row, last_on=cast.TODAY, by=office, reason=REASON)


# ── the sheet ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def sheet(people) -> HandOver:
    return tenures.appoint(head(), newcomer(), from_on=cast.TODAY, by=people["office"], reason=REASON)[1]


def test_both_are_told_and_see_it_on_their_first_page(login, people, sheet, client):
    assert set(Notice.objects.filter(title__contains="交接清单").values_list("recipient", flat=True)) == {
        sheet.giver_id,
        sheet.taker_id,
    }
    assert "待您签字" in login("unit_secretary").get("/").content.decode()  # he holds no post any more
    client.force_login(sheet.taker)
    assert "待您签字" in client.get("/").content.decode()


def test_both_sign_in_the_browser_client(login, people, sheet, client):
    giver = login("unit_secretary")
    path = f"/handovers/{sheet.pk}/"
    line = sheet.lines.first()
    assert giver.get(path).status_code == 200
    assert giver.post(f"{path}notes/", {f"note-{line.pk}": "材料在办公室 302 柜"}).status_code == 302
    refused = giver.post(f"{path}sign/", acts.read_and_signed(sheet) | {"password": "wrong"})
    assert refused.status_code == 400
    assert "密码不对" in refused.content.decode()
    assert giver.post(f"{path}sign/", acts.read_and_signed(sheet)).status_code == 302
    client.force_login(sheet.taker)
    assert "材料在办公室 302 柜" in client.get(path).content.decode()
    assert client.post(f"{path}sign/", acts.read_and_signed(sheet)).status_code == 302
    sheet.refresh_from_db()
    assert sheet.is_signed
    assert sheet.sha256 == handovers.content_sha256(sheet)
    assert "双方已签字" in login("office").get(path).content.decode()


def test_a_sheet_that_changed_since_it_was_read_is_not_signed(people, sheet):
    read = acts.read_and_signed(sheet)
    handovers.write_notes(sheet, by=sheet.giver, notes={sheet.lines.first().pk: "已起草一半"})
    with pytest.raises(ValidationError, match="阅读之后有了变动"):
        handovers.sign(sheet, by=sheet.taker, **read)
    assert acts.signed(sheet, sheet.taker).taker_signed_at


def test_a_signed_sheet_is_frozen(people, sheet):
    acts.signed(sheet, sheet.taker)
    with pytest.raises(ValidationError, match="冻结"):
        handovers.write_notes(sheet, by=sheet.giver, notes={sheet.lines.first().pk: "改一改"})
    with pytest.raises(ValidationError, match="冻结"):
        handovers.redraw(sheet, by=sheet.giver)
    with pytest.raises(ValidationError, match="已于"):
        acts.signed(sheet, sheet.taker)


def test_nobody_signs_for_another_and_the_office_closes_with_a_reason(people, sheet):
    for who in ("office", "secretary", "discipline"):
        with pytest.raises(PermissionDenied):
            acts.signed(sheet, people[who])
    with pytest.raises(PermissionDenied):
        handovers.close(sheet, by=sheet.taker, reason="替他办了")
    with pytest.raises(ValidationError, match="为什么"):
        handovers.close(sheet, by=people["office"], reason="")
    handovers.close(sheet, by=people["office"], reason="移交人已调离学校")
    with pytest.raises(ValidationError, match="代为结束"):
        acts.signed(HandOver.objects.get(), sheet.taker)


def test_redrawn_before_signing_it_follows_the_ledger_and_keeps_the_notes(people, sheet):
    kept, done = (
        sheet.lines.exclude(duty__obligation__acts__code="duty-report").first(),
        sheet.lines.get(duty__obligation__acts__code="duty-report"),
    )
    handovers.write_notes(sheet, by=sheet.giver, notes={kept.pk: "已起草一半"})
    acts.record(sheet.taker, sheet.post.organisation, "duty-report")
    handovers.redraw(sheet, by=sheet.taker)
    assert not sheet.lines.filter(duty=done.duty).exists()
    assert sheet.lines.get(duty=kept.duty).note == "已起草一半"


def test_an_unfinished_document_is_on_the_sheet(people):
    letters.draft(people["unit_secretary"], "duty-report", organisation=cast.organisation(cast.OURS))
    _, sheet = tenures.appoint(head(), newcomer(), from_on=cast.TODAY, by=people["office"], reason=REASON)
    assert sheet.lines.filter(document__kind__act__code="duty-report").exists()


def test_the_database_keeps_the_sheet_honest(people, sheet):
    def refused(row):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()

    twin = HandOver(post=sheet.post, giver=sheet.giver, taker=sheet.taker, on=sheet.on, made_at=sheet.made_at)
    refused(twin)
    twin.on, twin.taker = date(2026, 1, 1), sheet.giver
    refused(twin)
    sheet.giver_signed_at = sheet.made_at
    refused(sheet)
    sheet.refresh_from_db()
    sheet.closed_at = sheet.made_at
    refused(sheet)
    line = sheet.lines.first()
    refused(HandOverLine(handover=sheet, duty=line.duty, title="再来一行", state="甲"))
    refused(HandOverLine(handover=sheet, title="什么都不是", state="甲"))


def test_others_neither_see_nor_sign_it(login, sheet):
    for who in ("other_secretary", "outsider", "inspector"):
        assert login(who).get(f"/handovers/{sheet.pk}/").status_code == 404
        assert login(who).post(f"/handovers/{sheet.pk}/sign/", {"password": cast.PASSWORD}).status_code == 404
