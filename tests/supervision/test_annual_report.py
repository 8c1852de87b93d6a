"""年度报告: figures equal their rows, are frozen with them, and read back from the PDF."""

import hashlib
from datetime import date
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.http import QueryDict
from pypdf import PdfReader

from accountability.ledger import LedgerFilter
from accountability.models import Duty, Job, Notice
from accountability.services import jobs
from inspections.models import Round
from supervision.models import AnnualReport
from supervision.report.figures import figures_sha256, percent, take
from supervision.services import annual_report
from tests import acts, cast, paper_ruler
from tests.inspections.rounds import fed_back, imported

pytestmark = pytest.mark.django_db


@pytest.fixture
def lived(people):
    school, ours = cast.organisation("学校党委"), cast.organisation(cast.OURS)
    acts.record(people["office"], school, "opening-meeting", on=date(2026, 2, 27))
    acts.record(people["office"], school, "committee-meeting", on=date(2026, 5, 8), credit=False)
    acts.record(people["unit_secretary"], ours, "responsibility-letter", on=date(2026, 5, 20))
    return people


@pytest.fixture
def made(lived) -> AnnualReport:
    report = annual_report.request(cast.YEAR, by=lived["secretary"])
    jobs.run(report.job_id)
    report.refresh_from_db()
    return report


def words_of(report: AnnualReport) -> str:
    pages = PdfReader(BytesIO(report.file.read())).pages
    return "".join("".join(page.extract_text() for page in pages).split())


def test_every_figure_equals_the_rows_its_link_opens(lived):
    taken = take(cast.YEAR, cast.TODAY)
    duty_figures = [each for each in taken["figures"].values() if each["model"] == "duty"]
    assert len(duty_figures) > 200
    for each in duty_figures[:: max(1, len(duty_figures) // 60)]:
        chosen = LedgerFilter.read(QueryDict(each["url"].partition("?")[2]))
        rows = set(chosen.rows(Duty.objects.all(), on=cast.TODAY).values_list("pk", flat=True))
        assert rows == set(each["ids"]), each["label"]
        assert each["value"] == len(rows)


def test_subjects_add_up(lived):
    taken = take(cast.YEAR, cast.TODAY)
    for part in ("owed", "done", "late"):
        total = taken["figures"][taken["overview"][part]]["value"]
        assert total == sum(taken["figures"][row[part]]["value"] for row in taken["subjects"])


def test_three_two_n(lived):
    taken = take(cast.YEAR, cast.TODAY)
    rows = {row["title"]: row for row in taken["meetings"]}
    warning = rows["中层以上干部警示教育大会"]
    assert taken["figures"][warning["required"]]["value"] == 3
    assert taken["figures"][warning["held"]]["value"] == 1
    assert warning["days"] == ["2026-02-27"]
    many = rows["党委会议研究全面从严治党事项"]
    assert many["required"] is None
    assert many["words"] == "不设目标"


def test_a_percentage_of_nothing_is_a_dash():
    assert percent(0, 0) == "—"
    assert percent(1, 3) == "33.3%"


def test_the_pdf_says_what_the_figures_say(made):
    text = words_of(made)
    for words in (
        "全面从严治党“四责协同”机制", "一、年度概览", "四个责任主体履责情况", "“3+2+N”会议", "四书四会三报告",
        "二级单位履责情况", "校领导履责明细", "会计学院", "分管财务副校长", "2月27日", made.figures_sha256,
    ):  # fmt: skip
        assert words.replace(" ", "") in text, words
    owed = made.figures["figures"][made.figures["overview"]["owed"]]["value"]
    assert f"全年列入责任事项{owed}项" in text


def test_fonts_are_embedded_and_pages_numbered(made):
    content = made.file.read()
    reader = PdfReader(BytesIO(content))
    fonts = {
        font.get_object()["/BaseFont"].partition("+")[2]
        for page in reader.pages
        for font in page["/Resources"].get("/Font", {}).values()
    }
    assert paper_ruler.undrawn(content) == []
    assert any("Serif-CJK" in font for font in fonts)
    assert any("Sans-CJK" in font for font in fonts)
    assert len(reader.pages) == made.pages
    numbered = ["".join(page.extract_text().split()) for page in reader.pages[1:]]
    assert all(f"—{number}—" in text for number, text in enumerate(numbered, 2))
    assert reader.metadata.title.endswith("运行情况报告")


def test_it_is_frozen(made, lived):
    before = (made.figures, made.figures_sha256, made.file_sha256)
    acts.record(lived["office"], cast.organisation("学校党委"), "problem-list")
    jobs.run(made.job_id)
    made.refresh_from_db()
    assert (made.figures, made.figures_sha256, made.file_sha256) == before
    assert figures_sha256(made.figures) == made.figures_sha256
    assert hashlib.sha256(made.file.read()).hexdigest() == made.file_sha256


def test_the_one_who_asked_is_told(made, lived):
    assert Notice.objects.filter(recipient=lived["secretary"], kind="report").count() == 1


def test_two_who_ask_share_one_job(lived):
    first = annual_report.request(cast.YEAR, by=lived["secretary"])
    assert annual_report.request(cast.YEAR, by=lived["office"]) == first
    assert Job.objects.count() == 1


@pytest.mark.parametrize("who", ["member", "liaison", "unit_secretary", "sysadmin", "outsider"])
def test_who_does_not_speak_for_the_school_does_not_ask(people, who):
    with pytest.raises(PermissionDenied):
        annual_report.request(cast.YEAR, by=people[who])


def test_a_year_nobody_opened(people):
    with pytest.raises(ValidationError, match="尚未开启"):
        annual_report.request(2031, by=people["secretary"])


def test_a_failure_is_told_and_can_be_tried_again(lived, login, monkeypatch):
    report = annual_report.request(cast.YEAR, by=lived["secretary"])
    with monkeypatch.context() as broken:
        broken.setattr(annual_report, "compile_report", lambda *args: 1 / 0)
        jobs.run(report.job_id)
    page = login("secretary").get("/reports/").content.decode()
    assert "任务未完成" in page
    again = annual_report.request(cast.YEAR, by=lived["secretary"])
    assert again != report


def test_the_pages(made, login):
    client = login("secretary")
    page = client.get("/reports/").content.decode()
    assert f"/reports/{made.pk}/download/" in page
    figures = client.get(f"/reports/{made.pk}/").context["figures"]
    assert len(figures) == len(made.figures["figures"])
    answer = client.get(f"/reports/{made.pk}/download/")
    assert answer["Content-Type"] == "application/pdf"
    assert hashlib.sha256(b"".join(answer.streaming_content)).hexdigest() == made.file_sha256


def test_without_a_worker_the_page_says_so(lived, login):
    annual_report.request(cast.YEAR, by=lived["secretary"])
    assert "后台没有运行" in login("secretary").get("/reports/").content.decode()


def test_progress_is_polled_as_a_fragment(lived, login):
    report = annual_report.request(cast.YEAR, by=lived["secretary"])
    Job.objects.filter(pk=report.job_id).update(state="running", progress=62, step="正在汇总第 5 部分，共 7 部分")
    answer = login("secretary").get("/reports/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in answer
    assert "62%" in answer
    assert "第 5 部分" in answer


@pytest.mark.parametrize("year", ["", "abc", "99999", "２０２６"])
def test_a_year_that_is_none_is_refused(people, login, year):
    assert login("secretary").post("/reports/make/", {"year": year}).status_code == 400
    assert not AnnualReport.objects.exists()


def test_the_command_makes_the_same_without_a_browser(lived, tmp_path, capsys):
    path = tmp_path / "报告.pdf"
    call_command("annual_report", "2026", "-o", str(path))
    assert hashlib.sha256(path.read_bytes()).hexdigest() in capsys.readouterr().out
    assert path.read_bytes().startswith(b"%PDF")
    with pytest.raises(CommandError, match="尚未开启"):
        call_command("annual_report", "2031", "-o", str(path))
    with pytest.raises(CommandError, match="没有"):
        call_command("annual_report", "2026", "-o", str(tmp_path / "无" / "报告.pdf"))


# ── 巡视巡察整改 ─────────────────────────────────────────────────────────────────────────────


def test_without_a_round_the_chapter_says_so(made):
    assert made.figures["rectification"]["rounds"] == []
    assert "本年度没有巡视巡察轮次" in words_of(made)


def test_the_chapter_says_what_the_pages_say(lived, login):
    """Every figure of the chapter: the ids behind it are the rows its address opens on the web."""
    imported(lived["discipline"])
    taken = take(cast.YEAR, cast.TODAY)
    chapter, figures = taken["rectification"], taken["figures"]
    value = {name: figures[code]["value"] for name, code in chapter["overview"].items()}
    assert (value["problems"], value["measures"], value["measures_done"], value["measures_mostly"]) == (32, 115, 74, 25)
    client = login("secretary")
    page = client.get(f"/inspections/units/?year={cast.YEAR}")
    total = page.context["total"]
    for name, number in value.items():
        if name != "rebound":
            assert total.value(name) == number, name
    assert {line.name for line in page.context["lines"]} == {row["name"] for row in chapter["units"]}
    ours = [each for each in figures.values() if each["model"] in ("finding", "measure")]
    assert len(ours) > 60
    for each in ours[::9]:
        answer = client.get(each["url"])
        assert answer.context["pager"].total == each["value"] == len(each["ids"]), each["label"]
    for line in page.context["lines"]:
        row = next(row for row in chapter["units"] if row["name"] == line.name)
        for name in ("problems", "closed", "late", "long_term", "measures", "measures_done"):
            assert figures[row[name]]["value"] == line.value(name), (line.name, name)


def test_the_chapter_is_printed(lived):
    row = imported(lived["discipline"])
    report = annual_report.request(cast.YEAR, by=lived["secretary"])
    jobs.run(report.job_id)
    report.refresh_from_db()
    text = words_of(report)
    for words in ("六、巡视巡察整改", row.name, "各单位的巡视巡察整改", "按期销号率", "没有销号后反弹的问题"):
        assert words.replace(" ", "") in text, words


def test_an_earlier_round_still_in_rectification_belongs_to_the_year(lived):
    row = fed_back(lived["discipline"], starts_on=date(2025, 9, 1))
    assert row in Round.objects.of_year(2026)
    row.stage = Round.Stage.ENDED
    row.save()
    assert row in Round.objects.of_year(2026), "its feedback was in 2026"
    assert row not in Round.objects.of_year(2027)
