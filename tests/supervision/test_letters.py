"""一单三书: from a red cell to the evaluated answer, and every wrong door on the way (三（二）1, 三（二）2)."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from accountability.models import Duty, Evidence, Notice, Person, Record
from accountability.models.history import save_as
from accountability.offers import offered
from accountability.services.duties import waive
from accountability.services.records import decide
from supervision.models import Letter, LetterAnswer, LetterMatter
from supervision.services import letter_answers, letters
from tests import acts, cast
from tests.inspections.rounds import fed_back, finding_of
from tests.supervision import letter_acts as deeds

pytestmark = pytest.mark.django_db


def titles_for(person: Person) -> list[str]:
    return list(Notice.objects.filter(recipient=person).order_by("pk").values_list("title", flat=True))


def late_duty(on: date = date(2026, 11, 3)) -> Duty:
    duty = acts.duty_of(cast.organisation(cast.OURS), "risk-self-check")
    duty.due_on = on
    save_as(duty, by=Person.objects.system(), reason="为测试提前")
    return duty


# ── from a red cell to the evaluation ────────────────────────────────────────────────────────


def test_from_a_red_cell_to_the_evaluated_answer(login, people):
    duty = late_duty()
    board = login("discipline").get("/supervision/").content.decode()
    cell = f"/ledger/?year=2026&amp;organisation={duty.organisation_id}&amp;obligation={duty.obligation_id}"
    assert cell in board
    client = login("discipline")
    ledger = client.get(cell.replace("&amp;", "&"))
    address = f"/oversight/letters/new/?organisation={duty.organisation_id}&obligation={duty.obligation_id}&year=2026"
    assert address.replace("&", "&amp;") in ledger.content.decode()
    page = client.get(address)
    row = page.context["rows"].forms[0]
    assert f"{duty.number}" in row.initial["text"]
    assert "应于2026-11-03前完成，截至2026-11-23逾期 20 天" in row.initial["text"]
    assert row.initial["source_duty"] == duty.pk

    sent = deeds.form_of(deeds.matter(text=row.initial["text"], source_duty=duty.pk), subject="会计学院自查逾期")
    assert client.post(address, sent).status_code == 302
    letter = Letter.objects.get()
    assert (letter.recipient.name, letter.state, letter.drafted_by) == (cast.OURS, "draft", people["discipline"])
    data = {"act": "propose", "signer": people["secretary"].pk}
    assert client.post(f"/oversight/letters/{letter.pk}/act/", data).status_code == 302
    client = login("secretary")
    assert "待签发" in client.get("/oversight/letters/?view=mine").content.decode()
    assert "送审" in client.get(f"/oversight/letters/{letter.pk}/").content.decode()
    assert client.post(f"/oversight/letters/{letter.pk}/act/", {"act": "sign"}).status_code == 302

    letter.refresh_from_db()
    matter = deeds.first(letter)
    assert letter.number == "纪督〔2026〕1号"
    assert (matter.duty.owner.full_title, matter.duty.due_on) == ("会计学院党委书记", deeds.DUE)
    assert matter.duty.supervisor.kind == "commission"
    for who in ("unit_secretary", "liaison"):
        assert titles_for(people[who])[-1] == "新的督办单纪督〔2026〕1号，2026-12-18 前答复"
    page = login("unit_secretary").get(f"/ledger/{matter.duty_id}/").content.decode()
    assert "看督办单 纪督〔2026〕1号" in page
    assert "办理监督文书答复" in page
    assert "看督办单 纪督〔2026〕1号" in login("discipline").get(f"/ledger/{duty.pk}/").content.decode()

    client = login("unit_secretary")
    assert client.post(f"/oversight/letters/{letter.pk}/acknowledge/").status_code == 302
    letter.refresh_from_db()
    assert letter.read_by == people["unit_secretary"]
    client = login("liaison")
    files = [SimpleUploadedFile("自查表.pdf", acts.PDF)]
    answer = client.post(f"/oversight/letters/matters/{matter.pk}/answer/", {"text": deeds.ANSWER, "files": files})
    assert answer.status_code == 302
    assert deeds.first(letter).state == "drafted"
    record = LetterAnswer.objects.get().record
    assert record.attachments.get().name == "自查表.pdf"
    decide(record, "accept", by=people["unit_secretary"])
    assert deeds.first(letter).state == "answered"
    assert acts.state(matter.duty) == "fulfilled"
    assert titles_for(people["discipline"])[-1] == "答复待评价：会计学院 · 纪督〔2026〕1号第1项"

    client = login("discipline")
    page = client.get(f"/oversight/letters/matters/{matter.pk}/evaluate/").content.decode()
    assert deeds.ANSWER in page
    assert "自查表.pdf" in page
    graded = {"grade": "good", "words": "措施具体，责任到人。"}
    assert client.post(f"/oversight/letters/matters/{matter.pk}/evaluate/", graded).status_code == 302
    assert deeds.first(letter).state == "settled"
    assert list(Letter.objects.concluded()) == [letter]
    assert titles_for(people["liaison"])[-1] == "答复满意：纪督〔2026〕1号第1项"
    history = client.get(f"/oversight/letters/{letter.pk}/").content.decode()
    for words in ("拟稿", "送审", "签发", "已阅签收", "单位答复", "评价满意：措施具体，责任到人。"):
        assert words in history


def test_a_letter_begins_from_each_thing(login, people):
    finding = finding_of(fed_back(people["discipline"]))
    client = login("discipline")
    unit = cast.organisation(cast.OURS)
    for page, address in (
        (f"/ledger/{late_duty().pk}/", f"/oversight/letters/new/?duty={late_duty().pk}"),
        (f"/inspections/findings/{finding.pk}/", f"/oversight/letters/new/?finding={finding.pk}"),
        (f"/organisations/{unit.pk}/", f"/oversight/letters/new/?organisation={unit.pk}"),
    ):
        assert address in client.get(page).content.decode(), page
        assert client.get(address).context["unit"] == unit
    page = client.get(f"/oversight/letters/new/?finding={finding.pk}")
    assert finding.text in page.context["rows"].forms[0].initial["text"]
    assert login("unit_secretary").get(f"/oversight/letters/new/?duty={late_duty().pk}").status_code == 403
    assert "拟监督文书" not in login("unit_secretary").get(f"/ledger/{late_duty().pk}/").content.decode()


def test_neither_school_nor_commission_receives_a_letter(people):
    for name in ("学校党委", "学校纪委", "纪委办公室"):
        with pytest.raises(ValidationError, match="不能向"):
            deeds.drafted(people["discipline"], name)
    own = acts.duty_of(cast.organisation("学校纪委"), "mechanism-inspection")
    assert [offer.label for offer in offered("duty", people["discipline"], own)] == []


def test_every_address_of_a_new_letter_answers_in_words(login, people):
    client = login("discipline")
    assert client.get("/oversight/letters/new/").status_code == 200
    unit = cast.organisation(cast.OURS).pk
    for query in ("duty=x", "duty=99999999999999999999", "finding=0", "organisation=a%00b", "escalates=-1"):
        assert client.get(f"/oversight/letters/new/?{query}").status_code == 404, query
    for query in ("obligation=zzz", "obligation=99999999999", "year=99999999", "year=%00"):
        assert client.get(f"/oversight/letters/new/?organisation={unit}&{query}").status_code == 200, query
    school = cast.organisation("学校党委").pk
    assert client.get(f"/oversight/letters/new/?organisation={school}").status_code == 400
    for query in ("view=x&kind=y&state=z&unit=q&year=0", "q=%00", "page=9999999999999999999999", "unit=999999999"):
        assert client.get(f"/oversight/letters/?{query}").status_code == 200, query
        assert client.get(f"/oversight/letters/export/?{query}").status_code == 200, query


# ── the form ─────────────────────────────────────────────────────────────────────────────────


def test_rows_are_added_without_a_script_and_what_is_typed_stays(login, people):
    client = login("discipline")
    address = f"/oversight/letters/new/?organisation={cast.organisation(cast.OURS).pk}"
    page = client.post(address, deeds.form_of(deeds.matter(text="先写一半"), add="1"))
    assert page.status_code == 200
    assert "先写一半" in page.content.decode()
    assert page.context["rows"].total_form_count() == 2
    sent = deeds.form_of(
        deeds.matter(),
        deeds.matter(text="第二项的内容也写得够长。"),
        deeds.matter(text="", asked="", basis="", due_on=""),
    )
    assert client.post(address, sent).status_code == 302
    letter = Letter.objects.get()
    assert list(letter.matters.values_list("rank", "text")) == [(1, deeds.TEXT), (2, "第二项的内容也写得够长。")]

    edited = deeds.form_of(deeds.matter(DELETE="on"), deeds.matter(text="只留下这一项，其余删去。"))
    assert client.post(f"/oversight/letters/{letter.pk}/edit/", edited).status_code == 302
    assert list(letter.matters.values_list("rank", "text")) == [(1, "只留下这一项，其余删去。")]
    assert LetterMatter.history.filter(letter=letter.pk, history_type="-").exists()


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"matters": [deeds.matter(text="短")]}, "请写明内容，至少 10 个字"),
        ({"matters": [deeds.matter(due_on="2026-11-23")]}, "答复期限须晚于今天"),
        ({"matters": [deeds.matter(due_on="2028-01-01")]}, "不晚于 2027 年底"),
        ({"matters": [deeds.matter(due_on="明天")]}, "请按 2026-11-20 的样式"),
        ({"matters": [deeds.matter(text="", asked="", basis="", due_on="")]}, "至少写一项"),
        ({"matters": [deeds.matter(source_duty="99999999")]}, "关联的责任事项找不到"),
        ({"kind": "inform"}, "请选择被告知人"),
        ({"kind": "nothing"}, "请从列表中选择文书种类"),
        ({"subject": "短"}, "请写明事由，至少 4 个字"),
        ({"subject": "绝密★事项说明"}, "密级标志"),
        ({"matters-TOTAL_FORMS": "x"}, ""),
        ({"matters-TOTAL_FORMS": "2000"}, ""),
    ],
)
def test_bad_input_is_told_and_kept(login, people, facts, words):
    facts = dict(facts)
    sent = deeds.form_of(*facts.pop("matters", [deeds.matter()])) | facts
    address = f"/oversight/letters/new/?organisation={cast.organisation(cast.OURS).pk}"
    answer = login("discipline").post(address, sent)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not Letter.objects.exists()


def test_a_duty_of_another_unit_is_refused(people):
    theirs = acts.duty_of(cast.organisation(cast.THEIRS), "risk-self-check")
    with pytest.raises(ValidationError, match="不是会计学院的"):
        deeds.drafted(people["discipline"], cast.OURS, deeds.matter(source_duty=theirs))


# ── signing ──────────────────────────────────────────────────────────────────────────────────


def test_who_drafted_edited_or_proposed_does_not_sign(people):
    drafter, head = people["discipline"], deeds.commission_head()
    letter = deeds.drafted(drafter)
    assert drafter not in letters.signers_for(letter, drafter)
    assert people["secretary"] in letters.signers_for(letter, drafter)
    with pytest.raises(ValidationError, match="请选择签发人"):
        letters.perform(letter, "propose", by=drafter, signer=drafter)
    with pytest.raises(ValidationError, match="请选择签发人"):
        letters.perform(letter, "propose", by=drafter, signer=people["office"])
    letters.edit(letter, by=head, matters=[deeds.matter()], kind="order", subject="换一个事由")
    with pytest.raises(ValidationError, match="请选择签发人"):
        letters.perform(letter, "propose", by=drafter, signer=head)
    letter = letters.perform(letter, "propose", by=drafter, signer=people["secretary"])
    for hand in ("drafted_by", "edited_by", "proposed_by"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Letter.objects.filter(pk=letter.pk).update(**{hand: people["secretary"]})
    with pytest.raises(PermissionDenied):
        letters.perform(letter, "sign", by=head)
    assert letters.perform(letter, "sign", by=people["secretary"]).state == "issued"


def test_another_of_the_commission_signs_too(people):
    head = deeds.commission_head()
    letter = deeds.drafted(people["discipline"])
    letters.perform(letter, "propose", by=people["discipline"], signer=head)
    assert letters.perform(letter, "sign", by=head).signer == head


def test_sent_back_taken_back_withdrawn(people):
    drafter, secretary = people["discipline"], people["secretary"]
    letter = letters.perform(deeds.drafted(drafter), "propose", by=drafter, signer=secretary)
    with pytest.raises(ValidationError, match="至少 4 个字"):
        letters.perform(letter, "send_back", by=secretary, reason="改")
    letter = letters.perform(letter, "send_back", by=secretary, reason="依据写得不准")
    assert (letter.state, letter.signer, letter.returned_reason) == ("draft", None, "依据写得不准")
    assert titles_for(drafter)[-1].startswith("退回修改：")
    assert not Letter.objects.visible_to(secretary).exists()
    letter = letters.perform(letter, "propose", by=drafter, signer=secretary)
    with pytest.raises(ValidationError, match="不能再改"):
        letters.edit(letter, by=drafter, matters=[deeds.matter()], kind="order", subject="换一个事由")
    letter = letters.perform(letter, "take_back", by=drafter)
    letter = letters.perform(letter, "withdraw", by=drafter, reason="改为当面提醒")
    assert (letter.state, letter.closed_by, letter.closed_reason) == ("withdrawn", drafter, "改为当面提醒")
    with pytest.raises(ValidationError, match="已作废"):
        letters.perform(letter, "propose", by=drafter, signer=secretary)
    assert not Duty.objects.filter(letter_matter__isnull=False).exists()


def test_nobody_else_drafts(people):
    for who in ("office", "secretary", "member", "unit_secretary", "sysadmin", "outsider"):
        with pytest.raises(PermissionDenied, match="由纪委拟制"):
            deeds.drafted(people[who])


def test_issued_it_does_not_change(people, login):
    letter = deeds.issued(people)
    with pytest.raises(ValidationError, match="不能再改"):
        letters.edit(letter, by=people["discipline"], matters=[deeds.matter()], kind="order", subject="换一个事由")
    assert login("discipline").get(f"/oversight/letters/{letter.pk}/edit/").status_code == 302
    with pytest.raises(ValidationError, match="不能作废"):
        letters.perform(letter, "withdraw", by=people["discipline"], reason="不发了算了")


def test_days_that_came_while_it_lay_are_refused(people, clock):
    letter = deeds.drafted(people["discipline"])
    letters.perform(letter, "propose", by=people["discipline"], signer=people["secretary"])
    clock.shift(timedelta(days=30))
    with pytest.raises(ValidationError, match="答复期限已到"):
        letters.perform(letter, "sign", by=people["secretary"])


def test_a_character_no_font_draws_is_refused_before_signing(people):
    letter = deeds.drafted(
        people["discipline"], cast.OURS, deeds.matter(text="写错了一个字形\U0003fffd，请改正后再报。")
    )
    with pytest.raises(ValidationError, match="没有可用的字形"):
        letters.perform(letter, "propose", by=people["discipline"], signer=people["secretary"])


def test_numbers_follow_each_other_and_a_notice_of_the_first_form_has_its_own(people):
    assert [deeds.issued(people).number for _ in range(2)] == ["纪督〔2026〕1号", "纪督〔2026〕2号"]
    assert deeds.informed(people).number == "纪告〔2026〕1号"
    assert deeds.issued(people).number == "纪督〔2026〕3号"


def test_the_word_is_a_setting(people, settings):
    settings.LETTER_WORD = "江海纪监"
    assert deeds.issued(people).number == "江海纪监〔2026〕1号"


def test_revoked_before_it_is_answered_its_duties_are_waived(people):
    letter = deeds.issued(people)
    with pytest.raises(ValidationError, match="至少 10 个字"):
        letters.perform(letter, "revoke", by=people["discipline"], reason="发错了")
    for who in ("office", "unit_secretary"):
        with pytest.raises(PermissionDenied):
            letters.perform(letter, "revoke", by=people[who], reason="所依据的记录已经补入台账。")
    letter = letters.perform(letter, "revoke", by=people["discipline"], reason="所依据的记录已经补入台账。")
    assert deeds.duty_of(letter).state == "waived"
    assert titles_for(people["liaison"])[-1] == "已撤销：督办单纪督〔2026〕1号"
    with pytest.raises(ValidationError, match="已撤销"):
        deeds.answered(letter, people["liaison"])
    assert not Letter.objects.issued().exists()
    assert Letter.objects.visible_to(people["unit_secretary"]).get() == letter

    answered = deeds.issued(people)
    deeds.answered(answered, people["liaison"])
    with pytest.raises(ValidationError, match="不能撤销"):
        letters.perform(answered, "revoke", by=people["discipline"], reason="所依据的记录已经补入台账。")


# ── receipt, answer, evaluation ──────────────────────────────────────────────────────────────


def test_the_secretary_acknowledges_once(people, login):
    letter = deeds.issued(people)
    assert list(Letter.objects.visible_to(people["discipline"]).unread()) == [letter]
    for who in ("liaison", "discipline", "office"):
        with pytest.raises(PermissionDenied, match="会计学院党委书记签收"):
            letters.acknowledge(letter, by=people[who])
    letters.acknowledge(letter, by=people["unit_secretary"])
    with pytest.raises(ValidationError, match="签收"):
        letters.acknowledge(letter, by=people["unit_secretary"])
    assert not Letter.objects.unread().exists()


def test_an_answer_given_before_the_receipt_is_its_receipt(people):
    letter = deeds.issued(people)
    deeds.answered(letter, people["unit_secretary"])
    letter.refresh_from_db()
    assert letter.read_by == people["unit_secretary"]
    assert letter.history.first().history_change_reason == "答复时视为签收"


def test_an_answer_wants_words_and_the_right_hand(people, login):
    letter = deeds.issued(people)
    for who in ("other_liaison", "member", "office", "discipline", "branch"):
        with pytest.raises(PermissionDenied, match="由会计学院答复"):
            deeds.answered(letter, people[who])
    address = f"/oversight/letters/matters/{deeds.first(letter).pk}/answer/"
    client = login("liaison")
    answer = client.post(address, {"text": "好的"})
    assert answer.status_code == 400
    assert "至少 10 个字" in answer.content.decode()
    assert "好的" in answer.content.decode()
    assert (
        client.post(address, {"text": deeds.ANSWER, "files": [SimpleUploadedFile("a.exe", b"MZ")]}).status_code == 400
    )
    assert not Record.objects.filter(act__code="letter-answer").exists()
    deeds.answered(letter, people["liaison"])
    with pytest.raises(ValidationError, match="不能再写"):
        deeds.answered(letter, people["liaison"])


def test_a_department_answers_through_its_head(people):
    """财务处 without a party secretary: the word of its head counts at once, a colleague's waits for him."""
    from accountability.services.grants import sync_grants

    unit = cast.organisation("财务处")
    secretary = unit.posts.get(role="unit_secretary")
    waits = deeds.issued(people, "财务处")
    assert waits.head == secretary
    assert deeds.answered(waits, people["department"]).state == "drafted"
    secretary.abolished_on = cast.TODAY - timedelta(days=1)
    save_as(secretary, by=people["office"], reason="撤销岗位")
    for tenure in secretary.tenures.all():
        tenure.ended_on = secretary.abolished_on
        save_as(tenure, by=people["office"], reason="撤销岗位")
    head, other = unit.posts.get(role="department"), unit.posts.get(role="liaison")
    other.rank = head.rank + 1
    save_as(other, by=people["office"], reason="排序")
    sync_grants(cast.TODAY)
    letter = deeds.issued(people, "财务处")
    assert letter.head == head
    liaison = other.tenures.get().person
    assert deeds.answered(letter, liaison).state == "drafted"
    decide(LetterAnswer.objects.latest("pk").record, "accept", by=Person.objects.get(username="department"))
    assert deeds.first(letter).state == "answered"
    again = deeds.issued(people, "财务处")
    assert deeds.answered(again, Person.objects.get(username="department")).state == "answered"


def test_no_other_act_does_what_a_letter_asks(people, login):
    letter = deeds.issued(people)
    duty = deeds.duty_of(letter)
    record = acts.record(people["unit_secretary"], cast.organisation(cast.OURS), "duty-report", credit=False)
    from accountability.services.records import credit

    with pytest.raises(ValidationError, match="以答复监督文书的方式完成"):
        credit(duty, by=people["unit_secretary"], record=record)
    answer = login("liaison").get(f"/records/new/?duty={duty.pk}")
    assert answer["Location"] == f"/oversight/letters/matters/{deeds.first(letter).pk}/answer/"


def test_returned_by_the_secretary_mended_and_withdrawn(people):
    letter = deeds.issued(people)
    deeds.answered(letter, people["liaison"])
    record = LetterAnswer.objects.get().record
    record = decide(record, "return", by=people["unit_secretary"], reason="请补充责任人")
    assert deeds.first(letter).state == "drafted"
    decide(record, "withdraw", by=people["liaison"], reason="重新写一份")
    assert deeds.first(letter).state == "waiting"
    assert deeds.first(letter).answer is None
    assert deeds.answered(letter, people["unit_secretary"]).state == "answered"
    decide(LetterAnswer.objects.latest("pk").record, "withdraw", by=people["unit_secretary"], reason="数字有误重报")
    assert deeds.first(letter).state == "waiting"
    assert deeds.duty_of(letter).state == "open"
    assert titles_for(people["discipline"])[-1].startswith("答复作废")


def test_found_wanting_it_counts_no_longer_and_is_asked_again(people):
    letter = deeds.issued(people)
    deeds.answered(letter, people["unit_secretary"])
    for wrong, words in (
        ({"words": "不行"}, "至少 10 个字"),
        ({"due_on": None}, "新的答复期限"),
        ({"due_on": cast.TODAY}, "须晚于今天"),
        ({"due_on": date(2029, 1, 1)}, "不晚于 2027 年底"),
    ):
        with pytest.raises(ValidationError, match=words):
            deeds.evaluated(letter, people["discipline"], "poor", **wrong)
    matter = deeds.evaluated(letter, people["discipline"], "poor")
    duty = deeds.duty_of(letter)
    assert (matter.state, matter.turns, duty.state, duty.due_on) == ("sent_back", 1, "open", date(2026, 12, 28))
    assert not Evidence.objects.filter(duty=duty).exists()
    assert list(Letter.objects.poor()) == [letter] == list(Letter.objects.waiting())
    assert titles_for(people["liaison"])[-1] == "答复不满意，请重新答复：纪督〔2026〕1号第1项"
    deeds.answered(letter, people["unit_secretary"], "补充了整改责任人和完成时限，附新的自查表。")
    matter = deeds.evaluated(letter, people["discipline"], "fair")
    assert (matter.state, deeds.duty_of(letter).state) == ("settled", "fulfilled")
    assert [one.grade for one in matter.answers.order_by("pk")] == ["poor", "fair"]
    assert list(Letter.objects.poor()) == [letter]


def test_who_may_not_evaluate(people, login):
    letter = deeds.issued(people)
    with pytest.raises(ValidationError, match="不能评价"):
        deeds.evaluated(letter, people["discipline"])
    deeds.answered(letter, people["unit_secretary"])
    for who in ("secretary", "office", "unit_secretary", "liaison"):
        with pytest.raises(PermissionDenied):
            deeds.evaluated(letter, people[who])
        assert login(who).post(f"/oversight/letters/matters/{deeds.first(letter).pk}/evaluate/", {"grade": "good"}).status_code == 403  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        LetterAnswer.objects.update(grade="good", evaluated_by=people["unit_secretary"], evaluated_on=cast.TODAY)
    deeds.evaluated(letter, people["discipline"])
    with pytest.raises(ValidationError, match="不能评价"):
        deeds.evaluated(letter, people["discipline"], "poor")


def test_one_of_the_commission_with_a_post_in_the_unit_stands_aside(people):
    from accountability.models import Tenure
    from accountability.services.grants import sync_grants

    post = cast.organisation(cast.OURS).posts.get(role="liaison")
    head = deeds.commission_head()
    save_as(Tenure(post=post, person=head, started_on=date(2026, 1, 1)), by=people["office"], reason="兼任")
    sync_grants(cast.TODAY)
    letter = deeds.issued(people)
    deeds.answered(letter, people["unit_secretary"])
    with pytest.raises(PermissionDenied, match="应当回避"):
        deeds.evaluated(letter, Person.objects.get(pk=head.pk))


def test_what_the_office_no_longer_asks_is_not_waited_for(people):
    letter = deeds.issued(people, cast.OURS, deeds.matter(), deeds.matter(text="第二项的内容也写得够长。"))
    waive(deeds.duty_of(letter), by=people["office"], reason="机构调整不再要求")
    assert list(Letter.objects.waiting()) == [letter]
    second = letter.matters.get(rank=2)
    letter_answers.answer(second, by=people["unit_secretary"], text=deeds.ANSWER)
    letter_answers.evaluate(second, by=people["discipline"], grade="good")
    assert list(Letter.objects.concluded()) == [letter]
    with pytest.raises(ValidationError, match="不再要求"):
        deeds.answered(letter, people["unit_secretary"])


# ── escalation ───────────────────────────────────────────────────────────────────────────────


def test_an_overdue_matter_is_escalated_once_and_both_letters_tell(login, people, clock):
    letter = deeds.issued(people)
    matter = deeds.first(letter)
    with pytest.raises(ValidationError, match="只有逾期未答复"):
        deeds.drafted(people["discipline"], escalates=matter, copied_to=letter.head)
    clock.shift(timedelta(days=30))
    client = login("discipline")
    assert f"?escalates={matter.pk}" in client.get(f"/oversight/letters/{letter.pk}/").content.decode()
    address = f"/oversight/letters/new/?escalates={matter.pk}"
    page = client.get(address)
    text = page.context["rows"].forms[0].initial["text"]
    assert "纪督〔2026〕1号" in text
    sent = deeds.form_of(deeds.matter(text=text, due_on="2026-12-31"))
    assert "须抄送" in client.post(address, sent).content.decode()
    leader = next(post for post in letters.copies_for(letter.recipient) if post.role == "member")
    assert client.post(address, sent | {"copied_to": leader.pk}).status_code == 302
    second = Letter.objects.exclude(pk=letter.pk).get()
    assert second.escalates == matter
    with pytest.raises(ValidationError, match="已经提级督办"):
        deeds.drafted(people["discipline"], escalates=matter, copied_to=leader)
    with pytest.raises(IntegrityError), transaction.atomic():
        third = deeds.drafted(
            people["discipline"], cast.OURS, deeds.matter(due_on=date(2026, 12, 31)), copied_to=leader
        )
        Letter.objects.filter(pk=third.pk).update(escalates=matter)
    letters.perform(second, "propose", by=people["discipline"], signer=people["secretary"])
    second = letters.perform(second, "sign", by=people["secretary"])
    first_page = client.get(f"/oversight/letters/{letter.pk}/").content.decode()
    assert f"/oversight/letters/{second.pk}/" in first_page
    assert f"/oversight/letters/{letter.pk}/" in client.get(f"/oversight/letters/{second.pk}/").content.decode()
    assert Notice.objects.filter(title="抄送：督办单纪督〔2026〕2号").exists()


def test_answered_meanwhile_it_is_not_escalated(people, clock):
    letter = deeds.issued(people)
    clock.shift(timedelta(days=30))
    leader = letters.copies_for(letter.recipient).first()
    second = deeds.drafted(
        people["discipline"], cast.OURS, deeds.matter(due_on=date(2026, 12, 31)), escalates=deeds.first(letter), copied_to=leader
    )  # fmt: skip
    deeds.answered(letter, people["unit_secretary"])
    with pytest.raises(ValidationError, match="已经答复"):
        letters.perform(second, "propose", by=people["discipline"], signer=people["secretary"])


# ── paper ────────────────────────────────────────────────────────────────────────────────────


def test_the_paper_is_frozen_and_says_what_the_letter_says(login, people):
    import io

    import pypdf
    from docx import Document as Word

    from tests.letters import set_papers

    letter = deeds.issued(people, cast.OURS, deeds.matter(), deeds.matter(text="第二项的内容也写得够长。"))
    assert login("unit_secretary").get(f"/oversight/letters/{letter.pk}/pdf/").status_code == 400
    set_papers()
    letter.refresh_from_db()
    assert letter.pages >= 1
    assert len(letter.pdf_sha256) == 64
    answer = login("unit_secretary").get(f"/oversight/letters/{letter.pk}/pdf/")
    told = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages)
    told = "".join(told.split())
    for words in ("中共江海经贸大学纪律检查委员会", "纪督〔2026〕1号", "关于会计学院风险自查逾期的督办单", "会计学院党委：",
                  deeds.TEXT, "第二项的内容也写得够长。", "2026年12月18日前", "2026年11月23日"):  # fmt: skip
        assert words in told, words
    assert "草稿" not in told
    word = login("liaison").get(f"/oversight/letters/{letter.pk}/docx/")
    text = "\n".join(each.text for each in Word(io.BytesIO(word.content)).paragraphs)
    assert deeds.TEXT in text
    letter.pdf.storage.delete(letter.pdf.name)
    assert login("liaison").get(f"/oversight/letters/{letter.pk}/pdf/").status_code == 400


def test_a_draft_prints_as_a_draft(login, people):
    letter = deeds.drafted(people["discipline"])
    client = login("discipline")
    assert client.get(f"/oversight/letters/{letter.pk}/pdf/").content.startswith(b"%PDF")
    assert client.get(f"/oversight/letters/{letter.pk}/docx/").status_code == 200
    assert not Letter.objects.get(pk=letter.pk).pdf
