"""年度报告 from the figures to the receipt: who makes it, what is frozen, what others see (三（三）1, 三（三）3, 四（三）)."""

import hashlib
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone
from pypdf import PdfReader

from accountability.matrix import Matrix
from accountability.models import Document, Duty, Job, Notice, Record, WorkYear
from accountability.models.history import save_as
from accountability.papers.docx_reading import read_docx
from accountability.services import documents, jobs, papers
from supervision.models import Dispatch, FigureSet, Report
from supervision.services import report_papers, report_sending, reports
from tests import acts, cast, letters, paper_ruler

pytestmark = pytest.mark.django_db
WRITTEN = "已由党委会议逐项研究并作出安排"


@pytest.fixture
def lived(people):
    school, ours = cast.organisation("学校党委"), cast.organisation(cast.OURS)
    acts.record(people["office"], school, "opening-meeting", on=date(2026, 2, 27))
    acts.record(people["unit_secretary"], ours, "responsibility-letter", on=date(2026, 5, 20))
    return people


def made(by, act: str = "written-report", organisation=None, post=None, year: int = cast.YEAR) -> Report:
    """Asked for and made by a worker."""
    organisation = organisation or (post.organisation if post else cast.organisation("学校党委"))
    job = reports.begin(letters.kind(act), organisation, post, year, by=by)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.error
    return reports.standing(letters.kind(act), organisation, post, year)


def fresh(report: Report) -> Report:
    return Report.objects.for_list().get(pk=report.pk)


def text_of(report: Report) -> str:
    return Document.objects.get(pk=report.document_id).draft.text


def write(report: Report, text: str, *, by) -> None:
    document = letters.fresh(report.document)
    draft = document.draft
    documents.autosave(document, by=by, title=draft.title, text=text, revision=draft.revision)


def completed(report: Report, *, by) -> Report:
    """Every 请在此写明 written over."""
    from accountability.services.prefill import TO_FILL

    write(report, TO_FILL.sub(f"{WRITTEN}。", text_of(report)), by=by)
    return fresh(report)


def issued(people, report: Report | None = None, *, illustrated: bool = False) -> Report:
    """Written by the secretary, looked at by the office, printed, signed; the paper for the meeting only where it is read."""
    report = completed(report or made(people["secretary"]), by=people["secretary"])
    documents.perform(report.document, "submit", by=people["secretary"])
    documents.perform(letters.fresh(report.document), "pass", by=people["office"])
    papers.freeze_now(letters.fresh(report.document))
    letters.sign(report.document, people["secretary"])
    if illustrated:
        letters.set_papers()
    return fresh(report)


# ── begin ────────────────────────────────────────────────────────────────────────────────────


def test_a_report_is_a_document_with_figures(lived):
    report = made(lived["secretary"])
    figure_set = reports.latest_figures(report)
    assert report.document.kind.act.code == "written-report"
    assert report.document.title.endswith("关于2026年度落实全面从严治党主体责任情况的报告")
    assert figure_set.number == 1
    assert figure_set.regulation is not None
    assert len(figure_set.figures["figures"]) > 100
    assert report.addressee == "中共江海市委教育工作委员会"
    assert not reports.contradictions(text_of(report), figure_set.figures)
    assert text_of(report).count("特此报告。") == 1
    assert Notice.objects.filter(recipient=lived["secretary"], kind="report").count() == 1


def test_two_who_ask_share_one_job_and_one_report(lived):
    school, kind = cast.organisation("学校党委"), letters.kind("written-report")
    first = reports.begin(kind, school, None, cast.YEAR, by=lived["secretary"])
    assert reports.begin(kind, school, None, cast.YEAR, by=lived["office"]) == first
    jobs.run(first.pk)
    assert reports.begin(kind, school, None, cast.YEAR, by=lived["office"]) == Report.objects.get()
    jobs.run(first.pk)
    assert Report.objects.count() == 1


def test_a_killed_job_goes_on_and_doubles_nothing(lived):
    school, kind = cast.organisation("学校党委"), letters.kind("written-report")
    job = reports.begin(kind, school, None, cast.YEAR, by=lived["secretary"])
    jobs.claim(job.pk)
    reports.make(jobs.Run(Job.objects.get(pk=job.pk)))  # the work was done, the worker died before it said so
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - jobs.LEASE)
    assert job in jobs.resumable()
    jobs.run(job.pk)
    assert Job.objects.get(pk=job.pk).state == Job.State.DONE
    assert Report.objects.count() == 1


@pytest.mark.parametrize(
    ("who", "act", "place", "may"),
    [
        ("secretary", "written-report", "学校党委", True),
        ("office", "written-report", "学校党委", True),
        ("discipline", "written-report", "学校党委", False),
        ("member", "written-report", "学校党委", False),
        ("discipline", "discipline-report", "学校纪委", True),
        ("unit_secretary", "duty-report", cast.OURS, True),
        ("liaison", "duty-report", cast.OURS, True),
        ("office", "duty-report", cast.OURS, True),
        ("other_secretary", "duty-report", cast.OURS, False),
        ("discipline", "duty-report", cast.OURS, False),
        ("sysadmin", "written-report", "学校党委", False),
    ],
)
def test_who_begins_which(people, who, act, place, may):
    arguments = (letters.kind(act), cast.organisation(place), None, cast.YEAR)
    if may:
        assert reports.begin(*arguments, by=people[who]).state == Job.State.QUEUED
    else:
        with pytest.raises(PermissionDenied):
            reports.begin(*arguments, by=people[who])


def test_a_year_nobody_opened(people):
    with pytest.raises(ValidationError, match="尚未开启"):
        reports.begin(letters.kind("written-report"), cast.organisation("学校党委"), None, 2031, by=people["secretary"])


def test_a_failure_is_told_and_can_be_tried_again(lived, login, monkeypatch):
    job = reports.begin(
        letters.kind("written-report"), cast.organisation("学校党委"), None, cast.YEAR, by=lived["secretary"]
    )
    with monkeypatch.context() as broken:
        broken.setattr(reports, "take", lambda *args: 1 / 0)
        jobs.run(job.pk)
    assert not Report.objects.exists()
    page = login("secretary").get("/reports/").content.decode()
    assert "上次没有生成" in page
    assert "任务未完成" in page
    assert made(lived["secretary"])


@pytest.mark.parametrize(
    ("act", "who", "place"),
    [("duty-report", "unit_secretary", cast.OURS), ("discipline-report", "discipline", "学校纪委")],
)
def test_units_and_commission_have_theirs(lived, act, who, place):
    report = made(lived[who], act, cast.organisation(place))
    assert report.addressee == "中共江海经贸大学委员会"
    assert reports.latest_figures(report).figures["scope"]["organisation"] == cast.organisation(place).pk


def test_a_leader_has_his(lived):
    post = letters.post_of(lived["member"])
    report = made(lived["member"], "democratic-life-report", post=post)
    assert report.document.post == post
    assert "廉洁自律" in text_of(report)


@pytest.mark.usefixtures("quick_papers")
def test_a_sealed_year_can_still_be_reported_on(lived):
    year = WorkYear.objects.get(year=cast.YEAR)
    year.closed_on = cast.TODAY
    save_as(year, by=lived["office"], reason="封存")
    report = issued(lived)
    assert report.document.state == Document.State.SIGNED
    assert report.document.record is None


# ── figures and text ─────────────────────────────────────────────────────────────────────────


def test_every_number_is_what_its_rows_are(lived):
    report = made(lived["secretary"])
    figure_set = reports.latest_figures(report)
    from supervision.report.shown import rows_of

    for figure in figure_set.figures["figures"].values():
        if figure["model"] == "rate":
            assert set(figure["parts"]) <= set(figure_set.figures["figures"])
            continue
        assert figure["value"] == len(figure["ids"]), figure["label"]
        told = rows_of(figure_set, figure)
        assert len(told.rows) + told.hidden == figure["value"], figure["label"]


def test_figures_are_taken_anew_and_words_stay(lived):
    report = completed(made(lived["secretary"]), by=lived["secretary"])
    first = reports.latest_figures(report)
    acts.record(lived["office"], cast.organisation("学校党委"), "appraisal-letter", on=date(2026, 11, 20))
    jobs.run(reports.order_refresh(report, by=lived["secretary"]).pk)
    second = reports.latest_figures(report)
    assert second.number == 2
    done = {each["label"]: each for each in second.figures["figures"].values()}["全年已完成"]
    assert done["value"] == first.figures["figures"][done["code"]]["value"] + 1
    assert f"{done['value']}〔{done['code']}〕" in text_of(report)
    assert WRITTEN in text_of(report)
    first.refresh_from_db()
    assert first.sha256 != second.sha256


def test_a_number_that_is_not_its_figure_is_refused(lived):
    report = completed(made(lived["secretary"]), by=lived["secretary"])
    done = reports.latest_figures(report).figures["figures"]["F-02"]
    write(
        report,
        text_of(report).replace(f"{done['value']}〔F-02〕", f"{done['value'] + 7}〔F-02〕"),
        by=lived["secretary"],
    )
    with pytest.raises(ValidationError, match="F-02"):
        documents.perform(letters.fresh(report.document), "submit", by=lived["secretary"])
    write(report, text_of(report) + "\n又有9〔F-9999〕项。", by=lived["secretary"])
    with pytest.raises(ValidationError, match="F-9999"):
        documents.perform(letters.fresh(report.document), "submit", by=lived["secretary"])


def test_it_does_not_go_up_with_gaps(lived):
    report = made(lived["secretary"])
    with pytest.raises(ValidationError, match="没有填写"):
        documents.perform(report.document, "submit", by=lived["secretary"])


def test_figures_stand_still_once_it_has_gone_up(lived):
    report = completed(made(lived["office"]), by=lived["office"])
    documents.perform(report.document, "submit", by=lived["office"])
    with pytest.raises(ValidationError):
        reports.order_refresh(fresh(report), by=lived["office"])


def test_word_brings_the_text_back_with_its_codes(lived):
    report = completed(made(lived["secretary"]), by=lived["secretary"])
    document = letters.fresh(report.document)
    version = documents.keep_version(document, by=lived["secretary"])
    body = read_docx(papers.word_of(letters.fresh(document), version))
    assert body.text == version.text


# ── four eyes, issue, proof ──────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("quick_papers")
def test_the_secretary_issues_what_his_office_has_looked_at(lived):
    report = completed(made(lived["secretary"]), by=lived["secretary"])
    document = documents.perform(report.document, "submit", by=lived["secretary"])
    assert document.state == Document.State.IN_REVIEW
    with pytest.raises(PermissionDenied):
        documents.perform(letters.fresh(document), "pass", by=lived["secretary"])
    documents.perform(letters.fresh(document), "pass", by=lived["office"])
    papers.freeze_now(letters.fresh(document))
    letters.sign(document, lived["secretary"])
    assert letters.fresh(document).state == Document.State.SIGNED


def test_its_number_bears_the_year_it_is_issued_in(lived, clock):
    """The report of a year is written in the next; GB/T 9704 numbers papers by the year they are issued."""
    clock.move_to(datetime(2027, 1, 16, 1, 0, tzinfo=UTC))
    report = completed(made(lived["office"]), by=lived["office"])
    document = documents.perform(report.document, "submit", by=lived["office"])
    assert document.number_text == "江经党报〔2027〕1号"


def test_what_the_office_sends_up_the_secretary_signs(lived):
    report = completed(made(lived["office"]), by=lived["office"])
    document = documents.perform(report.document, "submit", by=lived["office"])
    assert document.state == Document.State.APPROVED


@pytest.mark.usefixtures("quick_papers")
def test_signed_it_fulfils_its_duty_and_is_filed(lived):
    report = issued(lived)
    record = Record.objects.get(document=report.document)
    assert record.act.code == "written-report"
    duty = Duty.objects.of_year(cast.YEAR).get(obligation__acts__code="written-report")
    assert duty.state == Duty.State.FULFILLED


def test_what_is_issued_does_not_change_and_a_changed_byte_is_found(lived, login):
    """One report, printed in both forms once, for all that is said of the papers: printing takes its time."""
    report = issued(lived, illustrated=True)
    version = report_papers.frozen_version(report)
    row = version.report_paper
    before = (version.pdf_sha256, row.sha256, row.figure_set.sha256)
    owed = row.figure_set.figures["figures"]["F-01"]["value"]

    acts.record(lived["office"], cast.organisation("学校党委"), "problem-list")
    Duty.objects.filter(organisation=cast.organisation(cast.THEIRS)).update(title="改过的责任")
    letters.set_papers()
    version = report_papers.frozen_version(fresh(report))
    row = version.report_paper
    assert (version.pdf_sha256, row.sha256, row.figure_set.sha256) == before
    assert report_papers.reproduce(version) == [("公文版", True), ("图文版", True)]

    client = login("secretary")
    for content in (papers.frozen_bytes(version), report_papers.illustrated_bytes(row)):
        assert paper_ruler.undrawn(content) == []
        words = "".join("".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())
        for told in (WRITTEN, f"列入责任事项{owed}", report.document.verify_code):
            assert told in words
        assert "<strong>相符</strong>" in _verified(client, content)
        changed = bytearray(content)
        changed[len(changed) // 2] ^= 1
        assert "<strong>不相符</strong>" in _verified(client, bytes(changed))
    assert client.get(f"/reports/{report.pk}/illustrated/").content == content

    with Path(row.file.path).open("r+b") as file:
        file.seek(1000)
        file.write(b"?")
    assert client.get(f"/reports/{report.pk}/illustrated/").status_code == 400


def _verified(client, content: bytes) -> str:
    return client.post(
        "/verify/", {"file": SimpleUploadedFile("报告.pdf", content, "application/pdf")}
    ).content.decode()


@pytest.mark.usefixtures("quick_papers")
def test_a_revision_has_figures_of_its_own(lived):
    report = issued(lived)
    first = report_papers.frozen_version(report)
    documents.perform(report.document, "revise", by=lived["secretary"], reason="补充一项内容")
    jobs.run(reports.order_refresh(fresh(report), by=lived["secretary"]).pk)
    assert reports.latest_figures(report).number == 2
    assert first.report_paper.figure_set.number == 1


# ── upward ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("quick_papers")
def test_it_goes_upward_and_the_matrix_follows(lived):
    report = issued(lived)

    def words() -> list[str]:
        school = Matrix(lived["office"], cast.YEAR, cast.TODAY).tables()[0]
        return [cell.label for row in school.rows for cells in row.cells for cell in cells]

    assert "已报送" not in words()
    first = report_sending.send(report, by=lived["office"], to=report.addressee, means="exchange", sent_on=cast.TODAY)
    second = report_sending.send(report, by=lived["office"], to=report.copies_to, means="exchange", sent_on=cast.TODAY)
    assert "已报送" in words()
    report_sending.receive(first, by=lived["secretary"], received_on=cast.TODAY, receipt_number="市教工收〔2026〕118")
    assert "已报送" in words()
    report_sending.receive(second, by=lived["office"], received_on=cast.TODAY)
    assert "已回执" in words()
    with pytest.raises(ValidationError, match="已于"):
        report_sending.receive(second, by=lived["office"], received_on=cast.TODAY)


@pytest.mark.usefixtures("quick_papers")
def test_what_is_not_issued_is_not_sent_and_nothing_twice(lived):
    draft = made(lived["secretary"])
    arguments = {"to": "中共江海市委教育工作委员会", "means": "exchange", "sent_on": cast.TODAY}
    with pytest.raises(ValidationError, match="签发后"):
        report_sending.send(draft, by=lived["secretary"], **arguments)
    report = issued(lived, draft)
    report_sending.send(report, by=lived["secretary"], **arguments)
    with pytest.raises(ValidationError, match="不必重复"):
        report_sending.send(report, by=lived["secretary"], **arguments)
    with pytest.raises(PermissionDenied):
        report_sending.send(report, by=lived["discipline"], **arguments | {"to": "别处"})
    with pytest.raises(ValidationError, match="不能晚于今天"):
        report_sending.send(report, by=lived["secretary"], **arguments | {"to": "别处", "sent_on": date(2026, 12, 1)})


def test_a_units_report_is_received_by_the_office(lived):
    report = completed(made(lived["liaison"], "duty-report", cast.organisation(cast.OURS)), by=lived["liaison"])
    documents.perform(report.document, "submit", by=lived["liaison"])
    documents.perform(letters.fresh(report.document), "pass", by=lived["office"])
    papers.freeze_now(letters.fresh(report.document))
    letters.sign(report.document, lived["unit_secretary"])
    report = fresh(report)
    row = report_sending.send(
        report, by=lived["unit_secretary"], to=report_sending.own_committee(), means="system", sent_on=cast.TODAY
    )
    assert Notice.objects.filter(recipient=lived["office"], title__startswith="请签收").exists()
    for who in ("unit_secretary", "discipline"):
        with pytest.raises(PermissionDenied):
            report_sending.receive(row, by=lived[who], received_on=cast.TODAY)
    report_sending.receive(row, by=lived["office"], received_on=cast.TODAY)
    assert Dispatch.objects.get().received_by == lived["office"].name


# ── who sees ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("quick_papers")
def test_nobody_sees_what_is_not_his(lived, login, client):
    school = made(lived["secretary"])
    ours = made(lived["unit_secretary"], "duty-report", cast.organisation(cast.OURS))
    own = made(lived["member"], "democratic-life-report", post=letters.post_of(lived["member"]))
    seen = {
        "secretary": {school, ours, own},
        "office": {school, ours, own},
        "discipline": {school, ours, own},
        "unit_secretary": {ours},
        "liaison": {ours},
        "member": {own, ours},  # in charge of the college, or in contact with it
        **dict.fromkeys(("other_secretary", "branch", "outsider", "sysadmin"), set()),
    }
    for who, expected in seen.items():
        for report in (school, ours, own):
            client = login(who)
            for page in ("", "figures/F-01/", "statistics/"):
                code = client.get(f"/reports/{report.pk}/{page}").status_code
                assert code == (200 if report in expected else 404), (who, report, page)


@pytest.mark.usefixtures("quick_papers")
def test_the_pages(lived, login):
    report = issued(lived)
    client = login("secretary")
    page = client.get("/reports/").content.decode()
    assert f"/reports/{report.pk}/" in page
    answer = client.get(f"/reports/{report.pk}/")
    page = answer.content.decode()
    assert "〔F-" not in page.split("每个数字的依据")[0]
    assert page.count('class="drawing') >= 3
    assert client.get(f"/reports/{report.pk}/illustrated/").status_code == 404, "not printed yet"
    assert client.get(f"/reports/{report.pk}/figures/F-9999/").status_code == 404
    assert client.get(f"/reports/{report.pk}/figures/F-01/?set=7").status_code == 404


def test_a_figure_clicked_opens_rows_that_equal_it(lived, login):
    """Each of them by the same reading (``test_every_number_is_what_its_rows_are``), some of every kind by their page."""
    report = made(lived["secretary"])
    client = login("secretary")
    kinds: dict[tuple, list[dict]] = {}
    for figure in reports.latest_figures(report).figures["figures"].values():
        kinds.setdefault((figure["model"], figure["code"][0]), []).append(figure)
    assert len(kinds) > 8
    for figure in [figure for figures in kinds.values() for figure in figures[:3]]:
        context = client.get(f"/reports/{report.pk}/figures/{figure['code']}/").context
        if figure["model"] == "rate":
            assert [part["code"] for part in context["parts"]] == figure["parts"]
        else:
            assert len(context["table"].rows) + context["table"].hidden == figure["value"], figure["label"]


def test_a_document_of_this_kind_begins_at_the_report(people, login):
    client = login("unit_secretary")
    answer = client.post(
        "/documents/new/",
        {"kind": letters.kind("duty-report").pk, "organisation": cast.organisation(cast.OURS).pk, "year": cast.YEAR},
    )
    assert answer.status_code == 302
    assert answer["Location"].startswith("/reports/new/")
    page = client.get(answer["Location"])
    assert page.status_code == 200
    assert client.post(
        answer["Location"], dict(pair.split("=") for pair in answer["Location"].split("?")[1].split("&"))
    )
    assert Job.objects.filter(kind=reports.BEGIN).count() == 1


def test_progress_is_polled_as_a_fragment(lived, login):
    job = reports.begin(
        letters.kind("written-report"), cast.organisation("学校党委"), None, cast.YEAR, by=lived["secretary"]
    )
    Job.objects.filter(pk=job.pk).update(state="running", progress=62, step="正在汇总第 5 部分，共 8 部分")
    client = login("secretary")
    answer = client.get("/reports/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in answer
    assert "62%" in answer
    assert "第 5 部分" in answer
    assert "后台没有运行" in client.get("/reports/").content.decode()


# ── without a browser ────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("quick_papers")
def test_the_command_prints_and_leaves_no_trace(lived, tmp_path, capsys):
    path = tmp_path / "报告.pdf"
    call_command("annual_report", "2026", "--official", "-o", str(path))
    assert hashlib.sha256(path.read_bytes()).hexdigest() in capsys.readouterr().out
    assert path.read_bytes().startswith(b"%PDF")
    assert not Report.objects.exists()
    assert not Document.objects.filter(kind__act__code="written-report").exists()
    assert not FigureSet.objects.exists()
    for arguments, words in (
        (["2031"], "尚未开启"),
        (["2026", "--of", "没有的单位"], "没有名为"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("annual_report", *arguments, "-o", str(path))
    with pytest.raises(CommandError, match="没有"):
        call_command("annual_report", "2026", "-o", str(tmp_path / "无" / "报告.pdf"))


@pytest.mark.usefixtures("quick_papers")
def test_the_command_prints_what_was_issued(lived, tmp_path):
    report = issued(lived)
    path = tmp_path / "报告.pdf"
    call_command("annual_report", "2026", "--official", "-o", str(path))
    assert hashlib.sha256(path.read_bytes()).hexdigest() == report_papers.frozen_version(report).pdf_sha256
