"""文件: each verb's exits, and what the database itself refuses (三（三）1)."""

from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accountability.models import (
    Document,
    DocumentVersion,
    Duty,
    Job,
    Notice,
    NumberSeries,
    Review,
    Signature,
)
from accountability.services import documents, jobs, prefill, signing
from accountability.services.numbers import next_number
from accountability.services.papers import frozen_bytes, sha256_of
from tests import cast, letters

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_papers")]


def test_a_draft_begins_with_what_the_system_knows(people):
    member = people["member"]
    document = documents.make(
        by=member,
        kind=letters.kind("integrity-pledge"),
        organisation=cast.organisation("学校党委"),
        post=letters.post_of(member),
        work_year=cast.YEAR,
    )
    text = document.draft.text
    assert "陆知行" in text
    assert "分管财务副校长" in text
    assert "财务处" in text  # his portfolio
    assert "{" not in text
    assert document.versions.get().source == DocumentVersion.Source.TEMPLATE


def test_every_template_can_be_filled(people):
    for kind in letters.DocumentKind.objects.all():
        prefill.check_template(kind.template)
    with pytest.raises(ValidationError, match="{不认识}"):
        prefill.check_template("某某{不认识}")


def test_one_document_of_a_kind_a_year(people):
    document = letters.project_letter(people, to="draft")
    with pytest.raises(ValidationError, match="已经起草"):
        letters.draft(people["member"], "project-letter", post=document.post)


def test_nobody_drafts_for_another(people):
    post = letters.post_of(people["member"])
    with pytest.raises(PermissionDenied):
        letters.draft(people["unit_secretary"], "project-letter", post=post)


def test_what_is_not_filled_in_is_not_sent_up(people):
    member = people["member"]
    document = documents.make(
        by=member,
        kind=letters.kind("project-letter"),
        organisation=cast.organisation("学校党委"),
        post=letters.post_of(member),
        work_year=cast.YEAR,
    )
    with pytest.raises(ValidationError, match="没有填写"):
        documents.perform(document, "submit", by=member)


def test_the_path_of_a_project_letter(people):
    member, office, secretary = people["member"], people["office"], people["secretary"]
    document = letters.project_letter(people, to="in_review")
    documents.perform(document, "return", by=office, reason="措施要写明责任部门")
    document = letters.fresh(document)
    assert (document.state, document.returned_reason) == ("returned", "措施要写明责任部门")
    assert Notice.objects.filter(recipient=member, kind=Notice.Kind.RETURNED).exists()
    documents.autosave(
        document, by=member, title=document.title, text=letters.REAL_TEXT + "\n由财务处牵头。", revision=1
    )
    documents.perform(document, "submit", by=member)
    documents.perform(document, "pass", by=office)
    assert letters.fresh(document).state == "in_review"  # the secretary's step
    documents.perform(document, "pass", by=secretary)
    assert letters.fresh(document).state == "approved"
    letters.set_papers()
    document = letters.fresh(document)
    assert document.state == "to_sign"
    assert document.number_text == "江经党项〔2026〕1号"
    letters.sign(document, member)
    document = letters.fresh(document)
    assert document.state == "signed"
    duty = letters.duty_for("project-letter", document.post)
    assert duty.state == Duty.State.FULFILLED
    assert document.record.attachments.get().sha256 == document.versions.first().pdf_sha256


def test_the_wrong_password_signs_nothing(people):
    document = letters.project_letter(people, to="to_sign")
    with pytest.raises(ValidationError, match="密码不对"):
        letters.sign(document, people["member"], password="guess")
    assert not Signature.objects.exists()


def test_only_the_paper_that_was_read_is_signed(people):
    document = letters.project_letter(people, to="to_sign")
    with pytest.raises(ValidationError, match="新版本"):
        signing.sign(document, by=people["member"], password=cast.PASSWORD, sha256="0" * 64)


def test_a_paper_changed_on_the_disk_cannot_be_signed(people):
    document = letters.project_letter(people, to="to_sign")
    version = document.versions.get(number=document.latest)
    with Path(version.pdf.path).open("r+b") as file:
        file.seek(100)
        file.write(b"X")
    with pytest.raises(ValidationError, match="校验值不符"):
        letters.sign(document, people["member"])


def test_nobody_signs_for_another(people):
    document = letters.project_letter(people, to="to_sign")
    for who in ("office", "secretary", "unit_secretary", "discipline"):
        with pytest.raises(PermissionDenied):
            letters.sign(document, people[who])


def test_a_revision_shows_the_old_signature_as_for_the_old_version(people):
    document = letters.project_letter(people)
    documents.perform(document, "revise", by=people["member"], reason="分工有调整")
    document = letters.fresh(document)
    documents.autosave(
        document, by=people["member"], title=document.title, text=letters.REAL_TEXT + "\n补充一项。", revision=1
    )
    documents.perform(document, "submit", by=people["member"])
    document = letters.fresh(document)
    assert document.signatures.get().version.number != document.latest
    assert document.number == 1  # the number stays


def test_a_letter_of_responsibility_carries_two_signatures(people):
    unit = cast.organisation(cast.OURS)
    document = letters.draft(people["office"], "responsibility-letter", organisation=unit)
    documents.perform(document, "submit", by=people["office"])
    documents.perform(document, "pass", by=people["secretary"])
    letters.set_papers()
    document = letters.fresh(document)
    leader = letters.signing.flow.holders(document.leader_post, cast.TODAY)[0]
    leader.set_password(cast.PASSWORD)
    leader.save()
    letters.sign(document, people["unit_secretary"])
    assert letters.fresh(document).state == "to_sign"  # one of two
    letters.sign(document, leader)
    document = letters.fresh(document)
    assert document.state == "signed"
    assert {one.capacity for one in document.signatures.all()} == {"leader", "head"}
    assert letters.duty_for("responsibility-letter", organisation=unit).state == Duty.State.FULFILLED


def test_somebody_elses_newer_text_is_never_overwritten(people):
    document = letters.project_letter(people, to="draft")
    with pytest.raises(ValidationError, match="保存过新的内容"):
        documents.autosave(document, by=people["office"], title="甲", text="乙", revision=0)
    assert document.draft.text == letters.REAL_TEXT


def test_a_character_no_font_has_sends_it_back(people):
    member = people["member"]
    text = letters.REAL_TEXT + "\n由\U000f0000同志负责。"
    document = letters.draft(member, "integrity-pledge", post=letters.post_of(member), text=text)
    documents.perform(document, "submit", by=member)
    documents.perform(document, "pass", by=people["office"])
    letters.set_papers()
    document = letters.fresh(document)
    assert document.state == "returned"
    assert "字形" in document.returned_reason


# ── numbers ──────────────────────────────────────────────────────────────────────────────────


def test_a_number_rolled_back_leaves_no_gap(people):
    assert next_number("document-duty-report", cast.YEAR) == 1
    with pytest.raises(RuntimeError), transaction.atomic():
        next_number("document-duty-report", cast.YEAR)
        raise RuntimeError
    assert next_number("document-duty-report", cast.YEAR) == 2
    assert NumberSeries.objects.get(series="document-duty-report").last == 2


# ── four eyes, in the service ────────────────────────────────────────────────────────────────


def test_who_sent_it_up_never_reviews_it(people):
    office = people["office"]
    post = letters.post_of(people["member"])
    document = letters.draft(office, "integrity-pledge", post=post)
    documents.perform(document, "submit", by=office)
    with pytest.raises(PermissionDenied, match="送审人不能"):
        documents.perform(letters.fresh(document), "pass", by=office)


def test_the_signer_never_reviews_what_he_signs(people):
    """The secretary's own project letter goes through the office alone."""
    secretary = people["secretary"]
    document = letters.draft(secretary, "project-letter", post=letters.post_of(secretary))
    assert document.steps == ["office"]
    documents.perform(document, "submit", by=secretary)
    with pytest.raises(PermissionDenied):
        documents.perform(letters.fresh(document), "pass", by=secretary)


def test_the_commission_reads_and_comments_but_never_edits(people):
    document = letters.project_letter(people, to="draft")
    discipline = people["discipline"]
    assert Document.objects.visible_to(discipline).filter(pk=document.pk).exists()
    with pytest.raises(PermissionDenied, match="不能修改"):
        documents.autosave(document, by=discipline, title="甲", text="乙", revision=1)
    for name in ("submit", "withdraw"):
        with pytest.raises(PermissionDenied):
            documents.perform(document, name, by=discipline, reason="不应成功")
    documents.comment(document, by=discipline, text="措施不够具体")
    assert document.comments.get().by == discipline
    assert letters.fresh(document).draft.text == letters.REAL_TEXT


# ── what the database refuses ────────────────────────────────────────────────────────────────


def refused(constraint: str | None, write) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write()


def test_the_database_refuses_the_commissions_pen(people):
    version = letters.project_letter(people, to="draft").versions.first()
    version.pk, version.number, version.edited_as = None, 99, "discipline"
    refused("document_not_edited_by_commission", version.save)


def test_the_database_refuses_a_review_of_ones_own(people):
    review = letters.project_letter(people, to="to_sign").reviews.first()
    review.pk, review.step, review.by = None, 9, review.submitted_by
    refused("review_four_eyes", review.save)


def test_the_database_refuses_a_signer_who_approved(people):
    signature = letters.project_letter(people).signatures.get()
    signature.pk, signature.capacity, signature.person = None, "leader", people["office"]
    signature.approved_by = people["office"]
    refused("signature_four_eyes", signature.save)


def test_the_database_refuses_what_must_be_once(people):
    document = letters.project_letter(people)
    twin = letters.fresh(document)
    twin.pk, twin.verify_code, twin.number, twin.record, twin.state = None, "OTHER", 7, None, "to_sign"
    refused(None, twin.save)
    twin.serial, twin.number = 2, 1
    refused(None, twin.save)
    signature = document.signatures.get()
    signature.pk, signature.person, signature.approved_by = None, people["office"], None
    refused(None, signature.save)
    signature.person, signature.capacity = people["member"], "head"
    refused(None, signature.save)
    version = document.versions.first()
    version.pk = None
    refused(None, version.save)
    review = document.reviews.filter(verdict="passed").first()
    review.pk = None
    refused(None, review.save)


def test_the_database_wants_number_hash_day_and_reason(people):
    document = letters.project_letter(people)
    document.number = None
    refused("document_approved_has_number", document.save)
    document = letters.fresh(document)
    document.signed_on = None
    refused("document_signed_has_day", document.save)
    version = document.versions.get(number=document.latest)
    version.pdf_sha256 = "short"
    refused("document_version_frozen_has_hash", version.save)
    signature = document.signatures.get()
    signature.pdf_sha256 = "short"
    refused("signature_is_bound", signature.save)
    review = Review.objects.filter(document=document).first()
    review.verdict, review.reason = "returned", ""
    refused("review_return_has_reason", review.save)
    comment = documents.comment(document, by=people["discipline"], text="好的")
    comment.text = ""
    refused("comment_says_something", comment.save)
    kind = document.kind
    kind.template = ""
    refused("document_kind_is_whole", kind.save)


# ── verify ───────────────────────────────────────────────────────────────────────────────────


def test_one_byte_decides(people):
    document = letters.project_letter(people)
    content = frozen_bytes(document.versions.get(number=document.latest))
    assert signing.verify(content).matches
    changed = content[:500] + bytes([content[500] ^ 1]) + content[501:]
    assert not signing.verify(changed).matches
    assert sha256_of(content) == document.signatures.get().pdf_sha256


# ── reports upward ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("addressee", "who"), [("committee", "office"), ("commission", "discipline")])
def test_a_problem_reported_upward_is_owed_an_answer(people, addressee, who):
    unit, head = cast.organisation(cast.OURS), people["unit_secretary"]
    document = documents.make(
        by=head, kind=letters.kind("problem-report"), organisation=unit, work_year=cast.YEAR, addressee=addressee
    )
    documents.autosave(document, by=head, title=document.title, text="一、问题\n采购验收缺少双人签字。", revision=0)
    documents.perform(document, "submit", by=head)
    letters.set_papers()
    letters.sign(document, head)
    document = letters.fresh(document)
    assert document.answer_duty.due_on > timezone.localdate()
    assert document.answer_duty.owner.role == {"office": "office", "discipline": "discipline"}[who]
    with pytest.raises(PermissionDenied):
        signing.answer(document, by=head, text="自己答复自己")
    signing.answer(document, by=people[who], text="同意，请资产处十日内会同整改。")
    document.answer_duty.refresh_from_db()
    assert document.answer_duty.state == Duty.State.FULFILLED
    with pytest.raises(ValidationError, match="已于"):
        signing.answer(letters.fresh(document), by=people[who], text="再答一次吧")


def test_a_second_problem_report_of_the_year_is_another_document(people):
    unit, head = cast.organisation(cast.OURS), people["unit_secretary"]
    first = letters.draft(head, "problem-report", organisation=unit)
    second = letters.draft(head, "problem-report", organisation=unit)
    assert (first.serial, second.serial) == (1, 2)


# ── last year's ──────────────────────────────────────────────────────────────────────────────


def test_last_years_text_is_brought_over_with_its_year_moved_on(login, people):
    from accountability.services.opening import open_year

    open_year(2027, by=people["office"])
    member = people["member"]
    post = letters.post_of(member)
    before = letters.draft(member, "integrity-pledge", post=post, text="一、2026年承诺\n不插手采购，2025年已做到。")
    documents.keep_version(before, by=member)
    fields = {"kind": letters.kind("integrity-pledge"), "organisation": post.organisation, "post": post}
    document = documents.make(by=member, work_year=2027, **fields)
    page = login("member").get(f"/documents/{document.pk}/").content.decode()
    assert "带入上年文本" in page
    with pytest.raises(PermissionDenied):
        documents.take_last_year(document, by=people["discipline"])
    assert login("member").post(f"/documents/{document.pk}/last-year/").status_code == 302
    document = letters.fresh(document)
    assert document.draft.text.startswith("一、2027年承诺")
    assert document.versions.first().source == DocumentVersion.Source.LAST_YEAR


def test_without_last_years_it_says_so(people):
    document = letters.project_letter(people, to="draft")
    with pytest.raises(ValidationError, match="上一年度没有"):
        documents.take_last_year(document, by=people["member"])


def test_a_very_long_draft_is_not_set_in_the_web_process(login, people):
    document = letters.project_letter(people, to="draft")
    member = people["member"]
    documents.autosave(document, by=member, title="长文", text="字" * 20_001, revision=1)
    documents.keep_version(document, by=member)
    page = login("member").get(f"/documents/{document.pk}/pdf/")
    assert page.status_code == 400
    assert "下载 Word" in page.content.decode()


# ── what does not fit, what went wrong ───────────────────────────────────────────────────────


def test_a_kind_is_made_by_whom_it_belongs_to(people):
    head, unit = people["unit_secretary"], cast.organisation(cast.OURS)
    for code, post, words in (
        ("written-report", None, "由学校党委制作"),
        ("debrief", None, "由本人签署"),
        ("duty-report", letters.post_of(head), "由单位制作"),
        ("branch-report", None, "由党支部制作"),
    ):
        with pytest.raises(ValidationError, match=words):
            letters.draft(head, code, organisation=unit, post=post)


def test_a_paper_that_could_not_be_set_says_so_and_is_set_again(login, people):
    member = people["member"]
    document = letters.draft(member, "integrity-pledge", post=letters.post_of(member))
    documents.perform(document, "submit", by=member)
    documents.perform(document, "pass", by=people["office"])
    Job.objects.filter(kind="freeze_document").update(state=Job.State.FAILED, error="任务未完成：系统出错。")
    page = login("member").get(f"/documents/{document.pk}/").content.decode()
    assert "排版没有成功" in page
    assert login("discipline").post(f"/documents/{document.pk}/act/", {"transition": "retry"}).status_code == 403
    assert login("member").post(f"/documents/{document.pk}/act/", {"transition": "retry"}).status_code == 302
    job = Job.objects.get(kind="freeze_document", state=Job.State.QUEUED)
    jobs.run(job.pk)
    assert letters.fresh(document).state == "to_sign"
