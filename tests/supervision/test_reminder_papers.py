"""提醒函、督办函: one to a unit and day, frozen and known to /verify/, read by its head, shown on the duty's page."""

import io
import threading
from datetime import date, timedelta

import pypdf
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction

from accountability.models import Duty, Notice, NumberSeries, Organisation, Post, ReminderStep
from accountability.services import jobs
from accountability.services.duties import move_due_day, waive
from supervision.models import ReminderPaper, ReminderPaperLine
from supervision.services import reminder_papers as papers
from supervision.services.reminders import sweep
from tests import acts, cast
from tests.supervision.test_reminders import DUE, days_before

WEEK_LATE, TWO_WEEKS_LATE = days_before(-7), days_before(-14)


@pytest.fixture
def owed(people) -> list[Duty]:
    """Two duties of our college and one of its first branch, due together; nothing else is owed."""
    ours = cast.organisation(cast.OURS)
    branch = Duty.objects.filter(organisation=cast.organisation(f"{cast.OURS}/第一党支部")).first()
    rows = [acts.duty_of(ours, "implementing-measures"), acts.duty_of(ours, "duty-report"), branch]
    Duty.objects.update(state=Duty.State.WAIVED)
    Duty.objects.filter(pk__in=[row.pk for row in rows]).update(due_on=DUE, state=Duty.State.OPEN)
    return rows


def set_paper(paper: ReminderPaper) -> ReminderPaper:
    jobs.run(paper.job_id)
    paper.refresh_from_db()
    return paper


class TestIssuing:
    def test_one_to_the_unit_with_its_branches(self, owed, people):
        assert papers.issue(WEEK_LATE) == 1
        paper = ReminderPaper.objects.get()
        assert (paper.kind, paper.organisation.name, paper.number) == ("remind", cast.OURS, "党办提〔2026〕1号")
        assert paper.post.full_title == "会计学院党委书记"
        assert paper.copies_to == "分管财务副校长"
        assert sorted(paper.lines.values_list("duty", flat=True)) == sorted(duty.pk for duty in owed)
        assert set(paper.lines.values_list("step", flat=True)) == {-7}

    def test_a_week_later_the_next_kind_with_copies_to_the_top(self, owed):
        papers.issue(WEEK_LATE)
        assert papers.issue(TWO_WEEKS_LATE) == 1
        paper = ReminderPaper.objects.get(kind="urge")
        assert (paper.number, paper.copies_to) == ("党办督〔2026〕1号", "分管财务副校长、学校党委书记、学校纪委")

    def test_again_writes_nothing(self, owed):
        assert [papers.issue(day) for day in (WEEK_LATE, WEEK_LATE, WEEK_LATE + timedelta(days=1))] == [1, 0, 0]

    def test_slept_through_only_the_latest_goes_out(self, owed):
        assert papers.issue(TWO_WEEKS_LATE + timedelta(days=1)) == 1
        assert ReminderPaper.objects.get().kind == "urge"

    def test_what_reaches_the_step_later_comes_in_the_paper_of_its_day(self, owed):
        Duty.objects.filter(pk=owed[1].pk).update(due_on=DUE + timedelta(days=2))
        assert [papers.issue(WEEK_LATE + timedelta(days=days)) for days in (0, 1, 2)] == [1, 0, 1]
        assert [paper.lines.count() for paper in ReminderPaper.objects.order_by("pk")] == [2, 1]

    def test_a_day_off_writes_nothing(self, owed):
        Duty.objects.filter(state="open").update(due_on=date(2026, 11, 28))
        assert papers.issue(date(2026, 12, 5)) == 0
        assert papers.issue(date(2026, 12, 7)) == 1

    def test_done_waived_and_moved_are_left_out(self, owed, people):
        waive(owed[0], by=people["office"], reason="上级另有安排")
        move_due_day(owed[1], to=DUE + timedelta(days=20), by=people["office"], reason="会议改期")
        papers.issue(WEEK_LATE)
        assert list(ReminderPaperLine.objects.values_list("duty", flat=True)) == [owed[2].pk]

    def test_what_a_leader_owes_goes_to_his_post(self, people):
        Duty.objects.update(state=Duty.State.WAIVED)
        post = Post.objects.get(title="分管财务副校长")
        Duty.objects.filter(pk=Duty.objects.filter(bearer_post=post).first().pk).update(due_on=DUE, state="open")
        papers.issue(WEEK_LATE)
        paper = ReminderPaper.objects.get()
        assert (paper.post, paper.addressee, paper.is_to_unit) == (post, "分管财务副校长", False)
        assert Notice.objects.get(url=f"/reminders/papers/{paper.pk}/").recipient == people["member"]

    def test_nothing_confidential_stands_in_a_paper(self, people):
        from tests.supervision import letter_acts as deeds

        duty = deeds.duty_of(deeds.informed(people))
        Duty.objects.exclude(pk=duty.pk).update(state=Duty.State.WAIVED)
        Duty.objects.filter(pk=duty.pk).update(due_on=DUE)
        ReminderStep.objects.filter(rule__matter="confidential", step=-7).update(paper="remind")
        assert papers.issue(WEEK_LATE) == 0

    def test_no_paper_where_the_rule_sets_none(self, owed):
        ReminderStep.objects.update(paper="")
        assert papers.issue(WEEK_LATE) == 0

    def test_numbers_have_no_gaps(self, people):
        Duty.objects.update(due_on=DUE)
        made = papers.issue(WEEK_LATE)
        numbers = [int(number.split("〕")[1][:-1]) for number in ReminderPaper.objects.values_list("number", flat=True)]
        assert made > 38
        assert sorted(numbers) == list(range(1, made + 1))
        assert NumberSeries.objects.get(series="reminder-paper-remind").last == made
        units = ReminderPaper.objects.filter(organisation__in=Organisation.objects.units())
        assert units.count() == units.values("organisation").distinct().count()

    def test_a_duty_stands_once_per_day_and_step(self, owed):
        papers.issue(WEEK_LATE)
        line = ReminderPaperLine.objects.first()
        line.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            line.save()
        paper = ReminderPaper.objects.get()
        paper.pk, paper.number = None, "党办提〔2026〕99号"
        with pytest.raises(IntegrityError), transaction.atomic():
            paper.save()

    @pytest.mark.django_db(transaction=True)
    def test_two_sweeps_at_once_write_one(self, owed):
        made, start = [], threading.Barrier(2)

        def run() -> None:
            start.wait()
            try:
                made.append(papers.issue(WEEK_LATE))
            finally:
                connection.close()

        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(made) == [0, 1]
        assert NumberSeries.objects.get(series="reminder-paper-remind").last == 1


class TestPaper:
    @pytest.fixture
    def paper(self, owed) -> ReminderPaper:
        sweep(WEEK_LATE)
        papers.issue(WEEK_LATE)
        return ReminderPaper.objects.get()

    def test_the_pdf_says_what_and_is_known_to_verify(self, paper, owed, login):
        set_paper(paper)
        content = papers.pdf_of(paper)
        text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages).replace("\n", "")
        for words in (
            "党办提〔2026〕1号",
            "会计学院党委",
            "以下 3 项责任已过到期日",
            owed[0].number,
            "2026-11-30",
            "7 天",
        ):
            assert words in text, words
        client = login("liaison")
        from django.core.files.uploadedfile import SimpleUploadedFile

        answer = client.post("/verify/", {"file": SimpleUploadedFile("函.pdf", content)})
        assert "党办提〔2026〕1号" in answer.content.decode()
        assert client.get(f"/reminders/papers/{paper.pk}/pdf/")["Content-Type"] == "application/pdf"

    def test_a_changed_file_is_refused(self, paper):
        set_paper(paper)
        with paper.pdf.storage.open(paper.pdf.name, "wb") as file:
            file.write(b"%PDF-1.7 forged")
        with pytest.raises(ValidationError, match="已被改动"):
            papers.pdf_of(paper)

    def test_typesetting_twice_keeps_the_first(self, paper):
        before = set_paper(paper).pdf_sha256
        jobs.run(jobs.queue(papers.FREEZE, str(paper.pk), by=paper.job.requested_by)[0].pk)
        paper.refresh_from_db()
        assert paper.pdf_sha256 == before

    def test_read_once_by_who_answers_for_the_unit(self, paper, login, people):
        address = f"/reminders/papers/{paper.pk}/"
        assert "已阅签收" in login("unit_secretary").get(address).content.decode()
        assert "已阅签收" not in login("liaison").get(address).content.decode()
        assert login("liaison").post(f"{address}read/").status_code == 403
        assert login("unit_secretary").post(f"{address}read/").status_code == 302
        paper.refresh_from_db()
        assert (paper.read_by, paper.read_at is not None) == (people["unit_secretary"], True)
        again = login("unit_secretary").post(f"{address}read/")
        assert again.status_code == 400
        assert "已于 2026-11-23 签收" in again.content.decode()
        with pytest.raises(PermissionDenied):
            papers.acknowledge(paper, by=people["member"])

    def test_who_sees_it(self, paper, login, people):
        address = f"/reminders/papers/{paper.pk}/"
        for who in ("office", "discipline", "secretary", "member", "unit_secretary", "liaison"):
            assert login(who).get(address).status_code == 200, who
            assert login(who).get("/reminders/papers/").context["pager"].total == 1
        for who in ("branch", "other_secretary", "other_liaison", "inspector", "sysadmin", "outsider"):
            assert login(who).get(address).status_code == 404, who
            assert login(who).get("/reminders/papers/").context["pager"].total == 0

    def test_the_views_of_the_list(self, paper, login):
        client = login("unit_secretary")
        counts = {tab.label: tab.count for tab in client.get("/reminders/papers/").context["tabs"]}
        assert counts == {"全部": 1, "待我签收": 1, "未签收": 1, "仍有未完成": 1}
        assert login("office").get("/reminders/papers/?view=mine").context["pager"].total == 0
        Duty.objects.update(state="waived")
        assert client.get("/reminders/papers/?view=open").context["pager"].total == 0

    def test_the_chain_stands_on_the_page_of_the_duty(self, paper, owed, login):
        login("unit_secretary").post(f"/reminders/papers/{paper.pk}/read/")
        page = login("liaison").get(f"/ledger/{owed[0].pk}/").content.decode()
        for words in (
            "提醒与督办",
            "逾期第 7 天",
            "沈若愚（责任人）",
            "陆知行（分管、联系校领导）",
            "党办提〔2026〕1号",
            "签收",
        ):
            assert words in page, words

    def test_a_duty_of_which_nobody_was_told_shows_none(self, owed, login):
        assert "提醒与督办" not in login("liaison").get(f"/ledger/{owed[0].pk}/").content.decode()

    def test_typeset_again_by_the_office_alone(self, paper, login):
        jobs.Job.objects.filter(pk=paper.job_id).update(state="failed", error="字体缺失")
        address = f"/reminders/papers/{paper.pk}/"
        assert "字体缺失" in login("office").get(address).content.decode()
        assert login("unit_secretary").post(f"{address}typeset/").status_code == 403
        assert login("office").post(f"{address}typeset/").status_code == 302

    def test_before_the_pdf_is_set_one_is_told_to_wait(self, paper, login):
        answer = login("liaison").get(f"/reminders/papers/{paper.pk}/pdf/")
        assert "正在排版" in answer.content.decode()
