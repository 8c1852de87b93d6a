"""单位清单: the units' own lists (三（三）2) and their measures (四（一）)."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from accountability.models import ActKind, Duty, UnitItem
from accountability.services import documents, lists
from accountability.services.opening import open_year
from accountability.services.records import file_record
from accountability.timeline import history_of_row
from tests import acts, cast, letters
from tests.accountability.list_rows import ENTRIES, SPRING, fixed, named, school

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_papers")]


# ── units ────────────────────────────────────────────────────────────────────────────────────


def test_a_unit_writes_its_secretary_confirms_and_it_counts(people):
    unit = cast.organisation(cast.OURS)
    row = lists.write_unit_list(unit, cast.YEAR, by=people["liaison"], entries=ENTRIES)
    with pytest.raises(PermissionDenied):
        lists.confirm_unit_list(row, by=people["liaison"])
    lists.confirm_unit_list(row, by=people["unit_secretary"])
    for code in ("responsibility-list", "task-list", "rule-list"):
        assert acts.state(acts.duty_of(unit, code)) == "fulfilled"
    task = Duty.objects.get(title="开展师德警示教育")
    assert (task.organisation, task.due_on) == (unit, date(2026, 12, 5))
    with pytest.raises(ValidationError, match="已确认"):
        lists.write_unit_list(unit, cast.YEAR, by=people["liaison"], entries=ENTRIES)
    lists.reopen_unit_list(row, by=people["unit_secretary"], reason="漏了一项任务")
    lists.write_unit_list(unit, cast.YEAR, by=people["liaison"], entries=ENTRIES)
    lists.confirm_unit_list(row, by=people["unit_secretary"])
    assert Duty.objects.filter(title="开展师德警示教育").count() == 1  # not owed twice


def test_the_letter_of_responsibility_holds_the_three_lists_and_freezes_them(people):
    unit = cast.organisation(cast.OURS)
    row = lists.write_unit_list(unit, cast.YEAR, by=people["liaison"], entries=ENTRIES)
    lists.confirm_unit_list(row, by=people["unit_secretary"])
    letter = documents.make(
        by=people["office"], kind=letters.kind("responsibility-letter"), organisation=unit, work_year=cast.YEAR
    )
    for words in ("书记负第一责任", "开展师德警示教育", "12月5日前", "会计学院采购管理办法"):
        assert words in letter.draft.text
    documents.perform(letter, "submit", by=people["office"])
    documents.perform(letter, "pass", by=people["secretary"])
    letters.set_papers()
    leader = letters.signing.flow.holders(letters.fresh(letter).leader_post, cast.TODAY)[0]
    leader.set_password(cast.PASSWORD)
    leader.save()
    letters.sign(letter, leader)
    letters.sign(letter, people["unit_secretary"])
    with pytest.raises(ValidationError, match="冻结"):
        lists.reopen_unit_list(row, by=people["unit_secretary"], reason="想改一下清单")


def test_an_empty_list_is_not_confirmed(people):
    unit = cast.organisation(cast.OURS)
    row = lists.write_unit_list(unit, cast.YEAR, by=people["liaison"], entries=ENTRIES | {"rule": []})
    with pytest.raises(ValidationError, match="制度清单还是空的"):
        lists.confirm_unit_list(row, by=people["unit_secretary"])


def test_lines_that_cannot_be_read_are_named_and_nothing_typed_is_lost(login, people):
    path = f"/lists/units/{cast.organisation(cast.OURS).pk}/"
    typed = {"responsibility": "负总责；书记", "task": "培训；联络员；明年吧", "rule": "办法"}
    page = login("liaison").post(path, typed)
    assert page.status_code == 400
    assert "第 1 行的“明年吧”不是日期" in page.content.decode()
    assert "负总责；书记" in page.content.decode()
    assert not UnitItem.objects.exists()


def test_units_without_lists_or_measures_come_first(login, people):
    unit = cast.organisation(cast.OURS)
    row = lists.write_unit_list(unit, cast.YEAR, by=people["liaison"], entries=ENTRIES)
    lists.confirm_unit_list(row, by=people["unit_secretary"])
    page = login("office").get("/lists/units/")
    assert page.context["without"] == 37
    assert page.context["rows"][-1].name == cast.OURS
    acts.record(people["unit_secretary"], unit, "implementing-measures")
    page = login("office").get("/lists/measures/")
    assert page.context["without"] == 37
    assert page.context["rows"][-1].name == cast.OURS
    assert [row.name for row in login("unit_secretary").get("/lists/measures/").context["rows"]] == [cast.OURS]


# ── the way from the ledger ──────────────────────────────────────────────────────────────────


def test_a_task_of_a_unit_is_done_from_the_ledger(people, login):
    unit = cast.organisation(cast.OURS)
    lists.confirm_unit_list(
        lists.write_unit_list(unit, cast.YEAR, by=people["liaison"], entries=ENTRIES), by=people["unit_secretary"]
    )
    task = Duty.objects.get(title="开展师德警示教育")
    assert "act=unit-task" in login("liaison").get(f"/ledger/{task.pk}/").content.decode()
    assert acts.post_record(login("liaison"), task, "unit-task").status_code == 302
    assert acts.state(task) == "open"  # it waits for the secretary
    record = task.evidence.get().record
    login("unit_secretary").post(f"/records/{record.pk}/decide/", {"transition": "accept"})
    assert acts.state(task) == "fulfilled"


# ── a list counts only when it is whole ──────────────────────────────────────────────────────


def test_a_list_with_gaps_is_not_archived(people, login):
    problem = fixed(people)
    with pytest.raises(ValidationError, match="责任清单还是空的"):
        lists.archive("responsibility-list", cast.YEAR, by=people["office"])
    named(people, text="年度重点任务")
    with pytest.raises(ValidationError, match="没有责任 1 处"):
        lists.archive("responsibility-list", cast.YEAR, by=people["office"])
    named(people, problem=problem)
    lists.archive("responsibility-list", cast.YEAR, by=people["office"])
    assert acts.state(acts.duty_of(school(), "responsibility-list")) == "fulfilled"


# ── a unit's list that is opened again ───────────────────────────────────────────────────────


def reopened(people, tasks: list) -> None:
    unit = cast.organisation(cast.OURS)
    row = lists.unit_list_of(unit, cast.YEAR)
    lists.reopen_unit_list(row, by=people["unit_secretary"], reason="调整年度任务")
    lists.write_unit_list(unit, cast.YEAR, by=people["liaison"], entries=ENTRIES | {"task": tasks})
    lists.confirm_unit_list(row, by=people["unit_secretary"])


def confirmed(people, tasks: list) -> None:
    unit = cast.organisation(cast.OURS)
    row = lists.write_unit_list(unit, cast.YEAR, by=people["liaison"], entries=ENTRIES | {"task": tasks})
    lists.confirm_unit_list(row, by=people["unit_secretary"])


def test_a_task_keeps_its_duty_moves_with_its_day_and_goes_when_it_is_taken_off(people):
    confirmed(people, [("甲任务", "副书记", date(2026, 12, 5)), ("乙任务", "", date(2026, 12, 6))])
    first, second = Duty.objects.get(title="甲任务"), Duty.objects.get(title="乙任务")
    reopened(people, [("甲任务", "副书记", date(2026, 12, 18)), ("丙任务", "", date(2026, 12, 20))])
    assert (acts.state(first), first.due_on, first.scheduled_on) == ("open", date(2026, 12, 18), date(2026, 12, 5))
    assert acts.state(second) == "waived"
    assert second.history.first().history_change_reason.startswith("不再要求")
    assert Duty.objects.filter(title__in=("甲任务", "乙任务", "丙任务")).count() == 3
    reopened(people, [("乙任务", "", date(2026, 12, 22))])  # wanted again: owed anew
    assert Duty.objects.filter(title="乙任务").count() == 2


def test_a_long_task_is_owed_once(people):
    task = ("长" * 150, "", date(2026, 12, 5))
    confirmed(people, [task])
    reopened(people, [task])
    assert Duty.objects.filter(title="长" * 120).count() == 1


def test_what_is_late_is_not_written_off(people):
    with time_machine.travel(SPRING):
        confirmed(people, [("甲任务", "", date(2026, 6, 30))])
    for tasks in ([("乙任务", "", None)], [("甲任务", "", date(2026, 12, 31))]):
        with pytest.raises(ValidationError, match="已经逾期"), transaction.atomic():
            reopened(people, tasks)
    assert Duty.objects.get(title="甲任务").due_on == date(2026, 6, 30)


def test_a_day_outside_the_year_is_refused(people, login):
    path = f"/lists/units/{cast.organisation(cast.OURS).pk}/"
    page = login("liaison").post(path, {"responsibility": "甲", "task": "乙；丙；2062-06-30", "rule": "丁"})
    assert page.status_code == 400
    assert "2062-06-30 不在 2026 工作年度内" in page.content.decode()


def test_what_was_typed_comes_back_the_same_and_rules_keep_their_number(people, login):
    path = f"/lists/units/{cast.organisation(cast.OURS).pk}/"
    typed = {
        "responsibility": "书记负第一责任；沈若愚",
        "task": "开展警示教育；；2026-12-05\n梳理风险点",
        "rule": "采购管理办法；会院〔2026〕3号；2026-05-01\n报销细则",
    }
    assert login("liaison").post(path, typed).status_code == 302
    assert login("liaison").get(path).context["form"].initial == typed
    assert UnitItem.objects.get(text="采购管理办法").number == "会院〔2026〕3号"
    assert UnitItem.objects.get(text="开展警示教育").owner_words == ""
    letter = documents.make(
        by=people["office"],
        kind=letters.kind("responsibility-letter"),
        organisation=cast.organisation(cast.OURS),
        work_year=cast.YEAR,
    )
    assert "采购管理办法（会院〔2026〕3号，5月1日施行）" in letter.draft.text


# ── measures ─────────────────────────────────────────────────────────────────────────────────


def test_measures_of_last_year_are_not_those_of_this_year(people, login):
    unit = cast.organisation(cast.OURS)
    files = [SimpleUploadedFile("实施办法.pdf", acts.PDF)]
    record = acts.record(people["unit_secretary"], unit, "implementing-measures", files=files)
    page = login("office").get("/lists/measures/")
    assert page.context["rows"][-1].record == record.pk
    assert f"/attachments/{record.attachments.get().pk}/" in page.content.decode()
    with time_machine.travel(datetime(2027, 1, 20, 1, tzinfo=UTC)):
        open_year(2027, by=people["office"])
        page = login("office").get("/lists/measures/?year=2027")
    assert (page.context["without"], page.context["former"]) == (37, 1)
    assert "本年度未确认" in page.content.decode()
    with time_machine.travel(datetime(2027, 3, 20, 1, tzinfo=UTC)):
        people["unit_secretary"].refresh_from_db()
        renewed = file_record(
            by=people["unit_secretary"],
            organisation=unit,
            act=ActKind.objects.get(code="implementing-measures"),
            work_year=2027,
            title="重新确认",
            happened_on=date(2027, 3, 18),
        )
        page = login("office").get("/lists/measures/?year=2027")
        rows = {row.pk: (row.record, row.filed_for, row.title) for row in page.context["rows"]}
    assert rows[unit.pk] == (renewed.pk, 2027, "重新确认")
    page = login("office").get("/lists/measures/?year=2026")  # what stood then
    assert next(row.record for row in page.context["rows"] if row.pk == unit.pk) == record.pk


def test_a_unit_s_list_names_who_began_it_and_who_went_on(people):
    unit = cast.organisation(cast.OURS)
    row = lists.write_unit_list(unit, cast.YEAR, by=people["liaison"], entries=ENTRIES)
    lists.write_unit_list(unit, cast.YEAR, by=people["unit_secretary"], entries=ENTRIES)
    told = [(change.by, change.what) for change in history_of_row(row)]
    assert told == [("沈若愚", "修改清单"), ("叶清和", "建立清单")]


def test_units_the_regulation_asks_come_before_those_it_does_not(people, login):
    rows = login("office").get("/lists/measures/").context["rows"]
    asked = [row.owes for row in rows]
    assert asked == sorted(asked, reverse=True)
    assert {row.kind for row in rows if row.owes} == {"college", "affiliate"}


def test_a_unit_without_measures_finds_both_ways_to_file_them(people, login):
    duty = acts.duty_of(cast.organisation(cast.OURS), "implementing-measures")
    page = login("unit_secretary").get("/lists/measures/").content.decode()
    assert f"/documents/new/?duty={duty.pk}" in page
    address = f"/records/new/?duty={duty.pk}&amp;act=implementing-measures"
    assert address in page
    assert login("unit_secretary").get(address.replace("&amp;", "&")).status_code == 200
    assert "/records/new/" not in login("secretary").get("/lists/measures/").content.decode().split("<main")[1]
