"""整改台账 in and out: the sample as it is, again without change, changed in one cell, all or nothing (三（四）1)."""

import io
import json
from datetime import date

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from accountability.models import Duty, Organisation
from inspections.models import Finding, LedgerImport, Measure, UnitAlias
from inspections.services import ledger
from inspections.services.export import workbook_of
from tests.importing import confirmed
from tests.inspections.rounds import SAMPLE, fed_back, imported, inspection_officer

pytestmark = pytest.mark.django_db


def changed(edit) -> bytes:
    """The sample after ``edit(sheet)``."""
    book = openpyxl.load_workbook(SAMPLE)
    edit(book.active)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def counts(row, content: bytes) -> tuple[int, int, int]:
    plan = ledger.plan_ledger(row, content)
    assert not plan.complaints, plan.complaints[:3]
    told = plan.counts()
    return told["created"], told["updated"], told["unchanged"]


def test_the_sample_imports_with_every_measure_a_duty(people):
    row = imported(people["discipline"])
    measures = Measure.objects.filter(finding__round=row)
    assert (row.findings.count(), measures.count()) == (32, 115)
    assert row.findings.filter(is_focus=True).count() == 13
    assert [measures.filter(completion=one).count() for one in ("done", "mostly", "undone")] == [74, 25, 16]
    assert (measures.filter(due_on=None).count(), measures.filter(is_kept_up=True).count()) == (20, 27)
    duties = Duty.objects.filter(measure__in=measures)
    assert duties.count() == 115
    assert set(duties.values_list("state", flat=True)) == {Duty.State.OPEN}, "a word in a table proves nothing"
    assert len(set(duties.values_list("number", flat=True))) == 115
    assert all(duty.history.get().history_user == people["discipline"] for duty in duties[:5])
    one = measures.get(text__startswith="每次集体学习安排")
    assert (one.term, one.due_on, one.helpers.count(), one.duty.helpers.count()) == ("long", None, 2, 2)


def test_the_same_file_again_changes_nothing_and_one_cell_changes_one_row(people):
    row = imported(people["discipline"])
    before = {model: model.history.count() for model in (Finding, Measure, Duty)}
    assert counts(row, SAMPLE.read_bytes()) == (0, 0, 115)
    imported(people["discipline"], row=row)
    assert {model: model.history.count() for model in before} == before

    def edit(sheet):
        sheet["Q6"] = "下半年已开展6次研讨式学习，档案按次归集。"

    assert counts(row, changed(edit)) == (0, 1, 114)
    imported(people["discipline"], changed(edit), row)
    assert Measure.objects.filter(progress__startswith="下半年已开展6次").count() == 1


def test_a_moved_day_moves_the_duty_and_leaves_the_planned_day(people):
    row = imported(people["discipline"])

    def edit(sheet):
        sheet["O5"] = "2026年12月底前"

    imported(people["discipline"], changed(edit), row)
    duty = Duty.objects.get(measure__finding__serial=1, measure__rank=1)
    assert (duty.due_on, duty.scheduled_on) == (date(2026, 12, 31), date(2026, 6, 30))
    assert Finding.objects.get(serial=1).due_on == date(2026, 12, 31)


def test_one_bad_cell_stops_the_whole(people):
    row = fed_back(people["discipline"])

    def edit(sheet):
        sheet["O7"], sheet["L9"], sheet["Q10"] = "尽快", "不存在的处", "=1+1"

    plan = ledger.plan_ledger(row, changed(edit))
    assert [(one.row, one.column) for one in sorted(plan.complaints, key=lambda one: one.row)] == [
        (7, "整改时限"),
        (9, "牵头单位"),
        (10, "整改进展"),
    ]
    assert plan.unknown_units == {"不存在的处": 1}
    assert not Finding.objects.exists()


def test_an_unknown_unit_is_mapped_once_and_known_from_then_on(login, people):
    row = fed_back(people["discipline"])

    def edit(sheet):
        sheet["L5"] = "宣传处"

    client = login("discipline")
    file = SimpleUploadedFile("整改台账.xlsx", changed(edit))
    answer = client.post(f"/inspections/{row.pk}/import/", {"file": file}, follow=True)
    page = answer.content.decode()
    assert "系统里没有「宣传处」这个单位" in page
    assert "确定导入" not in page
    kept = LedgerImport.objects.get()
    unit = Organisation.objects.get(name="宣传部")
    page = client.post(f"/inspections/imports/{kept.pk}/", {"unit0": unit.pk}, follow=True).content.decode()
    assert "确定导入" in page
    assert UnitAlias.objects.get(name="宣传处").organisation == unit
    confirmed(client, f"/inspections/imports/{kept.pk}/")
    assert Measure.objects.count() == 115
    assert counts(row, changed(edit)) == (0, 0, 115)


def test_what_is_written_out_imports_again_unchanged_and_holds_no_formula(people):
    def edit(sheet):
        sheet["I5"].value = "=SUM(A1) 不是公式"
        sheet["I5"].data_type = "s"

    row = imported(people["discipline"], changed(edit))
    content = workbook_of(row).read()
    assert counts(row, content) == (0, 0, 115)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert not [cell for line in sheet.iter_rows() for cell in line if cell.data_type == "f"]
    assert "A5:A8" in {str(merged) for merged in sheet.merged_cells.ranges}


def test_a_closed_finding_is_not_changed_by_a_file(people):
    row = imported(people["discipline"])
    finding = row.findings.get(serial=1)
    finding.state = Finding.State.REVIEWING
    finding.save()

    def edit(sheet):
        sheet["Q6"] = "改动已提交销号的进展，应当被拒绝。"

    plan = ledger.plan_ledger(row, changed(edit))
    assert ["当前是「待单位审核」" in one.reason for one in plan.complaints] == [True]


def test_the_command_previews_commits_and_refuses(people, capsys, tmp_path):
    row = fed_back(people["discipline"])
    call_command("import_ledger", SAMPLE, "--round", row.number, "--json")
    told = json.loads(capsys.readouterr().out)
    assert told == {"problems": 32, "measures": 115, "created": 115, "updated": 0, "unchanged": 0, "errors": []}
    assert not Finding.objects.exists()
    call_command("import_ledger", SAMPLE, "--round", row.number, "--commit", "--json")
    capsys.readouterr()
    call_command("import_ledger", SAMPLE, "--round", row.number, "--json")
    assert json.loads(capsys.readouterr().out)["unchanged"] == 115
    out = tmp_path / "out.xlsx"
    call_command("export_ledger", "--round", row.number, "-o", out)
    assert openpyxl.load_workbook(out).active.max_row == 119
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(b"not a workbook")
    with pytest.raises(SystemExit) as refused:
        call_command("import_ledger", bad, "--round", row.number, "--json")
    assert refused.value.code == 1
    assert json.loads(capsys.readouterr().out.split("\n")[-2])["errors"][0]["reason"].startswith("这个文件不是 .xlsx")


def test_only_who_manages_imports(login, people):
    row = imported(people["discipline"])
    for who, status in (("secretary", 403), ("other_liaison", 403), ("branch", 404), ("outsider", 404)):
        file = SimpleUploadedFile("整改台账.xlsx", SAMPLE.read_bytes())
        answer = login(who).post(f"/inspections/{row.pk}/import/", {"file": file})
        assert answer.status_code == status, who
    assert not LedgerImport.objects.exists()


def test_the_inspection_office_manages(people):
    assert imported(inspection_officer()).findings.count() == 32


def test_ten_times_the_rows_cost_few_queries_more(people):
    """A ledger is written in batches: no query for each row."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    row = fed_back(people["discipline"])
    plan = ledger.plan_ledger(row, SAMPLE.read_bytes())
    with CaptureQueriesContext(connection) as captured:
        ledger.write(row, plan, by=people["discipline"], reason="导入台账")
    assert len(captured) < 115 / 2, len(captured)
