"""制度装载: what the file says is what the database holds; a bad file changes nothing and says where it is bad."""

from datetime import date
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from accountability.models import ActKind, Bearer, Clause, Duty, Obligation, Occurrence, Person, Regulation, WorkYear
from accountability.services.regulations import load_regulation

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parent.parent.parent / "accountability" / "data"
KEYS = [
    "1.1",
    "1.2",
    "2.1",
    "2.2",
    "2.3",
    "2.4",
    "3.1.1",
    "3.1.2",
    "3.1.3",
    "3.2.1",
    "3.2.2",
    "3.2.3",
    "3.3.1",
    "3.3.2",
    "3.3.3",
    "3.4.1",
    "3.4.2",
    "3.4.3",
    "4.1",
    "4.2",
    "4.3",
    "4.4",
    "5",
]

SMALL = """\
regulation:
  code: small
  title: 小制度
  in_force_from: 2010-01-01
  repealed_on: 2011-01-01
acts:
  - {code: small-meeting, name: 小会, category: meeting}
clauses:
  - key: "1"
    number: 一
    summary: 开会。
    obligations:
      - code: small-meetings
        title: 开小会
        short_title: 小会
        subject: committee
        bearer: school
        owner_role: office
        acts: [small-meeting]
        helpers: [组织部]
        occurrences:
          - {due: 06-30}
          - {due: 12-20, label: 年末小会}
      - code: small-talks
        title: 谈话
        short_title: 谈话
        subject: committee
        bearer: school
        owner_role: office
        acts: [small-meeting]
        open_ended: true
"""


@pytest.fixture
def system(db) -> Person:
    return Person.objects.system()


def counts() -> tuple[int, ...]:
    return tuple(
        model.objects.count() + model.history.count() for model in (Regulation, Clause, ActKind, Obligation, Occurrence)
    )


def refusals(text: str, by: Person) -> str:
    """Load a bad file; it must say why and write nothing."""
    before = counts()
    with pytest.raises(ValidationError) as refused:
        load_regulation(text, by=by)
    assert counts() == before
    return "\n".join(refused.value.messages)


# ── the regulation itself ────────────────────────────────────────────────────────────────────


def test_the_regulation_has_every_clause_of_the_mission():
    regulation = Regulation.objects.in_force(date(2026, 1, 1)).get()
    assert [clause.key for clause in regulation.clauses.all()] == KEYS
    assert all(clause.summary for clause in regulation.clauses.all())


def test_the_trial_version_was_repealed_the_day_the_regulation_came_into_force():
    trial, regulation = Regulation.objects.order_by("in_force_from")
    assert trial.repealed_on == regulation.in_force_from == date(2021, 11, 26)
    assert Regulation.objects.in_force(date(2021, 11, 25)).get() == trial
    assert Regulation.objects.in_force(date(2021, 11, 26)).get() == regulation


@pytest.mark.parametrize(
    ("code", "times"),
    [
        ("warning-meetings", 3),
        ("opening-meeting", 1),
        ("study-sessions", 2),
        ("standing-committee-meetings", 2),
        ("unit-special-meetings", 2),
        ("committee-meetings", 0),
    ],
)
def test_the_numbers_of_the_regulation(code, times):
    obligation = Obligation.objects.get(code=code)
    assert obligation.occurrences.count() == times
    assert obligation.is_open_ended is (times == 0)


def test_the_four_documents_meetings_and_reports_are_all_owed():
    codes = set(Obligation.objects.filter(clause__key="3.3.1").values_list("code", flat=True))
    assert {"integrity-pledge", "responsibility-plan", "project-letter", "appraisal-letter"} <= codes
    assert {"analysis-meeting", "plan-meeting", "progress-meeting", "appraisal-meeting"} <= codes
    assert {"written-report", "member-debrief", "secretary-report"} <= codes


def test_only_the_secretarys_report_and_the_assessment_fall_in_the_next_year():
    late = Occurrence.objects.filter(is_next_year=True).values_list("obligation__code", flat=True)
    assert set(late) == {"secretary-report", "assessment"}


def test_every_obligation_fits_its_place():
    for obligation in Obligation.objects.prefetch_related("acts", "occurrences"):
        assert len(obligation.short_title) <= 6, obligation
        assert obligation.acts.all(), obligation
        assert obligation.is_open_ended != bool(obligation.occurrences.all()), obligation
    assert {bearer.value for bearer in Bearer} == set(Obligation.objects.values_list("bearer", flat=True))


def test_the_opening_meeting_may_count_as_a_warning_meeting():
    acts = Obligation.objects.get(code="warning-meetings").acts.values_list("code", flat=True)
    assert set(acts) == {"warning-meeting", "opening-meeting"}


def test_loading_again_changes_nothing_and_leaves_no_history(system):
    before = counts()
    for name in ("regulation-2019.yaml", "regulation-2021.yaml"):
        assert load_regulation(DATA / name, by=system).total == 0
    assert counts() == before


# ── changing a regulation ────────────────────────────────────────────────────────────────────


def test_a_new_regulation_is_loaded_whole_and_with_history(system):
    summary = load_regulation(SMALL, by=system)
    assert (summary.added, summary.changed, summary.removed) == (7, 0, 0)
    obligation = Obligation.objects.get(code="small-meetings")
    assert obligation.helper_names == ["组织部"]
    assert [(one.number, one.label, one.falls_on(2010)) for one in obligation.occurrences.all()] == [
        (1, "", date(2010, 6, 30)),
        (2, "年末小会", date(2010, 12, 20)),
    ]
    history = obligation.history.get()
    assert (history.history_user, history.history_change_reason) == (system, "装载制度文件")


def test_a_changed_day_changes_one_row(system):
    load_regulation(SMALL, by=system)
    summary = load_regulation(SMALL.replace("06-30", "06-20"), by=system)
    assert (summary.added, summary.changed, summary.removed) == (0, 1, 0)
    assert Occurrence.objects.get(obligation__code="small-meetings", number=1).day == 20


def test_another_act_is_written_into_the_obligations_history(system):
    load_regulation(SMALL, by=system)
    summary = load_regulation(SMALL.replace("acts: [small-meeting]", "acts: [study-session]", 1), by=system)
    obligation = Obligation.objects.get(code="small-meetings")
    assert summary.changed == 1
    assert [act.code for act in obligation.acts.all()] == ["study-session"]
    assert obligation.history.count() == 2


def test_what_the_file_no_longer_holds_is_removed_with_history(system):
    load_regulation(SMALL, by=system)
    without = SMALL.replace("          - {due: 12-20, label: 年末小会}\n", "")
    without = without[: without.index("      - code: small-talks")]
    summary = load_regulation(without, by=system)
    assert (summary.added, summary.changed, summary.removed) == (0, 0, 2)
    assert Obligation.history.filter(code="small-talks", history_type="-", history_user=system).exists()


def test_an_occurrence_that_duties_use_cannot_be_removed(system):
    text = (DATA / "regulation-2021.yaml").read_text(encoding="utf-8")
    used = "          - {due: 06-30}\n          - {due: 12-15}\n      - code: study-sessions"
    assert used in text
    reason = refusals(text.replace(used, used.replace("          - {due: 12-15}\n", "")), system)
    assert "中层以上干部警示教育大会" in reason
    assert "第 3 次已有责任事项" in reason


def test_an_obligation_that_duties_use_cannot_be_removed(system):
    text = (DATA / "regulation-2021.yaml").read_text(encoding="utf-8")
    reason = refusals(text.replace("code: warning-meetings", "code: other-meetings"), system)
    assert "warning-meetings" in reason
    assert "已有责任事项" in reason


def test_a_clause_that_duties_cite_cannot_be_removed(system):
    load_regulation(SMALL, by=system)
    duty = Duty.objects.first()
    duty.obligation, duty.clause = None, Clause.objects.get(regulation__code="small")
    duty.save()
    bare = SMALL[: SMALL.index("clauses:")]
    assert "条款 一" in refusals(bare, system)


# ── bad files ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("good", "bad", "where", "why"),
    [
        ("bearer: school\n", "bearer: school\n        colour: red\n", "colour", "没有 colour 这个字段"),
        ("        title: 开小会\n", "", "- code: small-meetings", "title 没有填写"),
        ("title: 开小会", 'title: ""', 'title: ""', "title 是空的"),
        ("title: 开小会", "title: " + "长" * 81, "长长", "最多 80 个"),
        ("title: 开小会", "title: [开, 会]", "[开, 会]", "应是一个值"),
        ("in_force_from: 2010-01-01", "in_force_from: 2010-13-01", "2010-13-01", "不是有效日期"),
        ("repealed_on: 2011-01-01", "repealed_on: 2009-01-01", "2009-01-01", "须晚于"),
        ("repealed_on: 2011-01-01", "repealed_on: 2020-01-01", "in_force_from", "施行期重叠"),
        ("acts: [small-meeting]", "acts: [no-such-act]", "no-such-act", "没有定义"),
        ("acts: [small-meeting]", "acts: []", "acts: []", "是空的"),
        ("acts: [small-meeting]", "acts: small-meeting", "acts: small-meeting", "应是列表"),
        ("code: small-talks", "code: small-meetings", "- code: small-meetings\n        title: 谈话", "重复"),
        ("code: small-talks", "code: 小会", "code: 小会", "只能用英文字母"),
        ("due: 06-30", "due: 06-31", "06-31", "不是每年都有这一天"),
        ("due: 06-30", "due: 02-29", "02-29", "不是每年都有这一天"),
        ("due: 06-30", "due: 六月", "六月", "不是有效的月日"),
        ("bearer: school", "bearer: everybody", "everybody", "可选：school"),
        ("subject: committee", "subject: nobody", "nobody", "没有“nobody”这个选项"),
        ("owner_role: office", "owner_role: boss", "boss", "没有“boss”这个选项"),
        ("category: meeting", "category: party", "category: party", "没有“party”这个选项"),
        ("open_ended: true", "open_ended: maybe", "maybe", "应为 true 或 false"),
        ("        open_ended: true\n", "", "- code: small-talks", "请写明每次的 due"),
        ("open_ended: true", "open_ended: true\n        occurrences: [{due: 01-01}]", "01-01", "不能并存"),
        ("    number: 一\n", "    number: 一\n    number: 二\n", "number: 二", "写了两次"),
        ("    number: 一\n", "    number: 一\n    [a, b]: 二\n", "[a, b]", "字段名应是一个词"),
        ("    summary: 开会。", "    summary: 开\x00会。", "summary: 开", "不可见的控制字符"),
        ("    summary: 开会。", "   summary: 开会。", "   summary", "不是正确的 YAML"),
        ("title: 小制度", "title: {小制度", "in_force_from", "不是正确的 YAML"),
        (
            "  - {code: small-meeting, name: 小会, category: meeting}",
            "  - small-meeting",
            "- small-meeting",
            "“字段: 值”",
        ),
    ],
)
def test_a_bad_file_is_refused_with_line_and_reason(system, good, bad, where, why):
    assert good in SMALL
    text = SMALL.replace(good, bad, 1)
    reason = refusals(text, system)
    assert why in reason
    first_line = where.splitlines()[0]
    lines = [number for number, line in enumerate(text.splitlines(), 1) if first_line.strip() in line]
    assert any(f"第 {number} 行" in reason for number in lines)


@pytest.mark.parametrize("text", ["", "# nothing\n", "just words", "- a\n- list\n", "regulation: words\n"])
def test_a_file_that_is_no_regulation_is_refused(system, text):
    assert "第 1 行" in refusals(text, system)


def test_every_complaint_is_told_at_once(system):
    reason = refusals(SMALL.replace("06-30", "06-31").replace("bearer: school", "bearer: everybody"), system)
    assert len(reason.splitlines()) == 3


def test_yaml_cannot_run_code(system):
    assert refusals("regulation: !!python/object/apply:os.system [true]\n", system)


def test_the_command_loads_files_and_says_so(capsys, tmp_path):
    file = tmp_path / "small.yaml"
    file.write_text(SMALL, encoding="utf-8")
    call_command("load_regulation", str(file))
    call_command("load_regulation", str(file))
    assert capsys.readouterr().out.splitlines() == [
        "《小制度》：新增 7 项，修改 0 项，删除 0 项。",
        "《小制度》没有变化。",
    ]


def test_the_command_refuses_with_the_files_name(tmp_path):
    file = tmp_path / "bad.yaml"
    file.write_text(SMALL.replace("06-30", "06-31"), encoding="utf-8")
    with pytest.raises(CommandError, match=r"bad.yaml 没有装载：\n第 \d+ 行"):
        call_command("load_regulation", str(file))
    with pytest.raises(CommandError, match="读不到文件"):
        call_command("load_regulation", str(tmp_path / "none.yaml"))
    file.write_bytes("regulation: 制度".encode("gb18030"))
    with pytest.raises(CommandError, match="UTF-8"):
        call_command("load_regulation", str(file))


def test_a_year_opened_before_keeps_its_days_when_the_regulation_moves(system):
    text = (DATA / "regulation-2021.yaml").read_text(encoding="utf-8")
    duty = Duty.objects.get(work_year=WorkYear.objects.get(year=2026), obligation__code="opening-meeting")
    load_regulation(text.replace("- {due: 03-10}", "- {due: 03-05}", 1), by=system)
    assert Duty.objects.get(pk=duty.pk).due_on == duty.due_on
