"""再次导入: nothing changes, what changed is updated, what the file does not speak of stays and is shown (三（四）1)."""

import io
import random
from datetime import date

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from accountability.models import Duty, Organisation
from inspections.models import Finding, Measure
from inspections.services import ledger
from inspections.services.export import workbook_of
from inspections.services.planning import Planner
from inspections.services.reading import read_content
from tests.inspections.ledger_files import HEADS, ONE, TWO, below, one, seen, workbook
from tests.inspections.rounds import SAMPLE, fed_back, finding_of, imported, inspection_officer

pytestmark = pytest.mark.django_db


def planned(row, book):
    plan = Planner(row, book).make()
    assert not plan.complaints, plan.complaints[:3]
    return plan


def counts(row, book) -> tuple[int, int, int]:
    told = planned(row, book).counts()
    return told["created"], told["updated"], told["unchanged"]


def written(row, book) -> tuple[int, int, int]:
    plan = planned(row, book)
    ledger.write(row, plan, by=inspection_officer(), reason="导入台账")
    told = plan.counts()
    return told["created"], told["updated"], told["unchanged"]


@pytest.fixture
def row(people):
    row = fed_back(people["discipline"])
    assert written(row, seen(HEADS, ONE, below(), TWO)) == (3, 0, 0)
    return row


def texts(row) -> list[tuple[int, str]]:
    return list(row.findings.order_by("serial").values_list("serial", "text"))


def test_the_same_again_changes_nothing_and_writes_no_history(row):
    before = {model: model.history.count() for model in (Finding, Measure, Duty)}
    assert written(row, seen(HEADS, ONE, below(), TWO)) == (0, 0, 3)
    assert {model: model.history.count() for model in before} == before


def test_a_problem_put_in_between_takes_nobodys_number(row):
    new = one(序号=2, 具体问题="用房超标", 整改措施="腾退用房")
    book = seen(HEADS, ONE, below(), new, [3, *TWO[1:]])
    plan = planned(row, book)
    assert [note.column for note in plan.notes] == ["序号", "序号"], "the new one's number and the moved one's"
    assert written(row, book) == (1, 0, 3)
    assert texts(row) == [(1, "报销审核不严"), (2, "招标不规范"), (4, "用房超标")]
    assert counts(row, book) == (0, 0, 4)


def test_rows_in_another_order_are_the_same_rows(row):
    assert counts(row, seen(HEADS, [1, *TWO[1:]], [2, *ONE[1:]], below())) == (0, 0, 3)
    assert counts(row, seen(HEADS, TWO, [*ONE[:4], *below()[4:]], ONE)) == (0, 0, 3)


def test_what_the_file_does_not_speak_of_stays_and_is_shown(row):
    book = seen(HEADS, ONE)
    plan = planned(row, book)
    assert [(finding.serial, measure.text) for finding, measure in plan.absent_measures] == [
        (2, "公开招标信息"),
        (1, "开展培训"),
    ]
    assert written(row, book) == (0, 0, 1)
    assert Measure.objects.count() == 3


def test_a_measure_reworded_is_the_same_measure_and_another_one_is_new(row):
    book = seen(HEADS, ONE, below("开展全员培训"), below("建立台账"), TWO)
    assert written(row, book) == (1, 1, 2)
    assert set(Measure.objects.filter(finding__serial=1).values_list("rank", "text")) == {
        (1, "修订办法"),
        (2, "开展全员培训"),
        (3, "建立台账"),
    }


def test_a_problem_reworded_is_known_by_its_number_and_another_under_the_number_is_new(row):
    assert counts(row, seen(HEADS, one(具体问题="完全换了说法"), below(), TWO)) == (0, 1, 2), (
        "its measures are the same"
    )
    other = [2, "作风方面", "会议过多", "", "精简会议", "", "党委办公室", "", "", "2026.9.30", ""]
    plan = planned(row, seen(HEADS, ONE, below(), other))
    assert (plan.counts()["created"], len(plan.absent_measures)) == (1, 1)


def test_a_column_the_file_does_not_have_stays_as_it_is(row):
    heads = [head for head in HEADS if head not in ("完成情况", "配合单位", "责任人", "具体表现", "措施类型")]
    few = [[line[HEADS.index(head)] for head in heads] for line in (ONE, below(), TWO)]
    assert counts(row, seen(heads, *few)) == (0, 0, 3)


def test_a_measure_has_its_own_history_row_and_duty_by_who_imported(row):
    measure = Measure.objects.get(text="修订办法")
    kept = measure.history.get()
    assert (kept.history_type, kept.history_user, kept.history_change_reason) == ("+", inspection_officer(), "导入台账")
    tracked = [column.attname for column in type(kept).tracked_fields]
    assert {name: getattr(kept, name) for name in tracked} == {name: getattr(measure, name) for name in tracked}
    assert measure.duty.cooperations.get().history.get().history_type == "+"


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("财务处党总支", "财务处"), ("中共财务处党支部", "财务处"), ("财　务　处 ", "财务处"), ("财务\n处", "财务处"),
        ("财务处（牵头）", "财务处"), ("牵头单位：财务处", "财务处"), ("财务处\n审计处", "财务处"),
    ],
)  # fmt: skip
def test_a_unit_however_it_is_written(row, written, unit):
    plan = planned(row, seen(HEADS, one(序号=9, 具体问题="新问题", 牵头单位=written)))
    assert [one.measure.lead.name for one in plan.rows] == [unit]


def test_a_short_name_is_proposed_and_never_taken(row):
    unit = Organisation.objects.active().filter(name__endswith="学院").first()
    short = unit.name[0] + unit.name[2:]
    plan = Planner(row, seen(HEADS, one(序号=9, 具体问题="新问题", 牵头单位=short))).make()
    assert plan.unknown_units == {short: 1}
    assert plan.proposals == {short: unit}


def test_everybody_is_no_unit_and_is_kept_in_words(row):
    plan = planned(row, seen(HEADS, one(序号=9, 具体问题="新问题", 配合单位="各学院、审计处")))
    (measure,) = plan.rows
    assert (measure.measure.helper_words, [unit.name for unit in measure.helpers]) == ("各学院、审计处", ["审计处"])
    assert [note.value for note in plan.notes] == ["各学院"]


def test_an_export_of_some_findings_imports_and_the_rest_is_shown_as_absent(people):
    row = imported(people["discipline"])
    some = workbook_of(row, row.findings.filter(serial__lte=3))
    plan = planned(row, read_content(some.read()))
    told = plan.counts()
    assert (told["created"], told["updated"]) == (0, 0)
    assert told["unchanged"] + len(plan.absent_measures) == 115


def test_a_problem_without_a_plan_is_exported_and_imports_again(people):
    row = imported(people["discipline"])
    Finding.objects.create(
        round=row, serial=40, organisation=Organisation.objects.get(name="财务处"), text="新发现的问题",
        entered_by=people["discipline"], entered_at=row.created_at,
    )  # fmt: skip
    book = read_content(workbook_of(row).read())
    assert (len(book.problems), counts(row, book)) == (33, (0, 0, 115))


SIGNS = ["=1+1", "+86", "-无", "@人", "\t制表", "第一行\n第二行", "周䶮𬭎", "_x000D_", "<b>&amp;", "“引号”", "　全角　", "1.2", "2026.10", "完"]  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_kept_comes_back_unchanged(people, seed):
    """Random ledgers: written out and read again, nothing differs."""
    chance = random.Random(seed)
    row = fed_back(people["discipline"])
    for _ in range(8):
        finding_of(row, measures=chance.randint(1, 4))

    def some(limit: int = 60, *, empty: float = 0.3) -> str:
        words = "".join(chance.choices([*SIGNS, "整改", "落实", " "], k=chance.randint(1, 5))).strip()
        return "" if chance.random() < empty else words[:limit] or "有"

    for finding in row.findings.all():
        finding.category, finding.sub_category = some(), some()
        finding.text, finding.symptoms, finding.goal = f"{some(empty=0)} {finding.serial}", some(), some()
        finding.implementation = chance.choice(["", *Finding.Implementation.values])
        finding.is_focus = chance.random() < 0.5
        finding.save()
    for measure in Measure.objects.filter(finding__round=row):
        measure.text = f"{some(empty=0)}之{measure.rank}"
        measure.progress, measure.remark, measure.owner_words = some(), some(), some().replace("\n", "").strip()
        measure.term = chance.choice(Measure.Term.values)
        measure.due_on = date(2026, chance.randint(1, 12), chance.randint(1, 28)) if measure.term == "day" else None
        measure.is_kept_up, measure.in_period = chance.random() < 0.5, chance.random() < 0.5
        measure.completion = chance.choice(Measure.Completion.values)
        measure.save()
    told = planned(row, read_content(workbook_of(row).read()))
    assert [(one.row.row, one.changes) for one in told.rows if one.changes or one.is_new] == []
    assert [(one.row.row, one.changes) for one in told.findings if one.changes or one.is_new] == []


def test_no_text_leaves_as_a_formula(people):
    row = fed_back(people["discipline"])
    finding = finding_of(row)
    measure = finding.measures.get()
    for place, text in enumerate(["=1+1", "+1", "-1", "@a", "\t=1", '=HYPERLINK("http://x")']):
        measure.progress, finding.symptoms = text, text
        measure.save()
        finding.save()
        sheet = openpyxl.load_workbook(io.BytesIO(workbook_of(row).read())).active
        assert {cell.data_type for cell in (sheet["E5"], sheet["R5"])} == {"s"}, place
        assert sheet["R5"].quotePrefix


def test_the_command_names_who_writes_and_refuses_in_words(people, tmp_path, capsys):
    row = fed_back(people["discipline"])
    call_command("import_ledger", SAMPLE, "--round", str(row.pk), "--commit", "--as", "discipline")
    assert Finding.objects.first().entered_by == people["discipline"]
    assert "系统中有而表中没有的 0 条" in capsys.readouterr().out
    for arguments, said in (
        ([tmp_path / "没有.xlsx", "--round", row.number], "读不到文件"),
        ([tmp_path, "--round", row.number], "读不到文件"),
        ([SAMPLE, "--round", "9999"], "没有轮次"),
        ([SAMPLE, "--round", "9" * 400], "没有轮次"),
        ([SAMPLE, "--round", row.number, "--as", "secretary"], "无权管理巡察整改"),
        ([SAMPLE, "--round", row.number, "--as", "nobody"], "没有在用的用户"),
    ):
        with pytest.raises(CommandError, match=said):
            call_command("import_ledger", *arguments)
    with pytest.raises(CommandError, match="写不了文件"):
        call_command("export_ledger", "--round", row.number, "-o", tmp_path / "没有" / "a.xlsx")


def test_a_refused_file_writes_nothing_even_with_commit(people, tmp_path, capsys):
    row = fed_back(people["discipline"])
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(workbook(HEADS, ONE, one(序号=2, 具体问题="二", 整改时限="尽快")))
    with pytest.raises(SystemExit):
        call_command("import_ledger", bad, "--round", row.number, "--commit")
    assert "台账 第 3 行 整改时限" in capsys.readouterr().out
    assert not Finding.objects.exists()
