"""整改进展情况通报: its figures are its rows, what is withheld is nowhere in it, another approves, the issued stays (三（四）1)."""

from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from docx import Document as Docx

from accountability.models import Job, Notice
from accountability.models.history import save_as
from accountability.services import jobs
from inspections.models import Finding, Measure, ProgressNotice, RoundMember, Withholding
from inspections.progress_figures import masked, names_in
from inspections.services import progress_notices as verbs
from inspections.services.closing import perform
from inspections.services.measures import report_progress
from inspections.services.withholding import lift, withhold
from tests import cast
from tests.inspections.rounds import fed_back, finding_of, imported, inspection_officer, measures_of
from tests.inspections.test_rechecks import closed
from tests.paper_ruler import words as pdf_text

pytestmark = pytest.mark.django_db
S = ProgressNotice.State
SECRET_PROBLEM = "某招标项目评审专家抽取存在围标线索"
SECRET_PROGRESS = "已将围标线索移交有关部门核实处理"
OWNER = "沈若愚"


@pytest.fixture
def row(people):
    """Three problems: one closed, one long-term, one under way; the owner is named in its progress."""
    row = fed_back(people["discipline"])
    first, second, third = (finding_of(row, measures=2) for _ in range(3))
    for number, finding in enumerate((first, second, third), 1):
        finding.text = f"第{number}个方面制度执行不够严格"
        save_as(finding, by=people["discipline"], reason="改")
    closed(first, people)
    second.state, second.verified_by, second.review_on = Finding.State.LONG_TERM, people["discipline"], date(2027, 6, 1)
    save_as(second, by=people["discipline"], reason="长期坚持")
    measure = measures_of(third)[0]
    measure.owner_words = f"{OWNER}、财务处处长"
    save_as(measure, by=people["discipline"], reason="责任人")
    report_progress(measure, by=people["liaison"], progress=f"{OWNER}牵头修订办法，已完成两轮征求意见。")
    return row


def draft(row, people, scope: str = "public", **more) -> ProgressNotice:
    notice = verbs.make(row, by=people["discipline"], scope=scope, as_of=more.pop("as_of", cast.TODAY))
    return completed(notice, people["discipline"], **more)


def completed(notice: ProgressNotice, by, **more) -> ProgressNotice:
    fields = {name: getattr(notice, name) for name in ("title", "opening", "organising", "plans", "contact", "number")}
    fields["contact"] = "联系单位：党委巡察办\n联系电话：021-00000000"
    fields["number"] = f"江海经贸委〔2026〕{notice.pk}号"
    return verbs.edit(notice, by=by, **(fields | more))


def approved(notice: ProgressNotice, people) -> ProgressNotice:
    verbs.perform(notice, "propose", by=people["discipline"])
    return verbs.perform(notice, "approve", by=inspection_officer())


def issued(notice: ProgressNotice, people) -> ProgressNotice:
    approved(notice, people)
    verbs.perform(notice, "issue", by=people["discipline"])
    jobs.run(Job.objects.get(kind=verbs.ISSUE, key=f"{notice.pk}").pk)
    notice.refresh_from_db()
    return notice


def keep_back(finding: Finding, people, *, scope: str = "public", parts=("problem", "rectification")) -> None:
    withhold(
        [finding], by=people["discipline"], scopes=[scope], parts=parts, category="under_way", reason="线索正在核实"
    )


def words_of(docx: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in Docx(BytesIO(docx)).paragraphs)


def squeezed(text: str) -> str:
    return "".join(text.split())


# ── from the ledger ──────────────────────────────────────────────────────────────────────────


def test_every_figure_is_its_rows_and_fills_the_text(login, people, row):
    notice = draft(row, people)
    figures = {label: figure["value"] for label, figure in notice.figures.items()}
    assert (figures["问题数"], figures["已销号数"], figures["长期坚持数"], figures["整改中数"]) == (3, 1, 1, 1)
    assert (figures["措施数"], figures["未完成措施数"], figures["责任单位数"], figures["逾期数"]) == (6, 6, 1, 0)
    assert all(figure["value"] == len(figure["ids"]) for figure in notice.figures.values())
    assert "问题3个" in notice.text
    assert "已销号1个，其中按期销号1个" in notice.text
    assert "【" not in notice.text
    client = login("discipline")
    page = client.get(f"/inspections/notices/{notice.pk}/").content.decode()
    for figure in notice.figures.values():
        address = f"/inspections/notices/{notice.pk}/figures/{figure['code']}/"
        assert len(client.get(address).context["rows"]) == len(set(figure["ids"]))
        assert address in page or (figure["code"].startswith("W") and not figure["value"])
    assert client.get(f"/inspections/notices/{notice.pk}/figures/F99/").status_code == 404


def test_item_by_item_words_progress_and_state(people, row):
    text = draft(row, people, "inside").text
    assert "1. 第1个方面制度执行不够严格。\n" in text
    assert "完成状态：已销号（2026年11月23日）。" in text
    assert "完成状态：转长期坚持。" in text
    assert "完成状态：正在整改，整改期限2026年12月20日。" in text
    assert f"{OWNER}牵头修订办法，已完成两轮征求意见。" in text
    assert [line for line in text.splitlines() if line[:2] in ("一、", "二、", "三、")] == [
        "一、组织落实情况",
        "二、反馈问题整改落实情况",
        "三、需长期坚持事项与下一步打算",
    ]


def test_the_whole_sample_ledger(people):
    """32 problems and 115 measures, as the office's own sample has them."""
    notice = draft(imported(people["discipline"]), people)
    assert (notice.figures["问题数"]["value"], notice.figures["措施数"]["value"]) == (32, 115)
    assert notice.text.count("完成状态：") == 32
    assert "沈喆" in notice.names
    assert "沈喆" not in notice.text
    assert "沈某" in masked("责任人沈喆", notice.names)


def test_of_an_earlier_day_it_reads_the_history(people, row):
    from inspections.progress_figures import RoundLedger

    with time_machine.travel(datetime(2026, 11, 25, 1, tzinfo=UTC)):
        third = Finding.objects.get(text__startswith="第3个")
        closed(third, people, on=date(2026, 11, 25))
        before, now = RoundLedger(row, cast.TODAY), RoundLedger(row, date(2026, 11, 25))
        states = [{one.serial: one.state for one in ledger.findings} for ledger in (before, now)]
        assert states == [{1: "closed", 2: "long_term", 3: "working"}, {1: "closed", 2: "long_term", 3: "closed"}]
        assert len(before.measures) == len(now.measures) == 6
        notice = verbs.make(row, by=people["discipline"], scope="public", as_of=cast.TODAY)
        assert notice.figures["已销号数"]["value"] == 1


@pytest.mark.parametrize("as_of", [date(2026, 11, 24), date(2026, 5, 14)])
def test_a_day_without_progress_is_refused(people, row, as_of):
    with pytest.raises(ValidationError, match="截至日期须在"):
        verbs.make(row, by=people["discipline"], scope="public", as_of=as_of)


def test_remaking_keeps_what_the_office_wrote(people, row):
    notice = draft(row, people, plans="下一步对【整改中数】个问题逐条督办。")
    assert "下一步对1个问题逐条督办。" in notice.text
    closed(Finding.objects.get(text__startswith="第3个"), people)
    again = verbs.remake(notice, by=people["discipline"])
    assert "下一步对0个问题逐条督办。" in again.text
    with pytest.raises(ValidationError, match="没有叫做【完成率】的数字"):
        completed(again, people["discipline"], plans="【完成率】")


# ── withheld ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def secret(people, row) -> Finding:
    finding = Finding.objects.get(text__startswith="第3个")
    finding.text, finding.symptoms = SECRET_PROBLEM, f"{SECRET_PROBLEM}的具体表现"
    finding.category = "围标串标方面"
    save_as(finding, by=people["discipline"], reason="改")
    report_progress(measures_of(finding)[0], by=people["liaison"], progress=SECRET_PROGRESS)
    return finding


def everywhere(login, notice: ProgressNotice) -> str:
    """What a unit reads of a notice: page, PDF, Word."""
    client = login("unit_secretary")
    base = f"/inspections/notices/{notice.pk}/"
    page, pdf, docx = client.get(base), client.get(f"{base}pdf/"), client.get(f"{base}docx/")
    assert (page.status_code, pdf.status_code, docx.status_code) == (200, 200, 200)
    return squeezed(page.content.decode() + pdf_text(pdf.content) + words_of(docx.content))


def test_what_is_withheld_from_the_public_is_nowhere_in_it_but_inside(login, people, row, secret):
    keep_back(secret, people)
    public = issued(draft(row, people), people)
    inside = issued(draft(row, people, "inside"), people)
    told = everywhere(login, public)
    for words in (SECRET_PROBLEM, SECRET_PROGRESS, "围标", "线索正在核实"):
        assert words not in told
    assert "未予公开的有问题原文1项、整改情况1项：涉及正在办理的事项2项。" in told
    assert "问题3个" in told, "the total is still the ledger's"
    told = everywhere(login, inside)
    assert SECRET_PROBLEM in told
    assert SECRET_PROGRESS in told
    assert f"具体表现：{SECRET_PROBLEM}的具体表现" in told
    assert "未予公开" not in told


def test_one_part_is_withheld_and_the_other_shown(people, row, secret):
    keep_back(secret, people, parts=["problem"])
    text = draft(row, people).text
    assert SECRET_PROBLEM not in text
    assert "围标串标方面" not in text
    assert "本项问题内容不公开。" in text
    assert SECRET_PROGRESS in text


def test_what_the_party_does_not_read_the_public_does_not_either(people, row, secret):
    keep_back(secret, people, scope="inside")
    for scope in ("inside", "public"):
        assert "围标" not in draft(row, people, scope).text


def test_a_long_term_item_withheld_is_not_listed_in_the_third_part(people, row):
    finding = Finding.objects.get(text__startswith="第2个")
    keep_back(finding, people, parts=["problem"])
    assert "第2个方面" not in draft(row, people).text


def test_what_is_withheld_after_the_draft_stops_it_at_every_step(people, row, secret):
    notice = draft(row, people)
    keep_back(secret, people, parts=["problem"])
    with pytest.raises(ValidationError, match="有变动"):
        verbs.perform(notice, "propose", by=people["discipline"])
    verbs.remake(notice, by=people["discipline"])
    verbs.perform(notice, "propose", by=people["discipline"])
    keep_back(secret, people, parts=["rectification"])
    with pytest.raises(ValidationError, match="送审之后又有内容"):
        verbs.perform(notice, "approve", by=inspection_officer())
    lift(Withholding.objects.get(part="rectification"), by=people["discipline"], reason="线索已经查否")
    verbs.perform(notice, "approve", by=inspection_officer())
    verbs.perform(notice, "issue", by=people["discipline"])
    keep_back(secret, people, parts=["rectification"])
    jobs.run(Job.objects.get(kind=verbs.ISSUE).pk)
    notice.refresh_from_db()
    assert (notice.state, notice.pdf_sha256) == (S.APPROVED, "")
    assert "送审之后又有内容" in notice.job.error


def test_a_problem_that_rebounds_stays_withheld(people, row, secret):
    keep_back(secret, people)
    closed(secret, people)
    new = perform(secret, "rebound", by=people["discipline"], reason="抽查发现同类问题再次发生。")
    assert new.withholdings.count() == 2
    assert secret.withholdings.count() == 2
    notice = draft(row, people)
    assert "围标" not in notice.text
    assert notice.figures["未公开问题原文数"]["ids"] == [new.pk]


def test_what_is_typed_by_hand_does_not_tell_it(people, row, secret):
    keep_back(secret, people)
    notice = draft(row, people, plans=f"重点督办{SECRET_PROBLEM}。")
    with pytest.raises(ValidationError, match="手工填写的部分写出了"):
        verbs.perform(notice, "propose", by=people["discipline"])


def test_withholding_needs_a_reason_a_category_and_the_right_hands(login, people, row, secret):
    fields = {"scopes": ["public"], "parts": ["problem"], "category": "privacy"}
    with pytest.raises(ValidationError, match="至少 4 个字"):
        withhold([secret], by=people["discipline"], reason="保", **fields)
    with pytest.raises(PermissionDenied):
        withhold([secret], by=people["unit_secretary"], reason="涉及个人隐私", **fields)
    address = f"/inspections/findings/{secret.pk}/withhold/"
    assert login("unit_secretary").post(address, {**fields, "reason": "涉及个人隐私"}).status_code == 403
    client = login("discipline")
    answer = client.post(address, {**fields, "category": "", "reason": "名单中有学生姓名"})
    assert answer.status_code == 400
    assert "名单中有学生姓名" in answer.content.decode()
    assert client.post(address, {**fields, "reason": "名单中有学生姓名"}).status_code == 302
    assert "名单中有学生姓名" in client.get(f"/inspections/findings/{secret.pk}/").content.decode()
    assert "名单中有学生姓名" not in login("unit_secretary").get(f"/inspections/findings/{secret.pk}/").content.decode()
    row = Withholding.objects.get()
    assert (
        login("unit_secretary").post(f"/inspections/withholdings/{row.pk}/lift/", {"reason": "不再涉及"}).status_code
        == 404
    )
    client = login("discipline")
    assert client.post(f"/inspections/withholdings/{row.pk}/lift/", {"reason": "不"}).status_code == 400
    answer = client.post(f"/inspections/withholdings/{row.pk}/lift/", {"reason": "不再涉及", "next": "//evil.example/"})
    assert answer["Location"] == f"/inspections/findings/{secret.pk}/"
    assert Withholding.history.filter(history_type="-", history_change_reason__contains="不再涉及").exists()


def test_withheld_in_one_table_on_the_page_of_preparation(login, people, row, secret):
    notice = draft(row, people)
    client = login("discipline")
    address = f"/inspections/notices/{notice.pk}/prepare/"
    data = {"act": "withhold", "findings": [secret.pk], "scopes": ["public"], "parts": ["problem", "rectification"]}
    answer = client.post(address, {**data, "category": "under_way", "reason": "线"})
    assert answer.status_code == 400
    assert "至少 4 个字" in answer.content.decode()
    assert f'value="{secret.pk}" aria-label="勾选 {secret.number}" checked' in answer.content.decode()
    assert client.post(address, {**data, "category": "under_way", "reason": "线索正在核实"}).status_code == 302
    notice.refresh_from_db()
    assert "围标" not in notice.text
    assert "线索正在核实" in client.get(address).content.decode()
    assert (
        client.post(address, {**data, "findings": [], "category": "work", "reason": "线索正在核实"}).status_code == 400
    )
    assert client.post(address, {"act": "burn"}).status_code == 400


# ── names ────────────────────────────────────────────────────────────────────────────────────


def test_no_owner_is_named_in_public(login, people, row):
    public = issued(draft(row, people, plans=f"{OWNER}负责。"), people)
    told = everywhere(login, public)
    assert "沈某某牵头修订办法" in told
    body = squeezed(public.text + pdf_text(verbs.issued_bytes(public)) + words_of(verbs.word_of(public)))
    assert OWNER not in body
    assert "财务处处长" not in public.names
    assert OWNER in draft(row, people, "inside").text


def test_who_is_a_name_and_who_is_a_post(people, row):
    from inspections.progress_figures import RoundLedger

    Measure.objects.update(owner_words="沈喆、宣传部副部长，会计学院 张三", leader_words="党委书记")
    names = names_in(RoundLedger(row, cast.TODAY))
    assert {"沈喆", "张三"} <= set(names)
    assert not {"宣传部副部长", "会计学院", "党委书记"} & set(names)
    assert masked("沈喆和张三丰、张三", ["张三", "张三丰", "沈喆"]) == "沈某和张某某、张某"


# ── four eyes, the frozen paper, the correction ──────────────────────────────────────────────


def test_whoever_made_edited_or_proposed_it_does_not_approve_it(login, people, row):
    notice = draft(row, people)
    verbs.perform(notice, "propose", by=inspection_officer())
    for person in (people["discipline"], inspection_officer()):
        with pytest.raises(PermissionDenied, match="不能审定自己的通报"):
            verbs.perform(notice, "approve", by=person)
    address = f"/inspections/notices/{notice.pk}/act/"
    assert login("discipline").post(address, {"act": "approve"}).status_code == 403
    assert login("office").post(address, {"act": "approve"}).status_code == 404
    for name in ("made_by", "edited_by", "proposed_by"):
        mine = getattr(ProgressNotice.objects.get(), name)
        with pytest.raises(IntegrityError), transaction.atomic():
            ProgressNotice.objects.filter(pk=notice.pk).update(approved_by=mine)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgressNotice.objects.filter(pk=notice.pk).update(state=S.APPROVED)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgressNotice.objects.filter(pk=notice.pk).update(
            state=S.ISSUED, approved_by=people["office"], approved_on=cast.TODAY, issued_on=cast.TODAY
        )


def test_it_is_not_proposed_unfinished(people, row):
    notice = verbs.make(row, by=people["discipline"], scope="public", as_of=cast.TODAY)
    with pytest.raises(ValidationError) as refused:
        verbs.perform(notice, "propose", by=people["discipline"])
    assert refused.value.messages[0] == "文号没有填写。"
    assert "联系电话" in refused.value.messages[1]


def test_issued_it_is_frozen_with_its_hash(login, people, row):
    notice = issued(draft(row, people), people)
    assert (notice.state, notice.issued_on, len(notice.pdf_sha256)) == (S.ISSUED, cast.TODAY, 64)
    before = verbs.issued_bytes(notice)
    closed(Finding.objects.get(text__startswith="第3个"), people)
    for verb in (
        lambda: verbs.remake(notice, by=people["discipline"]),
        lambda: completed(notice, people["discipline"], plans="改"),
    ):
        with pytest.raises(ValidationError, match="不能再改"):
            verb()
    for name in ("propose", "send_back", "withdraw"):
        with pytest.raises(ValidationError):
            verbs.perform(notice, name, by=people["discipline"], reason="再改一改")
    client = login("unit_secretary")
    assert client.get(f"/inspections/notices/{notice.pk}/pdf/").content == before
    assert notice.pdf_sha256 in client.get(f"/inspections/notices/{notice.pk}/").content.decode()
    assert "草稿" not in pdf_text(before)
    assert notice.number in pdf_text(before)
    assert squeezed(words_of(verbs.word_of(notice))).startswith("中共江海经贸大学委员会文件")
    assert Notice.objects.filter(recipient=people["unit_secretary"], title__startswith="社会公开").exists()
    Path(notice.pdf.path).write_bytes(before + b"x")
    assert client.get(f"/inspections/notices/{notice.pk}/pdf/").status_code == 400


def test_the_words_of_pdf_and_word_are_the_words_of_the_page(people, row):
    notice = issued(draft(row, people), people)
    pdf, word = squeezed(pdf_text(verbs.issued_bytes(notice))), squeezed(words_of(verbs.word_of(notice)))
    for line in notice.text.splitlines():
        assert squeezed(line) in word
        assert squeezed(line)[:12] in pdf


def test_a_character_nobody_can_print_sends_it_back(people, row):
    notice = issued(draft(row, people, plans="对\U0003134f某的问题继续督办。"), people)
    assert notice.state == S.DRAFT
    assert "没有可用的字形" in notice.returned_reason
    assert Notice.objects.filter(title__startswith="退回修改").exists() or notice.made_by == people["discipline"]


def test_a_correction_is_a_new_notice_that_names_the_old(login, people, row):
    old = issued(draft(row, people), people)
    with pytest.raises(ValidationError, match="至少 10 个字"):
        verbs.correct(old, by=people["discipline"], reason="错了")
    client = login("discipline")
    answer = client.post(f"/inspections/notices/{old.pk}/correct/", {"reason": "原通报联系电话有误，现予更正。"})
    assert answer.status_code == 302
    new = ProgressNotice.objects.get(corrects=old)
    with pytest.raises(ValidationError, match="已有更正"):
        verbs.correct(old, by=people["discipline"], reason="原通报联系电话有误，现予更正。")
    new = issued(completed(new, people["discipline"]), people)
    assert f"本通报更正《{old.title}》（{old.number}，2026年11月23日印发）" in new.text
    assert old.pdf_sha256 == ProgressNotice.objects.get(pk=old.pk).pdf_sha256
    assert new.number in login("unit_secretary").get(f"/inspections/notices/{old.pk}/").content.decode()


def test_one_under_way_per_round_and_scope(people, row):
    notice = draft(row, people)
    with pytest.raises(ValidationError, match="已有一份在办"):
        draft(row, people)
    draft(row, people, "inside")
    verbs.perform(notice, "withdraw", by=people["discipline"], reason="数据尚需核对")
    other = draft(row, people)
    with pytest.raises(ValidationError, match="文号已用于"):
        completed(other, people["discipline"], number=ProgressNotice.objects.get(scope="inside").number)


# ── who sees ─────────────────────────────────────────────────────────────────────────────────


def test_an_issued_notice_is_known_by_its_bytes(login, people, row):
    notice = issued(draft(row, people), people)
    content = verbs.issued_bytes(notice)

    def verified(who: str, pdf: bytes) -> str:
        return login(who).post("/verify/", {"file": SimpleUploadedFile("通报.pdf", pdf)}).content.decode()

    page = verified("unit_secretary", content)
    for words in ("完全一致", notice.title, f"{cast.TODAY} 印发", f"/inspections/notices/{notice.pk}/"):
        assert words in page
    assert "打开文件页" not in verified("other_secretary", content), "he holds the paper, and may not open its page"
    assert "不相符" in verified("unit_secretary", content[:-1] + b"x")
    verbs.correct(notice, by=people["discipline"], reason="第三项的完成情况写错了，现予更正。")
    assert "以更正的通报为准" not in verified("unit_secretary", content), "not before the correction is issued"


def test_units_of_the_round_see_what_is_issued_and_strangers_nothing(login, people, row):
    notice = draft(row, people)
    base = f"/inspections/notices/{notice.pk}/"
    paths = (base, f"{base}pdf/", f"{base}docx/", f"{base}figures/F01/", f"{base}prepare/")
    for who in ("unit_secretary", "other_secretary", "inspector", "outsider", "office"):
        client = login(who)
        assert {client.get(path).status_code for path in paths} == {404}
    issued(notice, people)
    client = login("unit_secretary")
    assert [client.get(path).status_code for path in paths] == [200, 200, 200, 200, 403]
    page = client.get(base).content.decode()
    assert "办理历史" not in page
    assert client.get(f"{base}figures/W01/").status_code == 404
    assert client.get("/inspections/notices/").context["pager"].total == 1
    for who in ("other_secretary", "inspector", "outsider"):
        assert {login(who).get(path).status_code for path in paths} == {404}
    assert login("inspector").get("/inspections/notices/").context["pager"].total == 0
    member = RoundMember(round=row, person=people["inspector"], from_on=date(2026, 1, 1), until_on=date(2026, 12, 31))
    save_as(member, by=people["discipline"], reason="列入")
    assert login("inspector").get(base).status_code == 200


def test_only_who_manages_makes_one(login, people, row):
    for who in ("office", "secretary", "unit_secretary", "inspector"):
        assert login(who).get("/inspections/notices/new/").status_code == 403
        with pytest.raises(PermissionDenied):
            verbs.make(row, by=people[who], scope="public", as_of=cast.TODAY)


def test_made_edited_and_issued_through_the_pages(login, people, row):
    client = login("discipline")
    bad = client.post("/inspections/notices/new/", {"round": row.pk, "scope": "all", "as_of": "2026-13-01"})
    assert bad.status_code == 400
    answer = client.post("/inspections/notices/new/", {"round": row.pk, "scope": "public", "as_of": "2026-11-23"})
    notice = ProgressNotice.objects.get()
    assert answer["Location"] == f"/inspections/notices/{notice.pk}/prepare/"
    page = client.get(answer["Location"])
    data = {name: page.context["forms"]["edit"][name].value() for name in page.context["forms"]["edit"].fields}
    wrong = client.post(answer["Location"], {**data, "act": "edit", "plans": "下一步抓好【不存在】"})
    assert wrong.status_code == 400
    assert "下一步抓好【不存在】" in wrong.content.decode(), "nothing typed is lost"
    data |= {"number": "江海经贸委〔2026〕9号", "contact": "联系电话：021-00000000"}
    assert client.post(answer["Location"], {**data, "act": "edit"}).status_code == 302
    assert client.post(answer["Location"], {"act": "remake", "as_of": "2026-11-22"}).status_code == 302
    act = f"/inspections/notices/{notice.pk}/act/"
    assert client.post(act, {"act": "nothing"}).status_code == 400
    assert client.post(act, {"act": "propose"}).status_code == 302
    assert client.get(answer["Location"]).status_code == 302
    assert client.post(answer["Location"], {"act": "edit"}).status_code == 400
    client.force_login(inspection_officer(), backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(act, {"act": "send_back", "reason": "短"}).status_code == 400
    assert client.post(act, {"act": "approve"}).status_code == 302
    assert client.post(act, {"act": "issue"}).status_code == 302
    assert "正在排版印发" in client.get(f"/inspections/notices/{notice.pk}/").content.decode()
    assert client.post(act, {"act": "issue"}).status_code == 400


def test_the_list_costs_the_same_at_one_row_and_at_many(login, people, row):
    client = login("discipline")
    draft(row, people)

    def cost() -> int:
        client.get("/inspections/notices/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/inspections/notices/")
        return len(captured)

    few = cost()
    for number in range(6):
        draft(fed_back(people["discipline"], name=f"第{number}轮"), people)
    assert cost() == few


def test_making_costs_the_same_at_three_problems_and_at_thirty(people, row):
    def cost(notice: ProgressNotice) -> int:
        with CaptureQueriesContext(connection) as captured:
            verbs.remake(notice, by=people["discipline"])
        return len(captured)

    few = cost(draft(row, people))
    assert cost(draft(imported(people["discipline"]), people)) == few
