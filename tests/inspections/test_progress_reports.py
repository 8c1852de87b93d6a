"""整改进展月报: owed once a month, filed in one sitting, confirmed by another, frozen as said (三（四）1, 三（三）1)."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accountability.models import Duty, Notice, Record, WorkYear
from accountability.services.duties import waive
from accountability.services.opening import open_year
from accountability.services.records import credit, decide
from inspections.models import Finding, Measure, ProgressLine, ProgressReport
from inspections.services import progress_duties
from inspections.services.closing import perform
from inspections.services.measures import ask_extension, decide_extension, report_progress
from inspections.services.progress import Said, file_report
from inspections.tasks import keep_rectification
from tests import acts, cast
from tests.inspections.rounds import fed_back, finding_of, imported, inspection_officer, measures_of
from tests.inspections.test_closing import proved, verifying

pytestmark = pytest.mark.django_db
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
WORDS = "办法初稿已完成，正在征求各系意见。"


@pytest.fixture
def finding(people) -> Finding:
    return finding_of(fed_back(people["discipline"]), measures=2)


def report_of(finding: Finding, month: date = NOVEMBER) -> ProgressReport:
    return ProgressReport.objects.get(round=finding.round, organisation=finding.organisation, month=month)


def said(finding: Finding, words: str = WORDS, **more) -> dict[int, Said]:
    return {measure.pk: Said(f"{words}{measure.rank}", **more) for measure in measures_of(finding)}


def months(row, unit: str = cast.OURS) -> list[date]:
    return list(row.progress_reports.filter(organisation__name=unit).order_by("month").values_list("month", flat=True))


def test_an_imported_ledger_owes_from_its_month_on_and_does_not_flood(people):
    row = imported(people["discipline"])  # feedback 2026-05-15, today 2026-11-23
    reports = row.progress_reports.select_related("duty")
    assert min(report.month for report in reports) == NOVEMBER
    leads = set(Measure.objects.filter(finding__round=row).values_list("lead", flat=True))
    assert set(reports.filter(month=NOVEMBER).values_list("organisation", flat=True)) == leads
    assert not reports.late(cast.TODAY).exists()
    november = reports.filter(month=NOVEMBER).first().duty
    assert (november.due_on, november.supervisor.name) == (date(2026, 11, 30), "学校纪委")
    assert {report.month.year for report in reports} == {2026}, "2027 is not opened yet"
    assert all(report.history.get().history_user == people["discipline"] for report in reports[:3])


def test_the_generator_twice_writes_nothing_twice(people, finding):
    before = (ProgressReport.history.count(), Duty.history.count())
    progress_duties.keep(finding.round, by=people["discipline"], on=cast.TODAY, reason="再来一次")
    keep_rectification()
    assert (ProgressReport.history.count(), Duty.history.count()) == before
    report = report_of(finding)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgressReport.objects.create(
            round=report.round, organisation=report.organisation, month=NOVEMBER, duty=measures_of(finding)[0].duty
        )


def test_a_month_is_its_first_day(finding):
    report = report_of(finding)
    report.month = date(2026, 11, 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        report.save()


def test_after_the_period_the_reports_go_on_while_there_is_something_open(people, finding):
    row = finding.round
    assert row.rectify_by == date(2026, 11, 15), "the period is over"
    assert months(row) == [NOVEMBER, DECEMBER], "its measures are due on 2026-12-20"


def test_a_setting_ends_them_with_the_period(people, settings):
    settings.PROGRESS_REPORTS_AFTER_PERIOD = False
    row = finding_of(fed_back(people["discipline"])).round
    assert months(row) == []


def test_the_day_of_the_month_is_a_setting(people, settings):
    settings.PROGRESS_REPORT_DAY = 28  # 2026-11-28 is a Saturday
    row = finding_of(fed_back(people["discipline"])).round
    assert row.progress_reports.get(month=NOVEMBER).duty.due_on == date(2026, 11, 30)


def test_what_is_over_before_it_is_asked_for_is_not_owed(people, settings):
    settings.PROGRESS_REPORT_DAY = 10
    row = finding_of(fed_back(people["discipline"])).round
    assert months(row) == [DECEMBER]


def test_a_new_year_and_a_granted_extension_bring_their_months(people, finding):
    measure = measures_of(finding)[0]
    asked = ask_extension(measure, by=people["liaison"], to=date(2027, 2, 20), reason="招标流标，需要重新组织招标。")
    decide_extension(asked, by=people["discipline"], grants=True)
    assert months(finding.round) == [NOVEMBER, DECEMBER], "2027 is not opened yet"
    open_year(2027, by=people["office"])
    keep_rectification()
    assert months(finding.round) == [NOVEMBER, DECEMBER, date(2027, 1, 1), date(2027, 2, 1)]
    report = report_of(finding, date(2027, 2, 1))
    assert (report.duty.work_year_id, report.duty.number[:5]) == (2027, "2027-")


def test_late_measures_are_asked_for_month_by_month(people, finding, clock):
    open_year(2027, by=people["office"])
    for year in WorkYear.objects.filter(year=2027):
        assert not year.is_closed
    clock.move_to(datetime(2027, 3, 2, 1, 0, tzinfo=UTC))
    keep_rectification()
    assert date(2027, 3, 1) in months(finding.round)
    assert date(2027, 2, 1) not in months(finding.round), "a month that was over when it was asked for is not owed"


def test_the_liaison_files_the_secretary_confirms_the_ledger_says_it(people, finding):
    report = file_report(
        report_of(finding), by=people["liaison"], said=said(finding, is_mostly_done=True), note="总体平稳"
    )
    assert report.record.state == Record.State.SUBMITTED
    assert acts.state(report.duty) == Duty.State.OPEN
    assert {measure.progress for measure in measures_of(finding)} == {""}, "not yet confirmed"
    with pytest.raises(PermissionDenied):
        decide(report.record, "accept", by=people["liaison"])
    decide(report.record, "accept", by=people["unit_secretary"])
    assert acts.state(report.duty) == Duty.State.FULFILLED
    assert [(m.progress, m.completion) for m in measures_of(finding)] == [(f"{WORDS}{n}", "mostly") for n in (1, 2)]
    assert measures_of(finding)[0].history.first().history_user == people["unit_secretary"]
    assert "总体平稳" in report.record.content


def test_the_secretarys_own_word_counts_at_once(people, finding):
    report = file_report(report_of(finding), by=people["unit_secretary"], said=said(finding))
    assert acts.state(report.duty) == Duty.State.FULFILLED
    assert measures_of(finding)[0].progress == f"{WORDS}1"


def test_every_measure_is_told_of_and_done_is_proved_not_told(people, finding):
    one, two = measures_of(finding)
    with pytest.raises(ValidationError) as refused:
        file_report(
            report_of(finding),
            by=people["liaison"],
            said={one.pk: Said("进展顺利，按计划推进中。"), two.pk: Said("好")},
        )
    assert list(refused.value.message_dict) == [f"progress_{two.pk}"]
    assert not Record.objects.filter(act__code="rectification-progress").exists()
    proved(people, finding)
    report = file_report(report_of(finding), by=people["unit_secretary"], said={})
    assert {line.completion for line in report.lines.all()} == {"done"}
    assert {measure.completion for measure in measures_of(finding)} == {"done"}


def test_others_do_not_file(people, finding):
    for who in ("other_liaison", "discipline", "office", "branch"):
        with pytest.raises(PermissionDenied):
            file_report(report_of(finding), by=people[who], said=said(finding))


def test_a_month_to_come_is_not_reported(people, finding):
    with pytest.raises(ValidationError, match="从 2026-12-01 起填报"):
        file_report(report_of(finding, DECEMBER), by=people["liaison"], said=said(finding))


def test_no_plain_record_does_a_months_duty(people, login, finding):
    report = report_of(finding)
    client = login("liaison")
    answer = acts.post_record(client, report.duty, "rectification-progress")
    assert (answer.status_code, answer["Location"]) == (302, f"/inspections/progress/{report.pk}/")
    plain = acts.record(people["liaison"], report.organisation, "rectification-progress")
    with pytest.raises(ValidationError, match="逐条填报"):
        credit(report.duty, by=people["liaison"], record=plain)


def test_returned_is_mended_by_its_author_and_nothing_is_lost(people, finding):
    report = file_report(report_of(finding), by=people["liaison"], said=said(finding))
    decide(report.record, "return", by=people["unit_secretary"], reason="第二条太笼统")
    again = file_report(report, by=people["liaison"], said=said(finding, "已召开两次座谈会，收集意见十二条。"))
    assert again.record == report.record
    assert again.record.state == Record.State.SUBMITTED
    line = again.lines.first()
    assert (line.history.count(), line.progress) == (2, "已召开两次座谈会，收集意见十二条。1")


def test_the_secretary_may_file_anew_what_he_returned(people, finding):
    report = file_report(report_of(finding), by=people["liaison"], said=said(finding))
    first = report.record
    decide(first, "return", by=people["unit_secretary"], reason="我来补充填报")
    again = file_report(report, by=people["unit_secretary"], said=said(finding))
    first.refresh_from_db()
    assert (first.state, again.record.state) == (Record.State.WITHDRAWN, Record.State.ACCEPTED)
    assert acts.state(report.duty) == Duty.State.FULFILLED


def test_filed_twice_is_refused(people, finding):
    report = file_report(report_of(finding), by=people["liaison"], said=said(finding))
    with pytest.raises(ValidationError, match="已由叶清和填报"):
        file_report(report, by=people["unit_secretary"], said=said(finding))


def test_what_was_said_last_month_stands_beside_it_and_the_same_is_marked(people, finding, clock):
    decide(
        file_report(report_of(finding), by=people["liaison"], said=said(finding)).record,
        "accept",
        by=people["unit_secretary"],
    )
    clock.move_to(datetime(2026, 12, 20, 1, 0, tzinfo=UTC))
    one, two = measures_of(finding)
    december = file_report(
        report_of(finding, DECEMBER),
        by=people["liaison"],
        said={one.pk: Said(f" {WORDS}1\n"), two.pk: Said("办法已经党委会审议通过。", is_mostly_done=True)},
    )
    same, new = december.lines.all()
    assert (same.is_same, same.same_words, same.was_progress) == (True, "与上月相同", f"{WORDS}1")
    assert (new.is_same, new.was_completion, new.completion) == (False, "undone", "mostly")
    assert list(ProgressReport.objects.repeating()) == [december]


def test_a_first_report_that_repeats_the_ledger_is_marked_as_that(people, finding):
    one, two = measures_of(finding)
    for measure in (one, two):
        report_progress(measure, by=people["liaison"], progress="台账原来写的进展情况如此。")
    report = file_report(
        report_of(finding),
        by=people["liaison"],
        said={one.pk: Said("台账原来写的进展情况如此。"), two.pk: Said("本月又推进了一步，见附件。")},
    )
    assert [line.same_words if line.is_same else "" for line in report.lines.all()] == ["与台账原文相同", ""]


def test_a_line_stays_as_it_was_said(people, finding):
    report = file_report(report_of(finding), by=people["unit_secretary"], said=said(finding))
    report_progress(measures_of(finding)[0], by=people["liaison"], progress="月报之后又有了新的进展。")
    assert ProgressLine.objects.get(report=report, measure__rank=1).progress == f"{WORDS}1"
    with pytest.raises(ValidationError, match="已由沈若愚填报"):
        file_report(report, by=people["unit_secretary"], said=said(finding))


def test_a_proof_handed_in_meanwhile_is_not_undone_by_the_confirmation(people, finding):
    report = file_report(report_of(finding), by=people["liaison"], said=said(finding))
    proved(people, finding)
    decide(report.record, "accept", by=people["unit_secretary"])
    assert {measure.completion for measure in measures_of(finding)} == {"done"}


def test_it_stops_when_all_is_closed_and_what_is_late_stays_late(people, finding, clock):
    verifying(people, finding)
    perform(finding, "close", by=inspection_officer())
    reports = ProgressReport.objects.filter(round=finding.round).select_related("duty")
    assert {report.duty.state for report in reports} == {Duty.State.WAIVED}
    assert {report.stopped_on for report in reports} == {cast.TODAY}
    assert "不再要求月报" in reports[0].duty.history.first().history_change_reason
    other = finding_of(finding.round, cast.THEIRS)
    clock.move_to(datetime(2026, 12, 2, 1, 0, tzinfo=UTC))
    keep_rectification()
    assert report_of(other).duty.state == Duty.State.OPEN
    assert ProgressReport.objects.late(date(2026, 12, 2)).count() == 1


def test_a_rebound_asks_again_but_not_for_what_the_office_waived(people, finding):
    waive(report_of(finding, DECEMBER).duty, by=people["office"], reason="十二月合并在年终报告")
    verifying(people, finding)
    perform(finding, "close", by=inspection_officer())
    finding_of(finding.round)
    assert report_of(finding).duty.state == Duty.State.OPEN
    assert report_of(finding).stopped_on is None
    assert report_of(finding, DECEMBER).duty.state == Duty.State.WAIVED


def test_pages_of_the_liaison_and_of_the_secretary(login, people, finding):
    report = report_of(finding)
    client = login("liaison")
    assert f"/inspections/progress/{report.pk}/" in client.get("/inspections/").content.decode()
    duty = client.get(f"/ledger/{report.duty_id}/").content.decode()
    assert "办理整改进展月报" in duty
    assert "/records/new/" not in duty
    one, two = measures_of(finding)
    typed = {
        f"progress_{one.pk}": WORDS, f"completion_{one.pk}": "mostly",
        f"progress_{two.pk}": "好", f"completion_{two.pk}": "done", "note": "本月总体平稳推进",
    }  # fmt: skip
    answer = client.post(f"/inspections/progress/{report.pk}/", typed)
    page = answer.content.decode()
    assert answer.status_code == 400
    for words in (WORDS, "本月总体平稳推进", "至少 10 个字", "请选择未完成或基本完成"):
        assert words in page, words
    typed |= {f"progress_{two.pk}": WORDS, f"completion_{two.pk}": "undone"}
    page = client.post(f"/inspections/progress/{report.pk}/", typed, follow=True).content.decode()
    assert "等本单位党组织书记审核" in page
    assert client.post(f"/inspections/progress/{report.pk}/", typed).status_code == 400
    record = ProgressReport.objects.get(pk=report.pk).record
    secretary = login("unit_secretary")
    assert "待您审核" in secretary.get(f"/inspections/progress/{report.pk}/").content.decode()
    page = secretary.get(f"/records/{record.pk}/").content.decode()
    assert "看这期月报" in page
    secretary.post(f"/records/{record.pk}/decide/", {"transition": "accept"})
    assert acts.state(report.duty) == Duty.State.FULFILLED
    assert login("other_liaison").get(f"/inspections/progress/{report.pk}/").status_code == 404


def test_marks_of_secrecy_are_refused(login, people, finding):
    report = report_of(finding)
    typed = {"note": ""}
    for measure in measures_of(finding):
        typed |= {f"progress_{measure.pk}": f"机密★十年 {WORDS}", f"completion_{measure.pk}": "undone"}
    answer = login("liaison").post(f"/inspections/progress/{report.pk}/", typed)
    assert answer.status_code == 400
    assert "密级标志" in answer.content.decode()


def test_the_commission_sees_units_by_months_and_every_figure_opens_its_rows(login, people, finding):
    other = finding_of(finding.round, cast.THEIRS)
    file_report(report_of(finding), by=people["unit_secretary"], said=said(finding))
    client = login("discipline")
    address = f"/inspections/{finding.round_id}/progress/"
    answer = client.get(address)
    page = answer.content.decode()
    assert [line.unit.name for line in answer.context["lines"]] == sorted(
        [cast.OURS, cast.THEIRS], key=lambda name: cast.organisation(name).rank
    )
    assert "已报" in page
    for report in ProgressReport.objects.filter(round=finding.round):
        assert f"/inspections/progress/{report.pk}/" in page
    for figure in answer.context["figures"]:
        assert client.get(figure.url).context["pager"].total == figure.value, figure.label
    for line in answer.context["lines"]:
        assert client.get(line.url).context["pager"].total == line.owed
        assert client.get(line.done_url).context["pager"].total == line.done
    for _, url in answer.context["months"]:
        assert client.get(url).status_code == 200
    mine = login("other_liaison").get(address)
    assert [line.unit.name for line in mine.context["lines"]] == [cast.THEIRS]
    assert other.organisation.name == cast.THEIRS


@pytest.mark.parametrize(
    "query", ["?month=2026-99", "?month=abc", "?unit=999999999999", "?view=%00", "?month=2026-11&unit=x"]
)
def test_odd_addresses_are_no_errors(login, people, finding, query):
    assert login("discipline").get(f"/inspections/{finding.round_id}/progress/{query}").status_code == 200


def test_reminders_reach_the_unit_like_those_of_any_duty(people, finding):
    from supervision.services.reminders import sweep

    sweep(cast.TODAY)
    duty = report_of(finding).duty
    assert Notice.objects.filter(recipient=people["unit_secretary"], duty=duty).exists()
